"""A full disk: writes are refused clearly, reads go on, nothing is half there, and space is all it takes to recover.

    tests/fault_disk.py [--megabytes 4]        needs to mount a tmpfs
"""

import os
import subprocess
import tempfile
import time

from faults import BASE, HALF_HOUR, Target, Wire, check_database
from noonmark import Server, argument, check, must, run, same


def fill(folder):
    """A file that takes all that is left."""
    path = os.path.join(folder, "ballast")
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 4096)
        except OSError:
            pass
    return path


def test_full_disk():
    folder = tempfile.mkdtemp(prefix="noonmark-disk-")
    size = argument("megabytes", 4)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=0700", "tmpfs", folder], check=False,
                             capture_output=True)
    must(mounted.returncode == 0, f"cannot mount a tmpfs: {mounted.stderr}")
    try:
        with Server(folder=os.path.join(folder, "data")) as server:
            fill_and_recover(server, folder)
    finally:
        subprocess.run(["umount", folder], check=True)
        os.rmdir(folder)


def fill_and_recover(server, folder):
    target = Target(server, quiet=True)
    wire = Wire(server.address, target.authorization)
    acked, start, refused = {}, BASE, []

    def book():
        nonlocal start
        start += HALF_HOUR
        reply = wire.call("POST", "/v1/bookings", target.body(start))
        if reply.status == 201:
            acked[reply.json["id"]] = ("confirmed", start)
        return reply
    for _ in range(20):
        same(book().status, 201, "with space")
    ballast = fill(folder)
    for _ in range(3000):
        reply = book()
        if reply.status != 201:
            refused.append(reply)
            if len(refused) == 40:
                break
    check(len(refused) == 40, f"the disk never filled up: {len(acked)} bookings")
    same({r.status for r in refused} - {503, 507}, set(), "statuses of refused writes")
    codes = {r.json["code"] for r in refused}
    check(codes <= {"storage_full", "unavailable"}, f"codes {codes}")
    print(f"{len(acked)} bookings, then {len(refused)} refused: {codes}", flush=True)
    client = target.client(server)
    for path in ("/v1/me", "/v1/bookings", f"/v1/bookings/{next(iter(acked))}", "/v1/schedules"):
        client.get(path, status=200)
    check(server.slots(target.kind, "2026-03-02", "2026-03-30"), "slots are listed on a full disk")
    server.client().get("/readyz", status=(200, 503))
    answer = client.post("/v1/holds", {"event_type_id": target.kind["id"], "start": "2026-05-01T00:00:00Z",
                                       "duration_minutes": 30}, status=(503, 507))
    check("detail" in answer.json, "words")
    os.unlink(ballast)
    until = time.monotonic() + 5
    while time.monotonic() < until and book().status != 201:
        time.sleep(0.05)
    same(book().status, 201, "without a restart, once there is space")
    check(server.process.poll() is None, "the process lives")
    check_database(server, acked, label="after a full disk")
    server.restart()
    check_database(server, acked, label="after a restart")


run(globals())
