#include "offer.h"

#include "core/clean.h"
#include "core/zone.h"
#include "form.h"
#include "store/proposal.h"

#include <string.h>

enum { MONTHS_AHEAD = 24, LOOK_AHEAD = 365, MORNING_END = 12 * 60, AFTERNOON_END = 17 * 60 };

/* ---- what is asked */

static str asked(const struct call *c, const char *name)
{
	str v = query_find(&c->asked, str_of(name));
	return v.n ? v : query_find(&c->form, str_of(name));
}

static day month_start(day d)
{
	struct civil civil = civil_of_day(d);
	return day_of_civil((struct civil){ civil.year, civil.month, 1 });
}

static day month_add(day d, int64_t n)
{
	struct civil civil = civil_of_day(d);
	int64_t months = civil.year * 12 + civil.month - 1 + n;
	return day_of_civil((struct civil){ months / 12, (int)(months % 12) + 1, 1 });
}

/* The preferences cookie: "Europe/Berlin|12", set by the script, so that the first answer is right already. */
static void preferences(const struct call *c, str *zone, bool *clock12)
{
	str cookie = cookie_find(http_header(&c->exchange->request, S("cookie")), S("noonmark_view"));
	*zone = str_cut(&cookie, '|');
	*clock12 = str_is(cookie, S("12"));
}

static int64_t duration_of(const struct call *c, const struct list *durations)
{
	const struct duration *d = durations->items;
	int64_t minutes = NONE;
	if (!str_to_int(asked(c, "duration"), &minutes))
		minutes = NONE;
	for (size_t i = 0; i < durations->n; i++)
		if (d[i].minutes == minutes)
			return minutes;
	return durations->n ? d[0].minutes : 30;
}

enum err offer_read(struct call *c, struct availability *availability, str usual, struct offer *out)
{
	struct page *p = c->page;
	str zone = asked(c, "time_zone"), clock = asked(c, "clock"), cookie_zone, month = asked(c, "month");
	preferences(c, &cookie_zone, &out->usual12);
	out->availability = availability;
	out->usual = zone_is(cookie_zone) ? cookie_zone : usual;
	out->zone = zone_is(zone) ? zone : out->usual;
	TRY(zone_load(c->cx, out->zone, S("/time_zone"), &p->reader.zone));
	p->reader.clock12 = clock.n ? str_is(clock, S("12")) : out->usual12;
	out->duration = duration_of(c, &availability->durations);
	out->date = out->month = (day){ NONE };
	if (!day_parse(asked(c, "date"), &out->date))
		out->date.d = NONE;
	if (!day_parse(str_format(&c->cx->arena, "%.*s-01", STR_ARG(month)), &out->month))
		out->month = day_is(out->date) ? month_start(out->date) : (day){ NONE };
	return OK;
}

void offer_begin(struct offer *o, day date)
{
	o->date = date;
	o->month = month_start(date);
}

/* ---- links */

static void pair_add(struct call *c, struct buf *b, const char *name, str value)
{
	buf_format(b, "%s%s=", b->n ? "&" : "", name);
	buf_add(b, percent_encode(&c->cx->arena, value));
}

str offer_link(struct call *c, const struct offer *o, const char *name, str value)
{
	struct arena *a = &c->cx->arena;
	struct buf b = { 0 };
	const struct duration *first = o->availability->durations.items;
	bool change = !strcmp(name, "duration") || !strcmp(name, "time_zone") || !strcmp(name, "clock") ||
		      !strcmp(name, "zones");
	buf_add(&b, o->extra);
	if (first && o->duration != first->minutes && strcmp(name, "duration"))
		pair_add(c, &b, "duration", str_format(a, "%lld", (long long)o->duration));
	if (!str_is(o->zone, o->usual) && strcmp(name, "time_zone"))
		pair_add(c, &b, "time_zone", o->zone);
	if (c->page->reader.clock12 != o->usual12 && strcmp(name, "clock"))
		pair_add(c, &b, "clock", c->page->reader.clock12 ? S("12") : S("24"));
	if (change && (day_is(o->date) || day_is(o->month))) {
		char text[DAY_TEXT];
		bool date = day_is(o->date);
		pair_add(c, &b, date ? "date" : "month",
			 date ? day_format(text, o->date) : str_slice(day_format(text, o->month), 0, 7));
	}
	if (value.n)
		pair_add(c, &b, name, value);
	str link = str_format(a, "%.*s%s%.*s", STR_ARG(o->path), b.n ? "?" : "", STR_ARG(buf_str(&b)));
	buf_free(&b);
	return link;
}

