#!/usr/bin/python3
"""The connection to PostgreSQL cut, or held, at every place of what a request says and hears there: at the end of each
message of the protocol, and inside.  Who asks again with the same Idempotency-Key has booked once, what is read is right
or 503, and the mails come.  On a cluster of its own, behind tests/wire_proxy.py.

    fault_wire.py [--ends 70] [--inside 25] [--storm 2] [--seed N] [TEST...]

--ends, --inside: how many ends of messages and places inside are chosen by the seed; 0: all.  --storm: seconds.
"""
import collections
import contextlib
import os
import random
import threading
import time

os.environ["NOONMARK_TEST_DATABASE"] = "postgresql"
os.environ.pop("NOONMARK_TEST_CLUSTER", None)

import postgresql
from faults import BASE, HALF_HOUR, PATIENCE, Patient, Target, Wire, check_database, comes, instant, seconds_of, seed_of, wait_unchanged
from noonmark import Failed, Server, argument, check, must, run, same
from wire_proxy import BACK, FRONT, STARTUP, Place, Proxy

SEED = seed_of()
SETUP = "pg_backend_pid", "set_config"  # what a new connection says before it is used
WHO, WRITE = "FROM api_key", "FROM bookable WHERE id = $1 FOR NO KEY"  # what the two transactions of a booking by an API key begin with
SLOTS, KNOWN, PAGE = "SELECT e.id AS event_type_id", "AS bookable_version", "username"  # slots, again, and a page for strangers
TAKE, READ, DONE = "SELECT id, kind, tries", "FROM booking_guest", "UPDATE job"             # the three of a job
ROW = "D"  # the message of a row
CLOSING = contextlib.ExitStack()  # what ends with the tests


class Bench:
    """A server behind a proxy, a host, and what clients were told."""

    def __init__(self, server, proxy):
        self.server, self.proxy = server, proxy
        self.target, self.other = Target(server), Target(server, "other")
        self.wire = Wire(server.address, self.target.authorization)
        self.acked, self.next, self.statuses = {}, 0, collections.Counter()

    def start(self):
        self.next += 1
        return BASE + self.next * HALF_HOUR

    def ask(self, wire, label, *words):
        try:
            return wire.call(*words)
        except OSError as e:
            raise Failed(f"{label}: {e!r}, {self.server.state()}") from e

    def book(self, label, start=None, wire=None, target=None, heard=None):
        """Asks until the answer is final, with one key: the booking's id.  Nothing is cut any more once it was 503, but by
        others when what they `heard` is to be known."""
        own = heard is None
        start, wire, target, heard = start or self.start(), wire or self.wire, target or self.target, [] if own else heard
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            reply = self.ask(wire, label, "POST", "/v1/bookings", target.body(start), (f"Idempotency-Key: key-{start}",))
            self.statuses[reply.status] += 1
            heard.append(reply.status)
            if reply.status == 201:
                found = reply.json
                same((seconds_of(found["start"]), found["status"]), (start, "confirmed"), f"{label}: what is told of it")
                must(self.acked.setdefault(found["id"], ("confirmed", start))[1] == start, f"{label}: another's booking is told")
                return found["id"]
            must(reply.status == 503 and reply.retry_after, f"{label}: {reply.status}, {reply.body[:300]}")
            if own:
                self.proxy.calm()
            time.sleep(0.005)
        must(False, f"{label}: no final answer within {PATIENCE} s")
        return None

    def calm(self):
        """Nothing is cut any more, and the server knows: when it could not connect, it refuses for a moment."""
        self.proxy.calm()
        self.wire = Wire(self.server.address, self.target.authorization)  # the last one may have been idle for too long
        check(comes(lambda: self.wire.call("GET", "/v1/bookings?limit=1").status == 200), "it serves when nothing is cut")

    def attempts(self, place):
        """The place armed, some times: another transaction may say a connection's first words."""
        for _ in range(6):
            yield self.proxy.arm(place)
            if place.reached.is_set():
                return
            self.calm()
            self.proxy.cut_all()

    def recovered(self, label):
        """Nothing is cut any more: the pool serves at once, and its connections are as many as it may have."""
        self.calm()
        self.book(label)
        for _ in range(12):
            reply = self.wire.call("POST", "/v1/bookings", self.target.body(self.start()))
            must(reply.status == 201, f"{label}: afterwards {reply.status}, {reply.body[:200]}")
            self.acked[reply.json["id"]] = ("confirmed", BASE + self.next * HALF_HOUR)
        same(self.server.process.poll(), None, f"{label}: the server runs")
        check(comes(lambda: len(self.proxy.links) <= 4), f"{label}: {len(self.proxy.links)} connections of at most 4")


