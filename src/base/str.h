/* str - views of bytes: a pointer and a length, never NUL-terminated, never owned. */
#ifndef BASE_STR_H
#define BASE_STR_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	const char *p;
	size_t n;
} str; /* an absent string has p == NULL; an empty one has not */

#define S(literal) ((str){ "" literal, sizeof(literal) - 1 })
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s"; s is evaluated twice, so it is no call that costs */

/* str_of - view of a C string; NULL gives an absent one. */
str str_of(const char *c);

bool str_is(str a, str b);
bool str_is_nocase(str a, str b); /* ASCII letters only */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);

/* str_order - <0, 0, >0 as memcmp, the shorter first. */
int str_order(str a, str b);

/* str_find - index of the first c, or s.n. */
size_t str_find(str s, char c);

/* str_cut - the part before the first `c`; *rest moves behind it (empty when there is none). */
str str_cut(str *rest, char c);

/* str_trim - without blanks (space, tab, CR, LF) at both ends. */
str str_trim(str s);

/* str_slice - bytes [from, to), both clipped to the length. */
str str_slice(str s, size_t from, size_t to);

/* str_clip - at most the first `max` bytes, cut between UTF-8 characters. */
str str_clip(str s, size_t max);

/* str_to_int - the whole of s as a decimal integer, optional '-', no blanks.  false: not one, or past int64. */
[[nodiscard]] bool str_to_int(str s, int64_t *out);

/* str_rune - decode the UTF-8 sequence at *at and step over it.  Returns -1 at malformed bytes (overlong
 * forms, surrogates and values past U+10FFFF included); *at then stays. */
int32_t str_rune(str s, size_t *at);

/* str_is_utf8 - well-formed UTF-8 throughout. */
bool str_is_utf8(str s);
#endif
