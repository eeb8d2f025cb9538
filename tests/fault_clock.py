"""Clocks: the time of day is set while the server runs, nights with an hour twice or never, a second that comes again.
Nothing waits for a time that has passed, no token ends early, no reminder is lost or comes twice.

    tests/fault_clock.py        O: the build folder with tests/fault/preload_wallclock.so
"""

import collections
import contextlib
import itertools
import os
import re
import threading
import time

from faults import Wire, check_database, comes, instant, preload, seconds_of
from noonmark import ALWAYS, Server, booking_body, check, run, same, until
from receiver import Receiver
from smtp_server import StandIn

NOW = 1772438400  # of the frozen clock
HOUR, DAY = 3600, 86400
ACCESS_SECONDS, HOLD_SECONDS, PROOF_SECONDS = 900, 600, 7200
# the second in which the clock is set: forward by an hour, back by one, back by half of one, and a leap second
NIGHTS = {"Europe/Berlin": ("2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"), "Australia/Lord_Howe": ("2026-04-04T15:00:00Z",),
          "UTC": ("2027-01-01T00:00:00Z",)}


def hour(n):
    return instant(NOW + n * HOUR)


def begun(server):
    with contextlib.closing(server.database()) as database:
        return database.execute("SELECT (SELECT COUNT(*) FROM job WHERE state = 'waiting' AND tries > 0) + (SELECT COUNT(*) "
                                "FROM webhook_delivery WHERE state = 'waiting' AND tries > 0)").fetchone()[0]


def test_the_time_of_day_is_set():
    """Of the server's process, by the system as it were: to and fro by an hour and a day."""
    if os.environ.get("NOONMARK_SANITIZED"):
        return
    with Receiver() as receiver, Server(clock=None, outbound_allow=receiver.peer) as server:
        path = os.path.join(server.temporary, "offset")
        server.environment = {"LD_PRELOAD": preload("wallclock"), "WALLCLOCK": path}
        server.restart()
        host = server.register("ada")
        host.set_hours(ALWAYS)
        kind = host.make_event_type("talk", minimum_notice_minutes=0, horizon_days=None, reminders=[])
        host.post("/v1/webhooks", {"url": receiver.url + "/in", "events": ["booking.created"]}, status=201)
        kept, client, acked = Wire(server.address), host.key_client, {}
        first = int(time.time()) // HOUR * HOUR + 10 * DAY
        for number, offset in enumerate((0, -HOUR, 0, HOUR, -DAY, DAY, -DAY, 0)):
            with open(path + ".new", "w", encoding="ascii") as f:
                f.write(str(offset))
            os.replace(path + ".new", path)
            time.sleep(0.3)  # so that each thread has begun to wait by this clock
            label, start = f"the clock is set to {offset:+d} s", first + number * HOUR
            made = client.post("/v1/bookings", booking_body(kind, instant(start), address=f"ivy{number}@example.org"), status=201).json
            acked[made["id"]] = ("confirmed", start)
            check(comes(lambda n=number: server.mails(f"ivy{n}@example.org")), f"{label}: a mail of now is sent now")
            check(comes(lambda n=number: len(receiver.requests) > n), f"{label}: a webhook of now is called now")
            until(lambda: begun(server) == 0, "what was begun is recorded: a clock that is set past its lease has it done again")
            same(kept.call("GET", "/healthz").status, 200, f"{label}: a connection lives on")
            same(host.get("/v1/me").status, 401 if offset >= HOUR else 200, f"{label}: a token of {ACCESS_SECONDS} s")
        same(len(receiver.requests), len(acked), "webhooks, none twice")
        check_database(server, acked, label="after the clock was set")


def test_tokens_last_as_long_as_they_say(server):
    """From when they were made until their time has come, however the clock went meanwhile."""
    host = server.register("tokens")
    host.set_hours(ALWAYS)
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    proof, stranger, free = server.prove("ivy@example.org"), server.client(), itertools.count(40)

    def lasts(what, seconds, holds):
        for at in (0, -HOUR, seconds - 1, -DAY, 0, seconds - 1):
            server.clock(instant(NOW + at))
            check(holds(), f"{what} of {seconds} s ended early, at {at:+d} s")
        server.clock(instant(NOW + seconds + 1))
        check(not holds(), f"{what} of {seconds} s has not ended")
        server.clock(instant(NOW))

    def is_offered():
        return hour(30)[:19] in [s[:19] for s in server.slots(kind)]

    def may_book():
        return stranger.post("/v1/bookings", booking_body(kind, hour(next(free)), email_proof=proof), status=(201, 403)).status == 201

    lasts("an access token", ACCESS_SECONDS, lambda: host.get("/v1/me").status == 200)
    # not before, as what has ended may be taken away before the clock is back
    stranger.post("/v1/holds", {"event_type_id": kind["id"], "start": hour(30), "duration_minutes": 30}, status=201)
    lasts("a hold", HOLD_SECONDS, lambda: not is_offered())
    lasts("the proof of an address", PROOF_SECONDS, may_book)


