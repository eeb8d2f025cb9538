/* A row becomes an operation, a field table a schema.  Tables with a name of their own stand under components and are
 * referred to; the others stand where they are used. */
#include "openapi.h"

#include "booking_view.h"
#include "core/slots.h"
#include "problem.h"
#include "sign_in.h"
#include "store/guard.h"
#include "store/preference.h"
#include "store/schedule.h"
#include "store/job_admin.h"
#include "store/push.h"
#include "store/session.h"
#include "store/words.h"

#include <inttypes.h>
#include <string.h>

enum direction { REQUEST, MERGE, REPLY };

static const struct {
	const struct field *table;
	enum direction direction;
	const char *name;
} NAMED[] = {
	{ ACCOUNT, REPLY, "Account" },
	{ ACCOUNT, MERGE, "AccountChange" },
	{ TOKENS, REPLY, "Tokens" },
	{ PROFILE, REPLY, "Profile" },
	{ SESSION, REPLY, "Session" },
	{ API_KEY, REPLY, "ApiKey" },
	{ PUSH_SUBSCRIPTION, REPLY, "PushSubscription" },
	{ JOB_SEEN, REPLY, "Job" },
	{ JOB_KIND_SEEN, REPLY, "JobKind" },
	{ SAVED_SCHEDULE, REPLY, "Schedule" },
	{ SAVED_SCHEDULE, REQUEST, "ScheduleRequest" },
	{ SAVED_SCHEDULE, MERGE, "ScheduleChange" },
	{ EVENT_TYPE, REPLY, "EventType" },
	{ EVENT_TYPE, REQUEST, "EventTypeRequest" },
	{ EVENT_TYPE, MERGE, "EventTypeChange" },
	{ EVENT_TYPE_PUBLIC, REPLY, "PublicEventType" },
	{ BOOKING_VIEW, REPLY, "Booking" },
	{ PREFERENCE, REPLY, "Notifications" },
	{ WORDS, REPLY, "Template" },
	{ HOLD, REPLY, "Hold" },
	{ SLOT_CASE, REQUEST, "SlotCase" },
	{ PROBLEM, REPLY, "Problem" },
	{ LOCATION, REPLY, "Location" },
	{ QUESTION, REPLY, "Question" },
	{ DURATION, REPLY, "Duration" },
	{ PRICE, REPLY, "Price" },
};
enum { NAMED_COUNT = sizeof NAMED / sizeof *NAMED };

static void object_schema(struct buf *, const struct field *, enum direction);

static const char *name_of(const struct field *table, enum direction d)
{
	for (size_t i = 0; i < NAMED_COUNT; i++)
		if (NAMED[i].table == table && NAMED[i].direction == d)
			return NAMED[i].name;
	return NULL;
}

static void table_schema(struct buf *b, const struct field *table, enum direction d)
{
	const char *name = name_of(table, d);
	if (name)
		buf_format(b, "{\"$ref\":\"#/components/schemas/%s\"}", name);
	else
		object_schema(b, table, d);
}

static void string_schema(struct buf *b, const struct field *f)
{
	if (f->rule && f->rule->format)
		buf_format(b, ",\"format\":\"%s\"", f->rule->format);
	if (f->rule && f->rule->pattern) {
		buf_add(b, S(",\"pattern\":"));
		json_quote(b, str_of(f->rule->pattern));
	}
	if ((f->flags & IN) && f->min == 1)
		buf_add(b, S(",\"minLength\":1"));
	if (f->flags & IN)
		buf_format(b, ",\"maxLength\":%" PRId64, f->max ? f->max : (int64_t)FIELD_TEXT);
}

static void bounds_schema(struct buf *b, const struct field *f, enum direction d)
{
	if (f->min || f->max)
		buf_format(b, ",\"minimum\":%" PRId64 ",\"maximum\":%" PRId64, f->min, f->max);
	if (d == REQUEST && f->def && !(f->flags & MAYBE))
		buf_format(b, ",\"default\":%" PRId64, f->def);
}

static void choice_schema(struct buf *b, const struct field *f)
{
	buf_add(b, S(",\"enum\":["));
	for (size_t i = 0; f->choices[i]; i++)
		buf_format(b, "%s\"%s\"", i ? "," : "", f->choices[i]);
	buf_add_char(b, ']');
}

static void list_schema(struct buf *b, const struct field *f, enum direction d)
{
	buf_add(b, S(",\"items\":"));
	if (f->of[0].name[0] == '\0') {
		struct buf inner = { 0 };
		object_schema(&inner, f->of, d);
		buf_add(b, buf_str(&inner));
		buf_free(&inner);
	} else {
		table_schema(b, f->of, d == MERGE ? REQUEST : d);
	}
	if (f->flags & IN && d != REPLY)
		buf_format(b, ",\"minItems\":%" PRId64 ",\"maxItems\":%" PRId64, f->min,
			   f->max ? f->max : (int64_t)FIELD_ITEMS);
}

