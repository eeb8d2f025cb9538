"""Power cuts: the server on a disk that keeps only what was synced (tests/fault/preload_powercut.c), cut at random syncs; and
a disk one call of which fails (tests/fault/preload_ioerror.c).

    tests/fault_power.py [--cuts 8] [--errors 3] [--bookers 4] [--seed N]       O: the build folder with both
"""

import os
import random
import shutil
import signal
import sys

from faults import PATIENCE, Load, Patient, Target, check_database, preload, seed_of
from noonmark import ROOT, Server, argument, check, run

sys.path.insert(0, os.path.join(ROOT, "tests", "fault"))
from powercut import PowerCut  # noqa: E402

SEED = seed_of()
EACH = 10


def test_power_cuts():
    """A database of its own for every so many cuts: the checker reads all of it each time."""
    cuts, made, died, told = argument("cuts", 5), 0, 0, 0
    while made < cuts:
        some = min(EACH, cuts - made)
        met, acked = cut_and_check(made, some)
        made, died, told = made + some, died + met, told + acked
    print(f"{died} of {cuts} cuts met the server; {told} bookings were acknowledged", flush=True)
    check(died >= cuts * 0.7, f"only {died} of {cuts} cuts met the server")
    check(told > cuts * 3, f"only {told} bookings")


def cut_and_check(begin, cuts):
    """How many cuts met the server, and how many bookings were acknowledged."""
    with Server() as server:
        target = Target(server, quiet=True)
        server.stop()
        cut = PowerCut(preload("powercut"), server.folder, os.path.join(server.temporary, "shadow"))
        everything, first, died = {}, 0, 0
        for number in range(begin, begin + cuts):
            label, chance = f"cut {number}, seed {SEED}", random.Random(f"{SEED}-{number}")
            at, seed = chance.randint(3, 160), chance.randrange(1 << 30)
            server.environment = {k: v for k, v in cut.environment(at, seed).items()
                                  if k == "LD_PRELOAD" or k.startswith("POWERCUT_")}
            load = None
            try:
                server.start()
                load = Load(server, target, argument("bookers", 4), label, first=first)
            except AssertionError:
                pass  # the cut came before it was ready
            died += server.wait_for_end(PATIENCE) and server.process.returncode == -signal.SIGKILL
            server.kill()
            if load:
                load.stop()
                first = load.next
                everything.update(load.acked)
            survivors(server, cut)
            server.environment = {}
            server.start()
            check_after(server, load, everything, label)
            server.stop()
        return died, len(everything)


def check_after(server, load, everything, label):
    check_database(server, everything, load.doubtful if load else (), label, load.doubtful_ids if load else ())
    if load:
        check(not load.unexpected, f"{label}: {load.unexpected[:3]}")
        load.acked = everything
        load.settle(label)
        check_database(server, everything, label=label + ", asked again")


def test_a_disk_that_fails():
    """One write, sync or truncation of the server's fails: what was acknowledged is there, and what was not done was not
    said to be.  After a failed write or sync the server aborts, as nobody knows what the disk has."""
    errors, ended, told = argument("errors", 3), 0, 0
    for number in range(errors):
        label, chance = f"error {number}, seed {SEED}", random.Random(f"{SEED}-error-{number}")
        call, how, most = chance.choice((("fdatasync", "EIO", 150), ("pwrite", "EIO", 1500), ("pwrite", "short", 1500), ("ftruncate", "EIO", 2)))
        at = chance.randint(1, most)
        label = f"{label}: {call} {how} at {at}"
        with Server() as server:
            target = Target(server, quiet=True)
            server.stop()
            server.environment = {"LD_PRELOAD": preload("ioerror"), "IOERROR_FROM": server.folder, "IOERROR_CALL": call,
                                  "IOERROR_HOW": how, "IOERROR_AT": str(at)}
            load = None
            try:
                server.start()
                load = Patient(server, target, argument("bookers", 4), label)
                server.wait_for_end(1)
            except AssertionError:
                pass  # it came before it was ready
            status = server.process.poll()
            ended += status is not None
            if status is None:
                server.kill()
            else:
                server.wait()
                check(status == -signal.SIGABRT or status > 0, f"{label}: ended with {status}: {server.log()[-300:]}")
            if load:
                load.stop()
                told += len(load.acked)
            server.environment = {}
            server.start()
            check_after(server, load, dict(load.acked) if load else {}, label)
    print(f"{errors} failures, the server ended after {ended} of them; {told} bookings were acknowledged", flush=True)


def survivors(server, cut):
    """The folder as it is when power is back."""
    after = os.path.join(server.temporary, "after")
    cut.survivors(after)
    shutil.rmtree(server.folder)
    os.rename(after, server.folder)


def test_the_checker_notices():
    """A checker that finds nothing in a damaged database would be worth nothing."""
    import sqlite3
    damages = {
        "a lost booking": "DELETE FROM booking WHERE id = (SELECT id FROM booking LIMIT 1)",
        "a lost reservation": "DELETE FROM reservation WHERE id = (SELECT reservation_id FROM booking LIMIT 1)",
        "a lost job": "DELETE FROM job WHERE id = (SELECT id FROM job WHERE dedupe_key LIKE '%:booked%' LIMIT 1)",
        "a lost audit entry": "DELETE FROM audit WHERE number = (SELECT MAX(number) - 1 FROM audit)",
        "a changed audit entry": "UPDATE audit SET after_text = '{}' WHERE number = (SELECT MAX(number) FROM audit)",
        "a changed booking": "UPDATE booking SET starts_at = starts_at + 60, ends_at = ends_at + 60",
    }
    from faults import BASE, Wire, database_problems
    with Server() as server:
        target = Target(server, quiet=True)
        wire = Wire(server.address, target.authorization)
        acked = {}
        for i in range(3):
            acked[wire.call("POST", "/v1/bookings", target.body(BASE + i * 3600)).json["id"]] = ("confirmed", BASE + i * 3600)
        server.stop()
        for name, statement in damages.items():
            database = sqlite3.connect(server.database_path, isolation_level=None)
            check(not list(database_problems(database, acked, set(), set(), False)), "whole before")
            database.execute("BEGIN")
            database.execute(statement)
            check(list(database_problems(database, acked, set(), set(), False)), f"{name} goes unnoticed")
            database.execute("ROLLBACK")
            database.close()


run(globals())
