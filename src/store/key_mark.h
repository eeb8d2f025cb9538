/* key_mark - a database belongs to one master key: what is sealed, signed and keyed in it is of no use with another.  The
 * first server that uses a database leaves its key's mark there; one with another key is told so when it starts, rather
 * than when a webhook fails or a link in a mail leads nowhere. */
#ifndef STORE_KEY_MARK_H
#define STORE_KEY_MARK_H
#include "base/secret.h"
#include "db.h"

/* key_mark_match - whether the database is of these keys; one that is of none yet becomes theirs.  In a transaction that
 * writes. */
enum err key_mark_match(struct cx *, const struct keys *, bool *matches);
#endif
