#include "base/log.h"
#include "base/token.h"
#include "booking_push.h"
#include "booking_text.h"
#include "mails.h"
#include "store/account.h"
#include "store/delivery.h"
#include "store/preference.h"
#include "store/push.h"

/* booking_mail - one message to one person, as the change was. */
struct booking_mail {
	uuid booking_id, device; /* device: the browser that is told instead of a mail; all zero: a mail */
	unsigned message, to;
	str email, name, host, by, reason; /* host: its name, which goes with the account */
	str guest;                         /* who declined, or hosts too */
	int64_t sequence, minutes;         /* minutes: a reminder's, before the start */
	int64_t version;                   /* of what leaves the sequence alone: one message for each; else zero */
	bool tentative;                    /* the booking waits for the host */
	instant start, end, before_start, before_end;
	struct list starts; /* of instant: proposed */
	instant until;
};

static const struct field BOOKING_MAIL[] = {
	FIELD(struct booking_mail, booking_id, IN | OUT | MUST),
	FIELD(struct booking_mail, device, IN | OUT | MAYBE),
	FIELD(struct booking_mail, message, IN | OUT | MUST, .choices = MESSAGE_NAMES),
	FIELD(struct booking_mail, to, IN | OUT | MUST, .choices = READER_NAMES),
	FIELD(struct booking_mail, email, IN | OUT | MUST, .max = 254),
	FIELD(struct booking_mail, name, IN | OUT | MAYBE, .max = 400),
	FIELD(struct booking_mail, host, IN | OUT | MAYBE, .max = 400),
	FIELD(struct booking_mail, by, IN | OUT | MAYBE),
	FIELD(struct booking_mail, reason, IN | OUT | MAYBE, .max = 2000),
	FIELD(struct booking_mail, sequence, IN | OUT | MUST),
	FIELD(struct booking_mail, minutes, IN | OUT),
	FIELD(struct booking_mail, guest, IN | OUT | MAYBE, .max = 400),
	FIELD(struct booking_mail, version, IN | OUT),
	FIELD(struct booking_mail, tentative, IN | OUT),
	FIELD(struct booking_mail, start, IN | OUT | MUST),
	FIELD(struct booking_mail, end, IN | OUT | MUST),
	FIELD(struct booking_mail, before_start, IN | OUT | MAYBE),
	FIELD(struct booking_mail, before_end, IN | OUT | MAYBE),
	LIST(struct booking_mail, starts, IN | OUT | MAYBE, PROPOSAL_START, instant),
	FIELD(struct booking_mail, until, IN | OUT | MAYBE),
	FIELD_END,
};

/* ---- causing */

/* Whether the host wants that reader told; nobody is where the account is gone. */
static bool is_told(const struct booking *b, const struct preference *p, enum booking_message message,
		    enum message_reader to, str email)
{
	bool ours = to == TO_HOST || to == TO_CO_HOST || (b->send_mails && b->event_send_mails);
	return email.n && ours && preference_on(p, message, to, CHANNEL_EMAIL);
}

static enum err add_one(struct cx *cx, const struct booking *b, const struct preference *p, struct booking_mail *m,
			enum message_reader to, str email, str name)
{
	char id[UUID_TEXT];
	if (!is_told(b, p, m->message, to, email))
		return OK;
	m->to = to;
	m->email = email;
	m->name = name;
	digest who = sha256(email); /* the key outlives the mail, and is logged: it need not tell the address */
	struct job job = {
		.account_id = b->account_id,
		.kind = S("booking_mail"),
		.dedupe_key =
		    str_format(&cx->arena, "booking:%s:%lld:%s-%lld-%lld:%s:%.*s", uuid_format(id, b->id).p,
			       (long long)b->sequence, MESSAGE_NAMES[m->message], (long long)m->minutes,
			       (long long)m->version, READER_NAMES[to], STR_ARG(base64url(&cx->arena, who.b, 16))),
		.payload = field_encode(&cx->arena, BOOKING_MAIL, m),
	};
	struct delivery delivery = { .booking_id = b->id,
				     .channel = CHANNEL_EMAIL,
				     .message = str_of(MESSAGE_NAMES[m->message]),
				     .reader = str_of(READER_NAMES[to]),
				     .recipient = email };
	return delivery_add(cx, &delivery, &job);
}

