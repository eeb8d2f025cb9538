/* Templates: what is shown, what is escaped, what is refused when loaded; and every template and language compiled in. */
#include "core/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct cx cx;

static int done(void **state)
{
	(void)state;
	fault_clear(&cx);
	arena_close(&cx.arena);
	return 0;
}

/* Renders `name` of a set; the error's message where there is one. */
static const char *render_set(const struct source *sources, size_t n, const char *name, const struct value *data)
{
	const struct template_set *set;
	struct buf out = { .max = 1 << 16 };
	enum err err = template_open(&cx, sources, n, &set);
	if (!err)
		err = template_render_in(&cx, set, name, language_find(S("en")), data, &out);
	const char *text = str_to_c(&cx.arena, err ? cx.fault.message : buf_str(&out));
	buf_free(&out);
	return text;
}

static const char *render(const char *text, const struct value *data)
{
	struct source source = { "a.html", str_of(text) };
	return render_set(&source, 1, "a.html", data);
}

static const char *render_plain(const char *text, const struct value *data)
{
	struct source source = { "a.txt", str_of(text) };
	return render_set(&source, 1, "a.txt", data);
}

static struct value *person(const char *name, int age)
{
	struct value *v = value_object(&cx.arena);
	value_set(&cx.arena, v, "name", str_of(name));
	value_set(&cx.arena, v, "age", age);
	return v;
}

static struct value *family(void)
{
	struct arena *a = &cx.arena;
	struct value *v = person("Ada & <Co>", 36), *list = value_list(a), *words = value_list(a);
	value_add(a, list, person("Tom", 0));
	value_add(a, list, person("Bo\"b'", 2));
	value_add(a, words, value_text(a, S("x")));
	value_add(a, words, value_int(a, -7));
	value_set(a, v, "children", list);
	value_set(a, v, "words", words);
	value_set(a, v, "none", value_none(a));
	value_set(a, v, "empty", value_list(a));
	value_set(a, v, "yes", (bool)true);
	value_set(a, v, "no", (bool)false);
	value_set(a, v, "blank", S(""));
	value_set(a, v, "markup", value_safe(a, S("<b>safe</b>")));
	value_set(a, v, "partner", person("Will", 40));
	value_set(a, v, "site", S("S"));
	return v;
}

static void test_show(void **state)
{
	(void)state;
	struct value *v = family();
	assert_string_equal(render("{{name}} {{age}}", v), "Ada &amp; &lt;Co&gt; 36");
	assert_string_equal(render_plain("{{name}} {{ age }}", v), "Ada & <Co> 36");
	assert_string_equal(render("<p title=\"{{name}}\">", v), "<p title=\"Ada &amp; &lt;Co&gt;\">");
	assert_string_equal(render("{{{name}}}|{{markup}}|{{{markup}}}", v),
			    "Ada &amp; &lt;Co&gt;|&lt;b&gt;safe&lt;/b&gt;|<b>safe</b>");
	assert_string_equal(render("[{{missing}}{{none}}{{blank}}{{yes}}{{children}}{{partner}}]", v), "[]");
	assert_string_equal(render("{{partner.name}} {{partner.partner.name}}.", v), "Will .");
	assert_string_equal(render("{ {x} }} {{! {{no}} ", v), "{ {x} }}  ");
	assert_string_equal(render("", v), "");
}

static void test_sections(void **state)
{
	(void)state;
	struct value *v = family();
	assert_string_equal(render("{{#children}}{{name}}:{{age}}:{{site}};{{/children}}", v),
			    "Tom:0:S;Bo&quot;b&#39;:2:S;");
	assert_string_equal(render("{{#words}}{{.}},{{/words}}", v), "x,-7,");
	assert_string_equal(render("{{#yes}}a{{/yes}}{{#no}}b{{/no}}{{#none}}c{{/none}}{{#missing}}d{{/missing}}"
				   "{{#blank}}e{{/blank}}{{#empty}}f{{/empty}}{{#age}}g{{/age}}",
				   v),
			    "ag");
	assert_string_equal(render("{{^yes}}a{{/yes}}{{^no}}b{{/no}}{{^none}}c{{/none}}{{^missing}}d{{/missing}}"
				   "{{^blank}}e{{/blank}}{{^empty}}f{{/empty}}{{^children}}g{{/children}}",
				   v),
			    "bcdef");
	assert_string_equal(render("{{#partner}}{{name}}{{#children}}{{age}}{{/children}}{{/partner}}", v), "Will02");
	assert_string_equal(render("{{#partner.name}}[{{.}}]{{/partner.name}}", v), "[Will]");
}

