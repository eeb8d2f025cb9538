/* People as others see them: profiles, what they offer, when they are free; one's own calendar; zones to choose from. */
#include "core/zone.h"
#include "routes.h"
#include "site.h"
#include "store/account.h"
#include "store/availability.h"
#include "store/event_type.h"

enum { OVERLAP_USERS = 20, USERNAME_BYTES = 32 };

/* ---- profiles and what they offer */

static enum err host_find(struct call *c, struct account *out)
{
	if (account_get_username(c->cx, c->parameters[0], out) == OK)
		return OK;
	return c->cx->fault.code == E_NOT_FOUND ? FAIL(c->cx, E_NOT_FOUND, S(""), "there is nobody of that name here")
						: c->cx->fault.code;
}

static enum err profile_show(struct call *c)
{
	struct account a;
	TRY(host_find(c, &a));
	return reply_object(c, PROFILE, &a);
}

static void booking_url(struct call *c, const struct account *host, struct event_type *e)
{
	e->booking_url = str_format(&c->cx->arena, "%.*s/%.*s/%.*s", STR_ARG(c->site->config.base_url),
				    STR_ARG(host->username), STR_ARG(e->code));
}

struct offers_query {
	int64_t limit;
	str cursor;
};

static const struct field OFFERS_QUERY[] = { PAGE_FIELDS(struct offers_query), FIELD_END };

static enum err offers_show(struct call *c)
{
	const struct offers_query *q = c->query;
	struct event_type_filter filter = { .limit = q->limit + 1, .changed_since = { NONE } };
	struct account host;
	struct cursor after;
	struct list items;
	str next = { NULL, 0 };
	TRY(host_find(c, &host));
	TRY(cursor_parse(c->cx, q->cursor, &after));
	filter.account_id = host.id;
	filter.after = after.id;
	TRY(event_type_list_public(c->cx, &filter, &items));
	struct event_type *e = items.items;
	if (page_cut(&items, q->limit))
		next = cursor_format(&c->cx->arena, &(struct cursor){ .id = e[items.n - 1].id });
	for (size_t i = 0; i < items.n; i++)
		booking_url(c, &host, &e[i]);
	return reply_list(c, EVENT_TYPE_PUBLIC, sizeof(struct event_type), &items, next);
}

static enum err offer_show(struct call *c)
{
	struct account host;
	struct event_type e;
	TRY(host_find(c, &host));
	TRY(event_type_get_code(c->cx, host.id, c->parameters[1], &e));
	booking_url(c, &host, &e);
	return reply_object(c, EVENT_TYPE_PUBLIC, &e);
}

/* ---- free and busy */

static const struct field DATES_QUERY[] = {
	FIELD(struct slot_query, from, IN | MUST, .doc = "First date, in time_zone"),
	FIELD(struct slot_query, to, IN | MUST, .doc = "Last date, inclusive; at most 366 days in all"),
	FIELD(struct slot_query, time_zone, IN | MUST, .min = 1, .max = ZONE_NAME, .rule = &RULE_ZONE,
	      .doc = "The zone of the dates"),
	FIELD_END,
};

struct busy_reply {
	str time_zone;
	struct list busy;
};

static const struct field BUSY_REPLY[] = {
	FIELD(struct busy_reply, time_zone, OUT, .doc = "As asked"),
	LIST(struct busy_reply, busy, OUT, INTERVAL, range,
	     .doc = "All that is not free, ascending, not touching; UTC"),
	FIELD_END,
};

static enum err busy_show(struct call *c)
{
	const struct slot_query *q = c->query;
	struct account a;
	struct host_time host;
	struct intervals busy;
	range asked;
	TRY(free_range(c->cx, q, &asked));
	TRY(host_find(c, &a));
	TRY(host_time_load(c->cx, a.id, (uuid){ 0 }, asked, &host));
	TRY(busy_list(c->cx, q, &host, &busy));
	return reply_object(c, BUSY_REPLY, &(struct busy_reply){ q->time_zone, interval_list(busy) });
}

struct user_item {
	str name;
};

static const struct field USER_ITEM[] = {
	FIELD_NAMED(struct user_item, name, "", IN, .min = 1, .max = USERNAME_BYTES),
	FIELD_END,
};

