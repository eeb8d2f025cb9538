#!/usr/bin/python3
"""A host's own words: kept for one event type, reader and language; tried before; and in the mails that go out."""

from noonmark import Server, booking_body, check, run, same

IVY, GUS = "ivy@example.org", "gus@example.org"
NAMES = iter(range(1000000))


def scene(server, **members):
    host = server.register(f"wordy{next(NAMES)}")
    return host, host.make_event_type("talk", **{"minimum_notice_minutes": 0, **members})


def path_of(kind, end=""):
    return f"/v1/event-types/{kind['id']}/templates{end}"


def words(message="booked", to="invitee", language="en", subject="Yes: {{title}} on {{date}}", text="Hello {{invitee}},\n\nsee you at {{times}}."):
    return {"message": message, "to": to, "language": language, "subject": subject, "text": text}


def test_list(server):
    host, kind = scene(server)
    items = host.get(path_of(kind, "?language=de"), status=200).json["items"]
    by_key = {(i["message"], i["to"]): i for i in items}
    check(("booked", "invitee") in by_key and ("booked", "host") in by_key and ("booked", "guest") in by_key, "every reader")
    check(("requested", "guest") not in by_key, "but no message that nobody gets")
    usual = by_key["booked", "invitee"]
    same((usual["language"], usual["updated_at"], usual["subject"]), ("de", None, "Gebucht für {{date}}, {{times}} ({{zone}}): {{title}}"), "ours")
    for item in items:  # what is ours could be a host's
        answer = host.call("POST", path_of(kind, "/preview"), {k: item[k] for k in ("message", "to", "language", "subject", "text")})
        check(answer.status == 200 and "{{" not in answer.json["subject"] + answer.json["text"] + answer.json["html"], f"{item}: {answer!r}")
        if item["message"] == "proposed":
            offered = answer.json["text"].split("\n- ")[1].split("\n")[0]
            same(answer.json["text"].count(offered), 1, "another time than the meeting's own")
        if item["message"] == "requested":
            check("Grund" not in answer.json["text"], "what is new has no reason")
    names = host.get(path_of(kind, "/variables?language=fr"), status=200).json["items"]
    check({"title", "host", "invitee", "date", "times", "reason"} <= {n["name"] for n in names}, "what can be named")
    check(all(n["example"] for n in names if n["name"] in ("title", "host", "invitee", "date", "times", "zone", "old_date", "reason")), "with examples")


def test_save_and_reset(server):
    host, kind = scene(server)
    saved = host.call("PUT", path_of(kind), words())
    same((saved.status, saved.json["subject"], saved.json["updated_at"] is not None), (200, words()["subject"], True), "saved")

    def now(message, language="en"):
        return next(i for i in host.get(path_of(kind, f"?language={language}"), status=200).json["items"] if (i["message"], i["to"]) == (message, "invitee"))
    same(now("booked")["text"], words()["text"], "listed")
    same(now("booked", "de")["updated_at"], None, "of that language alone")
    same(now("cancelled")["updated_at"], None, "of that message alone")
    host.call("PUT", path_of(kind), words(text="Again"))
    same(now("booked")["text"], "Again", "replaced")
    for _ in range(2):
        same(host.call("DELETE", path_of(kind, "?message=booked&to=invitee&language=en")).status, 204, "reset")
        same(now("booked")["updated_at"], None, "ours again")
    log = server.database().execute("SELECT COUNT(*) FROM audit WHERE action = 'event_type.words'").fetchone()[0]
    same(log, 3, "each change is in the audit")
    other, theirs = scene(server)
    for answer in (other.call("PUT", path_of(kind), words()), other.call("GET", path_of(kind)), other.call("POST", path_of(kind, "/preview"), words()),
                   other.call("DELETE", path_of(kind, "?message=booked&to=invitee&language=en"))):
        same(answer.status, 404, "not somebody else's")
    mine = host.post("/v1/bookings", booking_body(kind, "2026-03-03T10:00:00Z"), status=201).json
    same(other.call("POST", path_of(theirs, "/preview"), {**words(), "booking_id": mine["id"]}).status, 404, "nor somebody else's booking")
    shown = host.post(path_of(kind, "/preview"), {**words(), "booking_id": mine["id"]}, status=200).json
    check("Hello Ivy Invitee," in shown["text"] and mine["manage_url"] not in shown["text"] + shown["html"], "a real one, without the invitee's link")


