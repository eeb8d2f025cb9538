#!/usr/bin/python3
"""How late reminders are: many that are due in the same second, from that second until their mail is handed over.

    bench_jobs.py [--bookings 500]

The clock is moved to the second when they are due; the mail server is a stand-in on the loopback that takes every mail
at once.  Each booking reminds two people.
"""
import argparse
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))
arguments = argparse.ArgumentParser()
arguments.add_argument("--bookings", type=int, default=500)
BOOKINGS = arguments.parse_args().bookings
from noonmark import ALWAYS, Server, booking_body  # noqa: E402
from smtp_server import StandIn  # noqa: E402

WANTED_SECONDS = 5
NOW, SEATS = 1772438400, 100


def instant(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def main():
    arrived = []
    with StandIn(stored=lambda number: arrived.append(time.monotonic())) as smtp, Server() as server:
        host = server.register("ada")
        host.set_hours(ALWAYS)
        client = host.key_client
        for i in range(0, BOOKINGS, SEATS):  # meetings at other hours, reminded in the same second
            kind = client.post("/v1/event-types", {
                "code": f"group-{i}", "title": "Group", "schedule_id": host.schedule["id"], "seats": SEATS, "durations": [{"minutes": 60}],
                "reminders": [60 + i // SEATS * 120], "minimum_notice_minutes": 0}, status=201).json
            for k in range(min(SEATS, BOOKINGS - i)):
                client.post("/v1/bookings", booking_body(kind, instant(NOW + 86400 + i // SEATS * 7200), f"Ivy {k}", f"ivy{i + k}@example.org"), status=201)
        server.settings["smtp_url"] = smtp.url
        server.restart()
        time.sleep(1)
        already = len(arrived)
        began = time.monotonic()
        server.clock(instant(NOW + 86400 - 3600))
        while len(arrived) < already + 2 * BOOKINGS and time.monotonic() < began + 120:
            time.sleep(0.05)
        late = sorted(t - began for t in arrived[already:])
    print("%d reminders due at once: half within %.1f s, 99%% within %.1f s (%d s wanted), all within %.1f s" %
          (len(late), statistics.median(late), late[int(len(late) * 0.99) - 1], WANTED_SECONDS, late[-1]))


main()
