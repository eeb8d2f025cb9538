/* connection - the reading side of a connection and what follows from what was read. */
#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "inside.h"

static bool reading(const struct connection *c)
{
	return c->state == IDLE || c->state == HEAD || c->state == BODY;
}

/* what the request does not say itself: who, when, which */
static void exchange_identify(struct connection *c, struct exchange *x)
{
	struct loop *l = c->loop;
	if (x->connection)
		return;
	x->connection = c;
	x->loop = l->index;
	x->started_us = l->now_us;
	x->id = loop_id(l);
	x->cx.now = l->server->options.clock();
	x->request.address = str_of(c->peer.text);
	if (!c->peer.trusted)
		return;
	str client = forwarded_address(&x->cx.arena, &l->server->trusted, &x->request);
	if (client.p)
		x->request.address = client;
	x->request.secure = str_is_nocase(http_header(&x->request, S("x-forwarded-proto")), S("https"));
}

/* hand the exchange to its handler, or its fault to the renderer of refusals */
static void connection_hand(struct connection *c, struct exchange *x, void (*to)(struct exchange *, void *context))
{
	struct loop *l = c->loop;
	connection_enter(c, HANDLING);
	l->handling = x;
	l->answered = false;
	to(x, c->site->context);
	l->handling = NULL;
	assert(l->answered || !x->refused);
	if (l->answered)
		connection_answer(c);
	else
		deadline_clear(&c->deadline);
}

static void refuse_plainly(struct exchange *x, void *context)
{
	(void)context;
	http_problem(x);
}

static enum count refusal_count(enum err e)
{
	switch (e) {
	case E_TOO_LARGE:
		return COUNT_BODY_SIZE;
	case E_HEAD_TOO_LARGE:
	case E_URI_TOO_LONG:
		return COUNT_HEAD_SIZE;
	case E_MEDIA_TYPE:
		return COUNT_MEDIA_TYPE;
	case E_METHOD:
		return COUNT_METHOD;
	default:
		return COUNT_MALFORMED;
	}
}

/* the fault is set: answer it and close, whatever else was sent */
static void connection_refuse(struct connection *c)
{
	struct exchange *x = c->message.exchange;
	exchange_identify(c, x);
	x->refused = true;
	buf_free(&c->pending);
	connection_hand(c, x, c->site->refuse ? c->site->refuse : refuse_plainly);
}

