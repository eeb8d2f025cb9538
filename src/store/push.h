/* push - browsers that want to be told: subscriptions to Web Push.  Each belongs to the log-in that made it and ends with
 * it.  What reaches the browser is kept sealed: its address is a permission to send there. */
#ifndef STORE_PUSH_H
#define STORE_PUSH_H
#include "base/secret.h"
#include "db.h"

enum { PUSH_SUBSCRIPTIONS = 10, PUSH_ENDPOINT = 1500 }; /* for an account; bytes */

struct push_subscription {
	uuid id, account_id, session_id;
	digest endpoint_hash;
	str sealed;                  /* of push_address */
	str user_agent;              /* as the browser named itself; may be absent */
	instant created_at, sent_at; /* sent: when a message was last taken for it; NONE: never */
	bool current;                /* not a column: of the log-in that asks */
};
extern const struct field PUSH_SUBSCRIPTION[]; /* as its owner sees it */

/* push_address - what the browser gave: endpoint and keys as texts. */
struct push_address {
	str endpoint, p256dh, auth;
};

/* push_put - add one for cx->actor, or renew the one of the same endpoint, whosever it was.  Sets id and created_at.
 *   E_REFUSED  there are PUSH_SUBSCRIPTIONS already */
enum err push_put(struct cx *, const struct keys *, const struct push_address *, struct push_subscription *);

enum err push_list(struct cx *, struct list *out); /* of cx->actor, oldest first */
enum err push_remove(struct cx *, uuid id);        /* of cx->actor   E_NOT_FOUND */

/* push_list_account - those of somebody, to send to: id and user_agent. */
enum err push_list_account(struct cx *, uuid account_id, struct list *out);

/* push_find - one to send to.   *found: it is still there   E_INTERNAL  it cannot be unsealed */
enum err push_find(struct cx *, const struct keys *, uuid id, struct push_address *out, bool *found);

/* push_sent - note that its service took a message; push_gone - its service says that it is no more. */
enum err push_sent(struct cx *, uuid id);
enum err push_gone(struct cx *, uuid id);
#endif
