/* The dispatcher: everything that is the same for each route.
 *
 *   1. a call is made in the request's arena; its row is found, its rate limit spent; on PostgreSQL what follows is
 *      done on waiters' threads
 *   2. in a read transaction: authorise, decode, and a read route's handler itself
 *   3. `prepare`, where there is one, on a worker thread
 *   4. a write route's handler in a savepoint of the writer; what follows waits for the commit
 *   5. the answer: made once, by call_answer, whatever happened before
 *
 * A step that fails goes straight to 5.  A call is touched by one thread at a time. */
#include "authorise.h"
#include "http/answer.h"
#include "http/conditional.h"
#include "http/workers.h"
#include "idempotency.h"
#include "limits.h"
#include "pages/page.h"
#include "site.h"
#include "store/lock.h"

#include <string.h>

static void call_answer(struct call *, enum err);

/* ---- the answer */

static const str PROBLEM_TYPE = { "application/problem+json", 24 };

static size_t headers_common(struct call *c, struct http_header *h)
{
	size_t n = 0;
	h[n++] = (struct http_header){ S("X-Content-Type-Options"), S("nosniff") };
	h[n++] = (struct http_header){ S("Referrer-Policy"), S("same-origin") };
	h[n++] = (struct http_header){ S("X-Frame-Options"), S("DENY") };
	h[n++] = (struct http_header){ S("Content-Security-Policy"),
				       c->route && c->route->page ? PAGE_POLICY
								  : S("default-src 'none'; frame-ancestors 'none'") };
	if (str_starts(c->site->config.base_url, S("https://")))
		h[n++] = (struct http_header){ S("Strict-Transport-Security"), S("max-age=31536000") };
	return n;
}

static size_t headers_limit(struct call *c, struct http_header *h)
{
	struct arena *a = &c->cx->arena;
	if (!c->allowance.limit)
		return 0;
	h[0] = (struct http_header){ S("RateLimit-Limit"), str_format(a, "%lld", (long long)c->allowance.limit) };
	h[1] = (struct http_header){ S("RateLimit-Remaining"),
				     str_format(a, "%lld", (long long)c->allowance.remaining) };
	h[2] = (struct http_header){ S("RateLimit-Reset"), str_format(a, "%lld", (long long)c->allowance.reset) };
	return 3;
}

static bool not_modified(const struct call *c)
{
	str seen = http_header(&c->exchange->request, S("if-none-match"));
	return c->etag.n && seen.p && str_is(str_of(c->route->method), S("GET")) && etag_matches(seen, c->etag, true);
}

/* Failure: the reply so far is dropped, and the fault told as a problem document or a page. */
static void answer_failure(struct call *c, struct http_answer *answer)
{
	buf_clear(&c->out);
	http_body_drop(c->shared);
	c->shared = NULL;
	answer->status = err_http(c->cx->fault.code);
	answer->cache_control = S("no-store");
	if (c->route && c->route->page) {
		answer->content_type = S("text/html; charset=utf-8");
		page_problem(c, &c->out);
	} else {
		answer->content_type = PROBLEM_TYPE;
		http_problem_write(&c->out, c->exchange);
	}
}

static void answer_success(struct call *c, struct http_answer *answer)
{
	bool json = c->out.n > 0 || c->shared;
	answer->status = c->status ? c->status : c->route->status ? c->route->status : 200;
	answer->etag = c->etag;
	answer->cache_control = c->cache_control.n ? c->cache_control : S("no-store");
	if (json)
		answer->content_type = c->content_type.n ? c->content_type
				       : c->route->page  ? S("text/html; charset=utf-8")
							 : S("application/json");
	if (not_modified(c)) {
		answer->status = 304;
		answer->content_type = (str){ NULL, 0 };
		buf_clear(&c->out);
		http_body_drop(c->shared);
		c->shared = NULL;
	}
}

