/* JSON to structs.  jansson reads the text, refusing duplicates, NUL, bad UTF-8 and trailing bytes; the depth is
 * checked before it sees a byte.  The walk below notes every problem with its JSON pointer and goes on, so that
 * a form is told of all its mistakes at once. */
#include "field.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { POINTER_NAME = 64 }; /* bytes of a name in a pointer */

/* walk - where we are: a pointer built up and cut back as the walk descends. */
struct walk {
	struct cx *cx;
	enum field_mode mode;
	char path[512];
	size_t n;
};

/* One step of a pointer, escaped as RFC 6901 has it; a long name is cut between characters. */
static void walk_name(struct walk *w, str name)
{
	str kept = str_clip(name, POINTER_NAME);
	for (size_t i = 0; i < kept.n && w->n + 3 < sizeof w->path; i++) {
		char c = kept.p[i];
		bool escaped = c == '~' || c == '/';
		if (escaped)
			w->path[w->n++] = '~';
		w->path[w->n++] = !escaped ? c : c == '~' ? '0' : '1';
	}
}

static size_t walk_into(struct walk *w, const char *name, size_t index)
{
	size_t before = w->n;
	if (w->n + POINTER_NAME * 2 + 1 >= sizeof w->path)
		return before;
	w->path[w->n++] = '/';
	if (name)
		walk_name(w, str_of(name));
	else
		w->n += (size_t)snprintf(w->path + w->n, sizeof w->path - w->n, "%zu", index);
	return before;
}

static str walk_pointer(const struct walk *w)
{
	return (str){ w->path, w->n };
}

static void walk_problem(struct walk *w, str wants)
{
	fault_add(w->cx, walk_pointer(w), "%.*s", STR_ARG(wants));
}

static void object_decode(struct walk *, const struct field *, void *out, const json_t *, enum field_mode);
static void value_decode(struct walk *, const struct field *, void *at, const json_t *);

static void list_decode(struct walk *w, const struct field *element, size_t size, int64_t max, struct list *out,
			const json_t *j)
{
	if (!json_is_array(j)) {
		walk_problem(w, S("must be a list"));
		return;
	}
	size_t n = json_array_size(j);
	if ((int64_t)n > max) {
		walk_problem(w, str_format(&w->cx->arena, "has too many items: at most %" PRId64, max));
		return;
	}
	char *items = arena_take_many(&w->cx->arena, n + 1, size, _Alignof(max_align_t));
	for (size_t i = 0; i < n; i++) {
		size_t before = walk_into(w, NULL, i);
		if (element->name[0] == '\0')
			value_decode(w, element, items + i * size, json_array_get(j, i));
		else
			object_decode(w, element, items + i * size, json_array_get(j, i), FIELD_NEW);
		w->n = before;
	}
	*out = (struct list){ items, n };
}

static void int_decode(struct walk *w, const struct field *f, int64_t *at, const json_t *j)
{
	char digits[32];
	str wants;
	int n = snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(j));
	if (!json_is_integer(j))
		walk_problem(w, S("must be a whole number"));
	else if (!field_text(&w->cx->arena, f, at, (str){ digits, (size_t)n }, &wants))
		walk_problem(w, wants);
}

static void raw_decode(struct walk *w, const struct field *f, struct raw_json *at, const json_t *j)
{
	size_t max = (size_t)(f->max ? f->max : FIELD_JSON);
	char *text = arena_take(&w->cx->arena, max, 1);
	size_t n = json_dumpb(j, text, max, JSON_COMPACT);
	if (!json_is_object(j))
		walk_problem(w, S("must be an object"));
	else if (n > max)
		walk_problem(w, str_format(&w->cx->arena, "is too large: at most %zu bytes", max));
	else
		at->text = (str){ text, n };
}

