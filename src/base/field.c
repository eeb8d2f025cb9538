/* What all uses of a field table share: finding a member, defaults, absence, and scalars from text. */
#include "field.h"

#include <inttypes.h>
#include <string.h>

const struct field *field_find(const struct field *table, str name)
{
	for (const struct field *f = table; f->name; f++)
		if (strlen(f->name) == name.n && memcmp(f->name, name.p, name.n) == 0)
			return f;
	return NULL;
}

static bool object_absent(const struct field *table, const char *at)
{
	for (const struct field *f = table; f->name; f++)
		if (f->type != F_BOOL && f->type != F_CHOICE && !field_absent(f, at + f->at))
			return false;
	return true;
}

bool field_absent(const struct field *f, const void *at)
{
	switch (f->type) {
	case F_STR:
	case F_JSON:
		return ((const str *)at)->p == NULL;
	case F_INT:
	case F_INSTANT:
	case F_DAY:
	case F_MINUTE:
		return *(const int64_t *)at == NONE;
	case F_UUID:
		return !uuid_is(*(const uuid *)at);
	case F_DIGEST:
		return !digest_is(*(const digest *)at);
	case F_LIST:
		return ((const struct list *)at)->items == NULL;
	case F_OBJECT:
		return object_absent(f->of, at);
	case F_BOOL:
	case F_CHOICE:
		break;
	}
	return false;
}

static void member_default(const struct field *f, void *at, bool absent);

static void table_default(const struct field *table, void *out, bool absent)
{
	for (const struct field *f = table; f->name; f++)
		member_default(f, (char *)out + f->at, absent);
}

/* absent: the member is part of an object that is not there at all. */
static void member_default(const struct field *f, void *at, bool absent)
{
	bool maybe = absent || (f->flags & MAYBE);
	switch (f->type) {
	case F_STR:
	case F_JSON:
		*(str *)at = maybe ? (str){ NULL, 0 } : f->type == F_JSON ? S("{}") : S("");
		break;
	case F_INT:
	case F_MINUTE:
	case F_INSTANT:
	case F_DAY:
		*(int64_t *)at = maybe && !f->def ? NONE : f->def;
		break;
	case F_BOOL:
		*(bool *)at = f->def != 0;
		break;
	case F_CHOICE:
		*(unsigned *)at = (unsigned)f->def;
		break;
	case F_UUID:
		*(uuid *)at = (uuid){ 0 };
		break;
	case F_DIGEST:
		*(digest *)at = (digest){ 0 };
		break;
	case F_LIST:
		*(struct list *)at = (struct list){ 0 };
		break;
	case F_OBJECT:
		table_default(f->of, at, maybe);
		break;
	}
}

void field_defaults(const struct field *table, void *out)
{
	table_default(table, out, false);
}

static bool choice_text(struct arena *a, const struct field *f, unsigned *at, str text, str *wants)
{
	str names = S("");
	for (unsigned i = 0; f->choices[i]; i++) {
		if (str_is(text, str_of(f->choices[i]))) {
			*at = i;
			return true;
		}
	}
	for (unsigned i = 0; f->choices[i]; i++)
		names = str_format(a, "%.*s%s\"%s\"", STR_ARG(names), i ? ", " : "", f->choices[i]);
	*wants = str_format(a, "must be one of %.*s", STR_ARG(names));
	return false;
}

static bool string_text(struct arena *a, const struct field *f, str *at, str text, str *wants)
{
	int64_t max = f->max ? f->max : FIELD_TEXT, n = (int64_t)text.n;
	if (f->rule && n && (n < f->min || (n > max && f->min == max))) { /* what it is says more than how long */
		*wants = str_format(a, "must be %s", f->rule->wants);
		return false;
	}
	if (n > max) {
		*wants = str_format(a, "is too long: at most %" PRId64 " bytes", max);
		return false;
	}
	if (n < f->min) {
		*wants = f->min == 1 ? S("must not be empty")
				     : str_format(a, "is too short: at least %" PRId64 " bytes", f->min);
		return false;
	}
	if (memchr(text.p ? text.p : "", 0, text.n) || !str_is_utf8(text)) {
		*wants = S("must be UTF-8 text without NUL");
		return false;
	}
	if (f->rule && text.n && !f->rule->holds(text)) {
		*wants = str_format(a, "must be %s", f->rule->wants);
		return false;
	}
	*at = f->rule && f->rule->kept ? f->rule->kept(a, text) : str_copy(a, text.p ? text : S(""));
	if ((int64_t)at->n > max) { /* a few characters need more bytes as they are kept */
		*wants = str_format(a, "is too long: at most %" PRId64 " bytes", max);
		return false;
	}
	return true;
}

