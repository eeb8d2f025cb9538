#include "words.h"

#include "account.h"
#include "base/rule.h"
#include "base/secret.h"
#include "core/language.h"
#include "store/words_sql.h"

const char *const WORDS_READERS[] = { "invitee", "host", "guest", NULL }; /* as in enum message_reader */

#define KEY_FIELDS                                                                                       \
	FIELD(struct words, message, IN | OUT | MUST, .choices = MESSAGE_NAMES, .doc = "Which message"), \
	    FIELD(struct words, to, IN | OUT | MUST, .choices = WORDS_READERS, .doc = "Who reads it"),   \
	    FIELD(struct words, language, IN | OUT | MUST, .choices = LANGUAGES, .doc = "In which language")

const struct field WORDS_KEY[] = { KEY_FIELDS, FIELD_END };

const struct field WORDS[] = {
	KEY_FIELDS,
	FIELD(struct words, subject, IN | OUT | MUST, .rule = &RULE_LINE, .min = 1, .max = WORDS_SUBJECT,
	      .doc = "One line with {{names}}"),
	FIELD(struct words, text, IN | OUT | MUST, .rule = &RULE_TEXT, .min = 1, .max = WORDS_TEXT,
	      .doc = "What the mail begins with, with {{names}}; time, place, people and links follow by themselves"),
	FIELD(struct words, updated_at, OUT | MAYBE, .doc = "Last change; null: these are the usual words"),
	FIELD_END,
};

static const struct field WORDS_ROW[] = {
	FIELD(struct words, event_type_id, 0),
	FIELD(struct words, account_id, 0),
	FIELD(struct words, message, 0, .choices = MESSAGE_NAMES),
	FIELD(struct words, to, 0, .choices = WORDS_READERS),
	FIELD(struct words, language, 0, .choices = LANGUAGES),
	FIELD(struct words, subject, 0),
	FIELD(struct words, text, 0),
	FIELD(struct words, updated_at, MAYBE),
	FIELD_END,
};

enum err words_find(struct cx *cx, struct words *it, bool *found)
{
	*found = false;
	if (it->to > TO_GUEST)
		return OK;
	return db_find(cx, &WORDS_FIND, WORDS_ROW, it, WORDS_ROW, it, found);
}

enum err words_list(struct cx *cx, uuid event_type_id, struct list *out)
{
	struct words key = { .event_type_id = event_type_id };
	return db_list(cx, &WORDS_LIST, WORDS_ROW, &key, WORDS_ROW, sizeof(struct words), out);
}

/* The first of several keys that is a text. */
static str usual_lead(struct arena *a, const struct language *l, const char *template, bool to_host)
{
	static const char *const ENDS[][3] = { { "lead", "lead.host", "lead.invitee" },
					       { "lead", "lead.invitee", "lead.host" } };
	str found = { NULL, 0 };
	for (size_t i = 0; i < 3 && !found.p; i++)
		found = language_text(l, str_format(a, "mail.%s.%s", template, ENDS[to_host][i]));
	return found;
}

enum err words_usual(struct cx *cx, struct words *it)
{
	struct arena *a = &cx->arena;
	const char *template = MESSAGES[it->message].to[it->to].template;
	const struct language *l = language_find(str_of(LANGUAGES[it->language]));
	if (!template)
		return FAIL(cx, E_NOT_FOUND, S("/message"), "is none that goes to a %s", WORDS_READERS[it->to]);
	it->subject = words_of(a, language_text(l, str_format(a, "mail.%s.subject", template)));
	it->text = words_of(a, usual_lead(a, l, template, it->to == TO_HOST));
	it->updated_at = (instant){ NONE };
	return OK;
}

enum err words_put(struct cx *cx, struct words *it)
{
	it->account_id = cx->actor;
	it->updated_at = cx->now;
	return db_run(cx, &WORDS_PUT, WORDS_ROW, it, NULL);
}

enum err words_remove(struct cx *cx, const struct words *it)
{
	return db_run(cx, &WORDS_REMOVE, WORDS_ROW, it, NULL);
}
