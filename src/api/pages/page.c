#include "page.h"

void page_problem(struct call *c, struct buf *out)
{
	const struct fault *f = &c->cx->fault;
	buf_format(out, "<!doctype html><meta charset=utf-8><title>%s</title><h1>%s</h1>", err_title(f->code),
	    err_title(f->code));
}

bool page_missing(struct call *c)
{
	(void)c;
	return false;
}
