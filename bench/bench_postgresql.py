#!/usr/bin/python3
"""On PostgreSQL: bookings a second over HTTP with distinct hosts, beside pgbench doing the bare lock, overlap check and
insert on the same server; and slots of a database with many bookings beside those of a small one.

    bench_postgresql.py [--seconds 4] [--users 2000] [--rounds 3] [--large-users 5000] [--url URL]

The server is a cluster of its own with fsync on.  Mails are files in memory: a relay would be another machine's.  --url: a database that populate_postgresql.py filled with --large-users,
instead of one that is made here, with 20 bookings each.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests"))

import psycopg2

import populate
import populate_postgresql
import postgresql
from bench_booking import A_ROUND, ROUNDS_MOST, book, prove, write_script
from bench_serving import Noonmark, load, spread

CALLERS, PAUSE = 16, 10  # of slots, and the milliseconds that each waits between answer and request: some 1,500 a second
CONNECTIONS = 10  # the default of NOONMARK_DATABASE_CONNECTIONS, and pgbench's clients
BARE = """
\\set user random(0, {users} - 1)
\\set slot random(0, 100000000)
\\set id random(1, 9000000000000000000)
BEGIN;
SELECT version FROM bookable WHERE id = {id} FOR UPDATE;
SELECT id FROM reservation WHERE bookable_id = {id} AND ends_at > 4000000000 + (:slot)::bigint * 1800 AND starts_at < 4000001800 + (:slot)::bigint * 1800;
INSERT INTO reservation (id, bookable_id, event_type_id, starts_at, ends_at, buffer_before_minutes, buffer_after_minutes, seats)
VALUES (decode(lpad(to_hex((:id)::bigint), 16, '0') || lpad(to_hex((:slot)::bigint), 16, '0'), 'hex'), {id}, {id}, 4000000000 + (:slot)::bigint * 1800, 4000001800 + (:slot)::bigint * 1800, 0, 0, 1);
COMMIT;
"""


def shared(url, folder):
    return Noonmark(folder, NOONMARK_DATABASE=url, NOONMARK_DATABASE_CONNECTIONS=str(CONNECTIONS))


def made(cluster, folder, users, bookings, exclusion=True):
    """A database with rows, and its address."""
    url = cluster.url(cluster.make())
    shared(url, folder).stop()
    populate_postgresql.fill(url, users, 1, bookings, int(time.time()), exclusion)
    return url


ANEW = """
local zones = {{ {zones} }}
local function day(n) return os.date("!%Y-%m-%d", os.time() + n * 86400) end
function request()
  local first, zone, user = math.random(1, 28), zones[math.random(#zones)], math.random(0, {users} - 1)
  return wrk.format("GET", string.format("/v1/event-types/01900000-0003-7000-8000-%012x/slots?from=%s&to=%s&time_zone=%s", user, day(first), day(first + 27), zone))
end
function delay() return {delay} end
"""
ZONES = ("Europe/Berlin Europe/London Europe/Lisbon Europe/Kyiv Africa/Cairo Africa/Lagos Africa/Nairobi America/New_York America/Chicago "
         "America/Denver America/Los_Angeles America/Bogota America/Lima America/Sao_Paulo Asia/Tokyo Asia/Seoul Asia/Shanghai Asia/Singapore "
         "Asia/Kolkata Asia/Dubai Asia/Karachi Asia/Jakarta Australia/Sydney Australia/Perth Pacific/Auckland UTC").split()


def anew(folder, name, users, pause):
    """Four weeks of slots of some host, from some day on, for some zone: few are asked twice, so that few are cached.
    pause: milliseconds between a connection's answer and its next request, about; 0: none."""
    path = f"{folder}/{name}.lua"
    with open(path, "w", encoding="utf-8") as file:
        file.write(ANEW.format(users=users, zones=",".join(f'"{z}"' for z in ZONES),
                               delay=f"math.random({pause // 2}, {pause * 3 // 2})" if pause else "0"))
    return path


def bare(url, folder, users, seconds):
    """Transactions a second; those that met another of the same slot do not count."""
    path = f"{folder}/bare.sql"
    with open(path, "w", encoding="utf-8") as file:
        file.write(BARE.format(users=users, id=populate_postgresql.identity(1, "(:user)::bigint")))
    done = subprocess.run([f"{postgresql.PROGRAMS}/pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2", "-T", str(seconds),
                          "-f", path, url], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"pgbench: {done.stderr[-600:]}")
    return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))