def test_refused(server):
    host, kind = scene(server)
    for change, status, field, part in (
            ({"text": "Hi\n {{nobody}}"}, 422, "/text", "line 2, column 2: there is no {{nobody}}"), ({"subject": "{{#title}}x"}, 422, "/subject", "line 1"),
            ({"text": "{{>mail/page}}"}, 422, "/text", "only {{name}}"), ({"text": "{{{title}}}"}, 422, "/text", "only {{name}}"),
            ({"text": "{{_ mail.title}}"}, 422, "/text", "only {{name}}"), ({"text": ""}, 400, "/text", ""), ({"text": "x" * 4001}, 400, "/text", ""),
            ({"subject": "a\nb"}, 400, "/subject", ""), ({"subject": "x" * 201}, 400, "/subject", ""), ({"text": "a\u0007"}, 400, "/text", ""),
            ({"subject": "{{^title}}x{{/title}}"}, 422, "/subject", "nothing is left"), ({"to": "co_host"}, 400, "/to", ""),
            ({"message": "thanks", "to": "host"}, 404, "/message", ""), ({"language": "xx"}, 400, "/language", "")):
        for method, end in (("PUT", ""), ("POST", "/preview")):
            answer = host.call(method, path_of(kind, end), {**words(), **change})
            same((answer.status, answer.fields), (status, [field]), f"{method} {change}")
            check(part in answer.json["errors"][0]["message"], f"{method} {change}: {answer.json['errors']}")


def test_in_mails():
    with Server() as server:
        host, kind = scene(server)
        _, other = host, host.make_event_type("chat", minimum_notice_minutes=0)
        host.call("PUT", path_of(kind), words(text="Dear {{invitee}},\n\nBring <b>{{title}}</b> & {{notes}}"))
        host.call("PUT", path_of(kind), words("booked", "guest", subject="Come, {{host}} asks", text="You are welcome."))
        host.call("PUT", path_of(kind), words("cancelled", "host", subject="Off: {{reason}}", text="{{#reason}}Because: {{reason}}{{/reason}}{{^reason}}No reason.{{/reason}}"))
        b = host.post("/v1/bookings", booking_body(kind, "2026-03-03T10:00:00Z", "Eve {{code}}", guests=[{"email": GUS}], notes="{{host}} <i>x</i>\nBcc: a@b.org"), status=201).json
        ivy, gus = server.wait_mails(IVY, 1)[0], server.wait_mails(GUS, 1)[0]
        same((str(ivy["Subject"]), str(gus["Subject"])), ("Yes: talk on Tue, 3 March 2026", "Come, Test Host asks"), "subjects")
        text, html = ivy.get_body(("plain",)).get_content(), ivy.get_body(("html",)).get_content()
        check(text.startswith("Dear Eve {{code}},") and "{{host}} <i>x</i>" in text, f"what people wrote is not read as words: {text}")
        check("is booked" not in text and b["manage_url"] in text and "11:00–11:30" in text, "ours gives way; time and link stay")
        check("<b>talk" not in html and "&lt;b&gt;" in html and "<i>" not in html, "and is no markup")
        check("You are welcome." in gus.get_body(("plain",)).get_content() and "Bcc" not in ivy, "the guest's")
        check(any(p.get_content_type() == "text/calendar" for p in ivy.walk()), "the invitation goes along")
        server.invitee(b).post(f"/v1/bookings/{b['id']}/cancel", {"reason": "Ill\r\nX-Evil: 1"}, status=200)
        server.wait_mails(IVY, 2)
        mine = server.wait_subject(host.account["email"], "Off")
        same([str(m["Subject"]) for m in mine], ["Off: Ill X-Evil: 1"], "one line")
        check("X-Evil" not in mine[0], "and no header")
        host.post("/v1/bookings", booking_body(other, "2026-03-03T12:00:00Z", address="uma@example.org"), status=201)
        check(str(server.wait_mails("uma@example.org", 1)[0]["Subject"]).startswith("Booked for"), "another event type has ours")
        host.call("PUT", path_of(other), words(subject="{{notes}}", text="About {{notes}}"))
        host.post("/v1/bookings", booking_body(other, "2026-03-03T13:00:00Z", address="tom@example.org"), status=201)
        check(str(server.wait_mails("tom@example.org", 1)[0]["Subject"]).startswith("Booked for"), "ours where nothing is left of theirs")
        host.post("/v1/bookings", booking_body(kind, "2026-03-03T14:00:00Z", address="eva@example.org"), status=201)
        host.call("PATCH", "/v1/me", {"language": "de"})
        last = host.post("/v1/bookings", booking_body(kind, "2026-03-03T15:00:00Z", address="ida@example.org"), status=201).json
        host.post(f"/v1/bookings/{last['id']}/cancel", status=200)
        check(str(server.wait_subject(host.account["email"], "Abgesagt")[0]["Subject"]).startswith("Abgesagt"), "another language has ours")


if __name__ == "__main__":
    run(globals())
