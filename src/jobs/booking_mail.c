#include "base/log.h"
#include "base/token.h"
#include "core/zone.h"
#include "links/mail_data.h"
#include "mails.h"
#include "store/account.h"

enum reader_kind { TO_INVITEE, TO_HOST, TO_GUEST };
static const char *const READERS[] = { "invitee", "host", "guest", NULL };
static const char *const MESSAGES[] = { "booked", "rescheduled", "cancelled", NULL };

/* booking_mail - one message to one person, as the change was. */
struct booking_mail {
	uuid booking_id;
	unsigned message, to;
	str email, name, by, reason;
	int64_t sequence;
	instant start, end, before_start, before_end;
};

static const struct field BOOKING_MAIL[] = {
	FIELD(struct booking_mail, booking_id, IN | OUT | MUST),
	FIELD(struct booking_mail, message, IN | OUT | MUST, .choices = MESSAGES),
	FIELD(struct booking_mail, to, IN | OUT | MUST, .choices = READERS),
	FIELD(struct booking_mail, email, IN | OUT | MUST, .max = 254),
	FIELD(struct booking_mail, name, IN | OUT | MAYBE, .max = 400),
	FIELD(struct booking_mail, by, IN | OUT | MAYBE),
	FIELD(struct booking_mail, reason, IN | OUT | MAYBE, .max = 2000),
	FIELD(struct booking_mail, sequence, IN | OUT | MUST),
	FIELD(struct booking_mail, start, IN | OUT | MUST),
	FIELD(struct booking_mail, end, IN | OUT | MUST),
	FIELD(struct booking_mail, before_start, IN | OUT | MAYBE),
	FIELD(struct booking_mail, before_end, IN | OUT | MAYBE),
	FIELD_END,
};

/* ---- causing */

static enum err add_one(struct cx *cx, const struct booking *b, struct booking_mail *m, enum reader_kind to,
			str email, str name)
{
	char id[UUID_TEXT];
	if (!email.n)
		return OK; /* the host's account is gone */
	m->to = to;
	m->email = email;
	m->name = name;
	struct job job = {
		.account_id = b->account_id,
		.kind = S("booking_mail"),
		.dedupe_key = str_format(&cx->arena, "booking:%s:%lld:%s:%s:%.*s", uuid_format(id, b->id).p,
					 (long long)b->sequence, MESSAGES[m->message], READERS[to], STR_ARG(email)),
		.payload = field_encode(&cx->arena, BOOKING_MAIL, m),
	};
	return job_add(cx, &job);
}

enum err booking_mail_add(struct cx *cx, enum booking_message message, const struct booking *b, range before, str by,
			  str reason)
{
	struct booking_mail m = { .booking_id = b->id,
				  .message = message,
				  .by = by,
				  .reason = reason,
				  .sequence = b->sequence,
				  .start = b->start,
				  .end = b->end,
				  .before_start = before.from,
				  .before_end = before.to };
	TRY(add_one(cx, b, &m, TO_INVITEE, b->invitee_email, b->invitee_name));
	TRY(add_one(cx, b, &m, TO_HOST, b->host_email, b->host_first_name));
	for (size_t i = 0; i < b->guests.n; i++) {
		const struct guest *g = (const struct guest *)b->guests.items + i;
		TRY(add_one(cx, b, &m, TO_GUEST, g->email, g->name));
	}
	return OK;
}

/* ---- writing */

static str host_name(struct cx *cx, const struct booking *b)
{
	return b->host_last_name.n
		   ? str_format(&cx->arena, "%.*s %.*s", STR_ARG(b->host_first_name), STR_ARG(b->host_last_name))
		   : b->host_first_name;
}

enum err booking_ical(struct cx *cx, enum ical_method method, const struct booking *b, str organizer, range when,
		      int64_t sequence, str url, struct ical *out)
{
	char id[UUID_TEXT];
	struct ical_person *people = NEWS(&cx->arena, struct ical_person, b->guests.n + 2);
	size_t n = 0;
	people[n++] = (struct ical_person){ b->invitee_name, b->invitee_email, ICAL_REQUIRED, ICAL_ACCEPTED, false };
	if (b->host_email.n)
		people[n++] =
		    (struct ical_person){ host_name(cx, b), b->host_email, ICAL_CHAIR, ICAL_ACCEPTED, false };
	for (size_t i = 0; i < b->guests.n; i++) {
		const struct guest *g = (const struct guest *)b->guests.items + i;
		people[n++] =
		    (struct ical_person){ g->name, g->email, g->role == GUEST_PASSIVE ? ICAL_OPTIONAL : ICAL_REQUIRED,
					  ICAL_NEEDS_ACTION, true };
	}
	*out = (struct ical){ .method = method,
			      .status = b->status == BOOKING_CANCELLED ? ICAL_CANCELLED : ICAL_CONFIRMED,
			      .uid = str_format(&cx->arena, "%s@noonmark", uuid_format(id, b->id).p),
			      .sequence = sequence,
			      .stamp = cx->now,
			      .when = when,
			      .title = b->title,
			      .text = b->notes,
			      .location = b->location.value,
			      .url = url,
			      .organizer = { .name = host_name(cx, b), .address = organizer },
			      .attendees = people,
			      .n = n };
	return OK;
}

struct loading {
	uuid id;
	struct booking b;
};

static enum err load(struct cx *cx, void *arg)
{
	struct loading *l = arg;
	return booking_get(cx, l->id, &l->b);
}

static const char *template_of(const struct booking_mail *m)
{
	if (m->message != MESSAGE_BOOKED)
		return MESSAGES[m->message];
	return m->to == TO_HOST ? "new_booking" : m->to == TO_GUEST ? "invited" : "booked";
}

