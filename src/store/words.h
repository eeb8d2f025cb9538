/* words - a host's own subject and text for a message of an event type, in one language. */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H
#include "core/message.h"
#include "core/words.h"
#include "db.h"

struct words {
	uuid event_type_id, account_id;
	unsigned message, to; /* enum booking_message, message_reader */
	unsigned language;    /* index into LANGUAGES */
	str subject, text;    /* as words_check of core/words.h takes them */
	instant updated_at;   /* NONE: they are ours, as is usual */
};
/* WORDS is what a host sends and sees; WORDS_KEY names one: message, to, language. */
extern const struct field WORDS[], WORDS_KEY[];
extern const char *const WORDS_READERS[];

/* words_find - what was written for event_type_id, message, to and language of *it: subject, text and updated_at. */
enum err words_find(struct cx *, struct words *it, bool *found);

/* words_list - of struct words, all that the actor wrote for an event type. */
enum err words_list(struct cx *, uuid event_type_id, struct list *out);

/* words_usual - ours, in the syntax of a host's own, in place of subject and text.
 *   E_NOT_FOUND  /message: that reader gets no such message */
enum err words_usual(struct cx *, struct words *it);

/* words_put - save the actor's, in place of an earlier one.   words_remove - back to ours; none is fine. */
enum err words_put(struct cx *, struct words *);
enum err words_remove(struct cx *, const struct words *);
#endif
