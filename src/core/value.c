#include "value.h"

#include <string.h>

static struct value *value_new(struct arena *a, enum value_kind kind)
{
	struct value *v = NEW(a, struct value);
	v->kind = kind;
	return v;
}

struct value *value_object(struct arena *a)
{
	return value_new(a, VALUE_OBJECT);
}

struct value *value_list(struct arena *a)
{
	return value_new(a, VALUE_LIST);
}

struct value *value_none(struct arena *a)
{
	return value_new(a, VALUE_NONE);
}

struct value *value_bool(struct arena *a, bool truth)
{
	struct value *v = value_new(a, VALUE_BOOL);
	v->truth = truth;
	return v;
}

struct value *value_int(struct arena *a, int64_t number)
{
	struct value *v = value_new(a, number == NONE ? VALUE_NONE : VALUE_INT);
	v->number = number;
	return v;
}

struct value *value_text(struct arena *a, str text)
{
	struct value *v = value_new(a, text.p ? VALUE_TEXT : VALUE_NONE);
	v->text = text;
	return v;
}

struct value *value_safe(struct arena *a, str markup)
{
	struct value *v = value_text(a, markup);
	if (v->kind == VALUE_TEXT)
		v->kind = VALUE_SAFE;
	return v;
}

static size_t member(const struct value *object, str name)
{
	size_t i = 0;
	while (i < object->n && !str_is(str_of(object->names[i]), name))
		i++;
	return i;
}

/* Names and items grow together: both arrays have `cap` places. */
static void append(struct arena *a, struct value *to, const char *name, const struct value *v)
{
	size_t cap = to->cap;
	if (to->kind == VALUE_OBJECT) {
		to->names = arena_grow(a, to->names, to->n, &cap, sizeof *to->names, _Alignof(char *));
		cap = to->cap;
	}
	to->items = arena_grow(a, to->items, to->n, &cap, sizeof *to->items, _Alignof(struct value *));
	to->cap = cap;
	if (to->kind == VALUE_OBJECT)
		to->names[to->n] = name;
	to->items[to->n++] = v;
}

void value_put(struct arena *a, struct value *object, const char *name, const struct value *v)
{
	size_t i = member(object, str_of(name));
	if (i < object->n)
		object->items[i] = v;
	else
		append(a, object, name, v);
}

void value_add(struct arena *a, struct value *list, const struct value *v)
{
	append(a, list, NULL, v);
}

void value_set_text(struct arena *a, struct value *object, const char *name, str text)
{
	value_put(a, object, name, value_text(a, text));
}

void value_set_bool(struct arena *a, struct value *object, const char *name, bool truth)
{
	value_put(a, object, name, value_bool(a, truth));
}

void value_set_int(struct arena *a, struct value *object, const char *name, int64_t number)
{
	value_put(a, object, name, value_int(a, number));
}

static struct value *list_of(struct arena *a, const struct field *f, const struct list *in)
{
	struct value *list = value_list(a);
	bool scalars = f->of->name[0] == '\0';
	for (size_t i = 0; i < in->n; i++) {
		const struct value *item = value_of(a, f->of, (const char *)in->items + i * f->size);
		value_add(a, list, scalars ? item->items[0] : item);
	}
	return list;
}

static struct value *scalar_of(struct arena *a, const struct field *f, const void *at)
{
	char text[INSTANT_TEXT], id[UUID_TEXT];
	switch (f->type) {
	case F_STR:
	case F_JSON:
		return value_text(a, *(const str *)at);
	case F_INT:
		return value_int(a, *(const int64_t *)at);
	case F_BOOL:
		return value_bool(a, *(const bool *)at);
	case F_INSTANT:
		return value_text(a, str_copy(a, instant_format(text, *(const instant *)at)));
	case F_DAY:
		return value_text(a, str_copy(a, day_format(text, *(const day *)at)));
	case F_MINUTE:
		return value_text(a, str_copy(a, minute_format(text, *(const minute_of_day *)at)));
	case F_UUID:
		return value_text(a, str_copy(a, uuid_format(id, *(const uuid *)at)));
	case F_CHOICE:
		return value_text(a, str_of(f->choices[*(const unsigned *)at]));
	case F_LIST:
		return list_of(a, f, at);
	case F_DIGEST: /* never shown */
		return value_none(a);
	case F_OBJECT:
		break;
	}
	return value_of(a, f->of, at);
}

struct value *value_of(struct arena *a, const struct field *table, const void *in)
{
	struct value *object = value_object(a);
	for (const struct field *f = table; f->name; f++) {
		const char *at = (const char *)in + f->at;
		if (f->flags & OUT || f->name[0] == '\0')
			value_put(a, object, f->name, field_absent(f, at) ? value_none(a) : scalar_of(a, f, at));
	}
	return object;
}

const struct value *value_get(const struct value *object, str name)
{
	if (!object || object->kind != VALUE_OBJECT)
		return NULL;
	size_t i = member(object, name);
	return i < object->n ? object->items[i] : NULL;
}

bool value_truth(const struct value *v)
{
	switch (v ? v->kind : VALUE_NONE) {
	case VALUE_NONE:
		return false;
	case VALUE_BOOL:
		return v->truth;
	case VALUE_INT:
		return v->number != 0;
	case VALUE_TEXT:
	case VALUE_SAFE:
		return v->text.n > 0;
	case VALUE_LIST:
		return v->n > 0;
	case VALUE_OBJECT:
		break;
	}
	return true;
}
