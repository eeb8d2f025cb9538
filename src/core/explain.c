/* Each condition of docs/semantics.md is asked on its own for one start, so that all that fail are told, not only
 * the first.  The conditions are those of slots.c; the sets come from the same functions. */
#include "explain.h"
#include "slot_plan.h"

const char *const REASON_CODES[] = {
	"outside_hours", "override_closed", "one_off_busy",  "off_grid",   "past",       "notice",
	"horizon",       "window",          "query_range",   "limit_day",  "limit_week", "limit_month",
	"meeting",       "buffer",          "calendar_busy", "seats_full", NULL
};

static const char *const MESSAGES[] = {
	[REASON_OUTSIDE_HOURS] = "outside the hours of the schedule",
	[REASON_OVERRIDE_CLOSED] = "not among the hours set for that date",
	[REASON_ONE_OFF_BUSY] = "taken by a single busy time of the schedule",
	[REASON_OFF_GRID] = "not one of the times at which a meeting may start",
	[REASON_PAST] = "in the past",
	[REASON_NOTICE] = "too soon: less than the minimum notice from now",
	[REASON_HORIZON] = "too far ahead: behind the last date that can be booked now",
	[REASON_WINDOW] = "outside the dates on which this can be booked",
	[REASON_QUERY_RANGE] = "outside the dates asked for",
	[REASON_LIMIT_DAY] = "the date has as many meetings of this kind as are allowed",
	[REASON_LIMIT_WEEK] = "the week has as many meetings of this kind as are allowed",
	[REASON_LIMIT_MONTH] = "the month has as many meetings of this kind as are allowed",
	[REASON_MEETING] = "there is another meeting",
	[REASON_BUFFER] = "too close to something else: the time kept free between is not left",
	[REASON_CALENDAR_BUSY] = "busy in a connected calendar",
	[REASON_SEATS_FULL] = "all seats are taken",
};

const struct field REASON[] = {
	FIELD(struct reason, code, OUT, .choices = REASON_CODES),
	FIELD(struct reason, message, OUT),
	FIELD(struct reason, start, OUT | MAYBE | SPARSE, .doc = "of the thing that it comes from"),
	FIELD(struct reason, end, OUT | MAYBE | SPARSE),
	FIELD(struct reason, date, OUT | MAYBE | SPARSE),
	FIELD(struct reason, limit, OUT | MAYBE | SPARSE),
	FIELD(struct reason, count, OUT | MAYBE | SPARSE),
	FIELD(struct reason, id, OUT | MAYBE | SPARSE),
	FIELD_END,
};

str reason_message(enum reason_code code)
{
	return str_of(MESSAGES[code]);
}

/* telling - one explanation being made. */
struct telling {
	struct cx *cx;
	const struct slot_plan *plan;
	instant start, end;
	day date; /* the host's */
	bool joins;
	struct reason *reasons;
	size_t n;
};

static const struct reason NOTHING = {
	.start = { NONE }, .end = { NONE }, .date = { NONE }, .limit = NONE, .count = NONE
};

static struct reason reason_of(enum reason_code code)
{
	struct reason r = NOTHING;
	r.code = code;
	r.message = reason_message(code);
	return r;
}

static void tell(struct telling *t, struct reason r)
{
	if (t->n < REASON_CAP)
		t->reasons[t->n++] = r;
}

static void tell_range(struct telling *t, enum reason_code code, range r, uuid id)
{
	struct reason reason = reason_of(code);
	reason.start = r.from;
	reason.end = r.to;
	reason.id = id;
	tell(t, reason);
}

static bool is_override(const struct schedule *s, day d)
{
	const struct override *overrides = s->overrides.items;
	for (size_t i = 0; i < s->overrides.n; i++)
		if (overrides[i].date.d == d.d)
			return true;
	return false;
}

