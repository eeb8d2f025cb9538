#!/usr/bin/python3
"""Co-hosts: nobody's time is taken who did not agree; whose is taken is taken in every way the host's is; and it is free
again whenever it should be."""

import itertools
import threading

from noonmark import Server, booking_body, check, run, same

IVY = "ivy@example.org"
TEN, HALF, ELEVEN, NOON = "2026-03-03T10:00:00Z", "2026-03-03T10:30:00Z", "2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z"
NAMES = itertools.count()


def agree(host, other):
    it = host.post("/v1/co-hosts", {"username": other.account["username"]}, status=201).json
    check(not it["accepted"] and not it["asks"], "asked")
    same(other.post(f"/v1/co-hosts/{it['id']}/accept", status=200).json["accepted"], True, "agreed")
    return it


def pair(server, **members):
    """A host, somebody who agreed to host too, and an event type of both."""
    n = next(NAMES)
    host, other = server.register(f"host{n}"), server.register(f"other{n}")
    it = agree(host, other)
    kind = host.make_event_type("talk", minimum_notice_minutes=0, **{"co_hosts": [it["other_id"]], **members})
    own = other.make_event_type("own", minimum_notice_minutes=0)
    return host, other, kind, own, it


def book(host, kind, start, status=201, **members):
    return host.post("/v1/bookings", booking_body(kind, start, **members), status=status).json


def is_free(server, kind, start):
    return start.replace("Z", "+00:00") in server.slots(kind)


def subjects(server, host, word):
    return [str(m["Subject"]) for m in server.mails(host.account["email"]) if word in str(m["Subject"])]


def test_agreeing(server):
    n = next(NAMES)
    host, other, third = (server.register(f"{name}{n}") for name in ("asker", "asked", "third"))
    same(host.post("/v1/co-hosts", {"username": "nobody-at-all"}, status=400).fields, ["/username"], "nobody")
    same(host.post("/v1/co-hosts", {"username": host.account["username"]}, status=422).fields, ["/username"], "oneself")
    it = host.post("/v1/co-hosts", {"username": other.account["username"]}, status=201).json
    same(host.post("/v1/co-hosts", {"username": other.account["username"]}, status=201).json["id"], it["id"], "a repeat")
    seen = other.get("/v1/co-hosts", status=200).json["items"][0]
    same((seen["id"], seen["asks"], seen["username"], seen["other_id"]),
         (it["id"], True, host.account["username"], host.account["id"]), "as the other one sees it")
    body = {"code": "both", "title": "both", "durations": [{"minutes": 30}], "co_hosts": [it["other_id"]]}
    same(host.post("/v1/event-types", body, status=400).fields, ["/co_hosts/0"], "not before they agreed")
    host.post(f"/v1/co-hosts/{it['id']}/accept", status=403)
    third.post(f"/v1/co-hosts/{it['id']}/accept", status=404)
    third.delete(f"/v1/co-hosts/{it['id']}", status=404)
    other.post(f"/v1/co-hosts/{it['id']}/accept", status=200)
    kind = host.post("/v1/event-types", body, status=201).json
    same(kind["co_hosts"], [other.account["id"]], "now")
    same(other.post("/v1/event-types", {**body, "co_hosts": [host.account["id"]]}, status=400).fields, ["/co_hosts/0"],
         "not the other way round")
    same(host.patch(f"/v1/event-types/{kind['id']}", {"co_hosts": [it["other_id"]] * 2}, status=400).fields, ["/co_hosts/1"], "twice")
    other.delete(f"/v1/co-hosts/{it['id']}", status=204)
    now = host.get(f"/v1/event-types/{kind['id']}", status=200).json
    same((now["co_hosts"], now["version"]), ([], kind["version"] + 1), "the end of it ends that")
    same(host.get("/v1/co-hosts").json["items"], [], "for both")


