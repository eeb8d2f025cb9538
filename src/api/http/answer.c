#include "answer.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/field.h"
#include "head.h"

struct owned {
	struct http_body body;
	struct buf memory;
};

static void owned_release(struct http_body *body)
{
	struct owned *owned = (struct owned *)body;
	buf_free(&owned->memory);
	free(owned);
}

struct http_body *http_body_of(struct buf *from)
{
	struct owned *owned = calloc(1, sizeof *owned);
	if (!owned) {
		fputs("http: out of memory\n", stderr);
		abort();
	}
	*owned = (struct owned){ .body.bytes = buf_str(from), .body.release = owned_release, .memory = *from };
	atomic_init(&owned->body.references, 1);
	*from = (struct buf){ 0 };
	return &owned->body;
}

struct http_body *http_body_keep(struct http_body *body)
{
	atomic_fetch_add_explicit(&body->references, 1, memory_order_relaxed);
	return body;
}

void http_body_drop(struct http_body *body)
{
	if (body && body->release && atomic_fetch_sub_explicit(&body->references, 1, memory_order_acq_rel) == 1)
		body->release(body);
}

void answer_release(struct http_answer *answer)
{
	buf_free(&answer->buffer);
	http_body_drop(answer->shared);
	answer->shared = NULL;
}

static bool clean(str s)
{
	return control_find(s) == s.n;
}

void answer_check(struct http_answer *answer)
{
	bool good = clean(answer->content_type) && clean(answer->etag) && clean(answer->cache_control);
	for (size_t i = 0; i < answer->header_count; i++)
		good = good && token_is(answer->headers[i].name) && clean(answer->headers[i].value);
	if (good && answer->status >= 200 && answer->status <= 599)
		return;
	answer_release(answer);
	*answer = (struct http_answer){ .status = 500, .close = true };
}

static bool bodiless(int status)
{
	return status == 204 || status == 304;
}

static str answer_bytes(const struct http_answer *answer)
{
	if (answer->shared)
		return answer->shared->bytes;
	return answer->buffer.n ? buf_str(&answer->buffer) : answer->body;
}

str answer_body(const struct exchange *x)
{
	return x->request.head_only || bodiless(x->answer.status) ? S("") : answer_bytes(&x->answer);
}

static const struct {
	int status;
	str line;
} STATUS_LINES[] = {
#define STATUS(code, reason)                                       \
	{                                                          \
		code, S("HTTP/1.1 " #code " " reason "\r\nDate: ") \
	}
	STATUS(200, "OK"),
	STATUS(201, "Created"),
	STATUS(202, "Accepted"),
	STATUS(204, "No Content"),
	STATUS(207, "Multi-Status"),
	STATUS(301, "Moved Permanently"),
	STATUS(302, "Found"),
	STATUS(303, "See Other"),
	STATUS(304, "Not Modified"),
	STATUS(307, "Temporary Redirect"),
	STATUS(308, "Permanent Redirect"),
	STATUS(400, "Bad Request"),
	STATUS(401, "Unauthorized"),
	STATUS(402, "Payment Required"),
	STATUS(403, "Forbidden"),
	STATUS(404, "Not Found"),
	STATUS(405, "Method Not Allowed"),
	STATUS(406, "Not Acceptable"),
	STATUS(408, "Request Timeout"),
	STATUS(409, "Conflict"),
	STATUS(410, "Gone"),
	STATUS(412, "Precondition Failed"),
	STATUS(413, "Content Too Large"),
	STATUS(414, "URI Too Long"),
	STATUS(415, "Unsupported Media Type"),
	STATUS(422, "Unprocessable Content"),
	STATUS(423, "Locked"),
	STATUS(428, "Precondition Required"),
	STATUS(429, "Too Many Requests"),
	STATUS(431, "Request Header Fields Too Large"),
	STATUS(500, "Internal Server Error"),
	STATUS(501, "Not Implemented"),
	STATUS(503, "Service Unavailable"),
	STATUS(507, "Insufficient Storage"),
#undef STATUS
};

static void status_add(struct buf *out, int status)
{
	for (size_t i = 0; i < sizeof STATUS_LINES / sizeof *STATUS_LINES; i++)
		if (STATUS_LINES[i].status == status) {
			buf_add(out, STATUS_LINES[i].line);
			return;
		}
	buf_add(out, S("HTTP/1.1 "));
	buf_add_int(out, status);
	buf_add(out, S(" \r\nDate: "));
}

static void field_add(struct buf *out, str name, str value)
{
	if (!value.n)
		return;
	buf_add(out, name);
	buf_add(out, value);
	buf_add(out, S("\r\n"));
}

void answer_head(struct buf *out, const struct exchange *x, str date, bool keep_alive)
{
	const struct http_answer *answer = &x->answer;
	char id[REQUEST_ID_TEXT];
	status_add(out, answer->status);
	buf_add(out, date);
	field_add(out, S("\r\nX-Request-Id: "), http_request_id(id, x->id));
	field_add(out, S("Content-Type: "), answer->content_type);
	field_add(out, S("ETag: "), answer->etag);
	field_add(out, S("Cache-Control: "), answer->cache_control);
	for (size_t i = 0; i < answer->header_count; i++) {
		buf_add(out, answer->headers[i].name);
		field_add(out, S(": "), answer->headers[i].value);
	}
	if (!bodiless(answer->status)) {
		buf_add(out, S("Content-Length: "));
		buf_add_int(out, (int64_t)answer_bytes(answer).n);
		buf_add(out, S("\r\n"));
	}
	if (!keep_alive)
		buf_add(out, S("Connection: close\r\n\r\n"));
	else if (x->request.minor == 0)
		buf_add(out, S("Connection: keep-alive\r\n\r\n"));
	else
		buf_add(out, S("\r\n"));
}

str http_request_id(char out[REQUEST_ID_TEXT], uint64_t id)
{
	for (int i = 0; i < 16; i++)
		out[i] = "0123456789abcdef"[id >> (60 - 4 * i) & 15];
	out[16] = 0;
	return (str){ out, 16 };
}

str date_format(char out[DATE_TEXT], instant t)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	day d = { t.s / DAY_SECONDS };
	struct civil c = civil_of_day(d);
	int64_t s = t.s % DAY_SECONDS;
	int n = snprintf(out, DATE_TEXT, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[day_weekday(d)], c.day,
			 months[c.month - 1], (int)c.year, (int)(s / HOUR_SECONDS), (int)(s / MINUTE_SECONDS % 60),
			 (int)(s % 60));
	return (str){ out, n > 0 ? (size_t)n : 0 };
}

