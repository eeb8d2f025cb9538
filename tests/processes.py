#!/usr/bin/python3
"""Several processes on one PostgreSQL: what one does the others see, one winner for each slot, work taken over from who
died or slept, and a database that goes away and comes back.  On a cluster of its own, as it is restarted.

    processes.py [--seed N] [TEST...]
"""
import collections
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

os.environ["NOONMARK_TEST_DATABASE"] = "postgresql"
os.environ.pop("NOONMARK_TEST_CLUSTER", None)

import postgresql
from faults import BASE, HALF_HOUR, PATIENCE, Patient, Target, Wire, check_database, comes, instant, seed_of
from noonmark import PASSWORD, ROOT, Server, booking_body, check, must, run, same, until
from ports import free_port

SEED = seed_of()
TEN = "2026-03-03T10:00:00Z"
WAITS = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@contextlib.contextmanager
def pair(**settings):
    """Two processes with one database and one key."""
    with Server(**settings) as one, Server(folder=one.folder, **settings) as two:
        yield one, two


def count(server, sql):
    with contextlib.closing(server.database()) as database:
        return database.execute(sql).fetchone()[0]


def offers(slots, start):
    return start in [s[:19] + "Z" for s in slots]


def race(servers, target, slots, bookers, first=0):
    """Every slot by as many bookers at once, over all servers: {start: how many were told that it is theirs}."""
    wires = [Wire(servers[i % len(servers)].address, target.authorization) for i in range(bookers)]
    won, seen = {}, {}
    for n in range(first, first + slots):
        start = BASE + n * HALF_HOUR
        for wire in wires:
            wire.send("POST", "/v1/bookings", target.body(start))
        statuses = [wire.read().status for wire in wires]
        won[start] = statuses.count(201)
        for status in statuses:
            seen[status] = seen.get(status, 0) + 1
    for wire in wires:
        wire.close()
    return won, seen


# ---- one process

