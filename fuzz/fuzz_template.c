/* Any bytes as a template.  What loads renders, within its cap; and in HTML no value can add or take a quote or a
 * tag: with harmless and with hostile values the markup is the same. */
#include "core/template.h"

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
	arena_reset(&cx.arena);
	return 0;
}
