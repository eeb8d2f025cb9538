/* The pages' routes.  Words stand above {username}, which fits every word. */
#include "api/routes.h"
#include "pages.h"

#define SHOW(address, handler, text)                                                                \
	{                                                                                           \
		.method = "GET", .path = address, .run = handler, .may = MAY_ANYONE, .tx = TX_READ, \
		.limit = LIMIT_READ, .page = true, .doc = text                                      \
	}
#define TAKE(address, name, class, text)                                                                      \
	{                                                                                                     \
		.method = "POST", .path = address, .look = name##_look, .run = name##_run, .may = MAY_ANYONE, \
		.tx = TX_WRITE, .limit = class, .page = true, .doc = text                                     \
	}

const struct route PAGE_ROUTES[] = {
	SHOW("/", home_page, "What Noonmark does"),
	SHOW("/docs", reference_page, "The API's reference"),
	SHOW("/sign-up", sign_up_page, "Sign up"),
	{ .method = "POST",
	  .path = "/sign-up",
	  .look = sign_up_look,
	  .prepare = sign_up_prepare,
	  .run = sign_up_run,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_MAIL,
	  .page = true,
	  .doc = "Send a code" },
	SHOW("/sign-up/code", sign_up_code_page, "Back to signing up"),
	TAKE("/sign-up/code", sign_up_code, LIMIT_SIGN_IN, "Prove the address"),
	SHOW("/sign-up/again", sign_up_code_page, "Back to signing up"),
	TAKE("/sign-up/again", sign_up_again, LIMIT_MAIL, "Send a new code"),
	SHOW("/log-in", log_in_page, "Log in"),
	{ .method = "POST",
	  .path = "/log-in",
	  .look = log_in_look,
	  .prepare = log_in_prepare,
	  .run = log_in_run,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .page = true,
	  .doc = "Log in by password" },
	SHOW("/log-in/code", log_in_code_page, "Back to logging in"),
	TAKE("/log-in/code", log_in_code, LIMIT_MAIL, "Send a code, or log in by it"),
	{ .method = "POST",
	  .path = "/log-out",
	  .run = log_out_run,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .page = true,
	  .doc = "Log out" },
	SHOW("/reset", reset_page, "A new password"),
	TAKE("/reset", reset, LIMIT_MAIL, "Send a code"),
	SHOW("/reset/code", reset_code_page, "Back to asking for a code"),
	{ .method = "POST",
	  .path = "/reset/code",
	  .look = reset_code_look,
	  .prepare = reset_code_prepare,
	  .run = reset_code_run,
	  .may = MAY_ANYONE,
	  .tx = TX_WRITE,
	  .limit = LIMIT_SIGN_IN,
	  .page = true,
	  .doc = "Set a new password by the code" },
	SHOW("/my-bookings", my_bookings_page, "Where are my bookings?"),
	TAKE("/my-bookings", my_bookings, LIMIT_MAIL, "Send their links"),
	SHOW("/b/{token}", manage_page, "An invitee's booking"),
	SHOW("/b/{token}/invite.ics", manage_file, "It as a calendar file"),
	TAKE("/b/{token}/move", move, LIMIT_WRITE, "Move it"),
	TAKE("/b/{token}/cancel", cancel, LIMIT_WRITE, "Cancel it"),
	TAKE("/b/{token}/propose", propose, LIMIT_WRITE, "Propose other times"),
	TAKE("/b/{token}/accept", accept, LIMIT_WRITE, "Take a proposed time"),
	TAKE("/b/{token}/decline", decline, LIMIT_WRITE, "Take none of them"),
	TAKE("/b/{token}/withdraw", withdraw, LIMIT_WRITE, "Take one's own back"),
	SHOW("/app", app_page, "The dashboard"),
	SHOW("/app/{page}", app_page, "A page of it"),
	SHOW("/app/{page}/{item}", app_page, "A thing on a page of it"),
	SHOW("/{username}", profile_page, "What a host offers"),
	SHOW("/{username}/{code}", book_page, "Free times, and who books"),
	TAKE("/{username}/{code}", book, LIMIT_WRITE, "Hold, prove and book"),
	SHOW("/{username}/{code}/ask", ask_page, "No time suits"),
	TAKE("/{username}/{code}/ask", ask, LIMIT_MAIL, "A note to the host"),
	{ .method = NULL },
};
