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

enum err delivery_add(struct cx *cx, const struct delivery *given, const struct job *cause)
{
	struct delivery d = *given;
	struct job job = *cause;
	job.booking_id = d.booking_id;
	TRY(job_put(cx, &job));
	d.id = job.id;
	return db_send_late(cx, &DELIVERY_INSERT, DELIVERY_ROW, &d, sizeof d);
}

enum err delivery_end(struct cx *cx, const struct job *job, const char *skipped)
{
	struct delivery d = {
		.booking_id = job->booking_id, .id = job->id, .tries = job->tries, .ended_at = job->done_at
	};
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
	list_reverse(out, sizeof key);
	return OK;
}
