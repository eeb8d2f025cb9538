/* inside - the server, its loops and its listeners, as the files here share them. */
#ifndef API_HTTP_INSIDE_H
#define API_HTTP_INSIDE_H
#include <pthread.h>
#include <stdatomic.h>

#include "answer.h"
#include "connection.h"
#include "crowd.h"

enum { LISTENERS = 8, LOOPS = 64, SCRATCH = 64 << 10, EVENTS = 256 };

struct listener {
	struct source source;
	int fd; /* -1: closed */
	const struct http_site *site;
	char address[128];
};

/* counts - of one loop, written by its thread only. */
enum count {
	COUNT_ACCEPTED,
	COUNT_REQUESTS,
	COUNT_IN,
	COUNT_OUT,
	COUNT_MALFORMED,
	COUNT_HEAD_SIZE,
	COUNT_BODY_SIZE,
	COUNT_MEDIA_TYPE,
	COUNT_METHOD,
	COUNT_LATE_HEAD,
	COUNT_LATE_BODY,
	COUNT_LATE_IDLE,
	COUNT_LATE_WRITE,
	COUNT_OVER_ADDRESS,
	COUNT_OVER_TOTAL,
	COUNT_PAUSED,
	COUNT_ANSWERS,
	COUNT_STATES = COUNT_ANSWERS + 6,
	COUNTS = COUNT_STATES + STATES
};

struct loop {
	struct http_server *server;
	unsigned index;
	int epoll, wake;
	pthread_t thread;
	bool draining, stopping;
	int64_t now_us;                       /* CLOCK_MONOTONIC, after the last epoll_wait */
	int64_t accept_at, deaf_at, quiet_at; /* ms: accept again; stop listening; end idle ones; 0: not set */
	struct deadlines deadlines;
	struct exchanges pool;
	struct exchange *handling; /* the one whose handler is running on this thread */
	bool answered;             /* … and it has answered */
	size_t unsent;             /* bytes of memory behind answers whose clients do not take more for now */
	unsigned budget;           /* requests that may still be handled in this turn of a connection */
	struct connection all;     /* ring of connections */
	struct connection *turns, **turns_end, *dead;
	struct buf head; /* of the answer being written */
	uint64_t id;
	instant date_of;
	char date[DATE_TEXT];
	char *scratch; /* SCRATCH bytes, read into */
	_Atomic(uint64_t) counts[COUNTS];
	atomic_uint load; /* connections given to this loop and not closed */

	/* touched by other threads */
	char apart[64]; /* a cache line of their own */
	_Atomic(struct exchange *) answers;
	_Atomic(struct connection *) arrivals;
	atomic_bool woken;
};

struct http_server {
	struct http_options options;
	struct http_limits limits;
	struct networks trusted;
	struct crowd *crowd;
	struct listener listeners[LISTENERS];
	size_t listener_count;
	struct loop loops[LOOPS];
	unsigned started;
	atomic_uint open; /* connections */
	atomic_uint listening;
	atomic_bool draining; /* set by http_server_drain */
	atomic_bool stopping; /* set by http_server_close */
	pthread_mutex_t lock;
	pthread_cond_t empty;
};

static inline void count_add(struct loop *l, unsigned which, uint64_t n)
{
	uint64_t now = atomic_load_explicit(&l->counts[which], memory_order_relaxed);
	atomic_store_explicit(&l->counts[which], now + n, memory_order_relaxed);
}

static inline int64_t loop_ms(const struct loop *l)
{
	return l->now_us / 1000;
}

/* loop.c */
void *loop_main(void *loop);
void loop_wake(struct loop *);
void loop_turn(struct loop *, struct connection *);                      /* call connection_go again soon */
void loop_give(struct loop *from, struct loop *to, struct connection *); /* a new connection */
void loop_listen(struct loop *, bool);
str loop_date(struct loop *, instant);
uint64_t loop_id(struct loop *);        /* an id that does not repeat and does not count requests for strangers */
void server_left(struct http_server *); /* one of `open` is gone */

/* listen.c */
enum err listen_open(struct cx *, const char *address, struct listener *out);
bool listen_accept(struct loop *, struct listener *); /* true: there may be more */
void listen_deafen(struct listener *); /* new connections are not begun any more, begun ones still arrive */
void listen_close(struct listener *);
#endif
