/* spool - mails as files, for machines without a mail server: the log names the file, a person or a program reads it. */
#include "smtp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID_BYTES = 120, RETRY_SECONDS = 60 };

struct spool {
	struct mailer mailer;
	struct arena arena;
	char *folder;
};

static struct handover failed(struct cx *cx, const char *what, str path)
{
	return (struct handover){ .state = HANDOVER_RETRY,
				  .wait = { RETRY_SECONDS },
				  .alert = true,
				  .detail =
				      str_format(&cx->arena, "%s %.*s: %s", what, STR_ARG(path), strerror(errno)) };
}

/* "20260302T140000Z-booked.0190….2.5f3a.eml": letters, digits, dot, hyphen and underscore of the Message-ID. */
static str file_name(struct arena *a, const struct mail *m)
{
	char time[INSTANT_TEXT], id[ID_BYTES], stamp[INSTANT_TEXT];
	str at = instant_format(time, m->date);
	size_t n = 0, stamp_n = 0;
	for (size_t i = 0; i < at.n; i++)
		if (at.p[i] != '-' && at.p[i] != ':')
			stamp[stamp_n++] = at.p[i];
	for (size_t i = 0; i < m->message_id.n && n < sizeof id && m->message_id.p[i] != '@'; i++) {
		char c = m->message_id.p[i];
		bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (word || ((c == '.' || c == '-') && n) || c == '_')
			id[n++] = c;
	}
	return str_format(a, "%.*s-%.*s.eml", (int)stamp_n, stamp, (int)n, id);
}

static bool write_all(int fd, str s)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = str_slice(s, (size_t)n, s.n);
	}
	return fsync(fd) == 0;
}

static void sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static struct handover spool_write(struct spool *s, struct cx *cx, const struct mail *m, str message)
{
	str name = file_name(&cx->arena, m);
	str path = str_format(&cx->arena, "%s/%.*s", s->folder, STR_ARG(name));
	str part = str_format(&cx->arena, "%s/.%.*s.part", s->folder, STR_ARG(name));
	int fd = open(part.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return failed(cx, "cannot make", part);
	bool written = write_all(fd, message);
	int cause = errno;
	if ((close(fd) != 0 && written) || !written || rename(part.p, path.p) != 0) {
		errno = written ? errno : cause;
		struct handover d = failed(cx, "cannot write", path);
		unlink(part.p);
		return d;
	}
	sync_folder(s->folder);
	return (struct handover){ .state = HANDOVER_DONE, .detail = path };
}

static struct handover spool_send(struct mailer *mailer, struct cx *cx, const struct mail *m)
{
	struct buf message = { 0 };
	struct handover d;
	enum err err = mail_compose(cx, m, &message);
	if (err)
		d = (struct handover){ .state = HANDOVER_REFUSED, .detail = cx->fault.message };
	else
		d = spool_write((struct spool *)mailer, cx, m, buf_str(&message));
	buf_free(&message);
	return d;
}

static void spool_close(struct mailer *mailer)
{
	struct spool *s = (struct spool *)mailer;
	arena_close(&s->arena);
	free(s);
}

enum err spool_open(struct cx *cx, str folder, struct mailer **out)
{
	char *path = str_to_c(&cx->arena, folder);
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return FAIL(cx, E_UNAVAILABLE, S(""), "cannot make the folder %s: %s", path, strerror(errno));
	struct spool *s = calloc(1, sizeof *s);
	if (!s)
		return FAIL(cx, E_UNAVAILABLE, S(""), "out of memory");
	s->mailer = (struct mailer){ .send = spool_send, .close = spool_close };
	s->folder = str_to_c(&s->arena, folder);
	*out = &s->mailer;
	return OK;
}

enum err mailer_open(struct cx *cx, str url, str data, struct mailer **out)
{
	if (url.n)
		return smtp_open(cx, url, out);
	return spool_open(cx, str_format(&cx->arena, "%.*s/mail", STR_ARG(data)), out);
}
