#include "preference.h"

#include "base/secret.h"
#include "event_type.h"
#include "store/preference_sql.h"

static const char *const CHOOSERS[] = { "invitee", "host", NULL }; /* as in enum message_reader */

static const struct field CHOICE[] = {
	FIELD(struct preference_choice, message, IN | OUT | MUST, .choices = MESSAGE_NAMES,
	      .doc = "What it is about"),
	FIELD(struct preference_choice, to, IN | OUT | MUST, .choices = CHOOSERS,
	      .doc = "To you as the host, or to your invitees and their guests"),
	FIELD(struct preference_choice, channel, IN | OUT | MUST, .choices = CHANNEL_NAMES,
	      .doc = "email, or push to your devices"),
	FIELD(struct preference_choice, on, IN | OUT | MUST, .doc = "Whether it is sent"),
	FIELD_END,
};

static const struct field PREFERENCE_ROW[] = {
	FIELD(struct preference, account_id, 0),
	FIELD(struct preference, send_mails, 0),
	LIST(struct preference, reminders, MAYBE, REMINDER, int64_t),
	LIST(struct preference, messages, 0, CHOICE, struct preference_choice),
	FIELD(struct preference, version, 0),
	FIELD(struct preference, updated_at, MAYBE),
	FIELD(struct preference, has_webhooks, 0),
	FIELD(struct preference, has_browsers, 0),
	FIELD_END,
};

const struct field PREFERENCE[] = {
	FIELD(struct preference, send_mails, IN | OUT, .def = 1,
	      .doc = "false: no mails of ours about your bookings to invitees and guests, for who sends own ones"),
	LIST(struct preference, reminders, IN | OUT | MAYBE, REMINDER, int64_t, .max = EVENT_REMINDERS,
	     .doc = "Minutes before the start at which both are reminded, where the event type says nothing; "
		    "null: 1440 and 60; empty: never"),
	LIST(struct preference, messages, IN | OUT, CHOICE, struct preference_choice, .max = PREFERENCE_CHOICES,
	     .doc = "Every message that can be switched; sent: those not named are as is usual"),
	FIELD(struct preference, version, OUT, .doc = "Rises with every change; the ETag"),
	FIELD_END,
};

enum err preference_find(struct cx *cx, uuid account_id, struct preference *out)
{
	*out = (struct preference){ .account_id = account_id, .send_mails = true, .updated_at = { NONE } };
	return db_get(cx, &PREFERENCE_FIND, PREFERENCE_ROW, out, PREFERENCE_ROW, out);
}

enum err preference_ask(struct cx *cx, uuid account_id)
{
	struct preference key = { .account_id = account_id };
	return db_ask(cx, &PREFERENCE_FIND, PREFERENCE_ROW, &key, PREFERENCE_ROW);
}

/* Whose choice it is. */
static enum message_reader chooser(enum message_reader to)
{
	return to == TO_GUEST ? TO_INVITEE : to == TO_CO_HOST ? TO_HOST : to;
}

/* Whether there is a choice at all. */
static bool is_choice(enum booking_message message, enum message_reader to, enum message_channel channel)
{
	enum message_sent sent = MESSAGES[message].to[to].sent;
	return channel == CHANNEL_PUSH ? to == TO_HOST && sent != SENT_NEVER : sent == SENT_ON || sent == SENT_OFF;
}

static bool is_usual(enum booking_message message, enum message_reader to, enum message_channel channel)
{
	enum message_sent sent = MESSAGES[message].to[to].sent;
	bool reaches = channel == CHANNEL_EMAIL || chooser(to) == TO_HOST;
	return reaches && (sent == SENT_ALWAYS || sent == SENT_ON);
}

static const struct preference_choice *choice_find(const struct list *choices, size_t n, enum booking_message message,
						   enum message_reader to, enum message_channel channel)
{
	const struct preference_choice *c = choices->items;
	for (size_t i = 0; i < n; i++)
		if (c[i].message == message && c[i].to == to && c[i].channel == channel)
			return &c[i];
	return NULL;
}

bool preference_on(const struct preference *p, enum booking_message message, enum message_reader to,
		   enum message_channel channel)
{
	enum message_reader whose = chooser(to);
	if (channel == CHANNEL_EMAIL && whose == TO_INVITEE && !p->send_mails)
		return false;
	if (MESSAGES[message].to[to].sent == SENT_ALWAYS || !is_choice(message, whose, channel))
		return is_usual(message, to, channel);
	const struct preference_choice *c = choice_find(&p->messages, p->messages.n, message, whose, channel);
	return c ? c->on : is_usual(message, to, channel);
}

void preference_fill(struct arena *a, struct preference *p)
{
	struct preference_choice *all = NEWS(a, struct preference_choice, MESSAGE_COUNT * 2 * CHANNEL_COUNT);
	size_t n = 0;
	for (unsigned message = 0; message < MESSAGE_COUNT; message++)
		for (unsigned to = TO_INVITEE; to <= TO_HOST; to++)
			for (unsigned channel = 0; channel < CHANNEL_COUNT; channel++) {
				if (!is_choice(message, to, channel))
					continue;
				const struct preference_choice *c =
				    choice_find(&p->messages, p->messages.n, message, to, channel);
				bool on = c ? c->on : is_usual(message, to, channel);
				all[n++] = (struct preference_choice){ message, to, channel, on };
			}
	p->messages = (struct list){ all, n };
}

enum err preference_accept(struct cx *cx, const struct preference *p)
{
	const struct preference_choice *c = p->messages.items;
	fault_clear(cx);
	for (size_t i = 0; i < p->messages.n; i++) {
		str at = str_format(&cx->arena, "/messages/%zu", i);
		if (!is_choice(c[i].message, c[i].to, c[i].channel))
			fault_add(cx, at, "cannot be switched: see what GET answers for what can");
		else if (choice_find(&p->messages, i, c[i].message, c[i].to, c[i].channel))
			fault_add(cx, at, "is given twice");
	}
	return fault_check(cx);
}

enum err preference_put(struct cx *cx, struct preference *p)
{
	p->account_id = cx->actor;
	return db_get(cx, &PREFERENCE_PUT, PREFERENCE_ROW, p, PREFERENCE_ROW, p);
}
