"""Overload: several times as many callers as the server can serve, booking and reading at once.  It answers each of them
with what it is asked for or a clear refusal, stays within its memory, and serves the next caller right after.

    tests/fault_overload.py [--seconds 4] [--connections 600]
"""

import collections
import os
import re
import subprocess
import threading

from faults import BASE, HALF_HOUR, Target, Wire, check_database, instant
from noonmark import Server, argument, check, run, same

MAY_ANSWER = {200, 201, 304, 409, 422, 429, 503}
MEMORY_MIB = 128
SCRIPT = """
local count, made = {first}, 0
local head = {{ ["Content-Type"] = "application/json", Authorization = "{authorization}" }}
function request()
  count = count + {step}
  if count % 4 == 0 then return wrk.format("GET", "{slots}") end
  return wrk.format("POST", "/v1/bookings", head, string.format([[{body}]], os.date("!%Y-%m-%dT%H:%M:%SZ", {base} + count % 4000 * 1800)))
end
local seen = {{}}
function response(status) seen[status] = (seen[status] or 0) + 1; told = "" for s, n in pairs(seen) do told = told .. s .. "=" .. n .. " " end end
local threads = {{}}
function setup(thread) table.insert(threads, thread) end
function done() for _, t in ipairs(threads) do io.write("statuses ", t:get("told") or "", "\\n") end end
"""


def resident(server):
    """MiB."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) / 1024


def write_script(server, target):
    body = ('{"event_type_id":"%s","start":"%%s","duration_minutes":30,"time_zone":"UTC","invitee":{"name":"Racer",'
            '"email":"racer@example.org"}}' % target.kind["id"])
    path = os.path.join(server.temporary, "load.lua")
    with open(path, "w", encoding="ascii") as file:
        file.write(SCRIPT.format(first=0, step=1, authorization=target.authorization, base=BASE, body=body,
                                 slots=f"/v1/event-types/{target.kind['id']}/slots?from=2026-03-04&to=2026-03-31&time_zone=UTC"))
    return path


def test_overload():
    seconds, connections = argument("seconds", 4), argument("connections", 600)
    with Server(connections_per_address=0) as server:
        target = Target(server, quiet=True)
        path, said = write_script(server, target), []
        command = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", path, server.base]
        thread = threading.Thread(target=lambda: said.append(subprocess.run(command, capture_output=True, text=True, check=False).stdout))
        thread.start()
        probe, answered = Wire(server.address), 0
        while thread.is_alive():
            same(probe.call("GET", "/healthz").status, 200, "a probe meanwhile")
            answered += 1
            thread.join(0.2)
        statuses = collections.Counter()
        for status, count in re.findall(r"(\d{3})=(\d+)", said[0]):
            statuses[int(status)] += int(count)
        print(f"{connections} connections, {seconds} s: {dict(statuses)}; {answered} probes; {resident(server):.0f} MiB", flush=True)
        check(set(statuses) <= MAY_ANSWER and statuses[200] and statuses[201], f"answers: {dict(statuses)}")
        check(not re.search(r"Socket errors: .*(connect|read|write) [1-9]", said[0]), f"no connection broke: {said[0]}")
        check(resident(server) < MEMORY_MIB or os.environ.get("NOONMARK_SANITIZED"), f"{resident(server):.0f} MiB, not {MEMORY_MIB}")
        after = Wire(server.address, target.authorization).call("POST", "/v1/bookings", target.body(BASE + 5000 * HALF_HOUR))
        same(after.status, 201, f"the next one, at {instant(BASE + 5000 * HALF_HOUR)}")
        check_database(server, None, label="after the load")


run(globals())
