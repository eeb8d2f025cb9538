#!/usr/bin/python3
"""Every pair of what can be done to one booking or one slot: first one after the other, in both orders; then so that both
have looked before either writes, in both orders; then at once.  What comes of two at once must be what came of one of the
orders: the same answers, rows, holds and messages.  On PostgreSQL the two come to two servers of one database.

    tests/race_matrix.py [--rounds 3] [--seed N]
"""

import itertools
import random
import select
import sqlite3
import time
import uuid

import postgresql
from faults import HOUR, Target, Wire, check_database, instant, seed_of, side_by_side
from noonmark import Server, argument, check, run, until

ROUNDS = argument("rounds", 3)
SEED = seed_of()
FIRST = 1772841600  # 2026-03-07T00:00:00Z, five days after the frozen clock: no reminder is due meanwhile
BLOCK = 6 * HOUR    # of each scene: its own time, 2 and 4 hours later, and room to the next
NAMES = ("book", "hold", "confirm", "reject", "cancel", "reschedule", "propose", "accept", "expire", "join", "withdraw")
TAKES = {"book", "hold", "join"}
RUN_OUT = "2026-03-03T08:00:00Z"  # a day after the frozen clock: when requests expire


class World:
    """A host who is always open and says yes first: one event type for one invitee, one for two who share."""

    def __init__(self, server):
        self.server = server
        self.proof = server.prove("ivy@example.org")
        self.target = Target(server, quiet=True, confirmation="always")
        self.client = self.target.client(server)
        self.shared = self.kind("shared", 2)
        self.host = ("Authorization: " + self.target.authorization,)
        self.beside = side_by_side(server)
        self.blocks = itertools.count()

    def __enter__(self):
        self.servers, self.wires = self.beside.__enter__(), []
        self.connect()
        return self

    def __exit__(self, *_):
        return self.beside.__exit__(None, None, None)

    def kind(self, code, seats):
        return self.client.post("/v1/event-types", {
            "code": code, "title": "Shared", "durations": [{"minutes": 30}], "interval_minutes": 15, "seats": seats,
            "minimum_notice_minutes": 0, "horizon_days": None, "confirmation": "always"}, status=201).json

    def connect(self):
        """Anew: a connection on which nothing is asked is soon closed, one without a first request within ten seconds."""
        for wire in self.wires:
            wire.close()
        self.wires = [Wire(self.servers[i % len(self.servers)].address) for i in range(2)]

    def clock(self, text):
        for server in self.servers:
            server.clock(text)
        self.connect()

    def scene(self, pair):
        return Scene(self, FIRST + next(self.blocks) * BLOCK, pair)


