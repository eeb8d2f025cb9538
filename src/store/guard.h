/* guard - the one way to take somebody's time.  Hold, book, reschedule and whatever else occupies a bookable goes
 * through guard_take, which, in the caller's write transaction,
 *   1. locks the rows of all bookables concerned (lock.h; SQLite has one writer) and raises their versions: the host's,
 *      under which the event type is read, then the co-hosts' in the order of their ids,
 *   2. rechecks the slot with the same pure code that listed it, on rows read inside the transaction,
 *   3. removes holds that have expired, where it came across any,
 *   4. inserts the reservation, which the database itself refuses when two overlap,
 *      or joins the meeting that is there, where seats are shared; each co-host's goes along with the host's: what is
 *      kept, expires or is released there is so here.
 * Moving is releasing and taking in one transaction: if the taking fails, nothing was released. */
#ifndef STORE_GUARD_H
#define STORE_GUARD_H
#include "availability.h"

struct claim {
	uuid event_type_id;
	const struct availability
	    *known; /* as availability_get would read it in this transaction, under lock_event_type; NULL: it does */
	instant start;
	int64_t duration_minutes;
	str time_zone;      /* the invitee's: which dates the query asks for */
	instant expires_at; /* NONE: a booking; else until when it is held */
	bool begun;         /* guard_begin was called in this transaction */
	bool moves;         /* a booking keeps its length, whatever durations are offered by now */
	bool owner;         /* the host books: an inactive event type will do */
	instant
	    promised_at;  /* minimum notice and horizon count from then, when the time was promised; zero: from now */
	struct list with; /* of uuid: the co-hosts' bookables; items NULL: the event type's */
	uuid reservation_id; /* out: what now occupies the time */
	instant end;         /* out */
	str event_zone;      /* out: the host's zone */
};

/* guard_begin - step 1 for the host, before anything was read: what is read from here on is read under its lock, and on
 * PostgreSQL nobody waits for it. */
enum err guard_begin(struct cx *, uuid event_type_id);

/* guard_take
 *   E_NOT_FOUND    no such event type, or not an active one
 *   E_INVALID      the duration is not one of its own, or a wrong zone
 *   E_SLOT_TAKEN   somebody has the time; fault.extra holds the nearest free alternatives
 *   E_NOT_OFFERED  a rule forbids it; fault.extra holds the reasons, and alternatives */
enum err guard_take(struct cx *, struct claim *);

/* guard_take_choices - n claims of one event type and length, ascending and different, of which one will be booked at
 * most, in place of a meeting that keeps its time until then.  Each is judged as if that meeting were gone and the others
 * not asked for; what is reserved for it is its time as far as neither the meeting nor the next choice covers it, all
 * zero where nothing is left.  Where seats are shared, each is taken as by guard_take.   Fails as guard_take. */
enum err guard_take_choices(struct cx *, struct claim *, size_t n, uuid instead_of, range meeting);

/* guard_look - the same judgement without taking anything, in a read transaction: what would fail anyway need not wait
 * for the writer.  except: a reservation about to be released, all zero for none; except_hold the same. */
enum err guard_look(struct cx *, const struct claim *, uuid except_reservation, uuid except_hold);

/* guard_keep - what was reserved until a moment is reserved for good.  E_EXPIRED: it is gone meanwhile. */
enum err guard_keep(struct cx *, uuid reservation_id);

/* guard_release - a booking or hold no longer stands on the reservation: it goes when nothing else does. */
enum err guard_release(struct cx *, uuid reservation_id);

/* guard_join - a bookable more for what is reserved.   E_SLOT_TAKEN  it has something else then
 * guard_leave - one less, once no guest of a booking on it is a co-host of that account; a repeat changes nothing. */
enum err guard_join(struct cx *, uuid reservation_id, uuid bookable_id);
enum err guard_leave(struct cx *, uuid reservation_id, uuid bookable_id);

/* ---- holds */

struct hold {
	uuid id, reservation_id, event_type_id;
	uuid proposal_id; /* all zero: somebody's who fills in the form */
	digest client;    /* keyed hash of the client's address; a proposal has none */
	instant start, end, expires_at;
};
extern const struct field HOLD[]; /* as its holder sees it */
enum { HOLD_SECONDS = 600, HOLDS_A_CLIENT = 2 };

/* hold_insert - on a reservation that guard_take made; sets id.
 * hold_count - living holds of a client, and when the first of them ends. */
enum err hold_insert(struct cx *, struct hold *);
enum err hold_count(struct cx *, digest client, int64_t *count, instant *first_ends);
enum err hold_find(struct cx *, uuid id, struct hold *out, bool *found); /* living ones only, and no proposal's */
enum err hold_remove(struct cx *, const struct hold *);                  /* and releases its reservation */
enum err hold_remove_all(struct cx *, uuid proposal_id);                 /* the same for what a proposal holds */
enum err hold_prune(struct cx *);                                        /* expired ones, with what they reserved */
#endif
