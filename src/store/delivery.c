#include "delivery.h"

#include "store/delivery_sql.h"

const char *const DELIVERY_STATES[] = { "waiting", "sent", "skipped", "failed", NULL };

static const struct field DELIVERY_ROW[] = {
	FIELD(struct delivery, id, 0),
	FIELD(struct delivery, booking_id, 0),
	FIELD(struct delivery, channel, 0, .choices = CHANNEL_NAMES),
	FIELD(struct delivery, state, 0, .choices = DELIVERY_STATES),
	FIELD(struct delivery, message, 0),
	FIELD(struct delivery, reader, 0),
	FIELD(struct delivery, recipient, 0),
	FIELD(struct delivery, last_error, MAYBE),
	FIELD(struct delivery, tries, 0),
	FIELD(struct delivery, queued_at, 0),
	FIELD(struct delivery, ended_at, MAYBE),
	FIELD_END,
};

/* queued - a job and what it delivers, for the statement that inserts both. */
struct queued {
	struct job job;
	struct delivery delivery;
};

static const struct field QUEUED[] = {
	FIELD_NAMED(struct queued, job.id, "id", 0),
	FIELD_NAMED(struct queued, job.account_id, "account_id", MAYBE),
	FIELD_NAMED(struct queued, job.kind, "kind", 0),
	FIELD_NAMED(struct queued, job.lane, "lane", 0, .choices = JOB_LANES),
	FIELD_NAMED(struct queued, job.dedupe_key, "dedupe_key", 0),
	FIELD_NAMED(struct queued, job.payload, "payload", 0),
	FIELD_NAMED(struct queued, job.due_at, "due_at", 0),
	FIELD_NAMED(struct queued, delivery.booking_id, "booking_id", 0),
	FIELD_NAMED(struct queued, delivery.channel, "channel", 0, .choices = CHANNEL_NAMES),
	FIELD_NAMED(struct queued, delivery.message, "message", 0),
	FIELD_NAMED(struct queued, delivery.reader, "reader", 0),
	FIELD_NAMED(struct queued, delivery.recipient, "recipient", 0),
	FIELD_END,
};

enum err delivery_add(struct cx *cx, const struct delivery *given, const struct job *job)
{
	struct queued q = { *job, *given };
	if (db_is_shared(cx)) {
		job_ready(cx, &q.job);
		return db_send(cx, &DELIVERY_QUEUE, QUEUED, &q);
	}
	TRY(job_put(cx, &q.job));
	q.delivery.id = q.job.id;
	return db_send(cx, &DELIVERY_INSERT, DELIVERY_ROW, &q.delivery);
}

enum err delivery_end(struct cx *cx, const struct job *job, const char *skipped)
{
	struct delivery d = { .id = job->id, .tries = job->tries, .ended_at = job->done_at };
	d.state = job->state == JOB_WAITING ? DELIVERY_WAITING
		  : job->state == JOB_DEAD  ? DELIVERY_FAILED
		  : skipped                 ? DELIVERY_SKIPPED
					    : DELIVERY_SENT;
	d.last_error = skipped ? str_of(skipped) : job->last_error;
	return db_send(cx, &DELIVERY_END, DELIVERY_ROW, &d);
}

enum err delivery_list(struct cx *cx, uuid booking_id, struct list *out)
{
	struct delivery key = { .booking_id = booking_id };
	TRY(db_list(cx, &DELIVERY_LIST, DELIVERY_ROW, &key, DELIVERY_ROW, sizeof key, out));
	struct delivery *d = out->items;
	for (size_t i = 0; i < out->n / 2; i++) { /* read from the newest */
		struct delivery other = d[out->n - 1 - i];
		d[out->n - 1 - i] = d[i];
		d[i] = other;
	}
	return OK;
}