class Scene:
    """Ivy's request at `start`, for which she proposed 2 hours later; 4 hours later is free.  Where somebody is to join,
    the meeting has two seats, the second of which somebody else has unless both are about to take it.  Where the event type
    is to be withdrawn it is one of its own."""

    def __init__(self, world, start, pair):
        self.world, self.start, self.pair = world, start, pair
        self.kind = world.shared if "join" in pair else world.target.kind
        if "withdraw" in pair:
            self.kind = world.kind(f"own-{start}", 1 + ("join" in pair))
        wire = world.wires[0]
        made = wire.call("POST", "/v1/bookings", {
            "event_type_id": self.kind["id"], "start": instant(start), "duration_minutes": 30, "time_zone": "UTC",
            "email_proof": world.proof, "invitee": {"name": "Ivy", "email": "ivy@example.org"}}).json
        self.id = made["id"]
        self.ivy = ("Authorization: Token " + made["manage_url"].rsplit("/", 1)[1],)
        if "join" in pair and not set(pair) <= TAKES:
            self.call(wire, "POST", "/v1/bookings", self.body(self.disputed()), world.host)
        self.call(wire, "POST", f"/v1/bookings/{self.id}/propose", {"starts": [instant(start + 2 * HOUR)]}, self.ivy)

    @staticmethod
    def call(wire, method, path, body, headers):
        reply = wire.call(method, path, body, headers)
        assert reply.status < 300, (method, path, reply.status, reply.body)

    def body(self, start):
        return {"event_type_id": self.kind["id"], "start": instant(start), "duration_minutes": 30, "time_zone": "UTC",
                "invitee": {"name": "Other", "email": "other@example.org"}}

    def disputed(self):
        """The time that is taken: the one that the other operation gives up or is after as well."""
        free = "propose" in self.pair or ("reschedule" in self.pair and "join" not in self.pair) or set(self.pair) <= {"book", "hold"}
        return self.start + 4 * HOUR if free else self.start

    def operation(self, name):
        """Method, path, body, headers."""
        away, taken = instant(self.start + 4 * HOUR), self.disputed()
        if name == "hold":
            return "POST", "/v1/holds", {"event_type_id": self.kind["id"], "start": instant(taken), "duration_minutes": 30}, ()
        if name in TAKES:
            return "POST", "/v1/bookings", self.body(taken), self.world.host
        body = {"reschedule": {"start": away}, "propose": {"starts": [away]}, "accept": {"start": instant(self.start + 2 * HOUR)}}
        if name == "withdraw":
            return "DELETE", f"/v1/event-types/{self.kind['id']}", None, self.world.host
        who = self.ivy if name == "cancel" else self.world.host
        return "POST", f"/v1/bookings/{self.id}/{name}", body.get(name, {}), who

    def outcome(self, rows, answers):
        """What came of it, without ids and times of day: comparable between scenes."""
        end = self.start + BLOCK
        bookings, names = [], {}
        for ident, status, start, sequence, reservation in rows(
                "SELECT id, status, starts_at, sequence, reservation_id IS NOT NULL FROM booking WHERE starts_at >= ? AND starts_at < ?"
                " AND account_id = (SELECT account_id FROM booking WHERE id = ?)", (self.start, end, uuid.UUID(self.id).bytes)):
            names[ident] = "ivy" if str(uuid.UUID(bytes=ident)) == self.id else "other"
            bookings.append((names[ident], status, (start - self.start) // 60, sequence, reservation))
        held = [((start - self.start) // 60, (stop - start) // 60, ident is not None, ends is not None) for start, stop, ident, ends in rows(
            "SELECT r.starts_at, r.ends_at, h.proposal_id, r.expires_at FROM reservation r LEFT JOIN hold h ON h.reservation_id = r.id"
            " WHERE r.starts_at >= ? AND r.starts_at < ?", (self.start, end))]
        open_ones = rows("SELECT by_party FROM proposal WHERE booking_id = ?", (uuid.UUID(self.id).bytes,)).fetchall()
        messages = []
        for ident, name in names.items():
            text = str(uuid.UUID(bytes=ident))
            for (key,) in rows("SELECT dedupe_key FROM job WHERE dedupe_key >= ? AND dedupe_key < ?", (f"booking:{text}:", f"booking:{text};")):
                messages.append((name, key.split(":", 2)[2]))
        return (tuple(answers), tuple(sorted(bookings)), tuple(sorted(held)), tuple(open_ones), tuple(sorted(messages)))


def good(reply):
    """Whether it was done; a refusal is fine, where it is one of ours and not of the test's own making."""
    if reply.status >= 500 or reply.status == 401 or (reply.status == 400 and b"other times than" not in reply.body):
        check(False, f"an answer {reply.status}: {reply.body}")
    return reply.status < 300


def at_once(world, scene, chance):
    """Both operations on two connections without waiting; the answers in the order of the pair."""
    calls = list(zip(scene.pair, chance.sample(world.wires, 2)))
    for name, wire in chance.sample(calls, 2):
        method, path, body, headers = scene.operation(name)
        wire.send(method, path, body, headers)
    return [good(wire.read()) for _, wire in calls]


class Gate:
    """Holds back all writing: whoever wants to waits before it, in the order of arrival."""

    def __init__(self, server):
        if server.database_name:
            self.holder = postgresql.cluster().connect(server.database_name)
            self.holder.autocommit = False
            self.database = server.database()
        else:
            self.holder = sqlite3.connect(server.database_path, isolation_level=None)
            self.database = None
        self.together = 0  # how often two stood before it, where that can be seen

    def __enter__(self):
        self.holder.cursor().execute("SELECT FROM bookable FOR UPDATE" if self.database else "BEGIN IMMEDIATE")
        return self

    def __exit__(self, *_):
        self.holder.rollback()

    def wait(self, wires):
        """Until all of them stand before it, but for those who were refused on sight."""
        if not self.database:
            time.sleep(0.02)  # who stands there cannot be seen
            return

        def all_stand():
            refused = len(select.select([wire.sock for wire in wires], [], [], 0)[0])
            stand = self.database.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                                          " AND datname = current_database()").fetchone()[0]
            return stand + refused >= len(wires) and (stand,)
        self.together += until(all_stand, "they stand before the gate") == (2,)


def stepped(world, scene, gate, order):
    """Both have looked before either writes.  None for who was told to try again, as the gate was held for too long."""
    with gate:
        for n, i in enumerate(order):
            method, path, body, headers = scene.operation(scene.pair[i])
            world.wires[i].send(method, path, body, headers)
            gate.wait([world.wires[j] for j in order[:n + 1]])
    replies = {i: world.wires[i].read() for i in order}
    return [None if replies[i].status == 503 else good(replies[i]) for i in (0, 1)]


def in_order(world, scene, order):
    answers = {}
    for i in order:
        method, path, body, headers = scene.operation(scene.pair[i])
        answers[i] = good(world.wires[0].call(method, path, body, headers))
    return [answers[0], answers[1]]


def judge(pair, serial, raced, met):
    for outcome in raced:
        if outcome in serial:
            met.setdefault(pair, set()).add(serial.index(outcome))
            continue
        check(False, f"{pair[0]} and {pair[1]} at once, seed {SEED}: {outcome}\n   in order: {serial[0]}\n   or: {serial[1]}")
        return
    check(True, "")


def test_pairs():
    """All pairs but those with time itself."""
    chance = random.Random(SEED)
    pairs = [p for p in itertools.combinations_with_replacement(NAMES, 2) if "expire" not in p]
    met = {}
    with Server() as server, World(server) as world:
        scenes, gate = [], Gate(server)
        for pair in pairs:
            for order in ((0, 1), (1, 0)):
                scene = world.scene(pair)
                scenes.append((pair, scene, in_order(world, scene, order)))
            for order in ((0, 1), (1, 0)):
                answers = [None]
                while None in answers:  # on a machine that stood still
                    scene = world.scene(pair)
                    answers = stepped(world, scene, gate, order)
                scenes.append((pair, scene, answers))
            for _ in range(ROUNDS):
                scene = world.scene(pair)
                scenes.append((pair, scene, at_once(world, scene, chance)))
        rows = server.database().execute
        for pair in pairs:
            found = [scene.outcome(rows, answers) for p, scene, answers in scenes if p == pair]
            judge(pair, found[:2], found[2:], met)
        check_database(server, None, label=f"pairs, seed {SEED}", plain=False)
        check(not gate.database or gate.together > len(pairs), f"two waited at once {gate.together} times only")
        both = sum(len(orders) == 2 for orders in met.values())
        print(f"{len(scenes)} scenes of {len(pairs)} pairs; both orders were met in {both}; "
              f"seen to have waited one behind the other: {gate.together}", flush=True)
        check(ROUNDS < 3 or both > 0, "the pairs did meet in either order")


def test_time():
    """Each operation while the request runs out."""
    chance = random.Random(SEED)
    names = [n for n in NAMES if n != "expire"]
    met = {}
    with Server() as server, World(server) as world:
        plans = {name: {"before": world.scene((name, "expire")), "after": world.scene((name, "expire")),
                        "at once": [world.scene((name, "expire")) for _ in range(ROUNDS)]} for name in names}
        answers = {}

        def operate(name, scene, wire):
            method, path, body, headers = scene.operation(name)
            answers[scene] = [good(wire.call(method, path, body, headers))]

        for name in names:
            operate(name, plans[name]["before"], world.wires[0])
        racing = [(name, scene) for name in names for scene in plans[name]["at once"]]
        chance.shuffle(racing)
        world.clock(RUN_OUT)
        for name, scene in racing:
            operate(name, scene, chance.choice(world.wires))
            time.sleep(chance.choice((0, 0, 0.01)))
        rows = server.database().execute
        waiting = "SELECT COUNT(*) FROM job WHERE kind IN ('booking_expiry', 'proposal_expiry') AND state = 'waiting' AND due_at < ?"
        until(lambda: rows(waiting, (FIRST - 3 * 86400,)).fetchone()[0] == 0, "everything has run out")
        world.connect()
        for name in names:
            operate(name, plans[name]["after"], world.wires[0])
        for name in names:
            plan = plans[name]
            found = [scene.outcome(rows, answers[scene]) for scene in (plan["before"], plan["after"], *plan["at once"])]
            judge((name, "expire"), found[:2], found[2:], met)
        check_database(server, None, label=f"time, seed {SEED}", plain=False)


if __name__ == "__main__":
    run(globals())
