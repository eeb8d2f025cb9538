/* member - between a struct's members and the values that a database takes and gives (the table is in db.h). */
#ifndef STORE_MEMBER_H
#define STORE_MEMBER_H
#include "base/field.h"

enum value_type { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB, VALUE_REAL };
struct value {
	enum value_type type;
	int64_t i; /* INT */
	str s;     /* TEXT and BLOB */
};

/* member_type - of the value of a member that is not absent. */
enum value_type member_type(const struct field *);

/* member_value - what a member is in a row.  Lists and objects are written into cx->arena, the rest is a view. */
struct value member_value(struct cx *, const struct field *, const void *at);

/* member_set - a row's value into a member; text is copied to cx->arena.  false: the member cannot hold it; the fault
 * may say why. */
[[nodiscard]] bool member_set(struct cx *, const struct field *, void *at, struct value);
#endif