static enum err push_one(struct cx *cx, const struct booking *b, const struct booking_mail *m,
			 const struct push_subscription *device)
{
	char id[UUID_TEXT], whom[UUID_TEXT];
	struct job job = {
		.account_id = b->account_id,
		.kind = S("booking_push"),
		.lane = LANE_HTTP,
		.dedupe_key = str_format(&cx->arena, "push:%s:%lld:%s-%lld-%lld:%s", uuid_format(id, b->id).p,
					 (long long)b->sequence, MESSAGE_NAMES[m->message], (long long)m->minutes,
					 (long long)m->version, uuid_format(whom, device->id).p),
		.payload = field_encode(&cx->arena, BOOKING_MAIL, m),
	};
	struct delivery delivery = { .booking_id = b->id,
				     .channel = CHANNEL_PUSH,
				     .message = str_of(MESSAGE_NAMES[m->message]),
				     .reader = str_of(READER_NAMES[TO_HOST]),
				     .recipient = device->user_agent.n ? device->user_agent : S("a browser") };
	return delivery_add(cx, &delivery, &job);
}

/* Whether the host did it; of times that nobody answered, `by` is who proposed them. */
static bool is_own(const struct booking_mail *m)
{
	return str_is(m->by, S("host")) && m->message != MESSAGE_PROPOSAL_EXPIRED;
}

/* The host's browsers hear what the host is mailed, but not of what they did themselves. */
static enum err push_all(struct cx *cx, const struct booking *b, const struct preference *p,
			 const struct booking_mail *m)
{
	struct booking_mail it = *m;
	struct list devices;
	if (!p->has_browsers || !b->host_email.n || is_own(m) || !preference_on(p, m->message, TO_HOST, CHANNEL_PUSH))
		return OK;
	it.to = TO_HOST;
	it.email = b->host_email;
	TRY(push_list_account(cx, b->account_id, &devices));
	for (size_t i = 0; i < devices.n; i++) {
		const struct push_subscription *device = (const struct push_subscription *)devices.items + i;
		it.device = device->id;
		TRY(push_one(cx, b, &it, device));
	}
	return OK;
}

/* The host, by mail and on all browsers. */
static enum err host_add(struct cx *cx, const struct booking *b, const struct preference *p, struct booking_mail *m)
{
	TRY(add_one(cx, b, p, m, TO_HOST, b->host_email, b->host_first_name));
	return push_all(cx, b, p, m);
}

static struct booking_mail mail_of(enum booking_message message, const struct booking *b)
{
	return (struct booking_mail){ .booking_id = b->id,
				      .message = message,
				      .sequence = b->sequence,
				      .tentative = b->status == BOOKING_PENDING,
				      .start = b->start,
				      .end = b->end,
				      .before_start = { NONE },
				      .before_end = { NONE },
				      .until = { NONE } };
}

static enum message_reader reader_of(const struct guest *g)
{
	return g->role == GUEST_CO_HOST ? TO_CO_HOST : TO_GUEST;
}

/* What guests hear: false is nothing. */
static bool tell_guests(const struct booking *b, bool stood, struct booking_mail *m)
{
	bool stands =
	    b->status == BOOKING_CONFIRMED || b->status == BOOKING_COMPLETED || b->status == BOOKING_NO_SHOW;
	if (!stands && !stood)
		return false;
	if (!stood && m->message != MESSAGE_BOOKED)
		m->message = MESSAGE_CONFIRMED; /* its template invites */
	else if (!stands)
		m->message = MESSAGE_CANCELLED;
	if (!stands && instant_is(m->before_start)) { /* the time that they know */
		m->start = m->before_start;
		m->end = m->before_end;
	}
	return true;
}

enum err booking_mail_add(struct cx *cx, enum booking_message message, const struct booking *b, bool stood,
			  range before, str by, str reason)
{
	struct preference p;
	TRY(preference_find(cx, b->account_id, &p));
	return booking_tell_all(cx, message, b, &p, stood, before, by, reason);
}

