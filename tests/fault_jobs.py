"""Jobs through kill -9 at the worst moments: every mail arrives, and nobody is told twice but by a kill between sending and
recording, with the same Message-ID.

    tests/fault_jobs.py [--jobs 120] [--crashes 5] [--seed N]
"""

import collections
import os
import random
import re
import signal
import threading
import time

from faults import check_database, instant, seconds_of, seed_of
from noonmark import ALWAYS, Server, argument, booking_body, check, must, run, same
from smtp_server import StandIn

NOW = 1772438400  # of the frozen clock
SECONDS = 240 + argument("jobs", 120) // 20  # at the longest, for each part
HANDS = 2         # mails that are under way at once: as many as there are threads for them
WAITING = ("SELECT COUNT(*) FROM job WHERE state = 'waiting' AND kind IN ('booking_mail', 'booking_follow')"
           " AND due_at <= ?")


def hour(n):
    return instant(NOW + n * 3600)


def ids_of(smtp):
    return [re.search(rb"^Message-ID: (\S+)", raw, re.M | re.I).group(1).decode() for _, _, raw in list(smtp.messages)]


def scene(server, smtp):
    """A host who is always there; then the mail server is one that is not there yet."""
    host = server.register("ada")
    host.set_hours(ALWAYS)
    client = host.key_client
    server.settings["smtp_url"] = smtp.url
    server.restart()
    for c in (host, client):
        c.close()
    return host, client


def left(server, at):
    return server.database().execute(WAITING, (at,)).fetchone()[0]


def wait_tried(server):
    """Until every mail was tried once and waits: the mail server may come."""
    until = time.monotonic() + SECONDS
    while server.database().execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND state = 'waiting'"
                                    " AND last_error IS NULL").fetchone()[0]:
        must(time.monotonic() < until, "some mails are never tried")
        time.sleep(0.05)


class Killer:
    """Ends the server's process when the mail server has kept the messages of those numbers, or soon after."""

    def __init__(self, server, numbers, chance):
        self.server, self.numbers, self.chance, self.hit = server, sorted(numbers), chance, threading.Event()
        self.lock = threading.Lock()

    def is_it(self, number):
        with self.lock:
            if self.hit.is_set() or not self.numbers or number < self.numbers[0]:
                return False
            self.numbers.pop(0)
            self.hit.set()
            return True

    def __call__(self, number):
        if not self.is_it(number):
            while self.hit.is_set():  # the process is ending: the answer comes too late for it
                time.sleep(0.002)
        elif self.chance.random() < 0.5:  # else before the answer: the client never hears that it was kept
            threading.Timer(self.chance.uniform(0, 0.01), self.kill).start()
        else:
            self.kill()

    def kill(self):
        os.kill(self.server.process.pid, signal.SIGKILL)


def through_crashes(server, smtp, killer, crashes, at):
    """Runs until nothing waits, starting again after each kill with a clock past the leases.  How often it was killed,
    and how many copies of each message came."""
    done, until, before, moments = 0, time.monotonic() + SECONDS, len(smtp.messages), []

    def stored(number):
        moments.append(time.monotonic())
        killer(number)
    smtp.stored = stored
    server.clock(instant(at))
    due = time.monotonic()
    while time.monotonic() < until:
        if killer.hit.is_set():
            must(server.wait_for_end(60), "the process did not end")
            server.wait()
            done += 1
            at += 61
            killer.hit.clear()
            server.clock(instant(at))
            server.start()
        elif done == crashes and left(server, at) == 0:
            break
        time.sleep(0.02)
    time.sleep(0.3)
    ids = ids_of(smtp)[before:]
    print_lateness(due, ids, moments)
    return done, collections.Counter(ids)


