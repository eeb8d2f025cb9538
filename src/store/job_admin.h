/* job_admin - the queue as operators see it: what was given up, what waits, and having it tried again.  What a job
 * carries is never among it. */
#ifndef STORE_JOB_ADMIN_H
#define STORE_JOB_ADMIN_H
#include "job.h"

/* job_seen - one job as operators see it. */
struct job_seen {
	uuid id, account_id; /* all zero: before there was an account */
	str kind;
	unsigned state; /* enum job_state */
	str username;   /* the account's; absent once erased */
	int64_t tries;
	str last_error;
	instant created_at, due_at, done_at;
};
extern const struct field JOB_SEEN[];

/* job_filter - which of them: dead ones, the last to die first; or those that wait for another try, the next first. */
struct job_filter {
	str kind;   /* absent: of every kind */
	instant at; /* with `after`: the place in the list of the last one seen, NONE at first */
	uuid after;
	int64_t limit;
};
enum err job_list_dead(struct cx *, const struct job_filter *, struct list *out);
enum err job_list_tried(struct cx *, const struct job_filter *, struct list *out);

/* job_kind_seen - how many jobs of a kind are dead, since when. */
struct job_kind_seen {
	str kind;
	int64_t dead;
	instant oldest_at;
};
extern const struct field JOB_KIND_SEEN[];
enum err job_kind_list(struct cx *, struct list *out);

/* job_retry - a dead one waits again, due now, with all its kind's tries; job_discard - it is done with, and what it
 * carried forgotten.   E_NOT_FOUND   E_CONFLICT  it is not dead */
enum err job_retry(struct cx *, uuid id);
enum err job_discard(struct cx *, uuid id);

/* job_retry_kind - the oldest JOB_RETRIES dead ones of a kind.  *retried: how many. */
enum { JOB_RETRIES = 1000 };
enum err job_retry_kind(struct cx *, str kind, int64_t *retried);

/* job_figures - for metrics, of each lane: how many are due, and how long ago the first of it was due; and what is dead. */
struct job_figures {
	int64_t due[LANE_COUNT];
	span overdue[LANE_COUNT];
	int64_t dead;
};
enum err job_figures_get(struct cx *, struct job_figures *out);
#endif
