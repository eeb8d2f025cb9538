/* slot_cache - answers to slot queries, kept while nothing that they were made of changes.
 *
 * An answer is a function of three versions (bookable, schedule, event type), of the query and of time.  An entry is
 *     sure      while no commit has happened since it was last found right: no statement is run at all
 *     doubtful  after a commit: right if the three versions are still those it was made of, else it is replaced
 *     nothing   outside of [since, until), the time for which it holds: a start passes the notice, a hold ends,
 *               the host's date changes
 * Entries are for showing only: whoever takes a slot goes through the guard.  All functions are safe on any thread. */
#ifndef API_SLOT_CACHE_H
#define API_SLOT_CACHE_H
#include "core/slots.h"
#include "http/server.h"
#include "store/availability.h"

struct slot_cache;

struct slot_key {
	uuid event_type_id;
	int64_t duration_minutes; /* NONE: not given */
	struct slot_query query;  /* as asked */
};

enum { SLOT_ETAG = 40 };
struct slot_answer {
	struct http_body *body;
	char etag[SLOT_ETAG]; /* strong: of the body's bytes; quotes included, NUL-terminated */
	struct versions versions;
	uint64_t generation; /* store_generation before they were read */
	instant since, until;
};

/* slot_cache_open - at most SLOT_CACHE_BYTES of bodies in SLOT_CACHE_ENTRIES. */
enum { SLOT_CACHE_BYTES = 6 << 20, SLOT_CACHE_ENTRIES = 1024 };
struct slot_cache *slot_cache_open(void);
void slot_cache_close(struct slot_cache *);

/* slot_cache_find - what is kept for a query; out->body then has a reference of the caller's, to be dropped or handed
 * on.  generation is the store's, taken before. */
enum slot_cached { SLOT_NOT_CACHED, SLOT_DOUBTFUL, SLOT_SURE };
enum slot_cached slot_cache_find(struct slot_cache *, const struct slot_key *, instant now, uint64_t generation,
				 struct slot_answer *out);

/* slot_cache_confirm - a doubtful answer was found right, by a read that began after out->generation was taken. */
void slot_cache_confirm(struct slot_cache *, const struct slot_key *, const struct slot_answer *);

/* slot_cache_put - keep an answer (with a reference of the cache's own) in place of what was there; the least recently
 * used ones go when there is no room, and what would fill a good part of it is not kept. */
void slot_cache_put(struct slot_cache *, const struct slot_key *, const struct slot_answer *);

/* slot_etag - of a body's bytes, into answer->etag. */
void slot_etag(char out[SLOT_ETAG], str body);
#endif
