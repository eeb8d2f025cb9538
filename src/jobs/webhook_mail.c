#include "webhook_mail.h"

#include "links/mail_data.h"
#include "mails.h"
#include "store/account.h"

/* paused - what the mail says. */
struct paused {
	str url;
	bool gone; /* it answered 410; else it failed for long */
};
static const struct field PAUSED[] = { FIELD(struct paused, url, IN | OUT | MUST, .max = 2000),
				       FIELD(struct paused, gone, IN | OUT | MUST), FIELD_END };

enum err webhook_mail_add(struct cx *cx, const struct webhook *w)
{
	struct paused it = { w->url, w->paused == PAUSED_GONE };
	char id[UUID_TEXT];
	struct job job = {
		.account_id = w->account_id,
		.kind = S("webhook_mail"),
		.dedupe_key = str_format(&cx->arena, "webhook_paused:%s:%lld", uuid_format(id, w->id).p,
					 (long long)w->paused_at.s),
		.payload = field_encode(&cx->arena, PAUSED, &it),
	};
	return job_add(cx, &job);
}

struct loading {
	uuid id;
	struct account owner;
};

static enum err load(struct cx *cx, void *arg)
{
	struct loading *l = arg;
	return account_get_id(cx, l->id, &l->owner);
}

enum err webhook_mail_run(struct work *w, const struct job *job)
{
	struct cx *cx = w->cx;
	struct arena *a = &cx->arena;
	struct loading l = { .id = job->account_id };
	struct paused it;
	char id[UUID_TEXT];
	str domain = w->place->mail_from;
	TRY(field_decode(cx, PAUSED, &it, job->payload, FIELD_NEW));
	TRY(store_read(w->place->store, cx, load, &l));
	if (!l.owner.email.n)
		return OK; /* the account was erased: nobody is there to read it */
	str_cut(&domain, '@');
	struct mail_webhook data = {
		.site = S("Noonmark"),
		.url = it.url,
		.gone = it.gone,
		.link = str_format(a, "%.*s/app/webhooks", STR_ARG(w->place->base_url)),
	};
	struct mail mail = {
		.from = { S("Noonmark"), w->place->mail_from },
		.to = { l.owner.first_name, l.owner.email },
		.date = job->created_at,
		.message_id = mail_id(a, "webhook", uuid_format(id, job->id), 0, l.owner.email, domain),
	};
	TRY(mail_render(cx, "webhook_paused", str_of(LANGUAGES[l.owner.language]), mail_webhook_value(a, &data),
			&mail));
	return mail_send(w, &mail);
}
