/* Named parameters for PostgreSQL, which numbers them. */
#include "postgresql.h"

#include <stdlib.h>
#include <string.h>

static bool name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The bytes from p on that are no parameter and must stay together: a quoted piece, a comment, a cast. */
static size_t kept(const char *p)
{
	if (*p == '\'' || *p == '"') {
		const char *end = strchr(p + 1, *p);
		return end ? (size_t)(end - p) + 1 : strlen(p);
	}
	if (p[0] == '-' && p[1] == '-')
		return strcspn(p, "\n");
	return p[0] == ':' && p[1] == ':' ? 2 : 1;
}

static int number_of(struct postgresql_text *t, const char *name, size_t n)
{
	for (int i = 0; i < t->n; i++)
		if (strlen(t->names[i]) == n && memcmp(t->names[i], name, n) == 0)
			return i + 1;
	if (t->n == POSTGRESQL_PARAMETERS)
		return 0;
	t->names[t->n] = strndup(name, n);
	return t->names[t->n] ? ++t->n : 0;
}

static bool put_number(char **to, int number)
{
	if (!number)
		return false;
	*(*to)++ = '$';
	if (number >= 10)
		*(*to)++ = (char)('0' + number / 10);
	*(*to)++ = (char)('0' + number % 10);
	return true;
}

bool postgresql_text_make(const char *sql, struct postgresql_text *out)
{
	*out = (struct postgresql_text){ .sql = calloc(1, 2 * strlen(sql) + 1) }; /* ":a" becomes "$12" */
	char *to = out->sql;
	bool right = to;
	for (const char *p = sql; right && *p;) {
		size_t n = kept(p);
		if (n == 1 && *p == ':' && name_byte(p[1])) {
			while (name_byte(p[n]))
				n++;
			right = put_number(&to, number_of(out, p + 1, n - 1));
		} else {
			memcpy(to, p, n);
			to += n;
		}
		p += n;
	}
	if (!right)
		postgresql_text_free(out);
	return right;
}

void postgresql_text_free(struct postgresql_text *t)
{
	for (int i = 0; i < t->n; i++)
		free(t->names[i]);
	free(t->sql);
	*t = (struct postgresql_text){ 0 };
}
