#include "event_type.h"

#include "base/rule.h"
#include "base/secret.h"
#include "core/policy.h"
#include "store/event_type_sql.h"

enum { CODE_BYTES = 60, TITLE_BYTES = 120, DESCRIPTION_BYTES = 4000, LABEL_BYTES = 200, VALUE_BYTES = 500 };
enum { DEFAULT_MINUTES = 30, DEFAULT_NOTICE = 240, DEFAULT_HORIZON = 60 };

static const char *const DEFAULT_CODE = "30min", *const DEFAULT_TITLE = "30-minute meeting";

const char *const LOCATION_KINDS[] = { "in_person", "phone", "link", "other", NULL };
const char *const QUESTION_KINDS[] = { "text", "long_text", "choice", "checkbox", "phone", "number", NULL };
const char *const EVENT_TYPE_ACTIVE[] = { "any", "true", "false", NULL };

/* The members of objects that may be absent are MAYBE themselves; event_type_accept asks for both or none. */
const struct field PRICE[] = {
	FIELD(struct price, amount, IN | OUT | MUST | MAYBE, .min = 0, .max = EVENT_PRICE,
	      .doc = "In minor units: 4500 is 45.00 EUR"),
	FIELD(struct price, currency, IN | OUT | MUST | MAYBE, .max = 3, .rule = &RULE_CURRENCY,
	      .doc = "ISO 4217 code"),
	FIELD_END,
};

const struct field DURATION[] = {
	FIELD(struct duration, minutes, IN | OUT | MUST, .min = 1, .max = EVENT_MINUTES,
	      .doc = "Length of the meeting"),
	OBJECT(struct duration, price, IN | OUT | MAYBE, PRICE, .doc = "What it costs; null: nothing"),
	FIELD_END,
};

const struct field LOCATION[] = {
	FIELD(struct location, kind, IN | OUT | MUST, .choices = LOCATION_KINDS, .doc = "How they meet"),
	FIELD(struct location, value, IN | OUT | MAYBE, .max = VALUE_BYTES, .rule = &RULE_LINE,
	      .doc = "The address, the number to call or the link; without a number the host calls the invitee"),
	FIELD(struct location, label, IN | OUT | MAYBE, .max = LABEL_BYTES, .rule = &RULE_LINE,
	      .doc = "What the invitee chooses by"),
	FIELD_END,
};

static const struct field LOCATION_PUBLIC[] = {
	FIELD(struct location, kind, OUT, .choices = LOCATION_KINDS, .doc = "How they meet"),
	FIELD(struct location, label, OUT | MAYBE,
	      .doc = "What the invitee chooses by; where exactly is told once booked"),
	FIELD_END,
};

static const struct field QUESTION_CHOICE_ITEM[] = {
	FIELD_NAMED(struct question_choice, text, "", IN | OUT, .min = 1, .max = LABEL_BYTES, .rule = &RULE_LINE),
	FIELD_END,
};

const struct field QUESTION[] = {
	FIELD(struct question, id, IN | OUT | MAYBE, .doc = "Ours; send it back to keep a question what it is"),
	FIELD(struct question, label, IN | OUT | MUST, .min = 1, .max = LABEL_BYTES, .rule = &RULE_LINE,
	      .doc = "What the invitee is asked"),
	FIELD(struct question, kind, IN | OUT | MUST, .choices = QUESTION_KINDS, .doc = "What the answer looks like"),
	FIELD(struct question, required, IN | OUT, .doc = "Whether a booking needs an answer"),
	LIST(struct question, choices, IN | OUT, QUESTION_CHOICE_ITEM, struct question_choice, .max = EVENT_CHOICES,
	     .doc = "For kind choice: what can be answered"),
	FIELD_END,
};

static const int64_t USUAL_REMINDERS[] = { 1440, 60 };
const struct list REMINDERS = { (void *)USUAL_REMINDERS, 2 };

const struct field REMINDER[] = {
	{ .name = "", .type = F_INT, .flags = IN | OUT, .min = 1, .max = 43200 },
	FIELD_END,
};

const struct field CO_HOST_ID[] = {
	{ .name = "", .type = F_UUID, .flags = IN | OUT },
	FIELD_END,
};

