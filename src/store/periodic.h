/* periodic - what has to be done now and then, by one of several processes. */
#ifndef STORE_PERIODIC_H
#define STORE_PERIODIC_H
#include "db.h"

/* periodic_claim - whether nobody has done it for `every` seconds: *ours.  To be called first in the transaction that
 * then does it.  Where there is one process only it always is. */
enum err periodic_claim(struct cx *, str name, int64_t every, bool *ours);
#endif
