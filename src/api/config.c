#include "config.h"

#include "base/rule.h"
#include "store/account.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const SWITCH[] = { "off", "on", NULL };

/* As read: a switch is a choice of two words. */
struct config_text {
	str listen, metrics_listen, data, database, database_replica, base_url, smtp_url, mail_from, trusted_proxies,
	    admin_email, outbound_allow;
	unsigned exclusion, rate_limits, log_requests, default_plan;
	int64_t database_connections, threads, mails_a_day, free_event_types, head_seconds, body_seconds,
	    idle_seconds, connections_per_address;
};

static bool is_database(str s)
{
	return !s.n || str_starts(s, S("postgresql://")) || str_starts(s, S("postgres://"));
}
static const struct rule RULE_DATABASE = { .wants = "empty, or an address like postgresql://noonmark@db/noonmark",
					   .holds = is_database };

static bool is_base(str s)
{
	size_t scheme = str_starts(s, S("https://")) ? 8 : 7;
	if (s.n && !str_starts(s, S("https://")) && !str_starts(s, S("http://")))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || strchr("\"<>?#", s.p[i]))
			return false;
	return !s.n || s.n > scheme;
}
static const struct rule RULE_BASE = { .wants = "empty, or the public address, like https://book.example.org",
				       .holds = is_base };

static const struct field CONFIG[] = {
	FIELD(struct config_text, listen, IN, .min = 1, .max = 200),
	FIELD(struct config_text, metrics_listen, IN, .max = 200),
	FIELD(struct config_text, data, IN, .min = 1, .max = 4000),
	FIELD(struct config_text, database, IN, .rule = &RULE_DATABASE, .max = 2000),
	FIELD(struct config_text, database_replica, IN, .rule = &RULE_DATABASE, .max = 2000),
	FIELD(struct config_text, database_connections, IN, .min = 1, .max = 64),
	FIELD(struct config_text, exclusion, IN, .choices = SWITCH),
	FIELD(struct config_text, base_url, IN, .rule = &RULE_BASE, .max = 300),
	FIELD(struct config_text, smtp_url, IN, .max = 1000),
	FIELD(struct config_text, mail_from, IN, .rule = &RULE_EMAIL, .min = 3, .max = 254),
	FIELD(struct config_text, trusted_proxies, IN, .max = 2000),
	FIELD(struct config_text, outbound_allow, IN, .max = 2000),
	FIELD(struct config_text, admin_email, IN, .rule = &RULE_EMAIL, .max = 254),
	FIELD(struct config_text, default_plan, IN, .choices = PLANS),
	FIELD(struct config_text, rate_limits, IN, .choices = SWITCH),
	FIELD(struct config_text, mails_a_day, IN, .min = 0, .max = 1000000),
	FIELD(struct config_text, log_requests, IN, .choices = SWITCH),
	FIELD(struct config_text, threads, IN, .min = 1, .max = 64),
	FIELD(struct config_text, free_event_types, IN, .min = 0, .max = 1000000),
	FIELD(struct config_text, head_seconds, IN, .min = 1, .max = 3600),
	FIELD(struct config_text, body_seconds, IN, .min = 1, .max = 3600),
	FIELD(struct config_text, idle_seconds, IN, .min = 1, .max = 3600),
	FIELD(struct config_text, connections_per_address, IN, .min = 0, .max = 1000000),
	FIELD_END,
};

struct reading {
	struct cx *cx;
	struct config_text *text;
	uint64_t seen; /* bits of CONFIG's rows */
	enum err err;
};

static enum err config_set(struct cx *cx, struct config_text *text, str name, str value, str where)
{
	const struct field *f = field_find(CONFIG, name);
	str wants;
	if (!f)
		return FAIL(cx, E_INVALID, name, "%.*s: there is no setting \"%.*s\"", STR_ARG(where), STR_ARG(name));
	if (!field_text(&cx->arena, f, (char *)text + f->at, value, &wants))
		return FAIL(cx, E_INVALID, name, "%.*s: %.*s %.*s", STR_ARG(where), STR_ARG(name), STR_ARG(wants));
	return OK;
}

static int file_line(void *user, const char *section, const char *name, const char *value)
{
	struct reading *r = user;
	const struct field *f = field_find(CONFIG, str_of(name));
	uint64_t bit = f ? UINT64_C(1) << (f - CONFIG) : 0;
	if (r->err)
		return false;
	if (*section)
		r->err = FAIL(r->cx, E_INVALID, S(""), "the configuration has no sections: take out [%s]", section);
	else if (r->seen & bit)
		r->err = FAIL(r->cx, E_INVALID, S(""), "configuration file: %s is given twice", name);
	else
		r->err = config_set(r->cx, r->text, str_of(name), str_of(value), S("configuration file"));
	r->seen |= bit;
	return r->err == OK;
}

