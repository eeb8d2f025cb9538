#include "booking_text.h"

#include "base/log.h"
#include "core/zone.h"
#include "links/mail_data.h"

static enum mail_by by_of(const struct telling *t)
{
	if (t->by.n && str_is(t->by, str_of(READER_NAMES[t->to])))
		return MAIL_BY_READER;
	return str_is(t->by, S("invitee")) ? MAIL_BY_INVITEE : MAIL_BY_HOST;
}

unsigned booking_language(const struct booking *b, enum message_reader to, const struct account *co_host)
{
	return co_host ? co_host->language : to == TO_HOST ? b->host_language : b->language;
}

/* Who reads, where, in which language. */
static enum err readers(struct cx *cx, const struct booking *b, const struct telling *t, struct mail_meeting *out)
{
	bool to_host = t->to == TO_HOST;
	str zone = t->co_host ? t->co_host->time_zone : to_host ? b->host_time_zone : b->time_zone;
	unsigned language = booking_language(b, t->to, t->co_host);
	out->reader.language = language_find(str_of(LANGUAGES[language]));
	TRY(zone_load(cx, zone, S("/time_zone"), &out->reader.zone));
	TRY(zone_load(cx, to_host ? b->time_zone : b->host_time_zone, S("/time_zone"), &out->other_zone));
	out->other_name = to_host ? b->invitee_name : booking_host_name(&cx->arena, b);
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

static struct mail_meeting meeting_of(struct cx *cx, const struct booking *b, const struct telling *t)
{
	struct mail_meeting data = { .site = S("Noonmark"),
				     .title = b->title,
				     .host_name = booking_host_name(&cx->arena, b),
				     .invitee_name = b->invitee_name,
				     .invitee_email = b->invitee_email,
				     .when = t->when,
				     .before = t->before,
				     .now = cx->now,
				     .starts = t->starts.items,
				     .starts_n = t->starts.n,
				     .until = t->until,
				     .location = b->location.value,
				     .notes = b->notes.n ? b->notes : (str){ NULL, 0 },
				     .reason = t->reason,
				     .by = by_of(t),
				     .answers = answers_of(cx, b),
				     .answers_n = b->answers.n,
				     .guests = guests_of(cx, b),
				     .guests_n = b->guests.n,
				     .description = b->description.n ? b->description : (str){ NULL, 0 },
				     .guest = t->guest };
	if (t->to == TO_GUEST || t->to == TO_CO_HOST)
		data.answer_url = t->link;
	else
		data.manage_url = t->link;
	if (b->location.kind == LOCATION_LINK && b->location.value.n)
		data.location_url = b->location.value;
	if (t->to == TO_INVITEE && b->host_username.n)
		data.again_url = str_format(&cx->arena, "%.*s/%.*s/%.*s", STR_ARG(t->base_url),
					    STR_ARG(b->host_username), STR_ARG(b->event_code));
	return data;
}

enum err booking_words_value(struct cx *cx, const struct booking *b, const struct telling *t, struct value **out)
{
	struct mail_meeting data = meeting_of(cx, b, t);
	TRY(readers(cx, b, t, &data));
	*out = mail_words_value(&cx->arena, &data);
	return OK;
}

enum err booking_text_render(struct cx *cx, const struct booking *b, const struct telling *t, const struct words *own,
			     bool must, struct mail *mail)
{
	struct mail_meeting data = meeting_of(cx, b, t);
	const char *template = MESSAGES[t->message].to[t->to].template;
	str subject = { NULL, 0 };
	TRY(readers(cx, b, t, &data));
	if (own) {
		enum err err = mail_own(cx, own->subject, own->text, &data, &subject);
		if (err && must)
			return err;
		if (err)
			LOG(LOG_WARNING, "words_refused", { S("detail"), cx->fault.message });
		fault_clear(cx);
	}
	TRY(mail_render(cx, template, language_code(data.reader.language), mail_meeting_value(&cx->arena, &data),
			mail));
	if (subject.n)
		mail->subject = subject;
	return OK;
}
