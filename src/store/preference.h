/* preference - which messages an account's bookings cause, to whom, and when: what its host chose, where that differs
 * from what core/messages.def says is usual. */
#ifndef STORE_PREFERENCE_H
#define STORE_PREFERENCE_H
#include "core/message.h"
#include "db.h"

enum { PREFERENCE_CHOICES = 200 };

/* preference_choice - one message, to the host or to invitees, over one channel. */
struct preference_choice {
	unsigned message, to, channel; /* enum booking_message, message_reader, message_channel */
	bool on;
};

struct preference {
	uuid account_id;
	bool send_mails;       /* to invitees and guests at all */
	struct list reminders; /* of int64_t, minutes before the start; items NULL: REMINDERS of event_type.h */
	struct list messages;  /* of preference_choice */
	int64_t version;       /* 0: nothing was chosen yet */
	instant updated_at;
	bool has_webhooks, has_browsers; /* whether the account has any that would be told */
};
extern const struct field PREFERENCE[]; /* as its owner sees and sends it */

/* preference_find - an account's; all as is usual when nothing was chosen.
 * preference_ask - they will be wanted in a moment: see db_ask. */
enum err preference_ask(struct cx *, uuid account_id);
enum err preference_find(struct cx *, uuid account_id, struct preference *out);

/* preference_on - whether that message goes to that reader over that channel.  Guests are told as the invitee is; a
 * co-host as a host: `p` is the co-host's own.  Push reaches accounts only. */
bool preference_on(const struct preference *p, enum booking_message, enum message_reader, enum message_channel);

/* preference_fill - every choice there is in place of those that were made, in the order of the catalogue. */
void preference_fill(struct arena *, struct preference *);

/* preference_accept - whether it may be saved; the rest is in the field table.
 *   E_INVALID  /messages/N/to, /messages/N/channel: no such choice, or given twice */
enum err preference_accept(struct cx *, const struct preference *);

/* preference_put - save the actor's; raises the version. */
enum err preference_put(struct cx *, struct preference *);
#endif
