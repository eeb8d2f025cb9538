/* worker - runs the outbox: takes jobs that are due, runs each outside any transaction, and records its result in one.
 *
 *   1. A job is claimed by raising `tries` and moving due_at to the end of a short lease, which is renewed while it
 *      runs (heartbeat.h); nobody else sees it meanwhile.
 *   2. Its result is written only where `tries` is still the number claimed: a worker that slept past its lease
 *      writes nothing.  While the store cannot take it, being away or full, it is offered again, and nothing else
 *      of its lane is taken.
 *   3. A process that dies between doing and recording leaves the job waiting: it runs once more when the lease is
 *      over, with the same identifiers.
 *   4. While requests wait for the database, what nobody waits for is taken one by one, with pauses.
 *   5. A failure waits 2^tries times the kind's backoff, give or take a quarter; after the kind's last try it is dead. */
#ifndef JOBS_WORKER_H
#define JOBS_WORKER_H
#include "base/secret.h"
#include "links/push.h"
#include "links/smtp.h"
#include "store/job_admin.h"
#include "store/store.h"

/* work_place - what jobs may use; constant while workers run. */
struct work_place {
	struct store *store;
	const struct keys *keys;
	const struct push_sender *push;  /* who we are for push services */
	const struct outbound *outbound; /* where users may send us (links/http_client.h) */
	str base_url;                    /* without a slash at the end */
	str mail_from;                   /* sender's address */
	str smtp_url, data;              /* of mailer_open */
	int64_t mails_a_day; /* about bookings, to one address that is not the host's; 0: none is counted */
	instant (*clock)(void);
	bool (*requests_wait)(void *requests); /* whether people wait for the database now; NULL: they never do */
	void *requests;
};

struct work {
	struct cx *cx; /* of this job; no transaction is open */
	const struct work_place *place;
	struct mailer *mailer; /* this thread's; NULL outside LANE_MAIL and LANE_PROMPT */
	span wait;             /* with E_UNAVAILABLE: not before; zero: the kind's backoff */
	const char *skipped;   /* with OK: why nothing was sent after all, for the logs; NULL: it was */
};

struct job_kind {
	const char *name;
	enum err (*run)(struct work *, const struct job *); /* E_UNAVAILABLE, E_STORAGE_FULL: again; others: never */
	span lease;                                         /* how long it may run */
	span backoff;
	int tries;
	bool delivers; /* its jobs are made by delivery_add */
};

/* job_workers_start - some threads for each lane.   E_UNAVAILABLE  no thread, or the mailer cannot be opened */
struct job_workers;
enum err job_workers_start(struct cx *, const struct work_place *, struct job_workers **out);

/* job_workers_end - no more jobs are taken; a mail whose message is not under way yet is left to other processes at once.
 * job_workers_stop - that, then waits until running jobs have ended and are recorded, and the threads.  NULL is allowed. */
void job_workers_end(struct job_workers *);
void job_workers_stop(struct job_workers *);

/* job_counters - since the start, and the queue as it was at most FIGURES_SECONDS ago. */
enum { FIGURES_SECONDS = 10, LATE_BUCKETS = 8 };
extern const int64_t LATE_BOUNDS[LATE_BUCKETS - 1]; /* seconds, rising; the last bucket has none */
struct job_counters {
	uint64_t done, retried, dead;
	struct {
		int64_t due, overdue;        /* jobs; seconds since the first of them was due */
		uint64_t late[LATE_BUCKETS]; /* jobs taken, by how long after they were due */
		uint64_t late_sum;           /* seconds */
	} lanes[LANE_COUNT];
	int64_t dead_now;
};
void job_workers_counters(const struct job_workers *, struct job_counters *out);
#endif
