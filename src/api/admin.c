/* Other people's accounts, for admins: finding them, and changing role and plan. */
#include "routes.h"
#include "store/admin.h"
#include "store/audit.h"

struct accounts_query {
	int64_t limit;
	str cursor, search;
};
static const struct field ACCOUNTS_QUERY[] = {
	PAGE_FIELDS(struct accounts_query),
	FIELD(struct accounts_query, search, IN | MAYBE, .max = 100, .doc = "A part of the address or the username"),
	FIELD_END,
};

/* What an admin may change; the rest is the person's own. */
static const struct field ACCOUNT_TERMS[] = {
	FIELD(struct account, role, IN, .choices = ROLES, .doc = "What this person may do here"),
	FIELD(struct account, plan, IN, .choices = PLANS, .doc = "Which limits hold"),
	FIELD_END,
};

static enum err accounts_show(struct call *c)
{
	const struct accounts_query *q = c->query;
	struct cursor cursor;
	struct list rows;
	TRY(cursor_parse(c->cx, q->cursor, &cursor));
	struct admin_filter filter = {
		.after = cursor.id,
		.limit = q->limit + 1,
		.search = q->search.n ? search_pattern(c->cx, q->search) : (str){ NULL, 0 },
	};
	TRY(admin_account_list(c->cx, &filter, &rows));
	bool more = page_cut(&rows, q->limit);
	if (more)
		cursor.id = ((const struct account *)rows.items)[rows.n - 1].id;
	return reply_list(c, ACCOUNT, sizeof(struct account), &rows,
			  more ? cursor_format(&c->cx->arena, &cursor) : (str){ NULL, 0 });
}

static enum err account_find(struct call *c, struct account *out)
{
	TRY(account_get_id(c->cx, c->id, out));
	return instant_is(out->deleted_at) ? FAIL(c->cx, E_NOT_FOUND, S(""), "that account is gone") : OK;
}

static enum err account_show(struct call *c)
{
	struct account a;
	TRY(account_find(c, &a));
	call_etag(c, a.version);
	return reply_object(c, ACCOUNT, &a);
}

static enum err account_terms(struct call *c)
{
	struct account a;
	TRY(account_find(c, &a));
	TRY(call_if_match(c, a.version));
	str before = field_encode(&c->cx->arena, ACCOUNT, &a);
	TRY(call_merge(c, ACCOUNT_TERMS, &a));
	if (uuid_same(a.id, c->cx->actor) && a.role != ROLE_ADMIN)
		return FAIL(c->cx, E_REFUSED, S("/role"), "is your own: let another admin take it from you");
	TRY(admin_account_set(c->cx, &a));
	call_etag(c, a.version);
	TRY(audit_add(c->cx, &(struct audit_entry){ .account_id = a.id,
						    .actor = call_actor(c),
						    .origin = call_origin(c),
						    .action = S("account.terms"),
						    .entity_id = a.id,
						    .before_text = before,
						    .after_text = field_encode(&c->cx->arena, ACCOUNT, &a) }));
	return reply_object(c, ACCOUNT, &a);
}

const struct route ADMIN_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/accounts",
	  .run = accounts_show,
	  .may = MAY_ADMIN,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .query = ACCOUNTS_QUERY,
	  .query_size = sizeof(struct accounts_query),
	  .reply = ACCOUNT,
	  .list = true,
	  .name = "listAccounts",
	  .doc = "For admins: accounts, oldest first" },
	{ .method = "GET",
	  .path = "/v1/accounts/{id}",
	  .run = account_show,
	  .may = MAY_ADMIN,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .reply = ACCOUNT,
	  .name = "getAccount",
	  .doc = "For admins: one account" },
	{ .method = "PATCH",
	  .path = "/v1/accounts/{id}",
	  .run = account_terms,
	  .may = MAY_ADMIN,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .merge = ACCOUNT_TERMS,
	  .reply = ACCOUNT,
	  .name = "changeAccountTerms",
	  .doc = "For admins: another role or plan; it counts at once" },
	{ .method = NULL },
};
