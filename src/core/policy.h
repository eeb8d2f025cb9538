/* policy - the life of a booking: which step is allowed to whom from which state, and what becomes of its time.
 * One table; everything that changes a booking asks it. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H
#include "base/fault.h"

enum booking_status {
	BOOKING_PENDING,   /* occupies its time until the host answers or it expires */
	BOOKING_CONFIRMED, /* stands */
	BOOKING_REJECTED,  /* the host said no */
	BOOKING_CANCELLED, /* called off by host or invitee */
	BOOKING_EXPIRED,   /* the host did not answer in time */
	BOOKING_COMPLETED, /* its end has passed */
	BOOKING_NO_SHOW,   /* the host says that the invitee did not come */
};
extern const char *const BOOKING_STATUSES[];

enum booking_step {
	STEP_CONFIRM,
	STEP_REJECT,
	STEP_CANCEL,
	STEP_RESCHEDULE,
	STEP_EXPIRE,
	STEP_COMPLETE,
	STEP_NO_SHOW,
	STEP_SHOW,
	STEP_PROPOSE,  /* other times, held until the other side answers */
	STEP_ACCEPT,   /* one of them */
	STEP_DECLINE,  /* all of them */
	STEP_WITHDRAW, /* one's own */
	STEP_LAPSE,    /* nobody answered it in time */
	STEP_ASK,      /* the invitee to choose another time */
	STEP_INVITE,   /* guests, or no longer */
	STEP_ANSWER,   /* a guest says whether to come */
	STEP_REVISE    /* title, description and place */
};

enum booking_party { PARTY_HOST = 1, PARTY_INVITEE = 2, PARTY_SYSTEM = 4, PARTY_GUEST = 8 };

/* What a step does to the reservation; EFFECT_HOLD takes further times beside it, EFFECT_FREE lets those go. */
enum booking_effect { EFFECT_KEEP, EFFECT_RELEASE, EFFECT_MOVE, EFFECT_HOLD, EFFECT_FREE };

/* Whose proposal a step answers: anybody's (it answers none), the other side's, one's own. */
enum booking_whose { WHOSE_ANY, WHOSE_OTHERS, WHOSE_OWN };

/* When it may be done. */
enum booking_moment { WHENEVER, BEFORE_START, AFTER_START, AFTER_END };

struct policy {
	enum booking_step step;
	unsigned by;            /* bits of enum booking_party */
	unsigned from;          /* bits: 1 << enum booking_status */
	enum booking_status to; /* where it leads; not of STEP_RESCHEDULE, whose state depends on who moves it */
	bool stays;             /* the state is left as it is */
	enum booking_effect effect;
	enum booking_moment moment;
	enum booking_whose whose;
};

/* policy_find - the row for a step, by one party, on a booking of a state, at a moment.
 *   E_FORBIDDEN  that party never may       E_REFUSED  not from this state, or not at this moment: the message says why */
enum err policy_find(struct cx *, enum booking_step, enum booking_party, enum booking_status, range when,
		     const struct policy **out);

/* policy_proposal - whether a party may answer what `proposer` proposed by such a step.
 *   E_FORBIDDEN  accepting or declining one's own, withdrawing another's */
enum err policy_proposal(struct cx *, const struct policy *, enum booking_party by, enum booking_party proposer);

/* policy_too_late - whether an invitee is too late by the event type's cut-off: less than `notice_minutes` before the start.
 * The host is never too late. */
bool policy_too_late(enum booking_party, instant start, int64_t notice_minutes, instant now);

/* policy_needs_confirmation - whether a booking made now begins pending. */
enum confirmation { CONFIRM_NEVER, CONFIRM_ALWAYS, CONFIRM_SHORT_NOTICE };
extern const char *const CONFIRMATIONS[];
bool policy_needs_confirmation(enum confirmation, int64_t notice_minutes, instant start, instant now);

/* policy_pending_until - when an unanswered request expires: 24 hours from now or 2 hours before the start, whichever is
 * first; at least a quarter of an hour from now, at most the start. */
instant policy_pending_until(instant start, instant now);

/* policy_occupies - whether a booking in that state takes its time. */
bool policy_occupies(enum booking_status);
#endif
