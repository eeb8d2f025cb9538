"""What bookings tell: each message at its moment, and only to whom the host wants it told."""

import re
import uuid

import icalendar

from noonmark import Server, booking_body, check, run, same, until

IVY, GUS = "ivy@example.org", "gus@example.org"
NAMES = iter(range(1000000))


def scene(server, **members):
    host = server.register(f"host{next(NAMES)}")
    kind = host.make_event_type("talk", **{"minimum_notice_minutes": 0, **members})
    key = host.key_client  # outlives the jumps of the clock
    key.account = host.account
    return host, key, kind


def choose(host, *choices, **members):
    """choices: (message, to, channel, on)."""
    messages = [dict(zip(("message", "to", "channel", "on"), c)) for c in choices]
    return host.call("PUT", "/v1/me/notifications", {"messages": messages, **members})


def step(client, booking, name, body=None, status=200):
    return client.post(f"/v1/bookings/{booking['id']}/{name}", body or {}, status=status).json


def heard(server, to):
    """What an address was told of bookings, by the first word of each subject."""
    subjects = [str(m["Subject"]) for m in server.mails(to)]
    return [s.split(" ")[0].rstrip(":") for s in subjects if not s.startswith("Your code") and "your account" not in s]


def test_one_address_gets_so_many_mails_a_day():
    """From all hosts together; hosts hear of every booking, and the log says what was not sent."""
    with Server(rate_limits=True, mails_a_day="3") as server:
        proof, made = server.prove(IVY), []
        for _ in range(2):
            host, key, kind = scene(server)
            for hour in (10, 11, 12):
                body = booking_body(kind, f"2026-03-03T{hour}:00:00Z", email_proof=proof, guests=[{"email": GUS}])
                made.append((host, server.client().post("/v1/bookings", body, status=201).json))
            server.settle()
            same(len(heard(server, host.account["email"])), 3, "the host's mails")
        same([len(heard(server, to)) for to in (IVY, GUS)], [3, 3], "mails to one address")
        host, booking = made[-1]
        log = host.get(f"/v1/bookings/{booking['id']}/log", status=200).json["items"]
        check("as many mails today" in str(log), f"the log: {log}")
        server.clock("2026-03-03T00:00:00Z")
        server.settle()
        host, key, kind = scene(server)
        body = booking_body(kind, "2026-03-04T10:00:00Z", email_proof=server.prove(IVY))
        server.client().post("/v1/bookings", body, status=201)
        server.settle()
        check(len(heard(server, IVY)) > 3, "the next day begins anew")


def test_a_host_hears_of_one_booking_so_often_a_day():
    """What a guest can do again and again fills no mailbox; another booking is told of as ever."""
    with Server(rate_limits=True) as server:
        host, key, kind = scene(server)
        body = booking_body(kind, "2026-03-03T10:00:00Z", email_proof=server.prove(IVY), guests=[{"email": GUS}])
        booking = server.client().post("/v1/bookings", body, status=201).json
        link = re.search(r"/g/([\w-]+)", server.wait_mails(GUS, 1)[0].get_body(("plain",)).get_content()).group(1)
        guest = server.client("Token " + link)
        for i in range(45):
            for answer in ("declined", "accepted"):
                guest.post(f"/v1/bookings/{booking['id']}/rsvp", {"answer": answer}, status=200)
        server.settle()
        same(len(heard(server, host.account["email"])), 40, "of one booking")
        log = host.get(f"/v1/bookings/{booking['id']}/log", status=200).json["items"]
        check("as many mails today" in str(log), "the log says so")
        server.client().post("/v1/bookings", booking_body(kind, "2026-03-03T12:00:00Z", email_proof=server.prove(IVY)), status=201)
        server.settle()
        same(len(heard(server, host.account["email"])), 41, "of another")


def test_links_of_bookings_so_often_a_day():
    """Whoever asks: the rest of an address's mails is not used up by it."""
    with Server(rate_limits=True) as server:
        host, key, kind = scene(server)
        body = booking_body(kind, "2026-03-03T10:00:00Z", email_proof=server.prove(IVY))
        server.client().post("/v1/bookings", body, status=201)
        for i in range(12):
            at(server, f"2026-03-02T{11 + i // 4}:{i % 4 * 15:02}:30Z")
            server.client().post("/v1/my-bookings", {"email": IVY}, status=202)
        server.settle()
        same(sum("Your bookings" in str(m["Subject"]) for m in server.mails(IVY)), 10, "mails")


