#!/usr/bin/python3
"""Bookings a second over HTTP with distinct hosts, beside raw group-committed inserts of the same rows; and what a
refusal costs when all race for one slot, beside a read.

    bench_booking.py [--seconds 4] [--users 2000] [--rounds 3]

Every booking is durable (WAL, synchronous=FULL) before it is answered.  The raw inserts are of the very rows that the
bookings left (bench_rows.c), into a copy of the database from before them: no HTTP, no checks, as many to a commit as
the server came to.
"""
import argparse
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.request

from bench_serving import BINARY, Noonmark, load, month, script, spread

import populate

ROWS = os.path.join(os.path.dirname(BINARY), "bench/bench_rows")
CONNECTIONS = 64
STARTS, A_ROUND = 600, 46  # half hours within the horizon; of these, a round's of its own
ROUNDS_MOST = STARTS // A_ROUND - 1
INVITEE = "ivy@example.org"
LUA = """
local starts = {{ {starts} }}
users, sent, made, refused, failed = {users}, {first}, 0, 0, 0
local head = {{ ["Content-Type"] = "application/json" }}
function request()
  local user, slot = sent % users, math.floor(sent / users) % #starts
  sent = sent + {step}
  return wrk.format("POST", "/v1/bookings", head, string.format([[{body}]], user * {types}, starts[slot + 1]))
end
function response(status)
  if status == 201 then made = made + 1 elseif status == 409 then refused = refused + 1 else failed = failed + 1 end
end
local threads = {{}}
function setup(thread) table.insert(threads, thread) end
function done(summary)
  local m, r, f = 0, 0, 0
  for _, t in ipairs(threads) do m = m + t:get("made"); r = r + t:get("refused"); f = f + t:get("failed") end
  io.write(string.format("made %d refused %d failed %d seconds %f\\n", m, r, f, summary.duration / 1e6))
end
"""
BODY = ('{"event_type_id":"01900000-0003-7000-8000-%%012x","start":"%%s","duration_minutes":30,"time_zone":"UTC",'
        '"invitee":{"name":"Ivy","email":"ivy@example.org"},"email_proof":"PROOF"}').replace("%%", "%")


def post(base, path, body):
    request = urllib.request.Request(base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def prove(server, folder):
    """An email proof of the invitee, whose code comes in a mail file."""
    proof = post(server.base, "/v1/email-proofs", {"email": INVITEE})
    for _ in range(200):
        time.sleep(0.05)
        for name in os.listdir(f"{folder}/mail") if os.path.isdir(f"{folder}/mail") else []:
            with open(f"{folder}/mail/{name}") as mail:
                code = re.search(r"^Subject: .*?(\d{6})", mail.read(), re.M)
            if code and name.endswith(".eml"):
                return post(server.base, f"/v1/email-proofs/{proof['id']}/verify", {"code": code.group(1)})["email_proof"]
    raise SystemExit("no mail with a code came")


def starts():
    source = populate.working_half_hours(int(time.time()) + 86400)
    return [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(next(source))) for _ in range(STARTS)]


def write_script(folder, name, users, step, proof, first=0):
    path = f"{folder}/{name}.lua"
    with open(path, "w") as file:
        file.write(LUA.format(starts=",".join(f'"{s}"' for s in starts()), users=users, step=step, types=1, first=first,
                              body=BODY.replace("PROOF", proof)))
    return path


def book(server, path, seconds):
    """Bookings and refusals a second."""
    out = subprocess.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", "-s", path, server.base],
                         capture_output=True, text=True, check=True).stdout
    made, refused, failed, took = re.search(r"made (\d+) refused (\d+) failed (\d+) seconds ([\d.]+)", out).groups()
    if int(failed):
        raise SystemExit(f"{failed} answers were neither 201 nor 409\n{out}")
    return int(made) / float(took), int(refused) / float(took)


def copy(data, to):
    """The database as it is now, its log moved into it."""
    with sqlite3.connect(data) as source, sqlite3.connect(to) as target:
        source.backup(target)
    return to


def commits(server):
    """How many the server has made."""
    with urllib.request.urlopen(f"http://{server.metrics}/metrics") as answer:
        return int(re.search(r"^noonmark_store_commits_total (\d+)", answer.read().decode(), re.M).group(1))


def raw(before, after, group):
    """What the engine alone reaches with the rows that are in `after` and not in `before`.  Jobs that were done meanwhile
    are made what they were when they were inserted."""
    with sqlite3.connect(after) as database:
        database.execute("UPDATE job SET state = 'waiting', tries = 0, done_at = NULL, payload = (SELECT payload FROM job"
                         " WHERE kind = 'booking_mail' AND payload <> '{}' LIMIT 1) WHERE payload = '{}'")
    out = subprocess.run([ROWS, before, after, str(group)], capture_output=True, text=True, check=True).stdout
    return float(out.split()[0]), out.split(": ")[1].strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, ROUNDS_MOST + 1))
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="noonmark-bench-")
    try:
        data = f"{folder}/data"
        Noonmark(data).stop()
        populate.fill(f"{data}/noonmark.db", args.users, 1, 0, int(time.time()))
        with Noonmark(data) as server:
            proof = prove(server, data)
        distinct(args, folder, data, proof)
        with Noonmark(data) as server:
            racing(args, folder, server, proof)
    finally:
        shutil.rmtree(folder)


def distinct(args, folder, data, proof):
    ratios, last = [], None
    for turn in range(args.rounds):
        before = copy(f"{data}/noonmark.db", f"{folder}/before.db")
        path = write_script(folder, f"distinct{turn}", args.users, 1, proof, turn * A_ROUND * args.users)
        with Noonmark(data) as server:
            earlier = commits(server)
            made = book(server, path, args.seconds)[0]
            group = round(made * args.seconds / (commits(server) - earlier))
        reference, rows = raw(before, copy(f"{data}/noonmark.db", f"{folder}/after.db"), group)
        ratios.append(made / reference)
        last = made, reference
    print(f"{'bookings, distinct hosts, durable':42} {last[0]:9.0f} / {last[1]:9.0f} per s   ratio {spread(ratios)}"
          f"   wanted ≥ 0.5")
    print(f"{'  inserted again':42} {rows}")


def racing(args, folder, server, proof):
    path = write_script(folder, "one", 1, 0, proof)
    url = month(server.base, populate.text(populate.event_type_id(0)))
    any_type = script(folder, "any", args.users, url, types=1)
    refusals = [book(server, path, args.seconds)[1] for _ in range(args.rounds)]
    reads = [load(server.base, CONNECTIONS, args.seconds, script=any_type)[0] for _ in range(args.rounds)]
    print(f"{'refusals, all racing for one slot':42} {statistics.median(refusals):9.0f} / {statistics.median(reads):9.0f}"
          f" per s   ratio {spread([a / b for a, b in zip(refusals, reads)])}   beside slots not cached")


if __name__ == "__main__":
    main()