static void test_lines(void **state)
{
	(void)state;
	struct value *v = family();
	assert_string_equal(render_plain("a\n  {{#yes}}  \nb\n{{/yes}}\nc\n", v), "a\nb\nc\n");
	assert_string_equal(render_plain("a\r\n{{! note\n two lines }}\r\nb", v), "a\r\nb");
	assert_string_equal(render_plain("{{#words}}\n- {{.}}\n{{/words}}", v), "- x\n- -7\n");
	assert_string_equal(render_plain(" {{name}} \n", v), " Ada & <Co> \n");
	assert_string_equal(render_plain("{{#yes}}a{{/yes}}\nb", v), "a\nb");
	assert_string_equal(render_plain("{{#yes}} \n {{/yes}}", v), "");
}

static void test_includes(void **state)
{
	(void)state;
	static const struct source set[] = {
		{ "a.html", S("{{<l/base}}{{$title}}A {{name}}{{/title}}\n{{$main}}{{>part}}{{/main}}{{/l/base}}") },
		{ "b.html", S("{{<l/mid}}{{$main}}B{{/main}}{{$side}}S{{$title}}!{{/title}}{{/side}}{{/l/mid}}") },
		{ "l/mid.html",
		  S("{{<l/base}}{{$title}}M{{/title}}{{$main}}m{{$side}}s{{/side}}{{/main}}{{/l/base}}") },
		{ "l/base.html", S("[{{$title}}none{{/title}}|{{$main}}nothing{{/main}}|{{$side}}-{{/side}}]") },
		{ "part.html", S("{{#children}}{{name}}{{/children}}") },
		{ "part.txt", S("plain {{name}}") },
		{ "c.txt", S("{{>part}}") },
	};
	static const struct source fixed[] = {
		{ "a.html", S("{{<b}}{{$x}}1{{$x}}2{{/x}}{{/x}}{{/b}}") },
		{ "b.html", S("{{$x}}0{{/x}}{{$x}}0{{/x}}") },
	};
	struct value *v = family();
	size_t n = sizeof set / sizeof *set;
	assert_string_equal(render_set(set, n, "a.html", v), "[A Ada &amp; &lt;Co&gt;|TomBo&quot;b&#39;|-]");
	assert_string_equal(render_set(set, n, "b.html", v), "[M|B|S!]");
	assert_string_equal(render_set(set, n, "l/mid.html", v), "[M|ms|-]");
	assert_string_equal(render_set(set, n, "l/base.html", v), "[none|nothing|-]");
	assert_string_equal(render_set(set, n, "c.txt", v), "plain Ada & <Co>");
	assert_string_equal(render_set(set, n, "d.txt", v), "there is no template d.txt");
	assert_string_equal(render_set(fixed, 2, "a.html", v), "1212");
}