def test_time_is_taken(server):
    host, other, kind, own, _ = pair(server)
    check(is_free(server, kind, TEN) and is_free(server, own, TEN), "both are free at first")
    b = book(host, kind, TEN)
    guest = b["guests"][0]
    same((guest["email"], guest["role"], guest["rsvp"]), (other.account["email"], "co_host", "accepted"), "hosts too")
    check(not is_free(server, own, TEN), "whose time is not offered any more")
    same(book(other, own, TEN, status=409)["code"], "slot_taken", "nor to be had")
    check(is_free(server, kind, ELEVEN), "an answer that is kept")
    book(other, own, ELEVEN)
    check(not is_free(server, kind, ELEVEN), "what the co-host has is not offered")
    same(book(host, kind, ELEVEN, status=409)["code"], "slot_taken", "nor to be had")
    host.post(f"/v1/bookings/{b['id']}/reschedule", {"start": NOON}, status=200)
    check(is_free(server, own, TEN) and not is_free(server, own, NOON), "it moves along")
    host.post(f"/v1/bookings/{b['id']}/reschedule", {"start": ELEVEN}, status=409)
    check(not is_free(server, own, NOON), "a refusal leaves it")
    host.post(f"/v1/bookings/{b['id']}/cancel", {}, status=200)
    check(is_free(server, own, NOON), "and is free again")


def test_holds_and_requests(server):
    host, other, kind, own, _ = pair(server, confirmation="always")
    client = server.client()
    hold = client.post("/v1/holds", {"event_type_id": kind["id"], "start": TEN, "duration_minutes": 30}, status=201).json
    check(not is_free(server, own, TEN), "a hold keeps the co-host's time")
    body = booking_body(kind, TEN, email_proof=server.prove(IVY), hold_id=hold["id"])
    b = client.post("/v1/bookings", body, status=201).json
    same((b["status"], is_free(server, own, TEN)), ("pending", False), "so does a request")
    same(len(subjects(server, other, "Invitation")), 0, "of which the co-host does not hear yet")
    host.post(f"/v1/bookings/{b['id']}/confirm", {}, status=200)
    same((len(server.wait_subject(other.account["email"], "Invitation")), is_free(server, own, TEN)), (1, False), "then it stands")
    second = client.post("/v1/bookings", booking_body(kind, NOON, email_proof=server.prove(IVY)), status=201).json
    host.post(f"/v1/bookings/{second['id']}/reject", {}, status=200)
    check(is_free(server, own, NOON), "a refused request frees it")
    third = client.post("/v1/holds", {"event_type_id": kind["id"], "start": NOON, "duration_minutes": 30}, status=201).json
    client.delete(f"/v1/holds/{third['id']}", status=204)
    check(is_free(server, own, NOON), "a hold given back as well")


def test_declining(server):
    host, other, kind, own, _ = pair(server)
    b = book(host, kind, TEN)
    link = server.guest(other.account["email"])
    path = f"/v1/bookings/{b['id']}/rsvp"
    link.post(path, {"answer": "declined"}, status=200)
    check(is_free(server, own, TEN), "who declines is free")
    same(len(server.wait_subject(host.account["email"], "A host less")), 1, "the host hears")
    book(other, own, TEN)
    same(link.post(path, {"answer": "accepted"}, status=409).code, "slot_taken", "and cannot come back to what is taken")
    host.post(f"/v1/bookings/{b['id']}/reschedule", {"start": NOON}, status=200)
    check(is_free(server, own, NOON), "nor is taken along")
    link.post(path, {"answer": "accepted"}, status=200)
    check(not is_free(server, own, NOON), "but may come back")


def test_added_to_one_booking(server):
    n = next(NAMES)
    host, other, stranger = (server.register(f"{name}{n}") for name in ("single", "helper", "stranger"))
    agree(host, other)
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    own, theirs = (h.make_event_type("own", minimum_notice_minutes=0) for h in (other, stranger))
    b = book(host, kind, TEN)
    path = f"/v1/bookings/{b['id']}/guests"
    add = [{"email": h.account["email"], "role": "co_host"} for h in (other, stranger)]
    after = host.post(path, {"guests": add}, status=200).json
    same({g["email"]: g["rsvp"] for g in after["guests"]},
         {other.account["email"]: "accepted", stranger.account["email"]: "needs_action"}, "one agreed, one is asked")
    same((is_free(server, own, TEN), is_free(server, theirs, TEN)), (False, True), "only who agreed is taken")
    for who in (other, stranger):
        same(len(server.wait_subject(who.account["email"], "Invitation")), 1, "both are invited")
    helper = next(g for g in after["guests"] if g["rsvp"] == "accepted")
    ivy = server.invitee(b)
    ivy.call("DELETE", f"{path}/{helper['id']}", status=403)
    host.call("DELETE", f"{path}/{helper['id']}", status=200)
    check(is_free(server, own, TEN), "who is removed is free")
    book(other, own, TEN)
    same(host.post(path, {"guests": add[:1]}, status=409).code, "slot_taken", "who is busy cannot be added")
    same(len(host.get(f"/v1/bookings/{b['id']}").json["guests"]), 1, "nothing is half done")