/* What the list of zones carries along: all that a link to the same place has, but the zone. */
static enum err carried_put(struct call *c, const struct offer *o, struct value *zone)
{
	struct arena *a = &c->cx->arena;
	struct value *list = value_list(a);
	struct pairs pairs;
	str link = offer_link(c, o, "zones", (str){ 0 });
	str_cut(&link, '?');
	TRY(query_parse(c->cx, link, &pairs));
	for (size_t i = 0; i < pairs.n; i++) {
		if (str_is(pairs.items[i].name, S("time_zone")))
			continue;
		struct value *v = value_object(a);
		value_set(a, v, "name", pairs.items[i].name);
		value_set(a, v, "value", pairs.items[i].value);
		value_add(a, list, v);
	}
	value_set(a, zone, "carried", list);
	return OK;
}

enum err offer_zone_put(struct call *c, const struct offer *o, instant at)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	struct value *v = value_object(a);
	bool twelve = p->reader.clock12;
	value_set(a, v, "name", o->zone);
	value_set(a, v, "text", text_zone(a, p->reader.zone, at));
	value_set(a, v, "change", offer_link(c, o, "zones", S("1")));
	value_set(a, v, "clock", offer_link(c, o, "clock", twelve ? S("24") : S("12")));
	value_set(a, v, "twelve", twelve);
	if (query_find(&c->asked, S("zones")).n) {
		value_set(a, v, "regions", zones_value(c, o->zone));
		value_set(a, v, "path", o->path);
		value_set(a, v, "back", offer_link(c, o, "clock", twelve ? S("12") : S("24")));
		TRY(carried_put(c, o, v));
	}
	value_set(a, p->data, "zone", v);
	return OK;
}

/* ---- a month */

/* What is free on each date of the month, and the slots behind it. */
struct month_slots {
	day first;
	int length;
	size_t from[31], n[31]; /* by day of the month: where in slots, how many */
	struct list slots;
};

static enum err slots_between(struct call *c, const struct offer *o, day from, day to, struct list *out)
{
	struct slot_query query = { from, to, o->zone };
	TRY(availability_load(c->cx, o->availability, o->duration, &query));
	return slot_list(c->cx, &o->availability->slots, out);
}

static enum err month_load(struct call *c, const struct offer *o, day today, struct month_slots *m)
{
	struct civil civil = civil_of_day(o->month);
	m->first = o->month;
	m->length = month_length(civil.year, civil.month);
	day last = { m->first.d + m->length - 1 };
	day from = m->first.d < today.d ? today : m->first;
	if (from.d > last.d)
		return OK;
	TRY(slots_between(c, o, from, last, &m->slots));
	const struct slot *s = m->slots.items;
	for (size_t i = 0; i < m->slots.n; i++) {
		int64_t d = zone_day(c->page->reader.zone, s[i].start).d - m->first.d;
		if (d < 0 || d > 30)
			continue;
		if (!m->n[d]++)
			m->from[d] = i;
	}
	return OK;
}

static str date_text(struct arena *a, day d)
{
	char text[DAY_TEXT];
	return str_copy(a, day_format(text, d));
}

static struct value *day_value(struct call *c, const struct offer *o, const struct month_slots *m, int d, day today)
{
	struct arena *a = &c->cx->arena;
	struct value *v = value_object(a);
	day date = { m->first.d + d };
	value_set(a, v, "n", d + 1);
	value_set(a, v, "today", date.d == today.d);
	if (!m->n[d])
		return v;
	value_set(a, v, "date", date_text(a, date));
	value_set(a, v, "href", offer_link(c, o, "date", date_text(a, date)));
	value_set(a, v, "selected", date.d == o->date.d);
	str count = language_fill_count(a, c->page->reader.language, S("page.book.free"), (int64_t)m->n[d]);
	value_set(
	    a, v, "label",
	    str_format(a, "%.*s, %.*s", STR_ARG(text_day_long(a, c->page->reader.language, date)), STR_ARG(count)));
	return v;
}

