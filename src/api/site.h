/* site - what the process has, opened by main.c and shared by all threads; constant while it serves. */
#ifndef API_SITE_H
#define API_SITE_H
#include "base/secret.h"
#include "http/workers.h"
#include "links/push.h"
#include "store/store.h"

/* config - of the INI file and the environment over it; names as in docs/operate.md. */
struct config {
	str listen;                   /* NOONMARK_LISTEN, 127.0.0.1:8080 */
	str metrics_listen;           /* NOONMARK_METRICS_LISTEN, 127.0.0.1:9464; empty: none */
	str data;                     /* NOONMARK_DATA, ./data */
	str database;                 /* NOONMARK_DATABASE, empty: the embedded one; postgresql://… */
	str database_replica;         /* NOONMARK_DATABASE_REPLICA, empty: none; a read replica of it */
	int64_t database_connections; /* NOONMARK_DATABASE_CONNECTIONS, 10 */
	bool exclusion;      /* NOONMARK_EXCLUSION, on: PostgreSQL's exclusion constraint keeps meetings apart too */
	str base_url;        /* NOONMARK_BASE_URL, http:// and the address; no slash at the end */
	str smtp_url;        /* NOONMARK_SMTP_URL; empty: mails become files */
	str mail_from;       /* NOONMARK_MAIL_FROM, noonmark@localhost.localdomain: the sender's address */
	str trusted_proxies; /* NOONMARK_TRUSTED_PROXIES, addresses and networks with commas between */
	str outbound_allow; /* NOONMARK_OUTBOUND_ALLOW: where webhooks may go besides the Internet (links/outbound.h) */
	bool rate_limits;   /* NOONMARK_RATE_LIMITS, on */
	int64_t mails_a_day;   /* NOONMARK_MAILS_A_DAY, 100: about bookings, to one invitee or guest; 0: any number */
	bool log_requests;     /* NOONMARK_LOG_REQUESTS, on: a line for each request */
	int64_t threads;       /* NOONMARK_THREADS, 2 */
	str admin_email;       /* NOONMARK_ADMIN_EMAIL: who registers with it is an admin; empty: nobody */
	unsigned default_plan; /* NOONMARK_DEFAULT_PLAN, free: enum account_plan of new accounts */
	int64_t free_event_types; /* NOONMARK_FREE_EVENT_TYPES, 1: active ones of a free account */
	int64_t head_seconds, body_seconds, idle_seconds; /* NOONMARK_HEAD_SECONDS 10, …_BODY_ 30, …_IDLE_ 60 */
	int64_t connections_per_address;                  /* NOONMARK_CONNECTIONS_PER_ADDRESS, 256; 0: no cap */
};

struct limits;
struct slot_cache;
struct site {
	struct config config;
	struct keys keys;
	struct push_sender push;  /* who we are for push services */
	struct outbound outbound; /* of outbound_allow */
	struct store *store;
	struct workers *workers;
	struct workers *waiters; /* where handlers run that wait for PostgreSQL; NULL: the database is embedded */
	struct limits *limits;   /* NULL: off */
	struct slot_cache *slot_cache;
	struct http_body *openapi; /* the document, made at start */
	str openapi_etag;
};

/* site_now - the time for a request or job: the system's, or what the file named by NOONMARK_CLOCK says (an RFC 3339
 * time; for tests, which move it). */
instant site_now(void);
#endif
