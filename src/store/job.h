/* job - effects that happen after a commit, inserted by the transaction that caused them (the outbox). */
#ifndef STORE_JOB_H
#define STORE_JOB_H
#include "db.h"

enum job_state { JOB_WAITING, JOB_DONE, JOB_DEAD };

/* job_lane - which workers take it, so that what is slow delays only its like: a mail server that hangs holds up no
 * reminder's planning, a stranger's web server no mail. */
enum job_lane {
	LANE_MAIL,
	LANE_PROMPT, /* mails that somebody sits and waits for */
	LANE_OWN,    /* works on the database alone */
	LANE_HTTP,   /* calls other people's servers */
	LANE_COUNT
};

struct job {
	uuid id, account_id; /* id: made of dedupe_key; account: on whose behalf; all zero before there is one */
	uuid booking_id;     /* of a message about one; else all zero */
	str kind;            /* a name of the kinds table (jobs/worker.c) */
	str dedupe_key;      /* one job for one effect */
	str payload;         /* JSON, as the kind reads it */
	unsigned lane;       /* enum job_lane */
	unsigned state;      /* enum job_state */
	instant due_at;      /* not before; while it runs, the end of its lease */
	int64_t tries;       /* how often it was begun, the fence of a stale worker's write */
	int64_t forgiven;    /* of these, those that count no more against the kind's */
	str last_error;
	instant created_at, done_at;
	span late; /* not a column: how long after it was due job_due found it */
};
extern const struct field JOB[];
extern const char *const JOB_STATES[], *const JOB_LANES[];

/* job_add - insert one at the end of this piece of work, due now unless due_at is given; a second one with the same dedupe_key
 * is dropped silently.  What it points to is in cx->arena.
 * job_put - the same; sets id and due_at. */
enum err job_add(struct cx *, const struct job *);
enum err job_put(struct cx *, struct job *);

/* job_due - the job of a lane that is due first: id, kind, tries, due_at and late.  *found: whether there is one.
 * job_take - claim it until job->due_at: raises tries.  *found: whether nobody else was faster */
enum err job_due(struct cx *, enum job_lane, struct job *out, bool *found);
enum err job_take(struct cx *, struct job *job, bool *found);

/* job_renew - move the end of a lease, if it is still ours (same tries). */
enum err job_renew(struct cx *, const struct job *);

/* job_next_due - when the first waiting job of a lane is due; NONE when there is none. */
enum err job_next_due(struct cx *, enum job_lane, instant *out);

/* job_end - record the outcome, if the lease is still ours (same tries): *ours.  state DONE or DEAD ends it; WAITING
 * puts it back until due_at, with last_error. */
enum err job_end(struct cx *, const struct job *, bool *ours);

/* job_prune - forget at most 1,000 jobs that ended before a moment.  *removed: how many. */
enum err job_prune(struct cx *, instant before, int64_t *removed);
#endif
