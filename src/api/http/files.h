/* files - static files embedded in the binary. */
#ifndef API_HTTP_FILES_H
#define API_HTTP_FILES_H
#include "conditional.h"
#include "server.h"

struct http_file {
	str path;     /* as requested: "/assets/app-3f9c21.js" */
	str type;     /* "text/javascript; charset=utf-8" */
	str etag;     /* quotes included */
	str bytes[3]; /* by enum encoding; [ENCODING_IDENTITY] always there, others absent when not worth it */
	bool hashed;  /* the name changes with the content: cached for ever */
};

/* file_find - the file of that path in a table sorted by path (bytewise), or NULL. */
const struct http_file *file_find(const struct http_file *, size_t n, str path);

/* file_answer - answer GET or HEAD with a file: the smallest encoding the client takes, 304 when it has it.
 * `extra` are further fields (security headers), static or in the exchange's arena. */
void file_answer(struct exchange *, const struct http_file *, const struct http_header *extra, size_t n);
#endif
