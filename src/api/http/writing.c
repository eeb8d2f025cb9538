/* writing - the sending side of a connection, and its end. */
#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "inside.h"

enum { STALL_BYTES = 16 << 10 }; /* in each stall_ms */

void connection_enter(struct connection *c, enum connection_state state)
{
	struct loop *l = c->loop;
	count_add(l, COUNT_STATES + c->state, UINT64_MAX);
	count_add(l, COUNT_STATES + state, 1);
	c->state = state;
}

/* the exchange is over */
static void exchange_finish(struct connection *c, int status)
{
	struct loop *l = c->loop;
	struct exchange *x = c->message.exchange;
	x->status = status;
	count_add(l, COUNT_ANSWERS + (status == 499 ? 0 : (unsigned)status / 100), 1);
	if (c->site->finished)
		c->site->finished(x, c->site->context);
	answer_release(&x->answer);
	l->unsent -= c->unsent;
	c->unsent = 0;
	c->head = c->body = (str){ NULL, 0 };
	exchange_give(&l->pool, x);
	message_next(&c->message);
}

void connection_close(struct connection *c)
{
	struct loop *l = c->loop;
	assert(c->state != HANDLING && c->state != CLOSED);
	if (c->state == WRITING)
		exchange_finish(c, 499);
	message_close(&c->message, &l->pool);
	buf_free(&c->pending);
	deadline_clear(&c->deadline);
	close(c->fd);
	c->before->after = c->after;
	c->after->before = c->before;
	if (c->peer.key && l->server->options.per_address)
		crowd_leave(l->server->crowd, c->peer.key);
	connection_enter(c, CLOSED);
	atomic_fetch_sub_explicit(&l->load, 1, memory_order_relaxed);
	if (!c->queued) {
		c->next = l->dead;
		l->dead = c;
	}
	atomic_fetch_sub_explicit(&l->server->open, 1, memory_order_acq_rel);
	server_left(l->server);
}

void connection_linger(struct connection *c)
{
	struct loop *l = c->loop;
	message_close(&c->message, &l->pool);
	buf_free(&c->pending);
	if (l->stopping || shutdown(c->fd, SHUT_WR) < 0) {
		connection_close(c);
		return;
	}
	c->readable = true;
	connection_enter(c, LINGER);
	deadline_set(&l->deadlines, &c->deadline, DEADLINE_LINGER, loop_ms(l));
}

static void connection_written(struct connection *c)
{
	struct loop *l = c->loop;
	struct exchange *x = c->message.exchange;
	/* the client itself said that nothing follows */
	bool over = !x->request.keep_alive && !x->refused && !c->pending.n;
	exchange_finish(c, x->answer.status);
	connection_enter(c, IDLE);
	if (!c->last)
		deadline_set(&l->deadlines, &c->deadline, DEADLINE_IDLE, loop_ms(l));
	else if (over && recv(c->fd, l->scratch, SCRATCH, MSG_DONTWAIT) <= 0)
		connection_close(c);
	else
		connection_linger(c);
}

/* bytes in the socket that the client has not acknowledged */
static size_t bytes_held(const struct connection *c)
{
	int held = 0;
	return ioctl(c->fd, SIOCOUTQ, &held) == 0 && held > 0 ? (size_t)held : 0;
}

static void stall_watch(struct connection *c)
{
	c->taken = 0;
	c->held = bytes_held(c);
	deadline_set(&c->loop->deadlines, &c->deadline, DEADLINE_WRITE, loop_ms(c->loop));
}

/* The memory behind an answer; of what is shared, its share. */
static size_t exchange_bytes(const struct exchange *x)
{
	size_t n = x->cx.arena.used + x->body.cap + x->answer.buffer.cap;
	const struct http_body *shared = x->answer.shared;
	if (shared && shared->release)
		n += shared->bytes.n / atomic_load_explicit(&shared->references, memory_order_relaxed);
	return n;
}

/* Clients that ask for much and read nothing have so much memory, and no more. */
static void unsent_bound(struct loop *l)
{
	struct deadline *first;
	while (l->unsent > l->server->options.unsent_max &&
	       (first = deadlines_first(&l->deadlines, DEADLINE_WRITE))) {
		count_add(l, COUNT_LATE_WRITE, 1);
		connection_close(connection_of(first));
	}
}

/* the client does not take more for now */
static void connection_blocked(struct connection *c)
{
	struct loop *l = c->loop;
	if (l->stopping) {
		connection_close(c);
		return;
	}
	if (c->deadline.after && c->deadline.kind == DEADLINE_WRITE)
		return;
	c->head = str_copy(&c->message.exchange->cx.arena, c->head); /* the loop's buffer is for all */
	stall_watch(c);
	c->unsent = exchange_bytes(c->message.exchange);
	l->unsent += c->unsent;
	unsent_bound(l);
}

void connection_stalled(struct connection *c)
{
	/* what the socket took and no longer holds, the client has */
	if (c->taken + c->held >= STALL_BYTES + bytes_held(c)) {
		stall_watch(c);
		return;
	}
	count_add(c->loop, COUNT_LATE_WRITE, 1);
	connection_close(c);
}

void connection_write(struct connection *c)
{
	while (c->head.n + c->body.n) {
		struct iovec parts[] = { { (void *)(uintptr_t)c->head.p, c->head.n },
					 { (void *)(uintptr_t)c->body.p, c->body.n } };
		struct msghdr message = { .msg_iov = c->head.n ? parts : parts + 1, .msg_iovlen = c->head.n ? 2 : 1 };
		ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			connection_blocked(c);
			return;
		}
		if (n < 0) {
			connection_close(c);
			return;
		}
		count_add(c->loop, COUNT_OUT, (uint64_t)n);
		c->taken += (size_t)n;
		size_t of_head = (size_t)n < c->head.n ? (size_t)n : c->head.n;
		c->head = str_slice(c->head, of_head, c->head.n);
		c->body = str_slice(c->body, (size_t)n - of_head, c->body.n);
	}
	connection_written(c);
}

void connection_answer(struct connection *c)
{
	struct loop *l = c->loop;
	struct exchange *x = c->message.exchange;
	answer_check(&x->answer);
	c->last = !x->request.keep_alive || x->answer.close || x->refused || l->draining || l->stopping;
	buf_clear(&l->head);
	answer_head(&l->head, x, loop_date(l, x->cx.now), !c->last);
	c->head = buf_str(&l->head);
	c->body = answer_body(x);
	c->taken = 0;
	x->sent = c->body.n;
	connection_enter(c, WRITING);
	connection_write(c);
}
