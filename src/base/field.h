/* field - one table per struct, which serves JSON in, JSON out, query strings, SQL parameters and rows, and the
 * OpenAPI schema.  A member is invisible unless flagged; its C type picks the wire type, so a wrong pairing does
 * not compile:
 *
 *     C type            JSON                          SQL         absent (MAYBE) is
 *     str               string                        TEXT        p == NULL
 *     int64_t           integer, at most ±2^53        INTEGER     NONE
 *     bool              true, false                   INTEGER     -
 *     instant           "2026-03-02T14:00:00Z"        INTEGER     NONE
 *     day               "2026-03-02"                  INTEGER     NONE
 *     minute_of_day     "09:30"                       INTEGER     NONE
 *     uuid              "0190…"                       BLOB        all zero
 *     digest            never                         BLOB        all zero
 *     enum              one of .choices               TEXT        -
 *     struct list       array of .of                  TEXT, JSON  items == NULL
 *     struct raw_json   any object                    TEXT, JSON  text.p == NULL
 *     a struct (OBJECT) object of .of                 TEXT, JSON  all its members are absent
 *                                                               (bool and enum members do not count)
 *
 * A list of scalars has an element table of one field with the name "".
 * Errors name the field by a JSON pointer (RFC 6901) and say what would be right. */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H
#include "buf.h"
#include "fault.h"

/* clang-format off */
enum field_type { F_STR, F_INT, F_BOOL, F_INSTANT, F_DAY, F_MINUTE, F_UUID,
	F_DIGEST, F_CHOICE, F_LIST, F_JSON, F_OBJECT };
/* clang-format on */

enum {
	IN = 1,      /* may come from outside */
	OUT = 2,     /* is shown */
	MUST = 4,    /* must be given */
	MAYBE = 8,   /* may be absent: null on the wire, NULL in a row */
	SKIP = 16,   /* with IN: may be given, whatever it is, and is not read */
	SPARSE = 32, /* with OUT and MAYBE: left out where absent, not null */
};

struct list {
	void *items;
	size_t n;
};
struct raw_json {
	str text;
};

/* rule - what a string must be. */
struct rule {
	const char *format;  /* OpenAPI `format`, or NULL */
	const char *pattern; /* OpenAPI `pattern`, or NULL */
	const char *wants;   /* "an email address like ada@example.org" */
	bool (*holds)(str);
	str (*kept)(struct arena *, str); /* how what holds is kept; NULL: as it came */
};

struct field {
	const char *name;
	enum field_type type;
	uint16_t at; /* offset in the struct */
	uint16_t flags;
	int64_t min, max; /* INT: inclusive; STR and JSON: bytes; LIST: items.  Both zero: FIELD_… caps below */
	int64_t def;      /* INT, BOOL, CHOICE, MINUTE: the value when missing; MAYBE and 0: absent */
	const char *const *choices; /* CHOICE: the names, NULL-ended; the index is the value */
	const struct rule *rule;    /* STR */
	const struct field *of;     /* OBJECT, LIST: the members */
	uint32_t size;              /* LIST: bytes of an element */
	const char *doc;            /* one line for the API's readers */
};
enum { FIELD_TEXT = 200, FIELD_ITEMS = 100, FIELD_JSON = 4096, FIELD_DEPTH = 32 };

/* clang-format off */
#define FIELD_TYPE(T, member)                                                                             \
	_Generic(((T *)0)->member, str: F_STR, int64_t: F_INT, bool: F_BOOL, instant: F_INSTANT, day: F_DAY, \
	    minute_of_day: F_MINUTE, uuid: F_UUID, digest: F_DIGEST, unsigned: F_CHOICE, struct list: F_LIST, struct raw_json: F_JSON)

#define FIELD(T, member, fl, ...) \
	{ .name = #member, .type = FIELD_TYPE(T, member), .at = offsetof(T, member), .flags = (fl), __VA_ARGS__ }
#define FIELD_NAMED(T, member, wire, fl, ...) \
	{ .name = wire, .type = FIELD_TYPE(T, member), .at = offsetof(T, member), .flags = (fl), __VA_ARGS__ }
#define OBJECT(T, member, fl, table, ...) \
	{ .name = #member, .type = F_OBJECT, .at = offsetof(T, member), .flags = (fl), .of = (table), __VA_ARGS__ }
#define LIST(T, member, fl, table, E, ...)                                                          \
	{ .name = #member, .type = FIELD_TYPE(T, member), .at = offsetof(T, member), .flags = (fl), \
	  .of = (table), .size = sizeof(E), __VA_ARGS__ }
#define FIELD_END { .name = NULL }
/* clang-format on */

/* field_decode - a JSON object into *out.
 *   FIELD_NEW    every MUST is there, what is missing gets its default
 *   FIELD_MERGE  what is missing stays (PATCH); null sets the default, or absent where MAYBE
 *   E_MALFORMED  not JSON, trailing bytes, duplicate member, depth past FIELD_DEPTH, bad UTF-8, NUL
 *   E_INVALID    unknown, missing or wrong members: every one of them is in cx->fault.problems */
enum field_mode { FIELD_NEW, FIELD_MERGE };
enum err field_decode(struct cx *, const struct field *, void *out, str json, enum field_mode);

/* field_decode_list - a JSON array of the element table, as columns of type LIST hold it. */
enum err field_decode_list(struct cx *, const struct field *element, size_t size, struct list *out, str json);

/* pair - one name and value of a query string or form, decoded. */
struct pair {
	str name, value;
};
/* field_decode_pairs - scalars only; a LIST of scalars is written a,b,c.  Unknown and repeated names are refused. */
enum err field_decode_pairs(struct cx *, const struct field *, void *out, const struct pair *, size_t n);

/* field_defaults - what field_decode sets before it reads. */
void field_defaults(const struct field *, void *out);

/* field_text - one scalar from text (not JSON).  false: *wants says what would be right. */
[[nodiscard]] bool field_text(struct arena *, const struct field *, void *at, str text, str *wants);

/* field_write - the OUT members as a JSON object; field_write_list - an array of such. */
void field_write(struct buf *, const struct field *, const void *in);
void field_write_list(struct buf *, const struct field *element, size_t size, const struct list *);
str field_encode(struct arena *, const struct field *, const void *in);

/* field_write_value - one member's value only, as JSON. */
void field_write_value(struct buf *, const struct field *, const void *at);

const struct field *field_find(const struct field *, str name);

/* list_reverse - its items, of that size each, from the last to the first. */
void list_reverse(struct list *, size_t size);

/* field_absent - whether the member at `at` counts as absent (see the table above). */
bool field_absent(const struct field *, const void *at);

/* json_quote - quoted and escaped; safe inside <script> and logs too ('<', '>', '&' and U+2028 as \u). */
void json_quote(struct buf *, str);

bool digest_is(digest); /* not all zero */
bool uuid_is(uuid);     /* not all zero */
bool uuid_same(uuid, uuid);
[[nodiscard]] bool uuid_parse(str, uuid *out);
enum { UUID_TEXT = 40 };
str uuid_format(char out[UUID_TEXT], uuid);
#endif
