/* Most of the time of a slot answer was once spent here: the date and offset of a slot are those of the one before,
 * nearly always, so only the clock is written anew. */
#include "slot_days.h"

#include "core/zone.h"

#include <string.h>

/* The shapes that slot_days_write writes by hand. */
struct slot_start {
	instant start;
	int64_t seats_left;
};

struct slot_day {
	day date;
	struct list slots;
};

struct slot_days {
	str time_zone;
	int64_t duration_minutes;
	struct list days;
};

static const struct field SLOT_START[] = {
	FIELD(struct slot_start, start, OUT, .doc = "With the asked zone's offset at that moment"),
	FIELD(struct slot_start, seats_left, OUT | MAYBE | SPARSE,
	      .doc = "Where an event type has more than one seat"),
	FIELD_END,
};

static const struct field SLOT_DAY[] = {
	FIELD(struct slot_day, date, OUT, .doc = "In the asked zone"),
	LIST(struct slot_day, slots, OUT, SLOT_START, struct slot_start, .doc = "At least one, ascending"),
	FIELD_END,
};

const struct field SLOT_DAYS_REPLY[] = {
	FIELD(struct slot_days, time_zone, OUT, .doc = "As asked"),
	FIELD(struct slot_days, duration_minutes, OUT, .doc = "As asked, or the event type's first"),
	LIST(struct slot_days, days, OUT, SLOT_DAY, struct slot_day,
	     .doc = "Ascending; days without slots are left out"),
	FIELD_END,
};

enum { SLOT_BYTES = 72, DATE_BYTES = 10, START_BYTES = 25 };

/* wall - what a zone's clock shows, remembered from slot to slot. */
struct wall {
	const struct zone *zone;
	struct zone_span span;
	int64_t offset;                /* whole minutes, as RFC 3339 has them */
	day date;                      /* of start_text; NONE: another offset than start_text has */
	char start_text[INSTANT_TEXT]; /* 2026-03-02T14:30:00+05:30 */
};

static day wall_day(struct wall *w, instant t)
{
	if (t.s < w->span.from.s || t.s >= w->span.to.s) {
		w->span = zone_span_at(w->zone, t);
		w->offset = w->span.offset - w->span.offset % MINUTE_SECONDS;
		w->date.d = NONE;
	}
	return (day){ (t.s + w->offset) / DAY_SECONDS }; /* rounding is no matter: instants are of 1970 and later */
}

static void wall_format(struct wall *w, instant t)
{
	day d = wall_day(w, t);
	if (d.d != w->date.d) {
		w->date = d;
		instant_format_at(w->start_text, t, w->offset);
		return;
	}
	int64_t minute = (t.s + w->offset) % DAY_SECONDS / MINUTE_SECONDS;
	char *clock = w->start_text + DATE_BYTES + 1;
	clock[0] = (char)('0' + minute / 600);
	clock[1] = (char)('0' + minute / 60 % 10);
	clock[3] = (char)('0' + minute % 60 / 10);
	clock[4] = (char)('0' + minute % 10);
}

/* Slots ascend; their dates do too, but for the few behind a midnight that a zone has twice: those go back to their
 * date's others. */
static void slots_by_date(struct wall *w, struct slot *slots, size_t n)
{
	int64_t latest = INT64_MIN;
	for (size_t i = 0; i < n; i++) {
		struct slot slot = slots[i];
		int64_t d = wall_day(w, slot.start).d;
		size_t at = i;
		while (d < latest && at > 0 && wall_day(w, slots[at - 1].start).d > d) {
			slots[at] = slots[at - 1];
			at--;
		}
		slots[at] = slot;
		latest = d > latest ? d : latest;
	}
}

static char *put(char *p, str s)
{
	memcpy(p, s.p, s.n);
	return p + s.n;
}

static void slot_write(struct buf *b, const struct wall *w, const struct slot *slot, bool first, bool shared)
{
	char *from = buf_room(b, SLOT_BYTES), *p = from;
	if (!p)
		return;
	p = put(p, first ? S("{\"start\":\"") : S(",{\"start\":\""));
	p = put(p, (str){ w->start_text, START_BYTES });
	p = put(p, shared ? S("\",\"seats_left\":") : S("\"}"));
	buf_used(b, (size_t)(p - from));
	if (shared) {
		buf_add_int(b, slot->seats_left);
		buf_add_char(b, '}');
	}
}

void slot_days_write(struct buf *b, const struct zone *zone, const struct list *slots, int64_t duration_minutes,
		     bool shared)
{
	struct wall w = { .zone = zone, .date = { NONE } };
	struct slot *items = slots->items;
	int64_t date = NONE;
	buf_add(b, S("{\"time_zone\":"));
	json_quote(b, zone_name(zone));
	buf_format(b, ",\"duration_minutes\":%lld,\"days\":[", (long long)duration_minutes);
	slots_by_date(&w, items, slots->n);
	w.date.d = NONE;
	for (size_t i = 0; i < slots->n; i++) {
		wall_format(&w, items[i].start);
		bool turned = w.date.d != date;
		if (turned) {
			buf_add(b, i ? S("]},{\"date\":\"") : S("{\"date\":\""));
			buf_add(b, (str){ w.start_text, DATE_BYTES });
			buf_add(b, S("\",\"slots\":["));
		}
		slot_write(b, &w, &items[i], turned, shared);
		date = w.date.d;
	}
	buf_add(b, slots->n ? S("]}]}") : S("]}"));
}
