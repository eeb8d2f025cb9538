#include "webhook_send.h"

#include "base/log.h"
#include "base/wait.h"
#include "links/http_client.h"
#include "mails.h"
#include "store/webhook.h"
#include "webhook_mail.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* OTHERS_POLLS: looks without a commit of our own, where others commit too */
enum { OTHERS_POLLS = 4 };
enum { THREADS_MAX = 16, POLL_MS = 100, AGAIN_MS = 1000, LEASE_SECONDS = 60, LASTING_HOURS = 72, GONE = 410 };
enum { EXCERPT = 500, BLOCK_FIRST = 5, BLOCK_MOST = 300, RETRY_AFTER_MOST = DAY_SECONDS };

static const int64_t WAITS[] = { 5,
				 5 * MINUTE_SECONDS,
				 30 * MINUTE_SECONDS,
				 2 * HOUR_SECONDS,
				 5 * HOUR_SECONDS,
				 10 * HOUR_SECONDS,
				 14 * HOUR_SECONDS,
				 20 * HOUR_SECONDS,
				 24 * HOUR_SECONDS };

struct webhook_senders {
	struct work_place place;
	pthread_t threads[THREADS_MAX];
	unsigned n;
	pthread_mutex_t turn; /* of looking for what is due: one looks, the others wait or send */
	struct ending ending;
	atomic_uint unrecorded; /* tries that ended, which the store cannot be told yet */
	uint64_t seen;          /* under turn: the commits that `due` is of */
	unsigned polls;         /* since the last look */
	instant due;
	_Atomic uint64_t delivered, failed;
};

/* ---- one delivery */

str webhook_signature(struct arena *a, const unsigned char key[32], str id, instant at, str body)
{
	str text = str_format(a, "%.*s.%lld.%.*s", STR_ARG(id), (long long)at.s, STR_ARG(body));
	digest d = hmac(key, text);
	str code = base64(a, d.b, sizeof d.b);
	return str_format(a, "v1,%.*s", STR_ARG(code));
}

static str signature_by(struct webhook_senders *s, struct cx *cx, str sealed, str id, str body)
{
	str key;
	if (!unseal(&cx->arena, s->place.keys->seal, sealed, &key) || key.n != WEBHOOK_SECRET)
		return (str){ NULL, 0 };
	return webhook_signature(&cx->arena, (const unsigned char *)key.p, id, cx->now, body);
}

/* By the secret, and for a day by the one before as well. */
static str signatures(struct webhook_senders *s, struct cx *cx, const struct webhook *w, str id, str body)
{
	str now = signature_by(s, cx, w->sealed, id, body), before = { NULL, 0 };
	if (w->sealed_before.n && instant_is(w->rotated_until) && w->rotated_until.s > cx->now.s)
		before = signature_by(s, cx, w->sealed_before, id, body);
	return before.n ? str_format(&cx->arena, "%.*s %.*s", STR_ARG(now), STR_ARG(before)) : now;
}

static enum err send_one(struct webhook_senders *s, struct cx *cx, const struct webhook_sending *it,
			 struct http_reply *reply)
{
	char text[UUID_TEXT];
	str id = uuid_format(text, it->event.id), body = event_body(&cx->arena, &it->event);
	str signature = signatures(s, cx, &it->webhook, id, body);
	if (!signature.n)
		return FAIL(cx, E_UNAVAILABLE, S(""), "the secret cannot be read with this server's key");
	struct pair headers[] = {
		{ S("Content-Type"), S("application/json") },
		{ S("webhook-id"), id },
		{ S("webhook-timestamp"), str_format(&cx->arena, "%lld", (long long)cx->now.s) },
		{ S("webhook-signature"), signature },
	};
	struct http_ask ask = { .url = it->webhook.url,
				.headers = headers,
				.header_count = sizeof headers / sizeof *headers,
				.body = body };
	return http_ask(cx, s->place.outbound, &ask, reply);
}

static void pause_webhook(struct webhook *w, enum webhook_pause why, instant now)
{
	w->active = false;
	w->paused = why;
	w->paused_at = now;
}

/* When to try again; NONE: never. */
static instant next_try(const struct webhook_delivery *d, const struct http_reply *reply, instant now)
{
	size_t tried = (size_t)d->tries;
	if (tried > sizeof WAITS / sizeof *WAITS)
		return (instant){ NONE };
	int64_t wait = WAITS[tried - 1];
	int64_t asked = reply->retry_after < RETRY_AFTER_MOST ? reply->retry_after : RETRY_AFTER_MOST;
	wait += (int64_t)random_below((uint32_t)(wait / 5 + 1));
	if (asked > wait)
		wait = asked;
	return instant_add(now, (span){ wait });
}

static void judge_failure(struct webhook_sending *it, const struct http_reply *reply, instant now)
{
	struct webhook *w = &it->webhook;
	struct webhook_delivery *d = &it->delivery;
	int64_t block = BLOCK_FIRST << (w->failures < 6 ? w->failures : 6);
	instant again = next_try(d, reply, now);
	if (reply->retry_after > block)
		block = reply->retry_after;
	w->failures++;
	w->blocked_until = instant_add(now, (span){ block < BLOCK_MOST ? block : BLOCK_MOST });
	if (!instant_is(w->failing_since))
		w->failing_since = now;
	d->state = instant_is(again) && reply->status != GONE ? WEBHOOK_WAITING : WEBHOOK_FAILED;
	if (instant_is(again))
		d->due_at = again;
	if (reply->status == GONE)
		pause_webhook(w, PAUSED_GONE, now);
	else if (now.s - w->failing_since.s >= LASTING_HOURS * HOUR_SECONDS)
		pause_webhook(w, PAUSED_FAILING, now);
}

