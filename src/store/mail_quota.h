/* mail_quota - how many mails an address got today, from all hosts together: nobody's mailbox is filled by bookings that
 * others make.  Addresses are known by a keyed hash only. */
#ifndef STORE_MAIL_QUOTA_H
#define STORE_MAIL_QUOTA_H
#include "base/secret.h"
#include "db.h"

/* mail_quota_take - count one mail on this UTC day; *fits: it is one of the day's first `most`.
 *   whom  an address; or words without an @, a blank and an address: what else is counted, apart from the rest */
enum err mail_quota_take(struct cx *, const struct keys *, str whom, int64_t most, bool *fits);

/* mail_quota_prune - forget the days before today. */
enum err mail_quota_prune(struct cx *);
#endif
