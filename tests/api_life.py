#!/usr/bin/python3
"""The life of a booking: requests and their answers, expiry, cut-offs, reminders, no-shows."""

import icalendar

from noonmark import Server, booking_body, check, run, same, until

IVY = "ivy@example.org"
NAMES = iter(range(1000000))
TUESDAY = "2026-03-03T10:00:00Z"  # the clock begins on Monday at 8


def scene(server, **members):
    host = server.register(f"life{next(NAMES)}")
    kind = host.make_event_type("talk", **{"minimum_notice_minutes": 0, **members})
    if not hasattr(server, "proof"):
        server.proof = server.prove(IVY)
    key = host.key_client  # outlives the jumps of the clock
    key.account = host.account
    return key, kind


def book(server, kind, start, status=201, address=IVY, **members):
    """By Ivy; after a jump of the clock by another address, whose proof is fresh."""
    proof = server.proof if address == IVY else server.prove(address)
    body = booking_body(kind, start, email_proof=proof, address=address, **members)
    return server.client().post("/v1/bookings", body, status=status).json


def is_free(server, kind, start):
    return start.replace("Z", "+00:00") in server.slots(kind)


def step(client, booking, name, body=None, status=200):
    return client.post(f"/v1/bookings/{booking['id']}/{name}", body or {}, status=status).json


def subjects(server, to, word):
    return [str(m["Subject"]) for m in server.mails(to) if word in str(m["Subject"])]


def calendar_of(mail):
    """METHOD, STATUS and SEQUENCE of the one calendar part."""
    part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    event = calendar.walk("VEVENT")[0]
    return str(calendar["METHOD"]), str(event["STATUS"]), int(event["SEQUENCE"])


def state(client, booking):
    return client.get(f"/v1/bookings/{booking['id']}", status=200).json["status"]


def test_request_is_confirmed():
    with Server() as server:
        host, kind = scene(server, confirmation="always")
        b = book(server, kind, TUESDAY, guests=[{"email": "gus@example.org"}])
        same((b["status"], b["pending_until"]), ("pending", "2026-03-03T08:00:00Z"), "2 hours before the start")
        check(not is_free(server, kind, TUESDAY), "a request occupies its time")
        until(lambda: len(subjects(server, host.account["email"], "Please answer")) == 1, "the host is asked")
        for to in (IVY, host.account["email"]):
            server.wait_mails(to, 2)
            same(calendar_of(server.mails(to)[-1]), ("REQUEST", "TENTATIVE", 0), f"calendar of {to}: not certain yet")
        same(server.mails("gus@example.org"), [], "guests hear nothing yet")
        step(server.invitee(b), b, "confirm", status=403)
        listed = host.get("/v1/bookings?status=pending", status=200).json["items"]
        same([x["id"] for x in listed], [b["id"]], "the list of requests")
        done = step(host, b, "confirm")
        same((done["status"], done["sequence"], done["pending_until"]), ("confirmed", 1, None), "confirmed")
        same(step(host, b, "confirm")["sequence"], 1, "a repeat changes nothing")
        server.wait_mails("gus@example.org", 1)
        same([calendar_of(m) for m in server.mails("gus@example.org")], [("REQUEST", "CONFIRMED", 1)], "then the guest is invited")
        step(host, b, "reject", status=422)


def test_request_is_rejected():
    with Server() as server:
        host, kind = scene(server, confirmation="always")
        b = book(server, kind, TUESDAY)
        done = step(host, b, "reject", {"reason": "On holiday"})
        same((done["status"], done["cancelled_by"], done["cancel_reason"]), ("rejected", "host", "On holiday"), "rejected")
        check(is_free(server, kind, TUESDAY), "its time is free again")
        until(lambda: subjects(server, IVY, "Not confirmed"), "the invitee is told")
        told = [m for m in server.mails(IVY) if "Not confirmed" in str(m["Subject"])]
        check("On holiday" in told[0].get_body(("plain",)).get_content(), "and why")
        step(host, b, "confirm", status=422)
        for who in (host, server.invitee(b)):
            check("it was rejected" in step(who, b, "cancel", status=422)["detail"], "nothing is left to cancel")


def test_request_expires():
    with Server() as server:
        host, kind = scene(server, confirmation="always")
        b = book(server, kind, "2026-03-05T10:00:00Z")
        same(b["pending_until"], "2026-03-03T08:00:00Z", "24 hours")
        server.clock("2026-03-03T07:59:59Z")
        server.settle()
        same(state(host, b), "pending", "not a second earlier")
        server.clock("2026-03-03T08:00:00Z")
        step(host, b, "confirm", status=(410, 422))  # as it runs out, or has
        until(lambda: state(host, b) == "expired", "expired")
        check(is_free(server, kind, "2026-03-05T10:00:00Z"), "its time is free")
        until(lambda: subjects(server, IVY, "Not answered") and subjects(server, host.account["email"], "Not answered"),
              "both are told")


def test_expired_time_can_be_taken_before_the_sweep():
    with Server() as server:
        host, kind = scene(server, confirmation="always")
        b = book(server, kind, "2026-03-05T10:00:00Z")
        server.clock("2026-03-03T08:00:00Z")
        second = book(server, kind, "2026-03-05T10:00:00Z", address="ida@example.org")
        same(second["status"], "pending", "the next one has it")
        until(lambda: state(host, b) == "expired", "the first expires")
        same(state(host, second), "pending", "and takes nothing from the second")