def test_nights():
    """The nights when the clock is set, and the one with a leap second, which the system shows as a second that comes twice:
    everybody is reminded once, at the hour that was promised."""
    for zone, moments in NIGHTS.items():
        for moment in moments:
            night(zone, seconds_of(moment))


def to_of(path):
    with open(path, "rb") as f:
        return re.search(rb"^To: .*?([\w.]+@[\w.]+)", f.read(), re.M | re.I).group(1).decode()


def night(zone, moment):
    label = f"the night of {instant(moment)} in {zone}"
    with Server(clock=instant(moment - 2 * DAY)) as server:
        host = server.register("ada", time_zone=zone)
        host.set_hours(ALWAYS)
        kind = host.make_event_type("talk", minimum_notice_minutes=0, reminders=[60], interval_minutes=30)
        due = {}
        for i in range(6):  # reminded from an hour before the moment until an hour and a half after
            start = moment + i * 1800
            body = booking_body(kind, instant(start), address=f"ivy{i}@example.org", time_zone=zone)
            host.key_client.post("/v1/bookings", body, status=201)
            due[f"ivy{i}@example.org"] = start - HOUR

        def reminded():
            found = [to_of(path) for path in server.mail_paths() if "reminder-60" in path]
            return collections.Counter(to for to in found if to in due)

        latest = 0
        for at in range(moment - HOUR, moment + 2 * HOUR, 1800):
            for second in (at - 1, at, at - 1, at) if at == moment else (at - 1, at):
                server.clock(instant(second))
                latest = max(latest, second)
                wanted = collections.Counter(who for who, when in due.items() if when <= latest)
                comes(lambda w=wanted: reminded() == w)
                same(reminded(), wanted, f"{label}, at {instant(second)}")
        time.sleep(0.5)
        same(set(reminded().values()), {1}, f"{label}: each once")


def test_a_mail_under_way():
    """While it is being sent the clock is set forward past its lease: nobody takes it again."""
    release = threading.Event()
    with StandIn(stored=lambda _: release.wait(60)) as smtp, Server() as server:
        host = server.register("ada")
        kind = host.make_event_type("talk", minimum_notice_minutes=0, reminders=[])
        server.settings["smtp_url"] = smtp.url
        server.restart()
        host.close()
        host.post("/v1/bookings", booking_body(kind, hour(2), send_mails=False), status=201)  # the host's alone
        until(lambda: smtp.messages, "it is under way")
        server.clock(hour(1), settled=False)
        until(lambda: server.database().execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND state = 'waiting' AND due_at > ?",
                                                (NOW + HOUR,)).fetchone()[0], "its lease is renewed")
        release.set()
        server.settle()
        same(len(smtp.messages), 1, "it is sent once")


def test_clock_jumps():
    """An hour or a day to and fro: no reminder is lost, none comes twice."""
    with Server() as server:
        host = server.register("ada")
        host.set_hours(ALWAYS)
        kind = host.make_event_type("talk", minimum_notice_minutes=0, reminders=[1440, 60])
        for i, start in enumerate((4, 29, 60)):  # a reminder each of the first two; two of the last and of the second
            host.key_client.post("/v1/bookings", booking_body(kind, hour(start), address=f"ivy{i}@example.org"), status=201)

        def reminded():
            found = collections.Counter()
            for mail in server.mails():
                name = str(mail["Message-ID"])
                if "reminder-" in name and "ivy" in str(mail["To"]):
                    found[str(mail["To"]).split("@")[0][-4:], re.search(r"reminder-(\d+)", name).group(1)] += 1
            return {key[0] + "-" + key[1]: n for key, n in found.items()}

        time.sleep(0.5)
        same(reminded(), {}, "nothing is due")
        wanted = {}
        for step, (to, due) in enumerate((
                (-1, {}), (0, {}), (-24, {}), (3, {"ivy0-60": 1}), (2, {}), (3, {}),           # an hour and a day back
                (4.5, {}), (5, {"ivy1-1440": 1}), (-19, {}), (5, {}),                           # due once, however often it passes
                (29 - 0.5, {"ivy1-60": 1}), (28.6, {}),                                         # a day ahead: late, not lost
                (27, {}), (36, {"ivy2-1440": 1}), (35, {}), (59, {"ivy2-60": 1}), (35, {}), (59.5, {}))):
            server.clock(instant(NOW + int(to * 3600)))
            wanted.update(due)
            comes(lambda: reminded() == wanted)
            time.sleep(0.2)  # what comes too often comes soon
            same(reminded(), wanted, f"step {step}, hour {to}")


run(globals())
