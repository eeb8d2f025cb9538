#include "sign_in.h"

#include "authorise.h"
#include "base/rule.h"
#include "base/token.h"
#include "core/language.h"
#include "core/password.h"
#include "core/zone.h"
#include "jobs/mails.h"
#include "store/audit.h"
#include "site.h"
#include "store/event_type.h"
#include "store/otp.h"
#include "store/schedule.h"
#include "store/session.h"

const struct field TOKENS[] = {
	FIELD(struct tokens, access_token, OUT, .doc = "For Authorization: Bearer, for expires_in seconds"),
	FIELD(struct tokens, refresh_token, OUT, .doc = "Gets the next pair, once"),
	FIELD(struct tokens, expires_in, OUT, .doc = "Seconds"),
	OBJECT(struct tokens, account, OUT, ACCOUNT, .doc = "Who signed in"),
	FIELD_END,
};

const struct field REGISTRATION_REQUEST[] = {
	FIELD(struct registration_request, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "A one-time code goes there"),
	FIELD(struct registration_request, password, IN | MUST, .min = PASSWORD_MIN, .max = PASSWORD_MAX,
	      .doc = "8 to 256 bytes"),
	FIELD(struct registration_request, username, IN | MUST, .rule = &RULE_USERNAME, .min = 3, .max = 32,
	      .doc = "Part of the public address"),
	FIELD(struct registration_request, first_name, IN | MUST, .rule = &RULE_NAME, .min = 1, .max = 80,
	      .doc = "As invitees will see it"),
	FIELD(struct registration_request, last_name, IN | MAYBE, .rule = &RULE_NAME, .max = 80,
	      .doc = "As invitees will see it"),
	FIELD(struct registration_request, time_zone, IN | MAYBE, .max = 64, .doc = "IANA zone; missing: UTC"),
	FIELD_END,
};

unsigned request_language(const struct call *c)
{
	str code = language_code(language_pick(http_header(&c->exchange->request, S("accept-language"))));
	for (unsigned i = 0; LANGUAGES[i]; i++)
		if (str_is(code, str_of(LANGUAGES[i])))
			return i;
	return 0;
}

str call_user_agent(const struct call *c)
{
	str agent = str_slice(http_header(&c->exchange->request, S("user-agent")), 0, 200);
	return str_is_utf8(agent) ? agent : (str){ NULL, 0 };
}

static enum err session_audit(struct call *c, uuid account, str action, uuid session)
{
	char id[UUID_TEXT];
	return audit_add(c->cx, &(struct audit_entry){ .account_id = account,
						       .actor = str_of(uuid_format(id, account).p),
						       .origin = call_origin(c),
						       .action = action,
						       .entity_id = session });
}

/* told: its owner hears of it anyway.  Else a program that is not known yet is told by mail. */
static enum err session_begin(struct call *c, const struct account *a, bool told, str token, struct session *s)
{
	bool known = told;
	*s = (struct session){ .account_id = a->id,
			       .refresh_hash = token_hash(token),
			       .user_agent = call_user_agent(c) };
	if (!told)
		TRY(session_known(c->cx, a->id, s->user_agent, &known));
	if (!known)
		TRY(account_mail_add(c->cx, "new_login", a, s->user_agent));
	TRY(session_insert(c->cx, s));
	return session_audit(c, a->id, S("session.create"), s->id);
}

enum err sign_out(struct call *c, uuid session)
{
	TRY(session_remove(c->cx, session));
	return session_audit(c, c->caller.account, S("session.delete"), session);
}

static enum err reply_tokens(struct call *c, const struct account *a, uuid session, str refresh)
{
	struct access claims = {
		.sub = a->id, .sid = session, .iat = c->cx->now.s, .exp = c->cx->now.s + ACCESS_SECONDS
	};
	struct tokens tokens = { .access_token = access_make(c->cx, &c->site->keys, &claims),
				 .refresh_token = refresh,
				 .expires_in = ACCESS_SECONDS,
				 .account = *a };
	return reply_object(c, TOKENS, &tokens);
}