const struct field EVENT_TYPE_ROW[] = {
	FIELD(struct event_type, id, 0),
	FIELD(struct event_type, account_id, 0),
	FIELD(struct event_type, bookable_id, 0),
	FIELD(struct event_type, schedule_id, 0),
	FIELD(struct event_type, code, 0),
	FIELD(struct event_type, title, 0),
	FIELD(struct event_type, description, 0),
	FIELD(struct event_type, color, MAYBE),
	LIST(struct event_type, durations, 0, DURATION, struct duration),
	FIELD(struct event_type, interval_minutes, MAYBE),
	FIELD(struct event_type, buffer_before_minutes, 0),
	FIELD(struct event_type, buffer_after_minutes, 0),
	FIELD(struct event_type, minimum_notice_minutes, 0),
	FIELD(struct event_type, horizon_days, MAYBE),
	{ .name = "booking_window",
	  .type = F_OBJECT,
	  .at = offsetof(struct event_type, window),
	  .flags = MAYBE,
	  .of = SLOT_WINDOW },
	OBJECT(struct event_type, limits, MAYBE, SLOT_LIMITS),
	FIELD(struct event_type, seats, 0),
	FIELD(struct event_type, confirmation, 0, .choices = CONFIRMATIONS),
	FIELD(struct event_type, confirmation_notice_minutes, 0),
	FIELD(struct event_type, cancel_notice_minutes, 0),
	FIELD(struct event_type, reschedule_notice_minutes, 0),
	FIELD(struct event_type, reason_required, 0),
	LIST(struct event_type, reminders, MAYBE, REMINDER, int64_t),
	FIELD(struct event_type, reconfirm_minutes, MAYBE),
	FIELD(struct event_type, send_mails, 0),
	LIST(struct event_type, locations, 0, LOCATION, struct location),
	LIST(struct event_type, questions, 0, QUESTION, struct question),
	FIELD(struct event_type, metadata, 0),
	LIST(struct event_type, co_hosts, 0, CO_HOST_ID, uuid),
	FIELD(struct event_type, active, 0),
	FIELD(struct event_type, hidden, 0),
	FIELD(struct event_type, version, 0),
	FIELD(struct event_type, created_at, 0),
	FIELD(struct event_type, updated_at, 0),
	FIELD(struct event_type, deleted_at, MAYBE),
	FIELD_END,
};

