/* value - the data that a template shows: a tree in an arena, made once and only read while rendering.
 *
 *     struct value *v = value_object(arena);
 *     value_set(arena, v, "title", booking.title);
 *     value_set(arena, v, "sequence", booking.sequence);
 *     value_set(arena, v, "guests", list);
 *
 * Names are not copied: literals, or what lives as long as the arena.  A later value of a name replaces the former. */
#ifndef CORE_VALUE_H
#define CORE_VALUE_H
#include "base/field.h"

enum value_kind { VALUE_NONE, VALUE_BOOL, VALUE_INT, VALUE_TEXT, VALUE_SAFE, VALUE_LIST, VALUE_OBJECT };

struct value {
	enum value_kind kind;
	union {
		bool truth;
		int64_t number;
		str text; /* TEXT; SAFE: markup the program itself made, the only kind that {{{name}}} leaves as it is */
		struct {
			const char **names; /* OBJECT only */
			const struct value **items;
			size_t n, cap;
		};
	};
};

struct value *value_object(struct arena *);
struct value *value_list(struct arena *);

struct value *value_none(struct arena *);
struct value *value_bool(struct arena *, bool);
struct value *value_int(struct arena *, int64_t); /* NONE gives a VALUE_NONE */
struct value *value_text(struct arena *, str);    /* absent gives a VALUE_NONE; the bytes are not copied */
struct value *value_safe(struct arena *, str);    /* HTML or JSON made by the program, never text from outside */

void value_put(struct arena *, struct value *object, const char *name, const struct value *);
void value_add(struct arena *, struct value *list, const struct value *);

/* value_set - value_put of a str, bool, integer or value. */
void value_set_text(struct arena *, struct value *object, const char *name, str);
void value_set_bool(struct arena *, struct value *object, const char *name, bool);
void value_set_int(struct arena *, struct value *object, const char *name, int64_t);
#define value_set(arena, object, name, x) \
	_Generic((x), str: value_set_text, bool: value_set_bool, int: value_set_int, int64_t: value_set_int, \
	    struct value *: value_put, const struct value *: value_put)(arena, object, name, x)

/* value_of - the OUT members of a struct by its field table, as an object.  Instants, dates, times of day, ids and
 * choices become their wire text, raw JSON its text; what is absent becomes none. */
struct value *value_of(struct arena *, const struct field *table, const void *in);

/* value_get - a member of an object, NULL when it has none of that name or `object` is no object. */
const struct value *value_get(const struct value *object, str name);

/* value_truth - what a section asks: not none, false, 0, "" or an empty list. */
bool value_truth(const struct value *);
#endif
