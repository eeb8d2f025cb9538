/* fault - how things fail.  A function returns `enum err`; the detail is set once, where it fails, in the context. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H
#include "arena.h"
#include "moment.h"

enum [[nodiscard]] err{
	OK = 0,
#define FAULT(name, http, code, title) E_##name,
#include "fault.def"
#undef FAULT
};

int err_http(enum err);          /* 200 for OK */
const char *err_code(enum err);  /* stable snake_case code on the wire */
const char *err_title(enum err); /* a short sentence for people */
bool err_passes(enum err);       /* whether the same may go well later: what it needs is away, busy or full */

/* problem - one thing wrong with one field; `field` is a JSON pointer, "" for the whole. */
struct problem {
	str field, message;
	struct problem *next;
};

struct fault {
	enum err code;
	str message;                      /* for the user: what was wrong and what would be right */
	struct problem *problems, **last; /* in the order found; at most FAULT_PROBLEMS */
	int count;
	str detail;       /* for the log only: the other side's own words */
	const char *file; /* for the log */
	int line;
	str extra;           /* further members of the problem document, as JSON text: "\"alternatives\":[…]" */
	int64_t retry_after; /* seconds, 0: none */
};
enum { FAULT_PROBLEMS = 16 };

/* uuid - an identifier: UUIDv7 (RFC 9562), 16 bytes here and in the database, text on the wire. */
typedef struct {
	unsigned char b[16];
} uuid;

/* digest - a SHA-256, or a keyed one. */
typedef struct {
	unsigned char b[32];
} digest;

struct db; /* store */

/* cx - everything one request or job may touch. */
struct cx {
	struct arena arena;
	struct db *db;
	instant now; /* the only clock, read once by the dispatcher or worker */
	uuid actor;  /* the account that acts; all zero: nobody signed in */
	struct fault fault;
};

/* FAIL - set the detail and return the code.  `field` is a str; the rest is printf's.
 * The message of a field reads behind the field's name: "must be …", "is taken"; without a field it is a sentence. */
#define FAIL(cx, code, field, ...) fault_set((cx), (code), (field), __FILE__, __LINE__, __VA_ARGS__)
[[gnu::format(printf, 6, 7)]] enum err fault_set(struct cx *, enum err, str field, const char *file, int line,
						 const char *format, ...);

/* fault_add - note one more problem without stopping; fault_check turns what was noted into E_INVALID. */
[[gnu::format(printf, 3, 4)]] void fault_add(struct cx *, str field, const char *format, ...);
enum err fault_check(struct cx *);
void fault_clear(struct cx *);

#define TRY(expr)                           \
	do {                                \
		enum err try_err_ = (expr); \
		if (try_err_)               \
			return try_err_;    \
	} while (0)
#endif
