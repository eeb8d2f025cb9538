/* Everything that happened to a booking, for its host: each step and each message, in the order of time. */
#include "booking_steps.h"
#include "routes.h"
#include "store/audit.h"
#include "store/delivery.h"

enum log_kind { LOG_STEP, LOG_MESSAGE };
static const char *const LOG_KINDS[] = { "step", "message", NULL };

/* log_entry - what does not belong to its kind is absent. */
struct log_entry {
	unsigned kind;
	instant at;
	str actor, origin, action; /* of a step, with the next */
	struct raw_json before, after;
	str channel, message, reader, recipient, state, error; /* of a message */
	int64_t tries;
	instant ended_at;
};

static const struct field LOG_ENTRY[] = {
	FIELD(struct log_entry, kind, OUT, .choices = LOG_KINDS,
	      .doc = "A step of the booking, or a message about it"),
	FIELD(struct log_entry, at, OUT, .doc = "When it happened; of a message: when it was queued"),
	FIELD(struct log_entry, action, OUT | MAYBE, .doc = "Step: what was done: booking.create, booking.confirm …"),
	FIELD(struct log_entry, actor, OUT | MAYBE,
	      .doc = "Step: who: an account's id, invitee, guest, nobody or system"),
	FIELD(struct log_entry, origin, OUT | MAYBE,
	      .doc = "Step: the request's id, as in X-Request-Id and the log; or the job's kind"),
	FIELD(struct log_entry, before, OUT | MAYBE,
	      .doc = "Step: what was, of what it changes: status, start, end …; null: nothing is told of it"),
	FIELD(struct log_entry, after, OUT | MAYBE,
	      .doc = "Step: what is since then; of an answer also which guest, of details which of them changed"),
	FIELD(struct log_entry, message, OUT | MAYBE, .doc = "Message: which one: booked, cancelled …"),
	FIELD(struct log_entry, channel, OUT | MAYBE, .doc = "Message: email or push"),
	FIELD(struct log_entry, reader, OUT | MAYBE, .doc = "Message: to whom: invitee, host, guest or co_host"),
	FIELD(struct log_entry, recipient, OUT | MAYBE, .doc = "Message: the address, or what the device is called"),
	FIELD(struct log_entry, state, OUT | MAYBE,
	      .doc = "Message: waiting, sent (the next server has it), skipped (no reason any more) or failed"),
	FIELD(struct log_entry, error, OUT | MAYBE, .doc = "Message: why not, or not yet"),
	FIELD(struct log_entry, tries, OUT | MAYBE, .doc = "Message: how often it was tried"),
	FIELD(struct log_entry, ended_at, OUT | MAYBE, .doc = "Message: when it was sent or given up"),
	FIELD_END,
};

static struct log_entry entry_of_step(const struct audit_step *s)
{
	return (struct log_entry){ .kind = LOG_STEP,
				   .at = s->at,
				   .actor = s->actor,
				   .origin = s->origin,
				   .action = s->action,
				   .before = s->before,
				   .after = s->after,
				   .tries = NONE,
				   .ended_at = { NONE } };
}

static struct log_entry entry_of_message(const struct delivery *d)
{
	return (struct log_entry){ .kind = LOG_MESSAGE,
				   .at = d->queued_at,
				   .channel = str_of(CHANNEL_NAMES[d->channel]),
				   .message = d->message,
				   .reader = d->reader,
				   .recipient = d->recipient,
				   .state = str_of(DELIVERY_STATES[d->state]),
				   .error = d->last_error,
				   .tries = d->tries,
				   .ended_at = d->ended_at };
}

static enum err log_show(struct call *c)
{
	struct cx *cx = c->cx;
	struct booking b;
	struct list steps, messages;
	TRY(booking_find(c, &b));
	TRY(audit_list(cx, b.id, &steps));
	TRY(delivery_list(cx, b.id, &messages));
	const struct audit_step *s = steps.items;
	const struct delivery *d = messages.items;
	struct log_entry *all = NEWS(&cx->arena, struct log_entry, steps.n + messages.n + 1);
	size_t i = 0, k = 0;
	while (i < steps.n || k < messages.n) { /* a step comes before the messages that it causes */
		bool step = i < steps.n && (k == messages.n || s[i].at.s <= d[k].queued_at.s);
		all[i + k] = step ? entry_of_step(&s[i]) : entry_of_message(&d[k]);
		step ? i++ : k++;
	}
	return reply_list(c, LOG_ENTRY, sizeof *all, &(struct list){ all, i + k }, (str){ NULL, 0 });
}

const struct route BOOKING_LOG_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/bookings/{id}/log",
	  .run = log_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .scope = "bookings:read",
	  .reply = LOG_ENTRY,
	  .list = true,
	  .name = "getBookingLog",
	  .doc = "Everything that happened to a booking, oldest first: who did what, and which messages reached "
		 "whom; the newest thousand of each" },
	{ .method = NULL },
};
