#include "booking.h"

#include "audit.h"
#include "base/secret.h"
#include "event.h"
#include "lock.h"
#include "store/booking_sql.h"

#include <stdlib.h>
#include <string.h>

static const struct field BOOKING_ROW[] = {
	FIELD(struct booking, id, 0),
	FIELD(struct booking, account_id, 0),
	FIELD(struct booking, event_type_id, 0),
	FIELD(struct booking, reservation_id, MAYBE),
	FIELD(struct booking, status, 0, .choices = BOOKING_STATUSES),
	FIELD(struct booking, start, 0),
	FIELD(struct booking, end, 0),
	FIELD(struct booking, time_zone, 0),
	FIELD(struct booking, language, 0, .choices = LANGUAGES),
	FIELD(struct booking, invitee_name, 0),
	FIELD(struct booking, invitee_email, 0),
	FIELD(struct booking, title, 0),
	FIELD(struct booking, notes, 0),
	FIELD(struct booking, description, 0),
	FIELD(struct booking, private_notes, 0),
	OBJECT(struct booking, location, MAYBE, LOCATION),
	OBJECT(struct booking, price, MAYBE, PRICE),
	FIELD(struct booking, metadata, 0),
	FIELD(struct booking, send_mails, 0),
	FIELD(struct booking, pending_until, MAYBE),
	FIELD(struct booking, cancel_notice_minutes, 0),
	FIELD(struct booking, reschedule_notice_minutes, 0),
	FIELD(struct booking, reason_required, 0),
	FIELD(struct booking, event_send_mails, 0),
	FIELD(struct booking, sequence, 0),
	FIELD(struct booking, version, 0),
	FIELD(struct booking, cancelled_by, MAYBE),
	FIELD(struct booking, cancel_reason, MAYBE),
	FIELD(struct booking, asked_at, MAYBE),
	FIELD(struct booking, asked_reason, MAYBE),
	FIELD_NAMED(struct booking, proposal.id, "proposal_id", MAYBE),
	FIELD_NAMED(struct booking, proposal.by, "proposal_by", MAYBE, .choices = PROPOSERS),
	FIELD_NAMED(struct booking, proposal.starts, "proposal_starts", MAYBE, .of = PROPOSAL_START,
		    .size = sizeof(instant)),
	FIELD_NAMED(struct booking, proposal.note, "proposal_note", MAYBE),
	FIELD_NAMED(struct booking, proposal.created_at, "proposal_created_at", MAYBE),
	FIELD_NAMED(struct booking, proposal.expires_at, "proposal_expires_at", MAYBE),
	FIELD(struct booking, created_at, 0),
	FIELD(struct booking, updated_at, 0),
	FIELD(struct booking, event_code, 0),
	FIELD(struct booking, event_title, 0),
	FIELD(struct booking, event_color, MAYBE),
	FIELD(struct booking, host_username, MAYBE),
	FIELD(struct booking, host_first_name, 0),
	FIELD(struct booking, host_last_name, MAYBE),
	FIELD(struct booking, host_time_zone, 0),
	FIELD(struct booking, host_email, MAYBE),
	FIELD(struct booking, host_language, 0, .choices = LANGUAGES),
	FIELD_END
};

static const struct field BOOKING_FILTER[] = { FIELD(struct booking_filter, from, 0),
					       FIELD(struct booking_filter, to, 0),
					       FIELD(struct booking_filter, after_start, 0),
					       FIELD(struct booking_filter, updated_since, MAYBE),
					       FIELD(struct booking_filter, after_id, 0),
					       FIELD(struct booking_filter, event_type_id, MAYBE),
					       FIELD(struct booking_filter, status, MAYBE),
					       FIELD(struct booking_filter, search, MAYBE),
					       FIELD(struct booking_filter, proposed_by, MAYBE),
					       FIELD(struct booking_filter, limit, 0),
					       FIELD_END };

static const struct field ANSWER_ROW[] = { FIELD(struct answer, booking_id, 0), FIELD(struct answer, question_id, 0),
					   FIELD(struct answer, label, 0), FIELD(struct answer, value, 0),
					   FIELD_END };

struct count {
	int64_t count;
};
static const struct field COUNT[] = { FIELD(struct count, count, 0), FIELD_END };

