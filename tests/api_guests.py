#!/usr/bin/python3
"""Guests: who may invite them and when, what they are told as a meeting's standing changes, and what they answer; what
the host writes on a booking; and what is told in the name of a host who has gone."""

import json

import icalendar

from noonmark import Server, booking_body, check, run, same, until

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

        def found():
            return {(action, json.loads(before)["status"], json.loads(after)["status"]) for action, before, after in
                    server.database().execute("SELECT action, before_text, after_text FROM audit WHERE actor = 'system'")}
        until(lambda: found() == wanted, lambda: f"both with before and after: {found()}")


def test_erased_host_keeps_the_name_in_the_last_mail():
    with Server() as server:
        host, b = scene(server, confirmation="never")
        host.delete("/v1/me", status=204)
        last = server.wait_subject(IVY, "Cancelled")
        same(len(last), 1, "the invitee is told")
        same("was cancelled by Test Host." in last[0].get_body(("plain",)).get_content(), True, "by whom")


# ---- inviting

def plain(server, **members):
    """A confirmed booking of Ivy with one guest."""
    host, b = scene(server, confirmation="never", **members)
    return host, server.invitee(b), b


def states(client, booking):
    return {g["email"]: g["rsvp"] for g in client.get(f"/v1/bookings/{booking['id']}", status=200).json["guests"]}


def test_invite_and_uninvite():
    with Server() as server:
        host, ivy, b = plain(server)
        path = f"/v1/bookings/{b['id']}/guests"
        after = ivy.post(path, {"guests": [{"email": "Joe@Example.org", "name": "Joe", "role": "passive"}, {"email": GUS}]},
                         status=200).json
        same([(g["email"], g["name"], g["role"]) for g in after["guests"]],
             [(GUS, None, "active"), ("joe@example.org", "Joe", "passive")], "by the invitee; who was there stays")
        same((after["version"], after["sequence"]), (2, 0), "nothing that calendars count")
        same(told(server, "joe@example.org", 1), [(0, "REQUEST", "10:00")], "invited")
        same(ivy.post(path, {"guests": [{"email": GUS}]}, status=200).json["version"], 2, "a repeat changes nothing")
        joe = next(g for g in after["guests"] if g["name"])
        host.call("DELETE", f"{path}/{joe['id']}", status=412, headers={"If-Match": '"1"'})
        after = host.call("DELETE", f"{path}/{joe['id']}", status=200, headers={"If-Match": '"2"'}).json
        same(([g["email"] for g in after["guests"]], after["sequence"]), ([GUS], 1), "removed by the host")
        same(told(server, "joe@example.org", 2)[1], (1, "CANCEL", "10:00"), "and told, in his calendar too")
        mail = server.wait_subject("joe@example.org", "withdrawn")[0]
        part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        event = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]
        same((str(event["ATTENDEE"]), "STATUS" in event), ("mailto:joe@example.org", False), "for him alone: it takes place")
        same(len(told(server, GUS, 1)), 1, "others hear nothing of it")
        host.call("DELETE", f"{path}/{joe['id']}", status=404)
        host.call("DELETE", f"{path}/nonsense", status=404)


def test_who_may_invite():
    with Server() as server:
        host, ivy, b = plain(server)
        path = f"/v1/bookings/{b['id']}/guests"
        same(ivy.post(path, {"guests": [{"email": "x@example.org", "role": "co_host"}]}, status=400).fields,
             ["/guests/0/role"], "an invitee makes nobody a co-host")
        kind = {"id": b["event_type"]["id"], "durations": [{"minutes": 30}]}
        body = booking_body(kind, NOON, email_proof=server.prove(IVY), guests=[{"email": GUS, "role": "co_host"}])
        same(server.client().post("/v1/bookings", body, status=400).fields, ["/guests/0/role"], "nor when booking")
        server.register("other").post(path, {"guests": [{"email": GUS}]}, status=404)
        server.client().post(path, {"guests": [{"email": GUS}]}, status=401)
        many = [{"email": f"g{i}@example.org"} for i in range(31)]
        same(host.post(path, {"guests": many[:11]}, status=400).fields, ["/guests"], "10 at once")
        for at in (0, 10):
            host.post(path, {"guests": many[at:at + 10]}, status=200)
        same(host.post(path, {"guests": many[20:30]}, status=422).fields, ["/guests"], "30 in all")
        same(len(host.post(path, {"guests": many[20:29]}, status=200).json["guests"]), 30, "and no fewer")
        step(host, b, "cancel")
        host.post(path, {"guests": many[29:30]}, status=422)
        same(len(server.mails("g29@example.org")), 0, "nobody is invited to what is off")