static void test_links(void **state)
{
	(void)state;
	static const struct {
		const char *value, *shown;
	} cases[] = {
		{ "https://a.example/?a=1&b='", "https://a.example/?a=1&amp;b=&#39;" },
		{ "http://a", "http://a" },
		{ "mailto:a@b.c", "mailto:a@b.c" },
		{ "/b/x", "/b/x" },
		{ "/", "/" },
		{ "#x", "#x" },
		{ "?x", "?x" },
		{ "webcal://x", "webcal://x" },
		{ "javascript:alert(1)", "#" },
		{ "JaVaScRiPt:alert(1)", "#" },
		{ " javascript:x", "#" },
		{ "java\nscript:x", "#" },
		{ "data:text/html,x", "#" },
		{ "//evil.example", "#" },
		{ "/\\evil.example", "#" },
		{ "vbscript:x", "#" },
		{ "", "#" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct value *v = value_object(&cx.arena);
		value_set(&cx.arena, v, "u", str_of(cases[i].value));
		str wanted = str_format(&cx.arena, "<a href=\"%s\">", cases[i].shown);
		assert_string_equal(render("<a href=\"{{u}}\">", v), wanted.p);
		assert_string_equal(render("<a class='x'\n HREF=\" {{#u}}{{u}}{{/u}}{{^u}}#{{/u}}\">", v),
				    str_format(&cx.arena, "<a class='x'\n HREF=\" %s\">", cases[i].shown).p);
	}
	struct value *v = value_object(&cx.arena);
	value_set(&cx.arena, v, "u", S("javascript:"));
	assert_string_equal(render("<a href=\"/x/{{u}}\" title=\"{{u}}\">", v),
			    "<a href=\"/x/javascript:\" title=\"javascript:\">");
	assert_string_equal(render("<a href=\"{{none}}{{u}}\">", v), "<a href=\"#\">");
	assert_string_equal(render("<a href=\"{{#none}}/x{{/none}}{{u}}\">", v), "<a href=\"#\">");
}

static void test_context_allowed(void **state)
{
	(void)state;
	static const char *const good[] = {
		"<!doctype html><!-- {{#yes}} > {{/yes}} --><p>{{name}}</p>",
		"<input {{#yes}}checked{{/yes}} value='{{name}}' {{^yes}}disabled{{/yes}}>",
		"<script type=\"application/json\">{{{markup}}} a < b</script>{{name}}",
		"<style>a{b:c}</style>{{name}}",
		"<style>{{{name}}}</style>",
		"{{#yes}}<style>{{{name}}}</style>{{/yes}}",
		"<title>{{name}}</title><textarea>{{name}}</textarea>",
		"<a href=\"/x?{{#yes}}a={{name}}{{/yes}}\">{{_ language.name}}</a>",
		"1 < 2 <3 {{name}} <",
		"<p\n>{{name}}<br/>{{name}}<img src='{{site}}' alt=\"{{_ language.name}}\" />",
		"<p a=1 b c=\"{{name}}\">",
	};
	struct value *v = family();
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct source source = { "a.html", str_of(good[i]) };
		const struct template_set *set;
		bool trailing = good[i][strlen(good[i]) - 1] == '<';
		enum err err = template_open(&cx, &source, 1, &set);
		assert_int_equal(err, trailing ? E_MALFORMED : OK);
	}
	assert_string_equal(render("<script>{{{markup}}}</script>", v), "<script><b>safe</b></script>");
	assert_string_equal(render("<script>{{{name}}}</script>", v), "<script>Ada &amp; &lt;Co&gt;</script>");
}

