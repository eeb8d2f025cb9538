/* Accounts: registering, proving the email, one's own row; and what admins may change. */
#include "authorise.h"
#include "base/rule.h"
#include "booking_steps.h"
#include "core/password.h"
#include "core/zone.h"
#include "recover.h"
#include "routes.h"
#include "sign_in.h"
#include "site.h"
#include "store/audit.h"
#include "store/co_host.h"
#include "store/otp.h"
#include "store/session.h"

const struct field CODE_REQUEST[] = {
	FIELD(struct code_request, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254, .doc = "The address"),
	FIELD(struct code_request, code, IN | MUST, .rule = &RULE_OTP, .min = 6, .max = 6,
	      .doc = "Six digits from the mail"),
	FIELD_END,
};

struct pending {
	instant verification_expires_at;
};
static const struct field PENDING[] = {
	FIELD(struct pending, verification_expires_at, OUT, .doc = "Until when the code that was sent is good"),
	FIELD_END,
};

struct password_change {
	str current_password, new_password;
	bool end_api_keys;
};
static const struct field PASSWORD_CHANGE[] = {
	FIELD(struct password_change, current_password, IN | MAYBE, .max = PASSWORD_MAX,
	      .doc = "Needed where there is one"),
	FIELD(struct password_change, new_password, IN | MUST, .min = PASSWORD_MIN, .max = PASSWORD_MAX,
	      .doc = "8 to 256 bytes"),
	FIELD(struct password_change, end_api_keys, IN,
	      .doc = "Whether all API keys end too, as they should where somebody else may have known the password"),
	FIELD_END,
};

static enum err register_prepare(struct call *c)
{
	struct registration_request *r = c->body;
	r->language = request_language(c);
	return registration_prepare(c, r);
}

static enum err account_register(struct call *c)
{
	struct pending pending = { instant_add(c->cx->now, (span){ OTP_SECONDS }) };
	TRY(registration_begin(c, c->body));
	return reply_object(c, PENDING, &pending);
}

enum err code_wrong(struct call *c)
{
	c->kept = FAIL(c->cx, E_OTP, S("/code"),
		       "is not the right code, was used, or is older than ten minutes: "
		       "check the last mail, or ask for a new code");
	return OK;
}

static enum err account_verify(struct call *c)
{
	const struct code_request *r = c->body;
	struct account account;
	bool right;
	TRY(registration_end(c, r->email, r->code, &account, &right));
	return right ? sign_in(c, &account, true) : code_wrong(c);
}

static enum err me_show(struct call *c)
{
	struct account a;
	TRY(account_get(c->cx, &a));
	call_etag(c, a.version);
	return reply_object(c, ACCOUNT, &a);
}

static enum err audit_account(struct call *c, str action, str before, str after)
{
	return audit_add(c->cx, &(struct audit_entry){ .account_id = c->cx->actor,
						       .actor = call_actor(c),
						       .origin = call_origin(c),
						       .action = action,
						       .entity_id = c->cx->actor,
						       .before_text = before,
						       .after_text = after });
}

static enum err me_update(struct call *c)
{
	struct account a;
	const struct zone *zone;
	TRY(account_get(c->cx, &a));
	TRY(call_if_match(c, a.version));
	str before = field_encode(&c->cx->arena, ACCOUNT, &a);
	TRY(call_merge(c, ACCOUNT, &a));
	TRY(zone_load(c->cx, a.time_zone, S("/time_zone"), &zone));
	TRY(account_update(c->cx, &a));
	TRY(audit_account(c, S("account.update"), before, field_encode(&c->cx->arena, ACCOUNT, &a)));
	call_etag(c, a.version);
	return reply_object(c, ACCOUNT, &a);
}

static enum err me_load(struct cx *cx, void *arg)
{
	return account_get(cx, arg);
}

/* Both the check of the old password and the hash of the new one take long: off the writer. */
static enum err password_change_prepare(struct call *c)
{
	const struct password_change *p = c->body;
	struct account *a = NEW(&c->cx->arena, struct account);
	TRY(store_read(c->site->store, c->cx, me_load, a));
	if (a->password_hash.p && !password_matches(p->current_password, a->password_hash))
		return FAIL(c->cx, E_CREDENTIALS, S("/current_password"), "is not your password");
	TRY(password_check(c->cx, p->new_password, a->username, a->email, S("/new_password")));
	a->password_hash = password_hash(&c->cx->arena, p->new_password);
	c->prepared = a;
	return OK;
}

