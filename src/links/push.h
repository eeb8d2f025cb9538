/* push - sending by Web Push (RFC 8030): one message to one browser, through the service that it named. */
#ifndef LINKS_PUSH_H
#define LINKS_PUSH_H
#include "http_client.h"
#include "push_seal.h"

struct push_message {
	str text;    /* at most PUSH_PLAIN bytes; sealed on the way */
	str topic;   /* a newer one replaces an older that waits at the service; at most 32 of A-Z a-z 0-9 - _ */
	span ttl;    /* how long the service keeps it for a browser that is away */
	bool urgent; /* also to a browser that saves its battery */
};

/* push_sender - who we are for push services, and where the operator can be reached: "mailto:…". */
struct push_sender {
	struct push_key key;
	str contact;
};
enum err push_sender_make(struct cx *, const unsigned char seed[PUSH_SEED], str email, struct push_sender *out);

/* push_check - whether a subscription may be kept: its keys by push_target_parse, its endpoint by outbound_check.
 *   E_INVALID  /endpoint, /keys/p256dh, /keys/auth */
enum err push_check(struct cx *, const struct outbound *, str endpoint, str p256dh, str auth,
		    struct push_target *out);

/* push_send - hand over.
 *   E_NOT_FOUND    it will never be taken again: the subscription is no more, or leads where we do not go
 *   E_UNAVAILABLE  not now: not before *wait, where it is not zero
 *   E_REFUSED      the service refuses this message, or us: its words */
enum err push_send(struct cx *, const struct outbound *, const struct push_sender *, const struct push_target *,
		   const struct push_message *, span *wait);
#endif
