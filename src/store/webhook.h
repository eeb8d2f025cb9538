/* webhook - where an account's events are sent, and what became of each.
 *
 * A delivery is one event for one webhook; its id is the event's.  What is due next is kept on the webhook, and one
 * delivery of a webhook is under way at a time: `busy_until` is its lease.  A slow peer holds up nobody but itself. */
#ifndef STORE_WEBHOOK_H
#define STORE_WEBHOOK_H
#include "event.h"

enum { WEBHOOKS = 10, WEBHOOK_SECRET = 32, WEBHOOK_ROTATION = DAY_SECONDS, WEBHOOK_REPLAY = 10000 };

enum webhook_pause { PAUSED_NOT, PAUSED_OWNER, PAUSED_FAILING, PAUSED_GONE };

struct webhook {
	uuid id, account_id;
	str url, description;
	struct list events; /* unsigned, of EVENTS_LISTENED; none: all */
	bool active;
	unsigned paused;            /* enum webhook_pause: why not */
	instant paused_at;          /* NONE while active */
	str sealed, sealed_before;  /* its secret, and the one before: bytes under the server's key */
	instant rotated_until;      /* until when the one before signs as well; NONE: there is none */
	instant failing_since;      /* since when every try has failed; NONE: the last went well */
	int64_t failures;           /* in a row */
	instant blocked_until;      /* not before, after failures */
	instant due_at, busy_until; /* due: NONE when nothing waits */
	int64_t version;
	instant created_at, updated_at;
	str secret; /* as its owner sees it, once: "whsec_…" */
};
extern const struct field WEBHOOK[], WEBHOOK_MADE[], WEBHOOK_REQUEST[], WEBHOOK_PATCH[];

enum webhook_delivery_state { WEBHOOK_WAITING, WEBHOOK_DELIVERED, WEBHOOK_FAILED };
extern const char *const WEBHOOK_STATES[];

struct webhook_delivery {
	uuid webhook_id, id, account_id; /* id: the event's */
	unsigned type;                   /* of the event */
	instant created_at;              /* of the event */
	unsigned state;
	instant due_at;       /* the next try, while it waits */
	int64_t attempts;     /* in all: also the fence of a stale sender's write */
	int64_t tries;        /* since it was last asked for */
	instant tried_at;     /* the last, NONE before */
	int64_t status;       /* the last answer's, NONE: none came */
	int64_t milliseconds; /* how long the last try took, NONE before */
	str error, response;  /* why the last failed; the beginning of the answer as one line; absent */
	str payload;          /* of the event; webhook_delivery_get only */
};

/* webhook_insert - of the actor; sets id, times and secret.   E_REFUSED  there are WEBHOOKS already
 * key  keys.seal */
enum err webhook_insert(struct cx *, const unsigned char key[32], struct webhook *);
enum err webhook_list(struct cx *, uuid after, int64_t limit, struct list *out); /* of the actor, by id */
enum err webhook_get(struct cx *, uuid id, struct webhook *out);                 /* of the actor; E_NOT_FOUND */
enum err webhook_remove(struct cx *, uuid id);                                   /* of the actor; E_NOT_FOUND */

/* webhook_update - url, description, events and active; what waits goes on when it is active again.   E_VERSION */
enum err webhook_update(struct cx *, struct webhook *);

/* webhook_rotate - a new secret; the one before signs beside it for WEBHOOK_ROTATION seconds.   E_VERSION */
enum err webhook_rotate(struct cx *, const unsigned char key[32], struct webhook *);

/* webhook_wanted - whether an account has any.  webhook_enqueue - an event for those of its account that listen. */
enum err webhook_wanted(struct cx *, uuid account, bool *wanted);
enum err webhook_enqueue(struct cx *, const struct event *);

/* webhook_send_one - an event to one webhook of the actor, now, whether it was sent before or not. */
enum err webhook_send_one(struct cx *, const struct webhook *, uuid event);

/* webhook_replay - all events of the actor that it listens to, created in [from, until), once more.
 *   *count how many    E_LIMIT  more than WEBHOOK_REPLAY */
enum err webhook_replay(struct cx *, const struct webhook *, range when, int64_t *count);

/* webhook_delivery_list - of struct webhook_delivery, the newest first; before: cursor, all zero at first;
 * state  absent: any.  Of a webhook of the actor. */
enum err webhook_delivery_list(struct cx *, uuid webhook, uuid before, str state, int64_t limit, struct list *out);
enum err webhook_delivery_get(struct cx *, uuid webhook, uuid id, struct webhook_delivery *out); /* E_NOT_FOUND */

/* ---- for senders */

struct webhook_sending {
	struct webhook webhook;
	struct webhook_delivery delivery;
	struct event event;
};

/* webhook_take - claim the webhook that is due first, and its first delivery.  *found: whether there was one. */
enum err webhook_take(struct cx *, span lease, struct webhook_sending *out, bool *found);

/* webhook_next_due - when something can be sent next; NONE: nothing waits. */
enum err webhook_next_due(struct cx *, instant *out);

/* webhook_end - record how a try ended: state, due_at and what is known of it of the delivery; active, paused, failing_since,
 * failures and blocked_until of the webhook.  Nothing is written where the claim is not ours any more. */
enum err webhook_end(struct cx *, struct webhook_sending *);
#endif
