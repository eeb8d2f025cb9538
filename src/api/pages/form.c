#include "form.h"

#include "core/zone.h"

#include <string.h>

struct form *form_open(struct call *c, struct page *p)
{
	struct arena *a = &c->cx->arena;
	struct form *f = NEW(a, struct form);
	f->list = value_list(a);
	value_set(a, p->data, "fields", f->list);
	p->own = f;
	p->failed = form_failed;
	return f;
}

static void describe(struct arena *a, struct value *v, str id, bool hint, bool error)
{
	if (hint && error)
		value_set(a, v, "described", str_format(a, "%.*s-error %.*s-hint", STR_ARG(id), STR_ARG(id)));
	else if (hint || error)
		value_set(a, v, "described", str_format(a, "%.*s-%s", STR_ARG(id), error ? "error" : "hint"));
}

struct value *form_add_text(struct call *c, struct form *f, const struct form_field *field, str label, str name,
			    str pointer, str holds)
{
	struct arena *a = &c->cx->arena;
	struct value *v = value_object(a);
	str type = str_of(field->type);
	bool plain = !str_is(type, S("area")) && !str_is(type, S("select")) && !str_is(type, S("check")) &&
		     !str_is(type, S("hidden"));
	value_set(a, v, "id", name);
	value_set(a, v, "name", name);
	value_set(a, v, "label", label);
	value_set(a, v, "holds", str_is(type, S("password")) ? S("") : holds);
	value_set(a, v, "required", field->required);
	value_set(a, v, "autocomplete", str_of(field->autocomplete));
	if (field->hint)
		value_set(a, v, "hint",
			  language_fill(a, c->page->reader.language, str_of(field->hint), c->page->data));
	if (plain)
		value_set(a, v, "input", type);
	value_set(a, v, "code", str_is(str_of(field->autocomplete), S("one-time-code")));
	value_set(a, v, "area", str_is(type, S("area")));
	value_set(a, v, "select", str_is(type, S("select")));
	value_set(a, v, "check", str_is(type, S("check")));
	value_set(a, v, "hidden", str_is(type, S("hidden")));
	if (field->max)
		value_set(a, v, "max", field->max);
	describe(a, v, name, field->hint, false);
	value_add(a, f->list, v);
	if (f->n < FORM_FIELDS) {
		f->items[f->n].value = v;
		f->items[f->n].pointer = pointer;
		f->items[f->n++].wrong = field->wrong;
	}
	return v;
}

struct value *form_add(struct call *c, struct form *f, const struct form_field *field, str holds)
{
	str label = field->label
			? language_fill(&c->cx->arena, c->page->reader.language, str_of(field->label), c->page->data)
			: S("");
	return form_add_text(c, f, field, label, str_of(field->name), str_of(field->pointer), holds);
}

static void mark(struct call *c, struct value *v, str message)
{
	struct arena *a = &c->cx->arena;
	const struct value *id = value_get(v, S("id"));
	value_set(a, v, "error", message);
	describe(a, v, id->text, value_truth(value_get(v, S("hint"))), true);
}

void form_failed(struct call *c, struct page *p)
{
	struct form *f = p->own;
	bool focused = false;
	for (size_t i = 0; i < f->n; i++) {
		for (const struct problem *it = c->cx->fault.problems; it; it = it->next) {
			str pointer = f->items[i].pointer;
			bool inside = pointer.n && str_starts(it->field, pointer) &&
				      (it->field.n == pointer.n || it->field.p[pointer.n] == '/');
			if (!inside)
				continue;
			const char *key = c->cx->fault.code == E_CONFLICT ? "page.wrong.taken" : f->items[i].wrong;
			mark(c, f->items[i].value, key ? page_text(p, key) : it->message);
			if (!focused)
				value_set(&c->cx->arena, f->items[i].value, "focus", (bool)true);
			focused = true;
			break;
		}
	}
}

str form_value(const struct call *c, const char *name)
{
	str v = query_find(&c->form, str_of(name));
	return v.p ? str_trim(v) : S("");
}

enum err form_read(struct call *c, const struct field *table, void *out)
{
	struct pair *pairs = NEWS(&c->cx->arena, struct pair, QUERY_PAIRS);
	size_t n = 0;
	for (const struct field *f = table; f->name; f++) {
		str v = form_value(c, f->name);
		if (v.n && n < QUERY_PAIRS)
			pairs[n++] = (struct pair){ str_of(f->name), v };
	}
	return field_decode_pairs(c->cx, table, out, pairs, n);
}

/* ---- zones */

static bool is_region(str name)
{
	static const char *const regions[] = { "Africa",    "America", "Antarctica", "Arctic",  "Asia", "Atlantic",
					       "Australia", "Europe",  "Indian",     "Pacific", NULL };
	str region = str_cut(&name, '/');
	for (size_t i = 0; regions[i]; i++)
		if (name.n && str_is(region, str_of(regions[i])))
			return true;
	return false;
}

struct value *zones_value(struct call *c, str chosen)
{
	struct arena *a = &c->cx->arena;
	struct value *regions = value_list(a), *zones = NULL;
	const struct list *names = zone_names();
	str region = { NULL, 0 };
	bool found = false;
	for (size_t i = 0; i < names->n; i++) {
		str name = ((const str *)names->items)[i], city = name, head = str_cut(&city, '/');
		if (!is_region(name))
			continue;
		if (!zones || !str_is(head, region)) {
			struct value *v = value_object(a);
			region = head;
			zones = value_list(a);
			value_set(a, v, "region", region);
			value_set(a, v, "zones", zones);
			value_add(a, regions, v);
		}
		struct value *zone = value_object(a);
		found = found || str_is(name, chosen);
		value_set(a, zone, "name", name);
		value_set(a, zone, "city", text_city(a, city));
		value_set(a, zone, "chosen", str_is(name, chosen));
		value_add(a, zones, zone);
	}
	struct value *all = value_object(a), *rest = value_list(a), *utc = value_object(a);
	str other = found || !chosen.n ? S("UTC") : chosen;
	value_set(a, utc, "name", other);
	value_set(a, utc, "city", other);
	value_set(a, utc, "chosen", str_is(other, chosen));
	value_add(a, rest, utc);
	value_set(a, all, "region", S("UTC"));
	value_set(a, all, "zones", rest);
	value_add(a, regions, all);
	return regions;
}
