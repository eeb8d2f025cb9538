/* The API's reference: every route of the tables, by what it is about. */
#include "pages.h"

#include <string.h>

static str group_of(const struct route *r)
{
	return str_slice(str_of(r->path), 4, 4 + strcspn(r->path + 4, "/"));
}

static struct value *operation(struct arena *a, const struct route *r)
{
	struct value *v = value_object(a);
	value_set(a, v, "method", str_of(r->method));
	value_set(a, v, "path", str_of(r->path));
	value_set(a, v, "doc", str_of(r->doc));
	value_set(a, v, "scope", str_of(r->scope));
	return v;
}

static bool is_shown(const struct route *r)
{
	return !r->page && r->name && str_starts(str_of(r->path), S("/v1/"));
}

/* Whether a route of the same group stands before it. */
static bool is_known(size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_shown(routes_each(i)) && str_is(group_of(routes_each(i)), group_of(routes_each(index))))
			return true;
	return false;
}

static struct value *group(struct arena *a, str name)
{
	struct value *v = value_object(a), *operations = value_list(a);
	for (size_t i = 0; routes_each(i); i++)
		if (is_shown(routes_each(i)) && str_is(group_of(routes_each(i)), name))
			value_add(a, operations, operation(a, routes_each(i)));
	value_set(a, v, "name", name);
	value_set(a, v, "id", name);
	value_set(a, v, "operations", operations);
	return v;
}

enum err reference_page(struct call *c)
{
	struct arena *a = &c->cx->arena;
	struct page *p = page_open(c, "pages/reference.html");
	struct value *groups = value_list(a);
	for (size_t i = 0; routes_each(i); i++)
		if (is_shown(routes_each(i)) && !is_known(i))
			value_add(a, groups, group(a, group_of(routes_each(i))));
	page_put(c, p, "title", page_text(p, "page.reference.title"));
	page_put(c, p, "groups", groups);
	return page_show_public(c);
}
