/* otp - one-time codes: six digits, one use, ten minutes, five tries; a new one voids the old.
 * Stored as a keyed hash.  How many an address gets in an hour and in a day is capped: fifty guesses a day, one in 20,000
 * to be right. */
#ifndef STORE_OTP_H
#define STORE_OTP_H
#include "base/secret.h"
#include "db.h"

enum otp_purpose { OTP_REGISTER, OTP_SIGN_IN, OTP_PROOF, OTP_RESET };
enum { OTP_SECONDS = 600, OTP_TRIES = 5, OTP_AN_HOUR = 5, OTP_A_DAY = 10, OTP_DIGITS = 6 };

struct otp {
	uuid id;
	str email; /* lower case */
	unsigned purpose;
	digest code_hash;
	int64_t tries, sent_count, day_count;
	instant sent_since, day_since, created_at, expires_at;
};

/* otp_make - a new code for an address, in place of an older one; *code is absent when the address had OTP_AN_HOUR
 * within the hour, or OTP_A_DAY within the day, and `capped` is set: then nothing is sent, and nobody is told so. */
enum err otp_make(struct cx *, const struct keys *, enum otp_purpose, str email, bool capped, struct otp *out,
		  str *code);

/* otp_check - spend a try on the code of an address, or of an id where the address is absent.  *right tells whether it was: wrong, spent and
 * expired are all the same to the caller, who commits in any case, so that wrong tries count. */
enum err otp_check(struct cx *, const struct keys *, enum otp_purpose, str email, uuid id, str code, struct otp *out,
		   bool *right);

/* otp_stands - whether a code still serves: neither voided by a later one, nor spent, nor too old. */
enum err otp_stands(struct cx *, uuid id, bool *stands);

/* otp_free_again - when a capped address may have its next code. */
instant otp_free_again(const struct otp *);

/* otp_prune - forget those whose day has passed. */
enum err otp_prune(struct cx *);
#endif