def test_units():
    """The unit programs that need a server, as there is one here: every statement prepares, values and errors."""
    for program in ("test_statements_postgresql", "test_postgresql"):
        path = os.path.join(ROOT, os.environ.get("O", "build/gcc"), "tests/unit", program)
        url = postgresql.cluster().url(postgresql.cluster().make())
        done = subprocess.run([path], env={**os.environ, "NOONMARK_TEST_POSTGRESQL": url}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        check(done.returncode == 0 and "SKIPPED" not in done.stdout, done.stdout[-2000:])


# ---- one truth for all

def test_one_winner_over_two_processes():
    with pair() as (one, two):
        target = Target(one)
        won, seen = race((one, two), target, 40, 8)
        same(set(won.values()), {1}, f"winners of each slot, seed {SEED}")
        same(set(seen), {201, 409}, f"statuses {seen}")
        check_database(one, label="race over two")


def test_what_one_does_the_other_sees():
    with pair() as (one, two):
        host = one.register("both")
        other = two.client(host.authorization)
        kind = host.make_event_type("talk", minimum_notice_minutes=0)
        before = two.slots(kind)
        check(offers(before, TEN), f"offered: {before[:3]}")
        same(two.slots(kind), before, "offered again")
        one.client(host.authorization).post("/v1/bookings", booking_body(kind, TEN), status=201)
        check(not offers(two.slots(kind), TEN), "a slot taken by one is not offered by the other")
        other.patch(f"/v1/event-types/{kind['id']}", {"active": False}, status=200)
        one.client().get(f"/v1/event-types/{kind['id']}/slots?from=2026-03-03&to=2026-03-03&time_zone=UTC", status=404)
        other.delete("/v1/sessions/current", status=204)
        host.get("/v1/me", status=401)


def test_a_repeat_at_the_other_process():
    with pair() as (one, two):
        host = one.register("repeats")
        kind = host.make_event_type("talk", minimum_notice_minutes=0)
        wires = [Wire(server.address, host.authorization) for server in (one, two) * 4]
        for n in range(6):
            body = booking_body(kind, f"2026-03-03T{10 + n // 2:02d}:{30 * (n % 2):02d}:00Z")
            for wire in wires:
                wire.send("POST", "/v1/bookings", body, (f"Idempotency-Key: k{n}",))
            replies = [wire.read() for wire in wires]
            same({r.status for r in replies}, {201}, "each is told that it is booked")
            same(len({r.json["id"] for r in replies}), 1, "of one booking")
        same(count(one, "SELECT COUNT(*) FROM booking"), 6, "bookings")


def test_limits_of_log_ins_hold_over_both():
    with pair(rate_limits=True) as (one, two):
        statuses = []
        for n in range(24):
            client = (one, two)[n % 2].client()
            answer = client.post("/v1/sessions", {"email": "nobody@example.org", "password": PASSWORD})
            statuses.append(answer.status)
            client.close()
        same((statuses.count(401), statuses.count(429)), (20, 4), "log-ins tried over both")
        same(set(statuses[20:]), {429}, "the last ones")


def test_limits_of_calls_hold_over_both():
    """120 writes a minute from one address, whichever process they reach: each hears of the other's within seconds."""
    with pair(rate_limits=True) as (one, two):
        taken, refused, clients = 0, 0, (one.client(), two.client())
        while refused < 2 and taken < 2 * 120:
            refused = 0
            for client in clients:
                status = client.post("/v1/holds", {}).status
                refused += status == 429
                taken += status != 429
            if taken >= 120:  # what was taken is told before the next is asked for
                check(comes(lambda: count(one, f"SELECT COUNT(*) FROM rate WHERE owed_us = {taken} * 500000")), f"{taken} writes are told of")
        check(120 <= taken < 150, f"{taken} writes were let through")


@contextlib.contextmanager
def folders(n):
    """Data folders of their own that hold the same key."""
    with tempfile.TemporaryDirectory() as top, Server() as server:
        for i in range(n):
            os.makedirs(f"{top}/{i}", 0o700)
            shutil.copy2(f"{server.folder}/master.key", f"{top}/{i}/master.key")
        yield [f"{top}/{i}" for i in range(n)]


def test_some_that_start_at_once():
    name = postgresql.cluster().make()
    url = postgresql.cluster().url(name)
    with contextlib.ExitStack() as stack:
        servers = [Server(database=url, folder=folder) for folder in stack.enter_context(folders(3))]
        threads = [threading.Thread(target=stack.enter_context, args=(server,)) for server in servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for server in servers:
            same(server.client().get("/readyz", judge=False).status, 200, "it is ready")
        rows = postgresql.Database(name).execute("SELECT number, COUNT(*) FROM migration GROUP BY number").fetchall()
        check(rows and all(n == 1 for _, n in rows), f"migrations: {rows}")


def test_a_newer_database_is_refused():
    with Server() as server:
        server.stop()
        postgresql.cluster().execute("INSERT INTO migration VALUES (9999, '9999_later', 'x', 0)", server.database_name)
        try:
            server.start()
            check(False, "it started")
        except AssertionError as e:
            check("newer than this program" in str(e), f"why it did not start: {e}")


# ---- the guard's two halves

def overlapping(server):
    """A row as only a broken program would write it."""
    row = postgresql.Database(server.database_name).execute(
        "SELECT bookable_id, event_type_id, starts_at FROM reservation").fetchone()
    postgresql.Database(server.database_name).execute(
        "INSERT INTO reservation (id, bookable_id, event_type_id, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, seats) "
        "VALUES (?, ?, ?, ?, ?, 0, 0, 1) RETURNING id", (os.urandom(16), row[0], row[1], row[2] + 60, row[2] + 120))


def test_raw_overlap_is_refused():
    with Server() as server:
        target = Target(server)
        target.client(server).post("/v1/bookings", target.body(BASE), status=201)
        try:
            overlapping(server)
            check(False, "the database took an overlap")
        except postgresql.psycopg2.errors.ExclusionViolation as e:
            check("reservation_overlap" in str(e), f"by its constraint: {e}")


def test_without_the_constraint_one_winner_still():
    with pair(exclusion="off") as (one, two):
        target = Target(one)
        won, seen = race((one, two), target, 40, 8)
        same(set(won.values()), {1}, f"winners of each slot, seed {SEED}")
        check_database(one, label="without the constraint")
        overlapping(one)  # nothing but the guard was there


# ---- jobs

class Silent:
    """An SMTP server that says hello, and then not a word more."""

    def __init__(self):
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.taken, self.connections = threading.Event(), []
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.sock.getsockname()[1]}?tls=none&timeout=50"

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                self.connections.append(self.sock.accept()[0])
                self.connections[-1].sendall(b"220 silent\r\n")
                self.connections[-1].recv(1000)
                self.connections[-1].sendall(b"250 silent\r\n")
                self.taken.set()

    def close(self):
        self.sock.close()
        for connection in self.connections:
            connection.close()


def test_reminders_of_both():
    """Both plan and send them: everybody is reminded once."""
    with pair() as (one, two):
        target = Target(one, seats=20, reminders=[60])
        client = target.client(two)
        for n in range(20):
            client.post("/v1/bookings", target.body(BASE, invitee={"name": "Ivy", "email": f"ivy{n}@example.org"}), status=201)
        one.settle()
        for server in (one, two):
            server.clock(instant(BASE - 3600), settled=False)  # there was nothing to do, for either
        one.settle()
        reminded = collections.Counter(str(m["To"]) for m in one.mails("ivy") if "reminder-60" in str(m["Message-ID"]))
        same((len(reminded), set(reminded.values())), (20, {1}), "who was reminded, and how often")
        check_database(one, label="reminders of both")


def jobs(server):
    """{id: (state, tries)}"""
    with contextlib.closing(server.database()) as database:
        return {ident: (state, tries) for ident, state, tries in database.execute("SELECT id, state, tries FROM job")}


def state_of(server, before):
    """The one job that was not there before."""
    (found,) = (it for ident, it in jobs(server).items() if ident not in before)
    return found


def test_leases_of_the_dead_and_of_sleepers():
    silent = Silent()
    with Server(clock=None) as good:
        host = good.register("sleeper")
        good.stop()
        had, before = len(good.mails(host.account["email"])), jobs(good)
        with Server(clock=None, folder=good.folder, smtp_url=silent.url) as stuck:
            stuck.client().post("/v1/sessions/otp", {"email": host.account["email"]}, status=202)
            must(silent.taken.wait(PATIENCE), "the mail was begun")
            good.start()
            time.sleep(12)
            same(state_of(good, before), ("waiting", 1), "a lease is renewed while the job runs")
            os.kill(stuck.process.pid, signal.SIGSTOP)
            began = time.monotonic()
            good.wait_mails(host.account["email"], had + 1)
            check(time.monotonic() - began < 40, f"taken over after {time.monotonic() - began:.1f} s")
            until(lambda: state_of(good, before) == ("done", 2), "done by the other")
            silent.close()
            os.kill(stuck.process.pid, signal.SIGCONT)
            until(lambda: "job_lease_lost" in stuck.log(), "the sleeper finds its lease gone")
            same(state_of(good, before), ("done", 2), "and writes nothing")


# ---- connections

def test_connections_that_are_ended():
    with Server() as server:
        target = Target(server)
        client = target.client(server)
        client.post("/v1/bookings", target.body(BASE), status=201)
        for n in range(1, 6):
            postgresql.Database("postgres").execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = ?",
                                                    (server.database_name,))
            client.post("/v1/bookings", target.body(BASE + n * HALF_HOUR), status=201)
        same(count(server, "SELECT COUNT(*) FROM booking"), 6, "bookings")


