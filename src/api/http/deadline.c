#include "deadline.h"

void deadlines_open(struct deadlines *d, const unsigned length_ms[DEADLINES])
{
	for (int kind = 0; kind < DEADLINES; kind++) {
		d->ends[kind].before = d->ends[kind].after = &d->ends[kind];
		d->length[kind] = length_ms[kind];
	}
}

void deadline_clear(struct deadline *deadline)
{
	if (!deadline->after)
		return;
	deadline->before->after = deadline->after;
	deadline->after->before = deadline->before;
	deadline->before = deadline->after = NULL;
}

void deadline_set(struct deadlines *d, struct deadline *deadline, enum deadline_kind kind, int64_t now)
{
	deadline_clear(deadline);
	struct deadline *end = &d->ends[kind];
	deadline->kind = kind;
	deadline->at = now + d->length[kind];
	deadline->before = end->before;
	deadline->after = end;
	end->before->after = deadline;
	end->before = deadline;
}

struct deadline *deadlines_first(const struct deadlines *d, enum deadline_kind kind)
{
	struct deadline *first = d->ends[kind].after;
	return first == &d->ends[kind] ? NULL : first;
}

struct deadline *deadlines_due(const struct deadlines *d, int64_t now)
{
	for (enum deadline_kind kind = 0; kind < DEADLINES; kind++) {
		struct deadline *first = deadlines_first(d, kind);
		if (first && first->at <= now)
			return first;
	}
	return NULL;
}

int64_t deadlines_next(const struct deadlines *d)
{
	int64_t next = INT64_MAX;
	for (enum deadline_kind kind = 0; kind < DEADLINES; kind++) {
		const struct deadline *first = deadlines_first(d, kind);
		if (first && first->at < next)
			next = first->at;
	}
	return next;
}
