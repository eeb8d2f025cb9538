#include "smtp.h"

#include "core/clean.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	CONNECT_SECONDS = 5,
	TOTAL_SECONDS = 30,
	TIMEOUT_MAX = 600,
	WAIT_SHORT = 60, /* nobody answered, or 421: the server is away */
	WAIT_GREY = 300, /* 45x: greylisting wants at least this */
	WAIT_OURS = 900, /* until a person has mended the configuration */
	DETAIL = 200,
	MESSAGE = 8 << 20,
};

enum tls { TLS_NONE, TLS_REQUIRED };

struct smtp {
	struct mailer mailer;
	struct arena arena;
	CURL *curl;
	str base; /* smtp://host:port */
	str ehlo; /* absent: the sender's domain */
	char *user, *password, *ca;
	enum tls tls;
	int64_t timeout;
	char error[CURL_ERROR_SIZE];
	char reply[DETAIL];   /* the server's last line */
	char refusal[DETAIL]; /* the last that said no */
	str message;          /* what is left to send */
	bool reading;         /* the server has asked for the message */
};

void smtp_ready(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	if (sodium_init() < 0)
		abort();
}

static size_t on_read(char *to, size_t size, size_t n, void *of)
{
	struct smtp *s = of;
	str piece = str_slice(s->message, 0, size * n);
	memcpy(to, piece.p, piece.n);
	s->message = str_slice(s->message, piece.n, s->message.n);
	s->reading = true;
	return piece.n;
}

static size_t on_reply(char *line, size_t size, size_t n, void *of)
{
	struct smtp *s = of;
	char *to = n > 0 && (line[0] == '4' || line[0] == '5') ? s->refusal : s->reply;
	str kept = str_slice((str){ line, size * n }, 0, DETAIL - 1);
	memcpy(to, kept.p, kept.n);
	to[kept.n] = '\0';
	return size * n;
}

/* Asked about once a second.  Not 0: the end.  As long as the message was not asked for, nothing can have been sent. */
static int on_progress(void *of, curl_off_t, curl_off_t, curl_off_t, curl_off_t)
{
	const struct smtp *s = of;
	return s->mailer.ending && atomic_load(s->mailer.ending) && !s->reading;
}

static str domain(str address)
{
	str_cut(&address, '@');
	return address;
}

/* Everything is set anew for each mail; curl_easy_reset keeps the connection. */
static void prepare(struct smtp *s, struct cx *cx, const struct mail *m, str message, bool fresh)
{
	CURL *c = s->curl;
	str ehlo = s->ehlo.n ? s->ehlo : domain(m->from.address);
	str from = m->return_path.n ? m->return_path : m->from.address;
	curl_easy_reset(c);
	s->message = message;
	s->reading = false;
	s->error[0] = s->reply[0] = s->refusal[0] = '\0';
	curl_easy_setopt(c, CURLOPT_URL, str_format(&cx->arena, "%.*s/%.*s", STR_ARG(s->base), STR_ARG(ehlo)).p);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_USE_SSL, (long)(s->tls == TLS_NONE ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (s->ca)
		curl_easy_setopt(c, CURLOPT_CAINFO, s->ca);
	if (s->user)
		curl_easy_setopt(c, CURLOPT_USERNAME, s->user);
	if (s->password)
		curl_easy_setopt(c, CURLOPT_PASSWORD, s->password);
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, str_format(&cx->arena, "<%.*s>", STR_ARG(from)).p);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.n);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(c, CURLOPT_READDATA, s);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_reply);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, s->error);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)s->timeout);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, (long)fresh);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
}

static bool is_our_fault(const struct smtp *s, CURLcode result, long code)
{
	switch (result) {
	case CURLE_LOGIN_DENIED:
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_REMOTE_ACCESS_DENIED:
	case CURLE_URL_MALFORMAT:
		return true;
	default:
		break;
	}
	if (code == 530 || code == 534 || code == 535 || code == 538)
		return true;
	/* refused before the recipient was named: the sender, or this machine */
	bool recipient = s->reading || strstr(s->error, "RCPT") || strstr(s->error, "DATA");
	return code >= 500 && code != 552 && !recipient;
}

static int64_t wait_of(long code)
{
	if (code == 421 || code < 400)
		return WAIT_SHORT;
	return WAIT_GREY;
}

static struct handover judge(struct smtp *s, struct cx *cx, CURLcode result)
{
	long code = 0;
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
	bool refused = code >= 400;
	str said = str_of(result == CURLE_OK ? s->reply : refused ? s->refusal : s->error);
	bool given_up = result == CURLE_ABORTED_BY_CALLBACK;
	if (given_up)
		said = S("this server was stopped before it was sent");
	if (!said.n)
		said = str_of(curl_easy_strerror(result));
	struct handover d = { .code = refused || result == CURLE_OK ? (int)code : 0,
			      .detail = clean_line(&cx->arena, said, DETAIL) };
	if (result == CURLE_OK) {
		d.state = HANDOVER_DONE;
		return d;
	}
	d.alert = is_our_fault(s, result, code);
	d.state = code >= 500 && !d.alert ? HANDOVER_REFUSED : HANDOVER_RETRY;
	if (d.state == HANDOVER_RETRY && !given_up)
		d.wait.s = d.alert ? WAIT_OURS : wait_of(code);
	return d;
}

/* A connection that was kept may have died meanwhile, or has had as many mails as the server takes on one.  As long as
 * the message was not asked for, nothing can have been sent, so one try on a new connection is safe. */
static bool was_stale(struct smtp *s, const struct handover *d)
{
	long connects = 0;
	curl_easy_getinfo(s->curl, CURLINFO_NUM_CONNECTS, &connects);
	bool worn = d->code == 0 || d->code == 421 || strstr(s->error, "MAIL failed");
	return d->state == HANDOVER_RETRY && connects == 0 && !s->reading && worn;
}

