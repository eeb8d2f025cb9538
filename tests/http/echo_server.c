/* echo_server - a small server for the tests and measurements of api/http.
 *     echo_server [listen=127.0.0.1:0] [local=unix:/path] [threads=2] [head_ms=…] …    options as in server.h
 * It prints "ready ADDRESS [ADDRESS]", and on SIGTERM drains and prints "drained" or "cut off".
 *
 *     /hello          6 bytes                    /size/N         N bytes, shared by all answers
 *     /echo           what was understood        /copy/N         N bytes, a buffer handed over
 *     /wait/MS        answered by a worker       /status/N       that status, with a body where it may have one
 *     /upload         as /echo, body to 1 MiB    /counters       of the server
 *     /slow/MS        answered late on the loop  /split          a header with a line end in its value
 *     /files/…        two static files           /tag            ETag "v1", 304 when it is known */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/http/files.h"
#include "api/http/workers.h"

static struct http_server *server;
static struct workers *workers;
static size_t body_cap = 64 << 10;
static atomic_ulong finished, failed;

static void answer_text(struct exchange *x, int status, str text)
{
	http_answer(x, &(struct http_answer){ .status = status, .content_type = S("text/plain"), .body = text });
}

static void sleep_ms(int64_t ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	nanosleep(&t, NULL);
}

static void echo(struct exchange *x)
{
	const struct http_request *r = &x->request;
	struct http_answer answer = { .status = 200, .content_type = S("text/plain") };
	struct buf *out = &answer.buffer;
	buf_format(out,
		   "method=%.*s\npath=%.*s\nquery=%.*s\nhost=%.*s\naddress=%.*s\nsecure=%d\nkeep=%d\nminor=%d\nhas_"
		   "body=%d\n",
		   STR_ARG(r->method), STR_ARG(r->path), STR_ARG(r->query), STR_ARG(r->host), STR_ARG(r->address),
		   r->secure, r->keep_alive, r->minor, r->has_body);
	for (size_t i = 0; i < r->header_count; i++)
		buf_format(out, "%.*s: %.*s\n", STR_ARG(r->headers[i].name), STR_ARG(r->headers[i].value));
	buf_format(out, "body=%zu\n", r->body.n);
	buf_add(out, r->body);
	http_answer(x, &answer);
}

static void counters(struct exchange *x)
{
	struct http_counters c;
	struct http_answer answer = { .status = 200, .content_type = S("text/plain") };
	http_server_counters(server, &c);
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {
		{ "open", c.open },
		{ "idle", c.idle },
		{ "in_flight", c.in_flight },
		{ "accepted", c.accepted },
		{ "requests", c.requests },
		{ "malformed", c.refused_malformed },
		{ "head_size", c.refused_head_size },
		{ "body_size", c.refused_body_size },
		{ "media_type", c.refused_media_type },
		{ "method", c.refused_method },
		{ "late_head", c.timed_out_head },
		{ "late_body", c.timed_out_body },
		{ "late_idle", c.timed_out_idle },
		{ "late_write", c.timed_out_write },
		{ "over_address", c.over_address },
		{ "over_total", c.over_total },
		{ "paused", c.accept_paused },
		{ "gone", c.answers[0] },
		{ "finished", atomic_load(&finished) },
		{ "failed", atomic_load(&failed) },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		buf_format(&answer.buffer, "%s=%llu\n", rows[i].name, (unsigned long long)rows[i].value);
	http_answer(x, &answer);
}

/* one body a size, kept for ever, as a cache of answers would */
static struct http_body *body_of_size(size_t n)
{
	static _Atomic(struct http_body *) kept[16];
	for (size_t i = 0; i < 16; i++) {
		struct http_body *have = atomic_load(&kept[i]);
		if (!have) {
			struct buf b = { 0 };
			for (size_t k = 0; k < n; k++)
				buf_add_char(&b, (char)('a' + k % 26));
			struct http_body *made = http_body_of(&b);
			if (atomic_compare_exchange_strong(&kept[i], &have, made))
				have = made;
			else
				http_body_drop(made);
		}
		if (have->bytes.n == n)
			return http_body_keep(have);
	}
	return NULL;
}

static void size(struct exchange *x, int64_t n)
{
	struct http_body *body = body_of_size((size_t)n);
	if (!body)
		answer_text(x, 503, S("too many sizes\n"));
	else
		http_answer(
		    x, &(struct http_answer){ .status = 200, .content_type = S("application/json"), .shared = body });
}

static void copy(struct exchange *x, int64_t n)
{
	struct http_answer answer = { .status = 200, .content_type = S("text/plain") };
	char *p = buf_room(&answer.buffer, (size_t)n);
	if (p) {
		memset(p, 'x', (size_t)n);
		buf_used(&answer.buffer, (size_t)n);
	}
	http_answer(x, &answer);
}

static void wait_run(void *arg, unsigned index)
{
	struct exchange *x = arg;
	(void)index;
	sleep_ms((int64_t)(intptr_t)x->user);
	answer_text(x, 200, str_format(&x->cx.arena, "waited %lld ms\n", (long long)(intptr_t)x->user));
}

static void wait(struct exchange *x, int64_t ms)
{
	x->user = (void *)(intptr_t)ms;
	if (!workers_run(workers, wait_run, x))
		answer_text(x, 503, S("busy\n"));
}

static void slow(struct exchange *x, int64_t ms)
{
	sleep_ms(ms);
	answer_text(x, 200, S("slept\n"));
}

static void status(struct exchange *x, int64_t n)
{
	answer_text(x, (int)n, S("body\n"));
}

static void split(struct exchange *x)
{
	static const struct http_header bad[] = { { S("Location"), S("/a\r\nX-Injected: 1") } };
	http_answer(x, &(struct http_answer){ .status = 200, .headers = bad, .header_count = 1, .body = S("x") });
}

static void tag(struct exchange *x)
{
	struct http_answer answer = {
		.status = 200, .content_type = S("text/plain"), .etag = S("\"v1\""), .body = S("tagged\n")
	};
	if (etag_matches(http_header(&x->request, S("if-none-match")), answer.etag, true))
		answer.status = 304;
	http_answer(x, &answer);
}

static const struct http_file FILES[] = {
	{ .path = S("/files/a-1f2e.js"),
	  .type = S("text/javascript"),
	  .etag = S("\"1f2e\""),
	  .hashed = true,
	  .bytes = { S("identity identity identity"), S("gzip gzip"), S("brbr") } },
	{ .path = S("/files/robots.txt"),
	  .type = S("text/plain"),
	  .etag = S("\"r\""),
	  .bytes = { S("User-agent: *\n") } },
};

static const struct {
	str path;
	void (*run)(struct exchange *);
} PLAIN[] = {
	{ S("/echo"), echo },   { S("/upload"), echo }, { S("/counters"), counters },
	{ S("/split"), split }, { S("/tag"), tag },
};

static const struct {
	str path;
	void (*run)(struct exchange *, int64_t);
} NUMBERED[] = {
	{ S("/size/"), size }, { S("/copy/"), copy },     { S("/wait/"), wait },
	{ S("/slow/"), slow }, { S("/status/"), status },
};

static void handle(struct exchange *x, void *context)
{
	(void)context;
	str path = x->request.path;
	int64_t n;
	if (str_is(path, S("/hello"))) {
		answer_text(x, 200, S("hello\n"));
		return;
	}
	for (size_t i = 0; i < sizeof NUMBERED / sizeof *NUMBERED; i++)
		if (str_starts(path, NUMBERED[i].path) &&
		    str_to_int(str_slice(path, NUMBERED[i].path.n, path.n), &n) && n >= 0) {
			NUMBERED[i].run(x, n);
			return;
		}
	for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++)
		if (str_is(path, PLAIN[i].path)) {
			PLAIN[i].run(x);
			return;
		}
	const struct http_file *file = file_find(FILES, sizeof FILES / sizeof *FILES, path);
	if (file) {
		static const struct http_header nosniff[] = { { S("X-Content-Type-Options"), S("nosniff") } };
		file_answer(x, file, nosniff, 1);
	} else if (FAIL(&x->cx, E_NOT_FOUND, S(""), "nothing is served at \"%.*s\"", STR_ARG(path)))
		http_problem(x);
}