static enum err password_change(struct call *c)
{
	const struct password_change *p = c->body;
	struct account a;
	TRY(account_get(c->cx, &a));
	a.password_hash = ((struct account *)c->prepared)->password_hash;
	TRY(account_update(c->cx, &a));
	TRY(audit_account(c, S("account.password"), (str){ NULL, 0 }, password_audit(p->end_api_keys)));
	if (p->end_api_keys)
		TRY(api_key_remove_all(c->cx));
	TRY(account_mail_add(c->cx, "password_changed", &a, (str){ NULL, 0 }));
	return session_remove_others(c->cx, c->caller.session);
}

/* leaving - a call of its own for each piece of what is cancelled, so that nothing gathers. */
struct leaving {
	struct call *call;
	bool more;
};

static enum err leave_piece(struct cx *cx, void *arg)
{
	struct leaving *l = arg;
	(void)cx;
	return booking_cancel_some(l->call, &l->more);
}

/* All but the last bookings are cancelled piece by piece, each in a transaction of its own, so that nobody else waits
 * while a busy host leaves.  Cut off in between, what is cancelled stays so, and a repeat goes on. */
static enum err me_erase_prepare(struct call *c)
{
	struct cx cx = { .now = c->cx->now, .actor = c->cx->actor };
	struct call piece = *c;
	struct leaving l = { &piece, true };
	enum err e = OK;
	piece.cx = &cx;
	while (!e && l.more) {
		e = store_write_wait(c->site->store, &cx, leave_piece, &l);
		if (e)
			(void)FAIL(c->cx, e, S(""), "%s", str_to_c(&c->cx->arena, cx.fault.message));
		arena_reset(&cx.arena);
	}
	arena_close(&cx.arena);
	return e;
}

static enum err me_erase(struct call *c)
{
	struct account a;
	bool more = true;
	TRY(account_get(c->cx, &a));
	while (more) /* what was booked just now */
		TRY(booking_cancel_some(c, &more));
	TRY(co_host_end_all(c->cx));
	TRY(db_write_late(c->cx)); /* what was told of it goes with the rest */
	TRY(account_erase(c->cx));
	TRY(account_mail_add(c->cx, "account_erased", &a, (str){ NULL, 0 }));
	return audit_account(c, S("account.erase"), (str){ NULL, 0 }, (str){ NULL, 0 });
}

const struct route ACCOUNT_ROUTES[] = {
	{ .method = "POST",
	  .path = "/v1/accounts",
	  .prepare = register_prepare,
	  .run = account_register,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .body = REGISTRATION_REQUEST,
	  .body_size = sizeof(struct registration_request),
	  .status = 202,
	  .reply = PENDING,
	  .name = "createAccount",
	  .doc = "Register: a one-time code goes to the address; whether it is known stays untold" },
	{ .method = "POST",
	  .path = "/v1/accounts/verify",
	  .run = account_verify,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .body = CODE_REQUEST,
	  .body_size = sizeof(struct code_request),
	  .reply = TOKENS,
	  .name = "verifyAccount",
	  .doc = "Prove the address; the account then exists, with a schedule and an event type" },
	{ .method = "GET",
	  .path = "/v1/me",
	  .run = me_show,
	  .may = MAY_USER,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .scope = "account:read",
	  .reply = ACCOUNT,
	  .name = "getMe",
	  .doc = "One's own account" },
	{ .method = "PATCH",
	  .path = "/v1/me",
	  .run = me_update,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .merge = ACCOUNT,
	  .reply = ACCOUNT,
	  .name = "updateMe",
	  .doc = "Change one's own account" },
	{ .method = "DELETE",
	  .path = "/v1/me",
	  .prepare = me_erase_prepare,
	  .run = me_erase,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 204,
	  .name = "deleteMe",
	  .doc = "Erase one's own account: upcoming bookings are cancelled, everything personal goes" },
	{ .method = "POST",
	  .path = "/v1/me/password",
	  .prepare = password_change_prepare,
	  .run = password_change,
	  .may = MAY_USER,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .body = PASSWORD_CHANGE,
	  .body_size = sizeof(struct password_change),
	  .status = 204,
	  .name = "changePassword",
	  .doc = "Set a new password; all other sessions end, and API keys where that is asked" },
	{ .method = NULL },
};
