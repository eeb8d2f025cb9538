#include "log.h"

#include <time.h>
#include <unistd.h>

void log_event(enum log_level level, const char *event, const struct pair *members, size_t n)
{
	static const char *const levels[] = { "info", "warning", "error" };
	struct buf b = { .max = 64 << 10 };
	char text[INSTANT_TEXT];
	buf_add(&b, S("{\"time\":\""));
	buf_add(&b, instant_format(text, (instant){ time(NULL) }));
	buf_format(&b, "\",\"level\":\"%s\",\"event\":\"%s\"", levels[level], event);
	for (size_t i = 0; i < n; i++) {
		buf_add_char(&b, ',');
		json_quote(&b, members[i].name);
		buf_add_char(&b, ':');
		json_quote(&b, members[i].value);
	}
	buf_add(&b, S("}\n"));
	if (write(STDERR_FILENO, b.p, b.n) < 0) {
		/* nobody is listening: there is nowhere else to say so */
	}
	buf_free(&b);
}