/* Closed parts, date by date; those of one kind (override or not) in one pass each. */
static void tell_closed(struct telling *t, struct intervals closed, bool override)
{
	const struct schedule *s = &t->plan->c->schedule;
	for (size_t i = 0; i < closed.n; i++) {
		for (instant from = closed.items[i].from, to; from.s < closed.items[i].to.s; from = to) {
			to = zone_date_around(t->plan->host, from).to;
			to.s = to.s < closed.items[i].to.s ? to.s : closed.items[i].to.s;
			day d = zone_day(t->plan->host, from);
			if (is_override(s, d) != override)
				continue;
			struct reason r = reason_of(override ? REASON_OVERRIDE_CLOSED : REASON_OUTSIDE_HOURS);
			r.start = from;
			r.end = to;
			r.date = d;
			tell(t, r);
		}
	}
}

/* The candidates of the start's piece, when it has one and the start is not among them. */
static void tell_grid(struct telling *t, struct intervals open, range date)
{
	size_t i = interval_find(open, t->start);
	if (i == open.n || open.items[i].from.s > t->start.s)
		return;
	int64_t up = MINUTE_SECONDS - 1, first = date.from.s + (up - (date.from.s + up) % MINUTE_SECONDS);
	int64_t from = open.items[i].from.s > first ? open.items[i].from.s : first;
	int64_t to = open.items[i].to.s < date.to.s ? open.items[i].to.s : date.to.s;
	int64_t rest = (t->start.s - from) % t->plan->step;
	if (rest == 0)
		return;
	struct reason r = reason_of(REASON_OFF_GRID);
	r.start.s = t->start.s - rest;
	r.end.s = r.start.s + t->plan->step < to ? r.start.s + t->plan->step : NONE;
	tell(t, r);
}

static void tell_hours(struct telling *t)
{
	const struct schedule *s = &t->plan->c->schedule;
	struct arena *a = &t->cx->arena;
	range date = zone_date_around(t->plan->host, t->start), slot = { t->start, t->end };
	range within = { date.from, { t->end.s > date.to.s ? t->end.s : date.to.s } };
	struct intervals open = schedule_open(t->cx, s, t->plan->host, within);
	struct intervals closed = interval_complement(a, open, slot);
	tell_closed(t, closed, false);
	tell_closed(t, closed, true);
	const struct one_off *ones = s->one_offs.items;
	for (size_t i = 0; i < s->one_offs.n; i++)
		if (ones[i].kind == TIME_BUSY && ones[i].start.s < t->end.s && ones[i].end.s > t->start.s)
			tell_range(t, REASON_ONE_OFF_BUSY, (range){ ones[i].start, ones[i].end }, ones[i].id);
	tell_grid(t, open, date);
}

static void tell_date(struct telling *t, enum reason_code code, day d, int64_t limit)
{
	struct reason r = reason_of(code);
	r.date = d;
	r.limit = limit;
	tell(t, r);
}

static void tell_time(struct telling *t)
{
	const struct slot_case *c = t->plan->c;
	const struct slot_event *e = &c->event;
	struct reason r = reason_of(t->start.s < c->now.s ? REASON_PAST : REASON_NOTICE);
	r.end = t->start.s < c->now.s ? c->now : t->plan->earliest;
	if (t->start.s >= c->now.s)
		r.limit = e->minimum_notice_minutes;
	if (t->start.s < t->plan->earliest.s)
		tell(t, r);
	day horizon = { zone_day(t->plan->host, c->now).d + (e->horizon_days == NONE ? 0 : e->horizon_days) };
	if (e->horizon_days != NONE && t->date.d > horizon.d)
		tell_date(t, REASON_HORIZON, horizon, e->horizon_days);
	if (day_is(e->window.from) && t->date.d < e->window.from.d)
		tell_date(t, REASON_WINDOW, e->window.from, NONE);
	if (day_is(e->window.until) && t->date.d > e->window.until.d)
		tell_date(t, REASON_WINDOW, e->window.until, NONE);
	day asked = zone_day(t->plan->invitee, t->start);
	if (asked.d < c->query.from.d || asked.d > c->query.to.d)
		tell_date(t, REASON_QUERY_RANGE, asked, NONE);
}

