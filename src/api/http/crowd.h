/* crowd - how many connections each address has open.  Shared by all loops; touched at accept and close only. */
#ifndef API_HTTP_CROWD_H
#define API_HTTP_CROWD_H
#include <stdbool.h>
#include <stdint.h>

struct crowd;
struct crowd *crowd_open(unsigned most);                      /* keys at once: the cap of connections */
bool crowd_enter(struct crowd *, uint64_t key, unsigned cap); /* false: cap reached, not counted */
void crowd_leave(struct crowd *, uint64_t key);
void crowd_close(struct crowd *);
#endif
