/* metrics - figures for Prometheus (text format 0.0.4) and a log line for each request; on a listener of its own. */
#ifndef API_METRICS_H
#define API_METRICS_H
#include "api.h"
#include "jobs/webhook_send.h"
#include "jobs/worker.h"

struct metrics {
	struct site *site;
	struct http_server *server; /* set when it is open */
	const struct job_workers *jobs;
	const struct webhook_senders *webhooks;
};

/* metrics_finished - http_site.finished of the main listener: context is the site. */
void metrics_finished(const struct exchange *, void *context);

/* metrics_handle - http_site.handle of the metrics listener: context is a struct metrics. */
void metrics_handle(struct exchange *, void *context);
#endif
