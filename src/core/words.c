#include "words.h"

#include "template_program.h"

#include <string.h>

const char *const WORD_NAMES[WORD_COUNT + 1] = { "title",    "host",     "invitee",    "invitee_email", "date",
						 "times",    "zone",     "length",     "old_date",      "old_times",
						 "old_zone", "location", "guests",     "guest",         "notes",
						 "reason",   "link",     "again_link", "site",          NULL };

/* What our own texts call some of them. */
static const char *const OURS[][2] = {
	{ "when.date", "date" },       { "when.times", "times" },     { "when.zone", "zone" },
	{ "when.length", "length" },   { "before.date", "old_date" }, { "before.times", "old_times" },
	{ "before.zone", "old_zone" },
};

static bool is_word(str name)
{
	for (const char *const *w = WORD_NAMES; *w; w++)
		if (str_is(name, str_of(*w)))
			return true;
	return false;
}

static str word_list(struct arena *a)
{
	str all = S("");
	for (const char *const *w = WORD_NAMES; *w; w++)
		all = str_format(a, "%.*s%s%s", STR_ARG(all), all.n ? ", " : "", *w);
	return all;
}

/* "line 2, column 7": of a byte of the text. */
static str position(struct arena *a, str text, const char *at)
{
	size_t line = 1, column = 1;
	for (const char *p = text.p; p < at; p++) {
		column = *p == '\n' ? 1 : column + ((*p & 0xC0) != 0x80);
		line += *p == '\n';
	}
	return str_format(a, "line %zu, column %zu", line, column);
}

/* Where the tag of a node begins: its name is a view into the text. */
static const char *tag_start(str text, const struct node *node)
{
	const char *p = node->text.p;
	while (p > text.p + 1 && !(p[0] == '{' && p[-1] == '{'))
		p--;
	while (p > text.p && p[-1] == '{')
		p--;
	return p;
}

static enum err node_check(struct cx *cx, str field, str text, const struct node *node)
{
	bool named = node->kind == NODE_SHOW || node->kind == NODE_SECTION || node->kind == NODE_INVERTED;
	if (node->kind == NODE_TEXT || (named && is_word(node->text)))
		return OK;
	str where = position(&cx->arena, text, tag_start(text, node));
	if (!named)
		return FAIL(cx, E_REFUSED, field,
			    "%.*s: only {{name}}, {{#name}}…{{/name}} and {{^name}}…{{/name}} may be used",
			    STR_ARG(where));
	return FAIL(cx, E_REFUSED, field, "%.*s: there is no {{%.*s}}, but there are: %.*s", STR_ARG(where),
		    STR_ARG(node->text), STR_ARG(word_list(&cx->arena)));
}

/* The parser's message without the name of the file, which means nothing to a host: "own.txt:2: why" → "line 2: why". */
static enum err parse(struct cx *cx, str field, str text, struct program *out)
{
	struct source source = { "own.txt", text };
	if (template_parse(cx, &source, out) == OK)
		return OK;
	str why = cx->fault.message;
	str_cut(&why, ':');
	why = str_copy(&cx->arena, why);
	return FAIL(cx, E_REFUSED, field, "line %.*s", STR_ARG(why));
}

static enum err words_parse(struct cx *cx, str field, str text, struct program *out)
{
	TRY(parse(cx, field, text, out));
	for (size_t i = 0; i < out->n; i++)
		TRY(node_check(cx, field, text, &out->nodes[i]));
	return OK;
}

enum err words_check(struct cx *cx, str field, str text)
{
	struct program program;
	return words_parse(cx, field, text, &program);
}

enum err words_render(struct cx *cx, str field, str text, const struct value *data, str *out)
{
	struct program program;
	struct template_set set = { &program, 1 };
	struct buf b = { .max = WORDS_RENDERED };
	TRY(words_parse(cx, field, text, &program));
	enum err err = template_render_in(cx, &set, "own.txt", language_find(S("en")), data, &b);
	*out = str_copy(&cx->arena, b.n ? buf_str(&b) : S(""));
	buf_free(&b);
	return err ? FAIL(cx, E_REFUSED, field, "comes out too long: at most %d bytes", WORDS_RENDERED) : OK;
}

str words_of(struct arena *a, str text)
{
	str out = S(""), plain, name;
	while (language_piece(&text, &plain, &name)) {
		for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++)
			if (str_is(name, str_of(OURS[i][0])))
				name = str_of(OURS[i][1]);
		out = str_format(a, "%.*s%.*s%s%.*s%s", STR_ARG(out), STR_ARG(plain), name.p ? "{{" : "",
				 STR_ARG(name), name.p ? "}}" : "");
	}
	return out;
}
