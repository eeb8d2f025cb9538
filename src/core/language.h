/* language - what the program says, in the reader's language.
 *
 * templates/text/<code>.txt holds one language: lines `key = text`, `#` comments.  {name} in a text is a member of the
 * data, {when.date} one deeper.  A key that ends in .one, .other is chosen by a number.  Such a file is all that a
 * new language needs; a key that it lacks is taken from English, and the tests list it.  The files are compiled in
 * and read once; everything here is immutable and safe to share between threads. */
#ifndef CORE_LANGUAGE_H
#define CORE_LANGUAGE_H
#include "value.h"

struct language;

/* language_load - read what is compiled in; the rest does so itself at its first use.
 *   E_INTERNAL  a line is malformed or a key is there twice: cx->fault.message has file and line */
enum err language_load(struct cx *);

/* language_find - by a tag like "de" or "de-AT"; English for an absent or unknown one, never NULL. */
const struct language *language_find(str tag);

/* language_pick - the best for an Accept-Language header (RFC 9110 12.5.4), English when none fits. */
const struct language *language_pick(str accept);

/* language_list - all of them, English first, NULL after the last. */
const struct language *const *language_list(void);

str language_code(const struct language *); /* "de" */
str language_name(const struct language *); /* "Deutsch" */

/* language_text - the text of a key with its {names} as written, English where missing; absent for an unknown key. */
str language_text(const struct language *, str key);

/* language_count - the text of `key.one` or `key.other`, as the language counts n. */
str language_count(const struct language *, str key, int64_t n);

/* language_fill - language_text with its {names} taken from data, as plain text; what is missing becomes nothing. */
str language_fill(struct arena *, const struct language *, str key, const struct value *data);

/* language_fill_count - the same of language_count, with {n}. */
str language_fill_count(struct arena *, const struct language *, str key, int64_t n);

/* language_missing - the keys of English that this one lacks, those that English has not, and texts that differ in
 * their {names}; one a line, "" when complete. */
str language_missing(struct arena *, const struct language *);

/* language_keys - every key, ascending; *n is how many. */
const str *language_keys(size_t *n);

/* For the templates: a key's place, the same in every language (-1: unknown), and the text there. */
int language_index(str key);
int language_count_index(const struct language *, str key, int64_t n); /* of key.one or key.other */
str language_at(const struct language *, int index);

/* language_piece - cut the next piece off a text: *plain, then the name in braces (absent behind the last piece).
 * false: nothing was left. */
bool language_piece(str *text, str *plain, str *name);
#endif
