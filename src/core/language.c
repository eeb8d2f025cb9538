/* The texts of every language lie in arrays that run parallel to the sorted keys of English, so that a template looks
 * its keys up once, when it is parsed, and a text is then one array access. */
#include "language.h"

#include "source.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LANGUAGE_MAX = 64 };

struct language {
	str code;
	str *texts;  /* by index of the key; absent where missing */
	str unknown; /* lines for language_missing: keys that English has not */
};

struct entry {
	str key, text;
};

static struct {
	struct arena arena;
	str *keys; /* of English, ascending */
	size_t keys_n;
	const struct language *list[LANGUAGE_MAX + 1];
	size_t list_n;
	str fault; /* the first mistake found */
} all;

static void fault(str file, size_t line, const char *why, str what)
{
	if (!all.fault.p)
		all.fault =
		    str_format(&all.arena, "templates/%.*s:%zu: %s: %.*s", STR_ARG(file), line, why, STR_ARG(what));
}

static int entry_order(const void *a, const void *b)
{
	return str_order(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static int key_order(const void *a, const void *b)
{
	return str_order(*(const str *)a, *(const str *)b);
}

static bool is_key(str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '.' &&
		    s.p[i] != '_')
			return false;
	return s.n > 0;
}

/* The lines of one file, sorted by key. */
static struct entry *entries_parse(const struct source *file, size_t *n)
{
	struct entry *entries = NULL;
	size_t cap = 0, number = 0;
	str rest = file->text, name = str_of(file->name);
	*n = 0;
	while (rest.n) {
		str line = str_trim(str_cut(&rest, '\n')), text = line;
		number++;
		if (!line.n || line.p[0] == '#')
			continue;
		str key = str_trim(str_cut(&text, '='));
		text = str_trim(text);
		if (!is_key(key) || !text.n || !str_is_utf8(text)) {
			fault(name, number, "wants `key = text`", line);
			continue;
		}
		entries = arena_grow(&all.arena, entries, *n, &cap, sizeof *entries, _Alignof(struct entry));
		entries[(*n)++] = (struct entry){ key, text };
	}
	if (*n)
		qsort(entries, *n, sizeof *entries, entry_order);
	for (size_t i = 1; i < *n; i++)
		if (str_is(entries[i].key, entries[i - 1].key))
			fault(name, 0, "the key is there twice", entries[i].key);
	return entries;
}

static str code_of(const struct source *file)
{
	str name = str_of(file->name);
	bool ours = str_starts(name, S("text/")) && str_ends(name, S(".txt"));
	return ours ? str_slice(name, 5, name.n - 4) : (str){ NULL, 0 };
}

static int index_of(str key)
{
	const str *at = all.keys_n ? bsearch(&key, all.keys, all.keys_n, sizeof key, key_order) : NULL;
	return at ? (int)(at - all.keys) : -1;
}

static void keys_take(const struct source *english)
{
	struct entry *entries = entries_parse(english, &all.keys_n);
	all.keys = NEWS(&all.arena, str, all.keys_n);
	for (size_t i = 0; i < all.keys_n; i++)
		all.keys[i] = entries[i].key;
}

static void language_take(const struct source *file)
{
	struct language *l = NEW(&all.arena, struct language);
	size_t n;
	struct entry *entries = entries_parse(file, &n);
	*l = (struct language){ .code = code_of(file), .texts = NEWS(&all.arena, str, all.keys_n), .unknown = S("") };
	for (size_t i = 0; i < n; i++) {
		int at = index_of(entries[i].key);
		if (at >= 0)
			l->texts[at] = entries[i].text;
		else
			l->unknown = str_format(&all.arena, "%.*sunknown %.*s\n", STR_ARG(l->unknown),
						STR_ARG(entries[i].key));
	}
	if (all.list_n < LANGUAGE_MAX)
		all.list[all.list_n++] = l;
}

static void load(void)
{
	size_t n;
	const struct source *files = source_list(&n);
	for (size_t i = 0; i < n; i++)
		if (str_is(code_of(&files[i]), S("en")))
			keys_take(&files[i]);
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < n; i++)
			if (code_of(&files[i]).n && !str_is(code_of(&files[i]), S("en")) == others)
				language_take(&files[i]);
	if (!all.list_n)
		fault(S("text/en.txt"), 0, "missing", S("it has every key"));
}

static void ready(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load);
}

enum err language_load(struct cx *cx)
{
	ready();
	return all.fault.p ? FAIL(cx, E_INTERNAL, S(""), "%.*s", STR_ARG(all.fault)) : OK;
}

const struct language *const *language_list(void)
{
	ready();
	return all.list;
}

static const struct language *find(str tag)
{
	str code = str_slice(tag, 0, 0);
	while (code.n < tag.n && tag.p[code.n] != '-' && tag.p[code.n] != '_')
		code.n++;
	for (const struct language *const *l = language_list(); *l; l++)
		if (str_is_nocase((*l)->code, code))
			return *l;
	return NULL;
}

const struct language *language_find(str tag)
{
	const struct language *l = find(tag);
	return l ? l : language_list()[0];
}

