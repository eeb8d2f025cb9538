#include "http_client.h"

#include "core/clean.h"

#include <curl/curl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum { DETAIL = 200 };

struct asking {
	const struct outbound *outbound;
	struct outbound_target target;
	size_t head; /* bytes so far */
	struct buf body;
	bool forbidden; /* an address was not public */
	char error[CURL_ERROR_SIZE];
};

/* libcurl asks for a socket for each address that it is about to connect to. */
static curl_socket_t on_socket(void *of, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct asking *a = of;
	unsigned char address[16] = { 0 };
	if (to->family == AF_INET)
		address_of_four(address, &((const struct sockaddr_in *)(const void *)&to->addr)->sin_addr);
	else if (to->family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)(const void *)&to->addr)->sin6_addr, sizeof address);
	if (purpose == CURLSOCKTYPE_IPCXN && outbound_may(a->outbound, &a->target, address))
		return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
	a->forbidden = true;
	return CURL_SOCKET_BAD;
}

static size_t on_head(char *line, size_t size, size_t n, void *of)
{
	struct asking *a = of;
	(void)line;
	a->head += size * n;
	return a->head <= HTTP_HEAD ? size * n : 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *of)
{
	struct asking *a = of;
	buf_add(&a->body, (str){ bytes, size * n });
	return a->body.full ? 0 : size * n;
}

static void limits_set(CURL *c, struct asking *a)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, a->target.secure ? "https" : "http");
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)HTTP_TOTAL_SECONDS);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)HTTP_BODY);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L); /* a name server that does not answer is not waited for */
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, on_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, a);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, a->error);
}

static struct curl_slist *headers_of(struct cx *cx, const struct http_ask *ask)
{
	struct curl_slist *list = curl_slist_append(NULL, "User-Agent: Noonmark");
	list = curl_slist_append(list, "Expect:"); /* none: the body is sent at once */
	for (size_t i = 0; i < ask->header_count; i++)
		list = curl_slist_append(list, str_format(&cx->arena, "%.*s: %.*s", STR_ARG(ask->headers[i].name),
							  STR_ARG(ask->headers[i].value))
						   .p);
	return list;
}

static enum err failed(struct cx *cx, const struct asking *a, CURLcode result)
{
	str said = str_of(a->error[0] ? a->error : curl_easy_strerror(result));
	if (a->forbidden && result == CURLE_COULDNT_CONNECT)
		return FAIL(cx, E_REFUSED, S(""), "%.*s does not lead to a public address", STR_ARG(a->target.host));
	if (result == CURLE_OPERATION_TIMEDOUT)
		return FAIL(cx, E_UNAVAILABLE, S(""), "no connection within %d seconds, or no answer within %d",
			    HTTP_CONNECT_SECONDS, HTTP_TOTAL_SECONDS);
	if (a->body.full || result == CURLE_FILESIZE_EXCEEDED)
		return FAIL(cx, E_UNAVAILABLE, S(""), "the answer is longer than %d bytes", HTTP_BODY);
	if (a->head > HTTP_HEAD)
		return FAIL(cx, E_UNAVAILABLE, S(""), "the answer's head is longer than %d bytes", HTTP_HEAD);
	said = clean_line(&cx->arena, said, DETAIL);
	return FAIL(cx, E_UNAVAILABLE, S(""), "%.*s", STR_ARG(said));
}

static void reply_read(struct cx *cx, CURL *c, const struct asking *a, struct http_reply *out)
{
	long status = 0;
	curl_off_t microseconds = 0, retry_after = 0;
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_TOTAL_TIME_T, &microseconds);
	curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &retry_after);
	*out = (struct http_reply){ .status = (int)status,
				    .body = str_copy(&cx->arena, buf_str(&a->body)),
				    .retry_after = retry_after > 0 ? retry_after : 0,
				    .milliseconds = microseconds / 1000 };
}

enum err http_ask(struct cx *cx, const struct outbound *outbound, const struct http_ask *ask, struct http_reply *out)
{
	struct asking a = { .outbound = outbound, .body = { .max = HTTP_BODY } };
	*out = (struct http_reply){ .status = 0 };
	TRY(outbound_check(cx, outbound, ask->url, S("url"), &a.target));
	CURL *c = curl_easy_init();
	if (!c)
		return FAIL(cx, E_UNAVAILABLE, S(""), "no memory for a request");
	struct curl_slist *headers = headers_of(cx, ask);
	limits_set(c, &a);
	curl_easy_setopt(c, CURLOPT_URL, a.target.url.p);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (ask->body.p) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)ask->body.n);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, ask->body.p);
	}
	if (ask->method)
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, ask->method);
	CURLcode result = curl_easy_perform(c);
	reply_read(cx, c, &a, out);
	curl_easy_cleanup(c);
	curl_slist_free_all(headers);
	enum err err = result == CURLE_OK ? OK : failed(cx, &a, result);
	buf_free(&a.body);
	return err;
}

str http_reply_excerpt(struct arena *a, const struct http_reply *reply, size_t max)
{
	return clean_line(a, str_slice(reply->body, 0, max), max);
}
