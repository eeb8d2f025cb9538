#include "message.h"

#define NEVER            SENT_NEVER, NULL
#define ALWAYS(template) SENT_ALWAYS, template
#define ON(template)     SENT_ON, template
#define OFF(template)    SENT_OFF, template

#define CALENDAR(METHOD, STATUS) true, ICAL_##METHOD, ICAL_##STATUS, false
#define NO_CALENDAR              false, ICAL_PUBLISH, ICAL_CONFIRMED, false
#define AT_MOMENT                false, ICAL_PUBLISH, ICAL_CONFIRMED, true

const struct message MESSAGES[] = {
#define MESSAGE(NAME, name, invitee, host, guest, co_host, ...) \
	[MESSAGE_##NAME] = { { { invitee }, { host }, { guest }, { co_host } }, __VA_ARGS__ },
#include "messages.def"
#undef MESSAGE
};

const char *const MESSAGE_NAMES[] = {
#define MESSAGE(NAME, name, ...) #name,
#include "messages.def"
#undef MESSAGE
	NULL
};

const char *const READER_NAMES[] = { "invitee", "host", "guest", "co_host", NULL };
const char *const CHANNEL_NAMES[] = { "email", "push", NULL };