enum err booking_tell_all(struct cx *cx, enum booking_message message, const struct booking *b,
			  const struct preference *p, bool stood, range before, str by, str reason)
{
	struct booking_mail m = mail_of(message, b);
	m.host = booking_host_name(&cx->arena, b);
	m.by = by;
	m.reason = reason;
	m.before_start = before.from;
	m.before_end = before.to;
	if (message == MESSAGE_REQUESTED)
		m.until = b->pending_until;
	TRY(add_one(cx, b, p, &m, TO_INVITEE, b->invitee_email, b->invitee_name));
	TRY(host_add(cx, b, p, &m));
	bool tells = tell_guests(b, stood, &m);
	for (size_t i = 0; tells && i < b->guests.n; i++) {
		const struct guest *g = (const struct guest *)b->guests.items + i;
		TRY(add_one(cx, b, p, &m, reader_of(g), g->email, g->name));
	}
	return OK;
}

enum err booking_guest_mail_add(struct cx *cx, enum booking_message message, const struct booking *b,
				const struct guest *g)
{
	struct booking_mail m = mail_of(message, b);
	struct preference p;
	TRY(preference_find(cx, b->account_id, &p));
	m.host = booking_host_name(&cx->arena, b);
	return add_one(cx, b, &p, &m, reader_of(g), g->email, g->name);
}

enum err booking_decline_mail_add(struct cx *cx, const struct booking *b, const struct guest *g)
{
	struct booking_mail m = mail_of(MESSAGE_GUEST_DECLINED, b);
	struct preference p;
	TRY(preference_find(cx, b->account_id, &p));
	m.guest = g->name.n ? g->name : g->email;
	m.version = b->version;
	return host_add(cx, b, &p, &m);
}

enum err booking_co_host_mail_add(struct cx *cx, const struct booking *b, const struct guest *g, bool added, str by)
{
	struct booking_mail m = mail_of(added ? MESSAGE_CO_HOST : MESSAGE_CO_HOST_LEFT, b);
	struct preference p;
	TRY(preference_find(cx, b->account_id, &p));
	m.host = booking_host_name(&cx->arena, b);
	m.by = by;
	m.guest = g->name.n ? g->name : g->email;
	m.version = b->version;
	TRY(add_one(cx, b, &p, &m, TO_INVITEE, b->invitee_email, b->invitee_name));
	return host_add(cx, b, &p, &m);
}

enum err booking_talk_mail_add(struct cx *cx, enum booking_message message, const struct booking *b,
			       enum booking_party by, str note)
{
	struct booking_mail m = mail_of(message, b);
	struct preference p;
	TRY(preference_find(cx, b->account_id, &p));
	m.host = booking_host_name(&cx->arena, b);
	m.by = by == PARTY_INVITEE ? S("invitee") : S("host");
	m.reason = note;
	m.version = b->version;
	if (message == MESSAGE_PROPOSED) {
		m.starts = b->proposal.starts;
		m.until = b->proposal.expires_at;
	}
	if (by == PARTY_HOST || message == MESSAGE_PROPOSAL_EXPIRED)
		TRY(add_one(cx, b, &p, &m, TO_INVITEE, b->invitee_email, b->invitee_name));
	if (by == PARTY_INVITEE || message == MESSAGE_PROPOSAL_EXPIRED)
		TRY(host_add(cx, b, &p, &m));
	return OK;
}

enum err booking_moment_mail_add(struct cx *cx, enum booking_message message, const struct booking *b,
				 int64_t minutes)
{
	struct booking_mail m = mail_of(message, b);
	struct preference p;
	TRY(preference_find(cx, b->account_id, &p));
	m.minutes = minutes;
	TRY(add_one(cx, b, &p, &m, TO_INVITEE, b->invitee_email, b->invitee_name));
	TRY(host_add(cx, b, &p, &m));
	for (size_t i = 0; i < b->guests.n; i++) {
		const struct guest *g = (const struct guest *)b->guests.items + i;
		if (guest_takes_time(g))
			TRY(add_one(cx, b, &p, &m, TO_CO_HOST, g->email, g->name));
	}
	return OK;
}

