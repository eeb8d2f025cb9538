#include "refusal.h"

#include "store/refusal_sql.h"

#include <pthread.h>
#include <string.h>

/* refusal - what was counted of a host on a day. */
struct refusal {
	uuid account_id;
	day day;
	int64_t taken, buffers;
};

static const struct field REFUSAL_ROW[] = { FIELD(struct refusal, account_id, 0), FIELD(struct refusal, day, 0),
					    FIELD(struct refusal, taken, 0), FIELD(struct refusal, buffers, 0),
					    FIELD_END };

static struct {
	pthread_mutex_t lock;
	struct refusal rows[REFUSALS_KEPT]; /* under lock */
	size_t n;
} counted = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The row of a host and day; NULL: there is no room for one more. */
static struct refusal *row_of(uuid account_id, day d)
{
	for (size_t i = 0; i < counted.n; i++)
		if (counted.rows[i].day.d == d.d && uuid_same(counted.rows[i].account_id, account_id))
			return &counted.rows[i];
	if (counted.n == REFUSALS_KEPT)
		return NULL;
	counted.rows[counted.n] = (struct refusal){ .account_id = account_id, .day = d };
	return &counted.rows[counted.n++];
}

void refusal_note(uuid account_id, enum refusal_why why, instant now)
{
	pthread_mutex_lock(&counted.lock);
	struct refusal *r = row_of(account_id, (day){ now.s / DAY_SECONDS });
	if (r && why == REFUSED_BUFFER)
		r->buffers++;
	else if (r)
		r->taken++;
	pthread_mutex_unlock(&counted.lock);
}

enum err refusal_flush(struct cx *cx)
{
	pthread_mutex_lock(&counted.lock);
	size_t n = counted.n;
	struct refusal *rows = NEWS(&cx->arena, struct refusal, n + 1);
	memcpy(rows, counted.rows, n * sizeof *rows);
	counted.n = 0;
	pthread_mutex_unlock(&counted.lock);
	for (size_t i = 0; i < n; i++)
		TRY(db_run(cx, &REFUSAL_ADD, REFUSAL_ROW, &rows[i], NULL));
	return OK;
}
