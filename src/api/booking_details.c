/* What the host writes on a booking: title, description and place, which everybody is told; notes and metadata, which
 * nobody is. */
#include "base/rule.h"
#include "booking_steps.h"
#include "booking_view.h"
#include "routes.h"
#include "store/event.h"
#include "store/event_type.h"

static const struct field BOOKING_DETAILS[] = {
	FIELD(struct booking, title, IN, .rule = &RULE_NAME, .min = 1, .max = 200,
	      .doc = "What the meeting is called"),
	FIELD(struct booking, description, IN, .rule = &RULE_TEXT, .max = BOOKING_DESCRIPTION,
	      .doc = "For everybody"),
	OBJECT(struct booking, location, IN | MAYBE, LOCATION, .doc = "Where; null: as agreed"),
	FIELD(struct booking, private_notes, IN, .rule = &RULE_TEXT, .max = BOOKING_PRIVATE,
	      .doc = "The host's own: shown and sent to nobody else"),
	FIELD(struct booking, metadata, IN, .max = BOOKING_METADATA, .doc = "The embedding product's own"),
	FIELD_END,
};

static enum err details_check(struct call *c, const struct booking *b)
{
	const struct location *l = &b->location;
	fault_clear(c->cx);
	if (!b->title.n)
		fault_add(c->cx, S("/title"), "must not be empty");
	if (l->kind == LOCATION_LINK && (l->value.n || l->label.n) && !RULE_LINK.holds(l->value))
		fault_add(c->cx, S("/location/value"), "must be %s", RULE_LINK.wants);
	return fault_check(c->cx);
}

static bool is_moved(const struct location *a, const struct location *b)
{
	return a->kind != b->kind || !str_is(a->value, b->value) || !str_is(a->label, b->label);
}

/* changed_names - of the members that differ, as they stand in a list of JSON; *told: of one of them everybody hears. */
static str changed_names(struct arena *a, const struct booking *before, const struct booking *b, bool *told)
{
	const struct {
		const char *name;
		bool changed, told;
	} members[] = {
		{ "title", !str_is(before->title, b->title), true },
		{ "description", !str_is(before->description, b->description), true },
		{ "location", is_moved(&before->location, &b->location), true },
		{ "private_notes", !str_is(before->private_notes, b->private_notes), false },
		{ "metadata", !str_is(before->metadata.text, b->metadata.text), false },
	};
	str names = S("");
	*told = false;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		if (!members[i].changed)
			continue;
		*told = *told || members[i].told;
		names = str_format(a, "%.*s%s\"%s\"", STR_ARG(names), names.n ? "," : "", members[i].name);
	}
	return names;
}

static enum err revise(struct call *c, const struct booking *before, struct booking *b)
{
	const struct policy *policy;
	struct arena *a = &c->cx->arena;
	bool told, stood = b->status == BOOKING_CONFIRMED;
	str names = changed_names(a, before, b, &told);
	if (!names.n)
		return OK;
	if (told)
		TRY(policy_find(c->cx, STEP_REVISE, PARTY_HOST, b->status, (range){ b->start, b->end }, &policy));
	TRY(booking_revise(c->cx, b, told));
	TRY(booking_note(c, S("booking.update"), b, (str){ NULL, 0 },
			 str_format(a, "{\"changed\":[%.*s]}", STR_ARG(names))));
	TRY(event_add(c->cx, EVENT_UPDATED, b, NO_RANGE));
	if (!told)
		return OK;
	TRY(booking_plan(c, b));
	return booking_mail_add(c->cx, MESSAGE_DETAILS, b, stood, NO_RANGE, S("host"), (str){ NULL, 0 });
}

static enum err details_change(struct call *c)
{
	struct booking b, before;
	TRY(booking_find(c, &b));
	TRY(call_if_match(c, b.version));
	before = b;
	TRY(call_merge(c, BOOKING_DETAILS, &b));
	TRY(details_check(c, &b));
	TRY(revise(c, &before, &b));
	return booking_reply(c, &b, false);
}

const struct route BOOKING_DETAIL_ROUTES[] = {
	{ .method = "PATCH",
	  .path = "/v1/bookings/{id}",
	  .run = details_change,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .scope = "bookings:write",
	  .merge = BOOKING_DETAILS,
	  .reply = BOOKING_VIEW,
	  .name = "updateBooking",
	  .doc = "Change title, description and place, of which everybody is told, and one's own notes" },
	{ .method = NULL },
};
