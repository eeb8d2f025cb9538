/* clean - text from outside made harmless where lines mean something: mail headers, iCalendar, logs.
 * Malformed UTF-8 becomes U+FFFD; bidirectional controls and invisible characters go (U+200C and U+200D stay: scripts
 * and pictures need them). */
#ifndef CORE_CLEAN_H
#define CORE_CLEAN_H
#include "base/arena.h"

/* clean_line - one line: every control, line and paragraph separator becomes one blank, none at the ends; at most
 * `max` bytes, cut between characters (0: uncut). */
str clean_line(struct arena *, str, size_t max);

/* clean_text - lines ended by one \n each between them; CR LF, CR, NEL, U+2028 and U+2029 become \n; tab stays,
 * other controls go; at most `max` bytes (0: uncut). */
str clean_text(struct arena *, str, size_t max);

/* clean_cut - the longest prefix of at most `max` bytes that ends between characters. */
str clean_cut(str, size_t max);

/* percent_encode - all but A-Z a-z 0-9 - . _ ~ as %XX. */
str percent_encode(struct arena *, str);
#endif
