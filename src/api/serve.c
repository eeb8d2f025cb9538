#include "serve.h"

#include "base/log.h"
#include "config.h"
#include "core/template.h"
#include "limits.h"
#include "metrics.h"
#include "openapi.h"
#include "jobs/webhook_send.h"
#include "site.h"
#include "slot_cache.h"
#include "store/copy.h"
#include "store/key_mark.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum { WORKER_THREADS = 2, WORKER_QUEUE = 256, WAITER_QUEUE = 1024, WEBHOOK_THREADS = 8 };

/* Everything that is open, in the order of opening. */
struct serving {
	struct site site;
	struct metrics metrics;
	struct work_place place;
	struct job_workers *jobs;
	struct webhook_senders *webhooks;
	struct http_server *server;
	struct http_site public_site, metrics_site;
};

static void store_log(const char *event, str detail)
{
	LOG(LOG_WARNING, event, { S("detail"), detail });
}

static bool requests_wait(void *waiters)
{
	return workers_waiting(waiters) > 0;
}

static enum err document_make(struct cx *cx, struct site *site)
{
	struct buf b = { 0 };
	openapi_write(&b, site->config.base_url);
	digest d = sha256(buf_str(&b));
	(void)cx;
	site->openapi = http_body_of(&b);
	/* lives as long as the process */
	static char etag[32];
	snprintf(etag, sizeof etag, "\"%02x%02x%02x%02x%02x%02x%02x%02x\"", d.b[0], d.b[1], d.b[2], d.b[3], d.b[4],
		 d.b[5], d.b[6], d.b[7]);
	site->openapi_etag = str_of(etag);
	return OK;
}

static enum err key_match(struct cx *cx, void *arg)
{
	const struct site *site = arg;
	bool matches;
	TRY(key_mark_match(cx, &site->keys, &matches));
	return matches
		   ? OK
		   : FAIL(cx, E_CONFLICT, S(""),
			  "this database belongs to another master.key than the one in %.*s: log-ins, links in mails "
			  "and webhooks of that one would not work with this one. Put that key there, from the node "
			  "that uses the database already or from its backup (FILE.key). If it is lost for good, "
			  "see \"The data folder\" in docs/operate.md",
			  STR_ARG(site->config.data));
}

/* The key that was made in vain goes, so that nobody takes it for the right one. */
static enum err key_check(struct cx *cx, struct site *site, bool made)
{
	enum err e = store_write_wait(site->store, cx, key_match, site);
	if (e == E_CONFLICT && made)
		keys_forget(cx, site->config.data);
	return e;
}

static enum err site_open(struct cx *cx, struct serving *s)
{
	struct site *site = &s->site;
	const struct config *config = &site->config;
	struct store_options store = { .folder = str_to_c(&cx->arena, config->data),
				       .database = config->database.n ? str_to_c(&cx->arena, config->database) : NULL,
				       .replica = config->database_replica.n
						      ? str_to_c(&cx->arena, config->database_replica)
						      : NULL,
				       .connections = (int)config->database_connections,
				       .no_exclusion = !config->exclusion,
				       .log = store_log };
	bool key_made;
	if (!secret_open())
		return FAIL(cx, E_UNAVAILABLE, S(""), "there is no source of randomness");
	TRY(template_load(cx));
	TRY(keys_load(cx, site->config.data, &site->keys, &key_made));
	TRY(push_sender_make(cx, site->keys.push, site->config.mail_from, &site->push));
	TRY(outbound_parse(cx, site->config.outbound_allow, &site->outbound));
	TRY(store_open(cx, &store, &site->store));
	TRY(store_read(site->store, cx, copy_is_whole, NULL));
	TRY(key_check(cx, site, key_made));
	TRY(workers_open(cx, WORKER_THREADS, WORKER_QUEUE, &site->workers));
	if (store_waits(site->store))
		TRY(workers_open(cx, (unsigned)config->database_connections, WAITER_QUEUE, &site->waiters));
	if (config->rate_limits)
		TRY(limits_open(cx, site->store, &site->keys, site_now, &site->limits));
	site->slot_cache = slot_cache_open();
	return OK;
}

