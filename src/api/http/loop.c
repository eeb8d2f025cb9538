/* loop - one thread and the connections it owns.  Only this thread touches them; others leave answered exchanges and
 * new connections in two lock-free stacks and wake it by an eventfd.
 *
 * Invariants
 *   1. A connection is freed only at the end of a round, so that no event or turn of that round can see it freed.
 *   2. While a handler holds an exchange its connection is HANDLING and is neither closed nor read from.
 *   3. Nothing here waits but epoll_wait. */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "inside.h"

enum { DEAF_MS = 50 }; /* draining: how long connections that are half open may still arrive */

static _Thread_local struct loop *here;

static int64_t clock_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

uint64_t loop_id(struct loop *l)
{
	/* splitmix64 from a random start: a permutation of the 64-bit numbers */
	uint64_t id = l->id += 0x9e3779b97f4a7c15u;
	id = (id ^ id >> 30) * 0xbf58476d1ce4e5b9u;
	id = (id ^ id >> 27) * 0x94d049bb133111ebu;
	return id ^ id >> 31;
}

str loop_date(struct loop *l, instant now)
{
	if (now.s != l->date_of.s || !l->date[0]) {
		l->date_of = now;
		return date_format(l->date, now);
	}
	return str_of(l->date);
}

void loop_wake(struct loop *l)
{
	if (!atomic_exchange_explicit(&l->woken, true, memory_order_acq_rel)) {
		ssize_t n = write(l->wake, &(uint64_t){ 1 }, sizeof(uint64_t));
		(void)n; /* fails only when the counter is full, and then it wakes too */
	}
}

void loop_turn(struct loop *l, struct connection *c)
{
	if (c->queued)
		return;
	c->queued = true;
	c->next = NULL;
	*l->turns_end = c;
	l->turns_end = &c->next;
}

void loop_listen(struct loop *l, bool on)
{
	struct http_server *server = l->server;
	for (size_t i = 0; i < server->listener_count; i++) {
		struct listener *listener = &server->listeners[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = listener };
		if (listener->fd >= 0)
			epoll_ctl(l->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, listener->fd, &event);
	}
}

static void loop_deaf(struct loop *l)
{
	struct http_server *server = l->server;
	for (size_t i = 0; i < server->listener_count; i++) {
		struct listener *listener = &server->listeners[i];
		if (listener->fd < 0)
			continue;
		while (!l->stopping && listen_accept(l, listener))
			;
		listen_close(listener);
		atomic_fetch_sub(&server->listening, 1);
	}
	server_left(server);
}

static void loop_place(struct loop *l, struct connection *c)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = c };
	c->loop = l;
	c->next = NULL;
	c->after = &l->all;
	c->before = l->all.before;
	c->before->after = l->all.before = c;
	connection_enter(c, IDLE);
	deadline_set(&l->deadlines, &c->deadline, DEADLINE_HEAD, loop_ms(l));
	if (l->stopping || epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
		connection_close(c);
}

void loop_give(struct loop *from, struct loop *to, struct connection *c)
{
	atomic_fetch_add_explicit(&to->load, 1, memory_order_relaxed);
	if (from == to) {
		loop_place(to, c);
		return;
	}
	struct connection *first = atomic_load_explicit(&to->arrivals, memory_order_relaxed);
	do
		c->next = first;
	while (!atomic_compare_exchange_weak_explicit(&to->arrivals, &first, c, memory_order_release,
						      memory_order_relaxed));
	loop_wake(to);
}

void http_answer(struct exchange *x, const struct http_answer *answer)
{
	struct loop *l = x->connection->loop;
	x->answer = *answer;
	if (here == l && l->handling == x) {
		l->answered = true;
		return;
	}
	struct exchange *first = atomic_load_explicit(&l->answers, memory_order_relaxed);
	do
		x->next = first;
	while (!atomic_compare_exchange_weak_explicit(&l->answers, &first, x, memory_order_release,
						      memory_order_relaxed));
	loop_wake(l);
}