static void weeks_put(struct call *c, const struct offer *o, const struct month_slots *m, day today,
		      struct value *out)
{
	struct arena *a = &c->cx->arena;
	struct value *weeks = value_list(a), *days = NULL;
	int lead = (int)day_weekday(m->first);
	for (int i = 0; i < (lead + m->length + 6) / 7 * 7; i++) {
		if (i % 7 == 0) {
			struct value *week = value_object(a);
			days = value_list(a);
			value_set(a, week, "days", days);
			value_add(a, weeks, week);
		}
		bool inside = i >= lead && i < lead + m->length;
		value_add(a, days, inside ? day_value(c, o, m, i - lead, today) : value_object(a));
	}
	value_set(a, out, "weeks", weeks);
}

static str month_name(struct arena *a, day d)
{
	return str_slice(date_text(a, d), 0, 7);
}

static void month_put(struct call *c, struct offer *o, const struct month_slots *m, day today)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	struct value *v = value_object(a), *weekdays = value_list(a);
	for (int i = 0; i < 7; i++) {
		struct value *w = value_object(a);
		value_set(a, w, "short", page_text(p, str_format(a, "time.weekday.%s", WEEKDAYS[i]).p));
		value_set(a, w, "long", page_text(p, str_format(a, "time.weekday_long.%s", WEEKDAYS[i]).p));
		value_add(a, weekdays, w);
	}
	value_set(a, v, "title", text_month(a, p->reader.language, m->first));
	value_set(a, v, "weekdays", weekdays);
	weeks_put(c, o, m, today, v);
	day keep = o->date;
	o->date.d = NONE;
	if (m->first.d > today.d)
		value_set(a, v, "before", offer_link(c, o, "month", month_name(a, month_add(m->first, -1))));
	if (day_month(m->first) - day_month(today) < MONTHS_AHEAD)
		value_set(a, v, "after", offer_link(c, o, "month", month_name(a, month_add(m->first, 1))));
	o->date = keep;
	value_set(a, p->data, "month", v);
	value_set(a, p->data, "month_title", text_month(a, p->reader.language, m->first));
}

/* ---- a day */

str offer_chosen(struct arena *a, const struct list *chosen, instant toggled)
{
	str all = S("propose=1&chosen=");
	bool any = false, there = false;
	for (size_t i = 0; i <= chosen->n; i++) {
		instant at = i < chosen->n ? ((const instant *)chosen->items)[i] : toggled;
		there = there || (i < chosen->n && at.s == toggled.s);
		if (i < chosen->n ? at.s == toggled.s : there || !instant_is(toggled))
			continue;
		char text[INSTANT_TEXT];
		all = str_format(a, "%.*s%s%s", STR_ARG(all), any ? "," : "", instant_format(text, at).p);
		any = true;
	}
	return any ? all : S("propose=1");
}

static bool is_chosen(const struct list *chosen, instant start)
{
	for (size_t i = 0; i < chosen->n; i++)
		if (((const instant *)chosen->items)[i].s == start.s)
			return true;
	return false;
}

/* Choosing a time stays on its day, and at its times where the page is loaded anew. */
static void choice_set(struct call *c, const struct offer *o, instant start, struct value *v)
{
	struct arena *a = &c->cx->arena;
	struct offer with = *o;
	bool chosen = is_chosen(o->chosen, start), full = o->chosen->n >= PROPOSAL_STARTS && !chosen;
	value_set(a, v, "full", full);
	if (full)
		return;
	with.extra = offer_chosen(a, o->chosen, start);
	str link = offer_link(c, &with, "date", date_text(a, o->date));
	value_set(a, v, "href", str_format(a, "%.*s#times", STR_ARG(link)));
	value_set(a, v, "chosen", chosen);
}

static struct value *time_value(struct call *c, const struct offer *o, const struct slot *s)
{
	struct arena *a = &c->cx->arena;
	struct value *v = value_object(a);
	char text[INSTANT_TEXT];
	value_set(a, v, "start", str_copy(a, instant_format(text, s->start)));
	value_set(a, v, "text", text_clock(a, &c->page->reader, s->start));
	if (o->chosen)
		choice_set(c, o, s->start, v);
	if (o->availability->slots.event.seats > 1)
		value_set(a, v, "left",
			  language_fill_count(a, c->page->reader.language, S("page.book.left"), s->seats_left));
	return v;
}

