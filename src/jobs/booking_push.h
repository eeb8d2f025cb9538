/* booking_push - the host's browsers hear of bookings as well: what a mail to the host says, in two lines. */
#ifndef JOBS_BOOKING_PUSH_H
#define JOBS_BOOKING_PUSH_H
#include "worker.h"

/* booking_notice - a message to a host, in short. */
struct booking_notice {
	uuid booking_id, device; /* device: a subscription of store/push.h */
	str title, lead;         /* one line each, in the reader's language and zone */
	str language;            /* "de" */
	instant start;
	bool urgent; /* wants an answer, or tells of what is about to begin */
	bool stale;  /* told since by a later message, or over: nothing else is set */
};

/* booking_notice_read - what a job of booking_push_run carries, as of now. */
enum err booking_notice_read(struct work *, const struct job *, struct booking_notice *out);

enum err booking_push_run(struct work *, const struct job *);
#endif