/* ---- writing */

static enum ical_status ical_status_of(enum booking_status s)
{
	return !policy_occupies(s) ? ICAL_CANCELLED : s == BOOKING_PENDING ? ICAL_TENTATIVE : ICAL_CONFIRMED;
}

static struct ical_person ical_guest(const struct guest *g)
{
	static const enum ical_answer answers[] = { [RSVP_NEEDS_ACTION] = ICAL_NEEDS_ACTION,
						    [RSVP_ACCEPTED] = ICAL_ACCEPTED,
						    [RSVP_DECLINED] = ICAL_DECLINED,
						    [RSVP_TENTATIVE] = ICAL_MAYBE };
	return (struct ical_person){ g->name, g->email, g->role == GUEST_PASSIVE ? ICAL_OPTIONAL : ICAL_REQUIRED,
				     answers[g->rsvp], true };
}

/* people - of one meeting, each address once: calendars know people by it, and one may be invitee and host. */
struct people {
	struct ical_person *items;
	size_t n;
};

static void person_add(struct people *people, struct ical_person one)
{
	for (size_t i = 0; i < people->n; i++)
		if (str_is(people->items[i].address, one.address))
			return;
	people->items[people->n++] = one;
}

/* The text of a calendar's entry: what the host says, then what the invitee wrote. */
static str ical_text(struct cx *cx, const struct booking *b)
{
	return !b->description.n ? b->notes
	       : !b->notes.n     ? b->description
				 : str_format(&cx->arena, "%.*s\n\n%.*s", STR_ARG(b->description), STR_ARG(b->notes));
}

enum err booking_ical(struct cx *cx, enum ical_method method, const struct booking *b, str organizer, range when,
		      int64_t sequence, str url, struct ical *out)
{
	char id[UUID_TEXT];
	struct people people = { NEWS(&cx->arena, struct ical_person, b->guests.n + 2), 0 };
	str host = booking_host_name(&cx->arena, b);
	if (b->host_email.n)
		person_add(&people, (struct ical_person){ host, b->host_email, ICAL_CHAIR, ICAL_ACCEPTED, false });
	person_add(&people,
		   (struct ical_person){ b->invitee_name, b->invitee_email, ICAL_REQUIRED, ICAL_ACCEPTED, false });
	for (size_t i = 0; i < b->guests.n; i++)
		person_add(&people, ical_guest((const struct guest *)b->guests.items + i));
	*out = (struct ical){ .method = method,
			      .status = ical_status_of(b->status),
			      .uid = str_format(&cx->arena, "%s@noonmark", uuid_format(id, b->id).p),
			      .sequence = sequence,
			      .stamp = cx->now,
			      .when = when,
			      .title = b->title,
			      .text = ical_text(cx, b),
			      .location = b->location.value,
			      .url = url,
			      .organizer = { .name = host, .address = organizer },
			      .attendees = people.items,
			      .n = people.n };
	return OK;
}

struct loading {
	const struct booking_mail *m;
	struct booking b;
	struct account co_host;
	bool has_account;   /* the co-host who reads */
	struct words words; /* the host's, where there are */
	bool own;
};

/* The account of the co-host who reads, if there is one. */
static const struct account *co_host_of(const struct loading *l)
{
	return l->has_account ? &l->co_host : NULL;
}

static enum err load(struct cx *cx, void *arg)
{
	struct loading *l = arg;
	TRY(booking_get(cx, l->m->booking_id, &l->b));
	if (l->m->to == TO_CO_HOST)
		TRY(account_find_email(cx, l->m->email, &l->co_host, &l->has_account));
	l->words = (struct words){ .event_type_id = l->b.event_type_id,
				   .message = l->m->message,
				   .to = l->m->to,
				   .language = booking_language(&l->b, l->m->to, co_host_of(l)) };
	return words_find(cx, &l->words, &l->own);
}

/* What a mail tells may be over before it is sent: a reminder of another time, or of a meeting that was called off. */
static bool is_stale(const struct cx *cx, const struct booking *b, const struct booking_mail *m)
{
	if (!MESSAGES[m->message].moment)
		return false;
	bool stands = b->status == BOOKING_CONFIRMED || b->status == BOOKING_COMPLETED;
	return !stands || b->sequence != m->sequence ||
	       booking_moment_over(m->message, (range){ b->start, b->end }, cx->now);
}