static const char *json_type(enum field_type t)
{
	return t == F_INT    ? "integer"
	       : t == F_BOOL ? "boolean"
	       : t == F_LIST ? "array"
	       : t == F_JSON ? "object"
			     : "string";
}

/* A scalar or list: its type, and null where it may be absent. */
static void value_schema(struct buf *b, const struct field *f, enum direction d)
{
	bool maybe = (f->flags & MAYBE) && f->type != F_CHOICE && f->type != F_BOOL;
	buf_format(b, maybe ? "{\"type\":[\"%s\",\"null\"]" : "{\"type\":\"%s\"", json_type(f->type));
	switch (f->type) {
	case F_STR:
		string_schema(b, f);
		break;
	case F_INT:
		bounds_schema(b, f, d);
		break;
	case F_INSTANT:
		buf_add(b, S(",\"format\":\"date-time\""));
		break;
	case F_DAY:
		buf_add(b, S(",\"format\":\"date\""));
		break;
	case F_MINUTE:
		buf_add(b, S(",\"pattern\":\"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$\""));
		break;
	case F_UUID:
		buf_add(b, S(",\"format\":\"uuid\""));
		break;
	case F_CHOICE:
		choice_schema(b, f);
		break;
	case F_LIST:
		list_schema(b, f, d);
		break;
	case F_BOOL:
	case F_JSON:
	case F_DIGEST:
	case F_OBJECT:
		break;
	}
	if (f->doc) {
		buf_add(b, S(",\"description\":"));
		json_quote(b, str_of(f->doc));
	}
	buf_add_char(b, '}');
}

static void member_schema(struct buf *b, const struct field *f, enum direction d)
{
	if (f->type != F_OBJECT) {
		value_schema(b, f, d);
		return;
	}
	if (f->flags & MAYBE)
		buf_add(b, S("{\"anyOf\":["));
	table_schema(b, f->of, d);
	if (f->flags & MAYBE)
		buf_add(b, S(",{\"type\":\"null\"}]}"));
}

static bool is_shown(const struct field *f, enum direction d)
{
	return f->flags & (d == REPLY ? OUT : IN);
}

/* Replies hold every member that is not SPARSE; the problem document's own extras come only with their codes. */
static bool is_required(const struct field *table, const struct field *f, enum direction d)
{
	bool left_out = (f->flags & SPARSE) || (table == PROBLEM && (f->flags & MAYBE));
	return d == REPLY ? !left_out : d == REQUEST && (f->flags & MUST);
}

static void object_schema(struct buf *b, const struct field *table, enum direction d)
{
	bool first = true;
	if (table[0].name && table[0].name[0] == '\0') {
		value_schema(b, table, d);
		return;
	}
	buf_add(b, S("{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"));
	for (const struct field *f = table; f->name; f++) {
		if (!is_shown(f, d))
			continue;
		buf_format(b, "%s\"%s\":", first ? "" : ",", f->name);
		member_schema(b, f, d);
		first = false;
	}
	buf_add(b, S("},\"required\":["));
	first = true;
	for (const struct field *f = table; f->name; f++) {
		if (!is_shown(f, d) || !is_required(table, f, d))
			continue;
		buf_format(b, "%s\"%s\"", first ? "" : ",", f->name);
		first = false;
	}
	buf_add(b, S("]}"));
}

/* ---- operations */

static void parameter(struct buf *b, bool *first, const char *name, size_t n, const char *in, bool required)
{
	buf_format(b, "%s{\"name\":\"%.*s\",\"in\":\"%s\",\"required\":%s,\"schema\":", *first ? "" : ",", (int)n,
		   name, in, required ? "true" : "false");
	*first = false;
}

static void parameters(struct buf *b, const struct route *r)
{
	bool first = true;
	buf_add(b, S(",\"parameters\":["));
	for (const char *p = strchr(r->path, '{'); p; p = strchr(p + 1, '{')) {
		size_t n = strcspn(p + 1, "}");
		bool id = n >= 2 && strncmp(p + n - 1, "id", 2) == 0;
		parameter(b, &first, p + 1, n, "path", true);
		buf_add(b, id ? S("{\"type\":\"string\",\"format\":\"uuid\"}}") : S("{\"type\":\"string\"}}"));
	}
	for (const struct field *f = r->query; f && f->name; f++) {
		struct field plain = *f;
		plain.flags &= (uint16_t)~MAYBE;
		parameter(b, &first, f->name, strlen(f->name), "query", f->flags & MUST);
		value_schema(b, &plain, REQUEST);
		if (f->type == F_LIST)
			buf_add(b, S(",\"style\":\"form\",\"explode\":false"));
		buf_add_char(b, '}');
	}
	if (r->creates) {
		parameter(b, &first, "Idempotency-Key", 15, "header", false);
		buf_add(b, S("{\"type\":\"string\",\"minLength\":1,\"maxLength\":255}}"));
	}
	buf_add_char(b, ']');
}

static void request_body(struct buf *b, const struct route *r)
{
	if (!r->body && !r->merge)
		return;
	buf_format(b, ",\"requestBody\":{\"required\":%s,\"content\":{\"application/json\":{\"schema\":",
		   r->body_optional ? "false" : "true");
	table_schema(b, r->body ? r->body : r->merge, r->body ? REQUEST : MERGE);
	buf_add(b, S("}}}"));
}

