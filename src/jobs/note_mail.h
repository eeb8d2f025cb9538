/* note_mail - tells a host that a visitor found no time that suits. */
#ifndef JOBS_NOTE_MAIL_H
#define JOBS_NOTE_MAIL_H
#include "worker.h"

enum { NOTE_BYTES = 1000 };

/* note - what a visitor wrote about an event type; the address was not proved. */
struct note {
	uuid account_id, event_type_id; /* the host, and what was looked at */
	str title, path;                /* of the event type: "/ada/intro" */
	str name, email, text;          /* RULE_NAME, RULE_EMAIL, RULE_TEXT of at most NOTE_BYTES */
	str time_zone;                  /* the visitor's, an IANA name */
};

/* note_mail_add - to be mailed to the host; a second one of an address about an event type within an hour of the clock
 * is dropped silently. */
enum err note_mail_add(struct cx *, const struct note *);

enum err note_mail_run(struct work *, const struct job *);
#endif
