"""The drill: a backup while bookings are made, moved and cancelled; the machine is lost; what was backed up is restored, in
turn into either engine, served by this program and then by the next release, which is killed while it upgrades.

    tests/fault_drill.py [--rounds 1] [--bookers 4] [--seed N]      O: the build folder with tests/fault/noonmark_next
"""

import os
import random
import shutil
import sqlite3
import subprocess
import tempfile
import time

import postgresql
from faults import BASE, HALF_HOUR, Load, Target, Wire, check_database, seed_of
from noonmark import BINARY, MONDAY, POSTGRESQL, ROOT, Server, argument, check, must, run, same

SEED = seed_of()
NEXT = os.path.join(ROOT, os.environ.get("O", "build/gcc"), "tests/fault/noonmark_next")


def command(*words, **settings):
    done = subprocess.run([BINARY, *words], capture_output=True, text=True, check=False,
                          env={"PATH": os.environ["PATH"], **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
                               **{f"NOONMARK_{k.upper()}": v for k, v in settings.items()}})
    must(done.returncode == 0, f"{words}: {done.stdout} {done.stderr}")


class Place:
    """Where a backup is restored: a folder, and for PostgreSQL a database."""

    def __init__(self, folder, shared):
        self.folder, self.name = folder, postgresql.cluster().make() if shared else None
        self.url = postgresql.cluster().url(self.name) if shared else ""

    @property
    def settings(self):
        return {"data": self.folder, "database": self.url}

    def database(self):
        return postgresql.Database(self.name) if self.name else sqlite3.connect(f"file:{self.folder}/noonmark.db?mode=ro", uri=True)

    def serve(self, **more):
        return Server(folder=self.folder, database=self.url, smtp_url="smtp://127.0.0.1:9", **more)

    def end(self):
        if self.name:
            postgresql.cluster().drop(self.name)


class Loss:
    """A server under load, a backup of it, and its end.  What is in the backup at the least, and what may be."""

    def __init__(self, file, chance, label):
        with Server() as server:
            self.target = Target(server, quiet=True)
            load = Load(server, self.target, argument("bookers", 4), label)
            time.sleep(chance.uniform(0.3, 0.8))
            with load.lock:
                self.sure, began = dict(load.acked), time.monotonic()
            command("backup", file, data=server.folder, database=server.settings.get("database", ""))
            self.took = time.monotonic() - began
            time.sleep(chance.uniform(0.1, 0.5))
            server.kill()
            self.window = time.monotonic() - began
            load.stop()
            check(not load.unexpected, f"{label}: {load.unexpected[:3]}")
        self.acked = load.acked
        self.changed = {i for i, what in self.sure.items() if load.acked[i] != what} | load.doubtful_ids
        self.maybe = {BASE + i * HALF_HOUR for i in range(load.next + 1)}


def drill(number):
    label, chance = f"drill {number}, seed {SEED}", random.Random(f"{SEED}-{number}")
    folder = tempfile.mkdtemp(prefix="noonmark-drill-")
    loss = Loss(os.path.join(folder, "backup.db"), chance, label)
    place = Place(os.path.join(folder, "restored"), POSTGRESQL != (number % 2 == 1))
    began = time.monotonic()
    command("restore", os.path.join(folder, "backup.db"), **place.settings)
    with place.serve() as server:
        back = time.monotonic() - began
        check_database(place, loss.sure, loss.maybe, label + ", restored", loss.changed)
        rows = place.database().execute
        there = rows("SELECT COUNT(*) FROM booking").fetchone()[0]
        again = Wire(server.address, loss.target.authorization)
        same(again.call("POST", "/v1/bookings", loss.target.body(BASE - HALF_HOUR)).status, 201, f"{label}: bookings go on")
    upgrade(place, loss, chance, label)
    place.end()
    shutil.rmtree(folder)
    print(f"drill {number}: {'PostgreSQL' if POSTGRESQL else 'SQLite'} to {'PostgreSQL' if place.name else 'SQLite'}: {len(loss.sure)} "
          f"bookings, backup {loss.took:.2f} s; lost: the {max(0, len(loss.acked) - there)} of the last {loss.window:.2f} s (RPO: the age of "
          f"the backup); serving again after {back:.2f} s (RTO)", flush=True)
    return loss.window, back


def upgrade(place, loss, chance, label):
    """By the next release, killed at some moment of its first starts."""
    environment = {"PATH": os.environ["PATH"], "NOONMARK_DATA": place.folder, "NOONMARK_DATABASE": place.url,
                   "NOONMARK_LISTEN": "127.0.0.1:0", "NOONMARK_SMTP_URL": "smtp://127.0.0.1:9"}
    clock = environment["NOONMARK_CLOCK"] = place.folder + "-clock"
    with open(clock, "w", encoding="ascii") as f:
        f.write(MONDAY)
    for _ in range(3):
        process = subprocess.Popen([NEXT, "serve"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        time.sleep(chance.uniform(0, 0.06))
        process.kill()
        process.wait()
    with place.serve(binary=NEXT) as server:
        loss.maybe.add(BASE - HALF_HOUR)
        check_database(place, loss.sure, loss.maybe, label + ", upgraded", loss.changed)
        rows = place.database().execute
        same(rows("SELECT COUNT(*) FROM booking WHERE next_note = 'none'").fetchone(), rows("SELECT COUNT(*) FROM next_thing").fetchone(),
             f"{label}: every row was upgraded")
        wire = Wire(server.address, loss.target.authorization)
        same(wire.call("POST", "/v1/bookings", loss.target.body(BASE - 2 * HALF_HOUR)).status, 201, f"{label}: the next release books")
    try:
        place.serve().start()
        check(False, f"{label}: an older program started on a newer database")
    except AssertionError as e:
        check("newer than this program" in str(e), f"{label}: why the older program does not start: {e}")


def test_the_drill():
    rounds = argument("rounds", 1)
    found = [drill(number) for number in range(rounds)]
    print(f"{rounds} drills: RPO at most {max(f[0] for f in found):.2f} s, RTO at most {max(f[1] for f in found):.2f} s", flush=True)


run(globals())
