#include "guard.h"

#include "base/secret.h"
#include "core/explain.h"
#include "event_type.h"
#include "lock.h"
#include "refusal.h"
#include "store/guard_sql.h"

#include <stdlib.h>
#include <string.h>

struct reservation {
	uuid id, bookable_id, event_type_id, with_id;
	instant start, end, expires_at;
	int64_t buffer_before_minutes, buffer_after_minutes, seats;
};

static const struct field RESERVATION[] = { FIELD(struct reservation, id, 0),
					    FIELD(struct reservation, bookable_id, 0),
					    FIELD(struct reservation, event_type_id, 0),
					    FIELD(struct reservation, with_id, MAYBE),
					    FIELD(struct reservation, start, 0),
					    FIELD(struct reservation, end, 0),
					    FIELD(struct reservation, expires_at, MAYBE),
					    FIELD(struct reservation, buffer_before_minutes, 0),
					    FIELD(struct reservation, buffer_after_minutes, 0),
					    FIELD(struct reservation, seats, 0),
					    FIELD_END };

/* ---- judging */

enum { ALTERNATIVES = 3, NEAR_DAYS = 14, FAR_DAYS = 90 };

/* Whether a reason is somebody else's meeting, and not a rule of the host's. */
static bool is_taken(unsigned code)
{
	return code == REASON_MEETING || code == REASON_BUFFER || code == REASON_CALENDAR_BUSY ||
	       code == REASON_SEATS_FULL;
}

/* "alternatives":[{"start":…}] : the nearest slots that are free, by the same rules, `days` before and after; *n is how many.
 * What finding them took is given back at once: many who are refused wait for one commit. */
static enum err alternatives_within(struct cx *cx, const struct availability *a, const struct claim *claim,
				    int64_t days, struct buf *out, size_t *n)
{
	struct availability around = *a;
	struct slot_query query;
	struct list slots;
	char text[INSTANT_TEXT];
	const struct chunk *mark = arena_mark(&cx->arena);
	TRY(slot_query_around(cx, claim->time_zone, claim->start, days, &query));
	TRY(availability_load(cx, &around, claim->duration_minutes, &query));
	TRY(slot_nearest(cx, &around.slots, claim->start, ALTERNATIVES, &slots));
	buf_add(out, S("\"alternatives\":["));
	for (size_t i = 0; i < slots.n; i++)
		buf_format(out, "%s{\"start\":\"%s\"}", i ? "," : "",
			   instant_format(text, ((const struct slot *)slots.items)[i].start).p);
	buf_add_char(out, ']');
	*n = slots.n;
	arena_cut(&cx->arena, mark);
	return OK;
}

/* Further away only where too few are near, as it costs more. */
static enum err alternatives_write(struct cx *cx, const struct availability *a, const struct claim *claim,
				   struct buf *out, size_t *n)
{
	TRY(alternatives_within(cx, a, claim, NEAR_DAYS, out, n));
	if (*n == ALTERNATIVES)
		return OK;
	buf_clear(out);
	return alternatives_within(cx, a, claim, FAR_DAYS, out, n);
}

/* "reasons":[{"code":…,"message":…}] : without the times and ids, which are the host's affair, and so each once. */
static void reasons_write(const struct list *reasons, struct buf *out)
{
	uint64_t told = 0;
	buf_add(out, S(",\"reasons\":["));
	for (size_t i = 0; i < reasons->n; i++) {
		const struct reason *r = (const struct reason *)reasons->items + i;
		if (told & UINT64_C(1) << r->code)
			continue;
		told |= UINT64_C(1) << r->code;
		buf_format(out, "%s{\"code\":\"%s\",\"message\":", i ? "," : "", REASON_CODES[r->code]);
		json_quote(out, r->message);
		buf_add_char(out, '}');
	}
	buf_add_char(out, ']');
}