static void call_answer(struct call *c, enum err e)
{
	struct http_header headers[16];
	struct http_answer answer = { 0 };
	struct cx *cx = c->cx;
	size_t n = 0;
	if (c->kept && !e)
		e = c->kept;
	if (e && !cx->fault.code)
		cx->fault.code = e;
	if (e)
		answer_failure(c, &answer);
	else
		answer_success(c, &answer);
	if (answer.status != 304) /* the rest stays what it was when the answer was kept (RFC 9110 15.4.5) */
		n += headers_common(c, headers);
	n += headers_limit(c, headers + n);
	if (e && cx->fault.retry_after)
		headers[n++] = (struct http_header){ S("Retry-After"), str_format(&cx->arena, "%lld",
										  (long long)cx->fault.retry_after) };
	if (c->location.n && (!e || e == E_METHOD)) /* what failed made nothing that could be found anywhere */
		headers[n++] = (struct http_header){ e ? S("Allow") : S("Location"), c->location };
	if (c->set_cookie.n && !e)
		headers[n++] = (struct http_header){ S("Set-Cookie"), c->set_cookie };
	if (e == E_UNAUTHORIZED)
		headers[n++] = (struct http_header){ S("WWW-Authenticate"), S("Bearer realm=\"noonmark\"") };
	answer.headers = NEWS(&cx->arena, struct http_header, n);
	memcpy((void *)answer.headers, headers, n * sizeof *headers);
	answer.header_count = n;
	answer.buffer = c->out;
	answer.shared = c->shared;
	http_answer(c->exchange, &answer);
}

/* ---- decoding */

static bool is_media(str content_type, str wanted)
{
	return str_is_nocase(str_trim(str_cut(&content_type, ';')), wanted);
}

static enum err body_decode(struct call *c)
{
	const struct http_request *r = &c->exchange->request;
	const struct route *route = c->route;
	str type = http_header(r, S("content-type"));
	if (route->page) {
		if (r->body.n && !is_media(type, S("application/x-www-form-urlencoded")))
			return FAIL(c->cx, E_MEDIA_TYPE, S(""), "send a form: application/x-www-form-urlencoded");
		return query_parse(c->cx, r->body, &c->form);
	}
	if (!route->body && !route->merge)
		return r->body.n ? FAIL(c->cx, E_MALFORMED, S(""), "this takes no body") : OK;
	if (!r->body.n && route->body_optional)
		field_defaults(route->body,
			       c->body = arena_take(&c->cx->arena, route->body_size, _Alignof(max_align_t)));
	if (c->body)
		return OK;
	if (!is_media(type, S("application/json")))
		return FAIL(c->cx, E_MEDIA_TYPE, S(""), "send JSON: Content-Type must be application/json");
	if (!route->body)
		return OK;
	c->body = arena_take(&c->cx->arena, route->body_size, _Alignof(max_align_t));
	return field_decode(c->cx, route->body, c->body, r->body, FIELD_NEW);
}

static enum err query_decode(struct call *c)
{
	static const struct field none[] = { FIELD_END };
	struct pairs pairs;
	size_t size = c->route->query ? c->route->query_size : 1;
	if (c->route->page) /* links to pages get names of others' added: those are no reason to refuse */
		return query_parse(c->cx, c->exchange->request.query, &c->asked);
	TRY(query_parse(c->cx, c->exchange->request.query, &pairs));
	c->query = arena_take(&c->cx->arena, size, _Alignof(max_align_t));
	return field_decode_pairs(c->cx, c->route->query ? c->route->query : none, c->query, pairs.items, pairs.n);
}

/* The path's {id}, wherever it stands first: what is no id names nothing. */
static enum err path_decode(struct call *c)
{
	const char *at = strstr(c->route->path, "{id}");
	size_t index = 0;
	if (!at)
		return OK;
	for (const char *p = c->route->path; p < at; p++)
		index += *p == '{';
	if (!uuid_parse(c->parameters[index], &c->id))
		return FAIL(c->cx, E_NOT_FOUND, S(""),
			    "the address holds no id like 0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07");
	return OK;
}

static enum err call_check(struct call *c)
{
	TRY(authorise(c));
	TRY(path_decode(c));
	TRY(query_decode(c));
	return body_decode(c);
}

/* ---- the transaction */

/* Whether the route looks first.  A page always does; else it is to keep from the writer what would fail anyway: not where
 * there is none (PostgreSQL), and not for a create with an Idempotency-Key, which may be a repeat whose slot is taken by
 * itself. */