def bench(opened=[]):
    """The one of all tests here."""
    if not opened:
        proxy = Proxy(postgresql.cluster())
        name = postgresql.cluster().make()
        server = CLOSING.enter_context(Server(database=proxy.url(name), database_connections=4))
        server.database_name = name
        opened.append(Bench(server, proxy))
    opened[0].statuses.clear()
    opened[0].wire = Wire(opened[0].server.address, opened[0].target.authorization)
    return opened[0]


def exchanges_of(proxy, families, call, choose=max):
    """What a call exchanges by a connection that is new: {family: [(direction, type, bytes)]}; of several,
    the longest, or what `choose` takes."""
    found = {}
    for _ in range(20):
        proxy.cut_all()
        with proxy.watch() as seen:
            call()
            wait_unchanged(lambda: len(proxy.exchanges), 0.2)
        for exchange in seen:
            for family in families:
                if exchange.family and family in exchange.family:
                    found[family] = choose(exchange.messages, found.get(family, exchange.messages), key=len)
        if len(found) == len(families):
            return found
    raise AssertionError(f"no exchange of {[f for f in families if f not in found]}")


def some(chance, of, n):
    return chance.sample(of, min(n, len(of))) if n else of


def places_of(found, chance, ends, inside):
    """The ends of messages and places inside that are wanted, of several exchanges."""
    at_ends, within = [], []
    for family, messages in found.items():
        for direction in (FRONT, BACK):
            lengths = [length for way, _, length in messages if way == direction]
            at_ends.extend((family, direction, n, 0) for n in range(len(lengths) + 1))
            within.extend((family, direction, n, extra) for n, length in enumerate(lengths) for extra in range(1, length))
    places = [Place(*words, reset=chance.random() < 0.3) for words in some(chance, at_ends, ends) + some(chance, within, inside)]
    chance.shuffle(places)
    return places


TAKEN = 3  # seconds until a job of a booking is taken, at the longest


def each(b, places, act):
    """Every place while `act` is done: how many were reached."""
    reached, began = 0, time.monotonic()
    for place in places:
        label = f"seed {SEED}, {place!r}"
        for _ in b.attempts(place):
            act(label)
        reached += place.reached.is_set()
        must(b.server.process.poll() is None, f"{label}: {b.server.state()}")
    b.calm()
    print(f"{len(places)} places, {reached} reached, in {time.monotonic() - began:.1f} s: {dict(b.statuses)}", flush=True)
    check(reached > 0.75 * len(places), f"{reached} of {len(places)} places were reached")
    return reached


# ---- one place after the other

def test_a_booking_cut_anywhere():
    chance = random.Random(SEED)
    b = bench()
    found = exchanges_of(b.proxy, (STARTUP, *SETUP, WHO, WRITE), lambda: b.book("as a rule"))
    each(b, places_of(found, chance, argument("ends", 70), argument("inside", 25)), b.book)
    b.recovered("cut anywhere")
    check_database(b.server, b.acked, label=f"cut anywhere, seed {SEED}")


def test_cut_again_and_again():
    """More often than the server tries: it says so."""
    chance = random.Random(SEED)
    b = bench()
    for family in (STARTUP, *SETUP, WHO, WRITE):
        for direction in (FRONT, BACK):
            b.book("between")
            start = b.start()
            place = Place(family, direction, chance.randrange(1, 3), reset=chance.random() < 0.3, times=100)
            for _ in b.attempts(place):
                b.proxy.cut_all()
                reply = b.ask(b.wire, repr(place), "POST", "/v1/bookings", b.target.body(start), (f"Idempotency-Key: key-{start}",))
            check(place.reached.is_set() and reply.status == 503 and reply.retry_after, f"{place!r}: {reply.status}, {reply.body[:200]}")
            b.proxy.calm()
            b.book(f"{place!r}, then calm", start)
    b.recovered("again and again")
    check_database(b.server, b.acked, label=f"again and again, seed {SEED}")


def there(b, start):
    with contextlib.closing(b.server.database()) as database:
        return database.execute("SELECT COUNT(*) FROM booking WHERE starts_at = ?", (start,)).fetchone()[0]