def test_invited_while_waiting():
    with Server() as server:
        host, b = scene(server)
        joe = server.invitee(b).post(f"/v1/bookings/{b['id']}/guests", {"guests": [{"email": "joe@example.org"}]},
                                     status=200).json["guests"][1]
        gus = next(g for g in host.get(f"/v1/bookings/{b['id']}").json["guests"] if g["email"] == GUS)
        host.call("DELETE", f"/v1/bookings/{b['id']}/guests/{gus['id']}", status=200)
        step(host, b, "confirm")
        same(told(server, joe["email"], 1), [(1, "REQUEST", "10:00")], "invited once it stands")
        server.wait_mails(IVY, 3)
        same(server.mails(GUS), [], "who was removed before never hears")


# ---- answers

def test_rsvp():
    with Server() as server:
        host, ivy, b = plain(server)
        gus, path = server.guest(GUS), f"/v1/bookings/{b['id']}/rsvp"
        seen = gus.get(path, status=200).json
        same((seen["rsvp"], seen["email"], seen["title"], seen["host_name"], seen["invitee_name"]),
             ("needs_action", GUS, "talk", "Test Host", "Ivy Invitee"), "what a guest sees")
        check(not {"guests", "notes", "answers", "metadata"} & set(seen), "and no more")
        step(host, b, "propose", {"starts": ["2026-03-03T15:00:00Z"]})
        for answer in ("tentative", "accepted"):
            same(gus.post(path, {"answer": answer}, status=200).json["rsvp"], answer, "answered")
            same((states(host, b), states(ivy, b)), ({GUS: answer}, {GUS: answer}), "host and invitee see it")
        check(host.get(f"/v1/bookings/{b['id']}").json["proposal"], "what is proposed stays so")
        same(len([m for m in server.mails(host.account["email"]) if "Declined" in str(m["Subject"])]), 0, "no mail for that")
        for _ in range(2):
            gus.post(path, {"answer": "declined"}, status=200)
        server.wait_mails(host.account["email"], 3)
        gus.post(path, {"answer": "accepted"}, status=200)
        gus.post(path, {"answer": "declined"}, status=200)
        mails = server.wait_subject(host.account["email"], f"Declined by {GUS}", 2)
        same((len(mails), len({m["Message-ID"] for m in mails})), (2, 2), "the host hears of each refusal once")
        step(host, b, "reschedule", {"start": ELEVEN})
        same(states(host, b), {GUS: "needs_action"}, "another time is another question")
        gus.post(path, {"answer": "needs_action"}, status=400)
        log = host.get(f"/v1/bookings/{b['id']}/log").json["items"]
        same({e["actor"] for e in log if e["action"] == "booking.rsvp"}, {"guest"}, "in the log")
        other = server.client().post("/v1/bookings", booking_body({"id": b["event_type"]["id"], "durations": [{"minutes": 30}]},
                                                                  NOON, email_proof=server.prove(IVY)), status=201).json
        gus.get(f"/v1/bookings/{other['id']}/rsvp", status=404)
        gus.get(f"/v1/bookings/{b['id']}", status=403)
        ivy.post(path, {"answer": "accepted"}, status=403)
        host.post(path, {"answer": "accepted"}, status=403)
        step(host, b, "cancel")
        gus.post(path, {"answer": "accepted"}, status=422)
        token = gus.authorization.split()[1]
        server.client("Token " + token[:-1] + ("A" if token[-1] != "A" else "B")).get(path, status=401)


def test_answers_reach_calendars():
    with Server() as server:
        host, ivy, b = plain(server)
        server.guest(GUS).post(f"/v1/bookings/{b['id']}/rsvp", {"answer": "accepted"}, status=200)
        host.patch(f"/v1/bookings/{b['id']}", {"title": "Talk about plans"}, status=200)
        mail = server.wait_subject(IVY, "Changed")[0]
        part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
        event = icalendar.Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]
        same({str(a)[7:]: a.params["PARTSTAT"] for a in event["ATTENDEE"]}[GUS], "ACCEPTED", "PARTSTAT")
        same(str(event["SUMMARY"]), "Talk about plans", "and the new title")


def test_page_of_a_guest():
    with Server() as server:
        host, ivy, b = plain(server)
        path = server.guest_link(GUS).replace(server.base, "")
        ours = {"Content-Type": "application/x-www-form-urlencoded", "Origin": server.base}
        reader = server.client()
        for method in ("GET", "HEAD", "GET"):
            same(reader.call(method, path).status, 200, f"{method} of the link")
        for name in ("answer=declined", "x=1"):
            same(reader.get(f"{path}?{name}").status, 200, "whatever it says")
        same(states(host, b), {GUS: "needs_action"}, "opening the link answers nothing")
        check(b"You are invited" in reader.get(path).body, "shown")
        same(reader.post(path, b"answer=accepted", headers={"Content-Type": ours["Content-Type"]}).status, 403,
             "a form of somebody else's")
        same(reader.post(path, b"answer=accepted", headers=ours).status, 303, "our own form")
        same(states(host, b), {GUS: "accepted"}, "answers")
        check(b"You accepted" in reader.get(path).body, "and says so")
        same(reader.post(path, b"answer=nonsense", headers=ours).status, 400, "an answer that is none")
        same(reader.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status, 404, "another token")
        step(host, b, "cancel")
        check(b"This meeting was cancelled" in reader.get(path).body, "what became of it")
        same(reader.post(path, b"answer=declined", headers=ours).status, 422, "no answer to what is off")
        host.call("DELETE", f"/v1/bookings/{b['id']}/guests/{b['guests'][0]['id']}", status=422)
        server.clock("2026-04-03T10:00:00Z")
        same(reader.get(path).status, 410, "a month later")


