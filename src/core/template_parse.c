#include "template_program.h"

#include <string.h>

struct parser {
	struct cx *cx;
	struct program *out;
	str text;
	size_t at;
	int line;
	size_t open[TEMPLATE_DEPTH]; /* nodes that wait for their end */
	size_t depth;
};

enum err template_wrong(struct cx *cx, const struct program *p, int line, const char *why, str what)
{
	return FAIL(cx, E_MALFORMED, S(""), "%.*s:%d: %s: %.*s", STR_ARG(p->name), line, why, STR_ARG(what));
}

static enum err wrong(struct parser *p, const char *why, str what)
{
	return template_wrong(p->cx, p->out, p->line, why, what);
}

static bool is_word(str s, const char *more)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_' &&
		    (c == '\0' || !strchr(more, c)))
			return false;
	}
	return s.n > 0;
}

/* A name is members with dots between, or "." alone. */
static bool is_name(str s)
{
	if (str_is(s, S(".")))
		return true;
	while (s.n) {
		bool last = str_find(s, '.') == s.n;
		if (!is_word(str_cut(&s, '.'), ""))
			return false;
		if (last)
			return true;
	}
	return false;
}

static struct node *add(struct parser *p, enum node_kind kind, str text)
{
	struct program *out = p->out;
	out->nodes =
	    arena_grow(&p->cx->arena, out->nodes, out->n, &out->cap, sizeof *out->nodes, _Alignof(struct node));
	struct node *node = &out->nodes[out->n++];
	*node = (struct node){ .kind = kind, .text = text, .line = p->line };
	return node;
}

static bool in_parent(const struct parser *p)
{
	return p->depth && p->out->nodes[p->open[p->depth - 1]].kind == NODE_PARENT;
}

static enum err add_text(struct parser *p, str text)
{
	if (!text.n)
		return OK;
	if (!in_parent(p))
		add(p, NODE_TEXT, text);
	else if (str_trim(text).n)
		return wrong(p, "between {{<…}} and its end only blocks count", str_trim(text));
	return OK;
}

static enum err open_node(struct parser *p, enum node_kind kind, str name)
{
	bool template = kind == NODE_PARENT;
	if (template ? !is_word(name, "/-") : !is_name(name))
		return wrong(p, template ? "wants a template's name" : "wants a name", name);
	if (in_parent(p) != (kind == NODE_BLOCK) && in_parent(p))
		return wrong(p, "between {{<…}} and its end only blocks count", name);
	if (p->depth == TEMPLATE_DEPTH)
		return wrong(p, "nests too deep", name);
	add(p, kind, name);
	p->open[p->depth++] = p->out->n - 1;
	return OK;
}

static enum err close_node(struct parser *p, str name)
{
	struct node *node = p->depth ? &p->out->nodes[p->open[p->depth - 1]] : NULL;
	if (!node || !str_is(node->text, name))
		return wrong(p, node ? "ends, but open is" : "ends what was not begun", node ? node->text : name);
	node->end = p->out->n;
	p->depth--;
	return OK;
}

/* Whether a key "prefix…" exists. */
static bool has_prefix(str prefix)
{
	size_t n;
	const str *keys = language_keys(&n);
	for (size_t i = 0; i < n; i++)
		if (str_starts(keys[i], prefix))
			return true;
	return false;
}

static enum err add_said(struct parser *p, str text)
{
	str name = text;
	str key = str_trim(str_cut(&name, ' '));
	size_t dollar = str_find(key, '$');
	name = str_trim(name);
	if (dollar < key.n) {
		str code = str_slice(key, dollar + 1, key.n);
		key = str_slice(key, 0, dollar);
		if (name.n || !is_name(code) || !str_ends(key, S(".")) || !has_prefix(key))
			return wrong(p, "wants key.$name, with texts under that key", text);
		add(p, NODE_CODE, key)->name = code;
		return OK;
	}
	if (name.n) {
		if (!is_name(name) || language_count_index(language_find(S("en")), key, 0) < 0 ||
		    language_count_index(language_find(S("en")), key, 1) < 0)
			return wrong(p, "wants a key with .one and .other, and a number's name", text);
		add(p, NODE_COUNT, key)->name = name;
		return OK;
	}
	int index = language_index(key);
	if (index < 0)
		return wrong(p, "no such text in templates/text/en.txt", key);
	add(p, NODE_SAY, key)->key = index;
	return OK;
}