static void tell_limit(struct telling *t, enum reason_code code, int64_t limit, int64_t count, day d)
{
	if (limit == NONE || count < limit)
		return;
	struct reason r = reason_of(code);
	r.date = d;
	r.limit = limit;
	r.count = count;
	tell(t, r);
}

static void tell_limits(struct telling *t)
{
	const struct slot_limits *limits = &t->plan->c->event.limits;
	if (t->joins)
		return;
	struct slot_limits count = slot_count(t->plan, t->date);
	struct civil first = civil_of_day(t->date);
	first.day = 1;
	tell_limit(t, REASON_LIMIT_DAY, limits->day, count.day, t->date);
	tell_limit(t, REASON_LIMIT_WEEK, limits->week, count.week, day_monday(t->date));
	tell_limit(t, REASON_LIMIT_MONTH, limits->month, count.month, day_of_civil(first));
}

static bool is_full(const struct telling *t, const struct meeting *m)
{
	return t->plan->c->event.seats > 1 && m->same_event && m->start.s == t->start.s && m->end.s == t->end.s;
}

/* A meeting or busy time that forbids the start: itself, or only by the time to keep free between. */
static void tell_occupied(struct telling *t, enum reason_code code, range r, range forbids, uuid id)
{
	if (t->start.s < forbids.from.s || t->start.s >= forbids.to.s)
		return;
	bool touches = r.from.s < t->end.s && r.to.s > t->start.s;
	struct reason reason = reason_of(touches ? code : REASON_BUFFER);
	reason.start = r.from;
	reason.end = r.to;
	reason.id = id;
	if (!touches)
		reason.limit = t->start.s < r.from.s
				   ? (r.from.s - t->plan->length + 1 - forbids.from.s) / MINUTE_SECONDS
				   : (forbids.to.s - r.to.s) / MINUTE_SECONDS;
	tell(t, reason);
}

static void tell_full(struct telling *t, const struct meeting *m)
{
	struct reason r = reason_of(REASON_SEATS_FULL);
	r.start = m->start;
	r.end = m->end;
	r.id = m->id;
	r.limit = t->plan->c->event.seats;
	r.count = m->seats_taken;
	tell(t, r);
}

static void tell_meetings(struct telling *t)
{
	const struct slot_case *c = t->plan->c;
	const struct meeting *meetings = c->meetings.items;
	const range *busy = c->busy.items;
	for (size_t i = 0; i < c->meetings.n; i++) {
		const struct meeting *m = &meetings[i];
		if (slot_joins(t->plan, m, t->start))
			continue;
		if (is_full(t, m))
			tell_full(t, m);
		else
			tell_occupied(t, REASON_MEETING, (range){ m->start, m->end },
				      slot_forbids_meeting(t->plan, m), m->id);
	}
	for (size_t i = 0; i < c->busy.n; i++)
		tell_occupied(t, REASON_CALENDAR_BUSY, busy[i], slot_forbids_busy(t->plan, busy[i]), (uuid){ 0 });
}

enum err slot_explain(struct cx *cx, const struct slot_case *c, instant at, struct list *out)
{
	struct slot_plan p;
	TRY(slot_plan_make(cx, c, &p));
	if (at.s < INSTANT_MIN.s || at.s >= INSTANT_MAX.s)
		return FAIL(cx, E_INVALID, S("/at"), "must be from 1970 to 2199");
	struct telling t = {
		.cx = cx, .plan = &p, .start = at, .end = { at.s + p.length }, .date = zone_day(p.host, at)
	};
	t.reasons = NEWS(&cx->arena, struct reason, REASON_CAP);
	const struct meeting *meetings = c->meetings.items;
	for (size_t i = 0; i < c->meetings.n; i++)
		t.joins = t.joins || slot_joins(&p, &meetings[i], at);
	tell_hours(&t);
	tell_time(&t);
	tell_limits(&t);
	tell_meetings(&t);
	*out = (struct list){ t.reasons, t.n };
	return OK;
}