static void groups_put(struct call *c, const struct offer *o, const struct slot *s, size_t n, struct value *out)
{
	static const char *const titles[] = { "page.book.morning", "page.book.afternoon", "page.book.evening" };
	static const char *const names[] = { "morning", "afternoon", "evening" };
	struct arena *a = &c->cx->arena;
	struct value *groups = value_list(a), *times[3] = { NULL };
	for (int g = 0; g < 3; g++) {
		times[g] = value_list(a);
		for (size_t i = 0; i < n; i++) {
			int64_t m = zone_minute(c->page->reader.zone, s[i].start).m;
			if ((m < MORNING_END ? 0 : m < AFTERNOON_END ? 1 : 2) == g && s[i].start.s != o->without.s)
				value_add(a, times[g], time_value(c, o, &s[i]));
		}
		if (!times[g]->n)
			continue;
		struct value *v = value_object(a);
		value_set(a, v, "name", str_of(names[g]));
		value_set(a, v, "title", page_text(c->page, titles[g]));
		value_set(a, v, "times", times[g]);
		value_add(a, groups, v);
	}
	value_set(a, out, "groups", groups);
}

static void day_put(struct call *c, const struct offer *o, const struct month_slots *m)
{
	struct arena *a = &c->cx->arena;
	struct page *p = c->page;
	int64_t d = o->date.d - m->first.d;
	const struct slot *s = (const struct slot *)m->slots.items + m->from[d];
	struct value *v = value_object(a);
	value_set(a, v, "title", text_day_long(a, p->reader.language, o->date));
	value_set(a, v, "date", date_text(a, o->date));
	value_set(a, v, "change", text_change(a, &p->reader, c->cx->now, s[m->n[d] - 1].start));
	groups_put(c, o, s, m->n[d], v);
	value_set(a, p->data, "day", v);
}

/* {"days":{"2026-12-01":["09:00+01:00", "09:30", …]}}: wall clock, with the offset where it changes. */
static str slots_json(struct call *c, const struct month_slots *m)
{
	struct arena *a = &c->cx->arena;
	struct buf b = { 0 };
	const struct slot *s = m->slots.items;
	char text[INSTANT_TEXT], offset[8] = "";
	buf_add(&b, S("{"));
	for (int d = 0; d < m->length; d++) {
		if (!m->n[d])
			continue;
		offset[0] = 0;
		buf_format(&b, "%s\"%.*s\":[", b.n > 1 ? "," : "", STR_ARG(date_text(a, (day){ m->first.d + d })));
		for (size_t i = m->from[d]; i < m->from[d] + m->n[d]; i++) {
			str t = zone_format(text, c->page->reader.zone, s[i].start);
			bool same = strcmp(offset, t.p + 19) == 0;
			buf_format(&b, "%s\"%.5s%s\"", i > m->from[d] ? "," : "", t.p + 11, same ? "" : t.p + 19);
			memcpy(offset, t.p + 19, str_of(t.p + 19).n + 1);
		}
		buf_add_char(&b, ']');
	}
	buf_add_char(&b, '}');
	str json = str_copy(a, buf_str(&b));
	buf_free(&b);
	return json;
}

/* ---- together */

static bool has_date(const struct offer *o, const struct month_slots *m)
{
	if (!day_is(o->date))
		return false;
	int64_t d = o->date.d - m->first.d;
	return d >= 0 && d < m->length && m->n[d] > 0;
}

/* The first free day from a date on, within a year. */
static enum err next_find(struct call *c, const struct offer *o, day from, day *out)
{
	struct list slots;
	out->d = NONE;
	TRY(slots_between(c, o, from, (day){ from.d + LOOK_AHEAD }, &slots));
	if (slots.n)
		*out = zone_day(c->page->reader.zone, ((const struct slot *)slots.items)->start);
	return OK;
}

