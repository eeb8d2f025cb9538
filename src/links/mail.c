#include "mail.h"

#include "base/rule.h"
#include "core/clean.h"
#include "core/template.h"

#include <sodium.h>
#include <string.h>

enum {
	LINE = 76, /* bytes of a header or body line */
	WORD = 39, /* bytes of text in one encoded word: 64 with its frame, 76 behind the longest field name */
	SUBJECT = 250,
	NAME = 120,
	ID = 250,
	RENDERED = 1 << 20,
	BOUNDARY = 40,
};

static void base64(struct buf *out, str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = s.n - i < 3 ? s.n - i : 3;
		unsigned bits = 0;
		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? (unsigned char)s.p[i + k] : 0);
		char four[4];
		for (size_t k = 0; k < 4; k++)
			four[k] = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
		buf_add(out, (str){ four, 4 });
	}
}

static void base64_lines(struct buf *out, str s)
{
	for (size_t i = 0; i < s.n; i += 57) {
		base64(out, str_slice(s, i, i + 57));
		buf_add(out, S("\r\n"));
	}
}

/* Bytes that mail servers or their file formats may change or misread are written as =XX too: a blank at the end of a
 * line, a dot, hyphen or "From " at the start of one. */
static bool is_literal(str s, size_t i, bool first)
{
	char c = s.p[i];
	bool last = i + 1 == s.n || s.p[i + 1] == '\n';
	if (c == ' ' || c == '\t')
		return !last;
	if (first && (c == '.' || c == 'F' || c == '-'))
		return false;
	return c > ' ' && c < 0x7f && c != '=';
}

/* Quoted-printable (RFC 2045 6.7) of text whose lines end with \n. */
static void quoted_printable(struct buf *out, str s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t column = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\n') {
			buf_add(out, S("\r\n"));
			column = 0;
			continue;
		}
		if (column + (is_literal(s, i, false) ? 1 : 3) > LINE - 1) {
			buf_add(out, S("=\r\n"));
			column = 0;
		}
		bool literal = is_literal(s, i, column == 0);
		char coded[] = { '=', hex[c >> 4], hex[c & 15] };
		buf_add(out, literal ? str_slice(s, i, i + 1) : (str){ coded, sizeof coded });
		column += literal ? 1 : sizeof coded;
	}
	if (column)
		buf_add(out, S("\r\n"));
}

/* Printable ASCII that no reader takes for an encoded word. */
static bool is_plain(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || (s.p[i] == '=' && i + 1 < s.n && s.p[i + 1] == '?'))
			return false;
	return true;
}

/* RFC 2047: words of at most 75 bytes, none of which ends inside a character, one a line. */
static void encoded_words(struct buf *out, str s)
{
	for (bool first = true; s.n; first = false) {
		str word = clean_cut(s, WORD);
		buf_add(out, first ? S("=?UTF-8?B?") : S("\r\n =?UTF-8?B?"));
		base64(out, word);
		buf_add(out, S("?="));
		s = str_slice(s, word.n, s.n);
	}
}

static void header(struct buf *out, const char *field, str value)
{
	buf_format(out, "%s: %.*s\r\n", field, STR_ARG(value));
}

static void header_text(struct cx *cx, struct buf *out, const char *field, str text)
{
	str line = clean_line(&cx->arena, text, SUBJECT);
	if (is_plain(line) && strlen(field) + 2 + line.n <= LINE) {
		header(out, field, line);
		return;
	}
	buf_format(out, "%s: ", field);
	encoded_words(out, line);
	buf_add(out, S("\r\n"));
}

/* A name with a quote or backslash is encoded instead of escaped: there are mail servers that misread the escapes, and
 * then write into the address. */
static bool is_quotable(str name)
{
	return is_plain(name) && str_find(name, '"') == name.n && str_find(name, '\\') == name.n;
}

