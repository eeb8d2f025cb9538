/* words - a host's own subject and text for a message: {{name}}, {{#name}}…{{/name}} where there is such a thing, and
 * {{^name}}…{{/name}} where there is none; nothing else of the template language, and only the names of WORD_NAMES. */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H
#include "value.h"

enum { WORDS_SUBJECT = 200, WORDS_TEXT = 4000, WORDS_RENDERED = 16 << 10, WORD_COUNT = 19 };

/* WORD_NAMES - what such texts may name, NULL after the last; links/mail_data.h gives each its value. */
extern const char *const WORD_NAMES[WORD_COUNT + 1];

/* words_check - whether a text may be kept.
 *   E_REFUSED  `field`: line and column, what is wrong there, and what would be right */
enum err words_check(struct cx *, str field, str text);

/* words_render - with an object that has all of WORD_NAMES; *out is in the arena.
 *   E_REFUSED  as words_check; or more than WORDS_RENDERED comes out */
enum err words_render(struct cx *, str field, str text, const struct value *, str *out);

/* words_of - one of our own texts, {when.date} and the like, as a host would write it: {{date}}. */
str words_of(struct arena *, str text);
#endif