enum err sign_in(struct call *c, const struct account *a, bool told)
{
	struct session s;
	str refresh = token_make(c->cx, "nr_");
	TRY(session_begin(c, a, told, refresh, &s));
	return reply_tokens(c, a, s.id, refresh);
}

enum err sign_in_refresh(struct call *c, str refresh)
{
	struct session s;
	struct account a;
	bool found = false;
	str fresh = token_make(c->cx, "nr_");
	if (str_starts(refresh, S("nr_")))
		TRY(session_refresh(c->cx, token_hash(refresh), token_hash(fresh), &s, &found));
	if (!found) {
		c->kept =
		    FAIL(c->cx, E_CREDENTIALS, S("/refresh_token"), "has ended or was used before: sign in again");
		return OK; /* what session_refresh ended stays ended */
	}
	TRY(account_get_id(c->cx, s.account_id, &a));
	return reply_tokens(c, &a, s.id, fresh);
}

static str cookie(struct call *c, str value, int64_t seconds)
{
	str name = cookie_name(c->site);
	bool secure = str_starts(name, S("__Host-"));
	return str_format(&c->cx->arena, "%.*s=%.*s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%lld%s", STR_ARG(name),
			  STR_ARG(value), (long long)seconds, secure ? "; Secure" : "");
}

enum err sign_in_cookie(struct call *c, const struct account *a, bool told)
{
	struct session s;
	str token = token_make(c->cx, "nc_");
	TRY(session_begin(c, a, told, token, &s));
	c->set_cookie = cookie(c, token, (int64_t)SESSION_IDLE_DAYS * DAY_SECONDS);
	return OK;
}

void sign_out_cookie(struct call *c)
{
	c->set_cookie = cookie(c, S(""), 0);
}

/* ---- registration */

enum err registration_prepare(struct call *c, const struct registration_request *r)
{
	const struct zone *zone;
	str hash = password_hash(&c->cx->arena, r->password);
	if (r->time_zone.n)
		TRY(zone_load(c->cx, r->time_zone, S("/time_zone"), &zone));
	TRY(password_check(c->cx, r->password, r->username, r->email, S("/password")));
	c->prepared = NEW(&c->cx->arena, str);
	*(str *)c->prepared = hash;
	return OK;
}

/* Send its address a code, or word that there is an account already, and keep it: only together, so that a code that was
 * sent before never opens what somebody else asked for since.  *sent: whether there was still a mail to have this hour. */
static enum err registration_keep(struct call *c, const struct registration *waiting, bool *sent)
{
	struct cx *cx = c->cx;
	struct account known;
	struct otp otp;
	bool is_known;
	str code;
	TRY(account_find_email(cx, waiting->email, &known, &is_known));
	TRY(otp_make(cx, &c->site->keys, OTP_REGISTER, waiting->email, c->site->limits != NULL, &otp, &code));
	*sent = code.p != NULL;
	if (!*sent)
		return OK; /* nobody is told */
	TRY(registration_put(cx, waiting));
	struct code_mail mail = {
		.template = S("account_exists"), .email = waiting->email, .otp_id = otp.id, .language = known.language
	};
	if (!is_known) {
		mail.template = S("code_registration");
		mail.code = code;
		mail.username = waiting->username;
		mail.language = waiting->language;
	}
	return code_mail_add(cx, &c->site->keys, &mail);
}

enum err registration_begin(struct call *c, const struct registration_request *r)
{
	struct cx *cx = c->cx;
	struct registration waiting = { .email = str_lower(&cx->arena, r->email),
					.username = r->username,
					.first_name = r->first_name,
					.last_name = r->last_name.n ? r->last_name : (str){ NULL, 0 },
					.time_zone = r->time_zone.n ? r->time_zone : S("UTC"),
					.language = r->language,
					.password_hash = *(str *)c->prepared,
					.expires_at = instant_add(cx->now, (span){ OTP_SECONDS }) };
	bool sent;
	return registration_keep(c, &waiting, &sent);
}