static void value_decode(struct walk *w, const struct field *f, void *at, const json_t *j)
{
	str wants;
	switch (f->type) {
	case F_INT:
		int_decode(w, f, at, j);
		break;
	case F_BOOL:
		if (json_is_boolean(j))
			*(bool *)at = json_is_true(j);
		else
			walk_problem(w, S("must be true or false"));
		break;
	case F_LIST:
		list_decode(w, f->of, f->size, f->max ? f->max : FIELD_ITEMS, at, j);
		if (((struct list *)at)->items && (int64_t)((struct list *)at)->n < f->min)
			walk_problem(w, f->min == 1 ? S("must have at least one item") : S("has too few items"));
		break;
	case F_JSON:
		raw_decode(w, f, at, j);
		break;
	case F_OBJECT:
		object_decode(w, f->of, at, j, field_absent(f, at) ? FIELD_NEW : w->mode);
		break;
	default:
		if (!json_is_string(j))
			walk_problem(w, S("must be a string"));
		else if (!field_text(&w->cx->arena, f, at, (str){ json_string_value(j), json_string_length(j) },
				     &wants))
			walk_problem(w, wants);
	}
}

/* Whether what stands for a missing value is a value that the field may have. */
static bool has_default(const struct field *f)
{
	if (f->type == F_STR || f->type == F_LIST)
		return f->min <= 0;
	return f->type != F_INT || f->def >= f->min;
}

static void member_null(struct walk *w, const struct field *f, void *at)
{
	struct field one[] = { *f, FIELD_END };
	one[0].def = f->flags & MAYBE ? 0 : f->def;
	if (w->mode == FIELD_MERGE || (f->flags & MAYBE))
		field_defaults(one, (char *)at - f->at);
	if (!(f->flags & MAYBE) && (w->mode == FIELD_NEW || (f->flags & MUST) || !has_default(f)))
		walk_problem(w, S("must not be null"));
}

static void object_decode(struct walk *w, const struct field *table, void *out, const json_t *j, enum field_mode mode)
{
	uint64_t seen = 0;
	const char *key;
	json_t *value;
	if (mode == FIELD_NEW)
		field_defaults(table, out);
	if (!json_is_object(j)) {
		walk_problem(w, S("must be an object"));
		return;
	}
	json_object_foreach((json_t *)j, key, value)
	{
		const struct field *f = field_find(table, str_of(key));
		size_t before = walk_into(w, key, 0);
		if (!f || !(f->flags & IN)) {
			walk_problem(w, S("is not known here"));
		} else if (!(f->flags & SKIP)) {
			seen |= UINT64_C(1) << (f - table);
			if (json_is_null(value))
				member_null(w, f, (char *)out + f->at);
			else
				value_decode(w, f, (char *)out + f->at, value);
		}
		w->n = before;
	}
	for (const struct field *f = table; mode == FIELD_NEW && f->name; f++) {
		if (!(f->flags & MUST) || (seen & UINT64_C(1) << (f - table)))
			continue;
		size_t before = walk_into(w, f->name, 0);
		walk_problem(w, S("is missing"));
		w->n = before;
	}
}

/* Where the string ends that begins at a quotation mark: at its other one, or the end of the text. */
static size_t string_end(str json, size_t at)
{
	for (at++; at < json.n && json.p[at] != '"'; at++)
		at += json.p[at] == '\\';
	return at < json.n ? at : json.n;
}

/* The deepest nesting outside of strings, at most limit + 1. */
static size_t depth_of(str json, size_t limit)
{
	size_t depth = 0, deepest = 0;
	for (size_t i = 0; i < json.n && deepest <= limit; i++) {
		char c = json.p[i];
		if (c == '"') {
			i = string_end(json, i);
		} else if (c == '{' || c == '[') {
			depth++;
			deepest = depth > deepest ? depth : deepest;
		} else if ((c == '}' || c == ']') && depth) {
			depth--;
		}
	}
	return deepest;
}

/* reading - the objects and lists that are open at a place of the text, the outermost first. */
struct reading {
	struct {
		bool list, value; /* value: behind a member's colon */
		size_t index;
		str name; /* as written, escapes and all */
	} open[FIELD_DEPTH];
	size_t depth;
};