static int guest_order(const void *a, const void *b)
{
	return str_order(((const struct guest *)a)->email, ((const struct guest *)b)->email);
}

static int answer_order(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;
	return memcmp(x->question_id.b, y->question_id.b, sizeof x->question_id.b);
}

enum err booking_insert(struct cx *cx, struct booking *b)
{
	if (b->guests.n)
		qsort(b->guests.items, b->guests.n, sizeof(struct guest), guest_order);
	if (b->answers.n)
		qsort(b->answers.items, b->answers.n, sizeof(struct answer), answer_order);
	b->id = uuid_make(cx->now);
	b->sequence = 0;
	b->version = 1;
	b->created_at = b->updated_at = cx->now;
	b->asked_at = (instant){ NONE };
	TRY(db_send(cx, &BOOKING_INSERT, BOOKING_ROW, b));
	for (size_t i = 0; i < b->guests.n; i++) {
		struct guest *g = (struct guest *)b->guests.items + i;
		g->booking_id = b->id;
		TRY(guest_insert(cx, g));
	}
	for (size_t i = 0; i < b->answers.n; i++) {
		struct answer *a = (struct answer *)b->answers.items + i;
		a->booking_id = b->id;
		TRY(db_send(cx, &ANSWER_INSERT, ANSWER_ROW, a));
	}
	return OK;
}

void booking_join(struct booking *b, const struct event_type *e, const struct account *host)
{
	b->event_code = e->code;
	b->event_title = e->title;
	b->event_color = e->color;
	b->cancel_notice_minutes = e->cancel_notice_minutes;
	b->reschedule_notice_minutes = e->reschedule_notice_minutes;
	b->reason_required = e->reason_required;
	b->event_send_mails = e->send_mails;
	b->host_username = host->username;
	b->host_first_name = host->first_name;
	b->host_last_name = host->last_name;
	b->host_time_zone = host->time_zone;
	b->host_email = host->email;
	b->host_language = host->language;
}

enum err booking_get(struct cx *cx, uuid id, struct booking *out)
{
	*out = (struct booking){ .id = id };
	TRY(lock_booking(cx, id));
	TRY(guest_ask_list(cx, id));
	TRY(db_ask(cx, &ANSWER_LIST, BOOKING_ROW, out, ANSWER_ROW));
	TRY(db_get(cx, &BOOKING_GET, BOOKING_ROW, out, BOOKING_ROW, out));
	TRY(guest_list(cx, id, &out->guests));
	return db_list(cx, &ANSWER_LIST, BOOKING_ROW, out, ANSWER_ROW, sizeof(struct answer), &out->answers);
}

enum err booking_get_own(struct cx *cx, uuid id, struct booking *out)
{
	TRY(booking_get(cx, id, out));
	if (!uuid_same(out->account_id, cx->actor))
		return FAIL(cx, E_NOT_FOUND, S(""), "there is no such booking among yours");
	return OK;
}

static enum err list(struct cx *cx, const struct stmt *stmt, const struct booking_filter *filter, struct list *out)
{
	struct booking_filter f = *filter;
	f.from = instant_is(f.from) ? f.from : INSTANT_MIN;
	f.to = instant_is(f.to) ? f.to : INSTANT_MAX;
	return db_list(cx, stmt, BOOKING_FILTER, &f, BOOKING_ROW, sizeof(struct booking), out);
}

enum err booking_list(struct cx *cx, const struct booking_filter *filter, struct list *out)
{
	return list(cx, &BOOKING_LIST, filter, out);
}

enum err booking_list_pending(struct cx *cx, const struct booking_filter *filter, struct list *out)
{
	return list(cx, &BOOKING_LIST_PENDING, filter, out);
}

/* A statement that raises the version, where it is still the one that was read. */
static enum err save(struct cx *cx, const struct stmt *stmt, struct booking *b)
{
	int64_t changed;
	TRY(db_run(cx, stmt, BOOKING_ROW, b, &changed));
	if (!changed)
		return FAIL(cx, E_VERSION, S(""), "this booking has changed meanwhile: look at it again");
	b->version++;
	b->updated_at = cx->now;
	return OK;
}

