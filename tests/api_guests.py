#!/usr/bin/python3
"""What is told when a meeting's standing changes: to guests, and in the name of a host who has gone."""

import json
import time

import icalendar

from noonmark import Server, booking_body, run, same

IVY, GUS = "ivy@example.org", "gus@example.org"
TEN, ELEVEN, NOON = (f"2026-03-03T{hour}:00:00Z" for hour in (10, 11, 12))


def scene(server, **members):
    host = server.register("hal")
    kind = host.make_event_type("talk", **{"minimum_notice_minutes": 0, "confirmation": "always", **members})
    body = booking_body(kind, TEN, email_proof=server.prove(IVY), address=IVY, guests=[{"email": GUS}])
    return host, server.client().post("/v1/bookings", body, status=201).json


def step(client, booking, name, body=None):
    return client.post(f"/v1/bookings/{booking['id']}/{name}", body or {}, status=200).json


def told(server, to, count):
    """The calendar methods and times of all mails to somebody, in the order of their sequence."""
    found = []
    server.wait_mails(to, count)
    for mail in server.mails(to):
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
                event = calendar.walk("VEVENT")[0]
                found.append((int(event["SEQUENCE"]), str(calendar["METHOD"]), event["DTSTART"].dt.strftime("%H:%M")))
    return sorted(found)


def test_moved_back_to_waiting_and_rejected():
    with Server() as server:
        host, b = scene(server)
        step(host, b, "confirm")
        step(server.invitee(b), b, "reschedule", {"start": ELEVEN})
        step(host, b, "reject")
        server.wait_mails(IVY, 5)
        same(told(server, GUS, 2), [(1, "REQUEST", "10:00"), (2, "CANCEL", "10:00")], "invited, then told that it is off")


def test_moved_back_to_waiting_and_confirmed():
    with Server() as server:
        host, b = scene(server)
        step(host, b, "confirm")
        step(server.invitee(b), b, "reschedule", {"start": ELEVEN})
        step(host, b, "confirm")
        step(host, b, "reschedule", {"start": NOON})
        step(host, b, "cancel")
        same(told(server, GUS, 5), [(1, "REQUEST", "10:00"), (2, "CANCEL", "10:00"), (3, "REQUEST", "11:00"),
                                    (4, "REQUEST", "12:00"), (5, "CANCEL", "12:00")], "each standing")


def test_never_confirmed():
    with Server() as server:
        host, b = scene(server)
        step(server.invitee(b), b, "cancel")
        server.wait_mails(IVY, 3)
        server.wait_mails(host.account["email"], 3)
        same(server.mails(GUS), [], "who was never invited hears nothing")


def test_host_moves_a_request():
    with Server() as server:
        host, b = scene(server)
        step(host, b, "reschedule", {"start": ELEVEN})
        same(told(server, GUS, 1), [(1, "REQUEST", "11:00")], "invited")
        same("Invitation" in str(server.mails(GUS)[0]["Subject"]), True, "not told of another time that they never knew")


def test_what_time_does_is_audited():
    with Server() as server:
        host, b = scene(server)
        kind = {"id": b["event_type"]["id"], "durations": [{"minutes": b["duration_minutes"]}]}
        server.client().post("/v1/bookings", booking_body(kind, NOON, email_proof=server.prove(IVY)), status=201)
        step(host, b, "confirm")
        server.clock("2026-03-03T12:30:00Z")
        server.restart()  # periodic work runs at the start
        wanted = {("booking.complete", "confirmed", "completed"), ("booking.expire", "pending", "expired")}
        end, found = time.monotonic() + 10, set()
        while found != wanted and time.monotonic() < end:
            time.sleep(0.05)
            found = {(action, json.loads(before)["status"], json.loads(after)["status"]) for action, before, after in
                     server.database().execute("SELECT action, before_text, after_text FROM audit WHERE actor = 'system'")}
        same(found, wanted, "both with before and after")


def test_erased_host_keeps_the_name_in_the_last_mail():
    with Server() as server:
        host, b = scene(server, confirmation="never")
        host.delete("/v1/me", status=204)
        server.wait_mails(IVY, 3)
        last = [m for m in server.mails(IVY) if "Cancelled" in str(m["Subject"])]
        same(len(last), 1, "the invitee is told")
        same("was cancelled by Test Host." in last[0].get_body(("plain",)).get_content(), True, "by whom")


if __name__ == "__main__":
    run(globals())
