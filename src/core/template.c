#include "template_program.h"

#include <pthread.h>
#include <string.h>

/* Where names are looked up: the innermost item first. */
struct scope {
	const struct scope *out;
	const struct value *value;
};

/* The blocks that a {{<parent}} brings along, and those of the templates around it. */
struct frame {
	const struct frame *out;
	const struct program *program;
	const struct node *parent;
};

struct render {
	const struct language *language;
	struct buf *out;
	struct cx *cx; /* the rest: template_check only */
	const char *const *known;
	struct buf *missing;
};

/* Nesting is finite: includes have no cycle, and a block's own text sees only the frames around its own. */
struct place {
	const struct program *program;
	const struct scope *scope;
	const struct frame *frame;
};

void html_escape(struct buf *out, str s)
{
	static const char *const entities[] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"
	};
	size_t from = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c >= sizeof entities / sizeof *entities || !entities[c])
			continue;
		buf_add(out, str_slice(s, from, i));
		buf_add(out, str_of(entities[c]));
		from = i + 1;
	}
	buf_add(out, str_slice(s, from, s.n));
}

static bool is_known(const char *const *known, str name)
{
	while (known && *known && !str_is(str_of(*known), name))
		known++;
	return known && *known;
}

/* template_check collects each name once. */
static void note_missing(const struct render *r, str name)
{
	str noted = buf_str(r->missing);
	while (noted.n)
		if (str_is(str_cut(&noted, '\n'), name))
			return;
	if (!is_known(r->known, name)) {
		buf_add(r->missing, name);
		buf_add_char(r->missing, '\n');
	}
}

static const struct value *look_up(const struct render *r, const struct scope *scope, str name)
{
	str rest = name, first = str_cut(&rest, '.');
	const struct value *v = NULL;
	if (str_is(name, S(".")))
		return scope->value;
	for (; scope && !v; scope = scope->out)
		v = value_get(scope->value, first);
	while (v && rest.n)
		v = value_get(v, str_cut(&rest, '.'));
	if (!v && r->missing)
		note_missing(r, name);
	return v;
}

static bool is_safe_link(str s)
{
	static const char *const begins[] = { "https://", "http://", "mailto:", "webcal://", "#", "?" };
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (str_starts(s, str_of(begins[i])))
			return true;
	return s.n && s.p[0] == '/' && (s.n == 1 || (s.p[1] != '/' && s.p[1] != '\\'));
}

static void show(const struct render *r, const struct place *at, const struct node *node, str name)
{
	const struct value *v = look_up(r, at->scope, name);
	if (!v || (v->kind != VALUE_TEXT && v->kind != VALUE_SAFE && v->kind != VALUE_INT))
		return;
	if (v->kind == VALUE_INT)
		buf_add_int(r->out, v->number);
	else if (node->link && !is_safe_link(v->text))
		buf_add(r->out, S("#"));
	else if (!at->program->html || (node->kind == NODE_RAW && v->kind == VALUE_SAFE))
		buf_add(r->out, v->text);
	else
		html_escape(r->out, v->text);
}

static void say(const struct render *r, const struct place *at, const struct node *node, str text)
{
	str plain, name;
	while (language_piece(&text, &plain, &name)) {
		if (at->program->html)
			html_escape(r->out, plain);
		else
			buf_add(r->out, plain);
		if (name.p)
			show(r, at, node, name);
	}
}

static void say_count(const struct render *r, const struct place *at, const struct node *node)
{
	const struct value *v = look_up(r, at->scope, node->name);
	int64_t n = v && v->kind == VALUE_INT ? v->number : 0;
	say(r, at, node, language_count(r->language, node->text, n));
}

static void say_code(const struct render *r, const struct place *at, const struct node *node)
{
	char key[128];
	const struct value *v = look_up(r, at->scope, node->name);
	if (!v || v->kind != VALUE_TEXT || node->text.n + v->text.n > sizeof key)
		return;
	memcpy(key, node->text.p, node->text.n);
	memcpy(key + node->text.n, v->text.p, v->text.n);
	say(r, at, node, language_text(r->language, (str){ key, node->text.n + v->text.n }));
}

static void run(const struct render *r, const struct place *at, size_t from, size_t to);

