/* mail_tool - makes and sends mails for the tests: one JSON object a line in, one a line out.
 *
 *     mail_tool [SMTP URL or spool folder]
 *
 * `op` says how far to go: "ical" writes the calendar text, "compose" the whole message, "send" hands it to the mailer,
 * which lives as long as the program. */
#include "core/zone.h"
#include "links/mail_data.h"
#include "links/smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG = 100000 };

static const char *const OPS[] = { "ical", "compose", "send", NULL };
static const char *const METHODS[] = { "publish", "request", "cancel", NULL };
static const char *const STATES[] = { "sent", "retry", "refused", NULL };
enum { OP_ICAL, OP_COMPOSE, OP_SEND };

struct request {
	unsigned op, method;
	str template, language, time_zone, other_time_zone;
	str from, from_name, to, to_name, message_id;
	str title, host_name, invitee_name, location, url, notes, reason;
	int64_t sequence;
	instant now, start, end;
};

static const struct field REQUEST[] = {
	FIELD(struct request, op, IN | MUST, .choices = OPS),
	FIELD(struct request, method, IN, .choices = METHODS, .def = ICAL_REQUEST),
	FIELD(struct request, template, IN | MAYBE),
	FIELD(struct request, language, IN | MAYBE),
	FIELD(struct request, time_zone, IN | MAYBE),
	FIELD(struct request, other_time_zone, IN | MAYBE),
	FIELD(struct request, from, IN, .max = LONG),
	FIELD(struct request, from_name, IN, .max = LONG),
	FIELD(struct request, to, IN, .max = LONG),
	FIELD(struct request, to_name, IN, .max = LONG),
	FIELD(struct request, message_id, IN, .max = LONG),
	FIELD(struct request, title, IN, .max = LONG),
	FIELD(struct request, host_name, IN, .max = LONG),
	FIELD(struct request, invitee_name, IN, .max = LONG),
	FIELD(struct request, location, IN, .max = LONG),
	FIELD(struct request, url, IN, .max = LONG),
	FIELD(struct request, notes, IN, .max = LONG),
	FIELD(struct request, reason, IN | MAYBE, .max = LONG),
	FIELD(struct request, sequence, IN, .max = 1 << 20),
	FIELD(struct request, now, IN | MUST),
	FIELD(struct request, start, IN | MUST),
	FIELD(struct request, end, IN | MUST),
	FIELD_END,
};

struct answer {
	str error, text, detail;
	unsigned state;
	int64_t code, wait_seconds;
	bool alert;
};

static const struct field ANSWER[] = {
	FIELD(struct answer, error, OUT | MAYBE),
	FIELD(struct answer, text, OUT | MAYBE),
	FIELD(struct answer, state, OUT, .choices = STATES),
	FIELD(struct answer, code, OUT),
	FIELD(struct answer, wait_seconds, OUT),
	FIELD(struct answer, alert, OUT),
	FIELD(struct answer, detail, OUT | MAYBE),
	FIELD_END,
};

static enum err calendar(struct cx *cx, const struct request *r, str *out)
{
	struct ical_person people[] = {
		{ r->to_name, r->to, ICAL_REQUIRED, ICAL_ACCEPTED, false },
		{ S("Guest"), S("guest@example.org"), ICAL_OPTIONAL, ICAL_NEEDS_ACTION, true },
	};
	struct ical c = {
		.method = r->method,
		.uid = S("0190aaaa@app.test"),
		.sequence = r->sequence,
		.stamp = cx->now,
		.when = { r->start, r->end },
		.title = r->title,
		.text = r->notes,
		.location = r->location,
		.url = r->url,
		.organizer = { .name = r->from_name, .address = r->from },
		.attendees = people,
		.n = 2,
	};
	return ical_write(cx, &c, out);
}

static enum err meeting(struct cx *cx, const struct request *r, struct mail *out)
{
	struct mail_meeting m = {
		.reader = { .language = language_find(r->language) },
		.other_name = r->host_name,
		.site = S("Noonmark"),
		.title = r->title,
		.host_name = r->host_name,
		.invitee_name = r->invitee_name,
		.invitee_email = r->to,
		.when = { r->start, r->end },
		.before = { r->now, instant_add(r->now, span_minutes(30)) },
		.now = r->now,
		.location = r->location,
		.notes = r->notes,
		.reason = r->reason,
		.by = MAIL_BY_INVITEE,
		.manage_url = S("https://app.test/b/token"),
	};
	TRY(zone_load(cx, r->time_zone.p ? r->time_zone : S("Europe/Berlin"), S("time_zone"), &m.reader.zone));
	if (r->other_time_zone.p)
		TRY(zone_load(cx, r->other_time_zone, S("other_time_zone"), &m.other_zone));
	const char *name = r->template.p ? str_to_c(&cx->arena, r->template) : "booked";
	return mail_render(cx, name, r->language, mail_meeting_value(&cx->arena, &m), out);
}

static enum err mail_make(struct cx *cx, const struct request *r, struct mail *out)
{
	*out = (struct mail){ .from = { r->from_name, r->from },
			      .to = { r->to_name, r->to },
			      .message_id = r->message_id,
			      .date = r->now,
			      .ics_method = r->method };
	TRY(calendar(cx, r, &out->ics));
	return meeting(cx, r, out);
}

static enum err compose(struct cx *cx, const struct mail *mail, str *out)
{
	struct buf message = { 0 };
	enum err err = mail_compose(cx, mail, &message);
	*out = str_copy(&cx->arena, buf_str(&message));
	buf_free(&message);
	return err;
}

static enum err answer(struct cx *cx, struct mailer *mailer, str line, struct answer *out)
{
	struct request r;
	struct mail mail;
	TRY(field_decode(cx, REQUEST, &r, line, FIELD_NEW));
	cx->now = r.now;
	if (r.op == OP_ICAL)
		return calendar(cx, &r, &out->text);
	TRY(mail_make(cx, &r, &mail));
	if (r.op == OP_COMPOSE)
		return compose(cx, &mail, &out->text);
	struct handover d = mailer->send(mailer, cx, &mail);
	*out = (struct answer){
		.state = d.state, .code = d.code, .wait_seconds = d.wait.s, .alert = d.alert, .detail = d.detail
	};
	return OK;
}

static void run(struct cx *cx, struct mailer *mailer, str line)
{
	struct answer a = { 0 };
	struct buf out = { 0 };
	if (answer(cx, mailer, line, &a))
		a = (struct answer){ .error = cx->fault.message, .state = HANDOVER_REFUSED };
	field_write(&out, ANSWER, &a);
	printf("%.*s\n", STR_ARG(buf_str(&out)));
	fflush(stdout);
	buf_free(&out);
	fault_clear(cx);
	arena_reset(&cx->arena);
}

int main(int argc, char **argv)
{
	struct cx cx = { 0 };
	struct mailer *mailer = NULL;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	smtp_ready();
	bool url = argc > 1 && strstr(argv[1], "://");
	enum err err = argc < 2 ? OK
		       : url    ? smtp_open(&cx, str_of(argv[1]), &mailer)
				: spool_open(&cx, str_of(argv[1]), &mailer);
	if (err) {
		fprintf(stderr, "mail_tool: %.*s\n", STR_ARG(cx.fault.message));
		return 1;
	}
	while ((n = getline(&line, &size, stdin)) > 0)
		run(&cx, mailer, str_trim((str){ line, (size_t)n }));
	free(line);
	if (mailer)
		mailer->close(mailer);
	arena_close(&cx.arena);
	return 0;
}
