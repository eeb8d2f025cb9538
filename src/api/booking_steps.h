/* booking_steps - what happens to a booking, for API and pages alike; all in a write transaction. */
#ifndef API_BOOKING_STEPS_H
#define API_BOOKING_STEPS_H
#include "api.h"
#include "jobs/mails.h"
#include "store/booking.h"
#include "store/guard.h"
#include "store/offered.h"

/* booking_request - as POST /v1/bookings takes it. */
struct booking_person {
	str name, email;
};
struct booking_guest {
	str email, name;
	unsigned role;
};
struct booking_answer {
	uuid question_id;
	str value;
};
struct booking_request {
	uuid event_type_id, hold_id;
	instant start;
	int64_t duration_minutes, location; /* location: index into the event type's */
	str time_zone, email_proof, title, notes;
	struct booking_person invitee;
	struct list guests, answers; /* booking_guest, booking_answer */
	struct raw_json metadata;
	bool send_mails;
};
extern const struct field BOOKING_REQUEST[];

/* looked - what booking_look found in its own transaction, and booking_create need not find again while it holds. */
struct looked {
	struct offered offered;
	bool proved; /* the address, by the proof of the request */
	bool begun;  /* by guard_begin */
};

/* booking_look - in a read transaction, before the writer: what would fail anyway.  As booking_create fails. */
enum err booking_look(struct call *, const struct booking_request *);

/* booking_create - proof, hold, guard, rows, mails.
 *   E_FORBIDDEN    no valid email_proof for the invitee's address (the host, and an account booking for its own
 *                  proved address, need none)
 *   E_EXPIRED      the hold has run out
 *   E_INVALID      an answer that does not fit its question, too many guests …
 *   E_SLOT_TAKEN, E_NOT_OFFERED  as guard_take */
enum err booking_create(struct call *, struct booking_request *, struct booking *out);

/* reason_request - why, in whoever's words; nothing - a body that says no more than its address does. */
struct reason_request {
	str reason;
};
extern const struct field REASON_REQUEST[];
struct nothing {
	bool none;
};
extern const struct field NOTHING[];

/* booking_find - the one of c->id, if the caller is its host or holds its token.   E_NOT_FOUND */
enum err booking_find(struct call *, struct booking *out);

/* booking_open - the same, for a step that the client asks for: as it last saw it.   E_VERSION  by If-Match */
enum err booking_open(struct call *, struct booking *out);

/* booking_call_off - cancel.  booking_reject, booking_confirm - the host's answer to a request.  booking_no_show - what
 * became of it.  A repeat of what is so already changes nothing.
 *   E_REFUSED    core/policy.h forbids it, or an invitee is later than the event type's cut-off, or gives no reason where
 *                one is wanted     E_FORBIDDEN  the other side decides     E_EXPIRED  confirming what has run out */
enum err booking_call_off(struct call *, struct booking *, str reason);
enum err booking_reject(struct call *, struct booking *, str reason);
enum err booking_confirm(struct call *, struct booking *);
enum err booking_no_show(struct call *, struct booking *, bool showed);

/* booking_reschedule - same id and UID, sequence + 1; what an invitee moves waits for the host again where the event type
 * asks for confirmation.   E_REFUSED as above; else as guard_take */
enum err booking_reschedule(struct call *, struct booking *, instant start, str reason);

/* booking_propose - offer other times, each held until the other side answers, at most a day and never later than two
 * hours before the first of them or of the booking; one that is open is replaced.  What an invitee proposes obeys the
 * event type's terms for moving.
 *   E_INVALID  "/starts": twice the same, or the booking's own     E_REFUSED as above; else as guard_take
 * booking_accept - one of the times the other side proposed: it moves, and stands.  booking_decline, booking_withdraw -
 * it stays as it was.  booking_ask - have the invitee asked to choose another time: nothing
 * moves, and a repeat changes nothing.
 *   E_REFUSED  there is no proposal, or as above     E_EXPIRED  it has run out     E_FORBIDDEN  it is the other side's to
 *   answer     E_INVALID  "/start" is none of its times */
enum err booking_propose(struct call *, struct booking *, const struct list *starts, str note);
enum err booking_accept(struct call *, struct booking *, instant start);
enum err booking_decline(struct call *, struct booking *, str reason);
enum err booking_withdraw(struct call *, struct booking *);
enum err booking_ask(struct call *, struct booking *, str reason);

/* booking_announce - plan what follows from the state it is in now (expiry, reminders) and tell everybody.
 *   message  when it stands; a pending one is announced as requested
 *   stood    whether it was confirmed before */
enum err booking_announce(struct call *, const struct booking *, const struct event_type *,
			  enum booking_message message, bool stood, range before, str by, str reason);
extern const range NO_RANGE;

/* booking_plan - expiry or reminders anew, because its sequence rose. */
enum err booking_plan(struct call *, const struct booking *);

/* booking_audit - one entry about where it stands; before: booking_text of earlier, or absent.
 * booking_note - one about something else: before and after are JSON, or absent. */
enum err booking_audit(struct call *, str action, const struct booking *, str before);
enum err booking_note(struct call *, str action, const struct booking *, str before, str after);

/* booking_cancel_some - of the actor's that are to come, because the account goes; at most CANCEL_PIECE in a transaction.
 * *more: there may be others. */
enum { CANCEL_PIECE = 50 };
enum err booking_cancel_some(struct call *, bool *more);

/* ---- holds and proofs */

/* hold_create - keep a slot for 10 minutes.   E_TOO_MANY  this client holds two already */
struct hold_request {
	uuid event_type_id;
	instant start;
	int64_t duration_minutes;
};
extern const struct field HOLD_REQUEST[];
enum err hold_look(struct call *, const struct hold_request *);
enum err hold_create(struct call *, const struct hold_request *, struct hold *out);

/* proof_begin - send a code to an address; proof_end - *right: the code was; *proof serves its bookings for 2 hours. */
struct proof {
	uuid id;
	instant expires_at;
};
enum err proof_begin(struct call *, str email, struct proof *out);
enum err proof_end(struct call *, uuid id, str code, str *proof, bool *right);
#endif