static void run_inside(const struct render *r, const struct place *at, const struct node *node,
		       const struct value *item)
{
	struct scope scope = { .out = at->scope, .value = item };
	struct place inside = *at;
	inside.scope = item ? &scope : at->scope;
	run(r, &inside, (size_t)(node - at->program->nodes) + 1, node->end);
}

static void run_section(const struct render *r, const struct place *at, const struct node *node)
{
	const struct value *v = look_up(r, at->scope, node->text);
	bool truth = value_truth(v);
	if (node->kind == NODE_INVERTED ? truth && !r->missing : !truth && !r->missing)
		return;
	if (node->kind == NODE_INVERTED || !truth || v->kind == VALUE_BOOL) {
		run_inside(r, at, node, NULL);
		return;
	}
	if (v->kind != VALUE_LIST) {
		run_inside(r, at, node, v);
		return;
	}
	for (size_t i = 0; i < v->n && !r->out->full; i++)
		run_inside(r, at, node, v->items[i]);
}

/* The outermost template that brings the block wins. */
static void run_block(const struct render *r, const struct place *at, const struct node *node)
{
	const struct frame *found = NULL;
	const struct node *block = NULL;
	for (const struct frame *f = at->frame; f; f = f->out) {
		const struct node *nodes = f->program->nodes;
		size_t i = (size_t)(f->parent - nodes) + 1;
		for (; i < f->parent->end; i = nodes[i].end)
			if (str_is(nodes[i].text, node->text)) {
				found = f;
				block = &nodes[i];
				break;
			}
	}
	struct place in = *at;
	if (found) {
		in.program = found->program;
		in.frame = found->out;
	}
	run_inside(r, &in, found ? block : node, NULL);
}

static void run_program(const struct render *r, const struct place *at, const struct node *node)
{
	struct frame frame = { .out = at->frame, .program = at->program, .parent = node };
	struct place in = { .program = node->target, .scope = at->scope, .frame = at->frame };
	if (node->kind == NODE_PARENT)
		in.frame = &frame;
	run(r, &in, 0, node->target->n);
}

static void run_node(const struct render *r, const struct place *at, const struct node *node)
{
	switch (node->kind) {
	case NODE_TEXT:
		buf_add(r->out, node->text);
		break;
	case NODE_SHOW:
	case NODE_RAW:
		show(r, at, node, node->text);
		break;
	case NODE_SECTION:
	case NODE_INVERTED:
		run_section(r, at, node);
		break;
	case NODE_BLOCK:
		run_block(r, at, node);
		break;
	case NODE_INCLUDE:
	case NODE_PARENT:
		run_program(r, at, node);
		break;
	case NODE_SAY:
		say(r, at, node, language_at(r->language, node->key));
		break;
	case NODE_COUNT:
		say_count(r, at, node);
		break;
	case NODE_CODE:
		say_code(r, at, node);
		break;
	}
}

static void run(const struct render *r, const struct place *at, size_t from, size_t to)
{
	const struct node *nodes = at->program->nodes;
	for (size_t i = from; i < to && !r->out->full;) {
		const struct node *node = &nodes[i];
		run_node(r, at, node);
		i = node->end ? node->end : i + 1;
	}
}

static struct program *program_find(const struct template_set *set, str name)
{
	for (size_t i = 0; i < set->n; i++)
		if (str_is(set->programs[i].name, name))
			return &set->programs[i];
	return NULL;
}

enum err template_render_in(struct cx *cx, const struct template_set *set, const char *name,
			    const struct language *language, const struct value *data, struct buf *out)
{
	const struct program *program = program_find(set, str_of(name));
	if (!program)
		return FAIL(cx, E_NOT_FOUND, S(""), "there is no template %s", name);
	struct scope scope = { .value = data };
	struct render r = { .language = language, .out = out };
	struct place at = { .program = program, .scope = &scope };
	run(&r, &at, 0, program->n);
	return out->full ? FAIL(cx, E_LIMIT, S(""), "%s came out too long", name) : OK;
}

