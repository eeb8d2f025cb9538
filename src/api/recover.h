/* recover - what somebody gets by an address alone, by mail: a new password, the links of one's bookings.  Whether the
 * address is known stays untold.  For API and pages. */
#ifndef API_RECOVER_H
#define API_RECOVER_H
#include "api.h"
#include "store/account.h"

struct address_request {
	str email;
};
extern const struct field ADDRESS_REQUEST[];

struct reset_request {
	str email, code, new_password;
	bool end_api_keys;
};
extern const struct field RESET_REQUEST[];

/* reset_prepare - on a worker: c->prepared is the new password's hash.
 *   E_INVALID  /new_password: it is the address */
enum err reset_prepare(struct call *, const struct reset_request *);

/* reset_end - *right: the code was; then the password is set, every session ends, API keys where that is asked, and the
 * owner is told.  The code is asked for by code_begin. */
enum err reset_end(struct call *, const struct reset_request *, struct account *out, bool *right);

/* password_audit - what the audit says beside a new password: whether API keys ended with it; absent: they did not. */
str password_audit(bool end_api_keys);
#endif
