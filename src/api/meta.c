/* What is about the service itself: health, and the OpenAPI document. */
#include "routes.h"
#include "site.h"

static enum err alive(struct call *c)
{
	c->content_type = S("text/plain; charset=utf-8");
	buf_add(&c->out, S("ok\n"));
	return OK;
}

static enum err document(struct call *c)
{
	c->shared = http_body_keep(c->site->openapi);
	c->etag = c->site->openapi_etag;
	c->cache_control = S("no-cache");
	return OK;
}

const struct route META_ROUTES[] = {
	{ .method = "GET",
	  .path = "/healthz",
	  .run = alive,
	  .may = MAY_ANYONE,
	  .tx = TX_NONE,
	  .doc = "The process runs" },
	{ .method = "GET",
	  .path = "/readyz",
	  .run = alive,
	  .may = MAY_ANYONE,
	  .tx = TX_READ,
	  .doc = "The database answers" },
	{ .method = "GET",
	  .path = "/v1/openapi.json",
	  .run = document,
	  .may = MAY_ANYONE,
	  .tx = TX_NONE,
	  .limit = LIMIT_READ,
	  .doc = "This document" },
	{ .method = NULL },
};
