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
    """All bytes until the server closes; a reset raises."""
    data = b""
    while piece := sock.recv(65536):
        data += piece
    return data


def ends(tally, what, sock, started, least, starts):
    """How it was ended, and after `least` seconds or later.  That it is not much later is seen by that it ends at all while
    bytes still drip."""
    try:
        data = until_end(sock)
    except OSError as error:
        tally.check(False, f"{what}: {error!r}")
        return
    took = time.monotonic() - started
    tally.check(data.startswith(starts) and (starts or not data), f"{what}: {data[:100]!r}")
    tally.check(took >= least, f"{what}: ended after {took:.2f} s, wanted {least}")


def deadlines(tally):
    late = b"HTTP/1.1 408 "
    with Server(head_ms=1500, body_ms=2000, idle_ms=1000, linger_ms=300) as server:
        over = threading.Event()
        first = {
            "half a head": (b"GET /hello HT", 1.4, late),
            "a head byte by byte": (b"G", 1.4, late),
            "half a body": (get("/echo", "Content-Length: 10", method="POST") + b"abc", 1.9, late),
            "a body byte by byte": (get("/echo", "Content-Length: 60000", method="POST"), 1.9, late),
            "an idle connection": (get("/hello"), 0.9, b"HTTP/1.1 200 "),
            "a connection without a byte": (b"", 0.9, b""),
            # an answer in the making is not cut short by any of these
            "a slow handler": (get("/wait/2500", close=True), 2.4, b"HTTP/1.1 200 "),
        }
        socks, waits = {}, []
        for what, (data, least, starts) in first.items():
            started, socks[what] = time.monotonic(), server.connect()
            if data:
                socks[what].sendall(data)
            waits.append(threading.Thread(target=ends, args=(tally, what, socks[what], started, least, starts)))

        def drip():
            while not over.wait(0.05):
                for what in ("a head byte by byte", "a body byte by byte"):
                    try:
                        socks[what].sendall(b"G")
                    except OSError:
                        pass

        waits.append(thread := threading.Thread(target=drip))
        for wait in waits:
            wait.start()
        for wait in waits[:-1]:
            wait.join()
        over.set()
        thread.join()
        for sock in socks.values():
            sock.close()
        counters = server.counters()
        tally.check(counters["late_head"] == 2 and counters["late_body"] == 2 and counters["late_idle"] == 2, f"{counters}")


def stalls(tally):
    with Server(stall_ms=500) as server:
        with server.connect(receive_buffer=4096) as sock:
            sock.sendall(get("/size/8000000"))
            gone = wait_until(lambda: server.counters()["late_write"] == 1)
            tally.check(gone, "a client that reads nothing is given up")
            tally.check(wait_until(lambda: server.counters()["gone"] == 1), "its answer counts as not delivered")
        with server.connect(receive_buffer=4096) as sock:
            sock.sendall(get("/size/8000000"))
            sock.settimeout(0.05)

            def given_up():
                try:
                    sock.recv(512)
                except OSError:
                    pass
                return server.counters()["late_write"] == 2
            tally.check(wait_until(given_up), "a client that reads 10 KB/s is given up")
    with Server(stall_ms=2000) as server:
        with server.connect() as sock:
            sock.sendall(get("/size/8000000", close=True))
            taken, start = 0, time.monotonic()
            while piece := sock.recv(65536):
                taken += len(piece)
                if time.monotonic() - start < 2.5:
                    time.sleep(0.03)  # about 2 MB/s at first: slower than the stall limit in all, but moving
            tally.check(taken > 8000000, f"a client that is only slow gets everything: {taken}")


def unread(tally):
    """Answers that nobody reads have so much memory; the one that waits longest makes room for the next."""
    with Server(threads=1, unsent_max=40 << 20) as server:
        before, socks = server.memory_kib(), []
        for count in range(1, 11):
            socks.append(server.connect(receive_buffer=4096))
            socks[-1].sendall(get("/copy/8000000", close=True))
            tally.check(wait_until(lambda: server.counters()["requests"] >= count), "it is asked for")
        tally.check(wait_until(lambda: server.counters()["late_write"] >= 5), f"the first are given up: {server.counters()}")
        after = server.memory_kib()
        tally.check(after - before < 60 << 10, f"{after - before} KiB for answers that nobody reads")
        first, last = (len(until_end(sock)) for sock in (socks[0], socks[-1]))
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
        tally.check(p99 < 2, f"beside 400 slow clients a good one waits {p99 * 1000:.0f} ms at p99")