const struct field EVENT_TYPE[] = {
	FIELD(struct event_type, id, OUT, .doc = "Ours"),
	FIELD(struct event_type, code, IN | OUT | MUST, .min = 1, .max = CODE_BYTES, .rule = &RULE_CODE,
	      .doc = "Part of the public address, unique among one's event types"),
	FIELD(struct event_type, title, IN | OUT | MUST, .min = 1, .max = TITLE_BYTES, .rule = &RULE_NAME,
	      .doc = "For invitees"),
	FIELD(struct event_type, description, IN | OUT, .max = DESCRIPTION_BYTES, .rule = &RULE_TEXT,
	      .doc = "For invitees"),
	FIELD(struct event_type, color, IN | OUT | MAYBE, .max = 7, .rule = &RULE_COLOR,
	      .doc = "In lists and calendars"),
	FIELD(struct event_type, schedule_id, IN | OUT | MAYBE,
	      .doc = "When it is offered; missing: the default schedule"),
	LIST(struct event_type, durations, IN | OUT | MUST, DURATION, struct duration, .min = 1,
	     .max = EVENT_DURATIONS, .doc = "How long it may last, each length once; the first is the default"),
	FIELD(struct event_type, interval_minutes, IN | OUT | MAYBE, .min = 1, .max = EVENT_MINUTES,
	      .doc = "Distance between the starts offered; null: the duration"),
	FIELD(struct event_type, buffer_before_minutes, IN | OUT, .min = 0, .max = EVENT_MINUTES,
	      .doc = "Kept free before a meeting"),
	FIELD(struct event_type, buffer_after_minutes, IN | OUT, .min = 0, .max = EVENT_MINUTES,
	      .doc = "Kept free after a meeting"),
	FIELD(struct event_type, minimum_notice_minutes, IN | OUT, .min = 0, .max = EVENT_NOTICE,
	      .def = DEFAULT_NOTICE, .doc = "Not bookable closer to its start than this"),
	FIELD(struct event_type, horizon_days, IN | OUT | MAYBE, .min = 0, .max = EVENT_HORIZON,
	      .def = DEFAULT_HORIZON, .doc = "Not bookable further ahead than this; null: any"),
	OBJECT(struct event_type, window, IN | OUT | MAYBE, SLOT_WINDOW,
	       .doc = "First and last date offered; null: any"),
	OBJECT(struct event_type, limits, IN | OUT | MAYBE, SLOT_LIMITS,
	       .doc = "Most meetings of this type in a day, week, month of the host's"),
	FIELD(struct event_type, seats, IN | OUT, .min = 1, .max = EVENT_SEATS, .def = 1,
	      .doc = "How many invitees may share one meeting"),
	FIELD(struct event_type, confirmation, IN | OUT, .choices = CONFIRMATIONS,
	      .doc = "Whether the host must say yes: never, always, or when it begins soon (short_notice)"),
	FIELD(struct event_type, confirmation_notice_minutes, IN | OUT, .min = 0, .max = EVENT_NOTICE, .def = 1440,
	      .doc = "For short_notice: asked when it begins sooner than this"),
	FIELD(struct event_type, cancel_notice_minutes, IN | OUT, .min = 0, .max = EVENT_NOTICE,
	      .doc = "An invitee may cancel until this long before the start"),
	FIELD(struct event_type, reschedule_notice_minutes, IN | OUT, .min = 0, .max = EVENT_NOTICE,
	      .doc = "An invitee may move it until this long before the start"),
	FIELD(struct event_type, reason_required, IN | OUT,
	      .doc = "Whether an invitee who cancels or moves must say why"),
	LIST(
	    struct event_type, reminders, IN | OUT | MAYBE, REMINDER, int64_t, .max = EVENT_REMINDERS,
	    .doc =
		"Minutes before the start at which both are reminded; null: the account's, see /v1/me/notifications; "
		"empty: never"),
	FIELD(struct event_type, reconfirm_minutes, IN | OUT | MAYBE, .min = 1, .max = 43200,
	      .doc = "Minutes before the start at which the invitee is asked whether it still stands; null: never"),
	FIELD(struct event_type, send_mails, IN | OUT, .def = 1,
	      .doc = "false: no mails of ours about its bookings to invitees and guests, for who sends own ones"),
	LIST(struct event_type, locations, IN | OUT, LOCATION, struct location, .max = EVENT_LOCATIONS,
	     .doc = "Where it takes place; the invitee chooses when there are several"),
	LIST(struct event_type, questions, IN | OUT, QUESTION, struct question, .max = EVENT_QUESTIONS,
	     .doc = "What the invitee is asked besides name and email"),
	FIELD(struct event_type, metadata, IN | OUT, .max = FIELD_JSON, .doc = "Yours; shown to you only"),
	LIST(struct event_type, co_hosts, IN | OUT, CO_HOST_ID, uuid, .max = EVENT_CO_HOSTS,
	     .doc = "Accounts that host too and whose time is taken as well: those who agreed, see /v1/co-hosts"),
	FIELD(struct event_type, active, IN | OUT, .def = 1, .doc = "Whether it can be booked"),
	FIELD(struct event_type, hidden, IN | OUT, .doc = "Bookable by its link, but in no list"),
	FIELD(struct event_type, booking_url, OUT, .doc = "The public page"),
	FIELD(struct event_type, version, OUT, .doc = "Rises with every change; the ETag"),
	FIELD(struct event_type, created_at, OUT, .doc = "When it was made"),
	FIELD(struct event_type, updated_at, OUT, .doc = "Last change"),
	FIELD_END,
};

