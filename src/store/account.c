#include "account.h"

#include "base/rule.h"
#include "base/secret.h"
#include "store/account_sql.h"

const char *const ROLES[] = { "user", "admin", NULL };
const char *const PLANS[] = { "free", "paid", NULL };

const struct field ACCOUNT_ROW[] = {
	FIELD(struct account, id, 0),
	FIELD(struct account, email, MAYBE),
	FIELD(struct account, username, MAYBE),
	FIELD(struct account, username_look, MAYBE),
	FIELD(struct account, first_name, 0),
	FIELD(struct account, last_name, MAYBE),
	FIELD(struct account, time_zone, 0),
	FIELD(struct account, language, 0, .choices = LANGUAGES),
	FIELD(struct account, password_hash, MAYBE),
	FIELD(struct account, role, 0, .choices = ROLES),
	FIELD(struct account, plan, 0, .choices = PLANS),
	FIELD(struct account, version, 0),
	FIELD(struct account, created_at, 0),
	FIELD(struct account, updated_at, 0),
	FIELD(struct account, deleted_at, MAYBE),
	FIELD_END,
};

const struct field ACCOUNT[] = {
	FIELD(struct account, id, OUT, .doc = "The account's id"),
	FIELD(struct account, email, OUT, .doc = "Proved by a one-time code"),
	FIELD(struct account, username, IN | OUT, .rule = &RULE_USERNAME, .min = 3, .max = 32,
	      .doc = "Part of the public address"),
	FIELD(struct account, first_name, IN | OUT, .rule = &RULE_NAME, .min = 1, .max = 80,
	      .doc = "As invitees see it"),
	FIELD(struct account, last_name, IN | OUT | MAYBE, .rule = &RULE_NAME, .max = 80,
	      .doc = "As invitees see it"),
	FIELD(struct account, time_zone, IN | OUT, .max = 64, .doc = "IANA zone in which this person reads times"),
	FIELD(struct account, language, IN | OUT, .choices = LANGUAGES, .doc = "Of pages and mails to this person"),
	FIELD(struct account, role, OUT, .choices = ROLES, .doc = "What this person may do here"),
	FIELD(struct account, plan, OUT, .choices = PLANS, .doc = "Which limits hold"),
	FIELD(struct account, version, OUT, .doc = "Rises with every change"),
	FIELD(struct account, created_at, OUT, .doc = "When the email was proved"),
	FIELD(struct account, updated_at, OUT, .doc = "Last change"),
	FIELD_END,
};

const struct field PROFILE[] = {
	FIELD(struct account, username, OUT, .doc = "Part of the public address"),
	FIELD(struct account, first_name, OUT, .doc = "First name"),
	FIELD(struct account, last_name, OUT | MAYBE, .doc = "Last name"),
	FIELD(struct account, time_zone, OUT, .doc = "The host's IANA zone"),
	FIELD_END,
};

static const struct field REGISTRATION[] = {
	FIELD(struct registration, email, 0),
	FIELD(struct registration, username, 0),
	FIELD(struct registration, username_look, 0),
	FIELD(struct registration, first_name, 0),
	FIELD(struct registration, last_name, MAYBE),
	FIELD(struct registration, time_zone, 0),
	FIELD(struct registration, language, 0, .choices = LANGUAGES),
	FIELD(struct registration, password_hash, 0),
	FIELD(struct registration, expires_at, 0),
	FIELD_END,
};

enum err account_get(struct cx *cx, struct account *out)
{
	return db_get(cx, &ACCOUNT_GET, ACCOUNT_ROW, out, ACCOUNT_ROW, out);
}

enum err account_get_id(struct cx *cx, uuid id, struct account *out)
{
	struct account key = { .id = id };
	return db_get(cx, &ACCOUNT_GET_ID, ACCOUNT_ROW, &key, ACCOUNT_ROW, out);
}

enum err account_ask_id(struct cx *cx, uuid id)
{
	struct account key = { .id = id };
	return db_ask(cx, &ACCOUNT_GET_ID, ACCOUNT_ROW, &key, ACCOUNT_ROW);
}

