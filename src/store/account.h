/* account - people who sign in, and registrations that wait for their email to be proved. */
#ifndef STORE_ACCOUNT_H
#define STORE_ACCOUNT_H
#include "core/source.h"
#include "db.h"

enum role { ROLE_USER, ROLE_ADMIN };
enum account_plan { PLAN_FREE, PLAN_PAID };
enum { PASSWORD_MIN = 8, PASSWORD_MAX = 256 };
extern const char *const ROLES[], *const PLANS[];

struct account {
	uuid id;
	str email, username; /* absent once erased */
	str username_look;   /* set by the functions here */
	str first_name, last_name;
	str time_zone;
	unsigned language; /* index into LANGUAGES */
	str password_hash; /* absent: one-time codes only */
	unsigned role, plan;
	int64_t version;
	instant created_at, updated_at, deleted_at;
};

/* ACCOUNT_ROW is every column; ACCOUNT what its owner sees and may change; PROFILE what everybody sees. */
extern const struct field ACCOUNT_ROW[], ACCOUNT[], PROFILE[];

struct registration {
	str email, username, first_name, last_name, time_zone;
	str username_look; /* set by registration_put */
	unsigned language;
	str password_hash;
	instant expires_at;
};

/* account_get - one's own (cx->actor).   E_NOT_FOUND */
enum err account_get(struct cx *, struct account *out);
enum err account_find_email(struct cx *, str email, struct account *out, bool *found);
/* account_get_username - a living account by its public name, in capitals or not.   E_NOT_FOUND */
enum err account_get_username(struct cx *, str username, struct account *out);
enum err account_get_id(struct cx *, uuid id, struct account *out);
enum err account_ask_id(struct cx *, uuid id); /* it will be wanted in a moment: see db_ask */

/* account_update - every column that may change; raises the version.   E_CONFLICT  the username is taken */
enum err account_update(struct cx *, struct account *);

/* account_insert - with its bookable; sets id, version and times.   E_CONFLICT  email or username is taken */
enum err account_insert(struct cx *, struct account *);

/* account_erase - cx->actor: everything personal goes; the row stays so that bookings keep their host. */
enum err account_erase(struct cx *);

/* registration_put - keep one, in place of an older one of the same address.
 *   E_CONFLICT  the username belongs to an account, or waits for another address */
enum err registration_put(struct cx *, const struct registration *);
/* registration_take - remove and return the one of an address.   found: it was there and has not expired */
enum err registration_take(struct cx *, str email, struct registration *out, bool *found);
#endif