static bool looks(const struct call *c)
{
	return c->route->look && (c->route->page || (!store_waits(c->site->store) &&
						     !http_header(&c->exchange->request, S("idempotency-key")).p));
}

/* On PostgreSQL a transaction may have to run again: the handler then finds everything as it was when it first ran. */
static void call_rewind(struct call *c)
{
	size_t size = c->route->body_size;
	if (!c->site->waiters)
		return;
	if (!c->before) {
		struct call *before = NEW(&c->cx->arena, struct call);
		*before = *c;
		if (c->body && size)
			before->body = memcpy(arena_take(&c->cx->arena, size, _Alignof(max_align_t)), c->body, size);
		c->before = before;
		return;
	}
	struct call again = *c->before;
	buf_clear(&c->out);
	http_body_drop(c->shared);
	again.before = c->before;
	again.out = c->out;
	if (again.body && size)
		again.body = memcpy(c->body, again.body, size);
	*c = again;
	c->cx->actor = c->caller.account;
}

static enum err call_read(struct cx *cx, void *arg)
{
	struct call *c = arg;
	(void)cx;
	call_rewind(c);
	TRY(call_check(c));
	if (looks(c))
		return c->route->look(c);
	return c->route->tx == TX_READ && !c->route->prepare ? c->route->run(c) : OK;
}

static enum err call_write(struct cx *cx, void *arg)
{
	struct call *c = arg;
	bool repeated;
	call_rewind(c);
	if (uuid_is(cx->actor))
		TRY(lock_account(cx, cx->actor));
	TRY(idempotency_find(c, &repeated));
	if (repeated)
		return OK;
	TRY(c->route->run(c));
	return idempotency_keep(c);
}

static void call_written(void *arg, enum err e)
{
	call_answer(arg, e);
}

static enum err call_run_read(struct cx *cx, void *arg)
{
	struct call *c = arg;
	(void)cx;
	call_rewind(c);
	return c->route->run(c);
}

static void call_transact(struct call *c)
{
	c->before = NULL;
	switch (c->route->tx) {
	case TX_WRITE:
		c->write = (struct write){ .cx = c->cx, .run = call_write, .done = call_written, .arg = c };
		store_write(c->site->store, &c->write);
		break;
	case TX_READ:
		call_answer(c, c->route->prepare ? store_read(c->site->store, c->cx, call_run_read, c) : OK);
		break;
	case TX_NONE:
	case TX_OWN:
		call_answer(c, c->route->run(c));
		break;
	}
}

/* Have it done on another thread, or answer that too many wait. */
static void call_hand_over(struct call *c, struct workers *to, void (*run)(void *, unsigned))
{
	if (workers_run(to, run, c))
		return;
	enum err e = FAIL(c->cx, E_UNAVAILABLE, S(""), "too many are waiting: try again in a few seconds");
	c->cx->fault.retry_after = 2;
	call_answer(c, e);
}

static void waiter_transact(void *arg, unsigned worker)
{
	(void)worker;
	call_transact(arg);
}

static void call_prepare(void *arg, unsigned worker)
{
	struct call *c = arg;
	enum err e = c->route->prepare(c);
	(void)worker;
	if (e)
		call_answer(c, e);
	else if (c->site->waiters)
		call_hand_over(c, c->site->waiters, waiter_transact);
	else
		call_transact(c);
}

/* Whether the caller says who it is. */
static bool is_named(const struct call *c)
{
	const struct http_request *r = &c->exchange->request;
	return http_header(r, S("authorization")).p || http_header(r, S("cookie")).p;
}

enum err call_store_read(struct call *c, enum err (*fn)(struct cx *, void *), void *arg)
{
	return c->route->stale && !is_named(c) ? store_read_stale(c->site->store, c->cx, fn, arg)
					       : store_read(c->site->store, c->cx, fn, arg);
}

/* Whether anything before the write asks the database: who calls, or the route itself. */
static bool reads_store(const struct call *c)
{
	return c->route->tx == TX_READ || looks(c) || is_named(c);
}

