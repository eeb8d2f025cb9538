/* server - HTTP/1.1 on a few event loops.
 *
 * A loop thread owns its connections: it reads, parses, calls the site's `handle` and writes.  A handler either
 * answers at once, or keeps the exchange, has the waiting done elsewhere (workers.h) and answers later, from any
 * thread.  Every request is bounded in bytes and in total time before a handler sees it; what is not plain,
 * unambiguous HTTP/1.0 or 1.1 is refused with a 4xx and the connection closed (parse.h says what).
 *
 *     accept → head → body_cap → body → handle → http_answer → written → next request of the connection
 *
 * Requests of one connection are handled one after the other; while one is in flight nothing more is read. */
#ifndef API_HTTP_SERVER_H
#define API_HTTP_SERVER_H
#include "base/buf.h"
#include "request.h"

/* http_body - bytes shared by many answers (a cached answer, a file): never copied, freed with the last reference. */
struct http_body {
	str bytes;
	_Atomic(unsigned) references;
	void (*release)(struct http_body *); /* NULL: static, never freed */
};
struct http_body *http_body_of(struct buf *);         /* takes the buffer's memory over; one reference */
struct http_body *http_body_keep(struct http_body *); /* one more reference */
void http_body_drop(struct http_body *);              /* one less; NULL is allowed */

/* http_answer - what goes back.  At most one of body, buffer and shared has bytes.  Views (headers, body, etag …)
 * must be static or live in the exchange's arena; buffer and one reference of shared are handed over.
 * The server adds Date, Content-Length, Connection and X-Request-Id: do not give these. */
struct http_answer {
	int status;
	str content_type;  /* empty: none */
	str etag;          /* quotes included; empty: none */
	str cache_control; /* empty: none */
	const struct http_header *headers;
	size_t header_count;
	str body;
	struct buf buffer;
	struct http_body *shared;
	bool close; /* close the connection after this answer */
};

/* exchange - one request and its answer.  From the call of `handle` until http_answer it belongs to the handler,
 * which may use it from one thread at a time; afterwards it must not be touched. */
struct exchange {
	struct cx cx; /* arena of this request; `now` is set, db and actor are the handler's */
	struct http_request request;
	uint64_t id;        /* X-Request-Id is its 16 hexadecimal digits */
	int64_t started_us; /* CLOCK_MONOTONIC, when the head was complete */
	unsigned loop;      /* index of the loop thread, 0 … threads-1: for what is kept per thread */
	int status;         /* of the answer, for `finished` */
	size_t sent;        /* bytes of the answer's body, for `finished` */
	void *user;         /* the handler's */

	struct http_answer answer; /* from here on the server's own */
	struct connection *connection;
	struct exchange *next;
	struct buf body;
	bool refused;
};

/* http_answer - answer, exactly once, now or later, from any thread. */
void http_answer(struct exchange *, const struct http_answer *);

/* http_problem - the built-in rendering of exchange->cx.fault as application/problem+json (RFC 9457). */
void http_problem(struct exchange *);

enum { REQUEST_ID_TEXT = 20 };
str http_request_id(char out[REQUEST_ID_TEXT], uint64_t id);

/* http_site - what a listener serves.  All but handle may be NULL. */
struct http_site {
	/* called on a loop thread when head and body are complete; must not wait */
	void (*handle)(struct exchange *, void *context);
	/* the cap of the body in bytes, asked when the head is complete (request.body is not set);
	 * NULL: options.body_max.  More is answered 413 and closed, without reading it where it is announced */
	size_t (*body_cap)(const struct http_request *, void *context);
	/* answer a request that never reaches handle: what is wrong is in exchange->cx.fault; what is known of the
	 * request is in exchange->request.  Must call http_answer before it returns.  NULL: http_problem */
	void (*refuse)(struct exchange *, void *context);
	/* the answer is written, or the client is gone (status 499): for the log and metrics.  On a loop thread */
	void (*finished)(const struct exchange *, void *context);
	void *context;
};

struct http_listener {
	const char *address; /* "127.0.0.1:8080", "[::1]:8080", "*:8080", "unix:/run/noonmark.sock" */
	const struct http_site *site;
};

/* Copy HTTP_DEFAULTS and change what should differ.  Times in milliseconds, sizes in bytes. */
struct http_options {
	const struct http_listener *listeners;
	size_t listener_count;
	unsigned threads;     /* 2 */
	unsigned head_ms;     /* 10 000: from the first byte of a head (or the accept) to its last */
	unsigned body_ms;     /* 30 000: from the end of the head to the last byte of the body */
	unsigned idle_ms;     /* 60 000: between two requests */
	unsigned stall_ms;    /* 30 000: for each 16 KiB of an answer the client takes */
	unsigned unsent_max;  /* 64 MiB a thread: behind answers that are not taken; past it the longest wait ends */
	unsigned linger_ms;   /*  2 000: reading on after our last byte, so that it is not lost by a reset */
	unsigned drain_ms;    /* 10 000: requests in flight when the server is asked to stop */
	unsigned grace_ms;    /*    500: draining, how long idle connections may still send a request */
	size_t head_max;      /* 32 KiB: request line and fields together */
	size_t line_max;      /*  8 KiB: one of them */
	unsigned headers_max; /* 100 */
	size_t body_max;      /* 64 KiB, where the site has no body_cap */
	unsigned per_address; /* 256 connections of one address (IPv6: /64), trusted proxies exempt; 0: no cap */
	unsigned connections; /* 20 000 in all; the limit of descriptors is raised to that where it may be */
	const char *trusted_proxies; /* "127.0.0.1, 10.0.0.0/8, ::1"; "": none.  Peers of a unix socket are trusted */
	instant (*clock)(void);      /* sets cx.now; NULL: the system's clock */
};
extern const struct http_options HTTP_DEFAULTS;

/* http_server_open - bind and listen; nothing is accepted before http_server_start, which starts the threads.
 *   E_INVALID      an address or trusted proxy cannot be read: named in cx->fault
 *   E_UNAVAILABLE  the address is in use, or may not be used
 * The options are copied; what they point to (sites, not the addresses) must outlive the server. */
struct http_server;
enum err http_server_open(struct cx *, const struct http_options *, struct http_server **out);
enum err http_server_start(struct cx *, struct http_server *);

/* http_server_address - where listener `index` is bound: "127.0.0.1:40123" after ":0".  Valid until close. */
const char *http_server_address(const struct http_server *, size_t index);

/* http_server_drain - stop accepting, finish what was accepted (each answer with Connection: close), at most
 * drain_ms.  Waits.  true: nothing was cut off.  http_server_close ends the threads and frees everything; handlers
 * that still hold an exchange must have answered before: close waits for them. */
bool http_server_drain(struct http_server *);
void http_server_close(struct http_server *);

/* http_counters - sums over all loops; open, idle and in_flight are of this moment. */
struct http_counters {
	uint64_t open, idle, in_flight;
	uint64_t accepted, requests, bytes_in, bytes_out;
	uint64_t refused_malformed, refused_head_size, refused_body_size, refused_media_type, refused_method;
	uint64_t timed_out_head, timed_out_body, timed_out_idle, timed_out_write;
	uint64_t over_address, over_total, accept_paused;
	uint64_t answers[6]; /* by status / 100; [0]: client gone before */
};
void http_server_counters(const struct http_server *, struct http_counters *out);
#endif
