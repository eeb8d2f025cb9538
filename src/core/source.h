/* source - the text files that are compiled in: templates, and what the program says in each language. */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H
#include "base/str.h"

struct source {
	const char *name; /* below templates/: "mail/booked.html", "text/de.txt" */
	str text;
};

/* LANGUAGES - the codes of the languages there are, one file each: English first, NULL after the last.  Choices of fields. */
extern const char *const LANGUAGES[];

/* source_list - all of them; *n is how many. */
const struct source *source_list(size_t *n);
#endif