def at(server, moment):
    server.clock(moment)
    server.settle()


def test_moments():
    with Server() as server:
        host, key, kind = scene(server, reminders=[60], reconfirm_minutes=1440)
        choose(host, ("starting", "invitee", "email", True), ("starting", "host", "email", True), ("thanks", "invitee", "email", True),
               ("no_show", "invitee", "email", True))
        kept = key.post("/v1/bookings", booking_body(kind, "2026-03-04T10:00:00Z"), status=201).json
        missed = key.post("/v1/bookings", booking_body(kind, "2026-03-04T12:00:00Z", address="mia@example.org"), status=201).json
        server.settle()
        mine, ours = ["Booked"], ["New", "New"]
        for moment, to_ivy, to_host in (("2026-03-03T09:59:59Z", [], []), ("2026-03-03T10:00:00Z", ["Does"], []),
                                        ("2026-03-04T09:00:00Z", ["Reminder"], ["Reminder"]),
                                        ("2026-03-04T10:00:00Z", ["Starting"], ["Starting"]),
                                        ("2026-03-04T11:29:59Z", [], ["Reminder"]), ("2026-03-04T11:30:00Z", ["Thank"], [])):
            at(server, moment)
            mine, ours = mine + to_ivy, ours + to_host
            same(heard(server, IVY), mine, f"Ivy by {moment}")
            same(heard(server, host.account["email"]), ours, f"the host by {moment}")
        at(server, "2026-03-04T12:20:00Z")
        step(key, missed, "no-show")
        at(server, "2026-03-04T14:00:00Z")
        same([w for w in heard(server, "mia@example.org") if w in ("Missed", "Thank", "Cancelled")], ["Missed"], "who did not come is not thanked")
        until(lambda: key.get(f"/v1/bookings/{kept['id']}", status=200).json["status"] == "completed", "the other is over")


def test_starting_is_not_told_late():
    with Server() as server:
        host, key, kind = scene(server, reminders=[])
        choose(host, ("starting", "invitee", "email", True), ("thanks", "invitee", "email", True))
        key.post("/v1/bookings", booking_body(kind, "2026-03-04T10:00:00Z"), status=201)
        server.settle()
        server.stop()
        server.clock("2026-03-04T10:20:00Z")
        server.start()
        at(server, "2026-03-04T10:20:01Z")
        same(heard(server, IVY), ["Booked"], "it began twenty minutes ago")
        at(server, "2026-03-04T11:30:00Z")
        same(heard(server, IVY), ["Booked", "Thank"], "what comes after it is told")


def test_usual(server):
    """Nothing but what concerns everybody is told unasked; guests hear nothing of it."""
    host, key, kind = scene(server, reminders=[])
    b = key.post("/v1/bookings", booking_body(kind, "2026-03-02T09:00:00Z", guests=[{"email": GUS}], address="uma@example.org"), status=201).json
    at(server, "2026-03-02T09:05:00Z")
    step(key, b, "no-show")
    at(server, "2026-03-02T12:00:00Z")
    same((heard(server, "uma@example.org"), heard(server, GUS)), (["Booked"], ["Invitation"]), "usual")
    same(heard(server, host.account["email"]), ["New"], "the host")


def test_preferences(server):
    host, _, _ = scene(server)
    usual = host.get("/v1/me/notifications", status=200)
    same((usual.json["send_mails"], usual.json["reminders"], usual.json["version"], usual.headers["etag"]), (True, None, 0, '"0"'), "usual")
    listed = {(c["message"], c["to"], c["channel"]): c["on"] for c in usual.json["messages"]}
    check(listed["booked", "host", "email"] and listed["reminder", "invitee", "email"] and listed["booked", "host", "push"], "on")
    check(not listed["thanks", "invitee", "email"] and not listed["starting", "host", "push"], "off")
    check(("booked", "invitee", "email") not in listed and ("booked", "invitee", "push") not in listed, "no choice, not listed")
    off = {"messages": [{"message": "booked", "to": "host", "channel": "email", "on": False}], "reminders": [15]}
    saved = host.call("PUT", "/v1/me/notifications", off, {"If-Match": '"0"'})
    same((saved.status, saved.json["version"], saved.json["reminders"]), (200, 1, [15]), "saved")
    listed["booked", "host", "email"] = False
    same({(c["message"], c["to"], c["channel"]): c["on"] for c in saved.json["messages"]}, listed, "the others as they were")
    same(host.get("/v1/me/notifications", status=200).json, saved.json, "read back")
    same(host.call("PUT", "/v1/me/notifications", off, {"If-Match": '"0"'}).status, 412, "somebody was faster")
    for bad, field in ((("booked", "invitee", "email", False), "/messages/0"), (("thanks", "invitee", "push", True), "/messages/0"),
                       (("thanks", "host", "email", True), "/messages/0"), (("none", "host", "email", True), "/messages/0/message"),
                       (("booked", "guest", "email", True), "/messages/0/to"), (("booked", "host", "fax", True), "/messages/0/channel")):
        answer = choose(host, bad)
        same((answer.status, answer.fields), (400, [field]), f"{bad}")
    twice = choose(host, ("booked", "host", "email", True), ("booked", "host", "email", False))
    same((twice.status, twice.fields), (400, ["/messages/1"]), "twice")


