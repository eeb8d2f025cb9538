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

/* From "VALUES (" to its end: where the bracket opens, and how long it is.  NULL: there is none. */
static const char *values_find(const char *sql, size_t *n)
{
	const char *p = strstr(sql, "VALUES (");
	int open = 0;
	if (!p)
		return NULL;
	p += strlen("VALUES ");
	for (const char *end = p; *end; end += kept(end)) {
		open += (*end == '(') - (*end == ')');
		if (!open) {
			*n = (size_t)(end - p) + 1;
			return p;
		}
	}
	return NULL;
}

/* A piece of a statement with each parameter's number raised. */
static bool put_raised(char **to, const char *from, size_t n, int by)
{
	for (const char *p = from; p < from + n;) {
		size_t k = kept(p);
		if (*p == '$') {
			char *end;
			if (!put_number(to, (int)strtol(p + 1, &end, 10) + by))
				return false;
			k = (size_t)(end - p);
		} else {
			memcpy(*to, p, k);
			*to += k;
		}
		p += k;
	}
	return true;
}

char *postgresql_text_rows(const struct postgresql_text *t, int n)
{
	size_t length;
	const char *row = values_find(t->sql, &length);
	if (!row || t->n * n > POSTGRESQL_PARAMETERS)
		return NULL;
	char *out = calloc((size_t)n * 2, strlen(t->sql) + 2), *to = out; /* "$9" becomes "$36" */
	if (!out)
		return NULL;
	memcpy(to, t->sql, (size_t)(row - t->sql));
	to += row - t->sql;
	bool right = true;
	for (int i = 0; right && i < n; i++) {
		if (i)
			*to++ = ',';
		right = put_raised(&to, row, length, i * t->n);
	}
	memcpy(to, row + length, strlen(row + length)); /* the rest is zero */
	if (right)
		return out;
	free(out);
	return NULL;
}

void postgresql_text_free(struct postgresql_text *t)
{
	for (int i = 0; i < t->n; i++)
		free(t->names[i]);
	free(t->sql);
	*t = (struct postgresql_text){ 0 };
}