/* Each is refused, and the message says so with the line. */
static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "\n<p {{name}}>", "a.html:2: may stand in text or inside a quoted attribute only: name" },
		{ "<p a={{name}}>", "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<{{name}}>", "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<p {{_ language.name}}>",
		  "a.html:1: may stand in text or inside a quoted attribute only: language.name" },
		{ "<!-- {{name}} -->", "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<script>{{name}}</script>",
		  "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<style>{{name}}</style>", "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<p a=\"{{{name}}}\">", "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<p onclick=\"{{name}}\">", "a.html:1: this attribute takes no names: name" },
		{ "<p STYLE='x{{name}}'>", "a.html:1: this attribute takes no names: name" },
		{ "<img srcset=\"{{name}}\">", "a.html:1: this attribute takes no names: name" },
		{ "<a href=\"{{_ language.name}}\">", "a.html:1: a link cannot begin with a text: language.name" },
		{ "<p a = \"{{name}}\">", "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<p {{#a}}on{{/a}}click=\"{{name}}\">", "a.html:1: this attribute takes no names: name" },
		{ "<p {{#a}}href{{/a}}=\"{{name}}\">",
		  "a.html:1: may stand in text or inside a quoted attribute only: name" },
		{ "<s{{#a}} x{{/a}}cript>", "a.html:1: begins and ends in different places of the HTML: a" },
		{ "{{#a}}<p{{/a}}>", "a.html:1: begins and ends in different places of the HTML: a" },
		{ "<p {{#a}}b=\"{{/a}}\">", "a.html:1: begins and ends in different places of the HTML: a" },
		{ "<p a=\"{{$b}}{{/b}}\">", "a.html:1: may stand in text only: b" },
		{ "<p a=\"{{>a}}\">", "a.html:1: includes itself by way of: a" },
		{ "<p a=\"", "a.html:1: ends inside a tag: a.html" },
		{ "<script>", "a.html:1: ends inside a tag: a.html" },
		{ "{{name", "a.html:1: has no end: {{" },
		{ "\n\n{{{name}}", "a.html:3: has no end: {{" },
		{ "{{}}", "a.html:1: wants a name: " },
		{ "{{a b}}", "a.html:1: wants a name: a b" },
		{ "{{a..b}}", "a.html:1: wants a name: a..b" },
		{ "{{a.}}", "a.html:1: wants a name: a." },
		{ "{{#a}}\n{{#b}}", "a.html:2: has no end: b" },
		{ "{{#a}}{{/b}}", "a.html:1: ends, but open is: a" },
		{ "{{/b}}", "a.html:1: ends what was not begun: b" },
		{ "{{>b}}", "a.html:1: no such template: b" },
		{ "{{>a}}", "a.html:1: includes itself by way of: a" },
		{ "{{<a}}x{{/a}}", "a.html:1: between {{<…}} and its end only blocks count: x" },
		{ "{{<a}}{{x}}{{/a}}", "a.html:1: between {{<…}} and its end only blocks count: x" },
		{ "{{<a}}{{#x}}{{/x}}{{/a}}", "a.html:1: between {{<…}} and its end only blocks count: x" },
		{ "{{_ no.such.key}}", "a.html:1: no such text in templates/text/en.txt: no.such.key" },
		{ "{{_ language.name n}}",
		  "a.html:1: wants a key with .one and .other, and a number's name: language.name n" },
		{ "{{_ language.$x y}}", "a.html:1: wants key.$name, with texts under that key: language.$x y" },
		{ "{{_ nothing.$x}}", "a.html:1: wants key.$name, with texts under that key: nothing.$x" },
		{ "\xff", "a.html:1: is not UTF-8 text: a.html" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(render(cases[i].text, family()), cases[i].message);
	char deep[TEMPLATE_DEPTH * 6 + 7] = "";
	for (int i = 0; i <= TEMPLATE_DEPTH; i++)
		memcpy(deep + i * 6, "{{#a}}", 6);
	assert_string_equal(render(deep, family()), "a.html:1: nests too deep: a");
}

static void test_said(void **state)
{
	(void)state;
	struct value *v = family();
	value_set(&cx.arena, v, "n", 1);
	value_set(&cx.arena, v, "m", 2);
	value_set(&cx.arena, v, "which", S("mon"));
	assert_string_equal(render_plain("{{_ language.name}} {{_language.name}}", v), "English English");
	assert_string_equal(render_plain("{{_ time.hours n}}, {{#partner}}{{_ time.minutes m}}{{/partner}}", v),
			    "1 hour, 1 minutes");
	assert_string_equal(render_plain("{{_ time.weekday.$which}}[{{_ time.weekday.$name}}]", v), "Mon[]");
	value_set(&cx.arena, v, "host", S("<i>"));
	assert_string_equal(render("{{_ mail.booked.lead}}", v), "Your meeting with &lt;i&gt; is booked.");
}

static void test_limits(void **state)
{
	(void)state;
	struct source source = { "a.html",
				 S("{{#words}}{{#words}}{{#words}}0123456789{{/words}}{{/words}}{{/words}}") };
	const struct template_set *set;
	struct buf out = { .max = 64 };
	assert_int_equal(template_open(&cx, &source, 1, &set), OK);
	assert_int_equal(template_render_in(&cx, set, "a.html", language_find(S("en")), family(), &out), E_LIMIT);
	assert_true(out.n <= 64);
	buf_free(&out);
}

static void test_check(void **state)
{
	(void)state;
	static const char *const known[] = { "k.x", NULL };
	struct source source = {
		"a.txt", S("{{name}}{{a}}{{#no}}{{b}}{{a}}{{/no}}{{^yes}}{{c.d}}{{/yes}}{{k.x}}{{none}}"
			   "{{#children}}{{age}}{{e}}{{/children}}{{_ mail.booked.lead}}{{_ time.hours f}}")
	};
	const struct template_set *set;
	assert_int_equal(template_open(&cx, &source, 1, &set), OK);
	str missing = template_check_in(&cx, set, "a.txt", family(), known);
	assert_string_equal(str_to_c(&cx.arena, missing), "a\nb\nc.d\ne\nhost\nf\nn\n");
}