def waits_for_a_lock(server):
    target = Target(server)
    holder = postgresql.cluster().connect(server.database_name)
    holder.autocommit = False
    holder.cursor().execute("SELECT id FROM bookable FOR UPDATE")
    began = time.monotonic()
    answer = target.client(server).post("/v1/bookings", target.body(BASE), status=503)
    check(3 < time.monotonic() - began, f"after {time.monotonic() - began:.1f} s")
    check("Retry-After".lower() in answer.headers, f"when to try again: {answer.headers}")
    check(server.client().get("/readyz", judge=False).status == 200, "others are served meanwhile")
    holder.close()
    target.client(server).post("/v1/bookings", target.body(BASE), status=201)


def test_who_waits_for_a_lock_is_told():
    with Server() as server:
        waits_for_a_lock(server)


def test_a_statement_that_takes_too_long():
    """It is ended, and who waits is told; others are served meanwhile, and nothing is left of it."""
    with Server() as server:
        target, name = Target(server), server.database_name
        for sql in ("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'",
                    "CREATE TRIGGER slow BEFORE INSERT ON booking FOR EACH ROW EXECUTE FUNCTION slow()"):
            postgresql.cluster().execute(sql, name)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(target.client(server).post("/v1/bookings", target.body(BASE))))
        thread.start()
        until(lambda: count(server, "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"),
              "it takes long")
        check(server.slots(target.kind, instant(BASE)[:10], instant(BASE)[:10]), "others are served meanwhile")
        thread.join()
        check(answers[0].status == 503 and "retry-after" in answers[0].headers, f"told when to try again: {answers[0]!r}")
        postgresql.cluster().execute("DROP TRIGGER slow ON booking", name)
        target.client(server).post("/v1/bookings", target.body(BASE), status=201)
        same(count(server, "SELECT COUNT(*) FROM booking"), 1, "bookings")


