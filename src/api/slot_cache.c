/* Four parts, each with a lock of its own, held for a look-up or an insertion and never while anything is computed.
 * A part is a table of chains for finding, and a ring by use for forgetting. */
#include "slot_cache.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 4, CHAINS = 256, ZONE_BYTES = 64 };
enum {
	PART_BYTES = SLOT_CACHE_BYTES / PARTS,
	PART_ENTRIES = SLOT_CACHE_ENTRIES / PARTS,
	BODY_BYTES = PART_BYTES / 4
};

/* flat - a key without pointers, all bytes set: compared and hashed as bytes. */
struct flat {
	uuid event_type_id;
	int64_t duration, from, to;
	char zone[ZONE_BYTES];
};

struct entry {
	struct entry *next;          /* of its chain */
	struct entry *newer, *older; /* of the ring */
	struct flat key;
	struct slot_answer answer;
};

struct part {
	pthread_mutex_t lock;
	struct entry *chains[CHAINS];
	struct entry ring; /* its own neighbours when empty */
	size_t bytes, count;
};

struct slot_cache {
	struct part parts[PARTS];
};

/* ---- hashing */

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word(const char *p)
{
	uint64_t w;
	memcpy(&w, p, sizeof w);
	return w;
}

/* Two lanes of multiply and fold over 16 bytes at a time.  Not cryptographic: who could make two answers collide would
 * confuse only himself. */
static void hash_bytes(const char *p, size_t n, uint64_t out[2])
{
	uint64_t a = UINT64_C(0x9e3779b97f4a7c15) ^ n, b = UINT64_C(0xd1b54a32d192ed03);
	char tail[16] = { 0 };
	size_t whole = n & ~(size_t)15;
	for (size_t i = 0; i < whole; i += 16) {
		a = mix(a ^ word(p + i), UINT64_C(0xe7037ed1a0b428db) ^ word(p + i + 8));
		b = mix(b ^ word(p + i + 8), UINT64_C(0x8ebc6af09c88c6e3) + word(p + i)) + a;
	}
	memcpy(tail, p + whole, n - whole);
	out[0] = mix(a ^ word(tail), UINT64_C(0xa0761d6478bd642f) ^ word(tail + 8));
	out[1] = mix(b ^ word(tail + 8), UINT64_C(0x589965cc75374cc3) + word(tail)) ^ out[0] * 3;
}

void slot_etag(char out[SLOT_ETAG], str body)
{
	uint64_t h[2];
	hash_bytes(body.p, body.n, h);
	snprintf(out, SLOT_ETAG, "\"%016llx%016llx\"", (unsigned long long)h[0], (unsigned long long)h[1]);
}

/* ---- finding; the part's lock is held */

static struct flat key_flat(const struct slot_key *key)
{
	struct flat f;
	memset(&f, 0, sizeof f);
	f.event_type_id = key->event_type_id;
	f.duration = key->duration_minutes;
	f.from = key->query.from.d;
	f.to = key->query.to.d;
	memcpy(f.zone, key->query.time_zone.p,
	       key->query.time_zone.n < ZONE_BYTES ? key->query.time_zone.n : ZONE_BYTES);
	return f;
}

/* place - where a key belongs. */
struct place {
	struct part *part;
	struct entry **chain;
};

static struct place place_of(struct slot_cache *cache, const struct flat *key)
{
	uint64_t h[2];
	hash_bytes((const char *)key, sizeof *key, h);
	struct part *part = &cache->parts[h[1] % PARTS];
	return (struct place){ part, &part->chains[h[0] % CHAINS] };
}

/* The link to the entry of a key; *link is NULL where there is none. */
static struct entry **entry_link(struct place place, const struct flat *key)
{
	struct entry **link = place.chain;
	while (*link && memcmp(&(*link)->key, key, sizeof *key) != 0)
		link = &(*link)->next;
	return link;
}

static void ring_leave(struct entry *e)
{
	e->newer->older = e->older;
	e->older->newer = e->newer;
}

/* Round the ring: its own `newer` is the oldest entry, its own `older` the newest. */
static void ring_enter(struct part *part, struct entry *e)
{
	e->older = part->ring.older;
	e->newer = &part->ring;
	e->older->newer = e;
	part->ring.older = e;
}

static void entry_drop(struct part *part, struct entry **link)
{
	struct entry *e = *link;
	*link = e->next;
	ring_leave(e);
	part->bytes -= e->answer.body->bytes.n;
	part->count--;
	http_body_drop(e->answer.body);
	free(e);
}

static void oldest_drop(struct slot_cache *cache, struct part *part)
{
	const struct entry *e = part->ring.newer;
	entry_drop(part, entry_link(place_of(cache, &e->key), &e->key));
}

/* ---- the interface */

struct slot_cache *slot_cache_open(void)
{
	struct slot_cache *cache = calloc(1, sizeof *cache);
	for (size_t i = 0; cache && i < PARTS; i++) {
		struct part *part = &cache->parts[i];
		pthread_mutex_init(&part->lock, NULL);
		part->ring.newer = part->ring.older = &part->ring;
	}
	return cache;
}

void slot_cache_close(struct slot_cache *cache)
{
	for (size_t i = 0; cache && i < PARTS; i++) {
		struct part *part = &cache->parts[i];
		while (part->count)
			oldest_drop(cache, part);
		pthread_mutex_destroy(&part->lock);
	}
	free(cache);
}

enum slot_cached slot_cache_find(struct slot_cache *cache, const struct slot_key *key, instant now,
				 uint64_t generation, struct slot_answer *out)
{
	struct flat flat = key_flat(key);
	struct place place = place_of(cache, &flat);
	enum slot_cached found = SLOT_NOT_CACHED;
	pthread_mutex_lock(&place.part->lock);
	struct entry *e = *entry_link(place, &flat);
	if (e && now.s >= e->answer.since.s && now.s < e->answer.until.s) {
		*out = e->answer;
		http_body_keep(out->body);
		ring_leave(e);
		ring_enter(place.part, e);
		found = e->answer.generation == generation ? SLOT_SURE : SLOT_DOUBTFUL;
	}
	pthread_mutex_unlock(&place.part->lock);
	return found;
}

void slot_cache_confirm(struct slot_cache *cache, const struct slot_key *key, const struct slot_answer *answer)
{
	struct flat flat = key_flat(key);
	struct place place = place_of(cache, &flat);
	pthread_mutex_lock(&place.part->lock);
	struct entry *e = *entry_link(place, &flat);
	if (e && e->answer.body == answer->body)
		e->answer.generation = answer->generation;
	pthread_mutex_unlock(&place.part->lock);
}

void slot_cache_put(struct slot_cache *cache, const struct slot_key *key, const struct slot_answer *answer)
{
	struct flat flat = key_flat(key);
	struct place place = place_of(cache, &flat);
	struct part *part = place.part;
	size_t size = answer->body->bytes.n;
	struct entry *e = size <= BODY_BYTES ? malloc(sizeof *e) : NULL;
	if (!e)
		return;
	*e = (struct entry){ .key = flat, .answer = *answer };
	http_body_keep(answer->body);
	pthread_mutex_lock(&part->lock);
	struct entry **old = entry_link(place, &flat);
	if (*old)
		entry_drop(part, old);
	while (part->count && (part->count >= PART_ENTRIES || part->bytes + size > PART_BYTES))
		oldest_drop(cache, part);
	e->next = *place.chain;
	*place.chain = e;
	ring_enter(part, e);
	part->bytes += size;
	part->count++;
	pthread_mutex_unlock(&part->lock);
}