def test_choices_are_honoured():
    with Server() as server:
        host, key, kind = scene(server)
        choose(host, ("booked", "host", "email", False), ("reminder", "host", "email", False), reminders=[15])
        b = key.post("/v1/bookings", booking_body(kind, "2026-03-03T10:00:00Z"), status=201).json
        at(server, "2026-03-03T09:44:59Z")
        same((heard(server, IVY), heard(server, host.account["email"])), (["Booked"], []), "the host hears nothing of a booking")
        at(server, "2026-03-03T09:45:00Z")
        same((heard(server, IVY), heard(server, host.account["email"])), (["Booked", "Reminder"], []), "fifteen minutes, to the invitee")
        step(key, b, "cancel")
        server.settle()
        same((heard(server, IVY)[-1], heard(server, host.account["email"])), ("Cancelled", ["Cancelled"]), "of the rest as is usual")


def test_our_mails_off():
    """By the account, the event type or the booking: invitee and guests get nothing, the host as ever, the jobs go on."""
    with Server() as server:
        for number, where in enumerate(("account", "event type", "booking")):
            host, key, kind = scene(server, confirmation="always", send_mails=where != "event type", reminders=[60])
            host.post("/v1/webhooks", {"url": "https://hooks.example.org/in"}, status=201)
            if where == "account":
                same(choose(host, send_mails=False).status, 200, "account")
            to = f"ivy{number}@example.org"
            body = booking_body(kind, f"2026-03-03T{10 + number}:00:00Z", address=to, guests=[{"email": GUS}], email_proof=server.prove(to))
            if where == "booking":
                same(server.client().post("/v1/bookings", {**body, "send_mails": False}, status=400).fields, ["/send_mails"], "not by a stranger")
                b = key.post("/v1/bookings", {**body, "send_mails": False}, status=201).json
            else:
                b = server.client().post("/v1/bookings", body, status=201).json
                step(key, b, "confirm")
            same(b["send_mails"], where != "booking", f"{where}: shown")
            step(key, b, "reschedule", {"start": f"2026-03-03T{14 + number}:00:00Z"})
            server.settle()
            before = len(server.mails(to))
            same((heard(server, to), heard(server, GUS)), ([], []), f"{where}: not a mail")
            check("Moved" in heard(server, host.account["email"]), f"{where}: the host hears as ever")
            planned = server.database().execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_follow' AND state = 'waiting'").fetchone()[0]
            check(planned > number, f"{where}: what follows is planned all the same")
            step(key, b, "cancel")
            server.settle()
            same(len(server.mails(to)), before, f"{where}: nor of the end")
            told = server.database().execute("SELECT type FROM event WHERE booking_id = ? ORDER BY id", (uuid.UUID(b["id"]).bytes,)).fetchall()
            same([t for (t,) in told if t in ("booking.rescheduled", "booking.cancelled")], ["booking.rescheduled", "booking.cancelled"], f"{where}: events go on")
            steps = [i["action"] for i in key.get(f"/v1/bookings/{b['id']}/log", status=200).json["items"] if i["kind"] == "step"]
            same(steps[-1], "booking.cancel", f"{where}: the log has it")


