/* The pages' routes.  Words stand above {username}, which fits every word. */
#include "api/routes.h"
#include "pages.h"

const struct route PAGE_ROUTES[] = {
	{ .method = "GET", .path = "/", .run = home_page, .may = MAY_ANYONE, .tx = TX_READ, .limit = LIMIT_READ, .page = true,
	  .doc = "What Noonmark does" },
	{ .method = NULL },
};
