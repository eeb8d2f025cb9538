/* All routes: the tables of each file, searched by a walk over path segments made once. */
#include "routes.h"

#include <string.h>

static const struct route *const TABLES[] = { ACCOUNT_ROUTES,    SESSION_ROUTES, SCHEDULE_ROUTES,
					      EVENT_TYPE_ROUTES, SLOT_ROUTES,    PEOPLE_ROUTES,
					      BOOKING_ROUTES,    META_ROUTES,    PAGE_ROUTES };

const struct route *routes_each(size_t index)
{
	for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++)
		for (const struct route *r = TABLES[i]; r->method; r++)
			if (index-- == 0)
				return r;
	return NULL;
}

/* Whether a path fits a pattern; its {parameters} go to the list.  A word fits before a {parameter} does only by the
 * order of the tables, so rows with words stand above those with parameters in their place. */
static bool fits(const char *pattern, str path, str parameters[ROUTE_PARAMETERS])
{
	str p = str_of(pattern);
	size_t n = 0;
	do {
		str want = str_cut(&p, '/'), have = str_cut(&path, '/');
		if (want.n && want.p[0] == '{') {
			if (!have.n)
				return false;
			parameters[n++] = have;
		} else if (!str_is(want, have)) {
			return false;
		}
	} while (p.n && path.n);
	return p.n == 0 && path.n == 0;
}

const struct route *routes_find(struct arena *a, str method, str path, str parameters[ROUTE_PARAMETERS], str *allowed)
{
	bool trailing = path.n > 1 && path.p[path.n - 1] == '/';
	bool api = str_starts(path, S("/v1/")); /* nobody's page: "/v1/x" is no host "v1" */
	*allowed = (str){ NULL, 0 };
	for (size_t i = 0; !trailing && i < sizeof TABLES / sizeof *TABLES; i++) {
		for (const struct route *r = TABLES[i]; r->method; r++) {
			if ((api && r->page) || !fits(r->path, path, parameters))
				continue;
			if (str_is(method, str_of(r->method)))
				return r;
			*allowed = allowed->n ? str_format(a, "%.*s, %s", STR_ARG(*allowed), r->method)
					      : str_format(a, "OPTIONS%s, %s",
							   strcmp(r->method, "GET") ? "" : ", HEAD", r->method);
		}
	}
	return NULL;
}
