"""What the fault tests share: a fast bare client, a host to book, and the checker that runs after every scenario."""

import calendar
import collections
import contextlib
import hashlib
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import uuid

from noonmark import ALWAYS, POSTGRESQL, ROOT, SCOPES, WAIT_SECONDS, Client, Failed, Server, argument, check, must, until

BASE = 1772582400  # 2026-03-04T00:00:00Z, a day and a half after the frozen clock
HALF_HOUR, HOUR = 1800, 3600
CYCLES_EACH = 10
PATIENCE = WAIT_SECONDS  # until what must happen has


def instant(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def comes(happens):
    """Whether it happens, waited for."""
    try:
        return bool(until(happens, ""))
    except Failed:
        return False


def wait_unchanged(ask, seconds=2):
    """Until it has given the same for so long."""
    had, since = ask(), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.05)
        now = ask()
        if now != had:
            had, since = now, time.monotonic()


def in_pieces(cycles, run):
    """A database of its own for every so many cycles, as the checker reads all of it each time.  run(begin, cycles) tells how
    many bookings there were, and the longest that something took; so does this, of all."""
    done, booked, slowest = 0, 0, 0
    while done < cycles:
        some = min(CYCLES_EACH, cycles - done)
        number, seconds = run(done, some)
        done, booked, slowest = done + some, booked + number, max(slowest, seconds)
    return booked, slowest


def seed_of():
    """--seed N, or one of the clock's; printed, so that a run can be repeated."""
    seed = argument("seed", int(time.time()))
    print(f"seed {seed}", flush=True)
    return seed


def preload(name):
    """The path of a library of tests/fault, for LD_PRELOAD."""
    path = os.path.join(ROOT, os.environ.get("O", "build/gcc"), "tests/fault", f"preload_{name}.so")
    must(os.path.exists(path), f"{path} is not built")
    return path


class Reply:
    def __init__(self, status, body, closing, retry_after=False):
        self.status, self.body, self.closing, self.retry_after = status, body, closing, retry_after

    @property
    def json(self):
        return json.loads(self.body)