/* The reader's own page; a guest who is not invited any more has none. */
static str link_of(struct work *w, const struct booking *b, const struct booking_mail *m)
{
	char id[UUID_TEXT];
	struct arena *a = &w->cx->arena;
	str base = w->place->base_url;
	const struct guest *g = b->guests.items;
	if (m->to == TO_HOST)
		return str_format(a, "%.*s/app/bookings/%s", STR_ARG(base), uuid_format(id, b->id).p);
	if (m->to == TO_INVITEE) {
		str token = manage_token_make(w->cx, w->place->keys, b->id);
		return str_format(a, "%.*s/b/%.*s%s", STR_ARG(base), STR_ARG(token),
				  m->message == MESSAGE_CHOOSE_ANOTHER ? "?move=1" : "");
	}
	for (size_t i = 0; i < b->guests.n; i++)
		if (str_is(g[i].email, m->email)) {
			str token = guest_token_make(w->cx, w->place->keys, g[i].id);
			return str_format(a, "%.*s/g/%.*s", STR_ARG(base), STR_ARG(token));
		}
	return (str){ NULL, 0 };
}

/* The same in a mail, which nobody but its reader sees: there the host's answers a request without logging in. */
static str mailed_link(struct work *w, const struct booking *b, const struct booking_mail *m)
{
	if (m->message != MESSAGE_REQUESTED || m->to != TO_HOST)
		return link_of(w, b, m);
	return str_format(&w->cx->arena, "%.*s/a/%.*s", STR_ARG(w->place->base_url),
			  STR_ARG(answer_token_make(w->cx, w->place->keys, b->id)));
}

static enum err render(struct work *w, const struct loading *l, const struct booking_mail *m, struct mail *mail)
{
	struct telling t = { .message = m->message,
			     .to = m->to,
			     .when = { m->start, m->end },
			     .before = { m->before_start, m->before_end },
			     .starts = m->starts,
			     .until = m->until,
			     .by = m->by,
			     .reason = m->reason,
			     .base_url = w->place->base_url,
			     .guest = m->guest,
			     .co_host = co_host_of(l),
			     .link = mailed_link(w, &l->b, m) };
	return booking_text_render(w->cx, &l->b, &t, l->own ? &l->words : NULL, false, mail);
}

/* The calendar object of this message: as things stood when it was caused. */
static enum err calendar(struct work *w, const struct booking *b, const struct booking_mail *m, struct mail *mail)
{
	struct ical ical;
	mail->ics_method = MESSAGES[m->message].method;
	TRY(booking_ical(w->cx, mail->ics_method, b, w->place->mail_from, (range){ m->start, m->end }, m->sequence,
			 link_of(w, b, m), &ical));
	ical.status = m->tentative ? ICAL_TENTATIVE : MESSAGES[m->message].status;
	struct ical_person alone = { m->name, m->email, ICAL_REQUIRED, ICAL_NEEDS_ACTION, false };
	if (m->message == MESSAGE_UNINVITED) {
		ical.attendees = &alone;
		ical.n = 1;
		ical.uninvites = true;
	}
	return ical_write(w->cx, &ical, &mail->ics);
}

/* Whether one more mail may go there today.  Hosts hear of every booking, but of one only so often: what strangers can
 * do to it again and again, answer, propose and withdraw, fills no mailbox. */
static enum err quota_check(struct work *w, const struct job *job, const struct booking_mail *m, bool *fits)
{
	enum { HOST_A_BOOKING = 40 };
	char id[UUID_TEXT];
	if (m->to != TO_HOST)
		return mail_fits(w, job, m->email, w->place->mails_a_day, fits);
	str whom = str_format(&w->cx->arena, "%s %.*s", uuid_format(id, m->booking_id).p, STR_ARG(m->email));
	return mail_fits(w, job, whom, HOST_A_BOOKING, fits);
}

