#include "source.h"

#include "templates.h"

const char *const LANGUAGES[] = { LANGUAGE_CODES, NULL };

const struct source *source_list(size_t *n)
{
	*n = sizeof TEMPLATE_SOURCES / sizeof *TEMPLATE_SOURCES;
	return TEMPLATE_SOURCES;
}
