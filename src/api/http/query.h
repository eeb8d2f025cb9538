/* query - names and values from query strings, forms (application/x-www-form-urlencoded) and cookies.
 * Strict: what cannot be read exactly is E_MALFORMED, never guessed.  Everything is in cx->arena. */
#ifndef API_HTTP_QUERY_H
#define API_HTTP_QUERY_H
#include "base/field.h"

enum { QUERY_PAIRS = 100, QUERY_NAME = 100, QUERY_COOKIES = 50 };

struct pairs {
	struct pair *items; /* in the order sent, repeated names kept: the decoder of fields refuses them */
	size_t n;
};

/* query_parse - name=value&name=value, '+' is a blank, %XX once.  Empty pieces ("a=1&&b=2") are skipped.
 *   E_MALFORMED  a '%' without two hexadecimal digits, NUL, bad UTF-8 (the pair is named), an empty name,
 *                more than QUERY_PAIRS pairs, a name longer than QUERY_NAME bytes */
enum err query_parse(struct cx *, str text, struct pairs *out);

/* query_find - the value of the first pair of that name, or absent. */
str query_find(const struct pairs *, str name);

/* cookie_find - the value of a cookie in the text of a Cookie field (RFC 6265bis), or absent.  Names are compared
 * exactly; a value in quotes is given without them.  Sent twice with different values, it is absent: which one the
 * browser meant cannot be known. */
str cookie_find(str cookies, str name);
#endif