static enum err add_tag(struct parser *p, char mark, str name)
{
	switch (mark) {
	case '#':
		return open_node(p, NODE_SECTION, name);
	case '^':
		return open_node(p, NODE_INVERTED, name);
	case '$':
		return open_node(p, NODE_BLOCK, name);
	case '<':
		return open_node(p, NODE_PARENT, name);
	case '/':
		return close_node(p, name);
	case '!':
		return OK;
	}
	if (in_parent(p))
		return wrong(p, "between {{<…}} and its end only blocks count", name);
	if (mark == '_')
		return add_said(p, name);
	if (mark == '>' ? !is_word(name, "/-") : !is_name(name))
		return wrong(p, "wants a name", name);
	add(p, mark == '>' ? NODE_INCLUDE : mark == '{' ? NODE_RAW : NODE_SHOW, name);
	return OK;
}

/* Where the line of `at` begins, and where the next one does. */
static size_t line_start(str s, size_t at)
{
	while (at && s.p[at - 1] != '\n')
		at--;
	return at;
}

static size_t line_end(str s, size_t at)
{
	size_t end = at + str_find(str_slice(s, at, s.n), '\n');
	return end < s.n ? end + 1 : end;
}

static int lines(str s)
{
	int n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

struct tag {
	size_t from, to; /* its braces are at [from, to) */
	char mark;       /* one of # ^ / > < $ ! _ {, or a blank; 0: no tag is left, from and to are the end */
	str name;
};

/* The next tag.  false: it has no end, and only `from` is right. */
static bool find_tag(str s, size_t at, struct tag *out)
{
	while (at < s.n && !str_starts(str_slice(s, at, s.n), S("{{")))
		at++;
	*out = (struct tag){ .from = at, .to = at };
	if (at == s.n)
		return true;
	bool raw = at + 2 < s.n && s.p[at + 2] == '{';
	str end = raw ? S("}}}") : S("}}");
	for (at += 2; at < s.n && !str_starts(str_slice(s, at, s.n), end);)
		at++;
	if (at == s.n)
		return false;
	str inside = str_slice(s, out->from + 2, at);
	bool marked = inside.n && strchr("#^/><$!_{", inside.p[0]);
	out->to = at + end.n;
	out->mark = marked ? inside.p[0] : ' ';
	out->name = str_trim(str_slice(inside, marked, inside.n));
	return true;
}

/* A tag that shows nothing and is alone on its line takes the line with it. */
static void widen(str s, size_t at, struct tag *tag)
{
	size_t start = line_start(s, tag->from), end = line_end(s, tag->to);
	if (tag->mark && !strchr(" _{", tag->mark) && start >= at && !str_trim(str_slice(s, start, tag->from)).n &&
	    !str_trim(str_slice(s, tag->to, end)).n) {
		tag->from = start;
		tag->to = end;
	}
}

static enum err parse_next(struct parser *p)
{
	struct tag tag;
	bool ended = find_tag(p->text, p->at, &tag);
	if (ended)
		widen(p->text, p->at, &tag);
	str text = str_slice(p->text, p->at, tag.from);
	TRY(add_text(p, text));
	p->line += lines(text);
	if (!ended)
		return wrong(p, "has no end", S("{{"));
	if (tag.mark)
		TRY(add_tag(p, tag.mark, tag.name));
	p->line += lines(str_slice(p->text, tag.from, tag.to));
	p->at = tag.to;
	return OK;
}

enum err template_parse(struct cx *cx, const struct source *source, struct program *out)
{
	struct parser p = { .cx = cx, .out = out, .text = source->text, .line = 1 };
	*out = (struct program){ .name = str_of(source->name), .html = str_ends(str_of(source->name), S(".html")) };
	if (out->name.n > TEMPLATE_NAME)
		return wrong(&p, "the name is too long", out->name);
	if (!str_is_utf8(p.text) || str_find(p.text, '\0') < p.text.n)
		return wrong(&p, "is not UTF-8 text", out->name);
	while (p.at < p.text.n)
		TRY(parse_next(&p));
	if (p.depth) {
		const struct node *open = &out->nodes[p.open[p.depth - 1]];
		return template_wrong(cx, out, open->line, "has no end", open->text);
	}
	return OK;
}