/* what other threads left, oldest first */
static void loop_take(struct loop *l)
{
	/* an exchange, not a store: it must see what was pushed before a wake that found `woken` set */
	atomic_exchange_explicit(&l->woken, false, memory_order_acq_rel);
	struct connection *c = atomic_exchange_explicit(&l->arrivals, NULL, memory_order_acquire);
	for (struct connection *next; c; c = next) {
		next = c->next;
		loop_place(l, c);
	}
	struct exchange *x = atomic_exchange_explicit(&l->answers, NULL, memory_order_acquire), *oldest = NULL;
	for (struct exchange *next; x; x = next) {
		next = x->next;
		x->next = oldest;
		oldest = x;
	}
	for (struct exchange *next; oldest; oldest = next) {
		next = oldest->next;
		connection_answered(oldest->connection);
	}
}

static void loop_turns(struct loop *l)
{
	struct connection *c = l->turns;
	l->turns = NULL;
	l->turns_end = &l->turns;
	for (struct connection *next; c; c = next) {
		next = c->next;
		c->queued = false;
		if (c->state != CLOSED) {
			connection_go(c);
			continue;
		}
		c->next = l->dead;
		l->dead = c;
	}
}

static void loop_each(struct loop *l, void (*does)(struct connection *))
{
	for (struct connection *c = l->all.after, *after; c != &l->all; c = after) {
		after = c->after;
		does(c);
	}
}

static void loop_drain(struct loop *l)
{
	struct http_server *server = l->server;
	l->draining = true;
	l->quiet_at = loop_ms(l) + server->options.grace_ms + DEAF_MS;
	if (l->index != 0)
		return;
	l->deaf_at = loop_ms(l) + DEAF_MS;
	for (size_t i = 0; i < server->listener_count; i++)
		listen_deafen(&server->listeners[i]);
}

static void loop_stop(struct loop *l)
{
	l->stopping = true;
	if (l->index == 0)
		loop_deaf(l);
	loop_each(l, connection_stop);
}

static bool due(int64_t *at, int64_t now)
{
	if (!*at || *at > now)
		return false;
	*at = 0;
	return true;
}

static void loop_times(struct loop *l)
{
	int64_t now = loop_ms(l);
	struct deadline *late;
	while ((late = deadlines_due(&l->deadlines, now)))
		connection_late(connection_of(late));
	if (!l->draining && atomic_load(&l->server->draining))
		loop_drain(l);
	if (!l->stopping && atomic_load(&l->server->stopping))
		loop_stop(l);
	if (due(&l->accept_at, now))
		loop_listen(l, true);
	if (due(&l->deaf_at, now))
		loop_deaf(l);
	if (due(&l->quiet_at, now))
		loop_each(l, connection_quiet);
}

static int loop_timeout(const struct loop *l)
{
	int64_t next = deadlines_next(&l->deadlines);
	for (size_t i = 0; i < 3; i++) {
		int64_t at = (const int64_t[]){ l->accept_at, l->deaf_at, l->quiet_at }[i];
		if (at && at < next)
			next = at;
	}
	if (l->turns)
		return 0;
	if (next == INT64_MAX)
		return -1;
	int64_t wait = next - loop_ms(l);
	return wait < 0 ? 0 : wait > 60000 ? 60000 : (int)wait;
}

static void loop_bury(struct loop *l)
{
	while (l->dead) {
		struct connection *c = l->dead;
		l->dead = c->next;
		free(c);
	}
}

static void loop_event(struct loop *l, const struct epoll_event *event)
{
	struct source *source = event->data.ptr;
	if (source->kind == SOURCE_CONNECTION) {
		struct connection *c = (struct connection *)source;
		if (c->state != CLOSED)
			connection_ready(c, event->events);
	} else if (source->kind == SOURCE_LISTENER)
		listen_accept(l, (struct listener *)source);
	else
		loop_take(l);
}

void *loop_main(void *of)
{
	struct loop *l = of;
	struct epoll_event events[EVENTS];
	here = l;
	l->now_us = clock_us();
	while (!l->stopping || l->all.after != &l->all) {
		int n = epoll_wait(l->epoll, events, EVENTS, loop_timeout(l));
		l->now_us = clock_us();
		for (int i = 0; i < n; i++)
			loop_event(l, &events[i]);
		loop_turns(l);
		loop_times(l);
		loop_bury(l);
	}
	here = NULL;
	return NULL;
}