static enum mail_by by_of(const struct booking_mail *m)
{
	if (m->by.n && str_is(m->by, str_of(READERS[m->to])))
		return MAIL_BY_READER;
	return str_is(m->by, S("invitee")) ? MAIL_BY_INVITEE : MAIL_BY_HOST;
}

/* Who reads, where, in which language; guests are written to as the invitee is. */
static enum err readers(struct cx *cx, const struct booking *b, const struct booking_mail *m,
			struct mail_meeting *out)
{
	const struct zone *host, *invitee;
	bool to_host = m->to == TO_HOST;
	TRY(zone_load(cx, b->host_time_zone, S("/time_zone"), &host));
	TRY(zone_load(cx, b->time_zone, S("/time_zone"), &invitee));
	out->reader =
	    (struct reader){ .zone = to_host ? host : invitee,
			     .language = language_find(str_of(LANGUAGES[to_host ? b->host_language : b->language])) };
	out->other_zone = to_host ? invitee : host;
	out->other_name = to_host ? b->invitee_name : host_name(cx, b);
	return OK;
}

static struct mail_answer *answers_of(struct cx *cx, const struct booking *b)
{
	struct mail_answer *all = NEWS(&cx->arena, struct mail_answer, b->answers.n + 1);
	for (size_t i = 0; i < b->answers.n; i++) {
		const struct answer *a = (const struct answer *)b->answers.items + i;
		all[i] = (struct mail_answer){ a->label, a->value };
	}
	return all;
}

static str *guests_of(struct cx *cx, const struct booking *b)
{
	str *all = NEWS(&cx->arena, str, b->guests.n + 1);
	for (size_t i = 0; i < b->guests.n; i++) {
		const struct guest *g = (const struct guest *)b->guests.items + i;
		all[i] = g->name.n ? g->name : g->email;
	}
	return all;
}

static str link_of(struct work *w, const struct booking *b, const struct booking_mail *m)
{
	char id[UUID_TEXT];
	struct arena *a = &w->cx->arena;
	if (m->to == TO_GUEST)
		return (str){ NULL, 0 };
	if (m->to == TO_HOST)
		return str_format(a, "%.*s/app/bookings/%s", STR_ARG(w->place->base_url), uuid_format(id, b->id).p);
	return str_format(a, "%.*s/b/%.*s", STR_ARG(w->place->base_url),
			  STR_ARG(manage_token_make(w->cx, w->place->keys, b->id)));
}

static enum err render(struct work *w, const struct booking *b, const struct booking_mail *m, struct mail *mail)
{
	struct cx *cx = w->cx;
	struct mail_meeting data = { .site = S("Noonmark"),
				     .title = b->title,
				     .host_name = host_name(cx, b),
				     .invitee_name = b->invitee_name,
				     .invitee_email = b->invitee_email,
				     .when = { m->start, m->end },
				     .before = { m->before_start, m->before_end },
				     .now = cx->now,
				     .location = b->location.value,
				     .notes = b->notes.n ? b->notes : (str){ NULL, 0 },
				     .reason = m->reason,
				     .by = by_of(m),
				     .answers = answers_of(cx, b),
				     .answers_n = b->answers.n,
				     .guests = guests_of(cx, b),
				     .guests_n = b->guests.n,
				     .manage_url = link_of(w, b, m) };
	if (b->location.kind == LOCATION_LINK && b->location.value.n)
		data.location_url = b->location.value;
	if (m->message == MESSAGE_CANCELLED && m->to == TO_INVITEE && b->host_username.n)
		data.again_url = str_format(&cx->arena, "%.*s/%.*s/%.*s", STR_ARG(w->place->base_url),
					    STR_ARG(b->host_username), STR_ARG(b->event_code));
	TRY(readers(cx, b, m, &data));
	return mail_render(cx, template_of(m), language_code(data.reader.language),
			   mail_meeting_value(&cx->arena, &data), mail);
}

enum err booking_mail_run(struct work *w, const struct job *job)
{
	struct cx *cx = w->cx;
	struct booking_mail m;
	struct ical ical;
	char id[UUID_TEXT];
	TRY(field_decode(cx, BOOKING_MAIL, &m, job->payload, FIELD_NEW));
	struct loading l = { .id = m.booking_id };
	TRY(store_read(w->place->store, cx, load, &l));
	str host = w->place->mail_from;
	str_cut(&host, '@');
	uuid_format(id, l.b.id);
	struct mail mail = {
		.from = { m.to == TO_HOST ? S("Noonmark") : host_name(cx, &l.b), w->place->mail_from },
		.to = { m.name, m.email },
		.date = job->created_at,
		.reply_to = { .address = m.to == TO_HOST ? l.b.invitee_email : l.b.host_email },
		.message_id = mail_id(&cx->arena, MESSAGES[m.message], str_of(id), m.sequence, m.email, host),
		.ics_method = m.message == MESSAGE_CANCELLED ? ICAL_CANCEL : ICAL_REQUEST,
	};
	str first = mail_id(&cx->arena, MESSAGES[MESSAGE_BOOKED], str_of(id), 0, m.email, host);
	if (m.message != MESSAGE_BOOKED)
		mail.in_reply_to = mail.references = first;
	TRY(render(w, &l.b, &m, &mail));
	TRY(booking_ical(cx, mail.ics_method, &l.b, w->place->mail_from, (range){ m.start, m.end }, m.sequence,
			 link_of(w, &l.b, &m), &ical));
	TRY(ical_write(cx, &ical, &mail.ics));
	return mail_send(w, &mail);
}
