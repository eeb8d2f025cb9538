/* The dashboard's shell: the script in web/app makes the rest from the API. */
#include "pages.h"

#include "assets.h"
#include "core/clean.h"

/* To the log-in, and back here by it. */
static enum err log_in_first(struct call *c)
{
	struct arena *a = &c->cx->arena;
	str here = c->exchange->request.path;
	if (str_is(here, S("/app")))
		return page_go(c, S("/log-in"));
	return page_go(c, str_format(a, "/log-in?next=%.*s", STR_ARG(percent_encode(a, here))));
}

enum err app_page(struct call *c)
{
	if (!(c->caller.is & MAY_USER))
		return log_in_first(c);
	struct page *p = page_open(c, "pages/app.html");
	page_put(c, p, "page_style", S(ASSET_PAGE_CSS));
	page_put(c, p, "app_style", S(ASSET_APP_CSS));
	page_put(c, p, "app_script", S(ASSET_APP_JS));
	return page_show(c);
}
