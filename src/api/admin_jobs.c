/* The job queue, for admins: what was given up and why, and having it tried again. */
#include "base/rule.h"
#include "routes.h"
#include "store/audit.h"
#include "store/job_admin.h"

enum shown { SHOWN_DEAD, SHOWN_WAITING };
static const char *const SHOWN[] = { "dead", "waiting", NULL };

struct jobs_query {
	int64_t limit;
	str cursor, kind;
	unsigned state;
};
static const struct field JOBS_QUERY[] = {
	PAGE_FIELDS(struct jobs_query),
	FIELD(struct jobs_query, state, IN, .choices = SHOWN,
	      .doc =
		  "dead: given up, the last first; waiting: failed before and will be tried again, the next first"),
	FIELD(struct jobs_query, kind, IN | MAYBE, .max = 40, .doc = "Only jobs of this kind"),
	FIELD_END,
};

struct kind_request {
	str kind;
};
static const struct field KIND_REQUEST[] = {
	FIELD(struct kind_request, kind, IN | MUST, .rule = &RULE_LINE, .min = 1, .max = 40,
	      .doc = "The kind, as listed"),
	FIELD_END,
};

struct retried {
	int64_t retried;
	bool more;
};
static const struct field RETRIED[] = {
	FIELD(struct retried, retried, OUT, .doc = "How many are tried again"),
	FIELD(struct retried, more, OUT, .doc = "Whether there may be more: ask again"),
	FIELD_END,
};

static enum err jobs_show(struct call *c)
{
	const struct jobs_query *q = c->query;
	struct job_filter filter = { .kind = q->kind, .limit = q->limit + 1 };
	struct cursor cursor;
	struct list rows;
	TRY(cursor_parse(c->cx, q->cursor, &cursor));
	filter.at = q->cursor.p ? cursor.at : (instant){ NONE };
	filter.after = cursor.id;
	TRY(q->state == SHOWN_DEAD ? job_list_dead(c->cx, &filter, &rows) : job_list_tried(c->cx, &filter, &rows));
	bool more = page_cut(&rows, q->limit);
	if (more) {
		const struct job_seen *last = (const struct job_seen *)rows.items + rows.n - 1;
		cursor = (struct cursor){ q->state == SHOWN_DEAD ? last->done_at : last->due_at, last->id };
	}
	return reply_list(c, JOB_SEEN, sizeof(struct job_seen), &rows,
			  more ? cursor_format(&c->cx->arena, &cursor) : (str){ NULL, 0 });
}

static enum err kinds_show(struct call *c)
{
	struct list rows;
	TRY(job_kind_list(c->cx, &rows));
	return reply_list(c, JOB_KIND_SEEN, sizeof(struct job_kind_seen), &rows, (str){ NULL, 0 });
}

/* In the admin's own chain: the job may be nobody's. */
static enum err noted(struct call *c, str action, uuid entity, str what)
{
	return audit_add(c->cx, &(struct audit_entry){ .account_id = c->cx->actor,
						       .actor = call_actor(c),
						       .origin = call_origin(c),
						       .action = action,
						       .entity_id = entity,
						       .after_text = what });
}

static enum err retry(struct call *c)
{
	TRY(job_retry(c->cx, c->id));
	return noted(c, S("job.retry"), c->id, (str){ NULL, 0 });
}

static enum err discard(struct call *c)
{
	TRY(job_discard(c->cx, c->id));
	return noted(c, S("job.discard"), c->id, (str){ NULL, 0 });
}

static enum err retry_kind(struct call *c)
{
	const struct kind_request *r = c->body;
	struct retried answer = { 0 };
	TRY(job_retry_kind(c->cx, r->kind, &answer.retried));
	answer.more = answer.retried == JOB_RETRIES;
	if (answer.retried)
		TRY(noted(c, S("job.retry_kind"), c->cx->actor,
			  str_format(&c->cx->arena, "{\"kind\":\"%.*s\",\"retried\":%lld}", STR_ARG(r->kind),
				     (long long)answer.retried)));
	return reply_object(c, RETRIED, &answer);
}

const struct route ADMIN_JOB_ROUTES[] = {
	{ .method = "GET",
	  .path = "/v1/admin/jobs",
	  .run = jobs_show,
	  .may = MAY_ADMIN,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .query = JOBS_QUERY,
	  .query_size = sizeof(struct jobs_query),
	  .reply = JOB_SEEN,
	  .list = true,
	  .name = "listJobs",
	  .doc = "For admins: jobs that failed, without what they carry" },
	{ .method = "GET",
	  .path = "/v1/admin/jobs/kinds",
	  .run = kinds_show,
	  .may = MAY_ADMIN,
	  .tx = TX_READ,
	  .limit = LIMIT_READ,
	  .reply = JOB_KIND_SEEN,
	  .list = true,
	  .name = "listJobKinds",
	  .doc = "For admins: how many jobs of which kind were given up; kinds without any are left out" },
	{ .method = "POST",
	  .path = "/v1/admin/jobs/retry",
	  .run = retry_kind,
	  .may = MAY_ADMIN,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .body = KIND_REQUEST,
	  .body_size = sizeof(struct kind_request),
	  .reply = RETRIED,
	  .name = "retryJobs",
	  .doc = "For admins: try all jobs of a kind again that were given up, the oldest 1,000 at once" },
	{ .method = "POST",
	  .path = "/v1/admin/jobs/{id}/retry",
	  .run = retry,
	  .may = MAY_ADMIN,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 202,
	  .name = "retryJob",
	  .doc = "For admins: try a job again that was given up" },
	{ .method = "DELETE",
	  .path = "/v1/admin/jobs/{id}",
	  .run = discard,
	  .may = MAY_ADMIN,
	  .tx = TX_WRITE,
	  .limit = LIMIT_WRITE,
	  .status = 204,
	  .name = "discardJob",
	  .doc = "For admins: be done with a job that was given up, and forget what it carries" },
	{ .method = NULL },
};