const struct field EVENT_TYPE_PUBLIC[] = {
	FIELD(struct event_type, id, OUT, .doc = "To ask for slots and to book"),
	FIELD(struct event_type, code, OUT, .doc = "Part of the public address"),
	FIELD(struct event_type, title, OUT, .doc = "What it is"),
	FIELD(struct event_type, description, OUT, .doc = "More about it"),
	FIELD(struct event_type, color, OUT | MAYBE, .doc = "In lists and calendars"),
	LIST(struct event_type, durations, OUT, DURATION, struct duration, .doc = "The first is the default"),
	FIELD(struct event_type, minimum_notice_minutes, OUT, .doc = "Not bookable closer to its start than this"),
	FIELD(struct event_type, horizon_days, OUT | MAYBE, .doc = "Not bookable further ahead than this"),
	OBJECT(struct event_type, window, OUT | MAYBE, SLOT_WINDOW, .doc = "First and last date offered"),
	FIELD(struct event_type, seats, OUT, .doc = "How many invitees may share one meeting"),
	FIELD(struct event_type, confirmation, OUT, .choices = CONFIRMATIONS,
	      .doc = "Whether the host must say yes first"),
	LIST(struct event_type, locations, OUT, LOCATION_PUBLIC, struct location, .doc = "Where it takes place"),
	LIST(struct event_type, questions, OUT, QUESTION, struct question,
	     .doc = "What is asked besides name and email"),
	FIELD(struct event_type, booking_url, OUT, .doc = "The public page"),
	FIELD_END,
};

const struct field EVENT_TYPE_FILTER[] = {
	FIELD(struct event_type_filter, account_id, 0),
	FIELD(struct event_type_filter, after, 0),
	FIELD(struct event_type_filter, limit, 0),
	FIELD(struct event_type_filter, changed_since, MAYBE),
	FIELD(struct event_type_filter, code, MAYBE),
	FIELD(struct event_type_filter, active, 0, .choices = EVENT_TYPE_ACTIVE),
	FIELD_END,
};

struct event_type_counts {
	uuid account_id;
	int64_t number, number_active;
};

static const struct field EVENT_TYPE_COUNTS[] = {
	FIELD(struct event_type_counts, account_id, 0),
	FIELD(struct event_type_counts, number, 0),
	FIELD(struct event_type_counts, number_active, 0),
	FIELD_END,
};

/* ---- reading */

/* booking_url is no column: it stays absent. */
static enum err event_type_read(struct cx *cx, const struct stmt *stmt, const struct event_type *key,
				struct event_type *out)
{
	*out = (struct event_type){ 0 };
	return db_get(cx, stmt, EVENT_TYPE_ROW, key, EVENT_TYPE_ROW, out);
}

enum err event_type_get(struct cx *cx, uuid id, struct event_type *out)
{
	return event_type_read(cx, &EVENT_TYPE_GET, &(struct event_type){ .id = id }, out);
}

enum err event_type_get_id(struct cx *cx, uuid id, struct event_type *out)
{
	return event_type_read(cx, &EVENT_TYPE_GET_ID, &(struct event_type){ .id = id }, out);
}

enum err event_type_get_code(struct cx *cx, uuid account_id, str code, struct event_type *out)
{
	const struct event_type key = { .account_id = account_id, .code = str_lower(&cx->arena, code) };
	return event_type_read(cx, &EVENT_TYPE_GET_CODE, &key, out);
}

enum err event_type_list(struct cx *cx, const struct event_type_filter *filter, struct list *out)
{
	return db_list(cx, &EVENT_TYPE_PAGE, EVENT_TYPE_FILTER, filter, EVENT_TYPE_ROW, sizeof(struct event_type),
		       out);
}

enum err event_type_list_public(struct cx *cx, const struct event_type_filter *filter, struct list *out)
{
	return db_list(cx, &EVENT_TYPE_PAGE_PUBLIC, EVENT_TYPE_FILTER, filter, EVENT_TYPE_ROW,
		       sizeof(struct event_type), out);
}

enum err event_type_count(struct cx *cx, uuid account_id, int64_t *all, int64_t *active)
{
	struct event_type_counts counts = { .account_id = account_id };
	TRY(db_get(cx, &EVENT_TYPE_COUNT, EVENT_TYPE_COUNTS, &counts, EVENT_TYPE_COUNTS, &counts));
	*all = counts.number;
	*active = counts.number_active;
	return OK;
}

