/* Structs to JSON, straight into a buffer: no document is built. */
#include "field.h"

#include <assert.h>
#include <string.h>

/* What follows the backslash for a byte, 'u' for a \u escape, 0 for none. */
static char escape_of(unsigned char c)
{
	switch (c) {
	case '"':
	case '\\':
		return (char)c;
	case '\n':
		return 'n';
	case '\r':
		return 'r';
	case '\t':
		return 't';
	case '<':
	case '>':
	case '&':
	case 0x7f:
		return 'u';
	default:
		return c < 0x20 ? 'u' : 0;
	}
}

void json_quote(struct buf *b, str s)
{
	static const char digits[] = "0123456789abcdef";
	size_t from = 0;
	buf_add_char(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char e = escape_of(c);
		bool line = c == 0xe2 && i + 2 < s.n && (unsigned char)s.p[i + 1] == 0x80 &&
			    ((unsigned char)s.p[i + 2] & 0xfe) == 0xa8; /* U+2028 and U+2029 end a line in scripts */
		if (!e && !line)
			continue;
		buf_add(b, str_slice(s, from, i));
		if (line) {
			buf_add(b, s.p[i + 2] & 1 ? S("\\u2029") : S("\\u2028"));
			i += 2;
		} else if (e == 'u') {
			buf_add(b, (str){ (char[]){ '\\', 'u', '0', '0', digits[c >> 4], digits[c & 15] }, 6 });
		} else {
			buf_add(b, (str){ (char[]){ '\\', e }, 2 });
		}
		from = i + 1;
	}
	buf_add(b, str_slice(s, from, s.n));
	buf_add_char(b, '"');
}

static void quoted(struct buf *b, str plain)
{
	buf_add_char(b, '"');
	buf_add(b, plain);
	buf_add_char(b, '"');
}

void field_write_value(struct buf *b, const struct field *f, const void *at)
{
	char text[UUID_TEXT];
	static_assert((int)UUID_TEXT >= (int)INSTANT_TEXT);
	if (((f->flags & MAYBE) || f->type == F_UUID) && field_absent(f, at)) {
		buf_add(b, S("null"));
		return;
	}
	switch (f->type) {
	case F_STR:
		json_quote(b, *(const str *)at);
		break;
	case F_INT:
		buf_add_int(b, *(const int64_t *)at);
		break;
	case F_BOOL:
		buf_add(b, *(const bool *)at ? S("true") : S("false"));
		break;
	case F_INSTANT:
		quoted(b, instant_format(text, *(const instant *)at));
		break;
	case F_DAY:
		quoted(b, day_format(text, *(const day *)at));
		break;
	case F_MINUTE:
		quoted(b, minute_format(text, *(const minute_of_day *)at));
		break;
	case F_UUID:
		quoted(b, uuid_format(text, *(const uuid *)at));
		break;
	case F_DIGEST:
		break; /* never shown: no table flags one OUT */
	case F_CHOICE:
		quoted(b, str_of(f->choices[*(const unsigned *)at]));
		break;
	case F_LIST:
		field_write_list(b, f->of, f->size, at);
		break;
	case F_JSON:
		buf_add(b, ((const struct raw_json *)at)->text.n ? ((const struct raw_json *)at)->text : S("{}"));
		break;
	case F_OBJECT:
		field_write(b, f->of, at);
		break;
	}
}

void field_write(struct buf *b, const struct field *table, const void *in)
{
	bool first = true;
	buf_add_char(b, '{');
	for (const struct field *f = table; f->name; f++) {
		if (!(f->flags & OUT) || ((f->flags & SPARSE) && field_absent(f, (const char *)in + f->at)))
			continue;
		if (!first)
			buf_add_char(b, ',');
		first = false;
		quoted(b, str_of(f->name));
		buf_add_char(b, ':');
		field_write_value(b, f, (const char *)in + f->at);
	}
	buf_add_char(b, '}');
}

void field_write_list(struct buf *b, const struct field *element, size_t size, const struct list *list)
{
	buf_add_char(b, '[');
	for (size_t i = 0; i < list->n; i++) {
		const char *item = (const char *)list->items + i * size;
		if (i)
			buf_add_char(b, ',');
		if (element->name[0] == '\0')
			field_write_value(b, element, item + element->at);
		else
			field_write(b, element, item);
	}
	buf_add_char(b, ']');
}

str field_encode(struct arena *a, const struct field *table, const void *in)
{
	struct buf b = { 0 };
	field_write(&b, table, in);
	str copy = str_copy(a, buf_str(&b));
	buf_free(&b);
	return copy;
}
