/* page - HTML answers. */
#ifndef API_PAGES_PAGE_H
#define API_PAGES_PAGE_H
#include "api/api.h"

/* PAGE_POLICY - the Content-Security-Policy of every page: our own files only, no inline script or style. */
#define PAGE_POLICY \
	S("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " \
	  "font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'")

/* page_problem - cx->fault as a page, into the buffer. */
void page_problem(struct call *, struct buf *out);

/* page_missing - answer a path without a route as a page, where a browser asked for one.  false: not answered. */
bool page_missing(struct call *);
#endif