static enum err file_read(struct cx *cx, const char *file, struct config_text *text)
{
	struct reading r = { .cx = cx, .text = text };
	int line = ini_parse(file, file_line, &r);
	if (r.err)
		return r.err;
	if (line < 0)
		return FAIL(cx, E_INVALID, S(""), "cannot read %s: %s", file, strerror(errno));
	if (line > 0)
		return FAIL(cx, E_INVALID, S(""), "%s, line %d: not \"name = value\"", file, line);
	return OK;
}

static enum err environment_read(struct cx *cx, struct config_text *text)
{
	for (const struct field *f = CONFIG; f->name; f++) {
		char name[64] = "NOONMARK_";
		size_t n = strlen(name);
		for (const char *p = f->name; *p && n < sizeof name - 1; p++)
			name[n++] = (char)toupper((unsigned char)*p);
		const char *value = getenv(name);
		if (value)
			TRY(config_set(cx, text, str_of(f->name), str_of(value), str_of(name)));
	}
	return OK;
}

enum err config_load(struct cx *cx, const char *file, struct config *out)
{
	struct config_text t = { .listen = S("127.0.0.1:8080"),
				 .metrics_listen = S("127.0.0.1:9464"),
				 .data = S("./data"),
				 .database = S(""),
				 .database_replica = S(""),
				 .database_connections = 10,
				 .exclusion = 1,
				 .base_url = S(""),
				 .smtp_url = S(""),
				 .mail_from = S("noonmark@localhost.localdomain"),
				 .trusted_proxies = S(""),
				 .outbound_allow = S(""),
				 .admin_email = S(""),
				 .rate_limits = 1,
				 .mails_a_day = 100,
				 .log_requests = 1,
				 .threads = 2,
				 .free_event_types = 1,
				 .head_seconds = 10,
				 .body_seconds = 30,
				 .idle_seconds = 60,
				 .connections_per_address = 256 };
	if (file)
		TRY(file_read(cx, file, &t));
	TRY(environment_read(cx, &t));
	while (t.base_url.n && t.base_url.p[t.base_url.n - 1] == '/')
		t.base_url.n--;
	*out = (struct config){ .listen = t.listen,
				.metrics_listen = t.metrics_listen,
				.data = t.data,
				.database = t.database,
				.database_replica = t.database_replica,
				.database_connections = t.database_connections,
				.exclusion = t.exclusion,
				.base_url = t.base_url,
				.smtp_url = t.smtp_url,
				.mail_from = t.mail_from,
				.trusted_proxies = t.trusted_proxies,
				.outbound_allow = t.outbound_allow,
				.admin_email = t.admin_email,
				.default_plan = t.default_plan,
				.rate_limits = t.rate_limits,
				.mails_a_day = t.mails_a_day,
				.log_requests = t.log_requests,
				.threads = t.threads,
				.free_event_types = t.free_event_types,
				.head_seconds = t.head_seconds,
				.body_seconds = t.body_seconds,
				.idle_seconds = t.idle_seconds,
				.connections_per_address = t.connections_per_address };
	return OK;
}

static enum err key_failed(struct cx *cx, const char *path)
{
	return FAIL(cx, E_UNAVAILABLE, S(""), "%s: %s", path, strerror(errno));
}

static char *key_path(struct cx *cx, str folder)
{
	return str_to_c(&cx->arena, str_format(&cx->arena, "%.*s/master.key", STR_ARG(folder)));
}

void keys_forget(struct cx *cx, str folder)
{
	(void)unlink(key_path(cx, folder));
}

enum err keys_load(struct cx *cx, str folder, struct keys *out, bool *made)
{
	unsigned char master[MASTER_KEY];
	char *data = str_to_c(&cx->arena, folder), *path = key_path(cx, folder);
	if (mkdir(data, 0700) != 0 && errno != EEXIST)
		return key_failed(cx, data);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	*made = file < 0 && errno == ENOENT;
	if (*made) {
		random_bytes(master, sizeof master);
		file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (file < 0 || write(file, master, sizeof master) != sizeof master || fsync(file) != 0 ||
		    lseek(file, 0, SEEK_SET) != 0)
			return key_failed(cx, path);
	}
	if (file < 0)
		return key_failed(cx, path);
	ssize_t n = read(file, master, sizeof master);
	close(file);
	if (n != sizeof master)
		return FAIL(cx, E_UNAVAILABLE, S(""), "%s is not a key of %d bytes", path, MASTER_KEY);
	keys_derive(out, master);
	explicit_bzero(master, sizeof master);
	return OK;
}
