#include "job_admin.h"

#include "store/job_admin_sql.h"

const struct field JOB_SEEN[] = {
	FIELD(struct job_seen, id, OUT, .doc = "The job's id"),
	FIELD(struct job_seen, account_id, OUT | MAYBE, .doc = "On whose behalf; null: before there was an account"),
	FIELD(struct job_seen, username, OUT | MAYBE, .doc = "That account's; null once it is erased"),
	FIELD(struct job_seen, kind, OUT, .doc = "What it does"),
	FIELD(struct job_seen, state, OUT, .choices = JOB_STATES, .doc = "waiting for another try, or dead"),
	FIELD(struct job_seen, tries, OUT, .doc = "How often it was begun"),
	FIELD(struct job_seen, last_error, OUT | MAYBE, .doc = "Why the last try failed"),
	FIELD(struct job_seen, created_at, OUT, .doc = "When it was caused"),
	FIELD(struct job_seen, due_at, OUT, .doc = "waiting: when it is tried next; dead: when it was last due"),
	FIELD(struct job_seen, done_at, OUT | MAYBE, .doc = "When it was given up"),
	FIELD_END,
};

const struct field JOB_KIND_SEEN[] = {
	FIELD(struct job_kind_seen, kind, OUT, .doc = "What they do"),
	FIELD(struct job_kind_seen, dead, OUT, .doc = "How many were given up"),
	FIELD(struct job_kind_seen, oldest_at, OUT, .doc = "When the first of them was"),
	FIELD_END,
};

static const struct field JOB_FILTER[] = {
	FIELD(struct job_filter, kind, MAYBE),
	FIELD(struct job_filter, at, MAYBE),
	FIELD(struct job_filter, after, 0),
	FIELD(struct job_filter, limit, 0),
	FIELD_END,
};

enum err job_list_dead(struct cx *cx, const struct job_filter *filter, struct list *out)
{
	return db_list(cx, &JOB_LIST_DEAD, JOB_FILTER, filter, JOB_SEEN, sizeof(struct job_seen), out);
}

enum err job_list_tried(struct cx *cx, const struct job_filter *filter, struct list *out)
{
	return db_list(cx, &JOB_LIST_TRIED, JOB_FILTER, filter, JOB_SEEN, sizeof(struct job_seen), out);
}

enum err job_kind_list(struct cx *cx, struct list *out)
{
	return db_list(cx, &JOB_KIND_LIST, JOB_FILTER, &(struct job_filter){ 0 }, JOB_KIND_SEEN,
		       sizeof(struct job_kind_seen), out);
}

static enum err change_dead(struct cx *cx, const struct stmt *stmt, uuid id)
{
	struct job job = { .id = id };
	int64_t changed;
	TRY(db_run(cx, stmt, JOB, &job, &changed));
	if (changed)
		return OK;
	TRY(db_get(cx, &JOB_STATE, JOB, &job, JOB, &job));
	return FAIL(cx, E_CONFLICT, S(""), "that job is %s: only dead ones are retried or discarded",
		    JOB_STATES[job.state]);
}

enum err job_retry(struct cx *cx, uuid id)
{
	return change_dead(cx, &JOB_RETRY, id);
}

enum err job_discard(struct cx *cx, uuid id)
{
	return change_dead(cx, &JOB_DISCARD, id);
}

enum err job_retry_kind(struct cx *cx, str kind, int64_t *retried)
{
	struct job_filter filter = { .kind = kind, .limit = JOB_RETRIES };
	return db_run(cx, &JOB_RETRY_KIND, JOB_FILTER, &filter, retried);
}

struct lane_figures {
	unsigned lane;
	int64_t due, dead;
	instant due_at;
};

static const struct field LANE_FIGURES[] = {
	FIELD(struct lane_figures, lane, 0, .choices = JOB_LANES),
	FIELD(struct lane_figures, due, 0),
	FIELD(struct lane_figures, dead, 0),
	FIELD(struct lane_figures, due_at, MAYBE),
	FIELD_END,
};

enum err job_figures_get(struct cx *cx, struct job_figures *out)
{
	struct lane_figures f = { 0 };
	*out = (struct job_figures){ 0 };
	for (f.lane = 0; f.lane < LANE_COUNT; f.lane++) {
		TRY(db_get(cx, &JOB_LANE_FIGURES, LANE_FIGURES, &f, LANE_FIGURES, &f));
		out->due[f.lane] = f.due;
		if (f.due)
			out->overdue[f.lane] = instant_sub(cx->now, f.due_at);
	}
	TRY(db_get(cx, &JOB_DEAD_FIGURES, LANE_FIGURES, &f, LANE_FIGURES, &f));
	out->dead = f.dead;
	return OK;
}
