#include "command_slots.h"

#include "core/slots.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_MAX_BYTES = 16 << 20 };

/* The next line without its newline; *full when it was longer than the cap, the rest of it is dropped then.
 * false: there are no more. */
static bool line_read(FILE *in, struct buf *line, bool *full)
{
	int c = 0;
	buf_clear(line);
	*full = false;
	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		*full = *full || line->n >= LINE_MAX_BYTES;
		if (!*full)
			buf_add_char(line, (char)c);
	}
	return c != EOF || line->n > 0;
}

static void answer_name(struct buf *out, str name)
{
	buf_add(out, S("{\"name\": "));
	if (name.p)
		json_quote(out, name);
	else
		buf_add(out, S("null"));
}

static void answer_slots(struct buf *out, const struct list *slots)
{
	char text[INSTANT_TEXT];
	const struct slot *items = slots->items;
	buf_add(out, S(", \"slots\": ["));
	for (size_t i = 0; i < slots->n; i++) {
		buf_add(out, i ? S(", \"") : S("\""));
		buf_add(out, instant_format(text, items[i].start));
		buf_add_char(out, '"');
	}
	buf_add(out, S("]}\n"));
}

static void answer_error(struct buf *out, const struct fault *fault)
{
	const struct problem *p = fault->problems;
	buf_add(out, S(", \"error\": {\"field\": "));
	json_quote(out, p ? p->field : S(""));
	buf_add(out, S(", \"message\": "));
	json_quote(out, p ? p->message : fault->message);
	buf_add(out, S("}}\n"));
}

static enum err case_run(struct cx *cx, struct slot_case *c, str line, bool full, struct list *slots)
{
	slot_case_defaults(c);
	if (full)
		return FAIL(cx, E_TOO_LARGE, S(""), "the line is too long: at most %d MiB", LINE_MAX_BYTES >> 20);
	TRY(field_decode(cx, SLOT_CASE, c, line, FIELD_NEW));
	cx->now = c->now;
	return slot_list(cx, c, slots);
}

/* Whether every line was a valid case. */
static bool cases_run(FILE *in, struct buf *line, struct buf *out)
{
	struct cx cx = { 0 };
	bool full, valid = true;
	while (line_read(in, line, &full)) {
		struct slot_case c;
		struct list slots;
		buf_clear(out);
		enum err e = case_run(&cx, &c, buf_str(line), full, &slots);
		answer_name(out, c.name);
		if (e)
			answer_error(out, &cx.fault);
		else
			answer_slots(out, &slots);
		valid = valid && !e;
		if (fwrite(out->p, 1, out->n, stdout) != out->n)
			break;
		fault_clear(&cx);
		arena_reset(&cx.arena);
	}
	arena_close(&cx.arena);
	return valid;
}

int command_slots(int argc, char **argv)
{
	struct buf line = { 0 }, out = { 0 };
	if (argc != 2) {
		fputs("usage: noonmark slots FILE|-\n", stderr);
		return 2;
	}
	FILE *in = strcmp(argv[1], "-") == 0 ? stdin : fopen(argv[1], "r");
	if (!in) {
		fprintf(stderr, "noonmark slots: cannot read %s: %s\n", argv[1], strerror(errno));
		return 2;
	}
	bool valid = cases_run(in, &line, &out);
	if (ferror(in)) {
		fprintf(stderr, "noonmark slots: cannot read %s to its end\n", argv[1]);
		valid = false;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("noonmark slots: cannot write the answers\n", stderr);
		valid = false;
	}
	if (in != stdin)
		fclose(in);
	buf_free(&line);
	buf_free(&out);
	return valid ? 0 : 1;
}
