#include "server.h"

#include "base/wait.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "inside.h"

const struct http_options HTTP_DEFAULTS = {
	.threads = 2,
	.head_ms = 10000,
	.body_ms = 30000,
	.idle_ms = 60000,
	.stall_ms = 30000,
	.unsent_max = 64 << 20,
	.linger_ms = 2000,
	.drain_ms = 10000,
	.grace_ms = 500,
	.head_max = 32 << 10,
	.line_max = 8 << 10,
	.headers_max = 100,
	.body_max = 64 << 10,
	.per_address = 256,
	.connections = 20000,
	.trusted_proxies = "",
};

static instant system_clock(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (instant){ t.tv_sec };
}

static enum err loop_open(struct cx *cx, struct http_server *server, struct loop *l, unsigned index)
{
	const struct http_options *o = &server->options;
	static struct source wake = { SOURCE_WAKE };
	struct epoll_event event = { .events = EPOLLIN | EPOLLET, .data.ptr = &wake };
	const unsigned lengths[DEADLINES] = { o->head_ms, o->body_ms, o->idle_ms, o->stall_ms, o->linger_ms };
	l->server = server;
	l->index = index;
	l->turns_end = &l->turns;
	l->all.before = l->all.after = &l->all;
	deadlines_open(&l->deadlines, lengths);
	l->scratch = malloc(SCRATCH);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!l->scratch || l->epoll < 0 || l->wake < 0 || epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &event) < 0)
		return FAIL(cx, E_UNAVAILABLE, S("threads"), "cannot make an event loop: %s", strerror(errno));
	if (getrandom(&l->id, sizeof l->id, 0) != sizeof l->id)
		return FAIL(cx, E_UNAVAILABLE, S("threads"), "the system has no random numbers: %s", strerror(errno));
	return OK;
}

static enum err parts_open(struct cx *cx, struct http_server *server)
{
	const struct http_options *o = &server->options;
	TRY(networks_parse(cx, str_of(o->trusted_proxies ? o->trusted_proxies : ""), S("trusted_proxies"),
			   &server->trusted));
	for (unsigned i = 0; i < o->threads; i++)
		TRY(loop_open(cx, server, &server->loops[i], i));
	for (size_t i = 0; i < o->listener_count; i++) {
		TRY(listen_open(cx, o->listeners[i].address, &server->listeners[i]));
		server->listeners[i].site = o->listeners[i].site;
		server->listener_count++;
	}
	return OK;
}

/* a connection is a descriptor: the soft limit, often 1024, is raised as far as the hard one allows */
static void descriptors_raise(unsigned connections)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)connections + 1000;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &limit); /* where it fails, accepting pauses when they run out */
}

enum err http_server_open(struct cx *cx, const struct http_options *options, struct http_server **out)
{
	if (options->threads < 1 || options->threads > LOOPS)
		return FAIL(cx, E_INVALID, S("threads"), "the number of threads must be 1 to %d", LOOPS);
	if (options->listener_count > LISTENERS)
		return FAIL(cx, E_INVALID, S("listen"), "at most %d addresses can be listened on", LISTENERS);
	struct http_server *server = calloc(1, sizeof *server);
	if (!server)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	server->options = *options;
	if (!server->options.clock)
		server->options.clock = system_clock;
	server->limits = (struct http_limits){ options->head_max, options->line_max, options->headers_max };
	descriptors_raise(options->connections);
	server->crowd = crowd_open(options->connections);
	pthread_mutex_init(&server->lock, NULL);
	wait_open(&server->empty);
	enum err e = parts_open(cx, server);
	if (e)
		http_server_close(server);
	else
		*out = server;
	return e;
}