enum err account_find_email(struct cx *cx, str email, struct account *out, bool *found)
{
	struct account key = { .email = email };
	return db_find(cx, &ACCOUNT_FIND_EMAIL, ACCOUNT_ROW, &key, ACCOUNT_ROW, out, found);
}

enum err account_get_username(struct cx *cx, str username, struct account *out)
{
	struct account key = { .username = str_lower(&cx->arena, username) };
	return db_get(cx, &ACCOUNT_FIND_USERNAME, ACCOUNT_ROW, &key, ACCOUNT_ROW, out);
}

static enum err username_taken(struct cx *cx, enum err e)
{
	if (e != E_CONFLICT)
		return e;
	return FAIL(cx, E_CONFLICT, S("/username"), "is taken, or looks like one that is: choose another");
}

enum err account_update(struct cx *cx, struct account *a)
{
	a->username_look = username_look(&cx->arena, a->username);
	TRY(username_taken(cx, db_run(cx, &ACCOUNT_UPDATE, ACCOUNT_ROW, a, NULL)));
	return account_get(cx, a);
}

enum err account_insert(struct cx *cx, struct account *a)
{
	a->id = uuid_make(cx->now);
	a->username_look = username_look(&cx->arena, a->username);
	a->version = 1;
	a->created_at = a->updated_at = cx->now;
	a->deleted_at = (instant){ NONE };
	TRY(username_taken(cx, db_run(cx, &ACCOUNT_INSERT, ACCOUNT_ROW, a, NULL)));
	return db_run(cx, &ACCOUNT_BOOKABLE_INSERT, ACCOUNT_ROW, a, NULL);
}

enum err account_erase(struct cx *cx)
{
	static const struct stmt *const steps[] = {
		&ACCOUNT_ERASE_CODES,       &ACCOUNT_ERASE_REGISTRATION, &ACCOUNT_ERASE_HEARD,
		&ACCOUNT_ERASE_NOTES,       &ACCOUNT_ERASE_JOBS,         &ACCOUNT_ERASE,
		&ACCOUNT_ERASE_EVENT_TYPES, &ACCOUNT_ERASE_SCHEDULES,    &ACCOUNT_ERASE_API_KEYS,
		&ACCOUNT_ERASE_SESSIONS,    &ACCOUNT_ERASE_DELIVERIES,   &ACCOUNT_ERASE_REFUSALS,
		&ACCOUNT_ERASE_CO_HOSTED,   &ACCOUNT_ERASE_GUESTS,       &ACCOUNT_ERASE_PREFERENCE,
		&ACCOUNT_ERASE_WEBHOOKS,    &ACCOUNT_ERASE_EVENTS,       &ACCOUNT_ERASE_WORDS,
		&ACCOUNT_ERASE_AUDIT
	};
	struct account nothing = { 0 };
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
		TRY(db_run(cx, steps[i], ACCOUNT_ROW, &nothing, NULL));
	return OK;
}

enum err registration_put(struct cx *cx, const struct registration *given)
{
	struct registration put = *given, other;
	put.username_look = username_look(&cx->arena, put.username);
	struct account taken, key = { .username_look = put.username_look };
	bool is_taken, waits;
	TRY(db_find(cx, &ACCOUNT_FIND_LOOK, ACCOUNT_ROW, &key, ACCOUNT_ROW, &taken, &is_taken));
	TRY(db_find(cx, &REGISTRATION_CONFLICT, REGISTRATION, &put, REGISTRATION, &other, &waits));
	if (is_taken || waits) /* by whomever: that it is this address's own would tell that the address is known */
		return username_taken(cx, E_CONFLICT);
	return db_run(cx, &REGISTRATION_PUT, REGISTRATION, &put, NULL);
}

enum err registration_take(struct cx *cx, str email, struct registration *out, bool *found)
{
	struct registration key = { .email = email };
	TRY(db_find(cx, &REGISTRATION_TAKE, REGISTRATION, &key, REGISTRATION, out, found));
	*found = *found && out->expires_at.s > cx->now.s;
	return OK;
}