def execute(url, sql):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute(sql)
    connection.close()


def bookings(args, folder, home, url):
    """home: of the server's keys and mails."""
    ratios, last = [], None
    with shared(url, home) as server:
        proof = prove(server, home)
        book(server, write_script(folder, "first", args.users, 1, proof, 0), 1)
        execute(url, "ANALYZE")  # as autovacuum leaves it a minute after the first rows
        for turn in range(args.rounds):
            path = write_script(folder, f"distinct{turn}", args.users, 1, proof, (turn + 1) * A_ROUND * args.users)
            made, refused = book(server, path, args.seconds)
            if refused:
                raise SystemExit(f"{refused:.0f} refusals a second: the times of round {turn + 1} were taken")
            last = made, bare(url, folder, args.users, args.seconds)
            ratios.append(last[0] / last[1])
    print(f"{'PostgreSQL: bookings, distinct hosts':42} {last[0]:9.0f} / {last[1]:9.0f} per s   ratio {spread(ratios)}   wanted ≥ 0.5"
          "   beside pgbench's bare lock, check and insert")


def tails(args, folder, small, large):
    """Slots that are not cached, on each engine with few rows and with many: how long they take at a load that all can carry,
    and how many there can be.  (Where callers ask again at once, the tail is of those whom the scheduler lets wait.)"""
    embedded = f"{folder}/embedded"
    Noonmark(embedded).stop()
    populate.fill(f"{embedded}/noonmark.db", 10, 1, 20, int(time.time()))
    with shared(small, f"{folder}/shared") as a, shared(large, f"{folder}/shared-large") as b, Noonmark(embedded) as c:
        ratios = []

        def loads(pause):
            few, many = (anew(folder, name, n, pause) for name, n in (("few", 10), ("many", args.large_users)))
            return [load(s.base, CALLERS, args.seconds, script=path) for s, path in ((b, many), (a, few), (c, few))]
        for _ in range(args.rounds):
            paced = loads(PAUSE)
            ratios.append(paced[0][1] / paced[1][1])
        most = loads(0)
    print(f"{'PostgreSQL: slots, 99th percentile':42} {paced[0][1]:9.2f} / {paced[1][1]:9.2f} ms      ratio {spread(ratios)}   wanted ≤ 2"
          f"   {args.large_users * 20} bookings beside 200, at {paced[0][0]:.0f} per s; embedded {paced[2][1]:.2f} ms; "
          f"at most {most[0][0]:.0f}, {most[1][0]:.0f}, embedded {most[2][0]:.0f} per s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, ROUNDS_MOST + 1))
    parser.add_argument("--large-users", type=int, default=5000)
    parser.add_argument("--url")
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="noonmark-bench-")
    home = tempfile.mkdtemp(prefix="noonmark-bench-", dir="/dev/shm")
    cluster = postgresql.Cluster(autovacuum_naptime="1min", shared_buffers="'1GB'", max_wal_size="'4GB'")
    try:
        bookings(args, folder, home, made(cluster, home, args.users, 0))
        if args.url:
            populate_postgresql.disown(args.url)
        large = args.url or made(cluster, f"{folder}/shared-large", args.large_users, 20)
        tails(args, folder, made(cluster, f"{folder}/shared", 10, 20), large)
    finally:
        cluster.end()
        shutil.rmtree(folder)
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