enum err event_type_duration(struct cx *cx, const struct list *durations, int64_t minutes,
			     const struct duration **out)
{
	const struct duration *d = durations->items;
	str offered = S("");
	for (size_t i = 0; i < durations->n; i++) {
		if (minutes == NONE || d[i].minutes == minutes) {
			*out = &d[i];
			return OK;
		}
		offered =
		    str_format(&cx->arena, "%.*s%s%lld", STR_ARG(offered), i ? ", " : "", (long long)d[i].minutes);
	}
	return FAIL(cx, E_INVALID, S("/duration_minutes"), "must be one of the durations offered: %.*s",
		    STR_ARG(offered));
}

/* ---- what may be saved */

static str pointer(struct cx *cx, const char *list, size_t index, const char *member)
{
	return str_format(&cx->arena, "/%s/%zu/%s", list, index, member);
}

static void note_durations(struct cx *cx, const struct list *durations)
{
	const struct duration *d = durations->items;
	for (size_t i = 0; i < durations->n; i++) {
		for (size_t k = 0; k < i; k++)
			if (d[k].minutes == d[i].minutes)
				fault_add(cx, pointer(cx, "durations", i, "minutes"), "is given twice");
		if (d[i].price.amount == NONE && d[i].price.currency.p)
			fault_add(cx, pointer(cx, "durations", i, "price/amount"), "is missing");
		if (d[i].price.amount != NONE && !d[i].price.currency.n)
			fault_add(cx, pointer(cx, "durations", i, "price/currency"), "is missing");
	}
}

static void note_window(struct cx *cx, const struct slot_window *w)
{
	if (day_is(w->from) && !day_is(w->until))
		fault_add(cx, S("/window/until"), "is missing");
	else if (!day_is(w->from) && day_is(w->until))
		fault_add(cx, S("/window/from"), "is missing");
	else if (day_is(w->from) && w->until.d < w->from.d)
		fault_add(cx, S("/window/until"), "must not be before from");
}

static void note_locations(struct cx *cx, const struct list *locations)
{
	const struct location *l = locations->items;
	for (size_t i = 0; i < locations->n; i++) {
		str at = pointer(cx, "locations", i, "value");
		if (l[i].kind == LOCATION_LINK && (!l[i].value.n || !RULE_LINK.holds(l[i].value)))
			fault_add(cx, at, "must be %s", RULE_LINK.wants);
		else if (l[i].kind != LOCATION_PHONE && !l[i].value.n)
			fault_add(cx, at, "is missing: say where");
	}
}

static void note_choices(struct cx *cx, const struct question *q, size_t index)
{
	const struct question_choice *c = q->choices.items;
	str at = pointer(cx, "questions", index, "choices");
	if (q->kind == QUESTION_CHOICE && !q->choices.n)
		fault_add(cx, at, "must have at least one item");
	if (q->kind != QUESTION_CHOICE && q->choices.n)
		fault_add(cx, at, "belong to questions of the kind \"choice\"");
	for (size_t i = 0; i < q->choices.n; i++)
		for (size_t k = 0; k < i; k++)
			if (str_is(c[i].text, c[k].text))
				fault_add(cx, str_format(&cx->arena, "%.*s/%zu", STR_ARG(at), i), "is given twice");
}

static bool question_among(const struct list *questions, size_t n, uuid id)
{
	const struct question *q = questions->items;
	for (size_t i = 0; i < n; i++)
		if (uuid_same(q[i].id, id))
			return true;
	return false;
}

static void note_questions(struct cx *cx, const struct list *questions, const struct event_type *before)
{
	const struct list none = { 0 };
	const struct list *old = before ? &before->questions : &none;
	const struct question *q = questions->items;
	for (size_t i = 0; i < questions->n; i++) {
		note_choices(cx, &q[i], i);
		if (!uuid_is(q[i].id))
			continue;
		if (!question_among(old, old->n, q[i].id))
			fault_add(cx, pointer(cx, "questions", i, "id"),
				  "is no question of this event type: leave it out for a new one");
		else if (question_among(questions, i, q[i].id))
			fault_add(cx, pointer(cx, "questions", i, "id"), "is given twice");
	}
}

