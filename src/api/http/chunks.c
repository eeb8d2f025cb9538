#include "chunks.h"

#include "head.h"
#include "target.h"

enum {
	SIZE,      /* hexadecimal digits */
	EXTENSION, /* behind ';', until CR */
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER,       /* at the start of a line of the trailer section */
	TRAILER_NAME,  /* until ':' */
	TRAILER_VALUE, /* until CR */
	TRAILER_LF,
	END_LF,
};

enum { DIGITS = 15 }; /* 60 bits: cannot overflow */

static bool step_size(struct chunks *c, char byte)
{
	int digit = hex_digit(byte);
	if (digit >= 0 && c->digits < DIGITS) {
		c->left = c->left * 16 + (uint64_t)digit;
		c->digits++;
		return true;
	}
	c->state = byte == '\r' ? SIZE_LF : EXTENSION;
	return c->digits > 0 && (byte == '\r' || byte == ';');
}

static bool step_extension(struct chunks *c, char byte)
{
	if (byte == '\r')
		c->state = SIZE_LF;
	else if (byte != ';' && byte != '=' && byte != '"' && !token_is((str){ &byte, 1 }))
		return false;
	return ++c->extra <= CHUNK_EXTENSIONS;
}

static bool step_trailer(struct chunks *c, char byte)
{
	bool blank = byte == ' ' || byte == '\t';
	if (c->state == TRAILER && byte == '\r') {
		c->state = END_LF;
		return true;
	}
	if (c->state == TRAILER_NAME && byte == ':')
		c->state = TRAILER_VALUE;
	else if (c->state != TRAILER_VALUE) {
		c->state = TRAILER_NAME;
		if (!token_is((str){ &byte, 1 }))
			return false;
	} else if (byte == '\r')
		c->state = TRAILER_LF;
	else if (!blank && control_find((str){ &byte, 1 }) == 0)
		return false;
	return ++c->extra <= CHUNK_TRAILERS;
}

/* one byte that is not data; false: not the chunked coding */
static bool step(struct chunks *c, char byte)
{
	switch (c->state) {
	case SIZE:
		return step_size(c, byte);
	case EXTENSION:
		return step_extension(c, byte);
	case SIZE_LF:
		c->state = c->left ? DATA : TRAILER;
		return byte == '\n';
	case DATA_CR:
		c->state = DATA_LF;
		return byte == '\r';
	case DATA_LF:
		c->state = SIZE;
		c->digits = 0;
		return byte == '\n';
	case TRAILER_LF:
		c->state = TRAILER;
		return byte == '\n';
	case END_LF:
		return byte == '\n';
	default:
		return step_trailer(c, byte);
	}
}

enum chunks_result chunks_feed(struct chunks *c, const char *p, size_t n, size_t *used, struct buf *body)
{
	size_t at = 0;
	enum chunks_result result = CHUNKS_MORE;
	while (at < n && result == CHUNKS_MORE) {
		if (c->state == DATA) {
			size_t part = c->left < n - at ? (size_t)c->left : n - at;
			buf_add(body, (str){ p + at, part });
			at += part;
			c->left -= part;
			if (c->left == 0)
				c->state = DATA_CR;
			continue;
		}
		bool last = c->state == END_LF;
		if (!step(c, p[at++]))
			result = CHUNKS_BAD;
		else if (last)
			result = CHUNKS_DONE;
		else if (c->state == DATA && c->left > c->cap - body->n)
			result = CHUNKS_FULL;
	}
	*used = at;
	return result;
}