static size_t cap_of(const struct http_request *r, void *context)
{
	(void)context;
	return str_is(r->path, S("/upload")) ? 1 << 20 : body_cap;
}

static void note(const struct exchange *x, void *context)
{
	(void)context;
	atomic_fetch_add(x->status == 499 ? &failed : &finished, 1);
}

struct number {
	const char *name;
	unsigned *at;
};

static void option(struct http_options *o, struct http_listener *listeners, char *text)
{
	char *equals = strchr(text, '=');
	if (!equals)
		return;
	*equals = 0;
	const struct number numbers[] = {
		{ "threads", &o->threads },         { "head_ms", &o->head_ms },
		{ "body_ms", &o->body_ms },         { "idle_ms", &o->idle_ms },
		{ "stall_ms", &o->stall_ms },       { "linger_ms", &o->linger_ms },
		{ "drain_ms", &o->drain_ms },       { "grace_ms", &o->grace_ms },
		{ "per_address", &o->per_address }, { "connections", &o->connections },
		{ "unsent_max", &o->unsent_max },
	};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (strcmp(text, numbers[i].name) == 0)
			*numbers[i].at = (unsigned)strtoul(equals + 1, NULL, 10);
	if (strcmp(text, "listen") == 0)
		listeners[0].address = equals + 1;
	else if (strcmp(text, "local") == 0) {
		listeners[1].address = equals + 1;
		o->listener_count = 2;
	} else if (strcmp(text, "body_max") == 0)
		body_cap = strtoul(equals + 1, NULL, 10);
	else if (strcmp(text, "trusted") == 0)
		o->trusted_proxies = equals + 1;
}

static int fail(const struct cx *cx)
{
	fprintf(stderr, "%.*s\n", STR_ARG(cx->fault.message));
	return 1;
}

int main(int argc, char **argv)
{
	struct http_site site = { .handle = handle, .body_cap = cap_of, .finished = note };
	struct http_listener listeners[] = { { "127.0.0.1:0", &site }, { "", &site } };
	struct http_options options = HTTP_DEFAULTS;
	struct cx cx = { 0 };
	sigset_t signals;
	options.listeners = listeners;
	options.listener_count = 1;
	for (int i = 1; i < argc; i++)
		option(&options, listeners, argv[i]);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (workers_open(&cx, 4, 64, &workers) || http_server_open(&cx, &options, &server) ||
	    http_server_start(&cx, server))
		return fail(&cx);
	printf("ready %s %s\n", http_server_address(server, 0), http_server_address(server, 1));
	fflush(stdout);
	int got;
	sigwait(&signals, &got);
	bool whole = http_server_drain(server);
	workers_close(workers);
	http_server_close(server);
	arena_close(&cx.arena);
	printf("%s\n", whole ? "drained" : "cut off");
	return 0;
}
