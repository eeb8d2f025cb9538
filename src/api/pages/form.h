/* form - forms on pages: their fields, what was typed, and what is wrong with it, beside the field. */
#ifndef API_PAGES_FORM_H
#define API_PAGES_FORM_H
#include "page.h"

enum { FORM_FIELDS = 48 };

/* form_field - keys are of templates/text; NULL: none.
 *   type   of <input>, or "area", "select", "check", "hidden"
 *   wrong  what to say when it is refused; NULL: what the fault says */
struct form_field {
	const char *name, *pointer, *type, *label, *hint, *wrong, *autocomplete;
	bool required;
	int64_t max;
};

/* NAME_FIELD, EMAIL_FIELD, CODE_FIELD - the fields that several forms have: where the request has them, and for the
 * address what it is good for. */
#define NAME_FIELD(where)                                                                        \
	{                                                                                        \
		.name = "name", .pointer = where, .type = "text", .label = "page.field.name",    \
		.wrong = "page.wrong.name", .autocomplete = "name", .required = true, .max = 120 \
	}
#define EMAIL_FIELD(where, about)                                                                               \
	{                                                                                                       \
		.name = "email", .pointer = where, .type = "email", .label = "page.field.email", .hint = about, \
		.wrong = "page.wrong.email", .autocomplete = "email", .required = true, .max = 254              \
	}
#define CODE_FIELD                                                                                     \
	{                                                                                              \
		.name = "code", .pointer = "/code", .type = "text", .label = "page.field.code",        \
		.hint = "page.hint.code", .wrong = "page.wrong.code", .autocomplete = "one-time-code", \
		.required = true                                                                       \
	}

struct form {
	struct value *list; /* for the template, as "fields" */
	struct {
		struct value *value;
		str pointer;
		const char *wrong;
	} items[FORM_FIELDS];
	size_t n;
};

/* form_open - an empty form as the page's "fields"; its failures are shown by form_failed. */
struct form *form_open(struct call *, struct page *);

/* form_add - one field with what it holds; the value may be added to (options). */
struct value *form_add(struct call *, struct form *, const struct form_field *, str holds);

/* form_add_text - the same with a label that is a text of somebody's, and a pointer made at run time. */
struct value *form_add_text(struct call *, struct form *, const struct form_field *, str label, str name, str pointer,
			    str holds);

/* form_failed - cx->fault to the fields it names; the first of them gets the focus. */
void form_failed(struct call *, struct page *);

/* form_read - the posted values of a table's members, without blanks around them, empty ones as missing; other names
 * are left alone.   E_INVALID  as field_decode_pairs */
enum err form_read(struct call *, const struct field *, void *out);

/* form_value - what was posted under a name, trimmed; empty when nothing was. */
str form_value(const struct call *, const char *name);

/* zones_value - all zones by region, for <select>: a list of {region, zones: [{name, city, chosen}]}. */
struct value *zones_value(struct call *, str chosen);
#endif