def stuck_handlers(tally):
    """Handlers that wait on workers keep nobody waiting."""
    with Server() as server:
        socks = [server.connect() for _ in range(4)]
        for sock in socks:
            sock.sendall(get("/wait/3000"))
        tally.check(wait_until(lambda: server.counters()["in_flight"] >= 4), "in flight are counted")
        good, before = True, 0
        for _ in range(50):
            good = good and exchange(server, get("/hello", close=True))[0].status == 200
            before += not select.select(socks, [], [], 0)[0]
        tally.check(good and before, "four waiting requests hold up the others")
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
        tally.check(wait_until(lambda: server.counters()["open"] <= 1), "connections of clients that left stay open")
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
            tally.check(statuses == [200] and time.monotonic() - start < 20, f"request and end together: {statuses}")


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
        tally.check(wait_until(lambda: exchange(server, get("/hello", close=True))[0].status == 200), "room after a close")
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
        tally.check(wait_until(lambda: exchange(server, get("/hello", close=True))[0].status == 200), "room again")
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
        tally.check(wait_until(lambda: len(os.listdir(f"/proc/{server.process.pid}/fd")) >= 40), "it runs out")
        for sock in socks[:30]:
            sock.close()
        answers = []
        for sock in socks[30:]:
            sock.sendall(get("/hello", close=True))
        for sock in socks[30:]:
            answers += Answers(sock).rest()
            sock.close()
        tally.check([a.status for a in answers] == [200] * 30, f"{len(answers)} of 30 answered after running out")
        tally.check(wait_until(lambda: server.counters()["paused"] >= 1), "accepting paused")
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
        sock.settimeout(60)
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


def begun(server, ms):
    """A connection with a request that the server has begun to read, and answers after so long."""
    sock = server.connect()
    sock.sendall(get(f"/wait/{ms}", "Content-Length: 2", "Expect: 100-continue", method="POST"))
    Answers(sock).next()
    sock.sendall(b"ok")
    return sock


def drain(tally):
    for threads in (1, 2):
        server = Server(per_address=0, threads=threads)
        paths = ["/hello", "/size/18000", "/wait/20", "/copy/300000", "/wait/60"]
        visitors = [Visitor(server, paths, keep=i % 2 == 0) for i in range(16)]
        for visitor in visitors:
            visitor.start()
        idle = server.connect()
        idle.sendall(get("/hello"))
        Answers(idle).next()
        wait_until(lambda: sum(visitor.answered for visitor in visitors) > 100)
        long = begun(server, 1200)
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
        tally.check(said == "drained", f"{said} after {took:.1f} s")
        tally.check([a.status for a in Answers(long).rest()] == [200], "the long request is answered")
        tally.check(idle.recv(1) == b"", "the idle connection is closed, not reset")
        long.close()
        idle.close()
    server = Server(drain_ms=300)
    with begun(server, 3000):
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
        tally.check(wait_until(lambda: server.counters()["idle"] == count), "idle ones are counted")
        for sock in socks:
            sock.close()
        tally.check(wait_until(lambda: server.counters()["open"] == 1), "all are closed")


def local(tally):
    path = f"/tmp/noonmark-test-{os.getpid()}.sock"
    for _ in range(2):  # the second finds the path free again
        with Server(local=f"unix:{path}") as server:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(60)
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
            run = subprocess.run([path, f"listen={listen}"], capture_output=True, text=True, timeout=60, check=False)
            tally.check(run.returncode == 1 and says in run.stderr and listen in run.stderr, f"listen={listen}: {run.stderr}")
        run = subprocess.run([path, "trusted=10.0.0.0/33"], capture_output=True, text=True, timeout=60, check=False)
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
        for path, most in (("/hello", 1), ("/slow/1", 1.2)):
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
