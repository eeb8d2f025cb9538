"""SIGTERM under load: every request that was accepted gets its whole answer, every job that was begun is done or left to the
next one, and the process ends well and soon.

    tests/fault_drain.py [--cycles 3] [--clients 16] [--seed N]
"""

import itertools
import collections
import random
import re
import signal
import threading
import time

from faults import BASE, HALF_HOUR, PATIENCE, Target, Wire, check_database, in_pieces, instant, seconds_of, seed_of, side_by_side
from noonmark import MONDAY, Server, argument, check, run, same, until
from smtp_server import StandIn

SEED = seed_of()


class Caller(threading.Thread):
    """Books and reads on one connection until it is told that the connection closes, or it is closed."""

    def __init__(self, server, target, starts):
        super().__init__()
        self.server, self.target, self.starts = server, target, starts
        self.acked, self.unanswered, self.statuses = {}, [], {}

    def run(self):
        wire = Wire(self.server.address, self.target.authorization)
        path = f"/v1/event-types/{self.target.kind['id']}/slots?from=2026-03-05&to=2026-03-12&time_zone=UTC"
        for reading in itertools.cycle((False, True)):
            start = None if reading else next(self.starts)
            sent = None
            try:
                wire.send("GET", path) if reading else wire.send("POST", "/v1/bookings", self.target.body(start))
                sent = time.monotonic()  # from here on the kernel of the server has it
                reply = wire.read()
            except OSError as e:
                self.unanswered.append((sent or time.monotonic(), len(wire.buffer), repr(e)))
                return
            self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
            if reply.status == 201:
                self.acked[reply.json["id"]] = ("confirmed", start)
            if reply.closing:
                return


def test_drain():
    cycles = argument("cycles", 3)
    booked, slowest = in_pieces(cycles, drain_and_check)
    print(f"{cycles} ends, {booked} bookings; each took at most {slowest:.2f} s", flush=True)


def drain_and_check(begin, cycles):
    """How many bookings there were, and the longest that an end took."""
    with Server() as server:
        target = Target(server, quiet=True)
        everything, slowest, starts = {}, 0, itertools.count(BASE, HALF_HOUR)
        for cycle in range(begin, begin + cycles):
            label, chance = f"cycle {cycle}, seed {SEED}", random.Random(f"{SEED}-{cycle}")
            callers = [Caller(server, target, starts) for _ in range(argument("clients", 16))]
            for caller in callers:
                caller.start()
            until(lambda: any(caller.statuses for caller in callers), "the first answer")
            time.sleep(chance.uniform(0.1, 0.6))
            told = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            status = server.wait(30)
            took = time.monotonic() - told
            for caller in callers:
                caller.join(30)
            same(status, 0, f"{label}: exit status")
            check(took < 10, f"{label}: it took {took:.1f} s")
            slowest = max(slowest, took)
            server.start()
            for caller in callers:
                everything.update(caller.acked)
                check(set(caller.statuses) <= {200, 201, 503}, f"{label}: {caller.statuses}")
                for sent, received, error in caller.unanswered:
                    check(sent > told, f"{label}: a request of {told - sent:.3f} s before the end had no answer: {error}")
                    check(received == 0, f"{label}: an answer was cut after {received} bytes")
            # what had no answer was not accepted: it is not there either
            check_database(server, everything, label=label)
        check(everything, f"until cycle {cycle}, seed {SEED}: nothing was booked")
        return len(everything), slowest


def test_slow_request_is_finished():
    """A request whose body is still coming when the end is near."""
    with Server() as server:
        target = Target(server, quiet=True)
        wire = Wire(server.address, target.authorization)
        data = wire.request("POST", "/v1/bookings", target.body(BASE), ("Expect: 100-continue",))
        wire.sock.sendall(data[:data.index(b"\r\n\r\n") + 4])
        same(wire.read().status, 100, "the head was read")
        wire.sock.sendall(data[data.index(b"\r\n\r\n") + 4:-40])
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        wire.sock.sendall(data[-40:])
        reply = wire.read()
        same((reply.status, reply.closing), (201, True), "the answer")
        same(server.wait(20), 0, "exit status")
        server.start()
        check_database(server, {reply.json["id"]: ("confirmed", BASE)}, label=instant(BASE))


def count(server, sql):
    return server.database().execute(sql).fetchone()[0]


MAILS = "SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND state = 'waiting'"
LEASED = f"{MAILS} AND tries > 0 AND due_at > {seconds_of(MONDAY)}"  # the clock stands: such a lease never ends


def book(server, target, first, n):
    """{booking: as its client was told}"""
    client, acked = target.client(server), {}
    for start in range(BASE + first * HALF_HOUR, BASE + (first + n) * HALF_HOUR, HALF_HOUR):
        acked[client.post("/v1/bookings", target.body(start), status=201).json["id"]] = ("confirmed", start)
    client.close()
    return acked


def end_of_one(server, smtp, acked, label, others=False):
    """After the end of one process: nothing is kept from the others, which send the rest."""
    same(server.wait(PATIENCE), 0, f"{label}: exit status")
    print(f"{label}: {count(server, MAILS)} mails left to others", flush=True)
    if not others:
        same(count(server, LEASED), 0, f"{label}: leases that it left")
        server.start()
    until(lambda: count(server, MAILS) == 0, f"{label}: all is sent")
    copies = collections.Counter(re.search(rb"^Message-ID: (\S+)", raw, re.M | re.I).group(1) for _, _, raw in smtp.messages)
    same((len(copies), max(copies.values())), (2 * len(acked), 1), f"{label}: messages, and copies of one")
    check_database(server, acked, label=label)


def test_mails_under_way():
    """The mail server takes its time for each: what one process has begun it ends."""
    with Server() as server:
        target = Target(server)
        kept = threading.Event()

        def stored(number):
            if number > 2:
                kept.set()
            time.sleep(0.2)
        with StandIn(stored=stored) as smtp:
            server.settings["smtp_url"] = smtp.url
            server.restart()
            with side_by_side(server) as servers:
                acked = book(server, target, 0, 10)
                check(kept.wait(PATIENCE), "mails are under way")
                server.process.send_signal(signal.SIGTERM)
                end_of_one(server, smtp, acked, f"{len(servers)} processes, slow mails", len(servers) > 1)


def test_mails_that_hang():
    """The mail server says nothing more: the end does not wait for it, and others go on at once where it does answer."""
    with Server() as server:
        target = Target(server)
        with StandIn(mail=[None, None, StandIn.FINE["mail"]]) as smtp:
            server.settings["smtp_url"] = smtp.url
            server.restart()
            acked = book(server, target, 0, 5)
            until(lambda: len([c for c in smtp.commands if c.startswith("MAIL")]) == 2, "both hands wait")
            server.process.send_signal(signal.SIGTERM)
            end_of_one(server, smtp, acked, "mails that hang")


run(globals())
