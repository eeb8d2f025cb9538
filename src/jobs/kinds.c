#include "kinds.h"

#include "booking_push.h"
#include "mails.h"
#include "note_mail.h"
#include "store/guard.h"
#include "store/idempotency.h"
#include "store/mail_quota.h"
#include "store/otp.h"
#include "store/refusal.h"
#include "store/rate.h"
#include "store/session.h"
#include "webhook_mail.h"

const struct job_kind JOB_KINDS[] = {
	{ .name = "code_mail", .run = code_mail_run, .lease = { 60 }, .backoff = { 5 }, .tries = 8 },
	{ .name = "webhook_mail", .run = webhook_mail_run, .lease = { 60 }, .backoff = { 15 }, .tries = 16 },
	{ .name = "account_mail", .run = account_mail_run, .lease = { 60 }, .backoff = { 15 }, .tries = 16 },
	{ .name = "list_mail", .run = list_mail_run, .lease = { 60 }, .backoff = { 15 }, .tries = 8 },
	{ .name = "note_mail", .run = note_mail_run, .lease = { 60 }, .backoff = { 15 }, .tries = 16 },
	{ .name = "booking_mail",
	  .run = booking_mail_run,
	  .lease = { 60 },
	  .backoff = { 15 },
	  .tries = 16,
	  .delivers = true },
	{ .name = "booking_push",
	  .run = booking_push_run,
	  .lease = { 60 },
	  .backoff = { 15 },
	  .tries = 8,
	  .delivers = true },
	{ .name = "booking_follow", .run = booking_follow_run, .lease = { 60 }, .backoff = { 5 }, .tries = 20 },
	{ .name = "booking_expiry", .run = booking_expiry_run, .lease = { 60 }, .backoff = { 5 }, .tries = 20 },
	{ .name = "proposal_expiry", .run = proposal_expiry_run, .lease = { 60 }, .backoff = { 5 }, .tries = 20 },
	{ .name = NULL },
};

static enum err ended_bookings(struct cx *cx, void *none)
{
	(void)none;
	return booking_complete(cx);
}

static enum err holds(struct cx *cx, void *none)
{
	(void)none;
	return hold_prune(cx);
}

static enum err codes(struct cx *cx, void *none)
{
	(void)none;
	return otp_prune(cx);
}

static enum err mails(struct cx *cx, void *none)
{
	(void)none;
	return mail_quota_prune(cx);
}

static enum err sessions(struct cx *cx, void *none)
{
	(void)none;
	return session_prune(cx);
}

static enum err answers(struct cx *cx, void *none)
{
	(void)none;
	return kept_answer_prune(cx);
}

static enum err rates(struct cx *cx, void *none)
{
	(void)none;
	return rate_prune(cx);
}

static enum err jobs(struct cx *cx, void *none)
{
	int64_t removed;
	(void)none;
	return job_prune(cx, (instant){ cx->now.s - 30 * DAY_SECONDS }, &removed);
}

static enum err events(struct cx *cx, void *none)
{
	(void)none;
	return event_prune(cx);
}

static enum err refusals(struct cx *cx, void *none)
{
	(void)none;
	return refusal_flush(cx);
}

const struct periodic PERIODIC[] = {
	{ .name = "bookings that have ended", .run = ended_bookings, .every = 60 },
	{ .name = "expired holds", .run = holds, .every = 60 },
	{ .name = "expired codes", .run = codes, .every = 600 },
	{ .name = "expired sessions", .run = sessions, .every = 3600 },
	{ .name = "mails of the days before", .run = mails, .every = 3600 },
	{ .name = "kept answers", .run = answers, .every = 600 },
	{ .name = "old events", .run = events, .every = 600 },
	{ .name = "rate limits", .run = rates, .every = 600 },
	{ .name = "ended jobs", .run = jobs, .every = 600 },
	{ .name = "refusals counted", .run = refusals, .every = 60, .each = true },
	{ .name = NULL },
};
