/* Mails about an account to whom it belongs: what happened to it, and what an address has booked. */
#include "base/token.h"
#include "core/zone.h"
#include "links/mail_data.h"
#include "mails.h"
#include "store/account.h"

/* account_mail - what is told, as it was then: the account may be gone before it is sent. */
struct account_mail {
	str template, email, name, time_zone, detail;
	unsigned language;
};

static const struct field ACCOUNT_MAIL[] = {
	FIELD(struct account_mail, template, IN | OUT | MUST),
	FIELD(struct account_mail, email, IN | OUT | MUST, .max = 254),
	FIELD(struct account_mail, name, IN | OUT | MUST, .max = 400),
	FIELD(struct account_mail, time_zone, IN | OUT | MUST),
	FIELD(struct account_mail, detail, IN | OUT | MAYBE, .max = 400),
	FIELD(struct account_mail, language, IN | OUT, .choices = LANGUAGES),
	FIELD_END,
};

enum err account_mail_add(struct cx *cx, const char *what, const struct account *a, str detail)
{
	char id[UUID_TEXT];
	struct account_mail mail = { .template = str_of(what),
				     .email = a->email,
				     .name = a->first_name,
				     .time_zone = a->time_zone,
				     .detail = detail,
				     .language = a->language };
	struct job job = {
		.account_id = a->id,
		.kind = S("account_mail"),
		.dedupe_key = str_format(&cx->arena, "account:%s", uuid_format(id, uuid_make(cx->now)).p),
		.payload = field_encode(&cx->arena, ACCOUNT_MAIL, &mail),
	};
	return job_add(cx, &job);
}

enum err account_mail_run(struct work *w, const struct job *job)
{
	struct cx *cx = w->cx;
	struct arena *a = &cx->arena;
	struct account_mail it;
	const struct zone *zone;
	char id[UUID_TEXT];
	str domain = w->place->mail_from;
	TRY(field_decode(cx, ACCOUNT_MAIL, &it, job->payload, FIELD_NEW));
	TRY(zone_load(cx, it.time_zone, S("/time_zone"), &zone));
	str_cut(&domain, '@');
	struct reader reader = { .zone = zone, .language = language_find(str_of(LANGUAGES[it.language])) };
	struct mail_account data = { .reader = reader,
				     .site = S("Noonmark"),
				     .at = job->created_at,
				     .detail = it.detail,
				     .reset_url = str_format(a, "%.*s/reset", STR_ARG(w->place->base_url)),
				     .account_url = str_format(a, "%.*s/app/account", STR_ARG(w->place->base_url)) };
	struct mail mail = {
		.from = { S("Noonmark"), w->place->mail_from },
		.to = { it.name, it.email },
		.date = job->created_at,
		.message_id = mail_id(a, "account", uuid_format(id, job->id), 0, it.email, domain),
	};
	TRY(mail_render(cx, str_to_c(a, it.template), language_code(reader.language), mail_account_value(a, &data),
			&mail));
	return mail_send(w, &mail);
}

/* ---- what an address has booked */

enum { LIST_A_DAY = 10 };

struct list_mail {
	str email;
	unsigned language;
};

static const struct field LIST_MAIL[] = {
	FIELD(struct list_mail, email, IN | OUT | MUST, .max = 254),
	FIELD(struct list_mail, language, IN | OUT, .choices = LANGUAGES),
	FIELD_END,
};

enum err list_mail_add(struct cx *cx, str email, unsigned language)
{
	enum { EVERY = HOUR_SECONDS / 5 };
	struct arena *a = &cx->arena;
	struct list_mail it = { str_lower(a, email), language };
	digest who = sha256(it.email); /* the key outlives the mail: it need not tell the address */
	struct job job = {
		.kind = S("list_mail"),
		.lane = LANE_PROMPT,
		.dedupe_key =
		    str_format(a, "list:%.*s:%lld", STR_ARG(base64url(a, who.b, 16)), (long long)(cx->now.s / EVERY)),
		.payload = field_encode(a, LIST_MAIL, &it),
	};
	return job_add(cx, &job);
}

struct loading {
	str email;
	struct list bookings;
};

static str manage_url_of(struct work *w, uuid booking)
{
	str token = manage_token_make(w->cx, w->place->keys, booking);
	return str_format(&w->cx->arena, "%.*s/b/%.*s", STR_ARG(w->place->base_url), STR_ARG(token));
}

static enum err load(struct cx *cx, void *arg)
{
	struct loading *l = arg;
	return booking_list_invitee(cx, l->email, &l->bookings);
}

enum err list_mail_run(struct work *w, const struct job *job)
{
	struct cx *cx = w->cx;
	struct arena *a = &cx->arena;
	struct list_mail it;
	bool fits;
	char id[UUID_TEXT];
	str domain = w->place->mail_from;
	TRY(field_decode(cx, LIST_MAIL, &it, job->payload, FIELD_NEW));
	struct loading l = { .email = it.email };
	TRY(store_read(w->place->store, cx, load, &l));
	if (!l.bookings.n)
		return OK; /* whoever asked is told nothing about the address */
	TRY(mail_fits(w, job, str_format(a, "list %.*s", STR_ARG(it.email)), LIST_A_DAY, &fits));
	if (!fits)
		return OK;
	str_cut(&domain, '@');
	const struct language *language = language_find(str_of(LANGUAGES[it.language]));
	struct mail_booked *booked = NEWS(a, struct mail_booked, l.bookings.n);
	const struct booking *b = l.bookings.items;
	for (size_t i = 0; i < l.bookings.n; i++) {
		booked[i] = (struct mail_booked){ .title = b[i].title,
						  .host = booking_host_name(a, &b[i]),
						  .when = { b[i].start, b[i].end },
						  .url = manage_url_of(w, b[i].id) };
		TRY(zone_load(cx, b[i].time_zone, S("/time_zone"), &booked[i].zone));
	}
	struct mail mail = {
		.from = { S("Noonmark"), w->place->mail_from },
		.to = { .address = it.email },
		.date = job->created_at,
		.message_id = mail_id(a, "list", uuid_format(id, job->id), 0, it.email, domain),
	};
	TRY(mail_render(cx, "my_bookings", language_code(language),
			mail_list_value(a, language, S("Noonmark"), cx->now, booked, l.bookings.n), &mail));
	return mail_send(w, &mail);
}
