/* Any bytes as names, subject, text and addresses of a mail: its header fields are those that were meant, its lines end
 * with CR LF and are short, and the text, decoded, is what clean.h left of it. */
#include "core/clean.h"
#include "links/mail.h"
#include "pieces.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct cx cx;

static str line_take(str *text)
{
	size_t n = 0;
	while (n + 1 < text->n && !(text->p[n] == '\r' && text->p[n + 1] == '\n'))
		n++;
	assert(n + 1 < text->n);
	str line = str_slice(*text, 0, n);
	assert(n <= 78);
	for (size_t i = 0; i < n; i++)
		assert((line.p[i] >= ' ' && line.p[i] <= '~') || line.p[i] == '\t');
	*text = str_slice(*text, n + 2, text->n);
	return line;
}

/* One field, and the lines that continue it. */
static void field_check(str *text, const char *name)
{
	str line = line_take(text);
	assert(str_starts(line, str_format(&cx.arena, "%s: ", name)));
	while (text->n && text->p[0] == ' ')
		line = line_take(text);
}

static int hex_value(char c)
{
	assert((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Quoted-printable up to the boundary. */
static str text_take(str *text, str boundary)
{
	char *out = arena_take(&cx.arena, text->n + 1, 1), *p = out;
	for (;;) {
		str line = line_take(text);
		if (str_starts(line, boundary))
			return (str){ out, (size_t)(p - out) };
		bool soft = str_ends(line, S("="));
		assert(line.n <= 76 && !str_starts(line, S("--")) && !str_starts(line, S(".")));
		for (size_t i = 0; i < line.n - soft; i++) {
			bool coded = line.p[i] == '=';
			assert(!coded || i + 2 < line.n - soft || i + 3 == line.n - soft);
			*p++ = coded ? (char)(hex_value(line.p[i + 1]) << 4 | hex_value(line.p[i + 2])) : line.p[i];
			i += coded ? 2 : 0;
		}
		if (!soft)
			*p++ = '\n';
	}
}

static void check(str text, const struct mail *m)
{
	static const char *const fields[] = {
		"Date",        "From", "To", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
		"MIME-Version"
	};
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		field_check(&text, fields[i]);
	assert(str_is(line_take(&text), S("Content-Type: multipart/alternative;")));
	str boundary = line_take(&text);
	boundary = str_format(&cx.arena, "--%.*s", STR_ARG(str_slice(boundary, 11, boundary.n - 1)));
	assert(str_is(line_take(&text), S("")) && str_is(line_take(&text), boundary));
	for (int i = 0; i < 2; i++)
		assert(str_starts(line_take(&text), S("Content-T")));
	assert(str_is(line_take(&text), S("")));
	str wanted = clean_text(&cx.arena, m->text, 0), got = text_take(&text, boundary);
	got.n -= !str_ends(wanted, S("\n"));
	assert(str_is(got, wanted));
	assert(!text.n);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	str input = { (const char *)data, size };
	struct mail m = {
		.from = { piece_take(&input), S("book@app.test") },
		.to = { piece_take(&input), S("ana@example.org") },
		.message_id = S("<1@app.test>"),
		.subject = piece_take(&input),
	};
	str address = piece_take(&input);
	struct buf out = { 0 };
	m.text = str_format(&cx.arena, "x%.*s", STR_ARG(str_slice(input, 0, 2000)));
	enum err err = mail_compose(&cx, &m, &out);
	assert(err == OK);
	check(buf_str(&out), &m);
	buf_clear(&out);
	m.to.address = m.message_id = address; /* never both an address and an id */
	err = mail_compose(&cx, &m, &out);
	assert(err == E_INVALID && out.n == 0);
	buf_free(&out);
	fault_clear(&cx);
	arena_reset(&cx.arena);
	return 0;
}
