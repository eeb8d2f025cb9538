/* Subscriptions to Web Push: what is taken has the right sizes and a point of the curve, is read the same when it is
 * written anew, and can be sealed for.
 *
 * Input: the two texts, with a zero byte between. */
#include "links/push_seal.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	assert(secret_open());
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cx cx = { .now = { 1772438400 } };
	str rest = { (const char *)data, size }, p256dh = str_cut(&rest, 0), sealed;
	struct push_target target, again;
	if (!push_target_parse(&cx, S("https://push.example.net/x"), p256dh, rest, &target)) {
		assert(target.point[0] == 4);
		assert(!push_target_parse(&cx, target.endpoint, base64url(&cx.arena, target.point, PUSH_POINT),
					  base64url(&cx.arena, target.auth, PUSH_AUTH), &again));
		assert(!memcmp(target.point, again.point, PUSH_POINT) && !memcmp(target.auth, again.auth, PUSH_AUTH));
		assert(!push_seal(&cx, &target, S("{}"), &sealed) && sealed.n == 86 + 2 + 1 + 16);
	}
	arena_close(&cx.arena);
	return 0;
}
