/* change - what each change of a row that its owner sees does besides. */
#ifndef API_CHANGE_H
#define API_CHANGE_H
#include "api.h"

/* change_note - the audit's entry of a change that the caller made to something of theirs.
 *   action         "schedule.update"
 *   before, after  as field_encode makes them; absent: made, deleted */
enum err change_note(struct call *, str action, uuid entity_id, str before, str after);

/* change_location - Location of what a POST made: the collection's path, a slash, the id. */
void change_location(struct call *, uuid id);
#endif