enum err http_server_start(struct cx *cx, struct http_server *server)
{
	sigset_t all, before;
	sigfillset(&all);
	atomic_store(&server->listening, (unsigned)server->listener_count);
	loop_listen(&server->loops[0], true);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = 0;
	while (!error && server->started < server->options.threads) {
		struct loop *l = &server->loops[server->started];
		error = pthread_create(&l->thread, NULL, loop_main, l);
		server->started += !error;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error ? FAIL(cx, E_UNAVAILABLE, S("threads"), "cannot start a thread: %s", strerror(error)) : OK;
}

const char *http_server_address(const struct http_server *server, size_t index)
{
	return server->listeners[index].address;
}

static bool empty(struct http_server *server)
{
	return atomic_load(&server->listening) == 0 && atomic_load(&server->open) == 0;
}

void server_left(struct http_server *server)
{
	if (!empty(server))
		return;
	pthread_mutex_lock(&server->lock);
	pthread_cond_broadcast(&server->empty);
	pthread_mutex_unlock(&server->lock);
}

static void wake_all(struct http_server *server)
{
	for (unsigned i = 0; i < server->started; i++)
		loop_wake(&server->loops[i]);
}

bool http_server_drain(struct http_server *server)
{
	struct timespec until = wait_until(server->options.drain_ms);
	atomic_store(&server->draining, true);
	wake_all(server);
	pthread_mutex_lock(&server->lock);
	int error = 0;
	while (!empty(server) && !error)
		error = pthread_cond_timedwait(&server->empty, &server->lock, &until);
	pthread_mutex_unlock(&server->lock);
	return empty(server);
}

static void loop_close(struct loop *l)
{
	exchanges_close(&l->pool);
	buf_free(&l->head);
	free(l->scratch);
	if (l->server && l->epoll >= 0)
		close(l->epoll);
	if (l->server && l->wake >= 0)
		close(l->wake);
	/* given to this loop after it had ended */
	for (struct connection *c = atomic_load(&l->arrivals), *next; c; c = next) {
		next = c->next;
		close(c->fd);
		free(c);
	}
}

void http_server_close(struct http_server *server)
{
	if (!server)
		return;
	atomic_store(&server->stopping, true);
	wake_all(server);
	for (unsigned i = 0; i < server->started; i++)
		pthread_join(server->loops[i].thread, NULL);
	for (size_t i = 0; i < server->listener_count; i++)
		listen_close(&server->listeners[i]);
	for (unsigned i = 0; i < server->options.threads; i++)
		loop_close(&server->loops[i]);
	crowd_close(server->crowd);
	pthread_cond_destroy(&server->empty);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

static uint64_t count_sum(const struct http_server *server, unsigned which)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < server->options.threads; i++)
		sum += atomic_load_explicit(&server->loops[i].counts[which], memory_order_relaxed);
	return sum;
}

void http_server_counters(const struct http_server *server, struct http_counters *out)
{
	*out = (struct http_counters){
		.open = atomic_load(&server->open),
		.idle = count_sum(server, COUNT_STATES + IDLE),
		.in_flight = count_sum(server, COUNT_STATES + HANDLING) + count_sum(server, COUNT_STATES + WRITING),
		.accepted = count_sum(server, COUNT_ACCEPTED),
		.requests = count_sum(server, COUNT_REQUESTS),
		.bytes_in = count_sum(server, COUNT_IN),
		.bytes_out = count_sum(server, COUNT_OUT),
		.refused_malformed = count_sum(server, COUNT_MALFORMED),
		.refused_head_size = count_sum(server, COUNT_HEAD_SIZE),
		.refused_body_size = count_sum(server, COUNT_BODY_SIZE),
		.refused_media_type = count_sum(server, COUNT_MEDIA_TYPE),
		.refused_method = count_sum(server, COUNT_METHOD),
		.timed_out_head = count_sum(server, COUNT_LATE_HEAD),
		.timed_out_body = count_sum(server, COUNT_LATE_BODY),
		.timed_out_idle = count_sum(server, COUNT_LATE_IDLE),
		.timed_out_write = count_sum(server, COUNT_LATE_WRITE),
		.over_address = count_sum(server, COUNT_OVER_ADDRESS),
		.over_total = count_sum(server, COUNT_OVER_TOTAL),
		.accept_paused = count_sum(server, COUNT_PAUSED),
	};
	for (unsigned i = 0; i < 6; i++)
		out->answers[i] = count_sum(server, COUNT_ANSWERS + i);
}
