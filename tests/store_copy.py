"""noonmark copy, backup and restore: between the engines and back, ended halfway and gone on with, under load.

    tests/store_copy.py [--bookings 300]
"""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading

import postgresql
from faults import BASE, HALF_HOUR, Target, check_database
from noonmark import BINARY, Server, argument, check, must, run, same, until

TABLES = re.findall(r"^CREATE TABLE (\w+)", open(os.path.join(os.path.dirname(__file__), "../sql/0001_start.sql"), encoding="utf-8").read(), re.M)


def command(*words, status=0, **environment):
    done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=250, check=False,
                          env={"PATH": os.environ["PATH"], **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
                               **{f"NOONMARK_{k.upper()}": v for k, v in environment.items()}})
    same(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
    return done.stdout + done.stderr


def filled(server, bookings):
    """A host with everything that a database may hold; stopped.  The ids of the bookings."""
    target = Target(server, quiet=True)
    wire = target.client(server)
    wire.post(f"/v1/schedules/{target.host.schedule['id']}/one-offs",
              {"kind": "busy", "start": "2026-06-09T10:00:00Z", "end": "2026-06-09T11:00:00Z"}, status=201)
    ids = []
    for i in range(bookings):
        body = target.body(BASE + i * HALF_HOUR, guests=[{"email": "guest@example.org", "name": "G\u00fcst"}], notes="\u4f60\n\"'")
        ids.append(wire.post("/v1/bookings", body, headers={"Idempotency-Key": f"k{i}"}, status=201).json["id"])
    wire.post(f"/v1/bookings/{ids[0]}/cancel", {}, status=200)
    server.client().post("/v1/accounts", {"email": "new@example.org", "password": "a long password", "username": "waiting",
                                          "first_name": "W"}, status=202)
    return ids


def rows_of(database):
    """{table: its rows as a set}: the same whichever engine has them."""
    return {t: sorted(map(repr, database.execute(f'SELECT * FROM "{t}"').fetchall())) for t in TABLES}


def embedded(path):
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def test_between_the_engines_and_back():
    with Server(database="") as server, Server(database="") as other:
        ids = filled(server, argument("bookings", 120))
        server.stop()
        before = rows_of(embedded(server.database_path))
        check(all(before[t] for t in ("account", "booking", "booking_guest", "audit", "job", "idempotency", "one_off", "registration",
                                      "reservation", "session", "api_key", "otp")), "something in each of the tables that matter")
        name = postgresql.cluster().make()
        url = postgresql.cluster().url(name)
        said = command("copy", "--from", server.folder, "--to", url)
        check("Every row was compared" in said, said)
        same(rows_of(postgresql.Database(name)), before, "rows in PostgreSQL")
        check("not empty" in command("copy", "--from", server.folder, "--to", url, status=1), "never over what is there")

        moved = Server(folder=server.folder, database=url)
        moved.clock_path = server.clock_path
        with moved:
            booking = moved.client().get("/v1/users/target", status=200)
            check(booking.json["username"] == "target", "the host is there")
        command("copy", "--from", url, "--to", other.folder + "-back")
        back = embedded(os.path.join(other.folder + "-back", "noonmark.db"))
        after = rows_of(postgresql.Database(name))
        same(rows_of(back), after, "rows back in SQLite")
        same(len(after["booking"]), len(ids), "bookings")
        postgresql.cluster().drop(name)


def kill_copy(server, name, enough):
    """A copy into a database, killed once it has said enough lines: "half", or "none" or "all" of it was done."""
    process = subprocess.Popen([BINARY, "copy", "--from", server.folder, "--to", postgresql.cluster().url(name)],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = []
    while not enough(said) and (line := process.stdout.readline()):
        said.append(line)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with postgresql.Database(name) as database:
        tables = {table for (table,) in database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
        if "copy_progress" in tables and database.execute("SELECT 1 FROM copy_progress").fetchall():
            return "half"
    return "all" if "booking" in tables else "none"


def test_an_ended_copy_goes_on():
    """Killed at any moment: until it is finished no server starts on the target, and the same call finishes it."""
    with Server(database="") as server:
        filled(server, argument("bookings", 120))
        server.stop()
        name, halves = postgresql.cluster().make(), 0
        for i in range(12):
            done = kill_copy(server, name, lambda said, i=i: len(said) >= i)
            if done == "half":
                halves += 1
                said = command("serve", status=1, database=postgresql.cluster().url(name), data=server.folder, listen="127.0.0.1:0")
                check("was begun and not finished" in said, said)
            elif done == "all":  # faster than its end: once more, from the beginning
                postgresql.cluster().drop(name)
                name = postgresql.cluster().make()
        check(halves > 0, "some were ended halfway")
        command("copy", "--from", server.folder, "--to", postgresql.cluster().url(name))
        same(rows_of(postgresql.Database(name)), rows_of(embedded(server.database_path)), "rows")
        postgresql.cluster().drop(name)


def test_a_changed_row_is_found():
    with Server(database="") as server:
        filled(server, 10)
        server.stop()
        for _ in range(20):
            name = postgresql.cluster().make()
            done = kill_copy(server, name, lambda said: "copied 10 rows of booking\n" in said)
            if done == "half":
                break
            postgresql.cluster().drop(name)
        must(done == "half", "it went on too fast to be stopped")
        postgresql.cluster().execute("UPDATE booking SET title = 'another' WHERE starts_at = %d" % (BASE + HALF_HOUR), name)
        said = command("copy", "--from", server.folder, "--to", postgresql.cluster().url(name), status=1)
        check("a row of booking is another than the source's" in said, said)
        postgresql.cluster().drop(name)


def test_backup_while_it_is_written():
    """A backup under load holds what was acknowledged before it, and is restored on both engines, key and all."""
    folder = tempfile.mkdtemp(prefix="noonmark-backup-")
    file = os.path.join(folder, "backup.db")
    with Server(database="") as server:
        target = Target(server, quiet=True)
        wire, acked, stop = target.client(server), [], threading.Event()

        def book():
            while not stop.is_set():
                body = target.body(BASE + len(acked) * HALF_HOUR)
                acked.append(wire.post("/v1/bookings", body, status=201).json)

        thread = threading.Thread(target=book, daemon=True)
        thread.start()
        until(lambda: len(acked) >= 30, "bookings")
        before = len(acked)
        command("backup", file, data=server.folder)
        until(lambda: len(acked) >= before + 30, "more bookings")
        stop.set()
        thread.join()
        for path in (file, file + ".key"):
            same(os.stat(path).st_mode & 0o777, 0o600, "private")
        check("exists already" in command("backup", file, data=server.folder, status=1), "never over a file")

    name = postgresql.cluster().make()
    for settings in ({"data": os.path.join(folder, "embedded")},
                     {"data": os.path.join(folder, "shared"), "database": postgresql.cluster().url(name)}):
        command("restore", file, **settings)
        said = command("restore", file, status=1, **settings)
        check("exists already" in said or "not empty" in said, said)
        with Server(folder=settings["data"], database=settings.get("database", "")) as restored:
            for booking in acked[:before]:
                token = booking["manage_url"].rsplit("/", 1)[1]
                restored.client("Token " + token).get(f"/v1/bookings/{booking['id']}", status=200)
    check_database(Place(os.path.join(folder, "embedded")), label="restored")
    shutil.rmtree(folder)
    postgresql.cluster().drop(name)


class Place:
    """As much of a Server as the checker asks."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "noonmark.db")

    def database(self):
        return embedded(self.path)


def test_wrong_words():
    with tempfile.TemporaryDirectory() as folder:
        for words in (["copy"], ["copy", "--from", "x"], ["copy", "--to", "x", "--to", "y"], ["backup"], ["backup", "--config"],
                      ["restore", "x", "y"]):
            check("usage" in command(*words, status=2), f"{words}")
        check("there is no" in command("backup", folder + "/b.db", data=folder + "/none", status=1), "no such folder")
        rubbish = os.path.join(folder, "rubbish.db")
        with open(rubbish, "wb") as f:
            f.write(b"rubbish" * 1000)
        said = command("restore", rubbish, data=folder + "/new", status=1)
        check("not a database" in said or "no database" in said, said)
        check(not os.path.exists(folder + "/new/noonmark.db"), "nothing is left of what could not be restored")


run(globals())
