/* idempotency - answers kept for repeats of a create. */
#ifndef STORE_IDEMPOTENCY_H
#define STORE_IDEMPOTENCY_H
#include "db.h"

struct kept_answer {
	uuid scope; /* the account, or a keyed hash of a stranger's network */
	str idempotency_key;
	digest request_hash;
	int64_t status;
	str answer;         /* sealed */
	str etag, location; /* absent when the answer has none */
	instant expires_at;
};
enum err kept_answer_find(struct cx *, uuid scope, str key, struct kept_answer *out, bool *found);

/* kept_answer_claim - where others write meanwhile: waits for whoever has just claimed the same key.  Until
 * kept_answer_insert the row has no answer, and kept_answer_find does not see it. */
enum err kept_answer_claim(struct cx *, const struct kept_answer *);
enum err kept_answer_remove(struct cx *, uuid scope, str key);
enum err kept_answer_insert(struct cx *, const struct kept_answer *);
enum err kept_answer_prune(struct cx *);
#endif