def test_a_row_put_there_by_hand():
    """Somebody inserts into the table itself, under no lock, and commits while a booking waits: it is seen at a second look."""
    with Server() as server:
        target = Target(server)
        target.client(server).post("/v1/bookings", target.body(BASE), status=201)
        holder = postgresql.cluster().connect(server.database_name)
        holder.autocommit = False
        cursor = holder.cursor()
        cursor.execute("INSERT INTO reservation (id, bookable_id, event_type_id, starts_at, ends_at, buffer_before_minutes, "
                       "buffer_after_minutes, seats) SELECT decode(repeat('01', 16), 'hex'), bookable_id, event_type_id, %s, %s, 0, 0, 1 FROM reservation",
                       (BASE + HALF_HOUR + 60, BASE + HALF_HOUR + 120))
        answers = []
        thread = threading.Thread(target=lambda: answers.append(target.client(server).post(
            "/v1/bookings", target.body(BASE + HALF_HOUR))))
        thread.start()
        until(lambda: count(server, WAITS), "the booking waits")
        holder.commit()
        thread.join()
        same(answers[0].code, "slot_taken", f"refused: {answers[0]!r}")
        check(answers[0].json["alternatives"], "with what is free")
        same(count(server, "SELECT COUNT(*) FROM booking"), 1, "bookings")


def test_a_deadlock_is_tried_again():
    """Somebody who takes locks in the other order: the server ends one of the two, and the booking goes through."""
    with Server() as server:
        target = Target(server)
        booking = target.client(server).post("/v1/bookings", target.body(BASE), status=201).json
        holder = postgresql.cluster().connect(server.database_name)
        holder.autocommit = False
        cursor = holder.cursor()
        cursor.execute("SET deadlock_timeout = '10s'")  # so that the other one is the one to be ended
        cursor.execute("SELECT id FROM booking FOR UPDATE")
        answers = []
        thread = threading.Thread(target=lambda: answers.append(target.client(server).post(
            f"/v1/bookings/{booking['id']}/cancel")))
        thread.start()
        until(lambda: count(server, WAITS), "it waits for the booking")
        cursor.execute("UPDATE bookable SET version = version")
        holder.commit()
        thread.join()
        same(answers[0].status, 200, f"cancelled: {answers[0]!r}")


def test_more_callers_than_connections():
    with Server(database_connections=2) as server:
        target = Target(server)
        won, seen = race((server,), target, 5, 40)
        same(set(won.values()), {1}, "winners")
        same(set(seen), {201, 409}, f"statuses {seen}")
        same(count(server, "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
                   "AND application_name = 'noonmark'") <= 2, True, "no more connections than it may")


