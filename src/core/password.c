#include "password.h"

#include <stdlib.h>

static const char *const COMMON[] = {
#include "passwords.h"
};

static int order(const void *key, const void *item)
{
	return str_order(*(const str *)key, str_of(*(const char *const *)item));
}

static bool is_common(struct arena *a, str password)
{
	str low = str_lower(a, password);
	return bsearch(&low, COMMON, sizeof COMMON / sizeof *COMMON, sizeof *COMMON, order) != NULL;
}

enum err password_check(struct cx *cx, str password, str username, str email, str field)
{
	if ((email.n && str_is_nocase(password, email)) || (username.n && str_is_nocase(password, username)))
		return FAIL(cx, E_INVALID, field, "must not be your name or address");
	if (is_common(&cx->arena, password))
		return FAIL(cx, E_INVALID, field,
			    "is one of the most common passwords, which are tried first: choose another");
	return OK;
}
