/* api - one call of one route: what handlers see.
 *
 *     exchange → route row → limits → authorise → decode → [prepare, on a worker] → run in its transaction → answer
 *
 * A route row is the contract: who may call it, which transaction it runs in, what it takes and gives.  The same rows
 * yield 405, OPTIONS and the OpenAPI document.  A handler is: load, decide (core), save, reply. */
#ifndef API_API_H
#define API_API_H
#include "base/secret.h"
#include "http/query.h"
#include "http/server.h"
#include "store/store.h"

struct site; /* what the process has: store, keys, configuration (site.h) */

/* may - who may call; bits.  Zero means nobody, so forgetting it denies. */
enum may {
	MAY_NOBODY = 0,
	MAY_ANYONE = 1,  /* no sign-in needed; a token given is checked all the same */
	MAY_USER = 2,    /* a session or an API key with the route's scope */
	MAY_INVITEE = 4, /* the bearer of a booking's own token */
	MAY_ADMIN = 8,
	MAY_GUEST = 16, /* the bearer of a guest's token */
};

/* caller - who calls.  All zero: a stranger. */
struct caller {
	unsigned is;        /* bits of enum may, MAY_ANYONE always set */
	uuid account;       /* MAY_USER; also cx->actor */
	uuid session;       /* set when signed in by access token */
	uuid booking;       /* MAY_INVITEE: the one booking the token is for */
	uuid guest;         /* MAY_GUEST: the one guest the token is for */
	bool paid;          /* plan */
	struct list scopes; /* str; items NULL: a session, which may everything */
};

/* allowance - what is left of a rate limit: calls, calls, seconds until all are back. */
struct allowance {
	int64_t limit, remaining, reset;
};
enum limit { LIMIT_NONE, LIMIT_READ, LIMIT_WRITE, LIMIT_SIGN_IN, LIMIT_MAIL };
enum { ROUTE_PARAMETERS = 3 };

struct call;
struct route {
	const char *method, *path;          /* "/v1/bookings/{id}": a {name} is one segment */
	enum err (*prepare)(struct call *); /* before the transaction, on a worker thread: what takes long (argon2) */
	enum err (*look)(struct call *);    /* before a write, in a read transaction: what would fail anyway */
	enum err (*run)(struct call *);
	unsigned may;
	enum tx tx;
	enum limit limit;
	const char *scope; /* an API key must have it; NULL: API keys may not call this */
	const struct field *query;
	size_t query_size;
	const struct field *body;
	size_t body_size;
	const struct field *merge; /* PATCH: members that call_merge takes; instead of body */
	size_t body_max;           /* bytes; zero: 64 KiB */
	bool body_optional;        /* no body is as good as {} */
	bool creates;              /* takes an Idempotency-Key */
	int status;                /* of success; zero: 200 */
	const struct field *reply; /* of success; NULL: no body, or one that is not JSON */
	bool page;                 /* HTML: a form comes in, a page goes out, failures are pages too */
	bool stale;       /* what a stranger is shown may be a moment old: read from a replica, if there is one */
	bool list;        /* the reply is {items: [reply …], next_cursor} */
	const char *name; /* operationId */
	const char *doc;  /* one line */
};

struct call {
	struct exchange *exchange;
	struct cx *cx; /* the exchange's */
	struct site *site;
	const struct route *route;
	struct caller caller;
	str parameters[ROUTE_PARAMETERS]; /* of the path, in order */
	uuid id;                          /* the first parameter named {id}, parsed */
	void *query, *body;               /* decoded, or NULL */
	struct pairs form;                /* of a page: what was posted */
	struct pairs asked;               /* of a page: its query string, of which it reads what it knows */
	struct page *page;                /* what it is about to show (pages/page.h) */
	void *prepared;                   /* prepare's, for run */
	struct looked *looked;            /* what look found of a booking (booking_steps.h) */
	enum err kept;            /* answered as this failure, yet what run wrote stays: wrong tries must count */
	struct buf out;           /* the reply's body */
	struct http_body *shared; /* or a shared one; handed over */
	int status;               /* zero: the route's */
	str etag, cache_control, content_type, location;
	str set_cookie;
	str idempotency_key;
	struct allowance allowance; /* of the caller's address; limit 0: none was spent */
	struct write write;         /* the dispatcher's, as is the next: what it was before its transaction ran */
	struct call *before;
};

/* call_store_read - store_read, or store_read_stale where the route and the caller allow it. */
enum err call_store_read(struct call *, enum err (*fn)(struct cx *, void *), void *arg);

/* reply_object - one struct by its table.  reply_list - a page; next is absent at the end. */
enum err reply_object(struct call *, const struct field *, const void *);
enum err reply_list(struct call *, const struct field *, size_t size, const struct list *, str next);

/* call_merge - PATCH: the body's members over *row; E_INVALID as field_decode. */
enum err call_merge(struct call *, const struct field *, void *row);

/* call_etag - the reply's ETag from a version; call_if_match - E_VERSION when If-Match names another. */
void call_etag(struct call *, int64_t version);
enum err call_if_match(struct call *, int64_t version);

/* call_origin - the request's id; call_actor - who acts: an account's id, "invitee", "guest" or "nobody".  For the audit. */
str call_origin(const struct call *);
str call_actor(const struct call *);

/* Paging: `limit` and `cursor` of list queries, and the keys that cursors carry. */
struct page_query {
	int64_t limit;
	str cursor;
};
#define PAGE_FIELDS(T)                                                                           \
	FIELD(T, limit, IN, .min = 1, .max = 200, .def = 50, .doc = "Most items of the answer"), \
	    FIELD(T, cursor, IN | MAYBE, .max = 100, .doc = "next_cursor of the answer before")
struct cursor {
	instant at;
	uuid id;
};                                                                /* lists ordered by id alone leave `at` zero */
enum err cursor_parse(struct cx *, str text, struct cursor *out); /* absent text: all zero */
str cursor_format(struct arena *, const struct cursor *);

/* page_cut - one more than `limit` was read: cuts it off and says whether it was there. */
bool page_cut(struct list *, int64_t limit);

/* search_pattern - a part of a text as SQL's LIKE takes it: %text%, in lower case, its own signs escaped. */
str search_pattern(struct cx *, str text);

/* The dispatcher: what the HTTP server calls.  context is the site. */
void api_handle(struct exchange *, void *context);
size_t api_body_cap(const struct http_request *, void *context);
void api_refuse(struct exchange *, void *context);

/* routes_find - the row of a method and path; parameters are filled.
 * NULL: *allowed tells the methods that the path does have, empty when there is no such path. */
const struct route *routes_find(struct arena *, str method, str path, str parameters[ROUTE_PARAMETERS], str *allowed);

/* routes_each - every row, for the OpenAPI document and the tests: NULL at the end. */
const struct route *routes_each(size_t index);
#endif