def test_told_as_hosts_are():
    """In their own language and zone, and reminded; whoever declined is not."""
    with Server() as server:
        host, other, kind, _, _ = pair(server, reminders=[60])
        other.patch("/v1/me", {"time_zone": "Asia/Tokyo", "language": "de"}, status=200)
        declined = book(host, kind, NOON)
        server.guest(other.account["email"]).post(f"/v1/bookings/{declined['id']}/rsvp", {"answer": "declined"}, status=200)
        book(host, kind, TEN)
        server.settle()
        invited = subjects(server, other, "Einladung")
        same(sum("19:00" in s and "Tokyo" in s for s in invited), 1, f"invited in the co-host's zone: {invited}")
        for clock in ("09:00", "11:00"):
            server.clock(f"2026-03-03T{clock}:00Z")
            server.settle()
        same(len(subjects(server, host, "Reminder")), 2, "the host is reminded of both")
        reminded = subjects(server, other, "Erinnerung")
        check(len(reminded) == 1 and "19:00" in reminded[0], f"the co-host of the one that was not declined: {reminded}")


def test_seats(server):
    host, other, kind, own, _ = pair(server, seats=3)
    first, second = (book(host, kind, TEN, address=f"i{n}@example.org") for n in range(2))
    check(is_free(server, kind, TEN), "the third may join")
    check(not is_free(server, own, TEN), "the co-host is there once")
    host.post(f"/v1/bookings/{first['id']}/cancel", {}, status=200)
    check(not is_free(server, own, TEN), "as long as anybody comes")
    host.post(f"/v1/bookings/{second['id']}/cancel", {}, status=200)
    check(is_free(server, own, TEN), "and no longer")


def test_erased():
    with Server() as server:
        host, other, kind, own, _ = pair(server)
        b = book(host, kind, TEN)
        server.wait_mails(other.account["email"], 2)
        other.delete("/v1/me", status=204)
        same(host.get(f"/v1/event-types/{kind['id']}").json["co_hosts"], [], "an account that goes hosts nothing")
        same(host.get(f"/v1/bookings/{b['id']}").json["guests"], [], "its address goes")
        log = host.get(f"/v1/bookings/{b['id']}/log").json["items"]
        check(log and other.account["email"] not in str(log), f"from the log of the other's booking too: {log}")
        same(server.database().execute("SELECT COUNT(*) FROM reservation").fetchone()[0], 1, "and its time")
        book(host, kind, NOON)


def test_race():
    """The same person wanted as host and as co-host, by many at once: one gets the time."""
    with Server() as server:
        host, other, kind, own, _ = pair(server)
        clients = [(server.client(h.authorization), k) for _ in range(6) for h, k in ((host, kind), (other, own))]
        for start in (TEN, HALF, ELEVEN):
            answers, gate = [], threading.Barrier(len(clients))

            def one(client, event_type):
                gate.wait()
                answers.append(client.post("/v1/bookings", booking_body(event_type, start)).status)

            threads = [threading.Thread(target=one, args=c) for c in clients]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            same(sorted(answers), [201] + [409] * (len(clients) - 1), f"at {start}")
        rows = server.database().execute("SELECT bookable_id, starts_at, ends_at FROM reservation ORDER BY 1, 2").fetchall()
        check(all(a[0] != b[0] or a[2] <= b[1] for a, b in zip(rows, rows[1:])), "nobody is in two places")


if __name__ == "__main__":
    run(globals())
