/* password - what makes one worthless although it is long enough. */
#ifndef CORE_PASSWORD_H
#define CORE_PASSWORD_H
#include "base/fault.h"

/* password_check - one that is about to be set.
 *   username, email  of whoever sets it; absent when not known
 *   E_INVALID at `field`: it is one of those, or one of the most common ones (Debian's list, package john-data) */
enum err password_check(struct cx *, str password, str username, str email, str field);
#endif
