/* event_type - what can be booked: how long, where, how far ahead, with which questions. */
#ifndef STORE_EVENT_TYPE_H
#define STORE_EVENT_TYPE_H
#include "core/slots.h"
#include "db.h"

enum {
	EVENT_TYPES_MAX = 500, /* of an account, deleted ones apart */
	EVENT_MINUTES = 1440,  /* longest duration, interval and buffer */
	EVENT_NOTICE = 525600, /* longest notice, minutes: a year */
	EVENT_HORIZON = 3650,  /* furthest horizon, days */
	EVENT_DURATIONS = 10,  /* of an event type */
	EVENT_LOCATIONS = 10,
	EVENT_QUESTIONS = 20,
	EVENT_CHOICES = 50, /* of a question */
	EVENT_SEATS = 1000,
	EVENT_CO_HOSTS = 5,
	EVENT_PRICE = 1000000000, /* minor units */
	EVENT_BODY = 256 << 10,   /* bytes of a request */
};

/* price - minor units of a currency; absent: nothing to pay. */
struct price {
	int64_t amount;
	str currency;
};

struct duration {
	int64_t minutes;
	struct price price;
};

/* location - value: an address, a number to call, a link; told to those who booked.  label: shown before. */
enum location_kind { LOCATION_IN_PERSON, LOCATION_PHONE, LOCATION_LINK, LOCATION_OTHER };
extern const char *const LOCATION_KINDS[];
struct location {
	unsigned kind; /* enum location_kind */
	str value, label;
};

enum { EVENT_REMINDERS = 5 };
extern const struct list REMINDERS;   /* a day and an hour before */
extern const struct field REMINDER[]; /* minutes, as an item of a list */

enum question_kind {
	QUESTION_TEXT,
	QUESTION_LONG_TEXT,
	QUESTION_CHOICE,
	QUESTION_CHECKBOX,
	QUESTION_PHONE,
	QUESTION_NUMBER
};
extern const char *const QUESTION_KINDS[];
struct question_choice {
	str text;
};
struct question {
	uuid id; /* ours; sent back, it keeps the question's identity */
	str label;
	unsigned kind; /* enum question_kind */
	bool required;
	struct list choices; /* of question_choice, for QUESTION_CHOICE */
};

struct event_type {
	uuid id, account_id, bookable_id, schedule_id;
	str code, title, description, color;
	struct list durations;    /* of duration; the first is the default */
	int64_t interval_minutes; /* NONE: the duration */
	int64_t buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes;
	int64_t horizon_days; /* NONE: any */
	struct slot_window window;
	struct slot_limits limits;
	int64_t seats;
	unsigned confirmation; /* enum confirmation of core/policy.h */
	int64_t confirmation_notice_minutes, cancel_notice_minutes, reschedule_notice_minutes;
	bool reason_required;
	struct list reminders;     /* of int64_t, minutes before the start; items NULL: the account's */
	int64_t reconfirm_minutes; /* before the start, when the invitee is asked whether it stands; NONE: never */
	bool send_mails;           /* ours, to invitees and guests */
	struct list locations, questions; /* of location, question */
	struct raw_json metadata;
	struct list co_hosts; /* of uuid: accounts */
	bool active, hidden;
	int64_t version;
	instant created_at, updated_at, deleted_at;
	str booking_url; /* of the public page: set by who knows the site's address */
};

/* EVENT_TYPE_ROW is every column; EVENT_TYPE what its owner sees and sends; EVENT_TYPE_PUBLIC what everybody sees. */
extern const struct field EVENT_TYPE_ROW[], EVENT_TYPE[], EVENT_TYPE_PUBLIC[], PRICE[], DURATION[], LOCATION[],
    QUESTION[], CO_HOST_ID[];

/* event_type_get - one of the actor's; event_type_get_id - anybody's, deleted ones too: for bookings;
 * event_type_get_code - an active one by its owner and code, in capitals or not, hidden ones too.   E_NOT_FOUND */
enum err event_type_get(struct cx *, uuid id, struct event_type *out);
enum err event_type_get_id(struct cx *, uuid id, struct event_type *out);
enum err event_type_get_code(struct cx *, uuid account_id, str code, struct event_type *out);

/* event_type_list - of event_type, the actor's, by id ascending, at most `limit` after an id.
 * event_type_list_public - an account's active ones that are not hidden; reads account_id, after and limit. */
enum event_type_active { ACTIVE_ANY, ACTIVE_TRUE, ACTIVE_FALSE };
extern const char *const EVENT_TYPE_ACTIVE[];
struct event_type_filter {
	uuid account_id, after;
	int64_t limit;
	instant changed_since; /* NONE: any */
	str code;              /* absent: any */
	unsigned active;       /* enum event_type_active */
};
extern const struct field EVENT_TYPE_FILTER[];
enum err event_type_list(struct cx *, const struct event_type_filter *, struct list *out);
enum err event_type_list_public(struct cx *, const struct event_type_filter *, struct list *out);

/* event_type_accept - whether it may be saved; the rest is in the field table.  Gives new questions their ids; an id
 * sent must be one of `before` (NULL: there is none).   E_INVALID */
enum err event_type_accept(struct cx *, struct event_type *, const struct event_type *before);

/* event_type_count - how many of an account there are, and how many of them are active. */
enum err event_type_count(struct cx *, uuid account_id, int64_t *all, int64_t *active);

/* event_type_insert - for account_id (which need not be signed in yet); sets id, version and times.
 *   E_CONFLICT  the code is in use     E_REFUSED  EVENT_TYPES_MAX */
enum err event_type_insert(struct cx *, struct event_type *);

/* event_type_create_default - what a new account begins with: 30 minutes, code "30min". */
enum err event_type_create_default(struct cx *, uuid account_id, uuid schedule_id, struct event_type *out);

/* event_type_update - save one of the actor's; reads back version and times.   E_CONFLICT  the code is in use
 * event_type_remove - soft: bookings keep it, the code is free again.
 * event_type_restore - a deleted one of the actor's, inactive as removing left it.   E_NOT_FOUND, E_CONFLICT, E_REFUSED */
enum err event_type_update(struct cx *, struct event_type *);
enum err event_type_remove(struct cx *, uuid id);
enum err event_type_restore(struct cx *, uuid id, struct event_type *out);

/* event_type_list_co_hosted - of event_type, id and co_hosts only: those of an account that have any.
 * event_type_set_co_hosts - save these two. */
enum err event_type_list_co_hosted(struct cx *, uuid account_id, struct list *out);
enum err event_type_set_co_hosts(struct cx *, const struct event_type *);

/* event_type_duration - the one of that many minutes (NONE: the first).   E_INVALID  /duration_minutes: those there are */
enum err event_type_duration(struct cx *, const struct list *durations, int64_t minutes, const struct duration **out);
#endif
