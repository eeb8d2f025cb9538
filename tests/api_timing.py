"""Whether the time of an answer tells that an address is known: interleaved samples, the medians' distance printed.  A
noisy machine may widen it, so only a distance fails that no noise explains and that every one of five rounds shows."""

import statistics
import time

from noonmark import PASSWORD, argument, check, run

ROUNDS = 5
CALLS = {
    "sign-in": ("/v1/sessions", lambda who, n: {"email": f"{who}@example.org", "password": "not this one"}),
    "code": ("/v1/sessions/otp", lambda who, n: {"email": f"{who}@example.org"}),
    "registration": ("/v1/accounts", lambda who, n: {"email": f"{who}@example.org", "password": PASSWORD, "username": f"name{n}", "first_name": "N"}),
}


def medians(client, path, body, numbers):
    """Milliseconds: (known, unknown)"""
    times = {"known": [], "stranger": []}
    for n in numbers:
        for who in (("known", "stranger"), ("stranger", "known"))[n % 2]:
            began = time.perf_counter()
            client.post(path, body(who, n), judge=False)
            times[who].append(time.perf_counter() - began)
    return tuple(statistics.median(times[who]) * 1000 for who in ("known", "stranger"))


def test_medians(server):
    server.register("known")
    client, samples = server.client(), argument("samples", 100)
    for name, (path, body) in CALLS.items():
        for i in range(ROUNDS):
            known, stranger = medians(client, path, body, range(i * samples, (i + 1) * samples))
            print(f"{name}: known {known:.2f} ms, unknown {stranger:.2f} ms", flush=True)
            tells = abs(known - stranger) >= max(5, 0.5 * min(known, stranger))
            if not tells:
                break
        check(not tells, f"{name}: {known:.2f} and {stranger:.2f} ms, and so in each round")


run(globals())
