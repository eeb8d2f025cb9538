/* page - HTML answers: templates over values, in the reader's language.
 *
 * A page that takes a form is made in two parts, because a failed write has lost its transaction: `look`, in a read
 * transaction, makes everything that the page would show, with what was typed; `run` writes.  When either fails, the page
 * is shown again from what `look` made, with what went wrong beside its field. */
#ifndef API_PAGES_PAGE_H
#define API_PAGES_PAGE_H
#include "api/api.h"
#include "assets.h"
#include "core/text_time.h"

/* PAGE_POLICY - the Content-Security-Policy of every page: our own files only, no inline script, and of inline styles only
 * the pages' own, by its digest. */
#define PAGE_POLICY                                                                                \
	S("default-src 'none'; script-src 'self'; style-src 'self' 'sha256-" ASSET_PAGE_CSS_SHA256 \
	  "'; img-src 'self' data:; connect-src 'self'; "                                          \
	  "font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'")

/* page - what a call is about to show. */
struct page {
	const char *template; /* "pages/home.html" */
	struct value *data;
	struct reader reader; /* language always; zone and clock where the page shows times */
	void (*failed)(struct call *,
		       struct page *); /* add cx->fault to the data; NULL: the error page is shown instead */
	void *own;                     /* the handler's */
};

/* page_open - c->page, with what every page shows: language, assets, who is signed in. */
struct page *page_open(struct call *, const char *template);

/* page_show - render c->page as the answer.  page_show_public - the same for a page that anybody may keep, and check
 * again by its ETag. */
enum err page_show(struct call *);
enum err page_show_public(struct call *);

/* page_go - 303 to a path of ours. */
enum err page_go(struct call *, str path);

/* page_text - a text in the page's language; page_put - the shortcut for value_set on its data. */
str page_text(const struct page *, const char *key);
#define page_put(c, page, name, x) value_set(&(c)->cx->arena, (page)->data, name, x)

/* page_problem - cx->fault as a page, into the buffer. */
void page_problem(struct call *, struct buf *out);

/* page_missing - have the failure of a path without a route told as a page, where a browser asked for one. */
void page_missing(struct call *);

/* page_file - answer with one of the embedded files, where the path names one.  false: not answered. */
bool page_file(struct call *);
#endif
