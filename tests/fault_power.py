"""Power cuts: the server on a disk that keeps only what was synced (tests/fault/preload_powercut.c), cut at random syncs.

    tests/fault_power.py [--cuts 15] [--bookers 4] [--seed N]       O: the build folder with tests/fault/preload_powercut.so
"""

import os
import random
import shutil
import sys

from faults import Load, Target, check_database, preload, seed_of
from noonmark import ROOT, Server, argument, check, run

sys.path.insert(0, os.path.join(ROOT, "tests", "fault"))
from powercut import PowerCut  # noqa: E402

SEED = seed_of()
LIBRARY = preload("powercut")


def test_power_cuts():
    chance = random.Random(SEED)
    with Server() as server:
        target = Target(server, quiet=True)
        server.stop()
        shadow = os.path.join(server.temporary, "shadow")
        cut = PowerCut(LIBRARY, server.folder, shadow)
        everything, first, died, told = {}, 0, 0, 0
        for number in range(argument("cuts", 15)):
            label = f"cut {number}, seed {SEED}"
            at, seed = chance.randint(3, 160), chance.randrange(1 << 30)
            server.environment = {k: v for k, v in cut.environment(at, seed).items()
                                  if k == "LD_PRELOAD" or k.startswith("POWERCUT_")}
            load = None
            try:
                server.start()
                load = Load(server, target, argument("bookers", 4), f"{SEED}-{number}", first=first)
                server.wait_for_end(20)
            except AssertionError:
                pass  # the cut came before it was ready
            if server.process.poll() is None:
                server.kill()
            died += server.process.returncode == -9
            server.wait()
            if load:
                load.stop()
                first = load.next
                everything.update(load.acked)
                told += len(load.acked)
            survivors(server, cut)
            server.environment = {}
            server.start()
            check_database(server, everything, load.doubtful if load else (), label, load.doubtful_ids if load else ())
            if load:
                check(not load.unexpected, f"{label}: {load.unexpected[:3]}")
                load.acked = everything
                load.settle(label)
                check_database(server, everything, label=label + ", asked again")
            server.stop()
        cuts = argument("cuts", 15)
        print(f"{died} of {cuts} cuts met the server; {told} bookings were acknowledged", flush=True)
        check(died >= cuts * 0.7, f"only {died} of {cuts} cuts met the server")
        check(told > cuts * 3, f"only {told} bookings")


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