static void call_begin(struct call *c)
{
	enum err e = reads_store(c) ? call_store_read(c, call_read, c) : call_read(c->cx, c);
	if (e)
		call_answer(c, e);
	else if (c->route->prepare)
		call_hand_over(c, c->site->workers, call_prepare);
	else
		call_transact(c);
}

static enum err too_many(struct call *c)
{
	enum err e = FAIL(c->cx, E_TOO_MANY, S(""), "too many requests from your address: wait %lld seconds",
			  (long long)c->allowance.reset);
	c->cx->fault.retry_after = c->allowance.reset;
	return e;
}

static str network(struct call *c)
{
	return http_network(&c->cx->arena, c->exchange->request.address);
}

static enum err shared_spend(struct cx *cx, void *arg)
{
	struct call *c = arg;
	bool fits;
	TRY(limits_spend_shared(cx, &c->site->keys, c->route->limit, network(c), &c->allowance, &fits));
	c->kept = fits ? OK : E_TOO_MANY;
	return OK;
}

static void waiter_begin(void *arg, unsigned worker)
{
	struct call *c = arg;
	enum err e = OK;
	(void)worker;
	if (c->site->limits && limits_are_shared(c->route->limit))
		e = store_write_wait(c->site->store, c->cx, shared_spend, c);
	if (!e && c->kept)
		e = too_many(c);
	c->kept = OK;
	if (e)
		call_answer(c, e);
	else
		call_begin(c);
}

/* ---- from the server */

static struct call *call_open(struct exchange *exchange, struct site *site)
{
	struct call *c = NEW(&exchange->cx.arena, struct call);
	*c = (struct call){ .exchange = exchange, .cx = &exchange->cx, .site = site };
	exchange->user = c;
	return c;
}

static enum err limit_spend(struct call *c)
{
	if (!c->site->limits || c->route->limit == LIMIT_NONE ||
	    limits_spend(c->site->limits, c->route->limit, network(c), c->cx->now, &c->allowance))
		return OK;
	return too_many(c);
}

static void answer_options(struct call *c)
{
	struct http_header *allow = NEW(&c->cx->arena, struct http_header); /* it is written after this returns */
	*allow = (struct http_header){ S("Allow"), c->location };
	http_answer(c->exchange, &(struct http_answer){ .status = 204, .headers = allow, .header_count = 1 });
}

void api_handle(struct exchange *exchange, void *context)
{
	struct call *c = call_open(exchange, context);
	const struct http_request *r = &exchange->request;
	str method = r->head_only ? S("GET") : r->method;
	enum err e;
	if (page_file(c))
		return;
	c->route = routes_find(&c->cx->arena, method, r->path, c->parameters, &c->location);
	if (c->route) {
		c->location = (str){ NULL, 0 };
		e = limit_spend(c);
		if (e)
			call_answer(c, e);
		else if (c->site->waiters && (c->route->tx != TX_NONE || reads_store(c)))
			call_hand_over(c, c->site->waiters, waiter_begin);
		else
			call_begin(c);
	} else if (c->location.n && str_is(method, S("OPTIONS"))) {
		answer_options(c);
	} else if (c->location.n) {
		call_answer(c, FAIL(c->cx, E_METHOD, S(""), "use one of %.*s here", STR_ARG(c->location)));
	} else {
		page_missing(c);
		call_answer(c, FAIL(c->cx, E_NOT_FOUND, S(""), "there is nothing at this address"));
	}
}

size_t api_body_cap(const struct http_request *r, void *context)
{
	struct arena scratch = { 0 };
	str parameters[ROUTE_PARAMETERS], allowed;
	(void)context;
	const struct route *route = routes_find(&scratch, r->method, r->path, parameters, &allowed);
	arena_close(&scratch);
	return route && route->body_max ? route->body_max : 64 << 10;
}

void api_refuse(struct exchange *exchange, void *context)
{
	struct call *c = call_open(exchange, context);
	if (exchange->cx.fault.code == E_METHOD) /* RFC 9110 15.5.6 wants to hear what would be allowed */
		c->location = S("OPTIONS, GET, HEAD, POST, PUT, PATCH, DELETE");
	call_answer(c, exchange->cx.fault.code);
}
