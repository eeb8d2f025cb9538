/* sign_in - starting sessions: what API and pages share. */
#ifndef API_SIGN_IN_H
#define API_SIGN_IN_H
#include "api.h"
#include "store/account.h"
#include "store/otp.h"

/* tokens - what a program gets when it signs in. */
struct tokens {
	str access_token, refresh_token;
	int64_t expires_in;
	struct account account;
};
extern const struct field TOKENS[];

/* sign_in - a new session for an account, in a write transaction; replies with TOKENS.  A program that was not known is
 * told to the owner by mail, unless `told`: the owner hears of it anyway. */
enum err sign_in(struct call *, const struct account *, bool told);

/* sign_in_refresh - swap a refresh token for a new pair; replies with TOKENS, or c->kept is E_CREDENTIALS. */
enum err sign_in_refresh(struct call *, str refresh);

/* sign_out - end one of the caller's sessions.   E_NOT_FOUND */
enum err sign_out(struct call *, uuid session);

/* sign_in_cookie - the same for a browser: c->set_cookie.  sign_out_cookie - takes it back. */
enum err sign_in_cookie(struct call *, const struct account *, bool told);
void sign_out_cookie(struct call *);

/* The steps of an account's beginning, for API and pages; in a write transaction but for registration_prepare.
 * registration_begin: E_CONFLICT when the username is taken; whether the address is known stays untold.
 * registration_again: a new code for one that waits, which waits longer; for others nothing, and nobody is told.
 * registration_end: *right tells whether the code was; then the account exists, with its schedule and event type. */
struct registration_request {
	str email, password, username, first_name, last_name, time_zone;
	unsigned language;
};
extern const struct field REGISTRATION_REQUEST[];
enum err registration_prepare(struct call *, const struct registration_request *); /* on a worker: c->prepared */
enum err registration_begin(struct call *, const struct registration_request *);
enum err registration_again(struct call *, str email);
enum err registration_end(struct call *, str email, str code, struct account *out, bool *right);

/* password_prepare - on a worker: c->prepared is the struct account whose password this is, or NULL. */
enum err password_prepare(struct call *, str email, str password);

/* What the owner of an address may do by one-time code: OTP_SIGN_IN, OTP_RESET.
 * code_begin: a code by mail, if the address has an account; which stays untold.
 * code_end: *right tells whether it was; then *out is the account. */
enum err code_begin(struct call *, enum otp_purpose, str email);
enum err code_end(struct call *, enum otp_purpose, str email, str code, struct account *out, bool *right);

/* code_request - an address and its code.  code_wrong - answers E_OTP, keeping what was written: the try counts. */
struct code_request {
	str email, code;
};
extern const struct field CODE_REQUEST[];
enum err code_wrong(struct call *);

/* request_language - index into LANGUAGES by Accept-Language. */
unsigned request_language(const struct call *);

/* call_user_agent - what the client calls itself, cut at 200 bytes; absent when it says nothing readable. */
str call_user_agent(const struct call *);
#endif
