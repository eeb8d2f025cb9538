#include "periodic.h"

#include "store/periodic_sql.h"

struct claim {
	str name;
	instant before;
};
static const struct field CLAIM[] = { FIELD(struct claim, name, 0), FIELD(struct claim, before, 0), FIELD_END };

enum err periodic_claim(struct cx *cx, str name, int64_t every, bool *ours)
{
	struct claim claim = { name, { cx->now.s - every } };
	int64_t changed = 1;
	if (db_is_shared(cx))
		TRY(db_run(cx, &PERIODIC_CLAIM, CLAIM, &claim, &changed));
	*ours = changed == 1;
	return OK;
}