/* The weight of "de;q=0.8" in thousandths, -1 when it is malformed; *item becomes the range before it. */
static int weight_cut(str *item)
{
	str rest = *item;
	*item = str_trim(str_cut(&rest, ';'));
	rest = str_trim(rest);
	if (!rest.n)
		return 1000;
	if (rest.n < 3 || rest.n > 7 || (rest.p[0] != 'q' && rest.p[0] != 'Q') || rest.p[1] != '=')
		return -1;
	int weight = 0, unit = 1000;
	for (size_t i = 2; i < rest.n; i++) {
		if (i == 3 && rest.p[i] == '.')
			continue;
		if (rest.p[i] < '0' || rest.p[i] > '9')
			return -1;
		weight += (rest.p[i] - '0') * unit;
		unit /= 10;
	}
	return weight > 1000 ? -1 : weight;
}

const struct language *language_pick(str accept)
{
	const struct language *best = NULL;
	int best_weight = 0;
	while (accept.n) {
		str item = str_cut(&accept, ',');
		int weight = weight_cut(&item);
		const struct language *l = str_is(item, S("*")) ? language_list()[0] : find(item);
		if (l && weight > best_weight) {
			best = l;
			best_weight = weight;
		}
	}
	return best ? best : language_list()[0];
}

str language_code(const struct language *l)
{
	return l->code;
}

str language_name(const struct language *l)
{
	return language_text(l, S("language.name"));
}

const str *language_keys(size_t *n)
{
	ready();
	*n = all.keys_n;
	return all.keys;
}

int language_index(str key)
{
	ready();
	return index_of(key);
}

str language_at(const struct language *l, int index)
{
	if (index < 0)
		return (str){ NULL, 0 };
	return l->texts[index].p ? l->texts[index] : all.list[0]->texts[index];
}

str language_text(const struct language *l, str key)
{
	return language_at(l, language_index(key));
}

/* `language.one` lists the numbers that count as one: "1", in French "0 1". */
static bool is_one(const struct language *l, int64_t n)
{
	str rest = language_text(l, S("language.one"));
	while (rest.n) {
		int64_t one;
		str word = str_cut(&rest, ' ');
		if (str_to_int(word, &one) && one == n)
			return true;
	}
	return false;
}

int language_count_index(const struct language *l, str key, int64_t n)
{
	char name[128];
	str end = is_one(l, n) ? S(".one") : S(".other");
	if (key.n + end.n > sizeof name)
		return -1;
	memcpy(name, key.p, key.n);
	memcpy(name + key.n, end.p, end.n);
	return language_index((str){ name, key.n + end.n });
}

str language_count(const struct language *l, str key, int64_t n)
{
	return language_at(l, language_count_index(l, key, n));
}

bool language_piece(str *text, str *plain, str *name)
{
	if (!text->n)
		return false;
	bool named = str_find(*text, '{') < text->n;
	*plain = str_cut(text, '{');
	*name = named ? str_cut(text, '}') : (str){ NULL, 0 };
	return true;
}

/* "when.date": members from the root on. */
static const struct value *path(const struct value *v, str name)
{
	while (v && name.n)
		v = value_get(v, str_cut(&name, '.'));
	return v;
}

static str plain_text(struct arena *a, const struct value *v)
{
	switch (v ? v->kind : VALUE_NONE) {
	case VALUE_TEXT:
	case VALUE_SAFE:
		return v->text;
	case VALUE_INT:
		return str_format(a, "%lld", (long long)v->number);
	default:
		return S("");
	}
}

static str fill(struct arena *a, str text, const struct value *data)
{
	str out = S(""), plain, name;
	while (language_piece(&text, &plain, &name)) {
		str value = name.p ? plain_text(a, path(data, name)) : S("");
		out = str_format(a, "%.*s%.*s%.*s", STR_ARG(out), STR_ARG(plain), STR_ARG(value));
	}
	return out;
}

str language_fill(struct arena *a, const struct language *l, str key, const struct value *data)
{
	return fill(a, language_text(l, key), data);
}

str language_fill_count(struct arena *a, const struct language *l, str key, int64_t n)
{
	struct value *data = value_object(a);
	value_set(a, data, "n", n);
	return fill(a, language_count(l, key, n), data);
}

/* Whether every {name} of one text is in the other. */
static bool names_within(str text, str other)
{
	str plain, name, find_in, other_plain, other_name;
	while (language_piece(&text, &plain, &name)) {
		bool found = !name.p;
		find_in = other;
		while (!found && language_piece(&find_in, &other_plain, &other_name))
			found = other_name.p && str_is(name, other_name);
		if (!found)
			return false;
	}
	return true;
}

str language_missing(struct arena *a, const struct language *l)
{
	str out = l->unknown;
	ready();
	for (size_t i = 0; i < all.keys_n; i++) {
		str english = all.list[0]->texts[i], text = l->texts[i];
		const char *why = NULL;
		if (!text.p)
			why = "missing";
		else if (!names_within(text, english) ||
			 (!names_within(english, text) && !str_ends(all.keys[i], S(".one"))))
			why = "other names in";
		if (why)
			out = str_format(a, "%.*s%s %.*s\n", STR_ARG(out), why, STR_ARG(all.keys[i]));
	}
	return out;
}