def print_lateness(due, ids, moments):
    """Of the first copy of each message, from when all were due at once; the leases' time is not in it, as the clock jumps."""
    first = {}
    for ident, moment in zip(ids, moments):
        first.setdefault(ident, moment - due)
    late = sorted(first.values())
    if late:
        print(f"{len(late)} jobs due at once, late by {late[len(late) // 2]:.2f} s in the median, {late[len(late) * 99 // 100]:.2f} s "
              f"at the 99th percentile, {late[-1]:.2f} s at most", flush=True)


def test_crashes():
    seed, jobs, crashes, smtp = seed_of(), argument("jobs", 120), argument("crashes", 5), StandIn()
    chance = random.Random(seed)
    with Server() as server:
        host, client = scene(server, smtp)
        kind = client.post("/v1/event-types", {"code": "many", "title": "Many", "schedule_id": host.schedule["id"], "seats": 100,
                                               "durations": [{"minutes": 60}], "reminders": [], "minimum_notice_minutes": 0}, status=201).json
        acked = {}
        for i in range(jobs // 2):
            at = hour(30 + 2 * (i // 100))
            made = client.post("/v1/bookings", booking_body(kind, at, f"Ivy {i}", f"ivy{i}@example.org"), status=201).json
            acked[made["id"]] = ("confirmed", seconds_of(at))
        wait_tried(server)
        same(left(server, NOW + 86400), jobs, "jobs that wait for the mail server")
        killer = Killer(server, chance.sample(range(1, jobs * 9 // 10), crashes), chance)
        with smtp:
            done, copies = through_crashes(server, smtp, killer, crashes, NOW + 3600)
        again = sum(copies.values()) - len(copies)
        print(f"{jobs} jobs, {done} crashes: {len(copies)} messages, {again} of them twice", flush=True)
        same(done, crashes, f"seed {seed}: crashes")
        same(len(copies), jobs, f"seed {seed}: messages, none lost")
        check(again <= HANDS * crashes, f"seed {seed}: {again} sent again: at most those under way at a kill")
        check(max(copies.values()) <= 2, f"seed {seed}: {copies.most_common(1)}")
        same(dict(server.database().execute("SELECT state, COUNT(*) FROM job WHERE kind = 'booking_mail' GROUP BY state").fetchall()),
             {"done": jobs}, f"seed {seed}: jobs in the end")
        same(dict(server.database().execute("SELECT state, COUNT(*) FROM delivery GROUP BY state").fetchall()), {"sent": jobs}, f"seed {seed}: deliveries")
        check_database(server, acked, label=f"seed {seed}")


def test_reminders_through_a_crash():
    """Killed while they are planned and sent: everybody is reminded, by one message."""
    seed, smtp = seed_of(), StandIn()
    chance = random.Random(seed)
    with Server() as server:
        host, client = scene(server, smtp)
        kind = client.post("/v1/event-types", {"code": "many", "title": "Many", "schedule_id": host.schedule["id"], "seats": 20,
                                               "durations": [{"minutes": 60}], "reminders": [60, 30], "minimum_notice_minutes": 0}, status=201).json
        for i in range(10):
            client.post("/v1/bookings", booking_body(kind, hour(30), f"Ivy {i}", f"ivy{i}@example.org"), status=201)
        wait_tried(server)
        with smtp:
            _, copies = through_crashes(server, smtp, Killer(server, (), chance), 0, NOW + 3600)
            same(len(copies), 20, "told of the booking")
            for minutes in (60, 30):
                numbers = [len(smtp.messages) + n for n in (6, 14)]
                done, copies = through_crashes(server, smtp, Killer(server, numbers, chance), 2, NOW + 30 * 3600 - minutes * 60)
                same((len(copies), done), (20, 2), f"seed {seed}: reminded {minutes} minutes before")
                check(all(f"reminder-{minutes}" in name for name in copies), f"by the right reminder: {list(copies)[:2]}")
                check(sum(copies.values()) - len(copies) <= 2 * HANDS, f"seed {seed}: again {copies.most_common(3)}")
        check_database(server, None, label=f"reminders, seed {seed}")


run(globals())
