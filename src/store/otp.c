#include "otp.h"

#include "store/otp_sql.h"

static const char *const OTP_PURPOSES[] = { "register", "sign_in", "proof", "reset", NULL };

static const struct field OTP[] = {
	FIELD(struct otp, id, 0),
	FIELD(struct otp, email, 0),
	FIELD(struct otp, purpose, 0, .choices = OTP_PURPOSES),
	FIELD(struct otp, code_hash, 0),
	FIELD(struct otp, tries, 0),
	FIELD(struct otp, sent_count, 0),
	FIELD(struct otp, sent_since, 0),
	FIELD(struct otp, day_count, 0),
	FIELD(struct otp, day_since, 0),
	FIELD(struct otp, created_at, 0),
	FIELD(struct otp, expires_at, 0),
	FIELD_END,
};

static digest code_hash(struct cx *cx, const struct keys *keys, uuid id, str code)
{
	char text[UUID_TEXT];
	return hmac(keys->code, str_format(&cx->arena, "otp|%s|%.*s", uuid_format(text, id).p, STR_ARG(code)));
}

enum err otp_make(struct cx *cx, const struct keys *keys, enum otp_purpose purpose, str email, bool capped,
		  struct otp *out, str *code)
{
	struct otp last = { .email = email, .purpose = purpose };
	bool found;
	TRY(db_find(cx, &OTP_FIND, OTP, &last, OTP, &last, &found));
	bool counts = found && last.sent_since.s > cx->now.s - HOUR_SECONDS;
	bool day_counts = found && last.day_since.s > cx->now.s - DAY_SECONDS;
	*out = (struct otp){ .id = uuid_make(cx->now),
			     .email = email,
			     .purpose = purpose,
			     .sent_count = counts ? last.sent_count + 1 : 1,
			     .sent_since = counts ? last.sent_since : cx->now,
			     .day_count = day_counts ? last.day_count + 1 : 1,
			     .day_since = day_counts ? last.day_since : cx->now,
			     .created_at = cx->now,
			     .expires_at = instant_add(cx->now, (span){ OTP_SECONDS }) };
	*code = (str){ NULL, 0 };
	if (capped && (out->sent_count > OTP_AN_HOUR || out->day_count > OTP_A_DAY))
		return OK; /* the code sent before stays valid */
	*code = str_format(&cx->arena, "%06u", random_below(1000000));
	out->code_hash = code_hash(cx, keys, out->id, *code);
	return db_run(cx, &OTP_PUT, OTP, out, NULL);
}

enum err otp_check(struct cx *cx, const struct keys *keys, enum otp_purpose purpose, str email, uuid id, str code,
		   struct otp *out, bool *right)
{
	struct otp key = { .email = email, .id = id, .purpose = purpose };
	int64_t tried = 0;
	bool found;
	*right = false;
	TRY(db_find(cx, email.p ? &OTP_FIND : &OTP_FIND_ID, OTP, &key, OTP, out, &found));
	if (!found)
		return OK;
	TRY(db_run(cx, &OTP_TRY, OTP, out, &tried));
	*right = tried == 1 && digest_same(out->code_hash, code_hash(cx, keys, out->id, code));
	return *right ? db_run(cx, &OTP_SPEND, OTP, out, NULL) : OK;
}

enum err otp_stands(struct cx *cx, uuid id, bool *stands)
{
	struct otp otp = { .id = id };
	return db_find(cx, &OTP_STANDS, OTP, &otp, OTP, &otp, stands);
}

instant otp_free_again(const struct otp *otp)
{
	return otp->day_count > OTP_A_DAY ? instant_add(otp->day_since, (span){ DAY_SECONDS })
					  : instant_add(otp->sent_since, (span){ HOUR_SECONDS });
}

enum err otp_prune(struct cx *cx)
{
	struct otp before = { .expires_at = { cx->now.s - DAY_SECONDS } };
	return db_run(cx, &OTP_PRUNE, OTP, &before, NULL);
}