def test_the_commit_itself():
    """Lost on its way to PostgreSQL, nothing is there; lost on the way back, the booking is, and it is what the repeat is told of."""
    b = bench()
    for n in range(16):
        direction = (FRONT, BACK)[n % 2]
        b.book("between")
        start = b.start()
        place = b.proxy.arm(Place(WRITE, direction, text="COMMIT", reset=n % 4 > 1))
        first = b.wire.call("POST", "/v1/bookings", b.target.body(start), (f"Idempotency-Key: key-{start}",))
        check(place.reached.is_set() and first.status == 503 and first.retry_after, f"{place!r}: {first.status} {first.body[:200]}")
        same(there(b, start), n % 2, f"{place!r}: bookings then")
        b.book(f"{place!r}, asked again", start)
        same(there(b, start), 1, f"{place!r}: bookings in the end")
    b.recovered("the commit")
    check_database(b.server, b.acked, label="the commit")


class Held:
    """A booking by one who waits while the bytes are held; and by one who asks the same again meanwhile."""

    def __init__(self, b, place, target, again=False):
        self.b, self.place, self.target, self.start = b, b.proxy.arm(place), target, b.start()
        self.heard, self.ids = [], []
        self.threads = [threading.Thread(target=self.book) for _ in range(1 + again)]
        self.threads[0].start()
        check(place.reached.wait(PATIENCE), f"{place!r} is reached")
        for thread in self.threads[1:]:
            thread.start()

    def book(self):
        wire = Wire(self.b.server.address, self.target.authorization)
        self.ids.append(self.b.book(repr(self.place), self.start, wire, self.target, self.heard))

    def end(self, statuses):
        for thread in self.threads:
            thread.join()
        same((self.heard, len(self.ids), len(set(self.ids))), (statuses, len(self.threads), 1), f"{self.place!r}: statuses, answers, bookings")


def test_held_bytes():
    """Longer than whoever asks waits, and longer than PostgreSQL lets a transaction pause."""
    b = bench()
    longest = Held(b, Place(WRITE, FRONT, text="INSERT INTO job", hold=6), b.other)  # the first after an answer was waited for
    for place in (Place(WRITE, FRONT, text="COMMIT", hold=0.7), Place(WRITE, BACK, text="COMMIT", hold=0.7)):
        Held(b, place, b.target, again=True).end([201, 201])
    Held(b, Place(WHO, BACK, text="SELECT", hold=0.7), b.target).end([201])
    longest.end([503, 201])
    b.recovered("held")
    check_database(b.server, b.acked, label="held")


# ---- reading

