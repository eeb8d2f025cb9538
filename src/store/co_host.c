#include "co_host.h"

#include "base/secret.h"
#include "event_type.h"
#include "store/co_host_sql.h"

static const struct field CO_HOST_ROW[] = {
	FIELD(struct co_host, id, 0),
	FIELD(struct co_host, host_id, 0),
	FIELD(struct co_host, co_host_id, 0),
	FIELD(struct co_host, accepted, 0),
	FIELD(struct co_host, created_at, 0),
	FIELD(struct co_host, other_id, 0),
	FIELD(struct co_host, username, MAYBE),
	FIELD(struct co_host, first_name, 0),
	FIELD(struct co_host, last_name, MAYBE),
	FIELD(struct co_host, asks, 0),
	FIELD_END,
};

struct number {
	int64_t number;
};
static const struct field NUMBER[] = { FIELD(struct number, number, 0), FIELD_END };

enum err co_host_list(struct cx *cx, struct list *out)
{
	return db_list(cx, &CO_HOST_LIST, CO_HOST_ROW, &(struct co_host){ 0 }, CO_HOST_ROW, sizeof(struct co_host),
		       out);
}

enum err co_host_get(struct cx *cx, uuid id, struct co_host *out)
{
	struct co_host key = { .id = id };
	bool found;
	TRY(db_find(cx, &CO_HOST_FIND, CO_HOST_ROW, &key, CO_HOST_ROW, out, &found));
	return found ? OK : FAIL(cx, E_NOT_FOUND, S(""), "there is no such co-host of yours");
}

enum err co_host_ask(struct cx *cx, uuid account, struct co_host *out)
{
	struct co_host row = { .host_id = cx->actor, .co_host_id = account };
	struct number asked;
	bool found;
	if (uuid_same(account, cx->actor))
		return FAIL(cx, E_REFUSED, S("/username"), "is yourself: you host already");
	TRY(db_find(cx, &CO_HOST_FIND_PAIR, CO_HOST_ROW, &row, CO_HOST_ROW, &row, &found));
	if (!found) {
		TRY(db_get(cx, &CO_HOST_COUNT, CO_HOST_ROW, &row, NUMBER, &asked));
		if (asked.number >= CO_HOSTS_MAX)
			return FAIL(cx, E_REFUSED, S(""), "an account asks at most %d others: end one first",
				    CO_HOSTS_MAX);
		row.id = uuid_make(cx->now);
		TRY(db_run(cx, &CO_HOST_INSERT, CO_HOST_ROW, &row, NULL));
	}
	return co_host_get(cx, row.id, out);
}

enum err co_host_accept(struct cx *cx, struct co_host *it)
{
	if (!it->asks)
		return FAIL(cx, E_FORBIDDEN, S(""), "this is not yours to accept: the other one was asked");
	it->accepted = true;
	return db_run(cx, &CO_HOST_ACCEPT, CO_HOST_ROW, it, NULL);
}

/* An event type without one of its co-hosts. */
static enum err drop_from(struct cx *cx, struct event_type *e, uuid account)
{
	uuid *kept = NEWS(&cx->arena, uuid, e->co_hosts.n + 1), *all = e->co_hosts.items;
	size_t n = 0;
	for (size_t i = 0; i < e->co_hosts.n; i++)
		if (!uuid_same(all[i], account))
			kept[n++] = all[i];
	if (n == e->co_hosts.n)
		return OK;
	e->co_hosts = (struct list){ kept, n };
	return event_type_set_co_hosts(cx, e);
}

enum err co_host_end(struct cx *cx, const struct co_host *it)
{
	struct list types;
	TRY(event_type_list_co_hosted(cx, it->host_id, &types));
	for (size_t i = 0; i < types.n; i++)
		TRY(drop_from(cx, (struct event_type *)types.items + i, it->co_host_id));
	return db_run(cx, &CO_HOST_REMOVE, CO_HOST_ROW, it, NULL);
}

enum err co_host_end_all(struct cx *cx)
{
	struct list all;
	TRY(co_host_list(cx, &all));
	for (size_t i = 0; i < all.n; i++)
		TRY(co_host_end(cx, (const struct co_host *)all.items + i));
	return OK;
}

enum err co_host_agreed(struct cx *cx, uuid host, uuid account, bool *agreed)
{
	struct co_host row = { .host_id = host, .co_host_id = account };
	TRY(db_find(cx, &CO_HOST_FIND_PAIR, CO_HOST_ROW, &row, CO_HOST_ROW, &row, agreed));
	*agreed = *agreed && row.accepted;
	return OK;
}
