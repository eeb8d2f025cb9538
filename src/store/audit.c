#include "audit.h"

#include "base/secret.h"
#include "lock.h"
#include "store/audit_sql.h"

/* audit_row - a row as stored. */
struct audit_row {
	uuid account_id, entity_id;
	int64_t number;
	instant at;
	str actor, origin, action, before_text, after_text;
	digest before_hash, after_hash, hash;
};

static const struct field AUDIT_ROW[] = {
	FIELD(struct audit_row, account_id, 0),
	FIELD(struct audit_row, entity_id, 0),
	FIELD(struct audit_row, number, 0),
	FIELD(struct audit_row, at, 0),
	FIELD(struct audit_row, actor, 0),
	FIELD(struct audit_row, origin, 0),
	FIELD(struct audit_row, action, 0),
	FIELD(struct audit_row, before_text, MAYBE),
	FIELD(struct audit_row, after_text, MAYBE),
	FIELD(struct audit_row, before_hash, 0),
	FIELD(struct audit_row, after_hash, 0),
	FIELD(struct audit_row, hash, 0),
	FIELD_END,
};

static digest text_hash(str text)
{
	return text.p ? sha256(text) : (digest){ 0 };
}

/* The hash of a row: over the hash before it and every column but the texts, each with its length in front. */
static digest row_hash(digest before, const struct audit_row *r)
{
	struct buf b = { 0 };
	char id[UUID_TEXT];
	buf_add(&b, (str){ (const char *)before.b, sizeof before.b });
	buf_add(&b, uuid_format(id, r->account_id));
	buf_add(&b, uuid_format(id, r->entity_id));
	buf_format(&b, "|%lld|%lld|%zu:%.*s|%zu:%.*s|%zu:%.*s|", (long long)r->number, (long long)r->at.s, r->actor.n,
		   STR_ARG(r->actor), r->origin.n, STR_ARG(r->origin), r->action.n, STR_ARG(r->action));
	buf_add(&b, (str){ (const char *)r->before_hash.b, sizeof r->before_hash.b });
	buf_add(&b, (str){ (const char *)r->after_hash.b, sizeof r->after_hash.b });
	digest d = sha256(buf_str(&b));
	buf_free(&b);
	return d;
}

enum err audit_ask(struct cx *cx, uuid account_id)
{
	struct audit_row key = { .account_id = account_id };
	TRY(lock_account(cx, account_id)); /* a chain grows by one at a time */
	return db_ask(cx, &AUDIT_LAST, AUDIT_ROW, &key, AUDIT_ROW);
}

enum err audit_add(struct cx *cx, const struct audit_entry *e)
{
	struct audit_row last = { .account_id = e->account_id };
	bool found;
	TRY(lock_account(cx, e->account_id));
	TRY(db_find(cx, &AUDIT_LAST, AUDIT_ROW, &last, AUDIT_ROW, &last, &found));
	struct audit_row row = { .account_id = e->account_id,
				 .entity_id = e->entity_id,
				 .number = found ? last.number + 1 : 1,
				 .at = cx->now,
				 .actor = e->actor,
				 .origin = e->origin,
				 .action = e->action,
				 .before_text = e->before_text,
				 .after_text = e->after_text,
				 .before_hash = text_hash(e->before_text),
				 .after_hash = text_hash(e->after_text) };
	row.hash = row_hash(found ? last.hash : (digest){ 0 }, &row);
	return db_send(cx, &AUDIT_INSERT, AUDIT_ROW, &row);
}

enum err audit_verify(struct cx *cx, uuid account_id, int64_t *broken)
{
	struct audit_row key = { .account_id = account_id };
	struct list rows;
	digest before = { 0 };
	*broken = 0;
	TRY(db_list(cx, &AUDIT_CHAIN, AUDIT_ROW, &key, AUDIT_ROW, sizeof(struct audit_row), &rows));
	for (size_t i = 0; i < rows.n; i++) {
		const struct audit_row *r = (const struct audit_row *)rows.items + i;
		bool kept = !r->before_text.p || digest_same(r->before_hash, sha256(r->before_text));
		kept = kept && (!r->after_text.p || digest_same(r->after_hash, sha256(r->after_text)));
		before = row_hash(before, r);
		if (!kept || r->number != (int64_t)i + 1 || !digest_same(before, r->hash)) {
			*broken = (int64_t)i + 1;
			return OK;
		}
	}
	return OK;
}

static const struct field AUDIT_STEP[] = {
	FIELD(struct audit_step, account_id, 0), FIELD(struct audit_step, entity_id, 0),
	FIELD(struct audit_step, number, 0),     FIELD(struct audit_step, at, 0),
	FIELD(struct audit_step, actor, 0),      FIELD(struct audit_step, origin, 0),
	FIELD(struct audit_step, action, 0),     FIELD(struct audit_step, before, MAYBE),
	FIELD(struct audit_step, after, MAYBE),  FIELD_END,
};

enum err audit_list(struct cx *cx, uuid entity_id, struct list *out)
{
	struct audit_step key = { .account_id = cx->actor, .entity_id = entity_id };
	TRY(db_list(cx, &AUDIT_OF_ENTITY, AUDIT_STEP, &key, AUDIT_STEP, sizeof key, out));
	list_reverse(out, sizeof key);
	return OK;
}
