/* slot_days - a list of slots as the API answers it: grouped by the invitee's date, each start with the offset of
 * the invitee's zone at that moment. */
#ifndef API_SLOT_DAYS_H
#define API_SLOT_DAYS_H
#include "core/slots.h"

struct zone;

/* slot_days_write - {"time_zone":…,"duration_minutes":…,"days":[{"date":…,"slots":[{"start":…}]}]}.
 *   slots       of struct slot, ascending; put in order of their dates, which a zone may repeat
 *   shared      seats are: each slot then tells seats_left */
void slot_days_write(struct buf *, const struct zone *, const struct list *slots, int64_t duration_minutes,
		     bool shared);

/* SLOT_DAYS_REPLY - the same as a table, for the OpenAPI document. */
extern const struct field SLOT_DAYS_REPLY[];
#endif
