/* interval - sets of half-open intervals of instants, ascending and apart: each starts after the one before has
 * ended (touching ones are one).  Values in the caller's arena; a result may share its items with an argument: add
 * only to a set that you have built yourself. */
#ifndef CORE_INTERVAL_H
#define CORE_INTERVAL_H
#include "base/field.h"

struct intervals {
	range *items;
	size_t n, cap;
};

extern const struct field INTERVAL[]; /* {start, end} of a range */

/* interval_add - append one that does not start before the last one's start; joins when they overlap or touch.
 * Empty and reversed ones are ignored. */
void interval_add(struct arena *, struct intervals *, range);

/* interval_insert - the same for any start; cheap when it belongs near the end. */
void interval_insert(struct arena *, struct intervals *, range);

/* interval_set - a set from ranges in any order, n log n; n when they are ascending already. */
struct intervals interval_set(struct arena *, const range *, size_t n);

struct intervals interval_union(struct arena *, struct intervals, struct intervals);
struct intervals interval_intersection(struct arena *, struct intervals, struct intervals);
struct intervals interval_difference(struct arena *, struct intervals, struct intervals); /* a without b */
struct intervals interval_complement(struct arena *, struct intervals, range within);
struct intervals interval_clip(struct arena *, struct intervals, range within);

/* interval_longer - only those at least that long. */
struct intervals interval_longer(struct arena *, struct intervals, span);

/* interval_find - the index of the first interval that ends after t, or n.  interval_has - whether t lies in one. */
size_t interval_find(struct intervals, instant t);
bool interval_has(struct intervals, instant t);

span interval_total(struct intervals);

struct list interval_list(struct intervals); /* of range, for the field tables */
#endif
