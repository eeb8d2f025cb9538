#include "booking_push.h"

#include "base/log.h"
#include "links/push.h"
#include "store/push.h"

enum { TTL_MOST = 3 * DAY_SECONDS, TTL_LEAST = 10 * MINUTE_SECONDS, LINE_MOST = 600 };

/* What the service worker shows (web/worker/sw.ts). */
struct shown {
	str title, body, url, tag, lang;
};
static const struct field SHOWN[] = {
	FIELD(struct shown, title, OUT), FIELD(struct shown, body, OUT), FIELD(struct shown, url, OUT),
	FIELD(struct shown, tag, OUT),   FIELD(struct shown, lang, OUT), FIELD_END,
};

static str text_of(struct arena *a, const struct booking_notice *n)
{
	char id[UUID_TEXT];
	struct shown shown = { .title = str_clip(n->title, LINE_MOST),
			       .body = str_clip(n->lead, LINE_MOST),
			       .tag = str_copy(a, str_of(uuid_format(id, n->booking_id).p)),
			       .lang = n->language };
	shown.url = str_format(a, "/app/bookings/%.*s", STR_ARG(shown.tag));
	return field_encode(a, SHOWN, &shown);
}

/* Until the meeting begins, within reason. */
static span ttl_of(const struct cx *cx, const struct booking_notice *n)
{
	int64_t left = n->start.s - cx->now.s;
	return (span){ left < TTL_LEAST ? TTL_LEAST : left > TTL_MOST ? TTL_MOST : left };
}

struct device {
	const struct keys *keys;
	uuid id;
	struct push_address address;
	bool found;
};

static enum err find(struct cx *cx, void *arg)
{
	struct device *d = arg;
	return push_find(cx, d->keys, d->id, &d->address, &d->found);
}

static enum err sent(struct cx *cx, void *arg)
{
	return push_sent(cx, ((struct device *)arg)->id);
}

static enum err gone(struct cx *cx, void *arg)
{
	return push_gone(cx, ((struct device *)arg)->id);
}

static enum err send(struct work *w, const struct booking_notice *n, const struct device *d)
{
	struct cx *cx = w->cx;
	struct push_target to;
	TRY(push_target_parse(cx, d->address.endpoint, d->address.p256dh, d->address.auth, &to));
	struct push_message message = { .text = text_of(&cx->arena, n),
					.topic = base64url(&cx->arena, n->booking_id.b, sizeof n->booking_id.b),
					.ttl = ttl_of(cx, n),
					.urgent = n->urgent };
	return push_send(cx, w->place->outbound, w->place->push, &to, &message, &w->wait);
}

enum err booking_push_run(struct work *w, const struct job *job)
{
	struct cx *cx = w->cx;
	struct booking_notice notice;
	TRY(booking_notice_read(w, job, &notice));
	if (notice.stale) {
		w->skipped = "a later message tells more, or it is over";
		return OK;
	}
	struct device device = { .keys = w->place->keys, .id = notice.device };
	TRY(store_read(w->place->store, cx, find, &device));
	if (!device.found) {
		w->skipped = "this browser is not told any more";
		return OK;
	}
	enum err err = send(w, &notice, &device);
	if (err == E_NOT_FOUND) {
		LOG(LOG_INFO, "push_gone", { S("job"), job->dedupe_key }, { S("detail"), cx->fault.message });
		w->skipped = "this browser takes no messages any more";
		return store_write_wait(w->place->store, cx, gone, &device);
	}
	return err ? err : store_write_wait(w->place->store, cx, sent, &device);
}
