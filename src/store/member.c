#include "member.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static struct value json_value(struct cx *cx, const struct field *f, const void *at)
{
	struct buf b = { 0 };
	field_write_value(&b, f, at);
	assert(!b.full);
	struct value v = { .type = VALUE_TEXT, .s = str_copy(&cx->arena, buf_str(&b)) };
	buf_free(&b);
	return v;
}

/* All zero is an id like any other, and an empty list a list, unless the member may be absent. */
static bool is_null(const struct field *f, const void *at)
{
	switch (f->type) {
	case F_UUID:
	case F_DIGEST:
	case F_LIST:
	case F_OBJECT:
		return (f->flags & MAYBE) && field_absent(f, at);
	default:
		return field_absent(f, at);
	}
}

static str choice_name(const struct field *f, unsigned value)
{
	for (unsigned i = 0; i <= value; i++)
		assert(f->choices[i]);
	return str_of(f->choices[value]);
}

struct value member_value(struct cx *cx, const struct field *f, const void *at)
{
	if (is_null(f, at))
		return (struct value){ .type = VALUE_NULL };
	switch (f->type) {
	case F_STR:
	case F_JSON:
		return (struct value){ .type = VALUE_TEXT, .s = *(const str *)at };
	case F_INT:
	case F_INSTANT:
	case F_DAY:
	case F_MINUTE:
		return (struct value){ .type = VALUE_INT, .i = *(const int64_t *)at };
	case F_BOOL:
		return (struct value){ .type = VALUE_INT, .i = *(const bool *)at };
	case F_UUID:
		return (struct value){ .type = VALUE_BLOB, .s = { at, sizeof(uuid) } };
	case F_DIGEST:
		return (struct value){ .type = VALUE_BLOB, .s = { at, sizeof(digest) } };
	case F_CHOICE:
		return (struct value){ .type = VALUE_TEXT, .s = choice_name(f, *(const unsigned *)at) };
	case F_LIST:
	case F_OBJECT:
		return json_value(cx, f, at);
	}
	abort();
}

static void member_clear(const struct field *f, void *at)
{
	switch (f->type) {
	case F_STR:
	case F_JSON:
		*(str *)at = (str){ 0 };
		break;
	case F_INT:
	case F_INSTANT:
	case F_DAY:
	case F_MINUTE:
		*(int64_t *)at = NONE;
		break;
	case F_BOOL:
		*(bool *)at = false;
		break;
	case F_UUID:
		*(uuid *)at = (uuid){ 0 };
		break;
	case F_DIGEST:
		*(digest *)at = (digest){ 0 };
		break;
	case F_CHOICE:
		*(unsigned *)at = 0;
		break;
	case F_LIST:
		*(struct list *)at = (struct list){ 0 };
		break;
	case F_OBJECT:
		for (const struct field *inner = f->of; inner->name; inner++)
			member_clear(inner, (char *)at + inner->at);
		break;
	}
}

static bool choice_find(const struct field *f, str name, unsigned *out)
{
	for (unsigned i = 0; f->choices[i]; i++) {
		if (str_is(name, str_of(f->choices[i]))) {
			*out = i;
			return true;
		}
	}
	return false;
}

enum value_type member_type(const struct field *f)
{
	switch (f->type) {
	case F_INT:
	case F_BOOL:
	case F_INSTANT:
	case F_DAY:
	case F_MINUTE:
		return VALUE_INT;
	case F_UUID:
	case F_DIGEST:
		return VALUE_BLOB;
	default:
		return VALUE_TEXT;
	}
}

static bool bytes_into(void *at, size_t size, str bytes)
{
	if (bytes.n != size)
		return false;
	memcpy(at, bytes.p, size);
	return true;
}

bool member_set(struct cx *cx, const struct field *f, void *at, struct value v)
{
	if (v.type == VALUE_NULL) {
		member_clear(f, at);
		return true;
	}
	if (v.type != member_type(f))
		return false;
	switch (f->type) {
	case F_STR:
	case F_JSON:
		*(str *)at = str_copy(&cx->arena, v.s);
		return true;
	case F_INT:
	case F_INSTANT:
	case F_DAY:
	case F_MINUTE:
		*(int64_t *)at = v.i;
		return true;
	case F_BOOL:
		*(bool *)at = v.i != 0;
		return v.i == 0 || v.i == 1;
	case F_UUID:
		return bytes_into(at, sizeof(uuid), v.s);
	case F_DIGEST:
		return bytes_into(at, sizeof(digest), v.s);
	case F_CHOICE:
		return choice_find(f, v.s, at);
	case F_LIST:
		return field_decode_list(cx, f->of, f->size, at, v.s) == OK;
	case F_OBJECT:
		return field_decode(cx, f->of, at, v.s, FIELD_NEW) == OK;
	}
	return false;
}
