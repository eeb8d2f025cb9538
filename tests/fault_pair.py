#!/usr/bin/python3
"""Two processes on one PostgreSQL under load, each slot wanted by bookers of both: one is killed, sleeps and wakes, or is
restarted in turn with the other.  Each slot is one booker's, and nobody who waits for an answer is let down.

    fault_pair.py [--kills 2] [--sleeps 1] [--seconds 6] [--restarts 2] [--bookers 8] [--seed N] [TEST...]
"""
import contextlib
import os
import random
import signal
import time

os.environ["NOONMARK_TEST_DATABASE"] = "postgresql"

from faults import Booker, Target, check_database, comes, seed_of
from noonmark import Server, argument, check, run, same

SEED = seed_of()


class Load:
    """Bookers in pairs that are after the same times, on two servers of one database."""

    def __init__(self, one, two, timeout):
        self.servers = [one, two]
        self.target = Target(one, quiet=True)
        two.settings["smtp_url"] = one.settings["smtp_url"]
        two.restart()
        self.chance, self.began = random.Random(SEED), time.monotonic()
        pairs = argument("bookers", 8) // 2
        self.bookers = [Booker(self.servers, self.target, i, pairs, timeout) for _ in range(2) for i in range(pairs)]

    def wait_bookings(self, label, count=20):
        """Until so many more were made."""
        def made():
            return sum(len(b.acked) for b in self.bookers)
        wanted = made() + count
        check(comes(lambda: made() >= wanted), f"{label}, seed {SEED}: bookings stand still")

    def stop(self, label):
        """What was told to whom is what is there, and of each time that two were after, one has it."""
        for booker in self.bookers:
            booker.stopping = True
        for booker in self.bookers:
            booker.join()
        acked = {ident: what for b in self.bookers for ident, what in b.acked.items()}
        winners = [start for _, start in acked.values()]
        same(len(winners), len(set(winners)), f"{label}, seed {SEED}: times with two winners")
        nobodys = {start for b in self.bookers for start in b.refused} - set(winners)
        check(not nobodys, f"{label}, seed {SEED}: {len(nobodys)} times were refused and are nobody's")
        unexpected = [u for b in self.bookers for u in b.unexpected]
        check(not unexpected, f"{label}, seed {SEED}: {unexpected[:3]}")
        moments = sorted(m for b in self.bookers for m in b.moments)
        pause = max((b - a for a, b in zip(moments, moments[1:])), default=0)
        print(f"{label}: {len(acked)} bookings, {sum(len(b.refused) for b in self.bookers)} refused, told 503: "
              f"{sum(b.told_503 for b in self.bookers)}; without an answer: {sum(len(b.unanswered) for b in self.bookers)}; "
              f"longest pause {pause:.1f} s", flush=True)
        check_database(self.servers[0], acked, label=f"{label}, seed {SEED}")


@contextlib.contextmanager
def load(timeout=5):
    """timeout: seconds after which a booker goes to the other server."""
    with Server() as one, Server(folder=one.folder) as two:
        yield Load(one, two, timeout)


def test_one_is_killed():
    with load() as l:
        for number in range(argument("kills", 2)):
            l.wait_bookings("before a kill")
            time.sleep(l.chance.uniform(0, 0.3))
            victim = l.servers[number % 2]
            victim.kill()
            l.wait_bookings("one of two was killed")
            victim.start()
        l.stop(f"{argument('kills', 2)} kills")


def test_one_sleeps():
    """Stopped at any moment, mostly inside a transaction.  What it was about to write when it wakes is refused: its
    transaction was ended, and its times are others' or its own booker's by the same key."""
    with load() as l:
        for number in range(argument("sleeps", 1)):
            l.wait_bookings("before a sleep")
            time.sleep(l.chance.uniform(0, 0.3))
            sleeper = l.servers[number % 2]
            os.kill(sleeper.process.pid, signal.SIGSTOP)
            began = time.monotonic()
            l.wait_bookings("one of two sleeps")
            time.sleep(max(0, began + argument("seconds", 6) - time.monotonic()))
            os.kill(sleeper.process.pid, signal.SIGCONT)
            l.wait_bookings("the sleeper is awake")
            check(comes(lambda: sleeper.client().get("/readyz", judge=False).status == 200), "it serves again")
        l.stop(f"{argument('sleeps', 1)} sleeps of {argument('seconds', 6)} s")


def test_restarts_in_turn():
    """As a new release is put into service: whatever was sent before a process was told to end has its answer."""
    with load(timeout=60) as l:
        told = {server: [] for server in l.servers}
        for number in range(argument("restarts", 2)):
            l.wait_bookings("before a restart")
            server = l.servers[number % 2]
            told[server].append(time.monotonic())
            same(server.stop(), 0, "exit status")
            l.wait_bookings("one of two is restarted")
            server.start()
        l.stop(f"{argument('restarts', 2)} restarts in turn")
        for server, sent, received in (u for b in l.bookers for u in b.unanswered):
            near = min((abs(sent - t) for t in told[server] if sent > t), default=None)
            check(near is not None and near < 10 and received == 0,
                  f"seed {SEED}: a request was let down ({received} bytes came, {near} s after it was told to end)")


run(globals())
