/* connection - a client's connection: bytes in, requests handed over, answers out.  Everything here is called on the
 * thread of the loop it belongs to (loop.c). */
#ifndef API_HTTP_CONNECTION_H
#define API_HTTP_CONNECTION_H
#include "address.h"
#include "deadline.h"
#include "message.h"

/* source - what an epoll event points to. */
enum source_kind { SOURCE_WAKE, SOURCE_LISTENER, SOURCE_CONNECTION };
struct source {
	enum source_kind kind;
};

/* The life of a connection; what it waits for is its deadline.
 *
 *     IDLE → HEAD → BODY → HANDLING → WRITING → IDLE …
 *        \      \      \____________/       \
 *         \______\____________________________→ LINGER → CLOSED
 *
 * LINGER: our last byte is sent, theirs are read and dropped; a close with bytes unread would reset the connection,
 * and the answer could be lost on its way. */
enum connection_state { IDLE, HEAD, BODY, HANDLING, WRITING, LINGER, CLOSED, STATES };

struct connection {
	struct source source;
	int fd;
	enum connection_state state;
	bool readable; /* there may be bytes: epoll is edge-triggered */
	bool ended;    /* the client sends nothing more: the next empty read says so */
	bool last;     /* close after this answer */
	bool queued;   /* in loop->turns: freed from there */
	const struct http_site *site;
	struct loop *loop;
	struct connection *before, *after; /* all of the loop's */
	struct connection *next;           /* in loop->turns, loop->dead or on the way to a loop */
	struct deadline deadline;
	struct message message;
	struct buf pending; /* read, not yet looked at: behind the request in flight */
	str head, body;     /* of the answer, still to be written */
	size_t unsent;      /* of the loop's */
	size_t taken, held; /* since the deadline for writing was set: bytes the socket took; bytes it held then */
	struct peer peer;
};

static inline struct connection *connection_of(struct deadline *d)
{
	return (struct connection *)((char *)d - offsetof(struct connection, deadline));
}

/* connection.c: reading, and what follows from it */
void connection_ready(struct connection *, uint32_t events); /* of epoll */
void connection_go(struct connection *);                     /* read on, if there is anything to read */
void connection_answered(struct connection *);               /* by another thread, or later */
void connection_late(struct connection *);                   /* its deadline is due */
void connection_quiet(struct connection *);                  /* draining: end it if it is idle */
void connection_stop(struct connection *);                   /* stopping: end it unless a handler holds it */

/* writing.c: writing, and the end */
void connection_enter(struct connection *, enum connection_state);
void connection_answer(struct connection *); /* render and write the exchange's answer */
void connection_write(struct connection *);
void connection_stalled(struct connection *); /* the deadline for writing: go on, or give it up */
void connection_linger(struct connection *);
void connection_close(struct connection *);
#endif
