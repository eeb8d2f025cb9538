#include "admin.h"

#include "store/admin_sql.h"

static const struct field ADMIN_FILTER[] = {
	FIELD(struct admin_filter, after, 0),
	FIELD(struct admin_filter, limit, 0),
	FIELD(struct admin_filter, search, MAYBE),
	FIELD_END,
};

enum err admin_account_list(struct cx *cx, const struct admin_filter *filter, struct list *out)
{
	return db_list(cx, &ADMIN_ACCOUNT_LIST, ADMIN_FILTER, filter, ACCOUNT_ROW, sizeof(struct account), out);
}

enum err admin_account_set(struct cx *cx, struct account *a)
{
	return db_get(cx, &ADMIN_ACCOUNT_SET, ACCOUNT_ROW, a, ACCOUNT_ROW, a);
}
