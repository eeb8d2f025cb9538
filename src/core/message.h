/* message - the catalogue of what is told about a booking: to whom, by which template, and what calendars hear.
 * messages.def has its rows. */
#ifndef CORE_MESSAGE_H
#define CORE_MESSAGE_H
#include "ical.h"

enum booking_message {
#define MESSAGE(NAME, ...) MESSAGE_##NAME,
#include "messages.def"
#undef MESSAGE
	MESSAGE_COUNT
};

enum message_reader { TO_INVITEE, TO_HOST, TO_GUEST, TO_CO_HOST, READER_COUNT };
enum message_channel { CHANNEL_EMAIL, CHANNEL_PUSH, CHANNEL_COUNT };
extern const char *const MESSAGE_NAMES[], *const READER_NAMES[], *const CHANNEL_NAMES[]; /* NULL after the last */

enum message_sent { SENT_NEVER, SENT_ALWAYS, SENT_ON, SENT_OFF };
struct message {
	struct message_for {
		enum message_sent sent;
		const char *template; /* of templates/mail; NULL with SENT_NEVER */
	} to[READER_COUNT];
	bool calendar; /* whether a calendar part goes along, and which */
	enum ical_method method;
	enum ical_status status;
	bool moment; /* told because its time has come */
};
extern const struct message MESSAGES[MESSAGE_COUNT];
#endif
