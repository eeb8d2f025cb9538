#include "fault.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	int http;
	const char *code, *title;
} FAULTS[] = {
	[OK] = { 200, "ok", "Done" },
#define FAULT(name, http, code, title) [E_##name] = { http, code, title },
#include "fault.def"
#undef FAULT
};

int err_http(enum err e)
{
	return FAULTS[e].http;
}

const char *err_code(enum err e)
{
	return FAULTS[e].code;
}

const char *err_title(enum err e)
{
	return FAULTS[e].title;
}

bool err_passes(enum err e)
{
	return e == E_UNAVAILABLE || e == E_STORAGE_FULL;
}

static void add(struct cx *cx, str field, str message)
{
	struct fault *f = &cx->fault;
	if (f->count == FAULT_PROBLEMS)
		return;
	struct problem *p = NEW(&cx->arena, struct problem);
	*p = (struct problem){ .field = str_copy(&cx->arena, field), .message = message };
	if (!f->last)
		f->last = &f->problems;
	*f->last = p;
	f->last = &p->next;
	f->count++;
}

/* A text that was cut, without the piece of a character at its end. */
static str utf8_whole(const char *text, size_t n)
{
	size_t last = n;
	while (last && ((unsigned char)text[last - 1] & 0xc0) == 0x80)
		last--;
	last -= last > 0;
	size_t at = last;
	return str_rune((str){ text, n }, &at) < 0 ? (str){ text, last } : (str){ text, n };
}

static str format(struct cx *cx, const char *text, va_list args)
{
	char line[512];
	int n = vsnprintf(line, sizeof line, text, args);
	str whole = { line, n < 0 ? 0 : (size_t)n };
	return str_copy(&cx->arena, whole.n < sizeof line ? whole : utf8_whole(line, sizeof line - 1));
}

void fault_clear(struct cx *cx)
{
	cx->fault = (struct fault){ 0 };
}

enum err fault_set(struct cx *cx, enum err code, str field, const char *file, int line, const char *text, ...)
{
	va_list args;
	va_start(args, text);
	fault_clear(cx);
	cx->fault.code = code;
	cx->fault.file = file;
	cx->fault.line = line;
	cx->fault.message = format(cx, text, args);
	va_end(args);
	if (field.n)
		add(cx, field, cx->fault.message);
	return code;
}

void fault_add(struct cx *cx, str field, const char *text, ...)
{
	va_list args;
	va_start(args, text);
	add(cx, field, format(cx, text, args));
	va_end(args);
}

enum err fault_check(struct cx *cx)
{
	if (!cx->fault.count)
		return OK;
	cx->fault.code = E_INVALID;
	cx->fault.message = cx->fault.problems->message;
	return E_INVALID;
}
