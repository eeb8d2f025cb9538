/* heartbeat - keeps the leases of jobs that are running.  A lease is short, so that the jobs of a process that died or
 * sleeps are soon somebody else's; while a job runs, its lease is renewed, until the time that its kind may take is over. */
#ifndef JOBS_HEARTBEAT_H
#define JOBS_HEARTBEAT_H
#include "worker.h"

enum { LEASE_SECONDS = 10, HEARTBEATS = 16 };

struct heartbeat;

/* heartbeat_open - starts the thread.   E_UNAVAILABLE  no thread to be had */
enum err heartbeat_open(struct cx *, const struct work_place *, struct heartbeat **out);
void heartbeat_close(struct heartbeat *); /* NULL is allowed */

/* heartbeat_begin - a worker's (0 … HEARTBEATS-1) job runs, at most for `longest`: its lease is renewed.
 * heartbeat_end - it has run, and nothing is renewed any more, so that its end can be recorded.
 * heartbeat_recorded - which is done; the next heartbeat_begin says that too. */
void heartbeat_begin(struct heartbeat *, unsigned worker, const struct job *, span longest);
void heartbeat_end(struct heartbeat *, unsigned worker);
void heartbeat_recorded(struct heartbeat *, unsigned worker);

/* heartbeat_holds - whether a job is a worker's: begun, not recorded yet, and not for longer than it may run.  May be asked
 * inside a transaction. */
bool heartbeat_holds(struct heartbeat *, uuid job);

/* lease_renew - a job is ours for so long from now, if it still is (same tries): job_renew in a transaction of its own. */
enum err lease_renew(const struct work_place *, struct cx *, struct job *, span lease);
#endif
