/* The dashboard's shell: the script in web/app makes the rest from the API. */
#include "pages.h"

#include "assets.h"

enum err app_page(struct call *c)
{
	if (!(c->caller.is & MAY_USER))
		return page_go(c, S("/log-in"));
	struct page *p = page_open(c, "pages/app.html");
	page_put(c, p, "page_style", S(ASSET_PAGE_CSS));
	page_put(c, p, "app_style", S(ASSET_APP_CSS));
	page_put(c, p, "app_script", S(ASSET_APP_JS));
	return page_show(c);
}