def test_links_lead_somewhere():
    """Every link of every mail is a page that opens, and opening it changes nothing."""
    with Server() as server:
        host, key, kind = scene(server, confirmation="always", reminders=[60], locations=[{"kind": "in_person", "value": "Room 3"}])
        choose(host, *[(m, to, "email", True) for m, to in (("starting", "invitee"), ("thanks", "invitee"), ("no_show", "invitee"), ("starting", "host"))])
        b = server.client().post("/v1/bookings", booking_body(kind, "2026-03-03T10:00:00Z", email_proof=server.prove(IVY), guests=[{"email": GUS}]), status=201).json
        step(key, b, "confirm")
        step(key, b, "reschedule", {"start": "2026-03-03T12:00:00Z"})
        server.client().post("/v1/my-bookings", {"email": IVY}, status=202)
        server.client().post("/v1/password-resets", {"email": host.account["email"]}, status=202)
        at(server, "2026-03-03T11:00:00Z")
        at(server, "2026-03-03T12:00:00Z")
        at(server, "2026-03-03T13:30:00Z")
        before = until(lambda: (seen := key.get(f"/v1/bookings/{b['id']}", status=200).json)["status"] == "completed" and seen, "it is over")
        links = set()
        for mail in server.mails():
            for kind_of in ("plain", "html"):
                links |= set(re.findall(re.escape(server.base) + r"[^\s\"<>]*", mail.get_body((kind_of,)).get_content()))
        check(len(links) >= 4, f"{links}")
        client = server.client()
        for link in sorted(links):
            answer = client.call("GET", link[len(server.base):].replace("&amp;", "&"))
            check(answer.status == 200 or (answer.status == 303 and "/app/" in link), f"{link}: {answer!r}")
        same(key.get(f"/v1/bookings/{b['id']}", status=200).json, before, "nothing changed")


def test_one_life_in_calendars():
    """One UID, and a SEQUENCE that rises, from the request to the end."""
    with Server() as server:
        _, key, kind = scene(server, confirmation="always", reminders=[])
        b = server.client().post("/v1/bookings", booking_body(kind, "2026-03-03T10:00:00Z", email_proof=server.prove(IVY)), status=201).json
        step(key, b, "confirm")
        step(key, b, "reschedule", {"start": "2026-03-03T12:00:00Z"})
        step(server.invitee(b), b, "reschedule", {"start": "2026-03-03T13:00:00Z"})
        step(key, b, "confirm")
        key.call("PATCH", f"/v1/bookings/{b['id']}", {"title": "Another title"})
        step(key, b, "cancel")
        server.settle()
        told = []
        for mail in server.mails(IVY):
            for part in mail.walk():
                if part.get_content_type() == "text/calendar":
                    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
                    event = calendar.walk("VEVENT")[0]
                    told.append((str(event["UID"]), int(event["SEQUENCE"]), str(calendar["METHOD"]), str(event["STATUS"]), event["DTSTART"].dt.hour))
        same(sorted(told), [(b["uid"], 0, "REQUEST", "TENTATIVE", 10), (b["uid"], 1, "REQUEST", "CONFIRMED", 10),
                            (b["uid"], 2, "REQUEST", "CONFIRMED", 12), (b["uid"], 3, "REQUEST", "TENTATIVE", 13),
                            (b["uid"], 4, "REQUEST", "CONFIRMED", 13), (b["uid"], 5, "REQUEST", "CONFIRMED", 13),
                            (b["uid"], 6, "CANCEL", "CANCELLED", 13)], "its life")


def test_one_life_is_one_thread():
    """Whoever reads: the first mail, and all others as answers to it; one address may be both."""
    with Server() as server:
        host, key, kind = scene(server, confirmation="always", reminders=[60])
        own = host.account["email"]
        body = booking_body(kind, "2026-03-03T10:00:00Z", address=own, email_proof=server.prove(own))
        before = len(server.mails(own))
        b = server.client().post("/v1/bookings", body, status=201).json
        step(key, b, "confirm")
        step(server.invitee(b), b, "reschedule", {"start": "2026-03-03T12:00:00Z"})
        step(key, b, "confirm")
        step(key, b, "cancel")
        server.settle()
        mails = server.mails(own)[before:]
        ids = [str(m["Message-ID"]) for m in mails]
        same(len(ids), len(set(ids)), f"an id each: {ids}")
        threads = {}
        for mail in mails:
            check(mail["In-Reply-To"] == mail["References"], "what it answers")
            threads.setdefault(str(mail["In-Reply-To"] or mail["Message-ID"]), []).append(mail)
        same([len(t) for t in threads.values()], [5, 5], "host and invitee")
        parts = [p.get_content().replace("\r\n ", "") for m in mails for p in m.walk() if p.get_content_type() == "text/calendar"]
        same({p.count("\nATTENDEE") for p in parts}, {1}, "calendars know one person by that address")
        first = {str(m["Message-ID"]) for m in mails if not m["In-Reply-To"]}
        same(len(first & set(threads)), 2, "each begins with what was asked for")


if __name__ == "__main__":
    run(globals())
