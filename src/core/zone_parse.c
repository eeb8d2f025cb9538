/* TZif, RFC 9636.  A file is a header and a block of 32-bit times; from version 2 on a second header, a block of
 * 64-bit times, and a footer.  Everything is checked before it is used: a file that breaks one MUST is refused. */
#include "zone_data.h"

#include <string.h>

enum { HEADER = 44 };

struct header {
	char version;
	uint32_t isut, isstd, leaps, times, types, chars;
};

/* block - the pieces of a data block, all inside the file. */
struct block {
	const unsigned char *times, *indexes, *types, *chars;
	size_t width; /* bytes of a time: 4 or 8 */
};

static int64_t big_endian(const unsigned char *p, size_t width)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < width; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

static bool header_parse(str bytes, size_t at, struct header *h)
{
	if (bytes.n - at < HEADER || memcmp(bytes.p + at, "TZif", 4) != 0)
		return false;
	const unsigned char *p = (const unsigned char *)bytes.p + at;
	uint32_t counts[6];
	for (size_t i = 0; i < 6; i++)
		counts[i] = (uint32_t)big_endian(p + 20 + 4 * i, 4);
	*h = (struct header){ .version = (char)p[4],
			      .isut = counts[0],
			      .isstd = counts[1],
			      .leaps = counts[2],
			      .times = counts[3],
			      .types = counts[4],
			      .chars = counts[5] };
	if (h->version != '\0' && (h->version < '2' || h->version > '4'))
		return false;
	for (size_t i = 0; i < 6; i++)
		if (counts[i] > ZONE_FILE)
			return false;
	return true;
}

/* What a block must have to be used; the first block of newer files need not. */
static bool header_holds(const struct header *h)
{
	return h->types >= 1 && h->types <= 256 && h->chars >= 1 && h->chars <= NAMES_MAX - 64 && h->leaps == 0 &&
	       (h->isut == 0 || h->isut == h->types) && (h->isstd == 0 || h->isstd == h->types);
}

static size_t block_size(const struct header *h, size_t width)
{
	return h->times * (width + 1) + h->types * (size_t)6 + h->chars + h->leaps * (width + 4) + h->isstd + h->isut;
}

static struct block block_at(str bytes, size_t at, const struct header *h, size_t width)
{
	struct block b = { .times = (const unsigned char *)bytes.p + at, .width = width };
	b.indexes = b.times + h->times * width;
	b.types = b.indexes + h->times;
	b.chars = b.types + h->types * (size_t)6;
	return b;
}

static bool type_parse(const struct zone *z, const struct header *h, const struct block *b, size_t index,
		       struct zone_entry *out)
{
	if (index >= h->types)
		return false;
	const unsigned char *p = b->types + index * 6;
	int64_t offset = big_endian(p, 4);
	if (offset < OFFSET_MIN || offset > OFFSET_MAX || p[4] > 1 || p[5] >= h->chars)
		return false;
	if (!memchr(z->names + p[5], '\0', z->names_n - p[5]))
		return false;
	*out = (struct zone_entry){ .offset = (int32_t)offset, .dst = p[4] == 1, .name = p[5] };
	return true;
}

static bool entries_parse(struct zone *z, const struct header *h, const struct block *b)
{
	struct zone_entry e;
	memcpy(z->names, b->chars, h->chars);
	z->names_n = h->chars;
	for (size_t i = 0; i < h->types; i++)
		if (!type_parse(z, h, b, i, &e))
			return false;
	if (!type_parse(z, h, b, 0, &z->entries[0]))
		return false;
	z->entries[0].from = INT64_MIN;
	z->n = 1;
	for (size_t i = 0; i < h->times; i++) {
		int64_t from = big_endian(b->times + i * b->width, b->width);
		if (from <= z->entries[z->n - 1].from || from < -ZONE_FAR || from > ZONE_FAR ||
		    !type_parse(z, h, b, b->indexes[i], &e))
			return false;
		e.from = from;
		z->entries[z->n++] = e;
	}
	return true;
}

/* The footer's changes after the last entry, up to TABLE_UNTIL.  The footer must agree with the last entry. */
static bool entries_extend(struct zone *z)
{
	const struct footer *f = &z->footer;
	struct zone_entry last = z->entries[z->n - 1], year[2];
	z->table_end = INT64_MAX;
	if (!f->given)
		return true;
	if (!f->changes) {
		return last.offset == f->standard.offset;
	}
	int64_t until, first = 1970;
	if (last.from > 0)
		first = civil_of_day((day){ last.from / DAY_SECONDS }).year;
	if (first > TABLE_UNTIL || (z->n > 1 && footer_at(f, last.from, &until).offset != last.offset))
		return false;
	for (int64_t y = first; y <= TABLE_UNTIL; y++) {
		footer_year(f, y, year);
		for (size_t i = 0; i < 2; i++)
			if (year[i].from > z->entries[z->n - 1].from)
				z->entries[z->n++] = year[i];
	}
	footer_year(f, TABLE_UNTIL + 1, year);
	z->table_end = year[0].from;
	return z->table_end > z->entries[z->n - 1].from;
}

/* Where the block to use starts, and its header. */
static bool block_find(str bytes, struct header *h, size_t *at, size_t *width)
{
	if (!header_parse(bytes, 0, h))
		return false;
	*at = HEADER;
	*width = 4;
	if (h->version != '\0') {
		char version = h->version;
		size_t second = HEADER + block_size(h, 4);
		if (second > bytes.n || !header_parse(bytes, second, h) || h->version != version)
			return false;
		*at = second + HEADER;
		*width = 8;
	}
	return header_holds(h) && block_size(h, *width) <= bytes.n - *at;
}

static bool footer_find(str rest, char version, str *text)
{
	*text = S("");
	if (version == '\0')
		return rest.n == 0;
	if (rest.n < 2 || rest.p[0] != '\n' || rest.p[rest.n - 1] != '\n')
		return false;
	*text = str_slice(rest, 1, rest.n - 1);
	return str_find(*text, '\n') == text->n;
}

static bool zone_read(struct cx *cx, str bytes, struct zone **out)
{
	struct header h;
	size_t at, width;
	str text;
	if (bytes.n > ZONE_FILE || !block_find(bytes, &h, &at, &width) ||
	    !footer_find(str_slice(bytes, at + block_size(&h, width), bytes.n), h.version, &text))
		return false;
	size_t room = 1 + h.times + 2 * (TABLE_UNTIL - 1970 + 1);
	struct block b = block_at(bytes, at, &h, width);
	struct zone *z = arena_take(&cx->arena, sizeof *z + room * sizeof z->entries[0], _Alignof(struct zone));
	if (!entries_parse(z, &h, &b) || !footer_parse(z, text) || !entries_extend(z))
		return false;
	*out = z;
	return true;
}

enum err zone_parse(struct cx *cx, str bytes, str name, struct zone **out)
{
	if (name.n > ZONE_NAME || !zone_read(cx, bytes, out))
		return FAIL(cx, E_INVALID, S(""), "the file of the time zone %.*s is damaged", STR_ARG(name));
	memcpy((*out)->name, name.p ? name.p : "", name.n);
	return OK;
}