static void problem_errors(struct buf *out, const struct fault *fault)
{
	buf_add(out, S(",\"errors\":["));
	for (const struct problem *p = fault->problems; p; p = p->next) {
		buf_add(out, p == fault->problems ? S("{\"field\":") : S(",{\"field\":"));
		json_quote(out, p->field);
		buf_add(out, S(",\"message\":"));
		json_quote(out, p->message);
		buf_add_char(out, '}');
	}
	buf_add_char(out, ']');
}

/* A sentence: the message of a field reads behind the field's name.  Nothing inner is told. */
static void problem_detail(struct buf *out, const struct exchange *x)
{
	const struct fault *fault = &x->cx.fault;
	struct buf text = { .max = 4096 };
	if (fault->problems && fault->problems->field.n && str_is(fault->problems->message, fault->message)) {
		str field = str_slice(fault->problems->field, 1, fault->problems->field.n);
		for (size_t i = 0; i < field.n; i++)
			buf_add_char(&text, field.p[i] == '/' ? '.' : field.p[i]);
		buf_add_char(&text, ' ');
	}
	buf_add(&text, fault->code == E_INTERNAL ? str_of(err_title(E_INTERNAL)) : fault->message);
	json_quote(out, buf_str(&text));
	buf_free(&text);
}

void http_problem_write(struct buf *out, const struct exchange *x)
{
	const struct fault *fault = &x->cx.fault;
	char id[REQUEST_ID_TEXT];
	buf_format(out, "{\"type\":\"urn:noonmark:problem:%s\",\"title\":", err_code(fault->code));
	json_quote(out, str_of(err_title(fault->code)));
	buf_add(out, S(",\"status\":"));
	buf_add_int(out, err_http(fault->code));
	buf_add(out, S(",\"detail\":"));
	problem_detail(out, x);
	buf_add(out, S(",\"code\":"));
	json_quote(out, str_of(err_code(fault->code)));
	problem_errors(out, fault);
	if (fault->extra.n) {
		buf_add_char(out, ',');
		buf_add(out, fault->extra);
	}
	buf_add(out, S(",\"request_id\":"));
	json_quote(out, http_request_id(id, x->id));
	buf_add(out, S("}\n"));
}

void http_problem(struct exchange *x)
{
	struct http_header *headers = NEWS(&x->cx.arena, struct http_header, 2);
	size_t n = 0;
	if (x->cx.fault.code == E_METHOD)
		headers[n++] = (struct http_header){ S("Allow"), S("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS") };
	if (x->cx.fault.retry_after)
		headers[n++] =
		    (struct http_header){ S("Retry-After"),
					  str_format(&x->cx.arena, "%lld", (long long)x->cx.fault.retry_after) };
	struct http_answer answer = {
		.status = err_http(x->cx.fault.code),
		.content_type = S("application/problem+json"),
		.cache_control = S("no-store"),
		.headers = headers,
		.header_count = n,
	};
	http_problem_write(&answer.buffer, x);
	http_answer(x, &answer);
}