def test_mails_while_requests_wait():
    """Requests go first, and mails go on."""
    with Server(database_connections=2) as server:
        target, stopping = Target(server), threading.Event()

        def ask(n):
            wire = Wire(server.address)
            while not stopping.is_set():
                wire.call("GET", f"/v1/event-types/{target.kind['id']}/slots?from=2026-03-{3 + n % 20:02}&to=2026-03-28&time_zone=UTC")
            wire.close()
        threads = [threading.Thread(target=ask, args=(n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        won, _ = race((server,), target, 10, 2)
        same(set(won.values()), {1}, "winners")
        server.wait_mails("racer@example.org", 10)
        stopping.set()
        for thread in threads:
            thread.join()


@contextlib.contextmanager
def bouncer(cluster):
    """pgbouncer in transaction mode with fewer connections than callers, set as docs/operate.md says."""
    port, folder = free_port(), os.path.join(cluster.folder, "bouncer")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "pgbouncer.ini")
    with open(path, "w", encoding="ascii") as f:
        f.write(f"[databases]\n* = host={cluster.folder} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n"
                f"auth_type = any\nunix_socket_dir =\npool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 100\n"
                f"server_reset_query = DISCARD ALL\nserver_login_retry = 1\nlogfile = {folder}/log\n")
    command = ["/usr/sbin/pgbouncer", path]
    if cluster.user:
        subprocess.run(["chown", "-R", cluster.user, folder], check=True)
        command = ["runuser", "-u", cluster.user, "--", *command]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def listens():
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                return True
        until(listens, "pgbouncer listens")
        yield port
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def pooled():
    cluster = postgresql.cluster()
    name = cluster.make()
    with bouncer(cluster) as port, Server(database=f"postgresql://postgres@127.0.0.1:{port}/{name}") as server:
        server.database_name = name
        yield server


def test_through_a_pooler():
    with pooled() as server:
        target, name = Target(server), server.database_name
        won, seen = race((server,), target, 20, 12)
        same(set(won.values()), {1}, f"winners, statuses {seen}")
        host = server.register("pooled")
        same(host.get("/v1/me", status=200).json["username"], "pooled", "reading")
        names = postgresql.Database(name).execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = ? AND application_name = "
                                                  "'noonmark'", (name,)).fetchone()[0]
        check(names <= 3, f"{names} connections behind the pooler")


def test_limits_behind_a_pooler():
    with pooled() as server:
        waits_for_a_lock(server)


def test_a_restart_behind_a_pooler():
    cluster = postgresql.cluster()
    with pooled() as server:
        target = Target(server)
        load = Patient(server, target, 4, SEED, changes=False)
        until(lambda: load.told[201] > 20, "bookings")
        cluster.stop("fast")
        until(lambda: load.told[503] > 20, "who asks is told that it is away")
        cluster.start()
        back = time.monotonic()
        until(lambda: load.last_good > back, "booking again")
        load.stop()
        same((load.unexpected, load.without_time), ([], 0), "answers")
        load.settle("after the restart")
        check_database(server, load.acked, load.doubtful, f"a restart behind a pooler, seed {SEED}")


# ---- the database goes and comes back

def test_a_restart_under_load():
    cluster = postgresql.cluster()
    with Server() as server:
        target = Target(server)
        pid = server.process.pid
        load = Patient(server, target, 4, SEED, changes=False)
        for how in ("immediate", "fast"):
            begun = time.monotonic()
            until(lambda: load.last_good > begun + 1, "bookings")
            cluster.stop(how)
            time.sleep(0.7)
            answer = target.client(server).get("/v1/event-types")
            check(answer.status == 503 and "retry-after" in answer.headers, f"while it is away: {answer!r}")
            same(server.client().get("/healthz", judge=False).status, 200, "the process lives")
            cluster.start()
            back = time.monotonic()
            until(lambda: load.last_good > back, f"{how}: booking again")
            check(load.last_good - back < 30, f"{how}: booking again after {load.last_good - back:.1f} s")
        load.stop()
        same(load.unexpected, [], "answers")
        check({201, 503} <= set(load.told), f"statuses {set(load.told)}")
        load.settle("after the restarts")
        check_database(server, load.acked, load.doubtful, f"restarts, seed {SEED}")
        same(server.process.pid, pid, "no restart of ours")
        same(server.process.poll(), None, "it runs")


run(globals())