struct overlap_query {
	struct slot_query dates;
	struct list users;
	int64_t duration_minutes;
};

static const struct field OVERLAP_QUERY[] = {
	LIST(struct overlap_query, users, IN | MUST, USER_ITEM, struct user_item, .min = 1, .max = OVERLAP_USERS,
	     .doc = "Usernames with commas between"),
	FIELD_NAMED(struct overlap_query, dates.from, "from", IN | MUST, .doc = "First date, in time_zone"),
	FIELD_NAMED(struct overlap_query, dates.to, "to", IN | MUST,
		    .doc = "Last date, inclusive; at most 366 days in all"),
	FIELD_NAMED(struct overlap_query, dates.time_zone, "time_zone", IN | MUST, .min = 1, .max = ZONE_NAME,
		    .rule = &RULE_ZONE, .doc = "The zone of the dates"),
	FIELD(struct overlap_query, duration_minutes, IN | MAYBE, .min = 1, .max = SLOT_LENGTH,
	      .doc = "Only stretches at least that long; missing: all"),
	FIELD_END,
};

struct overlap_reply {
	str time_zone;
	struct list free;
};

static const struct field OVERLAP_REPLY[] = {
	FIELD(struct overlap_reply, time_zone, OUT, .doc = "As asked"),
	LIST(struct overlap_reply, free, OUT, INTERVAL, range, .doc = "When all of them are free, ascending; UTC"),
	FIELD_END,
};

static enum err overlap_host(struct call *c, str username, range asked, struct host_time *out)
{
	struct account a;
	enum err e = account_get_username(c->cx, username, &a);
	if (e == E_NOT_FOUND)
		return FAIL(c->cx, E_NOT_FOUND, S("/users"), "must be usernames of people here: \"%.*s\" is none",
			    STR_ARG(username));
	TRY(e);
	return host_time_load(c->cx, a.id, (uuid){ 0 }, asked, out);
}

static enum err overlap_show(struct call *c)
{
	const struct overlap_query *q = c->query;
	const struct user_item *users = q->users.items;
	struct host_time *hosts = NEWS(&c->cx->arena, struct host_time, q->users.n);
	struct intervals found;
	range asked;
	span least = span_minutes(q->duration_minutes == NONE ? 0 : q->duration_minutes);
	TRY(free_range(c->cx, &q->dates, &asked));
	for (size_t i = 0; i < q->users.n; i++)
		TRY(overlap_host(c, users[i].name, asked, &hosts[i]));
	TRY(free_overlap(c->cx, &q->dates, hosts, q->users.n, least, &found));
	return reply_object(c, OVERLAP_REPLY, &(struct overlap_reply){ q->dates.time_zone, interval_list(found) });
}

/* ---- one's own calendar */

struct calendar_query {
	struct slot_query dates;
	uuid schedule_id;
};

static const struct field CALENDAR_QUERY[] = {
	FIELD_NAMED(struct calendar_query, dates.from, "from", IN | MUST, .doc = "First date, in time_zone"),
	FIELD_NAMED(struct calendar_query, dates.to, "to", IN | MUST,
		    .doc = "Last date, inclusive; at most 366 days in all"),
	FIELD_NAMED(struct calendar_query, dates.time_zone, "time_zone", IN | MUST, .min = 1, .max = ZONE_NAME,
		    .rule = &RULE_ZONE, .doc = "The zone of the dates"),
	FIELD(struct calendar_query, schedule_id, IN | MAYBE,
	      .doc = "Whose windows; missing: the default schedule's"),
	FIELD_END,
};

struct calendar {
	str time_zone;
	struct list windows, one_offs, meetings, busy;
};

static const struct field CALENDAR_ONE_OFF[] = {
	FIELD(struct one_off, id, OUT, .doc = "Ours"),
	FIELD(struct one_off, kind, OUT, .choices = AVAILABILITY, .doc = "Whether it adds time or takes it"),
	FIELD(struct one_off, start, OUT, .doc = "First instant"),
	FIELD(struct one_off, end, OUT, .doc = "The instant behind the last"),
	FIELD_END,
};

