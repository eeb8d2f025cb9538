#include "note_mail.h"

#include "core/zone.h"
#include "links/mail_data.h"
#include "mails.h"
#include "store/account.h"

static const struct field NOTE[] = {
	FIELD(struct note, title, IN | OUT | MUST),
	FIELD(struct note, path, IN | OUT | MUST),
	FIELD(struct note, name, IN | OUT | MUST),
	FIELD(struct note, email, IN | OUT | MUST, .max = 254),
	FIELD(struct note, text, IN | OUT | MUST, .max = NOTE_BYTES),
	FIELD(struct note, time_zone, IN | OUT | MUST),
	FIELD_END,
};

enum err note_mail_add(struct cx *cx, const struct note *note)
{
	struct arena *a = &cx->arena;
	char id[UUID_TEXT];
	digest who = sha256(str_lower(a, note->email)); /* the key outlives the note: it need not tell the address */
	struct job job = {
		.account_id = note->account_id,
		.kind = S("note_mail"),
		.dedupe_key = str_format(a, "note:%s:%.*s:%lld", uuid_format(id, note->event_type_id).p,
					 STR_ARG(base64url(a, who.b, 16)), (long long)(cx->now.s / HOUR_SECONDS)),
		.payload = field_encode(a, NOTE, note),
	};
	return job_add(cx, &job);
}

struct loading {
	uuid id;
	struct account host;
};

static enum err load(struct cx *cx, void *arg)
{
	struct loading *l = arg;
	return account_get_id(cx, l->id, &l->host);
}

enum err note_mail_run(struct work *w, const struct job *job)
{
	struct cx *cx = w->cx;
	struct arena *a = &cx->arena;
	struct loading l = { .id = job->account_id };
	const struct zone *zone;
	struct note it;
	char id[UUID_TEXT];
	str domain = w->place->mail_from;
	TRY(field_decode(cx, NOTE, &it, job->payload, FIELD_NEW));
	TRY(store_read(w->place->store, cx, load, &l));
	if (!l.host.email.n)
		return OK; /* the account was erased: nobody is there to read it */
	TRY(zone_load(cx, it.time_zone, S("/time_zone"), &zone));
	str_cut(&domain, '@');
	struct mail_note data = {
		.site = S("Noonmark"),
		.title = it.title,
		.name = it.name,
		.email = it.email,
		.text = it.text,
		.zone = text_zone(a, zone, job->created_at),
		.link = str_format(a, "%.*s%.*s", STR_ARG(w->place->base_url), STR_ARG(it.path)),
	};
	struct mail mail = {
		.from = { S("Noonmark"), w->place->mail_from },
		.to = { l.host.first_name, l.host.email },
		.reply_to = { .address = it.email },
		.date = job->created_at,
		.message_id = mail_id(a, "note", uuid_format(id, job->id), 0, l.host.email, domain),
	};
	TRY(mail_render(cx, "no_time", str_of(LANGUAGES[l.host.language]), mail_note_value(a, &data), &mail));
	return mail_send(w, &mail);
}