static void header_person(struct cx *cx, struct buf *out, const char *field, const struct mail_person *p)
{
	str name = clean_line(&cx->arena, p->name, NAME);
	if (!name.n) {
		header(out, field, p->address);
		return;
	}
	bool quoted = is_quotable(name) && strlen(field) + 4 + name.n <= LINE;
	buf_format(out, "%s: ", field);
	if (quoted)
		buf_format(out, "\"%.*s\"", STR_ARG(name));
	else
		encoded_words(out, name);
	bool fits = quoted && strlen(field) + 7 + name.n + p->address.n <= LINE;
	buf_format(out, "%s<%.*s>\r\n", fits ? " " : "\r\n ", STR_ARG(p->address));
}

static void header_date(struct buf *out, instant t)
{
	static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	day d = { t.s / DAY_SECONDS };
	struct civil c = civil_of_day(d);
	int s = (int)(t.s % DAY_SECONDS);
	buf_format(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", weekdays[day_weekday(d)], c.day,
		   months[c.month - 1], (int)c.year, s / HOUR_SECONDS, s / MINUTE_SECONDS % 60, s % MINUTE_SECONDS);
}

static bool is_id(str s)
{
	if (s.n < 5 || s.n > ID || s.p[0] != '<' || s.p[s.n - 1] != '>')
		return false;
	s = str_slice(s, 1, s.n - 1);
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || strchr("<>()[],;:\\\"", s.p[i]))
			return false;
	str host = s, local = str_cut(&host, '@');
	return local.n && host.n && str_find(host, '@') == host.n;
}

static bool are_ids(str s)
{
	while (s.n)
		if (!is_id(str_cut(&s, ' ')))
			return false;
	return true;
}

static enum err check_address(struct cx *cx, str field, str address)
{
	if (RULE_EMAIL.holds(address))
		return OK;
	return FAIL(cx, E_INVALID, field, "wants %s", RULE_EMAIL.wants);
}

static enum err check(struct cx *cx, const struct mail *m)
{
	TRY(check_address(cx, S("from"), m->from.address));
	TRY(check_address(cx, S("to"), m->to.address));
	if (m->reply_to.address.n)
		TRY(check_address(cx, S("reply_to"), m->reply_to.address));
	if (m->return_path.n)
		TRY(check_address(cx, S("return_path"), m->return_path));
	if (!is_id(m->message_id))
		return FAIL(cx, E_INVALID, S("message_id"), "wants <left@right> of printable ASCII");
	if (m->in_reply_to.n && !is_id(m->in_reply_to))
		return FAIL(cx, E_INVALID, S("in_reply_to"), "wants <left@right> of printable ASCII");
	if (!are_ids(m->references))
		return FAIL(cx, E_INVALID, S("references"), "wants ids with one blank between them");
	if (m->unsubscribe.n && !RULE_LINK.holds(m->unsubscribe))
		return FAIL(cx, E_INVALID, S("unsubscribe"), "wants %s", RULE_LINK.wants);
	if (!str_trim(m->text).n)
		return FAIL(cx, E_INVALID, S("text"), "a mail needs a text");
	return OK;
}

static void headers(struct cx *cx, const struct mail *m, struct buf *out)
{
	header_date(out, m->date);
	header_person(cx, out, "From", &m->from);
	header_person(cx, out, "To", &m->to);
	if (m->reply_to.address.n)
		header_person(cx, out, "Reply-To", &m->reply_to);
	header_text(cx, out, "Subject", m->subject);
	header(out, "Message-ID", m->message_id);
	if (m->in_reply_to.n)
		header(out, "In-Reply-To", m->in_reply_to);
	for (str rest = m->references, id; rest.n;) {
		id = str_cut(&rest, ' ');
		buf_format(out, "%s %.*s\r\n", id.p == m->references.p ? "References:" : "", STR_ARG(id));
	}
	if (m->unsubscribe.n) {
		buf_format(out, "List-Unsubscribe: <%.*s>\r\n", STR_ARG(m->unsubscribe));
		header(out, "List-Unsubscribe-Post", S("List-Unsubscribe=One-Click"));
	}
	header(out, "Auto-Submitted", S("auto-generated"));
	header(out, "X-Auto-Response-Suppress", S("All"));
	header(out, "MIME-Version", S("1.0"));
}

