"""Slow clients: heads and bodies that come byte by byte, readers that hardly read, and connections that are opened and left,
hundreds of each at once.  Everybody else is answered meanwhile.

    tests/fault_slow.py [--seconds 4] [--clients 400] [--seed N]
"""

import itertools
import random
import selectors
import socket
import threading
import time

from faults import BASE, HALF_HOUR, Target, Wire, check_database, seed_of
from noonmark import Server, argument, check, run, same

SEED = seed_of()
KINDS = ("head", "body", "reader", "nothing")
# each fifth of a second: a reader that was given up does not hear of it while the kernel still has bytes for it
LEAVES = {"reader": 0.006, "nothing": 0.05}
SLOWEST = 1  # seconds: at the 99th percentile of those who are not slow, over a whole minute of it
ASKED_LONG = 20


class Slow(threading.Thread):
    """As many slow clients as asked for, of each kind; one that is turned away comes back."""

    def __init__(self, server, target, count):
        super().__init__()
        self.server, self.target, self.stopping, self.opened = server, target, False, 0
        self.chance, self.selector = random.Random(SEED), selectors.DefaultSelector()
        for i in range(count):
            self.open(KINDS[i % len(KINDS)])
        self.start()

    def open(self, kind):
        sock = socket.socket()
        if kind == "reader":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(10)
        try:
            sock.connect(self.server.address)
            if kind == "body":
                sock.sendall(b"POST /v1/bookings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n"
                             b"Authorization: " + self.target.authorization.encode() + b"\r\n\r\n{")
            elif kind == "reader":
                sock.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 8)
            elif kind == "head":
                sock.sendall(b"GET /v1/users/target HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        except OSError:
            sock.close()
            return
        sock.setblocking(False)
        self.opened += 1
        self.selector.register(sock, selectors.EVENT_READ, kind)

    def run(self):
        while not self.stopping:
            for key in list(self.selector.get_map().values()):
                if not self.drip(key.fileobj, key.data):
                    self.selector.unregister(key.fileobj)
                    key.fileobj.close()
                    self.open(key.data)
            time.sleep(0.2)

    def drip(self, sock, kind):
        """A byte more, or a few less.  Whether the connection lives on."""
        try:
            if kind in ("head", "body"):
                sock.send(b" ")
            if self.chance.random() < LEAVES.get(kind, 0):
                return False
            return sock.recv(64) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False

    def stop(self):
        self.stopping = True
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()


def test_slow_clients():
    seconds, count = argument("seconds", 4), argument("clients", 400)
    with Server(connections_per_address=0) as server:
        target = Target(server, quiet=True)
        slots = f"/v1/event-types/{target.kind['id']}/slots?from=2026-03-04&to=2026-03-11&time_zone=UTC"
        slow, acked, times, wrong = Slow(server, target, count), {}, [], []
        until, number = time.monotonic() + seconds, itertools.count()
        try:
            while time.monotonic() < until or len(times) <= seconds:
                began, start = time.monotonic(), BASE + next(number) * HALF_HOUR
                wire = Wire(server.address, target.authorization)
                made, listed = wire.call("POST", "/v1/bookings", target.body(start)), wire.call("GET", slots)
                wire.close()
                times.append(time.monotonic() - began)
                if made.status == 201:
                    acked[made.json["id"]] = ("confirmed", start)
                if (made.status, listed.status) != (201, 200):
                    wrong.append((made.status, listed.status))
                time.sleep(0.02)
        finally:
            slow.stop()
        p99 = sorted(times)[len(times) * 99 // 100]
        print(f"{count} slow clients of {len(KINDS)} kinds, {seconds} s, {slow.opened} connections of theirs: {len(times)} others "
              f"connected, booked and read; 99 % within {p99 * 1000:.0f} ms", flush=True)
        same(wrong[:5], [], "answers to those who are not slow")
        check(slow.opened >= count, f"only {slow.opened} slow connections were taken")
        check(p99 < SLOWEST or seconds < ASKED_LONG, f"{p99:.2f} s, not {SLOWEST}")
        check_database(server, acked, label="beside slow clients")


run(globals())
