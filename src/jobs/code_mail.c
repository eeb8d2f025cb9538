#include "base/log.h"
#include "links/mail_data.h"
#include "mails.h"
#include "store/account.h"
#include "store/mail_quota.h"
#include "store/otp.h"

static const struct field CODE_MAIL[] = {
	FIELD(struct code_mail, template, IN | OUT | MUST),
	FIELD(struct code_mail, email, IN | OUT | MUST, .max = 254),
	FIELD(struct code_mail, otp_id, IN | OUT | MUST),
	FIELD(struct code_mail, code, IN | OUT | MAYBE, .max = 400),
	FIELD(struct code_mail, username, IN | OUT | MAYBE, .max = 32),
	FIELD(struct code_mail, language, IN | OUT, .choices = LANGUAGES),
	FIELD_END,
};

enum err code_mail_add(struct cx *cx, const struct keys *keys, const struct code_mail *given)
{
	struct code_mail mail = *given;
	char text[UUID_TEXT];
	if (mail.code.p)
		mail.code = seal(&cx->arena, keys->seal, mail.code);
	struct job job = {
		.kind = S("code_mail"),
		.lane = LANE_PROMPT,
		.dedupe_key = str_format(&cx->arena, "code:%s", uuid_format(text, mail.otp_id).p),
		.payload = field_encode(&cx->arena, CODE_MAIL, &mail),
	};
	return job_add(cx, &job);
}

struct counting {
	const struct keys *keys;
	str whom;
	int64_t most;
	bool fits;
};

static enum err count(struct cx *cx, void *arg)
{
	struct counting *it = arg;
	return mail_quota_take(cx, it->keys, it->whom, it->most, &it->fits);
}

enum err mail_fits(struct work *w, const struct job *job, str whom, int64_t most, bool *fits)
{
	struct counting it = { .keys = w->place->keys, .whom = whom, .most = most, .fits = true };
	if (w->place->mails_a_day && job->tries <= 1)
		TRY(store_write_wait(w->place->store, w->cx, count, &it));
	*fits = it.fits;
	return OK;
}

enum err mail_send(struct work *w, struct mail *mail)
{
	struct cx *cx = w->cx;
	struct handover d = w->mailer->send(w->mailer, cx, mail);
	LOG(d.state == HANDOVER_DONE ? LOG_INFO
	    : d.alert                ? LOG_ERROR
				     : LOG_WARNING,
	    d.state == HANDOVER_DONE    ? "mail_sent"
	    : d.state == HANDOVER_RETRY ? "mail_waits"
					: "mail_refused",
	    { S("message_id"), mail->message_id }, { S("detail"), d.detail });
	if (d.state == HANDOVER_DONE)
		return OK;
	w->wait = d.wait;
	return FAIL(cx, d.state == HANDOVER_RETRY ? E_UNAVAILABLE : E_REFUSED, S(""), "%.*s", STR_ARG(d.detail));
}

struct standing {
	uuid otp_id;
	bool stands;
};

static enum err look(struct cx *cx, void *arg)
{
	struct standing *it = arg;
	return otp_stands(cx, it->otp_id, &it->stands);
}

/* Two codes that were asked for at once leave in any order; only the one that serves does. */
enum err code_mail_run(struct work *w, const struct job *job)
{
	struct cx *cx = w->cx;
	struct code_mail it;
	struct standing otp;
	char id[UUID_TEXT];
	str code = { NULL, 0 }, host = w->place->mail_from;
	TRY(field_decode(cx, CODE_MAIL, &it, job->payload, FIELD_NEW));
	otp.otp_id = it.otp_id;
	TRY(store_read(w->place->store, cx, look, &otp));
	if (!otp.stands) {
		w->skipped = "a later code is on its way, or this one was used or is too old";
		return OK;
	}
	if (it.code.p && !unseal(&cx->arena, w->place->keys->seal, it.code, &code))
		return FAIL(cx, E_INTERNAL, S(""), "the code cannot be unsealed: was the key changed?");
	str_cut(&host, '@');
	struct mail_code data = { .site = S("Noonmark"),
				  .code = code,
				  .username = it.username,
				  .minutes = 10,
				  .link = str_format(&cx->arena, "%.*s/log-in", STR_ARG(w->place->base_url)) };
	struct mail mail = {
		.from = { S("Noonmark"), w->place->mail_from },
		.to = { .address = it.email },
		.date = job->created_at,
		.message_id = mail_id(&cx->arena, "code", uuid_format(id, job->id), 0, it.email, host),
	};
	TRY(mail_render(cx, str_to_c(&cx->arena, it.template), str_of(LANGUAGES[it.language]),
			mail_code_value(&cx->arena, &data), &mail));
	return mail_send(w, &mail);
}
