#include "job.h"

#include "base/secret.h"
#include "store/job_sql.h"

const char *const JOB_STATES[] = { "waiting", "done", "dead", NULL };
const char *const JOB_LANES[] = { "mail", "prompt", "own", "http", NULL };

const struct field JOB[] = {
	FIELD(struct job, id, 0),
	FIELD(struct job, account_id, MAYBE),
	FIELD(struct job, booking_id, MAYBE),
	FIELD(struct job, kind, 0),
	FIELD(struct job, dedupe_key, 0),
	FIELD(struct job, payload, 0),
	FIELD(struct job, lane, 0, .choices = JOB_LANES),
	FIELD(struct job, state, 0, .choices = JOB_STATES),
	FIELD(struct job, due_at, 0),
	FIELD(struct job, tries, 0),
	FIELD(struct job, forgiven, 0),
	FIELD(struct job, last_error, MAYBE),
	FIELD(struct job, created_at, 0),
	FIELD(struct job, done_at, MAYBE),
	FIELD_END,
};

enum err job_put(struct cx *cx, struct job *job)
{
	job->id = uuid_of(job->dedupe_key);
	if (!job->due_at.s)
		job->due_at = cx->now;
	return db_send_late(cx, &JOB_INSERT, JOB, job, sizeof *job);
}

enum err job_add(struct cx *cx, const struct job *given)
{
	struct job job = *given;
	return job_put(cx, &job);
}

enum err job_due(struct cx *cx, enum job_lane lane, struct job *out, bool *found)
{
	*out = (struct job){ .lane = lane };
	TRY(db_find(cx, &JOB_DUE, JOB, out, JOB, out, found));
	if (*found)
		out->late = instant_sub(cx->now, out->due_at);
	return OK;
}

enum err job_take(struct cx *cx, struct job *job, bool *found)
{
	span late = job->late;
	TRY(db_find(cx, &JOB_TAKE, JOB, job, JOB, job, found));
	job->late = late;
	return OK;
}

enum err job_renew(struct cx *cx, const struct job *job)
{
	return db_run(cx, &JOB_RENEW, JOB, job, NULL);
}

enum err job_next_due(struct cx *cx, enum job_lane lane, instant *out)
{
	struct job job = { .lane = lane };
	bool found;
	TRY(db_find(cx, &JOB_NEXT, JOB, &job, JOB, &job, &found));
	*out = found ? job.due_at : (instant){ NONE };
	return OK;
}

enum err job_end(struct cx *cx, const struct job *job, bool *ours)
{
	int64_t changed;
	TRY(db_run(cx, &JOB_END, JOB, job, &changed));
	*ours = changed == 1;
	return OK;
}

enum err job_prune(struct cx *cx, instant before, int64_t *removed)
{
	return db_run(cx, &JOB_PRUNE, JOB, &(struct job){ .done_at = before }, removed);
}