enum err registration_again(struct call *c, str email)
{
	struct registration waiting;
	bool found, sent;
	TRY(registration_take(c->cx, str_lower(&c->cx->arena, email), &waiting, &found));
	if (!found)
		return OK;
	struct registration before = waiting;
	waiting.expires_at = instant_add(c->cx->now, (span){ OTP_SECONDS });
	TRY(registration_keep(c, &waiting, &sent));
	return sent ? OK : registration_put(c->cx, &before);
}

static enum err account_begin(struct call *c, const struct registration *r, struct account *a)
{
	struct cx *cx = c->cx;
	struct saved_schedule schedule;
	struct event_type event_type;
	char id[UUID_TEXT];
	const struct config *config = &c->site->config;
	*a = (struct account){
		.email = r->email,
		.username = r->username,
		.first_name = r->first_name,
		.last_name = r->last_name,
		.time_zone = r->time_zone,
		.language = r->language,
		.password_hash = r->password_hash,
		.role =
		    config->admin_email.n && str_is_nocase(config->admin_email, r->email) ? ROLE_ADMIN : ROLE_USER,
		.plan = config->default_plan,
	};
	TRY(account_insert(cx, a));
	TRY(schedule_create_default(cx, a->id, a->time_zone, &schedule));
	TRY(event_type_create_default(cx, a->id, schedule.id, &event_type));
	return audit_add(cx, &(struct audit_entry){ .account_id = a->id,
						    .actor = str_of(uuid_format(id, a->id).p),
						    .origin = call_origin(c),
						    .action = S("account.create"),
						    .entity_id = a->id,
						    .after_text = field_encode(&cx->arena, ACCOUNT, a) });
}

enum err registration_end(struct call *c, str email, str code, struct account *out, bool *right)
{
	struct cx *cx = c->cx;
	struct registration waiting;
	struct account known;
	struct otp otp;
	bool is_known;
	str address = str_lower(&cx->arena, email);
	TRY(otp_check(cx, &c->site->keys, OTP_REGISTER, address, (uuid){ 0 }, code, &otp, right));
	if (!*right)
		return OK;
	TRY(registration_take(cx, address, &waiting, right));
	TRY(account_find_email(cx, address, &known, &is_known));
	*right = *right && !is_known; /* a code for a known address was never sent */
	return *right ? account_begin(c, &waiting, out) : OK;
}

/* ---- signing in */

struct finding {
	str email;
	struct account account;
	bool found;
};

static enum err find_account(struct cx *cx, void *arg)
{
	struct finding *f = arg;
	return account_find_email(cx, f->email, &f->account, &f->found);
}

enum err password_prepare(struct call *c, str email, str password)
{
	struct finding *f = NEW(&c->cx->arena, struct finding);
	f->email = str_lower(&c->cx->arena, email);
	TRY(store_read(c->site->store, c->cx, find_account, f));
	bool right = password_matches(password, f->found ? f->account.password_hash : (str){ NULL, 0 });
	c->prepared = right ? &f->account : NULL;
	return OK;
}

enum err code_begin(struct call *c, enum otp_purpose purpose, str email)
{
	struct cx *cx = c->cx;
	struct account known;
	struct otp otp;
	bool is_known;
	str code, address = str_lower(&cx->arena, email);
	TRY(account_find_email(cx, address, &known, &is_known));
	TRY(otp_make(cx, &c->site->keys, purpose, address, c->site->limits != NULL, &otp, &code));
	if (!is_known || !code.p)
		return OK;
	struct code_mail mail = { .template = purpose == OTP_RESET ? S("code_reset") : S("code_login"),
				  .email = address,
				  .otp_id = otp.id,
				  .code = code,
				  .language = known.language };
	return code_mail_add(cx, &c->site->keys, &mail);
}

enum err code_end(struct call *c, enum otp_purpose purpose, str email, str code, struct account *out, bool *right)
{
	struct cx *cx = c->cx;
	struct otp otp;
	bool is_known;
	str address = str_lower(&cx->arena, email);
	TRY(otp_check(cx, &c->site->keys, purpose, address, (uuid){ 0 }, code, &otp, right));
	TRY(account_find_email(cx, address, out, &is_known));
	*right = *right && is_known;
	return OK;
}
