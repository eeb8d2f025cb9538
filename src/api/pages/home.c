/* The start page. */
#include "pages.h"

enum err home_page(struct call *c)
{
	struct page *p = page_open(c, "pages/home.html");
	page_put(c, p, "title", page_text(p, "page.home.title"));
	return page_show_public(c);
}