static enum err refuse(struct cx *cx, struct availability *a, const struct claim *claim)
{
	struct list reasons;
	struct buf extra = { 0 };
	bool taken = true, buffer = true;
	size_t n = 0;
	TRY(slot_explain(cx, &a->slots, claim->start, &reasons));
	a->slots.now = cx->now;
	for (size_t i = 0; i < reasons.n; i++) {
		unsigned code = ((const struct reason *)reasons.items)[i].code;
		taken = taken && is_taken(code);
		buffer = buffer && code == REASON_BUFFER;
	}
	if (taken)
		refusal_note(a->account_id, buffer ? REFUSED_BUFFER : REFUSED_TAKEN, cx->now);
	str first = reasons.n ? ((const struct reason *)reasons.items)->message : S("");
	enum err e = alternatives_write(cx, a, claim, &extra, &n);
	if (!e && !taken)
		reasons_write(&reasons, &extra);
	if (!e && taken)
		e = FAIL(cx, E_SLOT_TAKEN, S(""), "somebody just took that time%s",
			 n ? ": choose one of the alternatives" : ", and no other within three months of it is free");
	else if (!e)
		e = FAIL(cx, E_NOT_OFFERED, S(""), "that time is not offered: %.*s", STR_ARG(first));
	cx->fault.extra = str_copy(&cx->arena, buf_str(&extra));
	buf_free(&extra);
	return e;
}

static enum err judge(struct cx *cx, struct availability *a, const struct claim *claim)
{
	struct slot_query query;
	bool offered;
	a->slots.now = claim->promised_at.s ? claim->promised_at : cx->now;
	TRY(slot_query_at(cx, claim->time_zone, claim->start, &query));
	TRY(availability_load(cx, a, claim->duration_minutes, &query));
	TRY(slot_check(cx, &a->slots, claim->start, &offered));
	return offered ? OK : refuse(cx, a, claim);
}

static enum err claim_load(struct cx *cx, const struct claim *claim, struct availability *a)
{
	const struct duration *duration;
	if (claim->known) {
		*a = *claim->known;
	} else {
		TRY(lock_event_type(cx, claim->event_type_id));
		TRY(availability_get(cx, claim->event_type_id, a));
	}
	if (claim->with.items)
		a->co_hosts = claim->with;
	if (!a->active && !claim->owner)
		return FAIL(cx, E_NOT_FOUND, S("/event_type_id"), "is not an event type that can be booked");
	if (claim->moves)
		return OK;
	return event_type_duration(cx, &a->durations, claim->duration_minutes, &duration);
}

enum err guard_look(struct cx *cx, const struct claim *claim, uuid except_reservation, uuid except_hold)
{
	struct availability a;
	TRY(claim_load(cx, claim, &a));
	a.except_reservation = except_reservation;
	a.except_hold = except_hold;
	return judge(cx, &a, claim);
}

/* ---- taking */

static enum err insert_row(struct cx *cx, struct reservation *r)
{
	r->id = uuid_make(cx->now);
	enum err e = db_send(cx, &RESERVATION_INSERT, RESERVATION, r);
	return e == E_CONFLICT ? FAIL(cx, E_SLOT_TAKEN, S(""), "somebody just took that time") : e;
}

/* A co-host's row: it goes with the host's, and nobody joins it for itself. */
static enum err insert_with(struct cx *cx, const struct reservation *host, uuid bookable_id)
{
	struct reservation r = *host;
	r.bookable_id = bookable_id;
	r.with_id = host->id;
	r.seats = 1;
	return insert_row(cx, &r);
}

static enum err insert(struct cx *cx, const struct availability *a, struct reservation *r)
{
	bool there = false;
	if (r->seats > 1)
		TRY(db_find(cx, &RESERVATION_FIND_SAME, RESERVATION, r, RESERVATION, r, &there));
	if (there)
		return db_run(cx, &RESERVATION_EXTEND, RESERVATION, r, NULL);
	r->buffer_before_minutes = a->slots.event.buffer_before_minutes;
	r->buffer_after_minutes = a->slots.event.buffer_after_minutes;
	TRY(insert_row(cx, r));
	for (size_t i = 0; i < a->co_hosts.n; i++)
		TRY(insert_with(cx, r, ((const uuid *)a->co_hosts.items)[i]));
	return OK;
}

enum err guard_begin(struct cx *cx, uuid event_type_id)
{
	return db_send(cx, &BOOKABLE_LOCK_EVENT_TYPE, RESERVATION,
		       &(struct reservation){ .event_type_id = event_type_id });
}

/* The bookable is the caller's alone from here on, where it was not already. */
static enum err lock(struct cx *cx, uuid bookable_id, bool begun)
{
	struct reservation r = { .bookable_id = bookable_id };
	if (!begun)
		TRY(db_send(cx, &BOOKABLE_LOCK, RESERVATION, &r));
	lock_note(cx, bookable_id);
	return OK;
}

static enum err drop_expired(struct cx *cx, uuid bookable_id)
{
	return db_send(cx, &RESERVATION_DROP_EXPIRED, RESERVATION,
		       &(struct reservation){ .bookable_id = bookable_id });
}

