/* Slots by interval algebra; the meaning is docs/semantics.md.
 *
 * 1. open    minutes by rules, overrides and `available` one-offs              schedule_open
 * 2. free    open without `busy` one-offs
 * 3. legal   the instants at which a start is allowed by all that does not depend on the date:
 *            free, shortened by the duration at each end, so that [s, e) lies in it;
 *            the query's dates (in the invitee's zone that may be several intervals); not before now + notice;
 *            minus what each meeting and busy time forbids.
 * 4. grid    open, cut where the host's date changes, gives pieces; in each the candidates are start + k x interval.
 *            A piece has one date, so window, horizon and limits are decided once a piece.
 * 5. slots   the candidates in legal: pieces and legal intervals ascend, so one pass finds them, and the first
 *            candidate in an interval is found by division.
 *
 * Invariants
 *   A  Instants are whole seconds, so the open range (x, y) of forbidden starts is the half-open [x + 1, y): two of
 *      them that share an end do not merge, and the start between them stays legal.
 *   B  A date that a zone repeats is two stretches, a skipped one none; nothing is indexed by date.
 *   C  Whether a start is a slot never depends on the query: the open set always reaches back to where the first
 *      date began, and on to the end of the last slot.  So slot_check is slot_list of one second. */
#include "slot_plan.h"

#include <stdlib.h>

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

enum err slot_plan_make(struct cx *cx, const struct slot_case *c, struct slot_plan *p)
{
	const struct slot_event *e = &c->event;
	TRY(slot_case_check(cx, c));
	*p = (struct slot_plan){ .c = c, .length = e->duration_minutes * MINUTE_SECONDS };
	TRY(zone_load(cx, c->schedule.time_zone, S("/schedule/time_zone"), &p->host));
	TRY(zone_load(cx, c->query.time_zone, S("/query/time_zone"), &p->invitee));
	p->step = e->interval_minutes == NONE ? p->length : e->interval_minutes * MINUTE_SECONDS;
	p->before = e->buffer_before_minutes * MINUTE_SECONDS;
	p->after = e->buffer_after_minutes * MINUTE_SECONDS;
	p->earliest = instant_add(c->now, span_minutes(e->minimum_notice_minutes));
	p->first.d = day_is(e->window.from) ? e->window.from.d : INT64_MIN;
	p->last.d = day_is(e->window.until) ? e->window.until.d : INT64_MAX;
	if (e->horizon_days != NONE)
		p->last.d = least(p->last.d, zone_day(p->host, c->now).d + e->horizon_days);
	return OK;
}

bool slot_joins(const struct slot_plan *p, const struct meeting *m, instant start)
{
	return m->same_event && m->seats_taken < p->c->event.seats && m->start.s == start.s &&
	       m->end.s == start.s + p->length;
}

/* A meeting [S, E) with buffers B, A against a slot [s, e) with b, a: [s - b, e + a) overlaps [S, E) when
 * S - a - length < s < E + b, and [s, e) overlaps [S - B, E + A) when S - B - length < s < E + A. */
range slot_forbids_meeting(const struct slot_plan *p, const struct meeting *m)
{
	int64_t room_before = most(p->after, m->buffer_before_minutes * MINUTE_SECONDS);
	int64_t room_after = most(p->before, m->buffer_after_minutes * MINUTE_SECONDS);
	return (range){ { m->start.s - room_before - p->length + 1 }, { m->end.s + room_after } };
}

range slot_forbids_busy(const struct slot_plan *p, range busy)
{
	return (range){ { busy.from.s - p->after - p->length + 1 }, { busy.to.s + p->before } };
}

/* keys - the date, Monday or month of each meeting of the event, ascending. */
struct keys {
	int64_t *items;
	size_t n;
};
enum { BY_DAY, BY_WEEK, BY_MONTH, BY_ALL };

static int64_t key_of(int by, day d)
{
	return by == BY_DAY ? d.d : by == BY_WEEK ? day_monday(d).d : day_month(d);
}

static int64_t limit_of(const struct slot_event *e, int by)
{
	return by == BY_DAY ? e->limits.day : by == BY_WEEK ? e->limits.week : e->limits.month;
}

