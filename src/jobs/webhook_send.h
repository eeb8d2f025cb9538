/* webhook_send - sends events to webhooks, as Standard Webhooks 1.0 has it, by threads of its own: a peer that is slow or
 * silent keeps no mail waiting.  Each webhook has one delivery under way, each account at most two.
 *
 * A failure is tried again after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, up to a fifth longer each, not before
 * Retry-After; meanwhile the webhook's others wait longer with each failure in a row, at most five minutes.  A webhook
 * that answers 410, or of which every try has failed for 72 h, is paused, and its owner told by mail. */
#ifndef JOBS_WEBHOOK_SEND_H
#define JOBS_WEBHOOK_SEND_H
#include "worker.h"

struct webhook_senders;

/* webhook_senders_start - `threads` of them.   E_UNAVAILABLE  no thread */
enum err webhook_senders_start(struct cx *, const struct work_place *, unsigned threads,
			       struct webhook_senders **out);

/* webhook_senders_stop - lets what is under way end, then the threads.  NULL is allowed. */
void webhook_senders_stop(struct webhook_senders *);

/* webhook_counters - tries since the start. */
struct webhook_counters {
	uint64_t delivered, failed;
};
void webhook_senders_counters(const struct webhook_senders *, struct webhook_counters *out);

/* webhook_signature - "v1,…": base64 of HMAC-SHA-256 over id.timestamp.body. */
str webhook_signature(struct arena *, const unsigned char key[32], str id, instant at, str body);
#endif
