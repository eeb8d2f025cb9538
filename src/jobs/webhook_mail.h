/* webhook_mail - tells an owner that a webhook was paused, because nothing arrives there. */
#ifndef JOBS_WEBHOOK_MAIL_H
#define JOBS_WEBHOOK_MAIL_H
#include "store/webhook.h"
#include "worker.h"

/* webhook_mail_add - of a webhook that was just paused. */
enum err webhook_mail_add(struct cx *, const struct webhook *);

enum err webhook_mail_run(struct work *, const struct job *);
#endif