str template_check_in(struct cx *cx, const struct template_set *set, const char *name, const struct value *data,
		      const char *const *known)
{
	const struct program *program = program_find(set, str_of(name));
	if (!program)
		return str_format(&cx->arena, "no template %s\n", name);
	struct buf out = { 0 }, missing = { 0 };
	struct scope scope = { .value = data };
	struct render r = {
		.language = language_find(S("en")), .out = &out, .cx = cx, .known = known, .missing = &missing
	};
	struct place at = { .program = program, .scope = &scope };
	run(&r, &at, 0, program->n);
	str names = str_copy(&cx->arena, missing.n ? buf_str(&missing) : S(""));
	buf_free(&out);
	buf_free(&missing);
	return names;
}

/* "parts/head" in a .txt is parts/head.txt. */
static struct program *target_find(const struct template_set *set, const struct program *from, str name)
{
	str end = from->html ? S(".html") : S(".txt");
	for (size_t i = 0; i < set->n; i++) {
		str other = set->programs[i].name;
		if (other.n == name.n + end.n && str_starts(other, name) && str_ends(other, end))
			return &set->programs[i];
	}
	return NULL;
}

enum { HEIGHT_UNKNOWN = 0, HEIGHT_OPEN = -1 };

/* Point includes at their programs, depth first: an open one met again is a cycle. */
static enum err targets_link(struct cx *cx, struct template_set *set, struct program *p)
{
	int height = 1;
	if (p->height > HEIGHT_UNKNOWN)
		return OK;
	p->height = HEIGHT_OPEN;
	for (size_t i = 0; i < p->n; i++) {
		struct node *node = &p->nodes[i];
		if (node->kind != NODE_INCLUDE && node->kind != NODE_PARENT)
			continue;
		struct program *target = target_find(set, p, node->text);
		if (!target)
			return template_wrong(cx, p, node->line, "no such template", node->text);
		if (target->height == HEIGHT_OPEN)
			return template_wrong(cx, p, node->line, "includes itself by way of", node->text);
		TRY(targets_link(cx, set, target));
		node->target = target;
		height = target->height >= height ? target->height + 1 : height;
	}
	if (height > TEMPLATE_DEPTH)
		return template_wrong(cx, p, 1, "includes nest too deep", p->name);
	p->height = height;
	return OK;
}

static bool is_template(const struct source *s)
{
	return !str_starts(str_of(s->name), S("text/"));
}

enum err template_open(struct cx *cx, const struct source *sources, size_t n, const struct template_set **out)
{
	struct template_set *set = NEW(&cx->arena, struct template_set);
	TRY(language_load(cx));
	set->programs = NEWS(&cx->arena, struct program, n);
	for (size_t i = 0; i < n; i++)
		if (is_template(&sources[i]))
			TRY(template_parse(cx, &sources[i], &set->programs[set->n++]));
	for (size_t i = 0; i < set->n; i++) {
		TRY(targets_link(cx, set, &set->programs[i]));
		if (set->programs[i].html)
			TRY(template_context(cx, &set->programs[i]));
	}
	*out = set;
	return OK;
}

/* What is compiled in: parsed once, never freed. */
static struct {
	struct cx cx;
	const struct template_set *set;
	const char **names;
	enum err err;
} all;

static void load(void)
{
	size_t n, kept = 0;
	const struct source *sources = source_list(&n);
	all.err = template_open(&all.cx, sources, n, &all.set);
	all.names = NEWS(&all.cx.arena, const char *, n + 1);
	for (size_t i = 0; i < n; i++)
		if (is_template(&sources[i]))
			all.names[kept++] = sources[i].name;
}

enum err template_load(struct cx *cx)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
	return all.err ? FAIL(cx, E_INTERNAL, S(""), "templates/%.*s", STR_ARG(all.cx.fault.message)) : OK;
}

const char *const *template_names(void)
{
	struct cx unused = { 0 };
	enum err loaded = template_load(&unused);
	(void)loaded; /* the names are there even when a template is malformed */
	arena_close(&unused.arena);
	return all.names;
}

enum err template_render(struct cx *cx, const char *name, const struct language *language, const struct value *data,
			 struct buf *out)
{
	TRY(template_load(cx));
	return template_render_in(cx, all.set, name, language, data, out);
}

str template_check(struct cx *cx, const char *name, const struct value *data, const char *const *known)
{
	enum err loaded = template_load(cx);
	return loaded ? cx->fault.message : template_check_in(cx, all.set, name, data, known);
}
