/* pages - the handlers of each page, put together by routes.c. */
#ifndef API_PAGES_PAGES_H
#define API_PAGES_PAGES_H
#include "page.h"

enum err home_page(struct call *);
#endif
