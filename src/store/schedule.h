/* schedule - saved schedules: the engine's own shape (core/schedule.h) with a name, a code and a version.
 * Weekly rules and overrides are one document in the row; one-offs are rows of their own, so that slots read only
 * those near their range.  Every change, of a one-off too, raises the schedule's version. */
#ifndef STORE_SCHEDULE_H
#define STORE_SCHEDULE_H
#include "core/schedule.h"
#include "db.h"

enum {
	SCHEDULES_MAX = 100,     /* of an account */
	SAVED_OVERRIDES = 1000,  /* dates of a schedule */
	SAVED_ONE_OFFS = 1000,   /* of a schedule */
	SCHEDULE_BODY = 1 << 20, /* bytes of a request that brings a whole one */
};

struct saved_schedule {
	uuid id, account_id;
	str code, name;
	struct schedule plan;
	bool is_default; /* new event types use it; one of each account */
	int64_t version;
	instant created_at, updated_at;
};

/* SAVED_SCHEDULE_ROW is every column; SAVED_SCHEDULE what its owner sees and sends; SAVED_ONE_OFF a one-off with
 * its id, which may be sent back to keep it. */
extern const struct field SAVED_SCHEDULE_ROW[], SAVED_SCHEDULE[], SAVED_ONE_OFF[];

/* schedule_get - one of the actor's, with all its one-offs.  E_NOT_FOUND
 * schedule_find_default - the actor's default one, the same way. */
enum err schedule_get(struct cx *, uuid id, struct saved_schedule *out);
enum err schedule_find_default(struct cx *, struct saved_schedule *out, bool *found);

/* schedule_resolve - *id stays when it is one of the actor's; all zero becomes the default one's, and what is nobody's
 * or another's becomes all zero. */
enum err schedule_resolve(struct cx *, uuid *id);

/* schedule_list - of saved_schedule, the actor's, by id ascending, one-offs included.
 *   after  ids up to it are left out     changed_since, code  NONE, absent: any */
struct schedule_filter {
	uuid after;
	int64_t limit;
	instant changed_since;
	str code;
};
extern const struct field SCHEDULE_FILTER[];
enum err schedule_list(struct cx *, const struct schedule_filter *, struct list *out);

/* schedule_accept - whether it may be saved: all that core's schedule_check says, and no two rules of one kind that
 * overlap.  Pointers are those of SAVED_SCHEDULE.  Puts the overrides in order of their dates.
 *   E_INVALID  what schedule_check finds     E_REFUSED  two rules overlap: both are named */
enum err schedule_accept(struct cx *, struct saved_schedule *);

/* schedule_insert - for account_id (which need not be signed in yet); sets id, version, times, and is_default when
 * it is the account's first.  A default one takes that from the one before.  One-offs get their ids, and their order.
 *   E_CONFLICT  the code is in use     E_REFUSED  SCHEDULES_MAX */
enum err schedule_insert(struct cx *, struct saved_schedule *);

/* schedule_create_default - what a new account begins with: Monday to Friday, 9 to 17, code "default". */
enum err schedule_create_default(struct cx *, uuid account_id, str time_zone, struct saved_schedule *out);

/* schedule_update - save all of one of the actor's: the row, and with `one_offs` those too (they keep their ids;
 * E_INVALID: an id that is none of this schedule's), which are put in order.  Reads back version and times.
 *   E_CONFLICT  the code is in use */
enum err schedule_update(struct cx *, struct saved_schedule *, bool one_offs);

/* schedule_remove - one of the actor's.
 *   E_REFUSED  it is the default one, or event types use it: they are named */
enum err schedule_remove(struct cx *, const struct saved_schedule *);

/* schedule_read_one_offs - those of a schedule that touch a range, by end.  For slots: no owner is asked.
 * schedule_ask_one_offs - they will be wanted in a moment: see db_ask. */
enum err schedule_ask_one_offs(struct cx *, uuid schedule_id, range);
enum err schedule_read_one_offs(struct cx *, uuid schedule_id, range, struct list *out);

/* one_off_list - of one_off, the actor's, of one schedule, by id ascending, after an id.
 * one_off_insert sets the id (E_REFUSED: SAVED_ONE_OFFS); one_off_get, one_off_remove: E_NOT_FOUND.
 * The last three are followed by schedule_touch. */
enum err one_off_list(struct cx *, uuid schedule_id, uuid after, int64_t limit, struct list *out);
enum err one_off_get(struct cx *, uuid schedule_id, uuid id, struct one_off *out);
enum err one_off_insert(struct cx *, uuid schedule_id, struct one_off *);
enum err one_off_remove(struct cx *, uuid schedule_id, uuid id);

/* schedule_touch - raise the version of one of the actor's schedules, and read it back. */
enum err schedule_touch(struct cx *, struct saved_schedule *);
#endif
