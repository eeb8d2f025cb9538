#include "crowd.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* open addressing with linear probing; at most half full, as the number of connections is capped */
struct place {
	uint64_t key;
	unsigned count;
}; /* count 0: free */

struct crowd {
	pthread_mutex_t lock;
	uint64_t seed; /* so that addresses cannot be chosen to collide */
	uint64_t mask;
	struct place places[];
};

struct crowd *crowd_open(unsigned most)
{
	uint64_t places = 64;
	while (places < (uint64_t)most * 2 + 2)
		places *= 2;
	struct crowd *c = calloc(1, sizeof *c + places * sizeof *c->places);
	if (!c) {
		fputs("http: out of memory\n", stderr);
		abort();
	}
	c->mask = places - 1;
	pthread_mutex_init(&c->lock, NULL);
	if (getrandom(&c->seed, sizeof c->seed, 0) != sizeof c->seed)
		c->seed = (uint64_t)(uintptr_t)c;
	return c;
}

static uint64_t home(const struct crowd *c, uint64_t key)
{
	uint64_t h = (key ^ c->seed) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	return (h ^ h >> 32) & c->mask;
}

static uint64_t find(const struct crowd *c, uint64_t key)
{
	uint64_t at = home(c, key);
	while (c->places[at].count && c->places[at].key != key)
		at = (at + 1) & c->mask;
	return at;
}

bool crowd_enter(struct crowd *c, uint64_t key, unsigned cap)
{
	pthread_mutex_lock(&c->lock);
	struct place *place = &c->places[find(c, key)];
	bool in = place->count < cap;
	if (in)
		*place = (struct place){ key, place->count + 1 };
	pthread_mutex_unlock(&c->lock);
	return in;
}

/* close the gap, so that no search stops early: move back what would not be found any more */
static void remove_at(struct crowd *c, uint64_t gap)
{
	for (uint64_t at = (gap + 1) & c->mask; c->places[at].count; at = (at + 1) & c->mask) {
		uint64_t wanted = home(c, c->places[at].key);
		if (((at - wanted) & c->mask) >= ((at - gap) & c->mask)) {
			c->places[gap] = c->places[at];
			gap = at;
		}
	}
	c->places[gap] = (struct place){ 0 };
}

void crowd_leave(struct crowd *c, uint64_t key)
{
	pthread_mutex_lock(&c->lock);
	uint64_t at = find(c, key);
	if (c->places[at].count > 1)
		c->places[at].count--;
	else if (c->places[at].count == 1)
		remove_at(c, at);
	pthread_mutex_unlock(&c->lock);
}

void crowd_close(struct crowd *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	free(c);
}
