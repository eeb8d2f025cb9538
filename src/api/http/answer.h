/* answer - an answer as bytes.  Pure: no socket, no clock. */
#ifndef API_HTTP_ANSWER_H
#define API_HTTP_ANSWER_H
#include "server.h"

/* answer_check - replace an answer whose fields hold a control character (they could end the head early, and are a
 * mistake of the handler) by a plain 500. */
void answer_check(struct http_answer *);

/* answer_head - append status line, fields and blank line. */
void answer_head(struct buf *, const struct exchange *, str date, bool keep_alive);

/* answer_body - the bytes to send behind the head: empty for HEAD, 204 and 304. */
str answer_body(const struct exchange *);

void answer_release(struct http_answer *); /* free what was handed over */

/* http_problem_write - the document http_problem sends. */
void http_problem_write(struct buf *, const struct exchange *);

/* date_format - IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". */
enum { DATE_TEXT = 32 };
str date_format(char out[DATE_TEXT], instant);
#endif