/* "=_" is in no quoted-printable and in no base64 text, so no body can hold the boundary. */
static void boundary_make(char out[BOUNDARY], str message_id, char which)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)message_id.p, message_id.n, NULL, 0);
	out[0] = '=';
	out[1] = '_';
	out[2] = which;
	sodium_bin2hex(out + 3, BOUNDARY - 3, hash, sizeof hash);
}

static void part_text(struct cx *cx, struct buf *out, const char *boundary, const char *type, str text)
{
	buf_format(out, "--%s\r\nContent-Type: text/%s; charset=utf-8\r\n", boundary, type);
	buf_add(out, S("Content-Transfer-Encoding: quoted-printable\r\n\r\n"));
	quoted_printable(out, clean_text(&cx->arena, text, 0));
}

static void part_ics(struct buf *out, const char *boundary, const char *type, str ics)
{
	buf_format(out, "--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", boundary, type);
	if (str_starts(str_of(type), S("application/")))
		buf_add(out, S("Content-Disposition: attachment; filename=\"invite.ics\"\r\n"));
	buf_add(out, S("\r\n"));
	base64_lines(out, ics);
}

static void multipart(struct buf *out, const char *kind, const char *boundary)
{
	buf_format(out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", kind, boundary);
}

static void bodies(struct cx *cx, const struct mail *m, struct buf *out)
{
	char mixed[BOUNDARY], alternative[BOUNDARY];
	boundary_make(mixed, m->message_id, 'm');
	boundary_make(alternative, m->message_id, 'a');
	if (m->ics.n) {
		multipart(out, "mixed", mixed);
		buf_format(out, "--%s\r\n", mixed);
	}
	multipart(out, "alternative", alternative);
	part_text(cx, out, alternative, "plain", m->text);
	if (m->html.n)
		part_text(cx, out, alternative, "html", m->html);
	if (m->ics.n) {
		str type = str_format(&cx->arena, "text/calendar; charset=utf-8; method=%s",
				      ical_method_name(m->ics_method));
		part_ics(out, alternative, type.p, m->ics);
	}
	buf_format(out, "--%s--\r\n", alternative);
	if (m->ics.n) {
		part_ics(out, mixed, "application/ics; name=\"invite.ics\"", m->ics);
		buf_format(out, "--%s--\r\n", mixed);
	}
}

enum err mail_compose(struct cx *cx, const struct mail *m, struct buf *out)
{
	TRY(check(cx, m));
	headers(cx, m, out);
	bodies(cx, m, out);
	return out->full ? FAIL(cx, E_LIMIT, S(""), "the mail is too long") : OK;
}

static enum err render_part(struct cx *cx, const char *name, const char *end, const struct language *language,
			    const struct value *data, str *out)
{
	struct buf b = { .max = RENDERED };
	str file = str_format(&cx->arena, "mail/%s.%s", name, end);
	enum err err = template_render(cx, file.p, language, data, &b);
	*out = str_copy(&cx->arena, b.n ? buf_str(&b) : S(""));
	buf_free(&b);
	return err;
}

enum err mail_render(struct cx *cx, const char *name, str language, const struct value *data, struct mail *out)
{
	const struct language *l = language_find(language);
	str key = str_format(&cx->arena, "mail.%s.subject", name);
	TRY(render_part(cx, name, "txt", l, data, &out->text));
	TRY(render_part(cx, name, "html", l, data, &out->html));
	out->subject = clean_line(&cx->arena, language_fill(&cx->arena, l, key, data), SUBJECT);
	return OK;
}

str mail_id(struct arena *a, const char *kind, str id, int64_t sequence, str to, str host)
{
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char hex[2 * sizeof hash + 1];
	crypto_generichash(hash, sizeof hash, (const unsigned char *)to.p, to.n, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	return str_format(a, "<%s.%.*s.%lld.%.16s@%.*s>", kind, STR_ARG(id), (long long)sequence, hex, STR_ARG(host));
}