static enum err listeners_open(struct cx *cx, struct serving *s)
{
	const struct config *config = &s->site.config;
	s->public_site = (struct http_site){ .handle = api_handle,
					     .body_cap = api_body_cap,
					     .refuse = api_refuse,
					     .finished = metrics_finished,
					     .context = &s->site };
	s->metrics_site = (struct http_site){ .handle = metrics_handle, .context = &s->metrics };
	struct http_listener listeners[] = {
		{ str_to_c(&cx->arena, config->listen), &s->public_site },
		{ str_to_c(&cx->arena, config->metrics_listen), &s->metrics_site },
	};
	struct http_options options = HTTP_DEFAULTS;
	options.listeners = listeners;
	options.listener_count = config->metrics_listen.n ? 2 : 1;
	options.threads = (unsigned)config->threads;
	options.head_ms = (unsigned)config->head_seconds * 1000;
	options.body_ms = (unsigned)config->body_seconds * 1000;
	options.idle_ms = (unsigned)config->idle_seconds * 1000;
	options.per_address = (unsigned)config->connections_per_address;
	options.trusted_proxies = str_to_c(&cx->arena, config->trusted_proxies);
	options.clock = site_now;
	return http_server_open(cx, &options, &s->server);
}

static enum err serving_open(struct cx *cx, struct serving *s)
{
	struct site *site = &s->site;
	TRY(site_open(cx, s));
	TRY(listeners_open(cx, s));
	if (!site->config.base_url.n)
		site->config.base_url = str_format(&cx->arena, "http://%s", http_server_address(s->server, 0));
	TRY(document_make(cx, site));
	s->place = (struct work_place){ .store = site->store,
					.keys = &site->keys,
					.outbound = &site->outbound,
					.push = &site->push,
					.base_url = site->config.base_url,
					.mail_from = site->config.mail_from,
					.smtp_url = site->config.smtp_url,
					.data = site->config.data,
					.mails_a_day = site->config.rate_limits ? site->config.mails_a_day : 0,
					.clock = site_now,
					.requests_wait = site->waiters ? requests_wait : NULL,
					.requests = site->waiters };
	smtp_ready();
	TRY(job_workers_start(cx, &s->place, &s->jobs));
	TRY(webhook_senders_start(cx, &s->place, WEBHOOK_THREADS, &s->webhooks));
	s->metrics = (struct metrics){ .site = site, .server = s->server, .jobs = s->jobs, .webhooks = s->webhooks };
	return http_server_start(cx, s->server);
}

static void serving_close(struct serving *s)
{
	if (s->server && !http_server_drain(s->server))
		LOG(LOG_WARNING, "drain_cut", { S("detail"), S("some requests took longer than the drain allows") });
	workers_end(s->site.workers); /* they may still hand work to the waiters */
	workers_end(s->site.waiters);
	if (s->server)
		http_server_close(
		    s->server);   /* waits for what handlers and the writer still hold: the store comes later */
	job_workers_end(s->jobs); /* so that both end what they are at side by side */
	webhook_senders_stop(s->webhooks);
	job_workers_stop(s->jobs);
	workers_close(s->site.workers);
	workers_close(s->site.waiters); /* the job workers ask whether requests wait there */
	limits_close(s->site.limits);
	if (s->site.store)
		store_close(s->site.store);
	slot_cache_close(s->site.slot_cache);
	http_body_drop(s->site.openapi);
}

static void files_raise(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void wait_for_the_end(void)
{
	sigset_t ends;
	int which;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	while (sigwait(&ends, &which) != 0)
		;
}

static void signals_block(void)
{
	sigset_t ends;
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int failed(const struct cx *cx)
{
	fprintf(stderr, "noonmark: %.*s\n", STR_ARG(cx->fault.message));
	return 1;
}

int serve(int argc, char **argv)
{
	static struct serving s;
	struct cx cx = { .now = site_now() };
	const char *file = argc == 3 && strcmp(argv[1], "--config") == 0 ? argv[2] : NULL;
	if (argc != 1 && !file) {
		fprintf(stderr, "usage: noonmark serve [--config FILE]\n");
		return 2;
	}
	mallopt(M_ARENA_MAX, 2); /* a heap for each thread would hold several times the memory in use */
	signals_block();
	files_raise();
	if (config_load(&cx, file, &s.site.config) || serving_open(&cx, &s)) {
		int status = failed(&cx);
		serving_close(&s);
		arena_close(&cx.arena);
		return status;
	}
	printf("Noonmark is ready at %.*s\n", STR_ARG(s.site.config.base_url));
	if (!s.site.config.smtp_url.n)
		printf("Mails become files in %.*s/mail until NOONMARK_SMTP_URL is set\n",
		       STR_ARG(s.site.config.data));
	fflush(stdout);
	wait_for_the_end();
	LOG(LOG_INFO, "stopping", { S("detail"), S("finishing what was begun") });
	serving_close(&s);
	arena_close(&cx.arena);
	return 0;
}
