/* log - JSON lines on standard error: {"time":…,"level":…,"event":…, members}.  Values are escaped; the caller passes
 * no secrets.  The only clock below the dispatcher, and only to stamp the line. */
#ifndef BASE_LOG_H
#define BASE_LOG_H
#include "field.h"

enum log_level { LOG_INFO, LOG_WARNING, LOG_ERROR };

/* log_event - one line with n members. */
void log_event(enum log_level, const char *event, const struct pair *, size_t n);

/* LOG - log_event with the members written in place: LOG(LOG_INFO, "ready", { S("address"), address }) */
#define LOG(level, event, ...)                                            \
	log_event((level), (event), (const struct pair[]){ __VA_ARGS__ }, \
		  sizeof((const struct pair[]){ __VA_ARGS__ }) / sizeof(struct pair))
#endif
