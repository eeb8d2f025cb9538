"""noonmark copy, backup and restore: between the engines and back, ended halfway and gone on with, under load, from what is
no backup, onto a disk that is full.

    tests/store_copy.py [--bookings 300]
"""

import contextlib
import fcntl
import functools
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading

import postgresql
from faults import BASE, HALF_HOUR, Target, check_database, small_disk
from noonmark import BINARY, Server, argument, check, must, run, same, until

TABLES = re.findall(r"^CREATE TABLE (\w+)", open(os.path.join(os.path.dirname(__file__), "../sql/0001_start.sql"), encoding="utf-8").read(), re.M)


def settings_of(environment):
    return {"PATH": os.environ["PATH"], **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **{f"NOONMARK_{k.upper()}": v for k, v in environment.items()}}


def command(*words, status=0, **environment):
    done = subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=250, check=False, env=settings_of(environment))
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


@contextlib.contextmanager
def deaf(*words, **environment):
    """A command that stands still at its first line, as nobody reads it."""
    ours, its = os.pipe()
    fcntl.fcntl(its, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(its, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(its, b"x")
    os.set_blocking(its, True)
    with open(ours, "rb") as heard, subprocess.Popen([BINARY, *words], stdout=its, stderr=its, env=settings_of(environment)) as process:
        os.close(its)
        yield process, heard
        process.kill()


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


@functools.cache
def backup():
    """A folder with a backup of more than a megabyte, and its key."""
    folder = tempfile.TemporaryDirectory(prefix="noonmark-backup-")
    with Server(database="") as server:
        filled(server, 100)
        command("backup", folder.name + "/good.db", data=server.folder)
    return folder


@contextlib.contextmanager
def backed_up():
    """(a folder, a backup in it, with its key)"""
    with tempfile.TemporaryDirectory(prefix="noonmark-backup-") as folder:
        for name in ("good.db", "good.db.key"):
            shutil.copy2(os.path.join(backup().name, name), folder)
        yield folder, folder + "/good.db"


def wrong_files(folder, good):
    """(a file that is no backup, what is said of it)"""
    def put(name, data, key):
        path = os.path.join(folder, name)
        for end, content in (("", data), (".key", key)):
            if content is not None:
                with open(path + end, "wb") as f:
                    f.write(content)
        return path
    with open(good, "rb") as f, open(good + ".key", "rb") as k:
        data, key = f.read(), k.read()
    half, page = len(data) // 2 // 4096 * 4096, 4096
    with contextlib.closing(sqlite3.connect(os.path.join(folder, "others.db"))) as others:
        others.execute("CREATE TABLE guest (name TEXT)")
    put("others.db", None, key)
    yield put("text.db", b"rubbish" * 1000, key), "is not a database of Noonmark"
    yield put("empty.db", b"", key), "is not a database of Noonmark"
    yield os.path.join(folder, "others.db"), "is not a database of Noonmark"
    yield os.path.join(folder, "nothing.db"), "there is no database"
    yield put("cut.db", data[:half], key), "the database is damaged"
    yield put("page.db", data[:half] + b"\x55" * page + data[half + page:], key), "the database is damaged"
    yield put("keyless.db", data, None), "there is no key"
    yield put("short.db", data, key[:5]), "is not a key"


def test_what_is_no_backup():
    """Nothing is left of it, so that the right one can be restored there; the backup's folder may be one to read only."""
    with backed_up() as (folder, good):
        name = postgresql.cluster().make()
        places = ({"data": folder + "/embedded"}, {"data": folder + "/shared", "database": postgresql.cluster().url(name)})
        for wrong, words in wrong_files(folder, good):
            for settings in places:
                said = command("restore", wrong, status=1, **settings)
                check(words in said, f"{wrong}: {said}")
                same(os.listdir(settings["data"]), ["lock"], f"{wrong}: what is left in the folder")
        with open(folder + "/shared/master.key", "wb") as f:
            f.write(bytes(32))
        check("is another key" in command("restore", good, status=1, **places[1]), "never over another key")
        same(postgresql.Database(name).execute("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0], 0, "tables made by any of it")
        os.unlink(folder + "/shared/master.key")

        for settings in places:
            command("restore", good, **settings)
        same(sorted(f for f in os.listdir(folder) if f.startswith("good")), ["good.db", "good.db.key"], "files beside a backup that was read")
        same(rows_of(postgresql.Database(name)), rows_of(embedded(folder + "/embedded/noonmark.db")), "rows")
        postgresql.cluster().drop(name)


def test_a_full_disk():
    """Of a backup and of a restored database there is all or nothing, and then the same call makes it."""
    with backed_up() as (folder, good), small_disk(1) as small:
        check(os.path.getsize(good) > 1 << 20, "it is larger than the disk")
        name = postgresql.cluster().make()
        shared = {"data": folder + "/shared", "database": postgresql.cluster().url(name)}
        check("the disk is full" in command("restore", good, status=1, data=small + "/data"), "restoring")
        same(os.listdir(small + "/data"), ["lock"], "what is left of a restored one")
        shutil.rmtree(small + "/data")
        for settings in ({"data": folder + "/embedded"}, shared):
            command("restore", good, **settings)
            said = command("backup", small + "/b.db", status=1, **settings)
            check("the disk is full" in said, f"backing up: {said[-300:]}")
            same(os.listdir(small), [], "files left of a backup")
            subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
            command("backup", small + "/b.db", **settings)
            for file in os.listdir(small):
                os.unlink(os.path.join(small, file))
            subprocess.run(["mount", "-o", "remount,size=1m", small], check=True)
        postgresql.cluster().drop(name)


def test_a_backup_that_was_ended():
    """There is none under its name until it is complete, and then the same call makes it.  The database may wait for as long
    as that takes."""
    with backed_up() as (folder, good):
        name, file = postgresql.cluster().make(), folder + "/b"
        settings = {"data": folder + "/shared", "database": postgresql.cluster().url(name)}
        command("restore", good, **settings)
        stands = "SELECT 1 FROM pg_stat_activity WHERE datname = ? AND state = 'idle in transaction' AND state_change < now() - interval '%s s'"
        gone = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = ? AND application_name = 'noonmark')"
        stands, long = stands % 0, stands % 6
        for end in ("killed", "late"):
            with deaf("backup", file, **settings) as (process, heard), postgresql.Database(name) as database:
                until(lambda: database.execute(stands, (name,)).fetchall(), "it has begun")
                check("another process is writing" in command("backup", file, status=1, **settings), "by one at a time")
                if end == "killed":
                    process.kill()
                    process.wait()
                    check(not os.path.exists(file), "no file yet")
                else:
                    until(lambda: any(database.execute(sql, (name,)).fetchall() for sql in (long, gone)), "longer than a server may")
                    said = heard.read().decode()
                    same(process.wait(), 0, said[-300:])
        same(rows_of(embedded(file)), rows_of(postgresql.Database(name)), "rows in the backup")
        same(sorted(f for f in os.listdir(folder) if f.startswith("b")), ["b", "b.key"], "files")
        postgresql.cluster().drop(name)


def test_half_a_copy_is_no_source():
    with backed_up() as (folder, good):
        name = postgresql.cluster().make()
        half = folder + "/half.db"
        with deaf("copy", "--from", good, "--to", half) as (process, _):
            until(lambda: os.path.exists(half) and os.path.getsize(half) and embedded(half).execute(
                "SELECT 1 FROM sqlite_schema WHERE name = 'copy_progress'").fetchall() and
                  embedded(half).execute("SELECT 1 FROM copy_progress").fetchall(), "it has begun")
        shutil.copy(good + ".key", half + ".key")
        for words, settings in ((("copy", "--from", half, "--to", folder + "/copied"), {}), (("restore", half), {"data": folder + "/embedded"}),
                                (("restore", half), {"data": folder + "/shared", "database": postgresql.cluster().url(name)})):
            check("begun and not finished" in command(*words, status=1, **settings), f"{words}")
        command("copy", "--from", good, "--to", half)
        same(rows_of(embedded(half)), rows_of(embedded(good)), "finished, all of it is there")
        postgresql.cluster().drop(name)


def test_without_the_exclusion_constraint():
    """Into an engine that has none."""
    with backed_up() as (folder, good):
        for words in (("copy", "--from", good, "--to"), ("restore", good)):
            for exclusion in ("off", "on"):
                name = postgresql.cluster().make()
                url = postgresql.cluster().url(name)
                command(*words, *[url] * (words[0] == "copy"), exclusion=exclusion, data=f"{folder}/{name}", database=url)
                same(postgresql.Database(name).execute("SELECT COUNT(*) FROM pg_constraint WHERE contype = 'x'").fetchone()[0],
                     int(exclusion == "on"), f"{words[0]}: constraints, exclusion {exclusion}")
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


run(globals())