struct row {
	str name, secret;
	int64_t count;
	instant at;
	day on;
	bool open;
	unsigned kind;
	struct list tags;
};
static const char *const kinds[] = { "first", "second", NULL };
static const struct field TAG[] = { { .name = "", .type = F_STR, .flags = OUT }, FIELD_END };
static const struct field ROW[] = {
	FIELD(struct row, name, OUT),
	FIELD(struct row, secret, IN),
	FIELD(struct row, count, OUT | MAYBE),
	FIELD(struct row, at, OUT),
	FIELD(struct row, on, OUT),
	FIELD(struct row, open, OUT),
	FIELD(struct row, kind, OUT, .choices = kinds),
	LIST(struct row, tags, OUT, TAG, str),
	FIELD_END,
};

static void test_struct(void **state)
{
	(void)state;
	str tags[] = { S("a"), S("b") };
	struct row row = { .name = S("n"),
			   .secret = S("s"),
			   .count = NONE,
			   .at = { 0 },
			   .on = { 1 },
			   .open = true,
			   .kind = 1,
			   .tags = { tags, 2 } };
	struct value *v = value_of(&cx.arena, ROW, &row);
	assert_string_equal(
	    render_plain("{{name}} {{secret}} {{count}} {{at}} {{on}} {{#open}}open{{/open}} {{kind}} "
			 "{{#tags}}{{.}};{{/tags}}",
			 v),
	    "n   1970-01-01T00:00:00Z 1970-01-02 open second a;b;");
	assert_null(value_get(v, S("secret")));
	assert_int_equal(value_get(v, S("count"))->kind, VALUE_NONE);
}

static void test_languages(void **state)
{
	(void)state;
	const struct language *const *all = language_list();
	assert_int_equal(language_load(&cx), OK);
	assert_string_equal(str_to_c(&cx.arena, language_code(all[0])), "en");
	for (size_t i = 0; all[i]; i++) {
		str missing = language_missing(&cx.arena, all[i]);
		assert_string_equal(str_to_c(&cx.arena, missing), "");
	}
	static const struct {
		const char *accept, *code;
	} cases[] = {
		{ "de-CH, en;q=0.8", "de" },
		{ "pt, fr;q=0.3, es;q=0.31", "es" },
		{ "en;q=0.1, de;q=0", "en" },
		{ "FR", "fr" },
		{ "", "en" },
		{ "*", "en" },
		{ "xx;q=1.000, *;q=0.5, de;q=0.500", "en" },
		{ "de;q=2, es;q=0.001", "es" },
		{ "de;q=x;;,,;=", "en" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(str_to_c(&cx.arena, language_code(language_pick(str_of(cases[i].accept)))),
				    cases[i].code);
	assert_string_equal(str_to_c(&cx.arena, language_code(language_find(S("de_AT")))), "de");
	assert_string_equal(str_to_c(&cx.arena, language_code(language_find((str){ 0 }))), "en");
	assert_string_equal(str_to_c(&cx.arena, language_count(language_find(S("fr")), S("time.hours"), 0)),
			    "{n} heure");
	assert_null(language_text(all[0], S("no.such")).p);
}

static void test_compiled_in(void **state)
{
	(void)state;
	enum err err = template_load(&cx);
	if (err)
		fail_msg("%.*s", STR_ARG(cx.fault.message));
	assert_non_null(template_names()[0]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_show, done),
		cmocka_unit_test_teardown(test_sections, done),
		cmocka_unit_test_teardown(test_lines, done),
		cmocka_unit_test_teardown(test_includes, done),
		cmocka_unit_test_teardown(test_links, done),
		cmocka_unit_test_teardown(test_context_allowed, done),
		cmocka_unit_test_teardown(test_refused, done),
		cmocka_unit_test_teardown(test_said, done),
		cmocka_unit_test_teardown(test_limits, done),
		cmocka_unit_test_teardown(test_check, done),
		cmocka_unit_test_teardown(test_struct, done),
		cmocka_unit_test_teardown(test_languages, done),
		cmocka_unit_test_teardown(test_compiled_in, done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