static void judge(struct cx *cx, struct webhook_sending *it, enum err e, const struct http_reply *reply)
{
	struct webhook_delivery *d = &it->delivery;
	str excerpt = http_reply_excerpt(&cx->arena, reply, EXCERPT);
	d->tried_at = cx->now;
	d->status = reply->status ? reply->status : NONE;
	d->milliseconds = reply->milliseconds;
	d->response = excerpt.n ? excerpt : (str){ NULL, 0 };
	d->error = (str){ NULL, 0 };
	if (!e && reply->status >= 200 && reply->status < 300) {
		d->state = WEBHOOK_DELIVERED;
		it->webhook.failures = 0;
		it->webhook.failing_since = (instant){ NONE };
		it->webhook.blocked_until = (instant){ 0 };
		return;
	}
	d->error =
	    e ? cx->fault.message : str_format(&cx->arena, "it answered %d; right is 200 to 299", reply->status);
	judge_failure(it, reply, cx->now);
}

static enum err record(struct cx *cx, void *arg)
{
	struct webhook_sending *it = arg;
	TRY(webhook_end(cx, it));
	return it->webhook.active ? OK : webhook_mail_add(cx, &it->webhook);
}

/* What was sent is not to be sent again: as long as the store cannot take the result, it is offered again, and nobody here
 * takes anything, which may be that very one; another process may, once the lease is over. */
static void record_insist(struct webhook_senders *s, struct cx *cx, struct webhook_sending *it, enum err e)
{
	atomic_fetch_add(&s->unrecorded, 1);
	for (bool on = true; on && err_passes(e);) {
		on = ending_wait(&s->ending, AGAIN_MS);
		fault_clear(cx);
		e = store_write_wait(s->place.store, cx, record, it);
	}
	atomic_fetch_sub(&s->unrecorded, 1);
}

static void deliver(struct webhook_senders *s, struct cx *cx, struct webhook_sending *it)
{
	struct http_reply reply = { .status = 0 };
	enum err e = send_one(s, cx, it, &reply);
	cx->now = s->place.clock();
	judge(cx, it, e, &reply);
	atomic_fetch_add(it->delivery.state == WEBHOOK_DELIVERED ? &s->delivered : &s->failed, 1);
	e = store_write_wait(s->place.store, cx, record, it);
	if (e) {
		LOG(LOG_ERROR, "webhook_unrecorded", { S("error"), cx->fault.message });
		record_insist(s, cx, it, e);
	}
}

/* ---- threads */

static enum err look(struct cx *cx, void *arg)
{
	return webhook_next_due(cx, arg);
}

static bool is_due(struct webhook_senders *s, struct cx *cx)
{
	uint64_t commits = store_figures(s->place.store).commits;
	bool news = commits != s->seen || (store_waits(s->place.store) && s->polls++ >= OTHERS_POLLS);
	if (news && !store_read(s->place.store, cx, look, &s->due)) {
		s->seen = commits;
		s->polls = 0;
	}
	return instant_is(s->due) && s->due.s <= s->place.clock().s;
}

struct taking {
	struct webhook_sending sending;
	bool found;
};

static enum err take(struct cx *cx, void *arg)
{
	struct taking *t = arg;
	return webhook_take(cx, (span){ LEASE_SECONDS }, &t->sending, &t->found);
}

/* Wait for something to send.  false: it is the end. */
static bool take_next(struct webhook_senders *s, struct cx *cx, struct taking *t)
{
	for (bool on = !s->ending.told; on; on = ending_wait(&s->ending, POLL_MS)) {
		fault_clear(cx);
		arena_reset(&cx->arena);
		cx->now = s->place.clock();
		*t = (struct taking){ .found = false };
		if (!s->unrecorded && is_due(s, cx) && !store_write_wait(s->place.store, cx, take, t) && t->found)
			return true;
	}
	return false;
}

static void *sender_main(void *arg)
{
	struct webhook_senders *s = arg;
	struct cx cx = { 0 };
	struct taking t;
	for (;;) {
		pthread_mutex_lock(&s->turn);
		bool on = take_next(s, &cx, &t);
		pthread_mutex_unlock(&s->turn);
		if (!on)
			break;
		deliver(s, &cx, &t.sending);
	}
	arena_close(&cx.arena);
	return NULL;
}

enum err webhook_senders_start(struct cx *cx, const struct work_place *place, unsigned threads,
			       struct webhook_senders **out)
{
	struct webhook_senders *s = calloc(1, sizeof *s);
	if (!s)
		return FAIL(cx, E_UNAVAILABLE, S(""), "no memory for senders of webhooks");
	s->place = *place;
	s->seen = UINT64_MAX;
	s->due = (instant){ NONE };
	pthread_mutex_init(&s->turn, NULL);
	ending_open(&s->ending);
	for (; s->n < threads && s->n < THREADS_MAX; s->n++)
		if (pthread_create(&s->threads[s->n], NULL, sender_main, s) != 0) {
			webhook_senders_stop(s);
			return FAIL(cx, E_UNAVAILABLE, S(""), "no thread for a sender of webhooks: %s",
				    strerror(errno));
		}
	*out = s;
	return OK;
}

void webhook_senders_stop(struct webhook_senders *s)
{
	if (!s)
		return;
	ending_tell(&s->ending);
	for (unsigned i = 0; i < s->n; i++)
		pthread_join(s->threads[i], NULL);
	free(s);
}

void webhook_senders_counters(const struct webhook_senders *s, struct webhook_counters *out)
{
	*out = (struct webhook_counters){ s->delivered, s->failed };
}
