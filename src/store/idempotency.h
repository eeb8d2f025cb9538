/* idempotency - answers kept for repeats of a create. */
#ifndef STORE_IDEMPOTENCY_H
#define STORE_IDEMPOTENCY_H
#include "db.h"

struct kept_answer {
	uuid scope; /* the account, or a keyed hash of a stranger's network */
	str idempotency_key;
	digest request_hash;
	int64_t status;
	str answer; /* sealed */
	instant expires_at;
};
enum err kept_answer_find(struct cx *, uuid scope, str key, struct kept_answer *out, bool *found);
enum err kept_answer_insert(struct cx *, const struct kept_answer *);
enum err kept_answer_prune(struct cx *);
#endif
