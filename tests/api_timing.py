"""Whether the time of an answer tells that an address is known: interleaved samples, the medians' distance printed.  A
noisy machine may widen it, so only a distance that no noise explains fails."""

import statistics
import time

from noonmark import PASSWORD, argument, check, run


def test_medians(server):
    server.register("known")
    client, samples = server.client(), argument("samples", 100)
    calls = {
        "sign-in": ("/v1/sessions", lambda who, i: {"email": f"{who}@example.org", "password": "not this one"}),
        "code": ("/v1/sessions/otp", lambda who, i: {"email": f"{who}@example.org"}),
        "registration": ("/v1/accounts", lambda who, i: {"email": f"{who}@example.org", "password": PASSWORD, "username": f"name{i}", "first_name": "N"}),
    }
    for name, (path, body) in calls.items():
        times = {"known": [], "stranger": []}
        for i in range(samples):
            for who in (("known", "stranger"), ("stranger", "known"))[i % 2]:
                began = time.perf_counter()
                client.post(path, body(who, i), judge=False)
                times[who].append(time.perf_counter() - began)
        known, stranger = (statistics.median(times[who]) * 1000 for who in ("known", "stranger"))
        print(f"{name}: known {known:.2f} ms, unknown {stranger:.2f} ms", flush=True)
        check(abs(known - stranger) < max(5, 0.5 * min(known, stranger)), f"{name}: {known:.2f} and {stranger:.2f} ms")


run(globals())