static bool int_text(struct arena *a, const struct field *f, int64_t *at, str text, str *wants)
{
	int64_t max = f->min || f->max ? f->max : (int64_t)1 << 53;
	int64_t min = f->min || f->max ? f->min : -max;
	int64_t v;
	if (!str_to_int(text, &v)) {
		*wants = S("must be a whole number");
		return false;
	}
	if (v < min || v > max) {
		*wants = str_format(a, "must be from %" PRId64 " to %" PRId64, min, max);
		return false;
	}
	*at = v;
	return true;
}

bool field_text(struct arena *a, const struct field *f, void *at, str text, str *wants)
{
	switch (f->type) {
	case F_STR:
		return string_text(a, f, at, text, wants);
	case F_INT:
		return int_text(a, f, at, text, wants);
	case F_CHOICE:
		return choice_text(a, f, at, text, wants);
	case F_BOOL:
		*wants = S("must be true or false");
		*(bool *)at = str_is(text, S("true"));
		return *(bool *)at || str_is(text, S("false"));
	case F_INSTANT:
		*wants = S("must be an RFC 3339 time in whole seconds, like 2026-03-02T14:00:00Z, from 1970 to 2199");
		return instant_parse(text, at);
	case F_DAY:
		*wants = S("must be a date that exists, like 2026-03-02, from 1970 to 2199");
		return day_parse(text, at);
	case F_MINUTE:
		*wants = S("must be a time of day like 09:30, from 00:00 to 24:00");
		return minute_parse(text, at);
	case F_UUID:
		*wants = S("must be an id like 0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07");
		return uuid_parse(text, at);
	case F_DIGEST:
	case F_LIST:
	case F_JSON:
	case F_OBJECT:
		break;
	}
	*wants = S("cannot be written as text");
	return false;
}

/* A list of scalars written a,b,c. */
static bool list_text(struct arena *a, const struct field *f, struct list *out, str text, str *wants)
{
	size_t n = 1, max = (size_t)(f->max ? f->max : FIELD_ITEMS);
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == ',';
	if (n > max) {
		*wants = str_format(a, "must be at most %zu values with commas between", max);
		return false;
	}
	char *items = arena_take_many(a, n, f->size, _Alignof(max_align_t));
	for (size_t i = 0; i < n; i++)
		if (!field_text(a, f->of, items + i * f->size, str_cut(&text, ','), wants))
			return false;
	*out = (struct list){ items, n };
	return true;
}

static str pointer_of(struct cx *cx, str name)
{
	return str_format(&cx->arena, "/%.*s", STR_ARG(str_clip(name, 64)));
}

enum err field_decode_pairs(struct cx *cx, const struct field *table, void *out, const struct pair *pairs, size_t n)
{
	uint64_t seen = 0;
	fault_clear(cx);
	field_defaults(table, out);
	for (size_t i = 0; i < n; i++) {
		const struct field *f = field_find(table, pairs[i].name);
		str wants;
		if (!f || !(f->flags & IN)) {
			fault_add(cx, pointer_of(cx, pairs[i].name), "is not a parameter here");
			continue;
		}
		void *at = (char *)out + f->at;
		uint64_t bit = UINT64_C(1) << (f - table);
		if (seen & bit)
			fault_add(cx, pointer_of(cx, pairs[i].name), "is given twice");
		else if (f->type == F_LIST ? !list_text(&cx->arena, f, at, pairs[i].value, &wants)
					   : !field_text(&cx->arena, f, at, pairs[i].value, &wants))
			fault_add(cx, pointer_of(cx, pairs[i].name), "%.*s", STR_ARG(wants));
		seen |= bit;
	}
	for (const struct field *f = table; f->name; f++)
		if ((f->flags & MUST) && !(seen & UINT64_C(1) << (f - table)))
			fault_add(cx, pointer_of(cx, str_of(f->name)), "is missing");
	return fault_check(cx);
}

void list_reverse(struct list *list, size_t size)
{
	char *items = list->items;
	for (size_t i = 0; i < list->n / 2 * size; i++) { /* byte i of the first half, and of its counterpart */
		char *other = items + (list->n - 1 - i / size) * size + i % size, c = *other;
		*other = items[i];
		items[i] = c;
	}
}
