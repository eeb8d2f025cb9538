/* What a zone is made of; for the zone_*.c files only. */
#ifndef CORE_ZONE_DATA_H
#define CORE_ZONE_DATA_H
#include "zone.h"

/* zone_entry - from `from` (seconds UTC) to the next entry's.  `name` is an offset into zone.names. */
struct zone_entry {
	int64_t from;
	int32_t offset; /* seconds east */
	uint16_t name;
	bool dst;
};

enum {
	OFFSET_MIN = -89999, /* seconds: RFC 9636 §3.2 */
	OFFSET_MAX = 93599,
	NAMES_MAX = 512,    /* bytes of a file's designations, the footer's included */
	TABLE_UNTIL = 2203, /* the last year whose changes are entries; later ones are computed when asked for */
};

/* ZONE_FAR - seconds; a file's changes lie within +-it, and past it the last answer stands: the calendar's
 * arithmetic must not overflow.  (Compilers of zones write -2^59 for "ever since".) */
#define ZONE_FAR (INT64_C(1) << 60)

/* rule_date - when in a year a footer's rule changes the clock. */
enum rule_kind { RULE_JULIAN, RULE_DAY, RULE_MONTH };
struct rule_date {
	enum rule_kind kind;
	int month, week, weekday; /* RULE_MONTH: week 5 is the last; weekday 0 is Sunday */
	int number;               /* RULE_JULIAN: 1..365, 29 February never counted; RULE_DAY: 0..365 */
	int32_t time;             /* seconds of wall clock after midnight, -167 h .. 167 h */
};

/* footer - the POSIX TZ string; `given` false when the file has none. */
struct footer {
	bool given, changes;
	struct zone_entry standard, summer; /* `from` unused */
	struct rule_date begin, end;        /* of summer */
};

struct zone {
	char name[ZONE_NAME + 1];
	char names[NAMES_MAX]; /* NUL-terminated designations */
	size_t names_n;
	struct footer footer;
	int64_t table_end; /* the entries hold before it; INT64_MAX when the footer changes nothing */
	size_t n;
	struct zone_entry entries[]; /* the first one's `from` is INT64_MIN */
};

/* footer_parse - text without the newlines; designations are appended to z->names.  false: malformed. */
[[nodiscard]] bool footer_parse(struct zone *z, str text);

/* footer_year - the two changes of a year, ascending. */
void footer_year(const struct footer *, int64_t year, struct zone_entry out[2]);

/* footer_at - the entry that holds at t, and where it ends; t within +-ZONE_FAR. */
struct zone_entry footer_at(const struct footer *, int64_t t, int64_t *until);
#endif
