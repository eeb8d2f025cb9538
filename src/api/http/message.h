/* message - one request after the other out of a connection's bytes.  Pure: fed with bytes in pieces of any size,
 * tells what became complete; sockets and clocks are connection.c's. */
#ifndef API_HTTP_MESSAGE_H
#define API_HTTP_MESSAGE_H
#include "chunks.h"
#include "head.h"
#include "server.h"

/* exchanges - spare exchanges of one thread, so that a request costs no malloc. */
struct exchanges {
	struct exchange *spare;
	unsigned n;
};
enum { EXCHANGES_SPARE = 64, EXCHANGE_BODY_KEPT = 8 << 10 };
struct exchange *exchange_take(struct exchanges *);
void exchange_give(struct exchanges *, struct exchange *);
void exchanges_close(struct exchanges *);

enum message_state { MESSAGE_IN_HEAD, MESSAGE_IN_BODY, MESSAGE_IN_CHUNKS, MESSAGE_COMPLETE };
struct message {
	struct exchange *exchange; /* NULL until a head is complete */
	struct buf stash;          /* the head so far, when it did not come in one piece */
	struct scan scan;
	struct framing framing;
	struct chunks chunks;
	enum message_state state;
};

/* message_read - take bytes; *used says how many.
 *   MESSAGE_MORE     all taken, nothing complete
 *   MESSAGE_HEAD     the head of a request with a body: set the cap by message_cap, then go on
 *   MESSAGE_DONE     exchange->request is complete; message_next starts the next one
 *   MESSAGE_REFUSED  exchange->cx.fault says why; nothing behind these bytes can be trusted */
enum message_event { MESSAGE_MORE, MESSAGE_HEAD, MESSAGE_DONE, MESSAGE_REFUSED };
enum message_event message_read(struct message *, struct exchanges *, const struct http_limits *, const char *p,
				size_t n, size_t *used);

/* message_cap - the body's cap in bytes.   E_TOO_LARGE  more is announced */
enum err message_cap(struct message *, size_t cap);

/* message_exchange - the exchange, taken now when there is none: for refusals before a head is complete. */
struct exchange *message_exchange(struct message *, struct exchanges *);

/* message_next - forget this request; its exchange is the caller's. */
void message_next(struct message *);
/* message_close - free everything, the exchange too. */
void message_close(struct message *, struct exchanges *);
#endif
