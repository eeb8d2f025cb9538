/* template - text with holes: pages and mails from files under templates/, compiled into the binary.
 *
 * A template is named by its file: "mail/booked.html", "pages/home.html".  In .html what is shown is escaped, in .txt
 * it is not.  The language is a small part of Mustache:
 *
 *     {{name}} {{a.b}} {{.}}          show a text or number; nothing when there is none
 *     {{{name}}}                      show markup as it is, if it is a VALUE_SAFE; escaped like {{name}} if not
 *     {{#name}}…{{/name}}             once if true, or once for each item of a list; inside, names are looked up in
 *                                     the item (or object) first, then outwards
 *     {{^name}}…{{/name}}             if false, empty or not there
 *     {{>parts/head}}                 another template of the same kind (.html or .txt) in place
 *     {{<parts/page}}{{$main}}…{{/main}}{{/parts/page}}
 *                                     another template, its blocks replaced; outside the blocks nothing counts
 *     {{$main}}…{{/main}}             a block: what is inside, unless replaced
 *     {{_ key}}                       the reader's language's text of the key, its {names} shown like {{name}}
 *     {{_ key n}}                     the text of key.one or key.other, by the number n
 *     {{_ key.$name}}                 the text of "key." followed by the text `name` (for codes: status.$status)
 *     {{! … }}                        a comment
 *
 * A line with nothing but one of # ^ / > < $ ! is left out whole.  Nothing else has a meaning; anything malformed,
 * an unknown template or key, a template that includes itself: the load fails and names file and line.
 *
 * HTML is also read for its context when loaded: a name may stand in text or inside a quoted attribute, nowhere else;
 * in <script> and <style> only {{{name}}}, for JSON and the pages' style; sections, blocks and templates begin and end in the same context.  A name that
 * starts a link attribute (href, src, action …) is shown only when it is a path, a #fragment, or http, https or mailto;
 * otherwise "#".  Handlers (on…) and style attributes take no names. */
#ifndef CORE_TEMPLATE_H
#define CORE_TEMPLATE_H
#include "base/buf.h"
#include "language.h"
#include "source.h"

struct template_set;

/* template_load - parse what is compiled in, once; main calls it first so that a mistake ends the start.
 *   E_INTERNAL  a file is malformed: cx->fault.message has file, line and why */
enum err template_load(struct cx *);

/* template_render - append a template to `out`, whose `max` caps it.
 *   E_NOT_FOUND  no such template          E_LIMIT  past out->max */
enum err template_render(struct cx *, const char *name, const struct language *, const struct value *data,
			 struct buf *out);

/* template_check - for tests: the names that a template and what it includes use, but which neither `data` holds nor
 * `known` (NULL-ended, may be NULL) lists; one a line, "" when there is none. */
str template_check(struct cx *, const char *name, const struct value *data, const char *const *known);

/* The same on sources of the caller's own (tests, fuzzing, messages that hosts write); the set is in cx->arena.
 *   E_MALFORMED  cx->fault.message has file, line and why */
enum err template_open(struct cx *, const struct source *, size_t n, const struct template_set **out);
enum err template_render_in(struct cx *, const struct template_set *, const char *name, const struct language *,
			    const struct value *data, struct buf *out);
str template_check_in(struct cx *, const struct template_set *, const char *name, const struct value *data,
		      const char *const *known);

/* template_names - what is compiled in, NULL after the last. */
const char *const *template_names(void);

/* html_escape - & < > " ' as entities: right in text and in quoted attributes. */
void html_escape(struct buf *, str);

enum { TEMPLATE_DEPTH = 24, TEMPLATE_NAME = 100 };
#endif
