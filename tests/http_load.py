#!/usr/bin/python3
"""Time and numbers: deadlines, slow clients, caps on connections, running out of descriptors, draining, memory.

    tests/http_load.py [echo_server]
"""

import os
import resource
import select
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "http"))
from client import Answers, Server, Tally, exchange, get, post, wait_until  # noqa: E402


def until_end(sock):
    """All bytes until the server closes, and the seconds that took; a reset raises."""
    start = time.monotonic()
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data, time.monotonic() - start


def ends(tally, what, sock, low, high, starts):
    try:
        data, took = until_end(sock)
    except OSError as error:
        tally.check(False, f"{what}: {error!r}")
        return
    tally.check(data.startswith(starts) and (starts or not data), f"{what}: {data[:100]!r}")
    tally.check(low <= took <= high, f"{what}: ended after {took:.2f} s, wanted {low} to {high}")


def deadlines(tally):
    late = b"HTTP/1.1 408 "
    with Server(head_ms=400, body_ms=600, idle_ms=300, linger_ms=300) as server:
        socks = [server.connect() for _ in range(6)]
        nothing, part, dripping, body, idle, drip_body = socks
        part.sendall(b"GET /hello HT")
        body.sendall(get("/echo", "Content-Length: 10", method="POST") + b"abc")
        idle.sendall(get("/hello"))
        drip_body.sendall(get("/echo", "Content-Length: 1000", method="POST"))

        def drip():
            for _ in range(40):
                for sock in (dripping, drip_body):
                    try:
                        sock.sendall(b"G")
                    except OSError:
                        pass
                time.sleep(0.05)

        thread = threading.Thread(target=drip)
        thread.start()
        waits = [
            threading.Thread(target=ends, args=(tally, *arguments))
            for arguments in (
                ("a connection without a byte", nothing, 0.3, 0.9, b""),
                ("half a head", part, 0.3, 0.9, late),
                ("a head byte by byte", dripping, 0.3, 1.3, late),
                ("half a body", body, 0.5, 1.1, late),
                ("an idle connection", idle, 0.2, 0.8, b"HTTP/1.1 200 "),
                ("a body byte by byte", drip_body, 0.5, 1.5, late),
            )
        ]
        for wait in waits:
            wait.start()
        for wait in waits:
            wait.join()
        thread.join()
        for sock in socks:
            sock.close()
        counters = server.counters()
        tally.check(counters["late_head"] == 2 and counters["late_body"] == 2 and counters["late_idle"] == 2, f"{counters}")
        # an answer in the making is not cut short by any of these
        with server.connect() as sock:
            sock.sendall(get("/wait/900", close=True))
            tally.check([a.status for a in Answers(sock).rest()] == [200], "a slow handler is waited for")


def stalls(tally):
    with Server(stall_ms=500) as server:
        with server.connect(receive_buffer=4096) as sock:
            sock.sendall(get("/size/8000000"))
            gone = wait_until(lambda: server.counters()["late_write"] == 1, 3)
            tally.check(gone, "a client that reads nothing is given up")
            tally.check(server.counters()["gone"] == 1, "its answer counts as not delivered")
        with server.connect(receive_buffer=4096) as sock:
            sock.sendall(get("/size/8000000"))
            end = time.monotonic() + 3
            try:
                while time.monotonic() < end and sock.recv(512):
                    time.sleep(0.05)
            except OSError:
                pass
            tally.check(server.counters()["late_write"] == 2, "a client that reads 10 KB/s is given up")
        with server.connect() as sock:
            sock.sendall(get("/size/8000000", close=True))
            taken = 0
            while piece := sock.recv(65536):
                taken += len(piece)
                if taken < 2000000:
                    time.sleep(0.03)  # about 2 MB/s at first: slower than the stall limit in all, but moving
            tally.check(taken > 8000000, f"a client that is only slow gets everything: {taken}")


def unread(tally):
    """Answers that nobody reads have so much memory; the one that waits longest makes room for the next."""
    with Server(threads=1, unsent_max=40 << 20) as server:
        before, socks = server.memory_kib(), []
        for count in range(1, 11):
            socks.append(server.connect(receive_buffer=4096))
            socks[-1].sendall(get("/copy/8000000", close=True))
            tally.check(wait_until(lambda: server.counters()["requests"] >= count, 3), "it is asked for")
        tally.check(wait_until(lambda: server.counters()["late_write"] >= 5, 3), f"the first are given up: {server.counters()}")
        after = server.memory_kib()
        tally.check(after - before < 60 << 10, f"{after - before} KiB for answers that nobody reads")
        first, last = (len(until_end(sock)[0]) for sock in (socks[0], socks[-1]))
        tally.check(first < 8000000 < last, f"the first one gets {first} bytes in the end, the last one {last}")
        for sock in socks:
            sock.close()