class Wire:
    """One keep-alive connection without ceremony.  send and read may be apart, so that many race."""

    def __init__(self, address, authorization=None, timeout=30):
        self.sock = socket.create_connection(address, timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.authorization, self.buffer = authorization, b""

    def request(self, method, path, body=None, headers=()):
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {len(data)}", *headers]
        if body is not None:
            lines.append("Content-Type: application/json")
        if self.authorization:
            lines.append(f"Authorization: {self.authorization}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + data

    def send(self, method, path, body=None, headers=()):
        self.sock.sendall(self.request(method, path, body, headers))

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionResetError("closed without an answer")
        self.buffer += data

    def read(self):
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(rest) < length:
            self.more()
            rest = self.buffer.partition(b"\r\n\r\n")[2]
        self.buffer = rest[length:]
        return Reply(int(head[9:12]), rest[:length], b"connection: close" in lines,
                     any(line.startswith(b"retry-after:") for line in lines))

    def call(self, method, path, body=None, headers=()):
        self.send(method, path, body, headers)
        return self.read()

    def close(self):
        self.sock.close()


class Target:
    """A host that is always open, with meetings of thirty minutes on a grid of fifteen.  quiet: from then on mails wait,
    so that the disk is the bookings' alone."""

    def __init__(self, server, name="target", quiet=False, **members):
        self.host = server.register(name)
        self.host.set_hours(ALWAYS)
        self.kind = self.host.make_event_type("race", **{"interval_minutes": 15, "minimum_notice_minutes": 0,
                                                         "horizon_days": None, **members})
        self.authorization = "Bearer " + self.host.key(SCOPES)
        if quiet:
            server.settings["smtp_url"] = "smtp://127.0.0.1:9"
            server.restart()

    def body(self, start, **members):
        return {"event_type_id": self.kind["id"], "start": instant(start), "duration_minutes": 30, "time_zone": "UTC",
                "invitee": {"name": "Racer", "email": "racer@example.org"}, **members}

    def client(self, server):
        return Client(server, self.authorization)


@contextlib.contextmanager
def small_disk(megabytes, owner=None):
    """A folder with so much room, whose files are gone in the end."""
    folder = tempfile.mkdtemp(prefix="noonmark-disk-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", folder], check=False,
                             capture_output=True)
    must(mounted.returncode == 0, f"cannot mount a tmpfs: {mounted.stderr}")
    if owner:
        shutil.chown(folder, owner)
    try:
        yield folder
    finally:
        until(lambda: subprocess.run(["umount", folder], check=False, capture_output=True).returncode == 0, "whoever used the disk is gone")
        os.rmdir(folder)


@contextlib.contextmanager
def side_by_side(server):
    """The processes that a race goes over: on PostgreSQL a second one on the same database, of the same settings."""
    if not POSTGRESQL:
        yield [server]
        return
    with Server(folder=server.folder, **{**server.settings, "rate_limits": server.settings["rate_limits"] == "on"}) as second:
        yield [server, second]


# ---- the checker

def check_database(server, acked=None, doubtful_starts=(), label="", doubtful_ids=(), plain=True):
    """After every scenario.  acked: {booking id: (status, start)} as clients were told; doubtful_starts: starts of
    creates that had no answer; doubtful_ids: bookings whose last change had none.  plain: nothing but booking, moving and
    cancelling was done, so that it is known how many mails and log entries there must be."""
    with contextlib.closing(server.database()) as database:
        problems = list(database_problems(database, acked or {}, set(doubtful_starts), set(doubtful_ids), acked is None, plain))
    for problem in problems[:10]:
        check(False, f"{label}: {problem}")
    check(not problems, f"{label}: {len(problems)} problems in the database")
    return not problems


def database_problems(database, acked, doubtful, doubtful_ids, any_booking, plain=True):
    rows = database.execute
    yield from embedded_problems(rows) if isinstance(database, sqlite3.Connection) else postgresql_problems(rows)
    yield from time_problems(rows)
    bookings = {str(uuid.UUID(bytes=raw)): (status, start, sequence)
                for raw, status, start, sequence in rows("SELECT id, status, starts_at, sequence FROM booking")}
    for ident, (status, start) in acked.items():
        if ident not in bookings:
            yield f"the acknowledged booking {ident} is lost"
        elif bookings[ident][:2] != (status, start) and ident not in doubtful_ids:
            yield f"the booking {ident} is {bookings[ident][:2]}, its client was told {(status, start)}"
    for ident, (status, start, _) in bookings.items():
        if not any_booking and ident not in acked and start not in doubtful:
            yield f"a booking at {instant(start)} that nobody was told of"
    yield from job_problems(rows, bookings, plain)
    yield from audit_problems(rows, bookings, plain)


def embedded_problems(rows):
    if rows("PRAGMA integrity_check").fetchall() != [("ok",)]:
        yield "integrity_check"
    if rows("PRAGMA foreign_key_check").fetchall():
        yield "foreign_key_check"


def postgresql_problems(rows):
    """Each table and each index, by PostgreSQL's own amcheck."""
    rows("CREATE EXTENSION IF NOT EXISTS amcheck")
    ours = "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relpersistence = 'p'"
    for table, wrong in rows(f"SELECT c.relname, v.msg FROM (SELECT c.oid, c.relname {ours} AND c.relkind = 'r') c, "
                             "LATERAL verify_heapam(c.oid) v"):
        yield f"the table {table}: {wrong}"
    rows(f"SELECT bt_index_check(c.oid, true) {ours} AND c.relkind = 'i' AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'btree')")


def time_problems(rows):
    """Who stands on which time."""
    last = {}
    for bookable, start, end in rows("SELECT bookable_id, starts_at, ends_at FROM reservation ORDER BY bookable_id, starts_at"):
        if last.get(bookable, 0) > start:
            yield f"reservations of one bookable overlap at {instant(start)}"
        last[bookable] = max(last.get(bookable, 0), end)
    standing = "b.status IN ('pending', 'confirmed', 'completed', 'no_show')"
    for what, query in (
            ("a living booking without its time", "booking b LEFT JOIN reservation r ON r.id = b.reservation_id"
             f" WHERE {standing} AND b.status <> 'pending' AND (r.id IS NULL OR r.starts_at <> b.starts_at OR r.ends_at <> b.ends_at)"),
            ("a request on another time than its own", "booking b JOIN reservation r ON r.id = b.reservation_id"
             " WHERE b.status = 'pending' AND (r.starts_at <> b.starts_at OR r.ends_at <> b.ends_at)"),
            ("a confirmed booking on borrowed time", "booking b JOIN reservation r ON r.id = b.reservation_id"
             " WHERE b.status = 'confirmed' AND r.expires_at IS NOT NULL"),
            ("an ended booking that stands on a time", f"booking b WHERE NOT {standing} AND b.reservation_id IS NOT NULL"),
            ("a reservation of nobody", "reservation r WHERE r.with_id IS NULL"
             " AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.reservation_id = r.id)"
             " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.reservation_id = r.id)"),
            ("a hold for a proposal that is gone", "hold h LEFT JOIN proposal p ON p.id = h.proposal_id"
             " WHERE h.proposal_id IS NOT NULL AND p.id IS NULL"),
            ("a proposal for a booking that has ended", "proposal p JOIN booking b ON b.id = p.booking_id"
             " WHERE b.status NOT IN ('pending', 'confirmed')"),
            ("more bookings than seats", "(SELECT r.id FROM reservation r JOIN booking b ON b.reservation_id = r.id"
             " GROUP BY r.id, r.seats HAVING COUNT(*) > r.seats) t")):
        (count,) = rows(f"SELECT COUNT(*) FROM {query}").fetchone()
        if count:
            yield f"{count} times {what}"


def job_problems(rows, bookings, plain):
    guests = collections.Counter(str(uuid.UUID(bytes=r[0])) for r in rows("SELECT booking_id FROM booking_guest"))
    found = collections.Counter()
    for (key,) in rows("SELECT dedupe_key FROM job WHERE kind = 'booking_mail' AND dedupe_key NOT LIKE '%:reminder%'"):
        _, ident, sequence, _ = key.split(":", 3)
        found[ident, int(sequence)] += 1
        if ident not in bookings or int(sequence) > bookings[ident][2]:
            yield f"a mail of what never happened: {key}"
    for ident, (_, _, sequence) in bookings.items():
        for step in range(sequence + 1):
            if found[ident, step] != 2 + guests[ident] if plain else not found[ident, step]:
                yield f"the booking {ident} has {found[ident, step]} mails of its change {step}, not {2 + guests[ident]}"


def audit_problems(rows, bookings, plain):
    chains, entries = {}, collections.Counter()
    for account, number, at, actor, origin, action, entity, before, after, before_hash, after_hash, stored in rows(
            "SELECT account_id, number, at, actor, origin, action, entity_id, before_text, after_text, before_hash, "
            "after_hash, hash FROM audit ORDER BY account_id, number"):
        count, last = chains.get(account, (0, bytes(32)))
        text = (last + str(uuid.UUID(bytes=account)).encode() + str(uuid.UUID(bytes=entity)).encode() +
                f"|{number}|{at}|{len(actor)}:{actor}|{len(origin)}:{origin}|{len(action)}:{action}|".encode() +
                before_hash + after_hash)
        if number != count + 1 or hashlib.sha256(text).digest() != stored:
            yield f"the audit chain breaks at {action} {number}"
        for content, digest in ((before, before_hash), (after, after_hash)):
            if content is not None and hashlib.sha256(content.encode()).digest() != digest:
                yield f"an audit text was changed: {action} {number}"
        chains[account] = (number, stored)
        if action.startswith("booking."):
            entries[str(uuid.UUID(bytes=entity))] += 1
    for ident, (_, _, sequence) in bookings.items():
        if entries[ident] != sequence + 1 if plain else entries[ident] < sequence + 1:
            yield f"the booking {ident} has {entries[ident]} audit entries, not {sequence + 1}"


# ---- load

class Load:
    """Bookers that make, move and cancel bookings until told to stop, and remember what they were told."""

    def __init__(self, server, target, bookers, seed, changes=True, first=0):
        self.server, self.target, self.changes = server, target, changes
        self.acked, self.doubtful, self.doubtful_ids, self.unexpected = {}, {}, set(), []
        self.lock, self.stopping = threading.Lock(), threading.Event()
        self.next = first
        self.threads = [threading.Thread(target=self.book, args=(random.Random(f"{seed}-{i}"),)) for i in range(bookers)]
        for thread in self.threads:
            thread.start()

    def take_start(self):
        with self.lock:
            self.next += 1
            return BASE + self.next * HALF_HOUR

    def book(self, chance):
        mine, wire = [], None
        while not self.stopping.is_set():
            try:
                wire = wire or Wire(self.server.address, self.target.authorization)
                if self.changes and mine and chance.random() < 0.3:
                    self.change(wire, chance, mine)
                else:
                    self.make(wire, mine)
            except OSError:
                wire = None
                time.sleep(0.005)

    def hear(self, reply):
        """Whether it was done; under the lock."""
        done = reply.status in (200, 201)
        if not done:
            self.unexpected.append((reply.status, reply.body[:300]))
        return done

    def make(self, wire, mine):
        start = self.take_start()
        key = f"key-{start}"
        with self.lock:
            self.doubtful[start] = key
        reply = wire.call("POST", "/v1/bookings", self.target.body(start), (f"Idempotency-Key: {key}",))
        with self.lock:
            done = self.hear(reply)
            if done or reply.status == 507:  # nothing was saved
                del self.doubtful[start]
            if done:
                self.acked[reply.json["id"]] = ("confirmed", start)
                mine.append(reply.json["id"])
        if not done:
            self.stopping.wait(0.3)

    def change(self, wire, chance, mine):
        """What is not known of one is asked in the end; nothing more is done to it."""
        ident = mine.pop(chance.randrange(len(mine)))
        cancel = chance.random() < 0.5
        start = None if cancel else self.take_start()
        with self.lock:
            self.doubtful_ids.add(ident)
        path, body = ("cancel", {}) if cancel else ("reschedule", {"start": instant(start)})
        reply = wire.call("POST", f"/v1/bookings/{ident}/{path}", body)
        with self.lock:
            done = self.hear(reply)
            if done or reply.status == 507:
                self.doubtful_ids.discard(ident)
            if done:
                self.acked[ident] = ("cancelled", self.acked[ident][1]) if cancel else ("confirmed", start)
        if done and not cancel:
            mine.append(ident)
        if not done:
            self.stopping.wait(0.3)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self

    def settle(self, label):
        """Ask again for what had no answer, with the same key: exactly one booking each."""
        client = self.target.client(self.server)
        for start, key in list(self.doubtful.items()):
            answer = client.post("/v1/bookings", self.target.body(start), headers={"Idempotency-Key": key})
            if check(answer.status == 201, f"{label}: asked again for {instant(start)}: {answer!r}"):
                self.acked[answer.json["id"]] = ("confirmed", start)
                del self.doubtful[start]
        for ident in list(self.doubtful_ids):
            seen = client.get(f"/v1/bookings/{ident}", status=200).json
            self.acked[ident] = (seen["status"], seconds_of(seen["start"]))
            self.doubtful_ids.discard(ident)
        client.close()


def account_for(server, load, everything, label):
    """After a fault: what `load` was told joins `everything` and is there; what it was not told is asked again."""
    known = len(everything)
    everything.update(load.acked)
    check_database(server, everything, load.doubtful, label, load.doubtful_ids)
    load.acked = everything
    load.settle(label)
    check_database(server, everything, label=label + ", asked again")
    check(len(everything) > known, f"{label}: nothing was booked")


class Patient(Load):
    """Bookers who take 503 for what it is: nothing was done, or it is not known."""

    def __init__(self, *words, **more):
        self.told, self.last_good, self.without_time = collections.Counter(), 0, 0
        super().__init__(*words, **more)

    def hear(self, reply):
        self.told[reply.status] += 1
        self.without_time += reply.status == 503 and not reply.retry_after
        if reply.status == 503 or not super().hear(reply):
            return False
        self.last_good = time.monotonic()
        return True


class Booker(threading.Thread):
    """Books one time after the other, each until it is told yes or no: by the same Idempotency-Key, from whichever server
    answers.  Two of the same number are after the same times."""

    def __init__(self, servers, target, number, step, timeout=5):
        super().__init__(daemon=True)  # a test that fails ends without it
        self.servers, self.target, self.next, self.step, self.timeout = servers, target, number, step, timeout
        self.acked, self.refused, self.moments, self.unexpected = {}, set(), [], []
        self.unanswered = []  # (server, when it was sent, bytes that came)
        self.told_503 = 0
        self.stopping = self.leaving = False  # leaving: to the other server, before the next time
        self.wire, self.turn, self.server = None, number, None
        self.start()

    def run(self):
        while not self.stopping:
            start = BASE + self.next * HALF_HOUR
            self.next += self.step
            if self.leaving:
                self.wire, self.leaving = None, False
            while not self.try_to_book(start):
                time.sleep(0.05)

    def try_to_book(self, start):
        sent = None  # by the kernel: what is sent after the server was told to end is not accepted any more
        try:
            if not self.wire:
                self.turn += 1
                self.server = self.servers[self.turn % len(self.servers)]
                self.wire = Wire(self.server.address, self.target.authorization, timeout=self.timeout)
            self.wire.send("POST", "/v1/bookings", self.target.body(start), (f"Idempotency-Key: {self.name}-{start}",))
            sent = time.monotonic()
            reply = self.wire.read()
        except OSError:
            if sent:
                self.unanswered.append((self.server, sent, len(self.wire.buffer)))
            self.wire = None
            return False
        if reply.closing:
            self.wire = None
        if reply.status == 201:
            self.acked[reply.json["id"]] = ("confirmed", start)
            self.moments.append(time.monotonic())
        elif reply.status == 409 and b'"slot_taken"' in reply.body:
            self.refused.add(start)
        elif reply.status == 503:
            self.told_503 += 1
            self.wire = None
            return False
        else:
            self.unexpected.append((reply.status, reply.body[:300]))
        return True


def seconds_of(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
