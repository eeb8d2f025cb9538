#include "mail_quota.h"

#include "store/mail_quota_sql.h"

struct mail_quota {
	digest address;
	day date;
	int64_t sent;
};

static const struct field MAIL_QUOTA[] = { FIELD(struct mail_quota, address, 0), FIELD(struct mail_quota, date, 0),
					   FIELD(struct mail_quota, sent, 0), FIELD_END };

static day today(const struct cx *cx)
{
	return (day){ cx->now.s / DAY_SECONDS };
}

enum err mail_quota_take(struct cx *cx, const struct keys *keys, str whom, int64_t most, bool *fits)
{
	str text = str_format(&cx->arena, "mail|%.*s", STR_ARG(whom));
	struct mail_quota q = { .address = hmac(keys->code, text), .date = today(cx) };
	TRY(db_get(cx, &MAIL_QUOTA_TAKE, MAIL_QUOTA, &q, MAIL_QUOTA, &q));
	*fits = q.sent <= most;
	return OK;
}

enum err mail_quota_prune(struct cx *cx)
{
	return db_run(cx, &MAIL_QUOTA_PRUNE, MAIL_QUOTA, &(struct mail_quota){ .date = today(cx) }, NULL);
}
