/* listen - listening sockets and what comes in by them. */
#include <errno.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "inside.h"

enum { BACKLOG = 1024, ACCEPTS = 64, PAUSE_MS = 100, UNSENT = 128 << 10 };

static bool unix_path(const char *address, struct sockaddr_un *out)
{
	str path = str_of(address);
	*out = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!str_starts(path, S("unix:")) || path.n < 6 || path.n - 5 >= sizeof out->sun_path)
		return false;
	memcpy(out->sun_path, path.p + 5, path.n - 5);
	return true;
}

/* a socket file that nobody listens on any more is in the way */
static void unix_clear(const struct sockaddr_un *at)
{
	struct stat status;
	if (stat(at->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)at, sizeof *at) < 0 && errno == ECONNREFUSED)
		unlink(at->sun_path);
	close(fd);
}

static int socket_bound(const struct sockaddr *at, socklen_t size)
{
	int fd = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int on = 1, off = 0, unsent = UNSENT;
	if (at->sa_family != AF_UNIX) {
		/* accepted sockets inherit these; the last keeps clients that read slowly from filling the kernel's memory */
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
	}
	if (at->sa_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	if (bind(fd, at, size) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

static void bound_address(struct listener *l)
{
	struct sockaddr_storage at = { 0 };
	socklen_t size = sizeof at;
	char host[ADDRESS_TEXT] = "", port[8] = "";
	if (getsockname(l->fd, (struct sockaddr *)&at, &size) == 0)
		getnameinfo((struct sockaddr *)&at, size, host, sizeof host, port, sizeof port,
			    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(l->address, sizeof l->address, at.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static enum err inet_open(struct cx *cx, const char *address, struct listener *out)
{
	str text = str_of(address);
	size_t colon = text.n;
	while (colon > 0 && text.p[colon - 1] != ':')
		colon--;
	str host = str_slice(text, 0, colon ? colon - 1 : 0);
	bool any = str_is(host, S("*"));
	if (host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_slice(host, 1, host.n - 1);
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *found = NULL;
	const char *port = address + colon;
	int64_t number;
	if (!colon || !host.n || !str_to_int(str_of(port), &number) || number < 0 || number > 65535 ||
	    getaddrinfo(any ? "::" : str_to_c(&cx->arena, host), port, &hints, &found) != 0)
		return FAIL(cx, E_INVALID, S("listen"),
			    "\"%s\" is not an address to listen on, like 127.0.0.1:8080, [::1]:8080 or unix:/path",
			    address);
	struct sockaddr_in four = { .sin_family = AF_INET };
	if (any)
		four.sin_port = ((const struct sockaddr_in6 *)found->ai_addr)->sin6_port;
	out->fd = socket_bound(found->ai_addr, found->ai_addrlen);
	if (out->fd < 0 && any && errno == EAFNOSUPPORT) /* a machine without IPv6 */
		out->fd = socket_bound((struct sockaddr *)&four, sizeof four);
	freeaddrinfo(found);
	return OK;
}

enum err listen_open(struct cx *cx, const char *address, struct listener *out)
{
	struct sockaddr_un local;
	out->source.kind = SOURCE_LISTENER;
	out->fd = -1;
	if (unix_path(address, &local)) {
		unix_clear(&local);
		out->fd = socket_bound((struct sockaddr *)&local, sizeof local);
		snprintf(out->address, sizeof out->address, "%s", address);
	} else {
		TRY(inet_open(cx, address, out));
		if (out->fd >= 0)
			bound_address(out);
	}
	if (out->fd < 0)
		return FAIL(cx, E_UNAVAILABLE, S("listen"), "cannot listen on %s: %s", address, strerror(errno));
	return OK;
}

void listen_close(struct listener *l)
{
	struct sockaddr_un local;
	if (l->fd < 0)
		return;
	close(l->fd);
	l->fd = -1;
	if (unix_path(l->address, &local))
		unlink(local.sun_path);
}

void listen_deafen(struct listener *l)
{
	/* drop segments with SYN and without ACK: a client tries again in a second, perhaps with our successor */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, offsetof(struct tcphdr, th_flags)),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TH_SYN | TH_ACK),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TH_SYN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = { .len = sizeof code / sizeof *code, .filter = code };
	/* without it (a unix socket) connections that come in the last moment are reset */
	setsockopt(l->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

/* answer without reading, and be rid of it: this must stay cheap */
static void turn_away(struct loop *l, int fd, enum err why, const char *detail)
{
	struct exchange *x = exchange_take(&l->pool);
	struct http_header later = { S("Retry-After"), S("10") };
	x->id = loop_id(l);
	x->request.minor = 1;
	x->answer = (struct http_answer){
		.status = err_http(FAIL(&x->cx, why, S(""), "%s", detail)),
		.content_type = S("application/problem+json"),
		.headers = &later,
		.header_count = 1,
	};
	http_problem_write(&x->body, x);
	x->answer.body = buf_str(&x->body);
	buf_clear(&l->head);
	answer_head(&l->head, x, loop_date(l, l->server->options.clock()), false);
	buf_add(&l->head, x->answer.body);
	if (send(fd, l->head.p, l->head.n, MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
		shutdown(fd, SHUT_WR);
		recv(fd, l->scratch, SCRATCH, MSG_DONTWAIT); /* what is unread at the close would reset the answer */
	}
	close(fd);
	exchange_give(&l->pool, x);
}

static struct loop *loop_choose(struct http_server *server)
{
	struct loop *least = &server->loops[0];
	for (unsigned i = 1; i < server->options.threads; i++)
		if (atomic_load_explicit(&server->loops[i].load, memory_order_relaxed) <
		    atomic_load_explicit(&least->load, memory_order_relaxed))
			least = &server->loops[i];
	return least;
}

static void accepted(struct loop *l, const struct listener *from, int fd, const struct sockaddr_storage *address)
{
	struct http_server *server = l->server;
	struct peer peer;
	peer_of(address, &server->trusted, &peer);
	if (atomic_load_explicit(&server->open, memory_order_relaxed) >= server->options.connections) {
		count_add(l, COUNT_OVER_TOTAL, 1);
		turn_away(l, fd, E_UNAVAILABLE, "too many connections are open; try again in a moment");
		return;
	}
	if (peer.key && server->options.per_address &&
	    !crowd_enter(server->crowd, peer.key, server->options.per_address)) {
		count_add(l, COUNT_OVER_ADDRESS, 1);
		turn_away(l, fd, E_TOO_MANY, "too many connections are open from your address");
		return;
	}
	count_add(l, COUNT_ACCEPTED, 1);
	struct connection *c = calloc(1, sizeof *c);
	if (!c) {
		fputs("http: out of memory\n", stderr);
		abort();
	}
	*c = (struct connection){
		.source.kind = SOURCE_CONNECTION, .fd = fd, .site = from->site, .peer = peer, .state = CLOSED
	};
	atomic_fetch_add_explicit(&server->open, 1, memory_order_relaxed);
	loop_give(l, loop_choose(server), c);
}

bool listen_accept(struct loop *l, struct listener *from)
{
	for (int i = 0; i < ACCEPTS && from->fd >= 0; i++) {
		struct sockaddr_storage address = { 0 };
		socklen_t size = sizeof address;
		int fd = accept4(from->fd, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			accepted(l, from, fd, &address);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			/* no descriptor is left: those who wait in the queue stay there until one is */
			count_add(l, COUNT_PAUSED, 1);
			loop_listen(l, false);
			l->accept_at = loop_ms(l) + PAUSE_MS;
			return false;
		}
		if (errno == EAGAIN)
			return false;
	}
	return from->fd >= 0;
}