static const struct field CALENDAR[] = {
	FIELD(struct calendar, time_zone, OUT, .doc = "As asked"),
	LIST(struct calendar, windows, OUT, INTERVAL, range,
	     .doc = "When the schedule is open: rules, overrides, one-offs that add"),
	LIST(struct calendar, one_offs, OUT, CALENDAR_ONE_OFF, struct one_off, .doc = "Those that touch the range"),
	LIST(struct calendar, meetings, OUT, CALENDAR_MEETING, struct calendar_meeting,
	     .doc = "Bookings that are not cancelled and touch the range, by start"),
	LIST(struct calendar, busy, OUT, INTERVAL, range, .doc = "All that is not free; what others see of it"),
	FIELD_END,
};

static struct list one_offs_touching(struct call *c, const struct list *list, range asked)
{
	const struct one_off *o = list->items;
	struct one_off *kept = NEWS(&c->cx->arena, struct one_off, list->n + 1);
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++)
		if (o[i].start.s < asked.to.s && o[i].end.s > asked.from.s)
			kept[n++] = o[i];
	return (struct list){ kept, n };
}

static enum err calendar_show(struct call *c)
{
	const struct calendar_query *q = c->query;
	struct calendar calendar = { .time_zone = q->dates.time_zone };
	const struct zone *zone;
	struct host_time host;
	struct intervals busy;
	range asked;
	TRY(free_range(c->cx, &q->dates, &asked));
	TRY(host_time_load(c->cx, c->cx->actor, q->schedule_id, asked, &host));
	TRY(busy_list(c->cx, &q->dates, &host, &busy));
	TRY(zone_load(c->cx, host.schedule.time_zone, S(""), &zone));
	struct intervals windows = schedule_open(c->cx, &host.schedule, zone, asked);
	TRY(calendar_meetings(c->cx, asked, &calendar.meetings));
	calendar.windows = interval_list(interval_clip(&c->cx->arena, windows, asked));
	calendar.one_offs = one_offs_touching(c, &host.schedule.one_offs, asked);
	calendar.busy = interval_list(busy);
	return reply_object(c, CALENDAR, &calendar);
}

/* ---- zones */

struct zone_item {
	str name;
	int64_t offset_minutes;
};

struct zone_items {
	struct list time_zones;
};

static const struct field ZONE_ITEM[] = {
	FIELD(struct zone_item, name, OUT, .doc = "IANA name"),
	FIELD(struct zone_item, offset_minutes, OUT, .doc = "East of UTC, now"),
	FIELD_END,
};

static const struct field ZONE_ITEMS[] = {
	LIST(struct zone_items, time_zones, OUT, ZONE_ITEM, struct zone_item, .doc = "By name"),
	FIELD_END,
};

static enum err zones_show(struct call *c)
{
	const struct list *names = zone_names();
	struct zone_item *items = NEWS(&c->cx->arena, struct zone_item, names->n + 1);
	for (size_t i = 0; i < names->n; i++) {
		const struct zone *z;
		items[i].name = ((const str *)names->items)[i];
		TRY(zone_load(c->cx, items[i].name, S(""), &z));
		items[i].offset_minutes = zone_offset(z, c->cx->now) / MINUTE_SECONDS;
	}
	c->cache_control = S("public, max-age=3600");
	return reply_object(c, ZONE_ITEMS, &(struct zone_items){ { items, names->n } });
}

/* Browsers have zones of their own, often older than ours: what is shown for a zone should be what the server means. */
enum { OFFSET_DAYS_BEFORE = 366, OFFSET_DAYS_AHEAD = 5 * 366 };

struct offset_query {
	str time_zone;
};

struct offset_item {
	instant from, to;
	int64_t offset_minutes;
};

struct offset_reply {
	str time_zone;
	struct list offsets;
};

static const struct field OFFSET_QUERY[] = {
	FIELD(struct offset_query, time_zone, IN | MUST, .min = 1, .max = ZONE_NAME, .rule = &RULE_ZONE,
	      .doc = "IANA name"),
	FIELD_END,
};

static const struct field OFFSET_ITEM[] = {
	FIELD(struct offset_item, from, OUT, .doc = "First instant"),
	FIELD(struct offset_item, to, OUT, .doc = "The first that is no longer in it"),
	FIELD(struct offset_item, offset_minutes, OUT, .doc = "East of UTC"),
	FIELD_END,
};

