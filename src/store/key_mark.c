#include "key_mark.h"

#include "store/key_mark_sql.h"

struct key_mark {
	digest mark;
};
static const struct field KEY_MARK_ROW[] = { FIELD(struct key_mark, mark, 0), FIELD_END };

enum err key_mark_match(struct cx *cx, const struct keys *keys, bool *matches)
{
	struct key_mark ours = { keys->mark }, kept;
	TRY(db_run(cx, &KEY_MARK_INSERT, KEY_MARK_ROW, &ours, NULL));
	TRY(db_get(cx, &KEY_MARK_GET, NULL, NULL, KEY_MARK_ROW, &kept));
	*matches = digest_same(kept.mark, ours.mark);
	return OK;
}
