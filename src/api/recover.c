#include "recover.h"

#include "base/rule.h"
#include "core/password.h"
#include "jobs/mails.h"
#include "routes.h"
#include "sign_in.h"
#include "site.h"
#include "store/audit.h"
#include "store/session.h"

const struct field ADDRESS_REQUEST[] = {
	FIELD(struct address_request, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "The address"),
	FIELD_END,
};

const struct field RESET_REQUEST[] = {
	FIELD(struct reset_request, email, IN | MUST, .rule = &RULE_EMAIL, .min = 3, .max = 254,
	      .doc = "The address"),
	FIELD(struct reset_request, code, IN | MUST, .rule = &RULE_OTP, .min = 6, .max = 6,
	      .doc = "Six digits from the mail"),
	FIELD(struct reset_request, new_password, IN | MUST, .min = PASSWORD_MIN, .max = PASSWORD_MAX,
	      .doc = "8 to 256 bytes"),
	FIELD(struct reset_request, end_api_keys, IN,
	      .doc = "Whether all API keys end too, as they should where somebody else may have known the password"),
	FIELD_END,
};

enum err reset_prepare(struct call *c, const struct reset_request *r)
{
	TRY(password_check(c->cx, r->new_password, S(""), r->email, S("/new_password")));
	str *hash = NEW(&c->cx->arena, str);
	*hash = password_hash(&c->cx->arena, r->new_password);
	c->prepared = hash;
	return OK;
}

str password_audit(bool end_api_keys)
{
	return end_api_keys ? S("{\"api_keys\":\"ended\"}") : (str){ NULL, 0 };
}

enum err reset_end(struct call *c, const struct reset_request *r, struct account *out, bool *right)
{
	struct cx *cx = c->cx;
	char id[UUID_TEXT];
	TRY(code_end(c, OTP_RESET, r->email, r->code, out, right));
	if (!*right)
		return OK;
	cx->actor = out->id; /* whoever reads the address's mails is its owner */
	out->password_hash = *(const str *)c->prepared;
	TRY(account_update(cx, out));
	TRY(session_remove_others(cx, (uuid){ 0 }));
	if (r->end_api_keys)
		TRY(api_key_remove_all(cx));
	TRY(audit_add(cx, &(struct audit_entry){ .account_id = out->id,
						 .actor = str_copy(&cx->arena, uuid_format(id, out->id)),
						 .origin = call_origin(c),
						 .action = S("account.password_reset"),
						 .entity_id = out->id,
						 .after_text = password_audit(r->end_api_keys) }));
	return account_mail_add(cx, "password_changed", out, (str){ NULL, 0 });
}

static enum err reset_ask(struct call *c)
{
	return code_begin(c, OTP_RESET, ((const struct address_request *)c->body)->email);
}

static enum err reset_verify_prepare(struct call *c)
{
	return reset_prepare(c, c->body);
}

static enum err reset_verify(struct call *c)
{
	struct account account;
	bool right;
	TRY(reset_end(c, c->body, &account, &right));
	return right ? OK : code_wrong(c);
}

static enum err bookings_ask(struct call *c)
{
	return list_mail_add(c->cx, ((const struct address_request *)c->body)->email, request_language(c));
}

const struct route RECOVER_ROUTES[] = {
	{ .method = "POST",
	  .path = "/v1/password-resets",
	  .run = reset_ask,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .body = ADDRESS_REQUEST,
	  .body_size = sizeof(struct address_request),
	  .status = 202,
	  .name = "requestPasswordReset",
	  .doc = "Send a code for a new password, if the address is known; which stays untold" },
	{ .method = "POST",
	  .path = "/v1/password-resets/verify",
	  .prepare = reset_verify_prepare,
	  .run = reset_verify,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .body = RESET_REQUEST,
	  .body_size = sizeof(struct reset_request),
	  .status = 204,
	  .name = "resetPassword",
	  .doc = "Set a new password by the code; all sessions end" },
	{ .method = "POST",
	  .path = "/v1/my-bookings",
	  .run = bookings_ask,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .body = ADDRESS_REQUEST,
	  .body_size = sizeof(struct address_request),
	  .status = 202,
	  .name = "requestMyBookings",
	  .doc = "Send an address the links of what it has booked and is to come, if any; which stays untold" },
	{ .method = NULL },
};
