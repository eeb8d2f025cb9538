"""A full disk, filled under booking load: writes are refused clearly, reads go on, nothing is half there, and space is all it
takes to recover.  On PostgreSQL the disk of the tables, where writes are refused the same way, and that of its log,
without which it ends itself and starts again only once there is space.

    tests/fault_disk.py [--megabytes 16] [--bookers 4] [--seed N]        needs to mount a tmpfs
"""

import collections
import contextlib
import os
import re
import time

from faults import (BASE, HALF_HOUR, HOUR, Patient, Target, account_for, check_database, instant, seconds_of, seed_of, small_disk,
                    wait_unchanged)
from noonmark import MONDAY, POSTGRESQL, Server, argument, check, run, same, until
from smtp_server import StandIn

if POSTGRESQL:
    import postgresql

SEED = seed_of()
OTHERS = 10000  # half hours that are free of the load


class OnFullDisk(Patient):
    """Bookers who are told 507 as well."""

    def hear(self, reply):
        if reply.status != 507:
            return super().hear(reply)
        self.told[507] += 1
        return False


@contextlib.contextmanager
def filled(folder):
    """A file takes all that is left, meanwhile."""
    path = os.path.join(folder, "ballast")
    try:
        with open(path, "wb", buffering=0) as f, contextlib.suppress(OSError):
            while True:
                f.write(b"x" * 4096)
        yield
    finally:
        os.unlink(path)


@contextlib.contextmanager
def loaded(bookers, server, target):
    """At work."""
    load = bookers(server, target, argument("bookers", 4), SEED)
    try:
        until(lambda: load.told[201] >= 20, "bookings, with space")
        yield load
    finally:
        load.stop()


def recovered(server, load, everything, label):
    """Bookings go on by themselves; then all is accounted for."""
    back = time.monotonic()
    until(lambda: load.last_good > back, f"{label}: bookings go on")
    load.stop()
    print(f"{label}: told {dict(load.told)}, going on {load.last_good - back:.2f} s after there was space", flush=True)
    same((load.unexpected, load.without_time), ([], 0), f"{label}: answers")
    check(server.process.poll() is None, f"{label}: the process lives")
    account_for(server, load, everything, label)
    server.restart()
    check_database(server, everything, label=f"{label}, after a restart")


@contextlib.contextmanager
def server_on_small_disk():
    """(server, the folder that its rows are in)"""
    if not POSTGRESQL:
        with small_disk(argument("megabytes", 16)) as folder, Server(folder=os.path.join(folder, "data")) as server:
            yield server, folder
        return
    with small_disk(argument("megabytes", 16), postgresql.USER) as folder, \
            postgresql.instead(postgresql.Cluster(default_tablespace="small")) as cluster:
        cluster.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
        with Server() as server:
            yield server, folder


def reads_go_on(server, target, load):
    client = target.client(server)
    for path in ("/v1/me", "/v1/bookings", f"/v1/bookings/{next(iter(load.acked))}", "/v1/schedules"):
        client.get(path, status=200)
    check(server.slots(target.kind, "2026-03-02", "2026-03-30"), "slots are listed on a full disk")
    server.client().get("/readyz", status=(200, 503))
    answers = []
    until(lambda: answers.append(client.post("/v1/holds", {
        "event_type_id": target.kind["id"], "start": instant(BASE + (OTHERS + len(answers)) * HALF_HOUR), "duration_minutes": 30}))
        or answers[-1].status != 201, "a hold is refused")
    check(answers[-1].status in (503, 507) and "detail" in answers[-1].json, f"in words: {answers[-1]!r}")


def waiting(server):
    with contextlib.closing(server.database()) as database:
        return database.execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND state = 'waiting'").fetchone()[0]


def leases_pass(server, smtp, at):
    """When they are over, mails that were sent and could not be recorded would be sent again.  None may be under way then."""
    wait_unchanged(lambda: len(smtp.commands))
    server.clock(instant(at + 11), settled=False)  # nothing can be recorded
    wait_unchanged(lambda: len(smtp.commands))
    return at + 11


def mails_are_sent_once(server, smtp, at):
    """A failure waits, at most for a quarter of a day."""
    server.stop()
    server.clock(instant(at + 6 * HOUR))
    server.start()
    until(lambda: waiting(server) == 0, "all mails are sent")
    copies = collections.Counter(re.search(rb"^Message-ID: (\S+)", raw, re.M | re.I).group(1) for _, _, raw in smtp.messages)
    print(f"{len(copies)} mails; {server.log().count('job_unrecorded')} results waited to be recorded", flush=True)
    same(copies.most_common(1)[0][1], 1, "copies of a mail")


def test_full_disk():
    everything = {}
    with StandIn(stored=lambda _: time.sleep(0.05)) as smtp, server_on_small_disk() as (server, folder):
        target = Target(server)
        server.settings["smtp_url"] = smtp.url
        server.restart()
        with loaded(OnFullDisk, server, target) as load:
            with filled(folder):
                until(lambda: load.told[507] >= 20, f"the disk is full: {load.told}")
                reads_go_on(server, target, load)
                at = leases_pass(server, smtp, seconds_of(MONDAY))
            recovered(server, load, everything, f"a full disk, seed {SEED}")
        mails_are_sent_once(server, smtp, at)


def test_full_log():
    """PostgreSQL has nowhere to write ahead: it ends all its processes, and then itself.  What was being committed may have been
    saved or not, so nobody is told that it was not."""
    if not POSTGRESQL:
        return
    everything = {}
    with small_disk(argument("megabytes", 16), postgresql.USER) as folder:
        cluster = postgresql.Cluster(log=os.path.join(folder, "log"), min_wal_size="2MB")
        with postgresql.instead(cluster), Server() as server:
            target = Target(server, quiet=True)
            with loaded(Patient, server, target) as load:
                with filled(folder):
                    until(lambda: not os.path.exists(os.path.join(cluster.data, "postmaster.pid")), "it ended itself")
                    same(target.client(server).get("/v1/event-types").status, 503, "while it is away")
                    same(server.client().get("/healthz", judge=False).status, 200, "the process lives")
                cluster.start()
                recovered(server, load, everything, f"a full log, seed {SEED}")


run(globals())
