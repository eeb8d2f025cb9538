/* deadline - when to give a connection up.  Each kind has one length, so a list in the order of setting is a list in
 * the order of falling due: setting, clearing and finding the next cost the same for one connection or 20,000. */
#ifndef API_HTTP_DEADLINE_H
#define API_HTTP_DEADLINE_H
#include <stddef.h>
#include <stdint.h>

enum deadline_kind { DEADLINE_HEAD, DEADLINE_BODY, DEADLINE_IDLE, DEADLINE_WRITE, DEADLINE_LINGER, DEADLINES };

struct deadline {
	struct deadline *before, *after; /* NULL: not set */
	int64_t at;                      /* milliseconds, CLOCK_MONOTONIC */
	enum deadline_kind kind;
};

struct deadlines {
	struct deadline ends[DEADLINES]; /* rings: .after is the first due */
	int64_t length[DEADLINES];
};

void deadlines_open(struct deadlines *, const unsigned length_ms[DEADLINES]);
void deadline_set(struct deadlines *, struct deadline *, enum deadline_kind, int64_t now);
void deadline_clear(struct deadline *);

/* deadlines_due - one that is due, or NULL.  It stays set: the caller clears it or sets it anew. */
struct deadline *deadlines_due(const struct deadlines *, int64_t now);

/* deadlines_first - the first due of a kind, or NULL. */
struct deadline *deadlines_first(const struct deadlines *, enum deadline_kind);

/* deadlines_next - when the next one is due; INT64_MAX: none is set. */
int64_t deadlines_next(const struct deadlines *);
#endif
