"""kill -9 under booking load: what was acknowledged is there, once, and the server is ready again within two seconds.

    tests/fault_kills.py [--cycles 8] [--bookers 4] [--seed N]
"""

import os
import random
import time

from faults import Load, Target, account_for, check_database, comes, in_pieces, seed_of
from noonmark import Server, argument, check, run, until

SEED = seed_of()
ASKED_MANY = 25  # cycles: then the machine is ours, and what is promised of time holds
NOW = "kind = 'booking_mail' AND dedupe_key NOT LIKE '%:reminder%'"  # reminders wait for their day


def test_killed_under_load():
    cycles = argument("cycles", 8)
    bookings, slowest = in_pieces(cycles, kill_and_check)
    print(f"{cycles} kills, {bookings} bookings; ready again after at most {slowest * 1000:.0f} ms", flush=True)
    check(slowest < (2 if cycles >= ASKED_MANY else 20), f"ready again after {slowest:.1f} s")


def kill_and_check(begin, cycles):
    """How many bookings there were, and the longest it took to be ready again."""
    with Server() as server:
        target = Target(server, quiet=True)
        everything, slowest, first = {}, 0, 0
        for cycle in range(begin, begin + cycles):
            chance = random.Random(f"{SEED}-{cycle}")
            load = Load(server, target, argument("bookers", 4), f"{SEED}-{cycle}", first=first)
            until(lambda: load.acked or load.doubtful, "a booking is asked for")
            time.sleep(chance.uniform(0.05, 0.9))
            server.kill()
            load.stop()
            first = load.next
            server.start()
            slowest = max(slowest, server.ready_seconds)
            label = f"cycle {cycle}, seed {SEED}"
            check(not load.unexpected, f"{label}: {load.unexpected[:3]}")
            account_for(server, load, everything, label)
        return len(everything), slowest


def test_mails_after_a_kill():
    """Jobs that a killed process had begun run once more when their lease is over: none is lost."""
    with Server() as server:
        target = Target(server)
        load = Load(server, target, 2, SEED, changes=False)
        until(lambda: load.acked, "a booking")
        time.sleep(0.3)
        server.kill()
        load.stop()
        server.start()
        server.clock("2026-03-02T08:02:00Z")
        comes(lambda: server.database().execute(f"SELECT COUNT(*) FROM job WHERE state = 'waiting' AND {NOW}").fetchone()[0] == 0)
        states = dict(server.database().execute(f"SELECT state, COUNT(*) FROM job WHERE {NOW} GROUP BY state").fetchall())
        check(set(states) == {"done"}, f"jobs in the end: {states}")
        check_database(server, load.acked, load.doubtful, f"seed {SEED}")
        bookings = server.database().execute("SELECT COUNT(*) FROM booking").fetchone()[0]
        ours = [os.path.basename(p).partition("-booked.")[2] for p in server.mail_paths() if "-booked." in p]
        check(len(set(ours)) == 2 * bookings, f"{len(set(ours))} messages of {bookings} bookings")
        check(len(ours) - len(set(ours)) <= 2, f"{len(ours) - len(set(ours))} sent twice: at most those that ran at the kill")


run(globals())