def test_short_notice(server):
    host, kind = scene(server, confirmation="short_notice", confirmation_notice_minutes=1500)
    same(book(server, kind, "2026-03-02T16:00:00Z")["status"], "pending", "soon")
    same(book(server, kind, "2026-03-05T16:00:00Z")["status"], "confirmed", "not soon")
    own = host.post("/v1/bookings", booking_body(kind, "2026-03-02T15:00:00Z"), status=201).json
    same(own["status"], "confirmed", "the host asks nobody")


def test_moving_asks_again(server):
    host, kind = scene(server, confirmation="always")
    b = book(server, kind, TUESDAY)
    step(host, b, "confirm")
    moved = step(server.invitee(b), b, "reschedule", {"start": "2026-03-03T11:00:00Z"})
    same((moved["status"], moved["sequence"]), ("pending", 2), "what an invitee moves waits again")
    check(is_free(server, kind, TUESDAY), "the old time is free")
    moved = step(host, b, "reschedule", {"start": "2026-03-03T12:00:00Z"})
    same(moved["status"], "confirmed", "what the host moves stands")


def test_a_move_that_waits_says_from_where():
    """To both, each in their own zone: the old time, why, and when the request runs out."""
    with Server() as server:
        host, kind = scene(server, confirmation="always", reason_required=True)
        b = book(server, kind, TUESDAY)
        step(host, b, "confirm")
        step(server.invitee(b), b, "reschedule", {"start": "2026-03-04T11:00:00Z", "reason": "A late train"})
        for to, word, old, until_ in ((IVY, "Asked", "11:00–11:30 (Berlin, UTC+1)", "09:00 (Berlin, UTC+1)"),
                                      (host.account["email"], "Please answer", "10:00–10:30 (UTC)", "08:00 (UTC)")):
            first, moved = sorted(server.wait_subject(to, word, 2), key=lambda m: m["In-Reply-To"] is not None)
            for kind_of in ("plain", "html"):
                asked, again = (m.get_body((kind_of,)).get_content() for m in (first, moved))
                check(f"Tue, 3 March 2026, {old}" in again and "A late train" in again, f"{to}, {kind_of}: {again}")
                check("Old time" in again and "Old time" not in asked and "Reason" not in asked, f"{to}, {kind_of}: and only then")
                check(f"runs out on Tue, 3 March 2026, {until_}" in again, f"{to}, {kind_of}, until when: {again}")


def test_cutoffs_and_reasons():
    with Server() as server:
        host, kind = scene(server, cancel_notice_minutes=120, reschedule_notice_minutes=180, reason_required=True)
        b = book(server, kind, "2026-03-02T13:00:00Z")
        mine = server.invitee(b)
        same(step(mine, b, "cancel", status=422)["errors"][0]["field"], "/reason", "why")
        same(step(mine, b, "cancel", {"reason": "  "}, 422)["errors"][0]["field"], "/reason", "blanks are no reason")
        server.clock("2026-03-02T10:00:01Z")
        step(mine, b, "reschedule", {"start": "2026-03-03T11:00:00Z", "reason": "x"}, 422)
        server.clock("2026-03-02T11:00:01Z")
        step(mine, b, "cancel", {"reason": "x"}, 422)
        same(step(host, b, "cancel")["status"], "cancelled", "the host may")


def test_no_show():
    with Server() as server:
        host, kind = scene(server)
        b = book(server, kind, "2026-03-02T09:00:00Z")
        step(host, b, "no-show", status=422)
        server.clock("2026-03-02T09:10:00Z")
        step(server.invitee(b), b, "no-show", status=403)
        check("it has begun" in step(server.invitee(b), b, "cancel", status=422)["detail"], "too late to cancel, and why")
        same(step(host, b, "no-show")["status"], "no_show", "after the start")
        step(host, b, "no-show", {"showed": True}, 422)
        server.clock("2026-03-02T09:30:00Z")
        same(step(host, b, "no-show", {"showed": True})["status"], "completed", "taken back")
        step(host, b, "cancel", status=422)


def test_reminders():
    with Server() as server:
        host, kind = scene(server)
        b = book(server, kind, "2026-03-04T10:00:00Z")
        for moment, wanted in (("2026-03-03T09:59:59Z", 0), ("2026-03-03T10:00:00Z", 1), ("2026-03-04T08:59:59Z", 1),
                               ("2026-03-04T09:00:00Z", 2), ("2026-03-04T09:59:00Z", 2)):
            server.clock(moment)
            server.settle()
            for address in (IVY, host.account["email"]):
                same(len(subjects(server, address, "Reminder")), wanted, f"reminders to {address} by {moment}")
        ids = [str(m["Message-ID"]) for m in server.mails(IVY) if "Reminder" in str(m["Subject"])]
        same(len(set(ids)), 2, "each its own Message-ID")
        check(state(host, b) == "confirmed", "reminding changes nothing")


def test_reminders_follow_the_booking():
    with Server() as server:
        host, kind = scene(server, reminders=[30])
        moved = book(server, kind, "2026-03-03T10:00:00Z")
        step(host, moved, "reschedule", {"start": "2026-03-03T15:00:00Z"})
        gone = book(server, kind, "2026-03-03T12:00:00Z")
        step(host, gone, "cancel")
        server.clock("2026-03-03T14:29:00Z")
        server.settle()
        same(subjects(server, IVY, "Reminder"), [], "neither of the old time nor of what is cancelled")
        server.clock("2026-03-03T14:30:00Z")
        until(lambda: len(subjects(server, IVY, "Reminder")) == 1, "of the new time")
        none, kind = scene(server, reminders=[])
        book(server, kind, "2026-03-04T10:00:00Z", address="ida@example.org")
        server.clock("2026-03-04T09:30:00Z")
        server.settle()
        same(subjects(server, "ida@example.org", "Reminder"), [], "and none where the host wants none")


if __name__ == "__main__":
    run(globals())
