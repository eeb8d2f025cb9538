/* All routes: the tables of each file, searched by a walk over path segments made once. */
#include "routes.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

static const struct route *const TABLES[] = { ACCOUNT_ROUTES,        ADMIN_ROUTES,         ADMIN_JOB_ROUTES,
					      SESSION_ROUTES,        SCHEDULE_ROUTES,      EVENT_TYPE_ROUTES,
					      SLOT_ROUTES,           PEOPLE_ROUTES,        BOOKING_ROUTES,
					      BOOKING_LOG_ROUTES,    BOOKING_GUEST_ROUTES, CO_HOST_ROUTES,
					      BOOKING_DETAIL_ROUTES, PREFERENCE_ROUTES,    PROPOSAL_ROUTES,
					      WEBHOOK_ROUTES,        RECOVER_ROUTES,       WORDS_ROUTES,
					      META_ROUTES,           PAGE_ROUTES,          PUSH_ROUTES };

const struct route *routes_each(size_t index)
{
	for (size_t i = 0; i < sizeof TABLES / sizeof *TABLES; i++)
		for (const struct route *r = TABLES[i]; r->method; r++)
			if (index-- == 0)
				return r;
	return NULL;
}

/* ---- finding: every pattern is split into its segments once, every path once for each request */

enum { SEGMENTS = 8, ROUTES = 160 };

struct split {
	str segments[SEGMENTS]; /* a {parameter} as it is written */
	size_t n;               /* SEGMENTS + 1: fits no route */
};

static struct {
	const struct route *route;
	struct split pattern;
} index_rows[ROUTES];
static size_t index_count;
static pthread_once_t index_once = PTHREAD_ONCE_INIT;

static struct split path_split(str path)
{
	struct split s = { .n = 0 };
	str rest = str_slice(path, 1, path.n);
	do {
		if (s.n == SEGMENTS)
			return (struct split){ .n = SEGMENTS + 1 };
		bool more = str_find(rest, '/') < rest.n;
		s.segments[s.n++] = str_cut(&rest, '/');
		if (!rest.n && !more)
			return s;
	} while (rest.n);
	return (struct split){ .n = SEGMENTS + 1 }; /* a slash at the end */
}

static void index_make(void)
{
	for (const struct route *r; (r = routes_each(index_count)) != NULL; index_count++) {
		assert(index_count < ROUTES);
		index_rows[index_count].route = r;
		index_rows[index_count].pattern = path_split(str_of(r->path));
	}
}

/* Whether a path fits a pattern; its {parameters} go to the list.  A word fits before a {parameter} does only by the
 * order of the tables, so rows with words stand above those with parameters in their place. */
static bool fits(const struct split *pattern, const struct split *path, str parameters[ROUTE_PARAMETERS])
{
	size_t n = 0;
	if (pattern->n != path->n)
		return false;
	for (size_t i = 0; i < path->n; i++) {
		str want = pattern->segments[i], have = path->segments[i];
		if (want.n && want.p[0] == '{' ? have.n == 0 : !str_is(want, have))
			return false;
		if (want.n && want.p[0] == '{')
			parameters[n++] = have;
	}
	return true;
}

static str allow(struct arena *a, str allowed, const char *method)
{
	str before = allowed.n ? allowed : S("OPTIONS");
	if (strstr(str_to_c(a, before), method)) /* by another pattern that fits as well */
		return before;
	return str_format(a, "%.*s, %s%s", STR_ARG(before), method, strcmp(method, "GET") ? "" : ", HEAD");
}

const struct route *routes_find(struct arena *a, str method, str path, str parameters[ROUTE_PARAMETERS], str *allowed)
{
	bool api = str_starts(path, S("/v1/")); /* nobody's page: "/v1/x" is no host "v1" */
	*allowed = (str){ NULL, 0 };
	pthread_once(&index_once, index_make);
	if (!str_starts(path, S("/")))
		return NULL;
	struct split split = path_split(path);
	for (size_t i = 0; split.n <= SEGMENTS && i < index_count; i++) {
		const struct route *r = index_rows[i].route;
		if ((api && r->page) || !fits(&index_rows[i].pattern, &split, parameters))
			continue;
		if (str_is(method, str_of(r->method)))
			return r;
		*allowed = allow(a, *allowed, r->method);
	}
	return NULL;
}
