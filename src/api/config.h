/* config - one INI file and the same names in the environment over it; docs/operate.md lists them. */
#ifndef API_CONFIG_H
#define API_CONFIG_H
#include "site.h"

/* config_load - defaults, then the file (NULL: none), then NOONMARK_… of the environment.  In the file a name is
 * written in lower case without the prefix: `smtp_url = smtp://127.0.0.1:25`.
 *   E_INVALID  an unknown name or a value that cannot be: the message says which, where, and what would be right */
enum err config_load(struct cx *, const char *file, struct config *out);

/* keys_load - the master key in the data folder (mode 0600, made at the first start), and the folder itself.  *made: it
 * was not there before.
 *   E_UNAVAILABLE  it cannot be read or written */
enum err keys_load(struct cx *, str folder, struct keys *out, bool *made);

/* keys_forget - the key that keys_load has just made. */
void keys_forget(struct cx *, str folder);
#endif
