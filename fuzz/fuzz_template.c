/* Any bytes as a template.  What loads renders, within its cap; and in HTML no value can add or take a quote or a
 * tag: with harmless and with hostile values the markup is the same. */
#include "core/template.h"
#include "core/words.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static struct cx cx;

static struct value *person(str text)
{
	struct value *v = value_object(&cx.arena);
	value_set(&cx.arena, v, "a", text);
	value_set(&cx.arena, v, "b", 3);
	return v;
}

static struct value *data_of(str text)
{
	struct arena *a = &cx.arena;
	struct value *v = person(text), *list = value_list(a);
	value_add(a, list, person(text));
	value_add(a, list, value_text(a, text));
	value_set(a, v, "l", list);
	value_set(a, v, "t", (bool)true);
	value_set(a, v, "n", value_none(a));
	value_set(a, v, "o", person(text));
	value_set(a, v, "s", value_safe(a, S("<i>safe</i>")));
	return v;
}

static str render(const struct template_set *set, const char *name, str text)
{
	struct buf out = { .max = 1 << 16 };
	enum err err = template_render_in(&cx, set, name, language_find(S("fr")), data_of(text), &out);
	assert(err == OK || err == E_LIMIT);
	assert(out.n <= 1 << 16);
	str copy = err ? (str){ NULL, 0 } : str_copy(&cx.arena, out.n ? buf_str(&out) : S(""));
	buf_free(&out);
	return copy;
}

/* Only the characters that markup is made of. */
static str markup(str html)
{
	char *out = arena_take(&cx.arena, html.n + 1, 1), *p = out;
	for (size_t i = 0; i < html.n; i++)
		if (strchr("<>\"'", html.p[i]) && html.p[i])
			*p++ = html.p[i];
	return (str){ out, (size_t)(p - out) };
}

static void check(const struct template_set *set)
{
	str plain = render(set, "f.html", S("/x")), hostile = render(set, "f.html", S("javascript:\"'><script>&"));
	if (plain.p && hostile.p)
		assert(str_is(markup(plain), markup(hostile)));
	render(set, "f.txt", S("\xff\n"));
	template_check_in(&cx, set, "f.html", data_of(S("x")), NULL);
}

/* The same bytes as a host's own words: what may be kept renders, within its cap, and names nothing but WORD_NAMES. */
static void check_words(str text)
{
	struct value *v = value_object(&cx.arena);
	str out;
	for (size_t i = 0; i < WORD_COUNT; i++)
		value_set(&cx.arena, v, WORD_NAMES[i], i % 3 ? S("<x>{{title}}\n") : S(""));
	enum err kept = words_check(&cx, S("/text"), text);
	enum err rendered = words_render(&cx, S("/text"), text, v, &out);
	assert(kept == OK || kept == E_REFUSED);
	assert(rendered == OK || rendered == E_REFUSED);
	assert(!kept || rendered);
	if (rendered)
		return;
	assert(out.n <= WORDS_RENDERED);
	if (str_find(text, '{') == text.n)
		assert(str_is(out, text));
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	str text = { (const char *)data, size };
	const struct source sources[] = {
		{ "f.html", text },
		{ "f.txt", S("{{#l}}{{>p}}{{a}}{{/l}}") },
		{ "p.txt", size % 2 ? text : S("{{a}}") },
		{ "p.html", S("<p title=\"{{a}}\">{{#l}}{{.}}{{/l}}</p>\n") },
		{ "q.html", S("<a href=\"{{a}}\">{{$x}}x{{/x}}{{$y}}{{>p}}{{/y}}</a>") },
	};
	const struct template_set *set;
	if (template_open(&cx, sources, sizeof sources / sizeof *sources, &set) == OK)
		check(set);
	fault_clear(&cx);
	check_words(text);
	fault_clear(&cx);
	arena_reset(&cx.arena);
	return 0;
}