static void responses(struct buf *b, const struct route *r)
{
	int status = r->status ? r->status : 200;
	buf_format(b, ",\"responses\":{\"%d\":{\"description\":\"Success\"", status);
	if (r->reply) {
		buf_add(b, S(",\"content\":{\"application/json\":{\"schema\":"));
		if (r->list)
			buf_add(b, S("{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"items\","
				     "\"next_cursor\"],"
				     "\"properties\":{\"next_cursor\":{\"type\":[\"string\",\"null\"]},\"items\":{"
				     "\"type\":\"array\","
				     "\"items\":"));
		table_schema(b, r->reply, REPLY);
		buf_add(b, r->list ? S("}}}}}") : S("}}"));
	}
	if (strcmp(r->method, "GET") == 0)
		buf_add(b, S("},\"304\":{\"description\":\"What you have is still right (If-None-Match)\""));
	buf_add(b,
		S("},\"default\":{\"description\":\"A problem (RFC 9457)\",\"content\":{\"application/problem+json\":"
		  "{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}}"));
}

static void security(struct buf *b, const struct route *r)
{
	buf_add(b, S(",\"security\":["));
	if (r->may & MAY_ANYONE)
		buf_add(b, S("{}"));
	if (r->may & (MAY_USER | MAY_ADMIN))
		buf_format(b, "%s{\"bearer\":[]},{\"cookie\":[]}", r->may & MAY_ANYONE ? "," : "");
	if (r->may & MAY_INVITEE)
		buf_add(b, S(",{\"token\":[]}"));
	if (r->may & MAY_GUEST)
		buf_format(b, "%s{\"guest\":[]}", r->may == MAY_GUEST ? "" : ",");
	buf_add_char(b, ']');
}

static void operation(struct buf *b, const struct route *r)
{
	char method[8] = { 0 };
	for (size_t i = 0; r->method[i] && i < sizeof method - 1; i++)
		method[i] = (char)(r->method[i] + ('a' - 'A'));
	buf_format(b, "\"%s\":{\"operationId\":\"%s\",\"summary\":", method, r->name);
	json_quote(b, str_of(r->doc));
	buf_format(b, ",\"tags\":[\"%.*s\"]", (int)strcspn(r->path + 4, "/"), r->path + 4);
	if (r->scope)
		buf_format(b, ",\"x-scope\":\"%s\"", r->scope);
	if (r->may == MAY_ADMIN)
		buf_add(b, S(",\"x-role\":\"admin\""));
	parameters(b, r);
	request_body(b, r);
	responses(b, r);
	security(b, r);
	buf_add_char(b, '}');
}

static bool is_first_of_path(size_t index)
{
	const struct route *r = routes_each(index);
	for (size_t i = 0; i < index; i++)
		if (strcmp(routes_each(i)->path, r->path) == 0)
			return false;
	return strncmp(r->path, "/v1/", 4) == 0 && !r->page && r->name;
}

static void paths(struct buf *b)
{
	bool first = true;
	for (size_t i = 0; routes_each(i); i++) {
		if (!is_first_of_path(i))
			continue;
		const char *path = routes_each(i)->path;
		bool first_method = true;
		buf_format(b, "%s\"%s\":{", first ? "" : ",", path);
		first = false;
		for (size_t k = i; routes_each(k); k++) {
			if (strcmp(routes_each(k)->path, path) != 0)
				continue;
			if (!first_method)
				buf_add_char(b, ',');
			first_method = false;
			operation(b, routes_each(k));
		}
		buf_add_char(b, '}');
	}
}

void openapi_write(struct buf *b, str base_url)
{
	buf_add(
	    b,
	    S("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Noonmark\",\"version\":\"1\",\"summary\":\"Scheduling: "
	      "availability, slots and bookings that cannot collide\",\"license\":{\"name\":\"MIT\",\"identifier\":"
	      "\"MIT\"}},\"servers\":[{\"url\":"));
	json_quote(b, base_url);
	buf_add(b, S("}],\"paths\":{"));
	paths(b);
	buf_add(
	    b, S("},\"components\":{\"securitySchemes\":{\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\","
		 "\"description\":\"An access token, or an API key (nm_…)\"},\"cookie\":{\"type\":\"apiKey\",\"in\":"
		 "\"cookie\",\"name\":\"__Host-noonmark\"},\"token\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":"
		 "\"Authorization\",\"description\":\"Token and the last part of a booking's "
		 "manage_url\"},\"guest\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\","
		 "\"description\":\"Token and the last part of the link in a guest's invitation\"}},\"schemas\":{"));
	for (size_t i = 0; i < NAMED_COUNT; i++) {
		buf_format(b, "%s\"%s\":", i ? "," : "", NAMED[i].name);
		object_schema(b, NAMED[i].table, NAMED[i].direction);
	}
	buf_add(b, S("}}}"));
}
