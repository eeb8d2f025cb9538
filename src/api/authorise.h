/* authorise - who calls, and whether the route lets them. */
#ifndef API_AUTHORISE_H
#define API_AUTHORISE_H
#include "api.h"

/* authorise - fill c->caller and cx->actor from Authorization or the session cookie, inside a read transaction.
 *   E_UNAUTHORIZED  the route needs somebody and there is nobody, or what was given is worth nothing
 *   E_FORBIDDEN     somebody, but not one who may; or an API key without the scope */
enum err authorise(struct call *);

/* cookie_name - "__Host-noonmark" where the site is served by https or on this machine, else "noonmark". */
str cookie_name(const struct site *);

/* origin_is_ours - whether a request that changes something, sent by a browser, comes from our own pages. */
bool origin_is_ours(const struct call *);
#endif