/* What judging came across: it would be in the way of the new row. */
static enum err drop_all_expired(struct cx *cx, const struct availability *a)
{
	if (!a->expired)
		return OK;
	TRY(drop_expired(cx, a->bookable_id));
	for (size_t i = 0; i < a->co_hosts.n; i++)
		TRY(drop_expired(cx, ((const uuid *)a->co_hosts.items)[i]));
	return OK;
}

static int uuid_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(uuid));
}

/* In the order of their ids, so that two claims on the same people do not wait for each other; where two hosts host with
 * each other, PostgreSQL ends one of two that do, and it is repeated. */
static enum err lock_all(struct cx *cx, const struct availability *a, bool begun)
{
	size_t n = a->co_hosts.n + 1;
	uuid *all = NEWS(&cx->arena, uuid, n);
	all[0] = a->bookable_id;
	for (size_t i = 1; i < n; i++)
		all[i] = ((const uuid *)a->co_hosts.items)[i - 1];
	qsort(all, n, sizeof *all, uuid_order);
	for (size_t i = 0; i < n; i++)
		TRY(lock(cx, all[i], begun && uuid_same(all[i], a->bookable_id)));
	return OK;
}

static struct reservation reservation_of(const struct availability *a, const struct claim *claim)
{
	return (struct reservation){
		.bookable_id = a->bookable_id,
		.event_type_id = a->event_type_id,
		.start = claim->start,
		.end = instant_add(claim->start, span_minutes(claim->duration_minutes)),
		.expires_at = claim->expires_at,
		.seats = a->slots.event.seats,
	};
}

static void claim_end(struct claim *claim, const struct availability *a, const struct reservation *r)
{
	claim->reservation_id = r->id;
	claim->end = instant_add(claim->start, span_minutes(claim->duration_minutes));
	claim->event_zone = a->slots.schedule.time_zone;
}

enum err guard_take(struct cx *cx, struct claim *claim)
{
	struct availability a;
	TRY(claim_load(cx, claim, &a));
	TRY(lock_all(cx, &a, claim->begun));
	TRY(judge(cx, &a, claim));
	TRY(drop_all_expired(cx, &a));
	struct reservation r = reservation_of(&a, claim);
	TRY(insert(cx, &a, &r));
	claim_end(claim, &a, &r);
	return OK;
}

/* What is left of a choice's time: it ends where the next one begins, and leaves out the meeting, which is as long. */
static void choice_cut(struct reservation *r, instant next, range meeting)
{
	if (next.s < r->end.s)
		r->end = next;
	if (r->start.s < meeting.from.s && meeting.from.s < r->end.s)
		r->end = meeting.from;
	if (r->start.s >= meeting.from.s && r->start.s < meeting.to.s)
		r->start = meeting.to;
}

enum err guard_take_choices(struct cx *cx, struct claim *claims, size_t n, uuid instead_of, range meeting)
{
	struct availability a;
	TRY(claim_load(cx, &claims[0], &a));
	if (a.slots.event.seats > 1) {
		for (size_t i = 0; i < n; i++)
			TRY(guard_take(cx, &claims[i]));
		return OK;
	}
	TRY(lock_all(cx, &a, false));
	a.except_reservation = instead_of;
	for (size_t i = 0; i < n; i++)
		TRY(judge(cx, &a, &claims[i]));
	TRY(drop_all_expired(cx, &a));
	for (size_t i = 0; i < n; i++) {
		struct reservation r = reservation_of(&a, &claims[i]);
		choice_cut(&r, i + 1 < n ? claims[i + 1].start : r.end, meeting);
		if (r.start.s < r.end.s)
			TRY(insert(cx, &a, &r));
		claim_end(&claims[i], &a, &r);
	}
	return OK;
}

enum err guard_join(struct cx *cx, uuid reservation_id, uuid bookable_id)
{
	struct reservation r = { .id = reservation_id }, other = { 0 };
	bool busy;
	TRY(lock(cx, bookable_id, false));
	TRY(drop_expired(cx, bookable_id));
	TRY(db_get(cx, &RESERVATION_GET, RESERVATION, &r, RESERVATION, &r));
	other = r;
	other.bookable_id = bookable_id;
	TRY(db_find(cx, &RESERVATION_FIND_OVERLAP, RESERVATION, &other, RESERVATION, &other, &busy));
	if (busy)
		return uuid_same(other.with_id, reservation_id)
			   ? OK
			   : FAIL(cx, E_SLOT_TAKEN, S(""), "the co-host has something else at that time");
	return insert_with(cx, &r, bookable_id);
}