/* A mail's own id: by what it tells and to whom, as one address may read as several. */
static str id_of(struct work *w, const struct booking_mail *m, str kind, int64_t sequence)
{
	char id[UUID_TEXT];
	struct arena *a = &w->cx->arena;
	str host = w->place->mail_from;
	str_cut(&host, '@');
	str whole = str_format(a, "%.*s.%s", STR_ARG(kind), READER_NAMES[m->to]);
	return mail_id(a, whole.p, str_of(uuid_format(id, m->booking_id).p), sequence, m->email, host);
}

/* message_id, and what the mail answers, so that all of a booking are one thread: the first of them, whether it was booked
 * or asked for. */
static void ids_set(struct work *w, const struct booking_mail *m, struct mail *mail)
{
	struct arena *a = &w->cx->arena;
	str kind = str_of(MESSAGE_NAMES[m->message]), first = id_of(w, m, str_of(MESSAGE_NAMES[MESSAGE_BOOKED]), 0);
	if (m->message == MESSAGE_REMINDER)
		kind = str_format(a, "reminder-%lld", (long long)m->minutes);
	if (m->version)
		kind = str_format(a, "%.*s-%lld", STR_ARG(kind), (long long)m->version);
	bool begins = !m->sequence && (m->message == MESSAGE_BOOKED || m->message == MESSAGE_REQUESTED);
	mail->message_id = begins ? first : id_of(w, m, kind, m->sequence);
	if (!begins)
		mail->in_reply_to = mail->references = first;
}

enum err booking_mail_run(struct work *w, const struct job *job)
{
	bool fits;
	struct cx *cx = w->cx;
	struct booking_mail m;
	TRY(field_decode(cx, BOOKING_MAIL, &m, job->payload, FIELD_NEW));
	struct loading l = { .m = &m };
	TRY(store_read(w->place->store, cx, load, &l));
	if (is_stale(cx, &l.b, &m)) {
		w->skipped = "the meeting was moved, called off or has begun";
		return OK;
	}
	TRY(quota_check(w, job, &m, &fits));
	if (!fits) {
		w->skipped = "this address has had as many mails today as it may have";
		return OK;
	}
	if (!l.b.host_first_name.n) /* the account was erased, which is why this is told */
		l.b.host_first_name = m.host;
	struct mail mail = {
		.from = { m.to == TO_HOST ? S("Noonmark") : booking_host_name(&cx->arena, &l.b),
			  w->place->mail_from },
		.to = { m.name, m.email },
		.date = cx->now,
		.reply_to = { .address = m.to == TO_HOST ? l.b.invitee_email : l.b.host_email },
	};
	ids_set(w, &m, &mail);
	TRY(render(w, &l, &m, &mail));
	if (MESSAGES[m.message].calendar)
		TRY(calendar(w, &l.b, &m, &mail));
	return mail_send(w, &mail);
}

/* In our words, as the host's own are made for mails; the lead is the first line of the text. */
enum err booking_notice_read(struct work *w, const struct job *job, struct booking_notice *out)
{
	struct cx *cx = w->cx;
	struct booking_mail m;
	struct mail mail = { .subject = { NULL, 0 } };
	*out = (struct booking_notice){ .stale = true };
	TRY(field_decode(cx, BOOKING_MAIL, &m, job->payload, FIELD_NEW));
	struct loading l = { .m = &m };
	TRY(store_read(w->place->store, cx, load, &l));
	bool answered = m.message == MESSAGE_PROPOSED && !uuid_is(l.b.proposal.id);
	if (is_stale(cx, &l.b, &m) || l.b.sequence != m.sequence || answered || cx->now.s >= l.b.end.s ||
	    !l.b.host_email.n)
		return OK;
	l.own = false;
	TRY(render(w, &l, &m, &mail));
	str rest = mail.text;
	*out = (struct booking_notice){ .booking_id = m.booking_id,
					.device = m.device,
					.title = mail.subject,
					.lead = str_cut(&rest, '\n'),
					.language = str_of(LANGUAGES[l.b.host_language]),
					.start = m.start,
					.urgent = m.message == MESSAGE_REQUESTED || m.message == MESSAGE_PROPOSED ||
						  MESSAGES[m.message].moment };
	return OK;
}
