#include "files.h"

const struct http_file *file_find(const struct http_file *files, size_t n, str path)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_order(files[middle].path, path);
		if (order == 0)
			return &files[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static enum encoding encoding_choose(const struct http_file *file, str accepts)
{
	enum encoding best = ENCODING_IDENTITY;
	for (enum encoding e = ENCODING_GZIP; e <= ENCODING_BR; e++)
		if (file->bytes[e].p && file->bytes[e].n < file->bytes[best].n && encoding_accepted(accepts, e))
			best = e;
	return best;
}

/* each encoding is a representation of its own, so it needs a tag of its own: "abc" → "abc-br" */
static str etag_of(struct arena *arena, const struct http_file *file, enum encoding encoding)
{
	if (encoding == ENCODING_IDENTITY || file->etag.n < 2)
		return file->etag;
	return str_format(arena, "%.*s-%s\"", (int)file->etag.n - 1, file->etag.p, ENCODING_NAMES[encoding].p);
}

void file_answer(struct exchange *x, const struct http_file *file, const struct http_header *extra, size_t n)
{
	enum encoding encoding = encoding_choose(file, http_header(&x->request, S("accept-encoding")));
	struct http_header *headers = NEWS(&x->cx.arena, struct http_header, n + 2);
	size_t count = 0;
	while (count < n) {
		headers[count] = extra[count];
		count++;
	}
	if (file->bytes[ENCODING_GZIP].p || file->bytes[ENCODING_BR].p)
		headers[count++] = (struct http_header){ S("Vary"), S("Accept-Encoding") };
	struct http_answer answer = {
		.status = 200,
		.content_type = file->type,
		.etag = etag_of(&x->cx.arena, file, encoding),
		.cache_control = file->hashed ? S("public, max-age=31536000, immutable") : S("public, no-cache"),
		.headers = headers,
		.body = file->bytes[encoding],
	};
	if (etag_matches(http_header(&x->request, S("if-none-match")), answer.etag, true)) {
		answer.status = 304;
		answer.body = S("");
	} else if (encoding != ENCODING_IDENTITY)
		headers[count++] = (struct http_header){ S("Content-Encoding"), ENCODING_NAMES[encoding] };
	answer.header_count = count;
	http_answer(x, &answer);
}
