#include "metrics.h"

#include "base/log.h"
#include "base/wait.h"
#include "site.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Upper bounds of the latency histogram, microseconds; the last bucket has none. */
static const int64_t BOUNDS[] = { 100, 250, 500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000 };
enum { BUCKETS = sizeof BOUNDS / sizeof *BOUNDS + 1 };

static _Atomic uint64_t latency[BUCKETS], latency_sum;

static void latency_note(int64_t us)
{
	size_t i = 0;
	while (i < BUCKETS - 1 && us > BOUNDS[i])
		i++;
	atomic_fetch_add_explicit(&latency[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&latency_sum, (uint64_t)us, memory_order_relaxed);
}

/* The route, not the path: paths hold manage tokens. */
static void request_log(const struct exchange *e, int64_t us)
{
	const struct call *c = e->user;
	char id[REQUEST_ID_TEXT], status[16], took[24];
	snprintf(status, sizeof status, "%d", e->status);
	snprintf(took, sizeof took, "%lld", (long long)us);
	str route = c && c->route ? str_of(c->route->path) : S("");
	str file = e->status >= 500 && e->cx.fault.file ? str_of(e->cx.fault.file) : S("");
	str detail = e->status >= 500 ? (e->cx.fault.detail.n ? e->cx.fault.detail : e->cx.fault.message) : S("");
	LOG(e->status >= 500 ? LOG_ERROR : LOG_INFO, "request", { S("request_id"), http_request_id(id, e->id) },
	    { S("method"), e->request.method }, { S("route"), route }, { S("status"), str_of(status) },
	    { S("microseconds"), str_of(took) }, { S("file"), file }, { S("detail"), detail });
}

void metrics_finished(const struct exchange *e, void *context)
{
	const struct site *site = context;
	int64_t us = monotonic_now() / 1000 - e->started_us;
	latency_note(us);
	if (site->config.log_requests || e->status >= 500)
		request_log(e, us);
}

static void figure(struct buf *b, const char *name, const char *type, const char *help, uint64_t value)
{
	buf_format(b, "# HELP noonmark_%s %s\n# TYPE noonmark_%s %s\nnoonmark_%s %llu\n", name, help, name, type,
		   name, (unsigned long long)value);
}

static void latency_write(struct buf *b)
{
	uint64_t sum = 0;
	buf_add(b, S("# HELP noonmark_request_seconds Time from a complete head to a written answer.\n"
		     "# TYPE noonmark_request_seconds histogram\n"));
	for (size_t i = 0; i < BUCKETS; i++) {
		sum += latency[i];
		if (i < BUCKETS - 1)
			buf_format(b, "noonmark_request_seconds_bucket{le=\"%g\"} %llu\n", (double)BOUNDS[i] / 1e6,
				   (unsigned long long)sum);
	}
	buf_format(b,
		   "noonmark_request_seconds_bucket{le=\"+Inf\"} %llu\nnoonmark_request_seconds_sum %f\n"
		   "noonmark_request_seconds_count %llu\n",
		   (unsigned long long)sum, (double)latency_sum / 1e6, (unsigned long long)sum);
}

/* One line for each lane. */
static void lanes_write(struct buf *b, const char *name, const char *help, const int64_t values[LANE_COUNT])
{
	buf_format(b, "# HELP noonmark_%s %s\n# TYPE noonmark_%s gauge\n", name, help, name);
	for (size_t i = 0; i < LANE_COUNT; i++)
		buf_format(b, "noonmark_%s{lane=\"%s\"} %lld\n", name, JOB_LANES[i], (long long)values[i]);
}

static void late_write(struct buf *b, const struct job_counters *j)
{
	buf_add(b, S("# HELP noonmark_job_late_seconds From when a job was due to when it was begun.\n"
		     "# TYPE noonmark_job_late_seconds histogram\n"));
	for (size_t i = 0; i < LANE_COUNT; i++) {
		unsigned long long sum = 0;
		for (size_t k = 0; k < LATE_BUCKETS; k++) {
			sum += j->lanes[i].late[k];
			if (k < LATE_BUCKETS - 1)
				buf_format(b, "noonmark_job_late_seconds_bucket{lane=\"%s\",le=\"%lld\"} %llu\n",
					   JOB_LANES[i], (long long)LATE_BOUNDS[k], sum);
		}
		buf_format(b,
			   "noonmark_job_late_seconds_bucket{lane=\"%s\",le=\"+Inf\"} %llu\n"
			   "noonmark_job_late_seconds_sum{lane=\"%s\"} %llu\n"
			   "noonmark_job_late_seconds_count{lane=\"%s\"} %llu\n",
			   JOB_LANES[i], sum, JOB_LANES[i], (unsigned long long)j->lanes[i].late_sum, JOB_LANES[i],
			   sum);
	}
}

static void jobs_write(struct buf *b, const struct job_counters *j)
{
	int64_t due[LANE_COUNT], overdue[LANE_COUNT];
	for (size_t i = 0; i < LANE_COUNT; i++) {
		due[i] = j->lanes[i].due;
		overdue[i] = j->lanes[i].overdue;
	}
	figure(b, "jobs_done_total", "counter", "Jobs that ended well.", j->done);
	figure(b, "jobs_retried_total", "counter", "Jobs put back for another try.", j->retried);
	figure(b, "jobs_dead_total", "counter", "Jobs given up.", j->dead);
	figure(b, "jobs_dead", "gauge", "Jobs given up that nobody has retried or discarded.", (uint64_t)j->dead_now);
	lanes_write(b, "jobs_due", "Jobs whose time has come and that nobody is at.", due);
	lanes_write(b, "jobs_overdue_seconds", "How long ago the first of them was due.", overdue);
	late_write(b, j);
}

static uint64_t resident_bytes(void)
{
	long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	if (file && fscanf(file, "%*s %ld", &pages) != 1)
		pages = 0;
	if (file)
		fclose(file);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void figures(struct metrics *m, struct buf *b)
{
	struct http_counters h;
	struct job_counters j;
	struct webhook_counters hooks;
	static const char *const classes[] = { "none", "1xx", "2xx", "3xx", "4xx", "5xx" };
	http_server_counters(m->server, &h);
	job_workers_counters(m->jobs, &j);
	webhook_senders_counters(m->webhooks, &hooks);
	figure(b, "connections", "gauge", "Open connections.", h.open);
	figure(b, "connections_idle", "gauge", "Open connections between two requests.", h.idle);
	figure(b, "requests_in_flight", "gauge", "Requests being answered.", h.in_flight);
	figure(b, "connections_accepted_total", "counter", "Connections accepted.", h.accepted);
	figure(b, "requests_total", "counter", "Requests begun.", h.requests);
	figure(b, "received_bytes_total", "counter", "Bytes received.", h.bytes_in);
	figure(b, "sent_bytes_total", "counter", "Bytes sent.", h.bytes_out);
	figure(b, "refused_malformed_total", "counter", "Requests that were not HTTP.", h.refused_malformed);
	figure(b, "refused_size_total", "counter", "Heads and bodies that were too large.",
	       h.refused_head_size + h.refused_body_size);
	figure(b, "timed_out_total", "counter", "Connections that took too long.",
	       h.timed_out_head + h.timed_out_body + h.timed_out_idle + h.timed_out_write);
	figure(b, "over_address_cap_total", "counter", "Connections over the cap of their address.", h.over_address);
	buf_add(
	    b,
	    S("# HELP noonmark_answers_total Answers by class of status.\n# TYPE noonmark_answers_total counter\n"));
	for (size_t i = 1; i < 6; i++)
		buf_format(b, "noonmark_answers_total{status=\"%s\"} %llu\n", classes[i],
			   (unsigned long long)h.answers[i]);
	latency_write(b);
	jobs_write(b, &j);
	figure(b, "webhooks_delivered_total", "counter", "Events that a webhook took.", hooks.delivered);
	figure(b, "webhooks_failed_total", "counter", "Tries that a webhook did not take.", hooks.failed);
	figure(b, "store_commits_total", "counter", "Commits since the start.",
	       store_figures(m->site->store).commits);
	figure(b, "workers_waiting", "gauge", "Requests waiting for a worker.", workers_waiting(m->site->workers));
	if (m->site->waiters)
		figure(b, "database_waiting", "gauge", "Requests waiting for the database.",
		       workers_waiting(m->site->waiters));
	figure(b, "resident_bytes", "gauge", "Memory of the process.", resident_bytes());
}

void metrics_handle(struct exchange *e, void *context)
{
	struct http_answer answer = { .status = 200, .content_type = S("text/plain; version=0.0.4; charset=utf-8") };
	if (str_is(e->request.path, S("/metrics"))) {
		figures(context, &answer.buffer);
	} else {
		answer.status = 404;
		answer.content_type = S("text/plain; charset=utf-8");
		answer.body = S("the figures are at /metrics\n");
	}
	http_answer(e, &answer);
}
