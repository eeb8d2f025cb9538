/* co_host - who agreed to host with whom.  Nobody's time is ever taken by somebody they did not agree with: the host asks,
 * the other one accepts, and either ends it. */
#ifndef STORE_CO_HOST_H
#define STORE_CO_HOST_H
#include "db.h"

enum { CO_HOSTS_MAX = 50 }; /* that one account asks */

struct co_host {
	uuid id, host_id, co_host_id; /* the last two: accounts */
	bool accepted;
	instant created_at;

	uuid other_id; /* as the actor sees it: the other one */
	str username, first_name, last_name;
	bool asks; /* the other one is the host */
};

/* co_host_list - of struct co_host: those whom the actor asked, and those who asked the actor. */
enum err co_host_list(struct cx *, struct list *out);

/* co_host_get - one of the actor's, either side.   E_NOT_FOUND */
enum err co_host_get(struct cx *, uuid id, struct co_host *out);

/* co_host_ask - the actor asks another account; asked already: *out is that.
 *   E_REFUSED  oneself, or CO_HOSTS_MAX */
enum err co_host_ask(struct cx *, uuid account, struct co_host *out);

/* co_host_accept - the actor, who was asked.   co_host_end - either side; the event types of the host lose the other one,
 * bookings keep what they have.   co_host_end_all - all of the actor's, because the account goes. */
enum err co_host_accept(struct cx *, struct co_host *);
enum err co_host_end(struct cx *, const struct co_host *);
enum err co_host_end_all(struct cx *);

/* co_host_agreed - whether an account agreed to host with a host, and is still there. */
enum err co_host_agreed(struct cx *, uuid host, uuid account, bool *agreed);
#endif
