/* A host's page: what can be booked. */
#include "book.h"
#include "pages.h"

enum { PROFILE_TYPES = 200 };

static struct value *type_value(struct call *c, const struct account *host, const struct event_type *e)
{
	struct arena *a = &c->cx->arena;
	struct value *v = value_object(a), *durations = value_list(a);
	const struct duration *d = e->durations.items;
	value_set(a, v, "name", e->title);
	value_set(a, v, "about", lines_value(a, e->description));
	value_set(a, v, "href", str_format(a, "/%.*s/%.*s", STR_ARG(host->username), STR_ARG(e->code)));
	for (size_t i = 0; i < e->durations.n; i++) {
		struct value *one = value_object(a);
		value_set(a, one, "text", text_length(a, c->page->reader.language, span_minutes(d[i].minutes)));
		value_set(a, one, "price",
			  price_text(a, c->page->reader.language, d[i].price.amount, d[i].price.currency));
		value_set(a, one, "more", i + 1 < e->durations.n);
		value_add(a, durations, one);
	}
	value_set(a, v, "durations", durations);
	return v;
}

enum err profile_page(struct call *c)
{
	struct arena *a = &c->cx->arena;
	struct account host;
	struct list types;
	TRY(account_get_username(c->cx, c->parameters[0], &host));
	struct event_type_filter filter = { .account_id = host.id,
					    .limit = PROFILE_TYPES,
					    .changed_since = { NONE } };
	TRY(event_type_list_public(c->cx, &filter, &types));
	struct page *p = page_open(c, "pages/profile.html");
	struct value *list = value_list(a);
	for (size_t i = 0; i < types.n; i++)
		value_add(a, list, type_value(c, &host, (const struct event_type *)types.items + i));
	page_put(c, p, "title", person_name(a, host.first_name, host.last_name));
	page_put(c, p, "host", person_name(a, host.first_name, host.last_name));
	page_put(c, p, "description", language_fill(a, p->reader.language, S("page.profile.description"), p->data));
	page_put(c, p, "plain", (bool)true);
	page_put(c, p, "types", list);
	page_put(c, p, "types_any", list->n > 0);
	page_put(c, p, "own", uuid_same(host.id, c->caller.account));
	return page_show_public(c);
}