def test_reading_cut_anywhere():
    """What is shown is right, or 503."""
    chance = random.Random(SEED)
    b = bench()
    b.book("one is taken")
    days, stranger, asked = iter(range(1, 100000)), Wire(b.server.address), []

    def slots():
        """Of another day each time, so that no cache knows it."""
        day = instant(BASE + 86400 * (200 + next(days)))[:10]
        return stranger, f"/v1/event-types/{b.target.kind['id']}/slots?from={day}&to={day}&time_zone=UTC"

    def slots_anew():
        """After a booking on another day nothing is known at all."""
        b.book("versions rise")
        b.proxy.cut_all()  # so that it has prepared nothing for what follows
        return slots()

    def page():
        return stranger, "/target/race"

    def listed():
        return b.wire, "/v1/bookings?limit=3"

    def read(of):
        wire, path = of()
        reply = wire.call("GET", path)
        b.statuses[reply.status] += 1
        return wire, path, reply

    def judged(of, label):
        wire, path, reply = read(of)
        check(reply.status == 200 or reply.status == 503 and reply.retry_after, f"{label}: {path}: {reply.status} {reply.body[:200]}")
        if reply.status == 200:
            asked.append((wire is stranger, path, reply.body, label))

    for family, of in ((SLOTS, slots_anew), (KNOWN, slots), (PAGE, page), (WHO, listed)):
        found = exchanges_of(b.proxy, (family,), lambda of=of: read(of))
        each(b, places_of(found, chance, argument("ends", 70) // 4, argument("inside", 25) // 4),
             lambda label, of=of: judged(of, label))
    calm = {True: Wire(b.server.address), False: b.wire}
    for as_stranger, path, body, label in asked:
        same(calm[as_stranger].call("GET", path).body == body, True, f"{label}: {path} is the same when nothing is cut")
    check(asked, "some were answered")
    b.recovered("reading")


# ---- jobs

def waiting(b):
    with contextlib.closing(b.server.database()) as database:
        return database.execute("SELECT COUNT(*) FROM job WHERE state <> 'done' AND kind = 'booking_mail' "
                                "AND dedupe_key NOT LIKE '%:reminder%'").fetchone()[0]


def finish_mails(b, label):
    """The clock goes on past the leases until every mail is done: how many files there are of each message.  It stands while
    any is sent, whose lease must not end."""
    until, minute = time.monotonic() + 2 * PATIENCE, 0
    while waiting(b) and time.monotonic() < until:
        minute += 2
        b.server.clock(instant(BASE - 128000 + 60 * minute), settled=False)
        wait_unchanged(lambda: waiting(b))
    same(waiting(b), 0, f"{label}: mails that are not done")
    return collections.Counter(os.path.basename(p).partition("-booked.")[2] for p in b.server.mail_paths() if "-booked." in p)


def test_jobs_cut_anywhere():
    """Every mail is sent, and twice only what was not recorded."""
    chance = random.Random(SEED)
    b = bench()
    found = exchanges_of(b.proxy, (TAKE, READ, DONE), lambda: b.book("as a rule"), min)  # the longer ones do more than that

    def act(label):
        b.book(label)
        if b.proxy.places:
            b.proxy.places[0].reached.wait(TAKEN)

    each(b, places_of(found, chance, argument("ends", 70) // 3, argument("inside", 25) // 3), act)
    b.recovered("jobs")
    sent = finish_mails(b, f"seed {SEED}")
    same(len(sent), 2 * len(b.acked), f"seed {SEED}: messages of {len(b.acked)} bookings")
    print(f"{len(sent)} messages, {sum(sent.values()) - len(sent)} of them twice", flush=True)
    check(max(sent.values()) <= 2, f"seed {SEED}: {sent.most_common(2)}")
    check_database(b.server, b.acked, label=f"jobs, seed {SEED}")


# ---- all at once

def test_a_storm():
    """Connections break at any moment, under load of every kind."""
    chance = random.Random(SEED)
    b = bench()
    stranger = Wire(b.server.address)
    path = f"/v1/event-types/{b.other.kind['id']}/slots?from=2026-03-03&to=2026-03-10&time_zone=UTC"
    right = stranger.call("GET", path).body
    load = Patient(b.server, b.target, 4, SEED, first=b.next)
    until, cuts, seen = time.monotonic() + argument("storm", 2), 0, collections.Counter()
    while time.monotonic() < until or not load.acked and time.monotonic() < until + PATIENCE:
        time.sleep(chance.uniform(0, 0.03))
        links = list(b.proxy.links)
        if links:
            chance.choice(links).end(chance.random() < 0.5)
            cuts += 1
        reply = stranger.call("GET", path)
        seen[reply.status] += 1
        check(reply.body == right if reply.status == 200 else reply.status == 503 and reply.retry_after, f"slots: {reply.status} {reply.body[:200]}")
    load.stop()
    print(f"{cuts} connections cut; writes {dict(load.told)}, slots {dict(seen)}", flush=True)
    same((load.unexpected, load.without_time), ([], 0), f"seed {SEED}: answers")
    check(load.acked, "some were booked")
    load.settle(f"storm, seed {SEED}")
    b.acked.update(load.acked)
    b.next = load.next
    b.recovered("storm")
    finish_mails(b, f"storm, seed {SEED}")
    check_database(b.server, b.acked, label=f"storm, seed {SEED}")


# ---- what stands before PostgreSQL is broken

def test_answers_without_rows():
    """Whatever is told then, the server goes on."""
    b = bench()
    found = exchanges_of(b.proxy, (*SETUP, WHO, WRITE), lambda: b.book("as a rule"))
    told = collections.Counter()
    for family, messages in found.items():
        kinds = [kind for way, kind, _ in messages if way == BACK]
        firsts = [n for n, kind in enumerate(kinds) if kind == ROW and kinds[n - 1] != ROW]  # of each answer
        for row in (kinds[:n].count(ROW) for n in firsts):
            place = Place(family, BACK, row, loses=ROW)
            for _ in b.attempts(place):
                b.proxy.cut_all()
                told[b.ask(b.wire, repr(place), "POST", "/v1/bookings", b.target.body(b.start())).status] += 1
            check(place.reached.is_set(), f"{place!r} is reached")
    print(f"answers without rows: {dict(told)}", flush=True)
    b.recovered("answers without rows")


with CLOSING:
    run(globals())