enum err event_type_accept(struct cx *cx, struct event_type *e, const struct event_type *before)
{
	struct question *q = e->questions.items;
	fault_clear(cx);
	if (!e->durations.n)
		fault_add(cx, S("/durations"), "must have at least one item");
	note_durations(cx, &e->durations);
	note_window(cx, &e->window);
	note_locations(cx, &e->locations);
	note_questions(cx, &e->questions, before);
	TRY(fault_check(cx));
	for (size_t i = 0; i < e->questions.n; i++)
		if (!uuid_is(q[i].id))
			q[i].id = uuid_make(cx->now);
	return OK;
}

/* ---- saving */

static enum err code_taken(struct cx *cx, const struct event_type *e, enum err err)
{
	if (err != E_CONFLICT || !db_conflict_is(cx, S("event_type.code")))
		return err;
	return FAIL(cx, E_CONFLICT, S("/code"), "is \"%.*s\" in another of your event types: choose another",
		    STR_ARG(e->code));
}

static enum err room_check(struct cx *cx, uuid account_id)
{
	int64_t all, active;
	TRY(event_type_count(cx, account_id, &all, &active));
	if (all >= EVENT_TYPES_MAX)
		return FAIL(cx, E_REFUSED, S(""), "an account has at most %d event types: delete one first",
			    EVENT_TYPES_MAX);
	return OK;
}

enum err event_type_insert(struct cx *cx, struct event_type *e)
{
	TRY(room_check(cx, e->account_id));
	e->id = uuid_make(cx->now);
	e->bookable_id = e->account_id;
	e->version = 1;
	e->created_at = e->updated_at = cx->now;
	e->deleted_at = (instant){ NONE };
	return code_taken(cx, e, db_run(cx, &EVENT_TYPE_INSERT, EVENT_TYPE_ROW, e, NULL));
}

enum err event_type_create_default(struct cx *cx, uuid account_id, uuid schedule_id, struct event_type *out)
{
	struct duration *half_hour = NEW(&cx->arena, struct duration);
	*half_hour = (struct duration){ .minutes = DEFAULT_MINUTES, .price = { .amount = NONE } };
	field_defaults(EVENT_TYPE, out);
	out->account_id = account_id;
	out->schedule_id = schedule_id;
	out->code = str_of(DEFAULT_CODE);
	out->title = str_of(DEFAULT_TITLE);
	out->durations = (struct list){ half_hour, 1 };
	return event_type_insert(cx, out);
}

enum err event_type_update(struct cx *cx, struct event_type *e)
{
	return code_taken(cx, e, db_get(cx, &EVENT_TYPE_UPDATE, EVENT_TYPE_ROW, e, EVENT_TYPE_ROW, e));
}

enum err event_type_list_co_hosted(struct cx *cx, uuid account_id, struct list *out)
{
	struct event_type key = { .account_id = account_id };
	return db_list(cx, &EVENT_TYPE_LIST_CO_HOSTED, EVENT_TYPE_ROW, &key, EVENT_TYPE_ROW, sizeof key, out);
}

enum err event_type_set_co_hosts(struct cx *cx, const struct event_type *e)
{
	return db_run(cx, &EVENT_TYPE_SET_CO_HOSTS, EVENT_TYPE_ROW, e, NULL);
}

enum err event_type_remove(struct cx *cx, uuid id)
{
	int64_t removed;
	TRY(db_run(cx, &EVENT_TYPE_REMOVE, EVENT_TYPE_ROW, &(struct event_type){ .id = id }, &removed));
	return removed ? OK : FAIL(cx, E_NOT_FOUND, S(""), "you have no event type of that id");
}

enum err event_type_restore(struct cx *cx, uuid id, struct event_type *out)
{
	TRY(event_type_get_id(cx, id, out));
	if (!uuid_same(out->account_id, cx->actor) || !instant_is(out->deleted_at))
		return FAIL(cx, E_NOT_FOUND, S(""), "you have no deleted event type of that id");
	TRY(room_check(cx, out->account_id));
	return code_taken(cx, out, db_get(cx, &EVENT_TYPE_RESTORE, EVENT_TYPE_ROW, out, EVENT_TYPE_ROW, out));
}
