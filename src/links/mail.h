/* mail - one message to one person, as the bytes of RFC 5322 and MIME.  The spool and SMTP send the same bytes, and the
 * same struct gives the same bytes always (the boundary comes from the Message-ID). */
#ifndef LINKS_MAIL_H
#define LINKS_MAIL_H
#include "base/buf.h"
#include "core/ical.h"
#include "core/value.h"

struct mail_person {
	str name, address;
}; /* name may be absent */

struct mail {
	struct mail_person from, to;
	struct mail_person reply_to; /* no address: none */
	str return_path;             /* envelope sender for bounces; absent: from.address */
	str subject;
	str message_id;  /* "<booking.2.invitee@book.example.org>": the same at every try */
	str in_reply_to; /* absent, or the first message's id: keeps a booking's mails together */
	str references;  /* absent, or ids with a blank between them */
	str unsubscribe; /* absent, or an https address for one-click unsubscribing (RFC 8058) */
	str text, html;  /* \n or \r\n; html may be absent */
	str ics;         /* what ical_write made; absent: none */
	enum ical_method ics_method;
	instant date;
};

/* mail_compose - append the message to `out`: CRLF only, lines of at most 78 bytes, 7-bit; all machine mail says
 * Auto-Submitted (RFC 3834) and X-Auto-Response-Suppress.  Controls in names and subject become blanks.
 *   E_INVALID  an address that RULE_EMAIL refuses, a malformed Message-ID, no text
 *   E_LIMIT    past out->max */
enum err mail_compose(struct cx *, const struct mail *, struct buf *out);

/* mail_render - subject, text and html of one of templates/mail, in cx->arena; the rest of *out stays.
 * The names a template may show are in templates/README.md; mail_data.h makes them.
 *   language   "de", "pt-BR", absent …: English when there is no such text
 *   E_NOT_FOUND  no such mail */
enum err mail_render(struct cx *, const char *name, str language, const struct value *data, struct mail *out);

/* mail_id - "<kind.id.sequence.to-hash@host>" in the arena: stable per notification and recipient. */
str mail_id(struct arena *, const char *kind, str id, int64_t sequence, str to, str host);
#endif