static enum err next_put(struct call *c, const struct offer *o, const struct month_slots *m, day today)
{
	day next, end = { m->first.d + m->length };
	TRY(next_find(c, o, end.d > today.d ? end : today, &next));
	if (!day_is(next) && end.d > today.d) /* nothing later: then what is sooner */
		TRY(next_find(c, o, today, &next));
	if (!day_is(next)) {
		page_put(c, c->page, "never", (bool)true);
		return OK;
	}
	page_put(c, c->page, "next", offer_link(c, o, "date", date_text(&c->cx->arena, next)));
	page_put(c, c->page, "next_day", text_day(&c->cx->arena, c->page->reader.language, next));
	return OK;
}

enum err offer_put(struct call *c, struct offer *o)
{
	struct month_slots *m = NEW(&c->cx->arena, struct month_slots);
	day today = zone_day(c->page->reader.zone, c->cx->now);
	bool given = day_is(o->month);
	if (!given || o->month.d < month_start(today).d || day_month(o->month) - day_month(today) > MONTHS_AHEAD)
		o->month = month_start(today);
	TRY(month_load(c, o, today, m));
	if (!given && !m->slots.n) { /* nobody asked for this month: show the first that has something */
		day next;
		TRY(next_find(c, o, today, &next));
		if (day_is(next)) {
			o->month = month_start(next);
			*m = (struct month_slots){ 0 };
			TRY(month_load(c, o, today, m));
		}
	}
	if (!has_date(o, m)) {
		o->date.d = NONE;
		for (int d = m->length - 1; d >= 0; d--)
			if (m->n[d])
				o->date.d = m->first.d + d;
	}
	TRY(offer_zone_put(c, o, day_is(o->date) ? zone_day_start(c->page->reader.zone, o->date) : c->cx->now));
	month_put(c, o, m, today);
	if (!o->chosen)
		page_put(c, c->page, "slots", value_safe(&c->cx->arena, slots_json(c, m)));
	page_put(c, c->page, "path", o->path);
	if (!day_is(o->date))
		return next_put(c, o, m, today);
	day_put(c, o, m);
	return OK;
}

/* ---- what is free instead */

static void alternatives_put(struct call *c, struct page *p)
{
	struct arena *a = &c->cx->arena;
	struct value *list = value_list(a);
	str rest = c->cx->fault.extra, key = S("{\"start\":\"");
	for (size_t i = 0; i + key.n + 20 <= rest.n; i++) {
		instant at;
		str text = str_slice(rest, i + key.n, i + key.n + 20);
		if (!str_starts(str_slice(rest, i, rest.n), key) || !instant_parse(text, &at))
			continue;
		struct value *v = value_object(a);
		value_set(a, v, "start", text);
		value_set(a, v, "text",
			  str_format(a, "%.*s, %.*s", STR_ARG(text_date(a, &p->reader, at)),
				     STR_ARG(text_clock(a, &p->reader, at))));
		value_add(a, list, v);
	}
	value_set(a, p->data, "alternatives", list);
	value_set(a, p->data, "alternatives_any", list->n > 0);
}

bool gone_put(struct call *c, struct page *p)
{
	struct arena *a = &c->cx->arena;
	bool taken = c->cx->fault.code == E_SLOT_TAKEN;
	if (!taken && c->cx->fault.code != E_NOT_OFFERED)
		return false;
	alternatives_put(c, p);
	bool any = value_truth(value_get(p->data, S("alternatives_any")));
	const char *key = taken ? any ? "page.taken.title" : "page.taken.none"
			  : any ? "page.gone.title"
				: "page.gone.none";
	value_set(a, p->data, "problem", language_fill(a, p->reader.language, str_of(key), p->data));
	return true;
}

str price_text(struct arena *a, const struct language *l, int64_t amount, str currency)
{
	static const char none[] = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF ";
	static const char three[] = "BHD IQD JOD KWD LYD OMR TND ";
	if (amount == NONE || amount == 0 || currency.n != 3)
		return (str){ NULL, 0 };
	const char *code = str_to_c(a, currency);
	long long n = amount;
	if (strstr(none, code))
		return str_format(a, "%lld %s", n, code);
	str point = language_text(l, S("number.point"));
	if (strstr(three, code))
		return str_format(a, "%lld%.*s%03lld %s", n / 1000, STR_ARG(point), n % 1000, code);
	return n % 100 ? str_format(a, "%lld%.*s%02lld %s", n / 100, STR_ARG(point), n % 100, code)
		       : str_format(a, "%lld %s", n / 100, code);
}
