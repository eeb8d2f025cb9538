#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct exchange *exchange_take(struct exchanges *pool)
{
	struct exchange *x = pool->spare;
	if (x) {
		pool->spare = x->next;
		pool->n--;
		x->next = NULL;
		return x;
	}
	x = calloc(1, sizeof *x);
	if (!x) {
		fputs("http: out of memory\n", stderr);
		abort();
	}
	return x;
}

void exchange_give(struct exchanges *pool, struct exchange *x)
{
	if (pool->n >= EXCHANGES_SPARE) {
		arena_close(&x->cx.arena);
		buf_free(&x->body);
		free(x);
		return;
	}
	arena_reset(&x->cx.arena);
	if (x->body.cap > EXCHANGE_BODY_KEPT)
		buf_free(&x->body);
	struct arena arena = x->cx.arena;
	struct buf body = { .p = x->body.p, .cap = x->body.cap };
	*x = (struct exchange){ .cx.arena = arena, .body = body, .next = pool->spare };
	pool->spare = x;
	pool->n++;
}

void exchanges_close(struct exchanges *pool)
{
	while (pool->spare) {
		struct exchange *x = pool->spare;
		pool->spare = x->next;
		arena_close(&x->cx.arena);
		buf_free(&x->body);
		free(x);
	}
	pool->n = 0;
}

struct exchange *message_exchange(struct message *m, struct exchanges *pool)
{
	if (!m->exchange)
		m->exchange = exchange_take(pool);
	return m->exchange;
}

void message_next(struct message *m)
{
	buf_free(&m->stash);
	*m = (struct message){ 0 };
}

void message_close(struct message *m, struct exchanges *pool)
{
	if (m->exchange)
		exchange_give(pool, m->exchange);
	message_next(m);
}

enum err message_cap(struct message *m, size_t cap)
{
	m->chunks.cap = cap;
	m->exchange->body.max = cap + 1; /* the NUL behind it */
	if (m->framing.length > cap)
		return FAIL(&m->exchange->cx, E_TOO_LARGE, S(""), "the body may have at most %zu bytes here", cap);
	return OK;
}

static enum message_event body_complete(struct message *m)
{
	struct exchange *x = m->exchange;
	buf_add_char(&x->body, 0);
	x->request.body = (str){ x->body.p, x->body.n - 1 };
	m->state = MESSAGE_COMPLETE;
	return MESSAGE_DONE;
}

static enum message_event read_body(struct message *m, const char *p, size_t n, size_t *used)
{
	struct buf *body = &m->exchange->body;
	uint64_t left = m->framing.length - body->n;
	*used = left < n ? (size_t)left : n;
	buf_add(body, (str){ p, *used });
	return *used == left ? body_complete(m) : MESSAGE_MORE;
}

static enum message_event read_chunks(struct message *m, const char *p, size_t n, size_t *used)
{
	struct cx *cx = &m->exchange->cx;
	enum err e = OK;
	switch (chunks_feed(&m->chunks, p, n, used, &m->exchange->body)) {
	case CHUNKS_MORE:
		return MESSAGE_MORE;
	case CHUNKS_DONE:
		return body_complete(m);
	case CHUNKS_FULL:
		e = FAIL(cx, E_TOO_LARGE, S(""), "the body may have at most %zu bytes here", m->chunks.cap);
		break;
	case CHUNKS_BAD:
		e = FAIL(cx, E_MALFORMED, S(""), "the body is not in the chunked coding of RFC 9112");
		break;
	}
	return e ? MESSAGE_REFUSED : MESSAGE_MORE;
}

static enum message_event head_complete(struct message *m, struct exchanges *pool, str head)
{
	struct exchange *x = message_exchange(m, pool);
	enum err e = head_parse(&x->cx, str_copy(&x->cx.arena, head), &m->scan, &x->request, &m->framing);
	buf_free(&m->stash);
	if (e)
		return MESSAGE_REFUSED;
	x->request.body = S("");
	m->state = m->framing.chunked ? MESSAGE_IN_CHUNKS : m->framing.length ? MESSAGE_IN_BODY : MESSAGE_COMPLETE;
	return m->state == MESSAGE_COMPLETE ? MESSAGE_DONE : MESSAGE_HEAD;
}

static enum message_event read_head(struct message *m, struct exchanges *pool, const struct http_limits *limits,
				    str given, size_t *used)
{
	str head = given;
	size_t before = m->stash.n;
	if (before) {
		/* never more than a head may have, and one byte, which makes it too large */
		buf_add(&m->stash, str_slice(given, 0, limits->head + 1 - before));
		head = buf_str(&m->stash);
	}
	enum scan_state state = head_scan(&m->scan, limits, head.p, head.n);
	if (state == SCAN_MORE) {
		if (!before)
			buf_add(&m->stash, given);
		*used = given.n;
		return MESSAGE_MORE;
	}
	*used = m->scan.at > before ? m->scan.at - before : 0;
	if (state == SCAN_DONE)
		return head_complete(m, pool, str_slice(head, 0, m->scan.at));
	enum err e = FAIL(&message_exchange(m, pool)->cx, m->scan.code, S(""), "%s", m->scan.why);
	return e ? MESSAGE_REFUSED : MESSAGE_MORE;
}

enum message_event message_read(struct message *m, struct exchanges *pool, const struct http_limits *limits,
				const char *p, size_t n, size_t *used)
{
	switch (m->state) {
	case MESSAGE_IN_HEAD:
		return read_head(m, pool, limits, (str){ p, n }, used);
	case MESSAGE_IN_BODY:
		return read_body(m, p, n, used);
	case MESSAGE_IN_CHUNKS:
		return read_chunks(m, p, n, used);
	case MESSAGE_COMPLETE:
		break;
	}
	*used = 0;
	return MESSAGE_DONE;
}
