#!/usr/bin/python3
"""Slots over HTTP beside nginx serving the same bytes from a file, memory, start and size; all from one run.

    bench_serving.py [--seconds 3] [--users 100000] [--rounds 3]

Both servers have two threads and no log.  The two are measured in turn, and a ratio is taken pair by pair; the median
is printed, with the lowest and highest.  `--users 0` leaves the large database out.
"""
import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import populate  # noqa: E402

BINARY = os.path.abspath(os.environ.get("NOONMARK_BINARY", os.path.join(HERE, "../build/gcc/noonmark")))
NGINX = """
worker_processes 2; pid {folder}/pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 20000; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=100;
    default_type application/json;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Noonmark:
    """The server on a folder; `ready` is how long it took to say so, in seconds.  settings: further NOONMARK_…"""

    def __init__(self, folder, **settings):
        self.metrics = f"127.0.0.1:{free_port()}"
        environment = dict(os.environ, NOONMARK_LISTEN="127.0.0.1:0", NOONMARK_METRICS_LISTEN=self.metrics, NOONMARK_DATA=folder,
                           NOONMARK_RATE_LIMITS="off", NOONMARK_LOG_REQUESTS="off", NOONMARK_CONNECTIONS_PER_ADDRESS="0",
                           **settings)
        began = time.monotonic()
        self.process = subprocess.Popen([BINARY, "serve"], env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.base = self.process.stdout.readline().split()[-1]
        self.ready = time.monotonic() - began

    def resident(self):
        """MiB of memory that the process holds now."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Nginx:
    def __init__(self, folder, body):
        os.makedirs(folder)
        os.chmod(folder, 0o755)
        with open(f"{folder}/slots.json", "wb") as file:
            file.write(body)
        port = free_port()
        with open(f"{folder}/nginx.conf", "w") as file:
            file.write(NGINX.format(folder=folder, port=port))
        self.process = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}/slots.json"
        for _ in range(100):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def fetch(url, headers=None):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as answer:
        return answer.read(), answer.headers


UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def load(url, connections, seconds, header=None, script=None):
    """Requests/s and the 99th percentile in ms, by wrk with one thread."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency"]
    command += ["-H", header] if header else []
    command += ["-s", script] if script else []
    ran = subprocess.run(command + [url], capture_output=True, text=True, check=False)
    out = ran.stdout
    if ran.returncode:
        sys.exit(f"{' '.join(command)} {url}: {out}{ran.stderr}")
    if "Non-2xx" in out and not header:
        sys.exit(f"answers failed under load:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", out).groups()
    return rate, float(number) * UNITS[unit]


def spread(values):
    return f"{statistics.median(values):.2f}  ({min(values):.2f} to {max(values):.2f})"


def pair(title, ours, theirs, rounds, limit, tail=True):
    """Measure two loads in turn and print the ratios."""
    rates, tails, last = [], [], None
    for _ in range(rounds):
        a, b = ours(), theirs()
        rates.append(a[0] / b[0])
        tails.append(a[1] / b[1])
        last = (a, b)
    print(f"{title:42} {last[0][0]:9.0f} / {last[1][0]:9.0f} per s   ratio {spread(rates)}   wanted ≥ {limit}")
    if tail:
        print(f"{'  99th percentile':42} {last[0][1]:9.2f} / {last[1][1]:9.2f} ms      ratio {spread(tails)}   wanted ≤ 3")


def month(base, event_type):
    today = time.time() // 86400 * 86400
    dates = [time.strftime("%Y-%m-%d", time.gmtime(today + d * 86400)) for d in (1, 28)]
    return f"{base}/v1/event-types/{event_type}/slots?from={dates[0]}&to={dates[1]}&time_zone=Asia/Kolkata"


def database(folder, users, types, bookings):
    """A folder with a filled database: the server makes the schema, then the rows go in."""
    Noonmark(folder).stop()
    populate.fill(f"{folder}/noonmark.db", users, types, bookings, int(time.time()))


LUA = """
local users = {users}
local function id(n) return string.format("01900000-0003-7000-8000-%012x", n) end
function request() return wrk.format("GET", "/v1/event-types/" .. id(math.random(0, users * {types} - 1)) .. "{tail}") end
"""


def connections_memory(server, count):
    """MiB with `count` open connections, each of which has had one answer."""
    host, port = server.base[7:].split(":")
    held = []
    for _ in range(count):
        s = socket.create_connection((host, int(port)))
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        held.append(s)
    for s in held:
        s.recv(4096)
    time.sleep(0.5)
    resident = server.resident()
    for s in held:
        s.close()
    return resident


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--users", type=int, default=100_000)
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="noonmark-bench-")
    os.chmod(folder, 0o755)  # nginx's workers are nobody
    try:
        measure(args, folder)
    finally:
        shutil.rmtree(folder)


def size(folder):
    stripped = f"{folder}/stripped"
    subprocess.run(["strip", "-o", stripped, BINARY], check=True)
    print(f"{'binary, stripped':42} {os.path.getsize(stripped) / 2**20:9.2f} MiB    wanted < 3")


def start(folder):
    times = []
    for _ in range(5):
        server = Noonmark(folder)
        times.append(server.ready * 1000)
        server.stop()
    print(f"{'start to ready, existing database':42} {statistics.median(times):9.1f} ms     wanted ≤ 50")


def measure(args, folder):
    small = f"{folder}/small"
    database(small, 10, 5, 50)
    size(folder)
    start(small)
    with Noonmark(small) as server:
        print(f"{'memory, idle':42} {server.resident():9.1f} MiB    wanted ≤ 24")
        url = month(server.base, populate.text(populate.event_type_id(0)))
        with Nginx(f"{folder}/nginx", fetch(url)[0]) as peer:
            beside(args, url, peer.url)
        print(f"{'memory, 5,000 open connections':42} {connections_memory(server, 5000):9.1f} MiB    wanted ≤ 64")
        if args.users:
            large(args, folder, server)


def beside(args, url, peer):
    """Our slots and a file of the same bytes from nginx."""
    body, headers = fetch(url)
    print(f"slots of 28 days: {len(body)} bytes, {len(re.findall(b'start', body))} slots; beside nginx with the same bytes")
    for connections in (16, 64):
        pair(f"GET slots, {connections} connections", lambda: load(url, connections, args.seconds),
             lambda: load(peer, connections, args.seconds), args.rounds, 0.5)
    ours = f"If-None-Match: {headers['ETag']}"
    theirs = f"If-None-Match: {fetch(peer)[1]['ETag']}"
    pair("GET slots, 304, 16 connections", lambda: load(url, 16, args.seconds, ours),
         lambda: load(peer, 16, args.seconds, theirs), args.rounds, 0.8, tail=False)


def script(folder, name, users, url, types=5):
    """A load over all event types of a filled database."""
    path = f"{folder}/{name}.lua"
    with open(path, "w") as file:
        file.write(LUA.format(users=users, types=types, tail=url[url.index("/slots"):]))
    return path


def large(args, folder, server):
    """The same request, and requests spread over all event types, with many users in the database and with few."""
    path = f"{folder}/large"
    began = time.time()
    database(path, args.users, 5, 50)
    print(f"database of {args.users} users, {args.users * 5} event types, {args.users * 50} bookings: "
          f"made in {time.time() - began:.0f} s, {os.path.getsize(path + '/noonmark.db') / 2**20:.0f} MiB")
    with Noonmark(path) as big:
        event_type = populate.text(populate.event_type_id(0))
        urls = [month(s.base, event_type) for s in (big, server)]
        pair("GET slots, large beside small", lambda: load(urls[0], 16, args.seconds),
             lambda: load(urls[1], 16, args.seconds), args.rounds, 0.8, tail=False)
        scripts = [script(folder, "big", args.users, urls[0]), script(folder, "small", 10, urls[1])]
        pair("  any event type, not cached beside cached", lambda: load(big.base, 16, args.seconds, script=scripts[0]),
             lambda: load(server.base, 16, args.seconds, script=scripts[1]), args.rounds, "-", tail=False)


if __name__ == "__main__":
    main()
