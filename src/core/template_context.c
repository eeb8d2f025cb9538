/* A small reader of HTML that knows, at each hole of a template, what a browser would be in the middle of.  It accepts
 * less than browsers do: where it is in doubt the template is refused, and its author writes it plainer. */
#include "template_program.h"

#include <string.h>

enum place {
	IN_TEXT,
	IN_OPEN, /* behind < */
	IN_TAG_NAME,
	IN_TAG,       /* between attributes */
	IN_ATTRIBUTE, /* in an attribute's name */
	IN_EQUALS,    /* behind = */
	IN_VALUE,     /* in quotes */
	IN_UNQUOTED,
	IN_COMMENT, /* also <!doctype …> */
	IN_SCRIPT,  /* script and style: up to their end tag */
};

enum { WORD = 16 };

struct state {
	enum place place;
	char quote;
	bool gap;       /* TAG: behind an attribute that may not be there, which a blank must end */
	bool start;     /* VALUE: nothing of it was seen yet */
	bool closing;   /* the tag is an end tag */
	bool style;     /* SCRIPT: it is a style element */
	char tag[WORD]; /* names in lower case, cut to fit, NUL-ended */
	char attribute[WORD];
	char tail[WORD]; /* COMMENT, SCRIPT: the last bytes, to see the end */
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_letter(char c)
{
	return lower(c) >= 'a' && lower(c) <= 'z';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void word_add(char word[WORD], char c)
{
	size_t n = strlen(word);
	if (n + 1 < WORD)
		word[n] = lower(c);
}

static void tail_add(char tail[WORD], char c)
{
	memmove(tail, tail + 1, WORD - 2);
	tail[WORD - 2] = lower(c);
}

static bool tail_is(const char tail[WORD], const char *end)
{
	size_t n = strlen(end);
	return memcmp(tail + WORD - 1 - n, end, n) == 0;
}

static void tail_clear(char tail[WORD])
{
	memset(tail, ' ', WORD - 1);
}

static void tag_end(struct state *s)
{
	bool style = strcmp(s->tag, "style") == 0;
	bool script = style || strcmp(s->tag, "script") == 0;
	s->place = script && !s->closing ? IN_SCRIPT : IN_TEXT;
	s->style = style;
	tail_clear(s->tail);
}

static void attribute_start(struct state *s, char c)
{
	memset(s->attribute, 0, WORD);
	word_add(s->attribute, c);
	s->place = IN_ATTRIBUTE;
}

static void step_open(struct state *s, char c)
{
	if (c == '!' || c == '?') {
		s->place = IN_COMMENT;
		tail_clear(s->tail);
		tail_add(s->tail, c);
	} else if (c == '/' && !s->closing) {
		s->closing = true;
	} else if (is_letter(c)) {
		memset(s->tag, 0, WORD);
		word_add(s->tag, c);
		s->place = IN_TAG_NAME;
	} else {
		s->place = IN_TEXT;
	}
}

/* What is glued to the name of an attribute that may not be there could make it a handler: take it for one. */
static bool step_gap(struct state *s, char c)
{
	s->gap = false;
	if (c == '>' || is_blank(c) || c == '/')
		return false;
	attribute_start(s, 'o');
	word_add(s->attribute, 'n');
	return true;
}

static void step_tag(struct state *s, char c)
{
	if (s->gap && step_gap(s, c))
		return;
	if (c == '>')
		tag_end(s);
	else if (is_blank(c) || c == '/')
		s->place = IN_TAG;
	else if (s->place == IN_TAG_NAME)
		word_add(s->tag, c);
	else
		attribute_start(s, c);
}

static void step_attribute(struct state *s, char c)
{
	if (c == '=')
		s->place = IN_EQUALS;
	else if (c == '>' || is_blank(c) || c == '/')
		step_tag(s, c);
	else
		word_add(s->attribute, c);
}

static void step_equals(struct state *s, char c)
{
	if (is_blank(c))
		return;
	bool quoted = c == '"' || c == '\'';
	s->place = quoted ? IN_VALUE : IN_UNQUOTED;
	s->quote = c;
	s->start = true;
	if (c == '>')
		tag_end(s);
}

/* A comment ends with -->, a declaration with the first >. */
static void step_comment(struct state *s, char c)
{
	tail_add(s->tail, c);
	if (tail_is(s->tail, "!--"))
		s->quote = '-';
	if (c == '>' && (s->quote != '-' || tail_is(s->tail, "-->"))) {
		s->place = IN_TEXT;
		s->quote = 0;
	}
}

static void step_script(struct state *s, char c)
{
	tail_add(s->tail, c);
	if (tail_is(s->tail, s->style ? "</style>" : "</script>")) {
		s->place = IN_TEXT;
		s->style = false;
	}
}

static void step(struct state *s, char c)
{
	switch (s->place) {
	case IN_TEXT:
		if (c == '<') {
			s->place = IN_OPEN;
			s->closing = false;
			s->quote = 0;
		}
		break;
	case IN_OPEN:
		step_open(s, c);
		break;
	case IN_TAG_NAME:
	case IN_TAG:
		step_tag(s, c);
		break;
	case IN_ATTRIBUTE:
		step_attribute(s, c);
		break;
	case IN_EQUALS:
		step_equals(s, c);
		break;
	case IN_VALUE:
		s->start = s->start && is_blank(c);
		if (c == s->quote)
			s->place = IN_TAG;
		break;
	case IN_UNQUOTED:
		if (c == '>' || is_blank(c))
			step_tag(s, c);
		break;
	case IN_COMMENT:
		step_comment(s, c);
		break;
	case IN_SCRIPT:
		step_script(s, c);
		break;
	}
}

static bool among(const char *word, const char *const *list)
{
	while (*list && strcmp(word, *list) != 0)
		list++;
	return *list;
}

static enum err check_shown(struct cx *cx, const struct program *p, struct node *node, struct state *s)
{
	static const char *const links[] = { "href", "src",  "action",     "formaction", "poster",     "cite",
					     "data", "ping", "background", "manifest",   "xlink:href", NULL };
	static const char *const never[] = { "style", "srcset", "srcdoc", "http-equiv", "imagesrcset", NULL };
	if (s->place == IN_TEXT)
		return OK;
	if (s->place == IN_SCRIPT && node->kind == NODE_RAW)
		return OK;
	if (s->place != IN_VALUE || node->kind == NODE_RAW)
		return template_wrong(cx, p, node->line, "may stand in text or inside a quoted attribute only",
				      node->text);
	if (among(s->attribute, never) || strncmp(s->attribute, "on", 2) == 0)
		return template_wrong(cx, p, node->line, "this attribute takes no names", node->text);
	node->link = s->start && among(s->attribute, links);
	if (node->link && node->kind != NODE_SHOW)
		return template_wrong(cx, p, node->line, "a link cannot begin with a text", node->text);
	if (!node->link)
		s->start = false;
	return OK;
}

/* Inside a tag a section holds whole attributes: it begins behind a blank, and a blank or the tag's end follows it. */
static bool same(const struct state *a, struct state *b)
{
	if (a->place == IN_TAG && b->place == IN_ATTRIBUTE) {
		b->place = IN_TAG;
		b->gap = true;
	}
	if (a->place == IN_TAG_NAME || a->place == IN_ATTRIBUTE)
		return false;
	if (a->place == IN_VALUE && (strcmp(a->attribute, b->attribute) != 0 || a->quote != b->quote))
		return false;
	return a->place == b->place && a->style == b->style;
}

static enum err check(struct cx *cx, struct program *p, size_t from, size_t to, struct state *s);

/* What may or may not be shown must leave things as they were. */
static enum err check_inside(struct cx *cx, struct program *p, size_t at, struct state *s)
{
	struct node *node = &p->nodes[at];
	struct state inside = *s;
	bool whole = node->kind == NODE_BLOCK || node->kind == NODE_PARENT;
	if (whole && s->place != IN_TEXT)
		return template_wrong(cx, p, node->line, "may stand in text only", node->text);
	TRY(check(cx, p, at + 1, node->end, &inside));
	if (!same(s, &inside))
		return template_wrong(cx, p, node->line, "begins and ends in different places of the HTML",
				      node->text);
	inside.start = inside.start || s->start;
	*s = inside;
	return OK;
}

static enum err check(struct cx *cx, struct program *p, size_t from, size_t to, struct state *s)
{
	for (size_t i = from; i < to; i++) {
		struct node *node = &p->nodes[i];
		switch (node->kind) {
		case NODE_TEXT:
			for (size_t k = 0; k < node->text.n; k++)
				step(s, node->text.p[k]);
			break;
		case NODE_SECTION:
		case NODE_INVERTED:
		case NODE_BLOCK:
		case NODE_PARENT:
			TRY(check_inside(cx, p, i, s));
			i = node->end - 1;
			break;
		case NODE_INCLUDE:
			if (s->place != IN_TEXT)
				return template_wrong(cx, p, node->line, "may stand in text only", node->text);
			break;
		default:
			TRY(check_shown(cx, p, node, s));
		}
	}
	return OK;
}

enum err template_context(struct cx *cx, struct program *p)
{
	struct state s = { .place = IN_TEXT };
	TRY(check(cx, p, 0, p->n, &s));
	if (s.place != IN_TEXT)
		return template_wrong(cx, p, p->n ? p->nodes[p->n - 1].line : 1, "ends inside a tag", p->name);
	return OK;
}