class Slow:
    """Slow clients of three kinds, kept busy by one thread."""

    def __init__(self, server, count):
        self.socks = []
        self.stopped = False
        for i in range(count):
            sock = server.connect(receive_buffer=4096 if i % 3 == 2 else None)
            if i % 3 == 1:
                sock.sendall(get("/echo", "Content-Length: 60000", method="POST"))
            if i % 3 == 2:
                sock.sendall(get("/size/8000000"))
            sock.setblocking(False)
            self.socks.append(sock)
        self.thread = threading.Thread(target=self.drip)
        self.thread.start()

    def drip(self):
        while not self.stopped:
            for i, sock in enumerate(self.socks):
                try:
                    if i % 3 == 2:
                        sock.recv(64)
                    else:
                        sock.send(b"G")
                except OSError:
                    pass
            time.sleep(0.05)

    def stop(self):
        self.stopped = True
        self.thread.join()
        for sock in self.socks:
            sock.close()


def slow_clients(tally):
    with Server(per_address=0, threads=2) as server:
        slow = Slow(server, 400)
        times = []
        try:
            for i in range(300):
                start = time.monotonic()
                if i % 3 == 0:
                    good = [a.status for a in exchange(server, get("/hello", close=True))] == [200]
                elif i % 3 == 1:
                    good = len(exchange(server, get("/size/18000", close=True))[0].body) == 18000
                else:
                    good = b"body=2000\n" in exchange(server, post("/echo", b"x" * 2000, "Connection: close"))[0].body
                times.append(time.monotonic() - start)
                if not good:
                    tally.check(False, "a good client beside 400 slow ones is not answered")
        finally:
            slow.stop()
        times.sort()
        p99 = times[len(times) * 99 // 100]
        tally.check(p99 < 0.25, f"beside 400 slow clients a good one waits {p99 * 1000:.0f} ms at p99")


def stuck_handlers(tally):
    """Handlers that wait on workers keep nobody waiting."""
    with Server() as server:
        socks = [server.connect() for _ in range(4)]
        for sock in socks:
            sock.sendall(get("/wait/700"))
        start = time.monotonic()
        good = all(exchange(server, get("/hello", close=True))[0].status == 200 for _ in range(50))
        tally.check(good and time.monotonic() - start < 0.5, "four waiting requests hold up the others")
        tally.check(server.counters()["in_flight"] >= 4, "in flight are counted")
        answers = [Answers(sock).next() for sock in socks]
        tally.check([a.status for a in answers] == [200] * 4, "the waiting ones are answered")
        for sock in socks:
            sock.close()


def gone_clients(tally):
    with Server() as server:
        for _ in range(20):
            sock = server.connect()
            sock.sendall(get("/wait/100"))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            sock.close()  # a reset
        tally.check(wait_until(lambda: server.counters()["open"] <= 1, 3), "connections of clients that left stay open")
        tally.check(server.counters()["requests"] >= 1, "the server lives")


def blocked_clients(tally):
    """Answers that wait for room in the socket, heads among them, while others are answered by the same loop."""
    with Server(threads=1) as server:
        sock = server.connect(receive_buffer=4096)
        count = 300
        sock.sendall(get("/size/18000") * count + get("/hello", close=True))
        good, answers, reader = True, [], Answers(sock)
        for _ in range(count):
            good = good and exchange(server, get("/echo", close=True))[0].status == 200
            answers.append(reader.next())
        answers += reader.rest()
        tally.check(good, "others are answered meanwhile")
        bodies = [len(answer.body) for answer in answers]
        tally.check(bodies == [18000] * count + [6], f"{len(bodies)} answers to a client that reads slowly")
        tally.check(len({answer.headers["x-request-id"] for answer in answers}) == count + 1, "each has its own head")
        sock.close()


def half_closed(tally):
    """A request and the end of the client's side that come together: an answer, and the end of ours at once."""
    with Server(threads=1) as server:
        with server.connect() as busy, server.connect() as sock:
            sock.sendall(get("/hello"))
            reader = Answers(sock)
            reader.next()
            busy.sendall(get("/slow/300"))
            time.sleep(0.1)
            sock.sendall(get("/hello"))
            sock.shutdown(socket.SHUT_WR)
            start = time.monotonic()
            statuses = [answer.status for answer in reader.rest()]
            tally.check(statuses == [200] and time.monotonic() - start < 2, f"request and end together: {statuses}")


def connection_caps(tally):
    with Server(per_address=5) as server:
        socks = [server.connect() for _ in range(5)]
        for sock in socks:
            sock.sendall(get("/hello"))
            Answers(sock).next()
        answer = exchange(server, b"")[0]
        tally.check(answer.status == 429 and "retry-after" in answer.headers, f"the sixth connection: {answer.status}")
        tally.check(len(answer.headers.get("x-request-id", "")) == 16, "X-Request-Id on it")
        socks.pop().close()
        tally.check(wait_until(lambda: exchange(server, get("/hello", close=True))[0].status == 200, 2), "room after a close")
        for sock in socks:
            sock.close()
    with Server(per_address=2, trusted="127.0.0.1") as server:
        socks = [server.connect() for _ in range(10)]
        tally.check(exchange(server, get("/hello", close=True))[0].status == 200, "trusted proxies have no cap")
        for sock in socks:
            sock.close()
    with Server(per_address=0, connections=8) as server:
        socks = [server.connect() for _ in range(8)]
        answer = exchange(server, get("/hello"))[0]
        tally.check(answer.status == 503, f"over the total: {answer.status}")
        for sock in socks:
            sock.close()
        tally.check(wait_until(lambda: exchange(server, get("/hello", close=True))[0].status == 200, 2), "room again")
        tally.check(server.counters()["over_total"] >= 1, "over the total is counted")
    with Server(per_address=2, listen="[::1]:0") as server:
        socks = [server.connect() for _ in range(2)]
        tally.check(exchange(server, b"")[0].status == 429, "IPv6 has the cap too")
        for sock in socks:
            sock.close()


def descriptors(tally):
    """Out of descriptors: who waits is served once there are some, and nobody is dropped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with Server(per_address=0) as server:
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (40, hard))
        socks = [server.connect() for _ in range(60)]
        time.sleep(0.4)
        for sock in socks[:30]:
            sock.close()
        answers = []
        for sock in socks[30:]:
            sock.sendall(get("/hello", close=True))
        for sock in socks[30:]:
            answers += Answers(sock).rest()
            sock.close()
        tally.check([a.status for a in answers] == [200] * 30, f"{len(answers)} of 30 answered after running out")
        tally.check(server.counters()["paused"] >= 1, "accepting paused")
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (soft, hard))


class Visitor(threading.Thread):
    """Sends requests until the server goes, and notes every way it could have been treated badly."""

    def __init__(self, server, paths, keep):
        super().__init__()
        self.server, self.paths, self.keep = server, paths, keep
        self.answered = self.refused = 0
        self.bad = []

    def run(self):
        while not self.refused:
            try:
                sock = self.server.connect(timeout=0.8)
            except (ConnectionRefusedError, TimeoutError, socket.timeout):
                self.refused += 1
                return
            with sock:
                self.visit(sock)

    def visit(self, sock):
        reader = Answers(sock)
        sock.settimeout(5)
        for i in range(1000 if self.keep else 1):
            path = self.paths[(self.answered + i) % len(self.paths)]
            try:
                sock.sendall(get(path, close=not self.keep))
                answer = reader.next()
            except (OSError, ValueError) as error:
                self.bad.append(f"{path}: {error!r}")
                return
            if answer is None or answer.status != 200:
                self.bad.append(f"{path}: {answer and answer.status}")
                return
            self.answered += 1
            if answer.headers.get("connection") == "close":
                return


def drain(tally):
    for threads in (1, 2):
        server = Server(per_address=0, threads=threads)
        paths = ["/hello", "/size/18000", "/wait/20", "/copy/300000", "/wait/60"]
        visitors = [Visitor(server, paths, keep=i % 2 == 0) for i in range(16)]
        for visitor in visitors:
            visitor.start()
        long = server.connect()
        time.sleep(0.5)
        long.sendall(get("/wait/1200"))
        idle = server.connect()
        idle.sendall(get("/hello"))
        Answers(idle).next()
        time.sleep(0.1)
        start = time.monotonic()
        server.terminate()
        said = server.stop()
        took = time.monotonic() - start
        for visitor in visitors:
            visitor.join()
        bad = [text for visitor in visitors for text in visitor.bad]
        answered = sum(visitor.answered for visitor in visitors)
        tally.check(not bad, f"drained under load, {len(bad)} of {answered} badly: {bad[:3]}")
        tally.check(answered > 100, f"only {answered} answered under load")
        tally.check(said == "drained" and took < 4, f"{said} after {took:.1f} s")
        tally.check([a.status for a in Answers(long).rest()] == [200], "the long request is answered")
        tally.check(idle.recv(1) == b"", "the idle connection is closed, not reset")
        long.close()
        idle.close()
    server = Server(drain_ms=300)
    with server.connect() as sock:
        sock.sendall(get("/wait/1000"))
        time.sleep(0.1)
        tally.check(server.stop() == "cut off", "a request past the time to drain is reported")


def memory(tally):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = 5000
    if hard != resource.RLIM_INFINITY and hard < count + 100:
        count = hard - 100
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 100), hard))
    with Server(per_address=0) as server:
        exchange(server, get("/hello", close=True))
        before = server.memory_kib()
        socks = []
        for _ in range(count):
            sock = server.connect()
            sock.sendall(get("/hello"))
            socks.append(sock)
        answered = 0
        for sock in socks:
            answered += Answers(sock).next().status == 200
        tally.check(answered == count, f"{answered} of {count} answered")
        after = server.memory_kib()
        each = (after - before) * 1024 / count
        print(f"memory: {before} KiB at first, {after} KiB with {count} idle connections: {each:.0f} bytes each")
        tally.check(after < 40 * 1024 and each < 4096, f"{after} KiB with {count} idle connections")
        tally.check(server.counters()["idle"] == count, "idle ones are counted")
        for sock in socks:
            sock.close()
        tally.check(wait_until(lambda: server.counters()["open"] == 1, 5), "all are closed")


def local(tally):
    path = f"/tmp/noonmark-test-{os.getpid()}.sock"
    for _ in range(2):  # the second finds the path free again
        with Server(local=f"unix:{path}") as server:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(5)
                sock.connect(path)
                sock.sendall(get("/echo", "X-Forwarded-For: 9.9.9.9", close=True))
                tally.check(b"address=9.9.9.9" in Answers(sock).next().body, "by a unix socket")
            server.process.kill()  # leaves the file behind
            server.process.wait()
    with Server(local=f"unix:{path}") as server:
        pass
    tally.check(not os.path.exists(path), "the unix socket is removed")


def in_use(tally):
    with Server() as server:
        path = server.process.args[0]
        host, port = server.address
        for listen, says in ((f"{host}:{port}", "cannot listen"), ("nonsense", "not an address"), ("1.2.3.4:99999", "not an address")):
            run = subprocess.run([path, f"listen={listen}"], capture_output=True, text=True, timeout=10, check=False)
            tally.check(run.returncode == 1 and says in run.stderr and listen in run.stderr, f"listen={listen}: {run.stderr}")
        run = subprocess.run([path, "trusted=10.0.0.0/33"], capture_output=True, text=True, timeout=10, check=False)
        tally.check(run.returncode == 1 and "10.0.0.0/33" in run.stderr, f"trusted: {run.stderr}")


def beside(server, data):
    """How long small requests wait (their 90th percentile) beside one client that sends `data` without end."""
    greedy = server.connect()
    greedy.setblocking(False)
    waits = []
    start = time.monotonic()
    while time.monotonic() - start < 1:
        for _ in range(20):
            try:
                greedy.send(data)
            except BlockingIOError:
                pass
            while select.select([greedy], [], [], 0)[0] and greedy.recv(1 << 20):
                pass
        before = time.monotonic()
        exchange(server, get("/hello", close=True))
        waits.append(time.monotonic() - before)
    greedy.close()
    waits.sort()
    return waits[len(waits) * 9 // 10]


def fairness(tally):
    """One that sends without end keeps nobody waiting."""
    with Server(threads=1) as server:
        for path, most in (("/hello", 0.3), ("/slow/1", 0.6)):
            waited = beside(server, get(path) * 1500)
            tally.check(waited < most, f"beside a client that pipelines {path}: {waited * 1000:.0f} ms")


def main():
    tally = Tally()
    tests = [deadlines, stalls, unread, slow_clients, stuck_handlers, gone_clients, connection_caps, descriptors, drain, memory]
    tests += [local, in_use, fairness, blocked_clients, half_closed]
    for test in tests:
        start = time.monotonic()
        tally.run(test)
        print(f"{test.__name__}: {time.monotonic() - start:.1f} s")
    tally.finish()


if __name__ == "__main__":
    main()