def test_page_invites_and_removes():
    with Server() as server:
        host, ivy, b = plain(server)
        path = b["manage_url"].replace(server.base, "")
        ours = {"Content-Type": "application/x-www-form-urlencoded", "Origin": server.base}
        reader = server.client()
        page = reader.post(f"{path}/guests", b"guests=joe", headers=ours)
        check(page.status == 400 and b"Enter email addresses like" in page.body and b">joe<" in page.body, f"marked: {page!r}")
        same(reader.post(f"{path}/guests", b"guests=joe%40example.org%2C+zoe%40example.org&passive=true", headers=ours).status,
             303, "invited")
        found = {g["email"]: g for g in host.get(f"/v1/bookings/{b['id']}").json["guests"]}
        same({e: g["role"] for e, g in found.items()}, {GUS: "active", "joe@example.org": "passive", "zoe@example.org": "passive"},
             "as asked")
        same(reader.post(f"{path}/guests/remove", f"guest={found[GUS]['id']}".encode(), headers=ours).status, 303, "removed")
        same(set(states(host, b)), {"joe@example.org", "zoe@example.org"}, "is gone")
        same(reader.post(f"{path}/guests/remove", b"guest=1", headers=ours).status, 404, "no guest")


def test_page_shows_the_host_who_would_be_invited():
    """The host says yes to guests too: who they are stands on the page of the mailed link."""
    with Server() as server:
        host, b = scene(server)
        page = server.client().get(server.last_found(host.account["email"], r"(/a/[\w-]+)"), status=200).body.decode()
        check(f"<bdi>{GUS}</bdi>" in page and f"<bdi>{IVY}</bdi>" in page, f"who asks, and whom they bring: {page}")


# ---- what the host writes

def test_details():
    with Server() as server:
        host, ivy, b = plain(server, reminders=[60])
        path, key = f"/v1/bookings/{b['id']}", host.key_client
        kept = host.patch(path, {"private_notes": "Owes me a book\nand tea", "metadata": {"case": 7}}, status=200,
                          headers={"If-Match": '"1"'}).json
        same((kept["private_notes"], kept["metadata"], kept["sequence"], kept["version"]),
             ("Owes me a book\nand tea", {"case": 7}, 0, 2), "kept, and nobody is told")
        host.patch(path, {"title": "X"}, status=412, headers={"If-Match": '"1"'})
        same(host.patch(path, {"private_notes": "Owes me a book\nand tea"}, status=200).json["version"], 2, "the same changes nothing")
        place = {"kind": "link", "value": "https://meet.example.org/7", "label": None}
        told_now = host.patch(path, {"title": "Plans", "description": "All of them", "location": place}, status=200).json
        same((told_now["title"], told_now["description"], told_now["location"]["value"], told_now["sequence"]),
             ("Plans", "All of them", "https://meet.example.org/7", 1), "told")
        same([told(server, to, n)[-1] for to, n in ((IVY, 3), (GUS, 2))], [(1, "REQUEST", "10:00")] * 2, "everybody, in calendars too")
        seen = ivy.get(path, status=200).json
        same((seen["private_notes"], seen["description"]), (None, "All of them"), "the invitee sees what is for everybody")
        for mail in server.mails(IVY) + server.mails(GUS):
            check("Owes me" not in mail.as_string(), "private notes are in no mail")
        server.wait_mails(host.account["email"], 3)
        for body, field in (({"title": ""}, "/title"), ({"title": None}, "/title"), ({"description": "x" * 4001}, "/description"),
                            ({"location": {"kind": "link", "value": "javascript:alert(1)"}}, "/location/value"),
                            ({"notes": "mine"}, "/notes"), ({"private_notes": "x" * 10001}, "/private_notes")):
            check(field in host.patch(path, body, status=400).fields, f"{body}"[:60])
        ivy.patch(path, {"title": "Mine"}, status=403)
        server.clock("2026-03-03T09:00:00Z")
        mail = server.wait_subject(IVY, "Reminder")[0]
        check("Plans" in str(mail["Subject"]), "the reminder was planned anew")
        server.clock("2026-03-03T10:05:00Z")
        key.patch(path, {"title": "Too late"}, status=422)
        same(key.patch(path, {"private_notes": "Paid"}, status=200).json["private_notes"], "Paid", "one's own notes at any time")


if __name__ == "__main__":
    run(globals())