static void reading_step(struct reading *r, char c)
{
	if (c == '{' || c == '[') {
		memset(&r->open[r->depth], 0, sizeof *r->open);
		r->open[r->depth++].list = c == '[';
		return;
	}
	if (r->depth == 0)
		return;
	if (c == '}' || c == ']') {
		r->depth--;
	} else if (c == ':') {
		r->open[r->depth - 1].value = true;
	} else if (c == ',') {
		r->open[r->depth - 1].value = false;
		r->open[r->depth - 1].index++;
	}
}

/* Up to `end`, of text that is not nested deeper than FIELD_DEPTH and is UTF-8 until there. */
static struct reading reading_of(str json, size_t end)
{
	struct reading r = { .depth = 0 };
	for (size_t i = 0; i < end && i < json.n; i++) {
		if (json.p[i] != '"') {
			reading_step(&r, json.p[i]);
			continue;
		}
		size_t from = i + 1;
		i = string_end(json, i);
		if (i < end && r.depth && !r.open[r.depth - 1].list && !r.open[r.depth - 1].value)
			r.open[r.depth - 1].name = str_slice(json, from, i);
	}
	return r;
}

/* The pointer of the value, or the member's name, that the reader stumbled over. */
static str stumbled_at(struct cx *cx, str json, const json_error_t *error)
{
	struct walk w = { .cx = cx };
	struct reading r = reading_of(json, (size_t)error->position);
	for (size_t i = 0; i < r.depth; i++)
		if (r.open[i].list)
			walk_into(&w, NULL, r.open[i].index);
		else if (r.open[i].name.p)
			walk_into(&w, str_to_c(&cx->arena, r.open[i].name), 0);
	return str_copy(&cx->arena, walk_pointer(&w));
}

/* jansson quotes a piece of the text behind them, cut anywhere. */
static const char *own_words(json_error_t *error)
{
	char *quoted = strstr(error->text, " near '");
	if (quoted)
		*quoted = '\0';
	return error->text;
}

static enum err text_load(struct cx *cx, str json, size_t flags, json_t **out)
{
	json_error_t error;
	if (depth_of(json, FIELD_DEPTH) > FIELD_DEPTH)
		return FAIL(cx, E_MALFORMED, S(""), "the JSON is nested too deeply: at most %d levels", FIELD_DEPTH);
	*out = json.n ? json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES | flags, &error) : NULL;
	if (*out)
		return OK;
	if (!json.n)
		return FAIL(cx, E_MALFORMED, S(""), "a JSON body is missing");
	str at = stumbled_at(cx, json, &error);
	switch (json_error_code(&error)) {
	case json_error_duplicate_key:
		return FAIL(cx, E_MALFORMED, at, "is given twice");
	case json_error_null_character:
		return FAIL(cx, E_MALFORMED, at, "must not have a NUL character in it");
	case json_error_null_byte_in_key:
		return FAIL(cx, E_MALFORMED, at, "must not have a NUL character in its name");
	case json_error_numeric_overflow:
		return FAIL(cx, E_MALFORMED, at, "is too large a number");
	default:
		return FAIL(cx, E_MALFORMED, at, "%s JSON: %s (line %d, column %d)", at.n ? "is not" : "not",
			    own_words(&error), error.line, error.column);
	}
}

enum err field_decode(struct cx *cx, const struct field *table, void *out, str json, enum field_mode mode)
{
	struct walk w = { .cx = cx, .mode = mode };
	json_t *j;
	fault_clear(cx);
	TRY(text_load(cx, json, 0, &j));
	object_decode(&w, table, out, j, mode);
	json_decref(j);
	return fault_check(cx);
}

enum err field_decode_list(struct cx *cx, const struct field *element, size_t size, struct list *out, str json)
{
	struct walk w = { .cx = cx, .mode = FIELD_NEW };
	json_t *j;
	fault_clear(cx);
	if (str_is(json, S("[]"))) { /* as most lists in rows are */
		*out = (struct list){ arena_take_many(&cx->arena, 1, size, _Alignof(max_align_t)), 0 };
		return OK;
	}
	TRY(text_load(cx, json, 0, &j));
	list_decode(&w, element, size, INT64_MAX, out, j);
	json_decref(j);
	return fault_check(cx);
}