/* the head of a request with a body is complete */
static void connection_head(struct connection *c, bool more)
{
	struct loop *l = c->loop;
	struct exchange *x = c->message.exchange;
	const struct http_site *site = c->site;
	exchange_identify(c, x);
	size_t cap = site->body_cap ? site->body_cap(&x->request, site->context) : l->server->options.body_max;
	if (message_cap(&c->message, cap) != OK) {
		count_add(l, COUNT_BODY_SIZE, 1);
		connection_refuse(c);
		return;
	}
	connection_enter(c, BODY);
	deadline_set(&l->deadlines, &c->deadline, DEADLINE_BODY, loop_ms(l));
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	/* nothing else is being written, so there is room; where there is none, the client goes on by itself */
	if (c->message.framing.expects && !more &&
	    send(c->fd, go_on, sizeof go_on - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN)
		c->ended = c->readable = true;
}

static void connection_more(struct connection *c)
{
	if (c->state != IDLE)
		return;
	connection_enter(c, HEAD);
	if (c->deadline.kind != DEADLINE_HEAD || !c->deadline.after)
		deadline_set(&c->loop->deadlines, &c->deadline, DEADLINE_HEAD, loop_ms(c->loop));
}

/* look at n bytes as far as requests can be taken; how many were looked at */
static size_t connection_feed(struct connection *c, const char *p, size_t n)
{
	struct loop *l = c->loop;
	size_t at = 0;
	while (at < n && reading(c) && l->budget) {
		size_t used;
		switch (message_read(&c->message, &l->pool, &l->server->limits, p + at, n - at, &used)) {
		case MESSAGE_MORE:
			connection_more(c);
			break;
		case MESSAGE_HEAD:
			connection_head(c, at + used < n);
			break;
		case MESSAGE_DONE:
			l->budget--;
			count_add(l, COUNT_REQUESTS, 1);
			exchange_identify(c, c->message.exchange);
			connection_hand(c, c->message.exchange, c->site->handle);
			break;
		case MESSAGE_REFUSED:
			count_add(l, refusal_count(c->message.exchange->cx.fault.code), 1);
			connection_refuse(c);
			break;
		}
		at += used;
	}
	return at;
}

/* what lies behind a request in flight, or is more than one turn's work, waits; behind a last answer it is dropped */
static void connection_take(struct connection *c, const char *p, size_t n)
{
	size_t used = connection_feed(c, p, n);
	if (used < n && c->state != LINGER && c->state != CLOSED && !c->last)
		buf_add(&c->pending, (str){ p + used, n - used });
}

static void connection_take_pending(struct connection *c)
{
	struct buf before = c->pending;
	c->pending = (struct buf){ 0 };
	connection_take(c, before.p, before.n);
	buf_free(&before);
}

static void connection_read(struct connection *c)
{
	struct loop *l = c->loop;
	ssize_t n = recv(c->fd, l->scratch, SCRATCH, MSG_DONTWAIT);
	if (n < 0 && errno == EINTR)
		return;
	if (n < 0 && errno == EAGAIN) {
		c->readable = false;
		return;
	}
	if (n <= 0) {
		connection_close(c); /* the client is gone: an unfinished request cannot be answered */
		return;
	}
	count_add(l, COUNT_IN, (uint64_t)n);
	if (n < SCRATCH)
		c->readable = c->ended;
	if (reading(c))
		connection_take(c, l->scratch, (size_t)n);
}

void connection_go(struct connection *c)
{
	enum { READS = 8, REQUESTS = 8 }; /* a turn: one that sends without end must not keep the others waiting */
	c->loop->budget = REQUESTS;
	for (int reads = 0; reading(c) || c->state == LINGER; reads++) {
		if (reads == READS || !c->loop->budget) {
			loop_turn(c->loop, c);
			return;
		}
		if (c->pending.n && reading(c))
			connection_take_pending(c);
		else if (c->readable)
			connection_read(c);
		else
			return;
	}
}

void connection_ready(struct connection *c, uint32_t events)
{
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->ended = true;
	if (c->ended || (events & EPOLLIN))
		c->readable = true;
	if (c->state == WRITING && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
		connection_write(c);
	connection_go(c);
}

void connection_answered(struct connection *c)
{
	connection_answer(c);
	connection_go(c);
}

static void late_request(struct connection *c, enum count which, const char *part)
{
	struct cx *cx = &message_exchange(&c->message, &c->loop->pool)->cx;
	count_add(c->loop, which, 1);
	if (FAIL(cx, E_TIMEOUT, S(""), "the %s of the request took too long to arrive", part) != OK)
		connection_refuse(c);
}

void connection_late(struct connection *c)
{
	switch (c->deadline.kind) {
	case DEADLINE_HEAD:
		if (c->state == HEAD) {
			late_request(c, COUNT_LATE_HEAD, "head");
			break;
		}
		[[fallthrough]];
	case DEADLINE_IDLE:
		count_add(c->loop, COUNT_LATE_IDLE, 1);
		connection_linger(c);
		break;
	case DEADLINE_BODY:
		late_request(c, COUNT_LATE_BODY, "body");
		break;
	case DEADLINE_WRITE:
		connection_stalled(c);
		break;
	default:
		connection_close(c);
		break;
	}
	connection_go(c);
}

void connection_quiet(struct connection *c)
{
	if (c->state != IDLE || c->pending.n)
		return;
	connection_linger(c);
	connection_go(c);
}

void connection_stop(struct connection *c)
{
	if (c->state != HANDLING && c->state != CLOSED)
		connection_close(c);
}
