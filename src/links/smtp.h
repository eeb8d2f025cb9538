/* smtp - sending a mail: by SMTP, into files when no server is configured, into memory for tests.
 * A mailer belongs to one thread; it keeps its connection between mails. */
#ifndef LINKS_SMTP_H
#define LINKS_SMTP_H
#include "mail.h"

#include <stdatomic.h>

enum handover_state {
	HANDOVER_DONE,    /* the server took it, or the file is written */
	HANDOVER_RETRY,   /* not now: try again after at least `wait` */
	HANDOVER_REFUSED, /* never: the address or the message is refused for good */
};

struct handover {
	enum handover_state state;
	span wait;  /* RETRY */
	int code;   /* SMTP reply code, 0: none */
	bool alert; /* the fault is in our own configuration: credentials, TLS, sender refused */
	str detail; /* one line: the server's words, or the path of the file; in cx->arena */
};

struct mailer {
	const atomic_bool *ending; /* NULL, or once true: what was not asked for its message yet is given up, RETRY */
	struct handover (*send)(struct mailer *, struct cx *, const struct mail *);
	void (*close)(struct mailer *); /* frees it */
};

/* mailer_open - by configuration: smtp_open when url is not empty, else spool_open of data/mail. */
enum err mailer_open(struct cx *, str url, str data, struct mailer **out);

/* smtp_open - no connection is made yet.
 *   smtp://user:password@host:587/ehlo.name   STARTTLS required, unless the host is loopback
 *   smtps://host:465                          TLS from the start
 *   ?tls=none | required   ?ca=FILE (PEM, instead of the system's)   ?timeout=SECONDS
 *   5 s to connect, 30 s (or the timeout) in all for one mail
 *   E_INVALID  not such a URL: the message says what would be right */
enum err smtp_open(struct cx *, str url, struct mailer **out);

/* spool_open - each mail becomes folder/<time>-<id>.eml, mode 0600, whole or not at all; the folder is made. */
enum err spool_open(struct cx *, str folder, struct mailer **out);

/* smtp_ready - to be called once before threads start (libcurl's global state). */
void smtp_ready(void);
#endif
