/* kinds - every kind of job, and periodic work. */
#ifndef JOBS_KINDS_H
#define JOBS_KINDS_H
#include "worker.h"

extern const struct job_kind JOB_KINDS[]; /* ended by a row without a name */

struct periodic {
	const char *name;
	enum err (*run)(struct cx *, void *none);
	int64_t every;
	bool each; /* every process for itself, not one for all */
};                 /* in a write transaction; seconds */
extern const struct periodic PERIODIC[];
#endif