/* libcurl says QUIT to a connection that it lets go, and waits two minutes for the answer, also when it gives up on one
 * because no answer came.  A connection without a socket behind it is let go at once. */
static void hang_up(struct smtp *s)
{
	curl_socket_t fd = CURL_SOCKET_BAD;
	if (curl_easy_getinfo(s->curl, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
		shutdown(fd, SHUT_RDWR);
}

static struct handover attempt(struct smtp *s, struct cx *cx, const struct mail *m, str message, bool fresh)
{
	str to = str_format(&cx->arena, "<%.*s>", STR_ARG(m->to.address));
	struct curl_slist *recipients = curl_slist_append(NULL, to.p);
	prepare(s, cx, m, message, fresh);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, recipients);
	struct handover d = judge(s, cx, curl_easy_perform(s->curl));
	if (d.state != HANDOVER_DONE)
		hang_up(s);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, NULL);
	curl_slist_free_all(recipients);
	return d;
}

static struct handover smtp_send(struct mailer *mailer, struct cx *cx, const struct mail *m)
{
	struct smtp *s = (struct smtp *)mailer;
	struct buf message = { .max = MESSAGE };
	struct handover d;
	enum err err = mail_compose(cx, m, &message);
	if (err) {
		d = (struct handover){ .state = HANDOVER_REFUSED, .detail = cx->fault.message };
	} else {
		d = attempt(s, cx, m, buf_str(&message), false);
		if (was_stale(s, &d))
			d = attempt(s, cx, m, buf_str(&message), true);
	}
	buf_free(&message);
	return d;
}

static void smtp_close(struct mailer *mailer)
{
	struct smtp *s = (struct smtp *)mailer;
	hang_up(s);
	curl_easy_cleanup(s->curl);
	if (s->password)
		sodium_memzero(s->password, strlen(s->password));
	arena_close(&s->arena);
	free(s);
}

/* A part of the URL, NULL when it has none. */
static char *part(struct smtp *s, CURLU *url, CURLUPart which, unsigned flags)
{
	char *text = NULL;
	if (curl_url_get(url, which, &text, flags) != CURLUE_OK)
		return NULL;
	char *copy = str_to_c(&s->arena, str_of(text));
	curl_free(text);
	return copy;
}

static bool is_loopback(str host)
{
	return str_is_nocase(host, S("localhost")) || str_starts(host, S("127.")) || str_is(host, S("[::1]"));
}

static enum err take_options(struct smtp *s, struct cx *cx, str query)
{
	while (query.n) {
		str value = str_cut(&query, '&');
		str name = str_cut(&value, '=');
		if (str_is(name, S("tls")) && (str_is(value, S("none")) || str_is(value, S("required"))))
			s->tls = str_is(value, S("none")) ? TLS_NONE : TLS_REQUIRED;
		else if (str_is(name, S("ca")) && value.n)
			s->ca = str_to_c(&s->arena, value);
		else if (!str_is(name, S("timeout")) || !str_to_int(value, &s->timeout) || s->timeout < 1 ||
			 s->timeout > TIMEOUT_MAX)
			return FAIL(
			    cx, E_INVALID, S("smtp_url"),
			    "smtp_url: after ? come tls=none or tls=required, ca=FILE, timeout=1..600, not %.*s",
			    STR_ARG(name));
	}
	return OK;
}

static enum err take_url(struct smtp *s, struct cx *cx, CURLU *url, const char *text)
{
	bool parsed = curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
	const char *scheme = parsed ? part(s, url, CURLUPART_SCHEME, 0) : NULL;
	const char *host = parsed ? part(s, url, CURLUPART_HOST, 0) : NULL;
	const char *port = parsed ? part(s, url, CURLUPART_PORT, 0) : NULL;
	const char *path = parsed ? part(s, url, CURLUPART_PATH, 0) : NULL;
	bool implicit = scheme && strcmp(scheme, "smtps") == 0;
	if (!host || !scheme || (!implicit && strcmp(scheme, "smtp") != 0))
		return FAIL(cx, E_INVALID, S("smtp_url"),
			    "smtp_url must be smtp://user:password@mail.example.org:587 or "
			    "smtps://user:password@mail.example.org:465");
	s->user = part(s, url, CURLUPART_USER, CURLU_URLDECODE);
	s->password = part(s, url, CURLUPART_PASSWORD, CURLU_URLDECODE);
	if (!port)
		port = implicit ? "465" : "587";
	s->base = str_format(&s->arena, "%s://%s:%s", scheme, host, port);
	s->ehlo = path ? str_of(path + (path[0] == '/')) : (str){ NULL, 0 };
	s->tls = is_loopback(str_of(host)) && !implicit ? TLS_NONE : TLS_REQUIRED;
	return take_options(s, cx, str_of(part(s, url, CURLUPART_QUERY, CURLU_URLDECODE)));
}

enum err smtp_open(struct cx *cx, str url, struct mailer **out)
{
	struct smtp *s = calloc(1, sizeof *s);
	CURLU *parts = curl_url();
	if (s)
		s->curl = curl_easy_init();
	if (!s || !parts || !s->curl)
		abort(); /* out of memory, as arenas and bufs do */
	s->mailer = (struct mailer){ .send = smtp_send, .close = smtp_close };
	s->timeout = TOTAL_SECONDS;
	enum err err = take_url(s, cx, parts, str_to_c(&cx->arena, url));
	curl_url_cleanup(parts);
	if (err)
		smtp_close(&s->mailer);
	else
		*out = &s->mailer;
	return err;
}