static int key_order(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static struct keys keys_make(struct arena *a, const struct slot_plan *p, int by)
{
	const struct meeting *meetings = p->c->meetings.items;
	struct keys out = { .items = NEWS(a, int64_t, p->c->meetings.n) };
	for (size_t i = 0; i < p->c->meetings.n; i++)
		if (meetings[i].same_event)
			out.items[out.n++] = key_of(by, zone_day(p->host, meetings[i].start));
	qsort(out.items, out.n, sizeof *out.items, key_order);
	return out;
}

/* How many keys are below `key`. */
static size_t keys_below(struct keys keys, int64_t key)
{
	size_t low = 0, high = keys.n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (keys.items[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t keys_count(struct keys keys, int64_t key)
{
	return (int64_t)(keys_below(keys, key + 1) - keys_below(keys, key));
}

struct slot_limits slot_count(const struct slot_plan *p, day d)
{
	const struct meeting *meetings = p->c->meetings.items;
	struct slot_limits out = { 0 };
	for (size_t i = 0; i < p->c->meetings.n; i++) {
		day of = zone_day(p->host, meetings[i].start);
		out.day += meetings[i].same_event && of.d == d.d;
		out.week += meetings[i].same_event && day_monday(of).d == day_monday(d).d;
		out.month += meetings[i].same_event && day_month(of) == day_month(d);
	}
	return out;
}

/* seat - a start that joins a meeting. */
struct seat {
	int64_t start, left;
};

/* listing - what one walk over the grid needs. */
struct listing {
	const struct slot_plan *plan;
	struct arena *arena;
	struct intervals open, legal;
	size_t open_at, legal_at; /* the first that can still matter */
	struct zone_span *spans;  /* of the host's zone, as far as the grid is walked */
	size_t spans_n;
	struct keys keys[BY_ALL];
	struct seat *seats; /* ascending */
	size_t seats_n;
	struct slot *slots;
	size_t n;
};

static int seat_order(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;
	return x->start != y->start ? (x->start < y->start ? -1 : 1) : x->left > y->left ? -1 : x->left < y->left;
}

static int64_t seats_left(const struct listing *l, int64_t start)
{
	size_t low = 0, high = l->seats_n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->seats[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->seats_n && l->seats[low].start == start ? l->seats[low].left : 0;
}

/* What meetings and busy times forbid inside `hull`; a meeting that can be joined leaves its own start legal. */
static struct intervals forbidden_make(struct listing *l, range hull)
{
	const struct slot_plan *p = l->plan;
	const struct meeting *meetings = p->c->meetings.items;
	const range *busy = p->c->busy.items;
	range *found = NEWS(l->arena, range, 2 * p->c->meetings.n + p->c->busy.n);
	size_t n = 0;
	l->seats = NEWS(l->arena, struct seat, p->c->event.seats > 1 ? p->c->meetings.n : 0);
	for (size_t i = 0; i < p->c->meetings.n; i++) {
		range f = slot_forbids_meeting(p, &meetings[i]);
		if (f.from.s >= hull.to.s || f.to.s <= hull.from.s)
			continue;
		instant start = meetings[i].start;
		if (slot_joins(p, &meetings[i], start)) {
			l->seats[l->seats_n++] =
			    (struct seat){ start.s, p->c->event.seats - meetings[i].seats_taken };
			found[n++] = (range){ f.from, start };
			f.from.s = start.s + 1;
		}
		found[n++] = f;
	}
	for (size_t i = 0; i < p->c->busy.n; i++) {
		range f = slot_forbids_busy(p, busy[i]);
		if (f.from.s < hull.to.s && f.to.s > hull.from.s)
			found[n++] = f;
	}
	qsort(l->seats, l->seats_n, sizeof *l->seats, seat_order);
	return interval_set(l->arena, found, n);
}

/* Starts s with [s, s + length) inside the set. */
static struct intervals shorten(struct arena *a, struct intervals set, int64_t length)
{
	struct intervals out = { .items = NEWS(a, range, set.n), .cap = set.n };
	for (size_t i = 0; i < set.n; i++)
		interval_add(a, &out, (range){ set.items[i].from, { set.items[i].to.s - length + 1 } });
	return out;
}

static bool limits_reached(const struct listing *l, day d)
{
	for (int by = 0; by < BY_ALL; by++) {
		int64_t limit = limit_of(&l->plan->c->event, by);
		if (limit != NONE && keys_count(l->keys[by], key_of(by, d)) >= limit)
			return true;
	}
	return false;
}

/* The candidates of one piece that are legal; when `full` only those that join a meeting. */
static void piece_list(struct listing *l, range piece, bool full)
{
	const struct slot_plan *p = l->plan;
	int64_t seats = p->c->event.seats;
	for (size_t i = l->legal_at; i < l->legal.n && l->legal.items[i].from.s < piece.to.s; i++) {
		range legal = l->legal.items[i];
		int64_t s = piece.from.s, end = least(legal.to.s, piece.to.s);
		if (s < legal.from.s)
			s += (legal.from.s - s + p->step - 1) / p->step * p->step;
		for (; s < end; s += p->step) {
			int64_t left = l->seats_n ? seats_left(l, s) : 0;
			if (!full || left)
				l->slots[l->n++] = (struct slot){ { s }, left ? left : seats };
		}
	}
}

/* All pieces of one stretch of one date. */
static void stretch_list(struct listing *l, range stretch, day d)
{
	if (d.d < l->plan->first.d || d.d > l->plan->last.d)
		return;
	while (l->legal_at < l->legal.n && l->legal.items[l->legal_at].to.s <= stretch.from.s)
		l->legal_at++;
	if (l->legal_at == l->legal.n || l->legal.items[l->legal_at].from.s >= stretch.to.s)
		return;
	bool full = limits_reached(l, d);
	if (full && !l->seats_n)
		return;
	while (l->open_at < l->open.n && l->open.items[l->open_at].to.s <= stretch.from.s)
		l->open_at++;
	for (size_t i = l->open_at; i < l->open.n && l->open.items[i].from.s < stretch.to.s; i++)
		piece_list(l,
			   (range){ { most(l->open.items[i].from.s, stretch.from.s) },
				    { least(l->open.items[i].to.s, stretch.to.s) } },
			   full);
}

static int64_t minutes_up(int64_t s)
{
	int64_t rest = s % MINUTE_SECONDS;
	return rest > 0 ? s + MINUTE_SECONDS - rest : s - rest;
}

static int64_t day_floor(int64_t s)
{
	return s / DAY_SECONDS - (s % DAY_SECONDS < 0);
}

/* Every stretch of one date in the hull, ascending: span by span, and joined where only the offset changes. */
static void dates_walk(struct listing *l)
{
	range stretch = { 0 };
	day d = { NONE };
	for (const struct zone_span *s = l->spans; s < l->spans + l->spans_n; s++) {
		for (int64_t from = s->from.s, to; from < s->to.s; from = to) {
			int64_t today = day_floor(from + s->offset);
			to = least(s->to.s, (today + 1) * DAY_SECONDS - s->offset);
			if (today != d.d) {
				if (day_is(d))
					stretch_list(l, stretch, d);
				stretch.from.s = minutes_up(from);
			}
			d.d = today;
			stretch.to.s = minutes_up(to);
		}
	}
	if (day_is(d))
		stretch_list(l, stretch, d);
}

/* How many slots there can be: where a piece and a legal interval meet, one more than intervals fit in.  They meet
 * at most as often as there are of both together; a stretch of a date cuts an open interval once. */
static size_t slots_bound(const struct listing *l, range within)
{
	size_t stretches = (size_t)((within.to.s - within.from.s) / DAY_SECONDS) + 2 * l->spans_n;
	return (size_t)(interval_total(l->legal).s / l->plan->step) + l->legal.n + l->open.n + stretches;
}

/* slots_within - the slots whose starts lie in `wanted`. */
static void slots_within(struct cx *cx, const struct slot_plan *p, struct intervals wanted, struct list *out)
{
	static struct slot none;
	struct listing l = { .plan = p, .arena = &cx->arena };
	*out = (struct list){ &none, 0 };
	wanted = interval_clip(&cx->arena, wanted, (range){ p->earliest, { INT64_MAX } });
	if (!wanted.n)
		return;
	range hull = { wanted.items[0].from, wanted.items[wanted.n - 1].to };
	range within = { zone_date_around(p->host, hull.from).from, { hull.to.s + p->length } };
	l.open = schedule_open(cx, &p->c->schedule, p->host, within);
	struct intervals busy = schedule_busy(cx, &p->c->schedule, within);
	struct intervals starts = shorten(l.arena, interval_difference(l.arena, l.open, busy), p->length);
	starts = interval_intersection(l.arena, starts, wanted);
	l.legal = interval_difference(l.arena, starts, forbidden_make(&l, hull));
	for (int by = 0; by < BY_ALL; by++)
		if (limit_of(&p->c->event, by) != NONE)
			l.keys[by] = keys_make(l.arena, p, by);
	l.spans_n = zone_spans(l.arena, p->host, (range){ within.from, hull.to }, &l.spans);
	l.slots = NEWS(l.arena, struct slot, slots_bound(&l, within));
	dates_walk(&l);
	*out = (struct list){ l.slots, l.n };
}

enum err slot_list(struct cx *cx, const struct slot_case *c, struct list *out)
{
	struct slot_plan p;
	TRY(slot_plan_make(cx, c, &p));
	slots_within(cx, &p, zone_dates(&cx->arena, p.invitee, c->query.from, c->query.to), out);
	return OK;
}

enum err slot_check(struct cx *cx, const struct slot_case *c, instant start, bool *offered)
{
	struct slot_plan p;
	struct list found;
	TRY(slot_plan_make(cx, c, &p));
	day d = zone_day(p.invitee, start);
	*offered = false;
	if (d.d < c->query.from.d || d.d > c->query.to.d)
		return OK;
	range one = { start, { start.s + 1 } };
	slots_within(cx, &p, (struct intervals){ &one, 1, 1 }, &found);
	*offered = found.n == 1;
	return OK;
}