enum err booking_step(struct cx *cx, struct booking *b)
{
	TRY(save(cx, &BOOKING_STEP, b));
	b->sequence++;
	b->asked_at = (instant){ NONE };
	b->asked_reason = (str){ NULL, 0 };
	uuid proposal = b->proposal.id;
	b->proposal = (struct proposal){ 0 };
	return uuid_is(proposal) ? proposal_end(cx, proposal) : OK;
}

enum err booking_talk(struct cx *cx, struct booking *b)
{
	return save(cx, &BOOKING_TALK, b);
}

enum err booking_touch(struct cx *cx, struct booking *b)
{
	return save(cx, &BOOKING_TOUCH, b);
}

enum err booking_revise(struct cx *cx, struct booking *b, bool told)
{
	b->sequence += told;
	return save(cx, &BOOKING_REVISE, b);
}

str booking_host_name(struct arena *a, const struct booking *b)
{
	return b->host_last_name.n
		   ? str_format(a, "%.*s %.*s", STR_ARG(b->host_first_name), STR_ARG(b->host_last_name))
		   : b->host_first_name;
}

enum err booking_list_invitee(struct cx *cx, str email, struct list *out)
{
	struct booking key = { .invitee_email = email };
	return db_list(cx, &BOOKING_LIST_INVITEE, BOOKING_ROW, &key, BOOKING_ROW, sizeof(struct booking), out);
}

/* ,"proposal":"host","starts":[…] : what is open about it; nothing when nothing is. */
static str talk_text(struct arena *a, const struct booking *b)
{
	const instant *starts = b->proposal.starts.items;
	if (!uuid_is(b->proposal.id))
		return S("");
	str text = str_format(a, ",\"proposal\":\"%s\",\"starts\":[", PROPOSERS[b->proposal.by]);
	for (size_t i = 0; i < b->proposal.starts.n; i++) {
		char at[INSTANT_TEXT];
		text = str_format(a, "%.*s%s\"%s\"", STR_ARG(text), i ? "," : "", instant_format(at, starts[i]).p);
	}
	return str_format(a, "%.*s]", STR_ARG(text));
}

str booking_text(struct arena *a, const struct booking *b)
{
	char start[INSTANT_TEXT], end[INSTANT_TEXT];
	return str_format(a, "{\"status\":\"%s\",\"start\":\"%s\",\"end\":\"%s\",\"sequence\":%lld%.*s}",
			  BOOKING_STATUSES[b->status], instant_format(start, b->start).p,
			  instant_format(end, b->end).p, (long long)b->sequence, STR_ARG(talk_text(a, b)));
}

enum err booking_complete(struct cx *cx)
{
	struct list ended;
	TRY(db_list(cx, &BOOKING_COMPLETE, BOOKING_ROW, &(struct booking){ 0 }, BOOKING_ROW, sizeof(struct booking),
		    &ended));
	for (size_t i = 0; i < ended.n; i++) {
		const struct booking *b = (const struct booking *)ended.items + i;
		struct booking before = *b;
		before.status = BOOKING_CONFIRMED;
		TRY(audit_add(cx, &(struct audit_entry){ .account_id = b->account_id,
							 .actor = S("system"),
							 .origin = S("end"),
							 .action = S("booking.complete"),
							 .entity_id = b->id,
							 .before_text = booking_text(&cx->arena, &before),
							 .after_text = booking_text(&cx->arena, b) }));
		TRY(event_add_id(cx, EVENT_COMPLETED, b->account_id, b->id));
	}
	return OK;
}

enum err booking_unreserve(struct cx *cx, const struct booking *b)
{
	return db_send(cx, &BOOKING_UNRESERVE, BOOKING_ROW, b);
}

enum err booking_count_invitee(struct cx *cx, str email, int64_t *count)
{
	struct booking key = { .invitee_email = email };
	struct count n;
	TRY(db_get(cx, &BOOKING_COUNT_INVITEE, BOOKING_ROW, &key, COUNT, &n));
	*count = n.count;
	return OK;
}

enum err booking_upcoming(struct cx *cx, int64_t limit, struct list *out)
{
	struct booking_filter first = { .limit = limit };
	return db_list(cx, &BOOKING_UPCOMING, BOOKING_FILTER, &first, BOOKING_ROW, sizeof(struct booking), out);
}
