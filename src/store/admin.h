/* admin - what admins see and change of other people's accounts. */
#ifndef STORE_ADMIN_H
#define STORE_ADMIN_H
#include "account.h"

/* admin_account_list - of struct account, living ones, by id ascending, at most `limit` after an id.
 *   search  absent, or a part of the email or username, as LIKE takes it */
struct admin_filter {
	uuid after;
	int64_t limit;
	str search;
};
enum err admin_account_list(struct cx *, const struct admin_filter *, struct list *out);

/* admin_account_set - role and plan; raises the version and reads it back.   E_NOT_FOUND */
enum err admin_account_set(struct cx *, struct account *);
#endif
