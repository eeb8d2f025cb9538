#!/usr/bin/python3
"""PostgreSQL killed under booking load: its postmaster, one of its backends, or stopped at once.  Meanwhile the answer is
503 with the time to try again; what was acknowledged is there, once, and bookings go on when it is back.  On a cluster
of its own.

    fault_postmaster.py [--kills 3] [--bookers 4] [--seed N]
"""
import contextlib
import os
import random
import signal
import threading
import time

os.environ["NOONMARK_TEST_DATABASE"] = "postgresql"
os.environ.pop("NOONMARK_TEST_CLUSTER", None)

import postgresql
from faults import BASE, HALF_HOUR, PATIENCE, Patient, Target, account_for, seed_of
from noonmark import Server, argument, check, run, same, until
from receiver import Receiver
from smtp_server import StandIn

SEED = seed_of()


def start_again(cluster):
    """The backends of a killed postmaster end by themselves, but not at once."""
    def started():
        try:
            cluster.start()
            return True
        except RuntimeError:
            return False
    until(started, "PostgreSQL starts again")


def kill_postmaster(cluster, _):
    os.kill(cluster.pid(), signal.SIGKILL)


def stop_at_once(cluster, _):
    cluster.stop("immediate")


def kill_backend(cluster, server):
    """One that serves us.  The postmaster then ends all others, this one too, recovers from the log, and goes on."""
    def ended():
        try:
            cursor.execute("SELECT 1")
        except postgresql.psycopg2.Error:  # of one kind or another, by how far the message came
            return True
        return False
    with contextlib.closing(cluster.connect(server.database_name)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'noonmark' ORDER BY random() LIMIT 1")
        os.kill(cursor.fetchone()[0], signal.SIGKILL)
        until(ended, "the others end")


def away(server, target, label):
    """What callers are told while there is no database: the backends of a killed postmaster may still answer for a moment."""
    client = target.client(server)
    for path in ("/v1/event-types", "/readyz"):
        answers = []
        until(lambda: answers.append(client.get(path, judge=path.startswith("/v1/"))) or answers[-1].status != 200, f"{label}: {path} ends")
        check(answers[-1].status == 503 and "retry-after" in answers[-1].headers, f"{label}: {path}: {answers[-1]!r}")
    same(server.client().get("/healthz", judge=False).status, 200, f"{label}: the process lives")
    client.close()


def test_killed_under_load():
    chance, cluster, slowest = random.Random(SEED), postgresql.cluster(), {}
    with Server() as server:
        target, everything, first = Target(server, quiet=True), {}, 0
        pid = server.process.pid
        for n in range(argument("kills", 3)):
            how = (kill_postmaster, stop_at_once, kill_backend)[n % 3]
            label = f"{how.__name__}, the {n + 1}th, seed {SEED}"
            load = Patient(server, target, argument("bookers", 4), f"{SEED}-{n}", first=first)
            try:
                until(lambda: load.told[201] > 1, f"{label}: load")
                time.sleep(chance.uniform(0, 0.7))
                how(cluster, server)
                if how is not kill_backend:
                    until(lambda: not cluster.is_up(), f"{label}: it is away")
                    away(server, target, label)
                    start_again(cluster)
                until(lambda: cluster.is_up(), f"{label}: it is back")
                back = time.monotonic()
                until(lambda: load.last_good > back, f"{label}: bookings go on")
                slowest[how.__name__] = max(slowest.get(how.__name__, 0), load.last_good - back)
            finally:
                load.stop()
            first = load.next
            same((load.unexpected, load.without_time), ([], 0), f"{label}: answers")
            account_for(server, load, everything, label)
        same((server.process.pid, server.process.poll()), (pid, None), "no restart of ours")
        print(f"{argument('kills', 3)} kills, {len(everything)} bookings; going on after PostgreSQL was back, at most: " +
              ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in slowest.items()), flush=True)


def test_a_server_that_says_nothing():
    """Its processes stand still, as when its disk hangs, and the connections stay: who waits is told, and nothing hangs."""
    cluster = postgresql.cluster()
    with Server() as server:
        target = Target(server)
        target.client(server).post("/v1/bookings", target.body(BASE), status=201)
        with contextlib.closing(cluster.connect(server.database_name)) as connection, connection.cursor() as cursor:
            stopped, answers = set(), []

            def is_told():
                """Once nobody has opened a connection meanwhile."""
                cursor.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'noonmark'")
                for pid in {pid for (pid,) in cursor.fetchall()} - stopped:
                    os.kill(pid, signal.SIGSTOP)
                    stopped.add(pid)
                start = BASE + (1 + len(answers)) * HALF_HOUR
                answers.append(target.client(server).post("/v1/bookings", target.body(start), status=(201, 503)))
                return answers[-1].status == 503
            try:
                began = time.monotonic()
                until(is_told, "who waits is told")
                check(answers[-1].headers.get("retry-after"), "when to try again")
                print(f"told after {time.monotonic() - began:.1f} s")
                body, key = target.body(BASE + len(answers) * HALF_HOUR), {"Idempotency-Key": "asked-again"}
                until(lambda: target.client(server).post("/v1/bookings", body, headers=key, status=(201, 503)).status == 201,
                      "who asks again is served, once no connection is left that hangs")
            finally:
                for pid in stopped:
                    os.kill(pid, signal.SIGCONT)


def waiting(server):
    with contextlib.closing(server.database()) as database:
        return database.execute("SELECT (SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND state = 'waiting') + "
                                "(SELECT COUNT(*) FROM webhook_delivery WHERE state = 'waiting')").fetchone()[0]


def test_what_was_sent_meanwhile():
    """Two mails and an event reach their servers while there is no database to record it: none is sent again."""
    cluster, go_on = postgresql.cluster(), threading.Event()
    with Receiver() as receiver, StandIn(stored=lambda _: go_on.wait(PATIENCE)) as smtp, Server(outbound_allow=receiver.peer) as server:
        target = Target(server)
        server.settings["smtp_url"] = smtp.url
        server.restart()
        receiver.answer("/in", action="hold")
        client = target.client(server)
        client.post("/v1/webhooks", {"url": receiver.url + "/in", "events": []}, status=201)
        client.post("/v1/bookings", target.body(BASE), status=201)
        until(lambda: len(smtp.messages) == 2 and len(receiver.got("/in")) == 1, "all are under way")
        cluster.stop("immediate")
        go_on.set()
        receiver.release()
        until(lambda: (server.log().count("job_unrecorded"), server.log().count("webhook_unrecorded")) == (2, 1), "none can be recorded")
        start_again(cluster)
        until(lambda: waiting(server) == 0, "all are recorded")  # the clock stands: no lease ends
        same((len(smtp.messages), len(receiver.got("/in"))), (2, 1), "sent")


run(globals())