static const struct field OFFSET_REPLY[] = {
	FIELD(struct offset_reply, time_zone, OUT, .doc = "As asked"),
	LIST(struct offset_reply, offsets, OUT, OFFSET_ITEM, struct offset_item, .doc = "Without a gap, ascending"),
	FIELD_END,
};

static enum err offsets_show(struct call *c)
{
	const struct offset_query *q = c->query;
	const range within = { instant_add(c->cx->now, span_days(-OFFSET_DAYS_BEFORE)),
			       instant_add(c->cx->now, span_days(OFFSET_DAYS_AHEAD)) };
	const struct zone *zone;
	struct zone_span *spans;
	TRY(zone_load(c->cx, q->time_zone, S("/time_zone"), &zone));
	size_t n = zone_spans(&c->cx->arena, zone, within, &spans);
	struct offset_item *items = NEWS(&c->cx->arena, struct offset_item, n + 1);
	for (size_t i = 0; i < n; i++)
		items[i] = (struct offset_item){ spans[i].from, spans[i].to, spans[i].offset / MINUTE_SECONDS };
	c->cache_control = S("public, max-age=3600");
	return reply_object(c, OFFSET_REPLY, &(struct offset_reply){ q->time_zone, { items, n } });
}

#define ANYONE .may = MAY_ANYONE, .tx = TX_READ, .limit = LIMIT_READ, .stale = true

const struct route PEOPLE_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/users/{username}",
	  .run = profile_show,
	  ANYONE,
	  .reply = PROFILE,
	  .name = "getUser",
	  .doc = "A host's public profile" },
	{ .method = "GET",
	  .path = "/v1/users/{username}/event-types",
	  .run = offers_show,
	  ANYONE,
	  .query = OFFERS_QUERY,
	  .query_size = sizeof(struct offers_query),
	  .reply = EVENT_TYPE_PUBLIC,
	  .list = true,
	  .name = "listUserEventTypes",
	  .doc = "What a host offers, by id; not what is hidden" },
	{ .method = "GET",
	  .path = "/v1/users/{username}/event-types/{code}",
	  .run = offer_show,
	  ANYONE,
	  .reply = EVENT_TYPE_PUBLIC,
	  .name = "getUserEventType",
	  .doc = "One of them by its code, hidden ones too" },
	{ .method = "GET",
	  .path = "/v1/users/{username}/busy",
	  .run = busy_show,
	  ANYONE,
	  .query = DATES_QUERY,
	  .query_size = sizeof(struct slot_query),
	  .reply = BUSY_REPLY,
	  .name = "listBusy",
	  .doc = "When a host is not free, by the default schedule and what is booked" },
	{ .method = "GET",
	  .path = "/v1/overlap",
	  .run = overlap_show,
	  ANYONE,
	  .query = OVERLAP_QUERY,
	  .query_size = sizeof(struct overlap_query),
	  .reply = OVERLAP_REPLY,
	  .name = "listOverlap",
	  .doc = "When all of several hosts are free" },
	{ .method = "GET",
	  .path = "/v1/calendar",
	  .run = calendar_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .scope = "bookings:read",
	  .query = CALENDAR_QUERY,
	  .query_size = sizeof(struct calendar_query),
	  .reply = CALENDAR,
	  .name = "getCalendar",
	  .doc = "One's own dates: windows, one-offs, meetings, and what is busy" },
	{ .method = "GET",
	  .path = "/v1/time-zones",
	  .run = zones_show,
	  .may = MAY_ANYONE,
	  .tx = TX_NONE,
	  .limit = LIMIT_READ,
	  .reply = ZONE_ITEMS,
	  .name = "listTimeZones",
	  .doc = "Zones to choose from" },
	{ .method = "GET",
	  .path = "/v1/time-zones/offsets",
	  .run = offsets_show,
	  .may = MAY_ANYONE,
	  .tx = TX_NONE,
	  .limit = LIMIT_READ,
	  .query = OFFSET_QUERY,
	  .query_size = sizeof(struct offset_query),
	  .reply = OFFSET_REPLY,
	  .name = "listTimeZoneOffsets",
	  .doc = "What a zone's clock is ahead of UTC, from a year ago until five years ahead" },
	{ 0 },
};