enum err guard_leave(struct cx *cx, uuid reservation_id, uuid bookable_id)
{
	struct reservation r = { .bookable_id = bookable_id, .with_id = reservation_id };
	TRY(db_run(cx, &BOOKABLE_LOCK, RESERVATION, &r, NULL));
	return db_run(cx, &RESERVATION_LEAVE, RESERVATION, &r, NULL);
}

enum err guard_keep(struct cx *cx, uuid reservation_id)
{
	struct reservation r = { .id = reservation_id };
	int64_t kept;
	TRY(db_run(cx, &RESERVATION_KEEP, RESERVATION, &r, &kept));
	if (!kept)
		return FAIL(cx, E_EXPIRED, S(""), "the time that was kept for this request has run out");
	return db_send(cx, &BOOKABLE_TOUCH, RESERVATION, &r);
}

enum err guard_release(struct cx *cx, uuid reservation_id)
{
	struct reservation r = { .id = reservation_id };
	TRY(db_send(cx, &BOOKABLE_TOUCH, RESERVATION, &r));
	TRY(db_send(cx, &RESERVATION_RELEASE, RESERVATION, &r));
	return db_send(cx, &RESERVATION_SETTLE, RESERVATION, &r);
}

/* ---- holds */

static const struct field HOLD_ROW[] = { FIELD(struct hold, id, 0),
					 FIELD(struct hold, reservation_id, 0),
					 FIELD(struct hold, event_type_id, 0),
					 FIELD(struct hold, proposal_id, MAYBE),
					 FIELD(struct hold, client, MAYBE),
					 FIELD(struct hold, start, 0),
					 FIELD(struct hold, end, 0),
					 FIELD(struct hold, expires_at, 0),
					 FIELD_END };

const struct field HOLD[] = { FIELD(struct hold, id, OUT,
				    .doc = "The hold's id: whoever knows it may book with it or give it back"),
			      FIELD(struct hold, event_type_id, OUT, .doc = "What is held"),
			      FIELD(struct hold, start, OUT, .doc = "Start of the slot"),
			      FIELD(struct hold, end, OUT, .doc = "End of the slot"),
			      FIELD(struct hold, expires_at, OUT, .doc = "Until when it is kept"),
			      FIELD_END };

struct hold_number {
	int64_t count;
	instant first_ends;
};
static const struct field HOLD_NUMBER[] = { FIELD(struct hold_number, count, 0),
					    FIELD(struct hold_number, first_ends, MAYBE), FIELD_END };

enum err hold_insert(struct cx *cx, struct hold *h)
{
	h->id = uuid_make(cx->now);
	return db_send(cx, &HOLD_INSERT, HOLD_ROW, h);
}

enum err hold_count(struct cx *cx, digest client, int64_t *count, instant *first_ends)
{
	struct hold key = { .client = client };
	struct hold_number n;
	TRY(db_get(cx, &HOLD_COUNT, HOLD_ROW, &key, HOLD_NUMBER, &n));
	*count = n.count;
	*first_ends = n.first_ends;
	return OK;
}

enum err hold_find(struct cx *cx, uuid id, struct hold *out, bool *found)
{
	struct hold key = { .id = id };
	return db_find(cx, &HOLD_FIND, HOLD_ROW, &key, HOLD_ROW, out, found);
}

enum err hold_remove(struct cx *cx, const struct hold *h)
{
	TRY(db_send(cx, &HOLD_REMOVE, HOLD_ROW, h));
	return guard_release(cx, h->reservation_id);
}

enum err hold_remove_all(struct cx *cx, uuid proposal_id)
{
	struct hold key = { .proposal_id = proposal_id };
	struct list held;
	TRY(db_list(cx, &HOLD_OF_PROPOSAL, HOLD_ROW, &key, HOLD_ROW, sizeof(struct hold), &held));
	for (size_t i = 0; i < held.n; i++)
		TRY(hold_remove(cx, (const struct hold *)held.items + i));
	return OK;
}

enum err hold_prune(struct cx *cx)
{
	struct hold before = { .expires_at = cx->now };
	TRY(db_run(cx, &HOLD_PRUNE_RESERVATIONS, HOLD_ROW, &before, NULL));
	return db_run(cx, &HOLD_PRUNE, HOLD_ROW, &before, NULL);
}
