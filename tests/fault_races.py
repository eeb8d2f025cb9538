"""Races: many bookers for one slot, thousands of slots, and every pair of operations on one slot; on PostgreSQL over two
processes.

    tests/fault_races.py [--slots 200] [--bookers 20] [--rounds 2] [--seed N]
"""

import contextlib
import itertools
import random
import time

from faults import BASE, HALF_HOUR, HOUR, Target, Wire, check_database, instant, seconds_of, seed_of, side_by_side
from noonmark import Server, argument, check, run, same

SEED = seed_of()


def test_one_wins():
    """Bookers with overlapping starts: of each slot exactly one booking, and nobody sees an error of ours."""
    slots, bookers = argument("slots", 150), argument("bookers", 20)
    chance = random.Random(SEED)
    with Server() as server, contextlib.ExitStack() as stack:
        target = Target(server, quiet=True)
        servers = stack.enter_context(side_by_side(server))
        wires = [Wire(servers[i % len(servers)].address, target.authorization) for i in range(bookers)]
        acked, statuses, wrong = {}, {}, 0
        began = time.monotonic()
        for i in range(slots):
            chance.shuffle(wires)
            starts = [BASE + i * HOUR + chance.choice((0, 900)) for _ in wires]
            for wire, start in zip(wires, starts):
                wire.send("POST", "/v1/bookings", target.body(start))
            replies = [wire.read() for wire in wires]
            won = [(r, s) for r, s in zip(replies, starts) if r.status == 201]
            for r in replies:
                statuses[r.status] = statuses.get(r.status, 0) + 1
            if len(won) != 1 or not {r.status for r in replies} <= {201, 409, 422}:
                wrong += 1
                check(wrong > 5, f"slot {i}: {[r.status for r in replies]}")
            for reply, start in won:
                acked[reply.json["id"]] = ("confirmed", start)
        seconds = time.monotonic() - began
        print(f"{slots} slots x {bookers} bookers over {len(servers)} processes: {statuses}, "
              f"{slots * bookers / seconds:.0f} attempts a second", flush=True)
        same(wrong, 0, "slots that were not won by exactly one")
        check_database(server, acked, label=f"seed {SEED}")


class Slot:
    """A slot of the host with something on it, and what may be done to it."""

    def __init__(self, server, target, wire, start):
        self.server, self.target, self.start = server, target, start
        self.booking = self.hold = None
        self.elsewhere = wire.call("POST", "/v1/bookings", target.body(start + 4 * HOUR)).json["id"]
        self.wire = wire

    def with_booking(self):
        self.booking = self.wire.call("POST", "/v1/bookings", self.target.body(self.start)).json["id"]

    def with_hold(self):
        body = {"event_type_id": self.target.kind["id"], "start": instant(self.start), "duration_minutes": 30}
        self.hold = self.wire.call("POST", "/v1/holds", body).json["id"]


# what is done, and which state it needs: each gives (method, path, body)
OPERATIONS = {
    "book": lambda s: ("POST", "/v1/bookings", s.target.body(s.start)),
    "book beside": lambda s: ("POST", "/v1/bookings", s.target.body(s.start + 900)),
    "hold": lambda s: ("POST", "/v1/holds", {"event_type_id": s.target.kind["id"], "start": instant(s.start), "duration_minutes": 30}),
    "book the hold": lambda s: ("POST", "/v1/bookings", s.target.body(s.start, **({"hold_id": s.hold} if s.hold else {}))),
    "delete the hold": lambda s: ("DELETE", f"/v1/holds/{s.hold or s.elsewhere}", None),
    "cancel": lambda s: ("POST", f"/v1/bookings/{s.booking or s.elsewhere}/cancel", {}),
    "move away": lambda s: ("POST", f"/v1/bookings/{s.booking or s.elsewhere}/reschedule", {"start": instant(s.start + 2 * HOUR)}),
    "move a little": lambda s: ("POST", f"/v1/bookings/{s.booking or s.elsewhere}/reschedule", {"start": instant(s.start + 900)}),
    "move here": lambda s: ("POST", f"/v1/bookings/{s.elsewhere}/reschedule", {"start": instant(s.start)}),
}
MAY_ANSWER = {200, 201, 204, 404, 409, 410, 412, 422}


def test_every_pair():
    """Two operations on one slot, sent at once, from each state: the database is whole whatever came first."""
    rounds = argument("rounds", 2)
    chance = random.Random(SEED)
    with Server() as server, contextlib.ExitStack() as stack:
        target = Target(server, quiet=True)
        servers = stack.enter_context(side_by_side(server))
        first, second = (Wire(servers[i % len(servers)].address, target.authorization) for i in range(2))
        number, seen = 0, set()
        for state in ("free", "booked", "held"):
            for one, two in itertools.product(OPERATIONS, repeat=2):
                for _ in range(rounds):
                    number += 1
                    slot = Slot(server, target, first, BASE + number * 6 * HOUR)
                    if state == "booked":
                        slot.with_booking()
                    elif state == "held":
                        slot.with_hold()
                    calls = [(first, OPERATIONS[one](slot)), (second, OPERATIONS[two](slot))]
                    chance.shuffle(calls)
                    for wire, (method, path, body) in calls:
                        wire.send(method, path, body)
                    statuses = [wire.read().status for wire, _ in calls]
                    seen |= set(statuses)
                    if not set(statuses) <= MAY_ANSWER:
                        check(False, f"{state}: {one} and {two}: {statuses}, seed {SEED}")
        print(f"{number} rounds of {3 * len(OPERATIONS) ** 2} pairs", flush=True)
        check({200, 201, 204, 409} <= seen, f"the pairs did meet: {sorted(seen)}")
        check_database(server, None, label=f"pairs, seed {SEED}")
        taken = server.database().execute("SELECT starts_at FROM reservation").fetchall()
        check(len(taken) == len(set(taken)), "no start twice")


def test_bookings_agree_with_slots():
    """After a race, what is listed is what is not taken."""
    chance = random.Random(SEED)
    with Server() as server:
        target = Target(server, quiet=True)
        wires = [Wire(server.address, target.authorization) for _ in range(8)]
        taken = set()
        for _ in range(12):
            starts = [BASE + chance.randrange(48) * HALF_HOUR for _ in wires]
            for wire, start in zip(wires, starts):
                wire.send("POST", "/v1/bookings", target.body(start))
            for wire, start in zip(wires, starts):
                if wire.read().status == 201:
                    check(start not in taken, f"{instant(start)} was booked twice")
                    taken.add(start)
        listed = set()
        for text in server.slots(target.kind, instant(BASE)[:10], instant(BASE)[:10]):
            listed.add(seconds_of(text[:19] + "Z"))
        grid = {BASE + i * 900 for i in range(96)}
        free = {s for s in grid if all(s + HALF_HOUR <= t or s >= t + HALF_HOUR for t in taken)}
        same(listed, {s for s in free if s < BASE + 24 * HOUR}, "slots listed")


run(globals())
