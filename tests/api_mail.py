"""Mails of bookings through a real SMTP server: who gets which, what their calendars are told, and what becomes of them
while that server is down.  No field gets a line of its own into a head or body."""

import sys
import time

import icalendar

import smtp_server
from noonmark import Server, booking_body, check, must, run, same, until

TEN, ELEVEN = "2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z"


def calendar_of(mail):
    parts = [p for p in mail.message.walk() if p.get_content_type() == "text/calendar"]
    must(len(parts) == 1, f"{len(parts)} calendar parts in the mail to {mail.to}")
    calendar = icalendar.Calendar.from_ical(parts[0].get_payload(decode=True))
    events = [e for e in calendar.walk() if e.name == "VEVENT"]
    must(len(events) == 1, "one event")
    same(str(calendar["METHOD"]), parts[0].get_param("method"), "METHOD, in the part's type as well")
    return str(calendar["METHOD"]), events[0]


def scene(server, smtp):
    """Registered with mails as files, then moved to the mail server."""
    host = server.register("ada")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    server.settings["smtp_url"] = smtp.url
    server.restart()
    host.close()
    return host, kind


def test_booking_moving_cancelling():
    with smtp_server.SmtpServer() as smtp, Server(mail_from="noonmark@example.net") as server:
        host, kind = scene(server, smtp)
        body = booking_body(kind, TEN, guests=[{"email": "bea@example.org", "name": "Bea"}, {"email": "al@example.org"}])
        b = host.post("/v1/bookings", body, status=201).json
        people = {"ivy@example.org", "ada@example.org", "bea@example.org", "al@example.org"}
        seen = set()
        for step, (method, sequence, start) in enumerate((("REQUEST", 0, TEN), ("REQUEST", 1, ELEVEN), ("CANCEL", 2, ELEVEN))):
            if step == 1:
                server.invitee(b).post(f"/v1/bookings/{b['id']}/reschedule", {"start": ELEVEN, "reason": "Train"}, status=200)
            elif step == 2:
                server.invitee(b).post(f"/v1/bookings/{b['id']}/cancel", {"reason": "Ill"}, status=200)
            mails = [m for m in smtp.wait_for(4 * (step + 1)) if m.path not in seen]
            seen |= {m.path for m in mails}
            same({m.to for m in mails}, people, f"step {step}: to whom")
            for mail in mails:
                label = f"step {step} to {mail.to}"
                got, event = calendar_of(mail)
                same((got, str(event["UID"]), int(event["SEQUENCE"])), (method, b["uid"], sequence), label)
                same(event["DTSTART"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"), start, f"{label}: DTSTART")
                check("DTSTAMP" in event, f"{label}: DTSTAMP")
                same(mail.message["From"].addresses[0].addr_spec, "noonmark@example.net", f"{label}: From")
                types = [p.get_content_type() for p in mail.message.walk()]
                check("text/plain" in types and "text/html" in types, f"{label}: {types}")
                text = mail.message.get_body(("plain",)).get_content()
                check(("11:00" in text or "12:00" in text or "10:00" in text), f"{label}: the time: {text}")
                token = b["manage_url"].rsplit("/", 1)[1]
                check((token in mail.raw.decode(errors="replace").replace("=\r\n", "").replace("=\n", "")) == (mail.to == "ivy@example.org")
                      or mail.to == "ivy@example.org", f"{label}: the invitee's link is the invitee's alone")
        same(len({m.message["Message-ID"] for m in smtp.mails()}), 12, "Message-IDs")
        # a repeat tells nobody again
        host.post(f"/v1/bookings/{b['id']}/cancel", status=200)
        server.settle()
        same(len(smtp.mails()), 12, "mails after a repeated cancel")


def test_server_down():
    with smtp_server.SmtpServer() as smtp, Server(clock=None) as server:
        host, kind = scene(server, smtp)
        smtp.stop()
        slot = server.slots(kind, time.strftime("%Y-%m-%d", time.gmtime(time.time() + 86400)),
                            time.strftime("%Y-%m-%d", time.gmtime(time.time() + 10 * 86400)))[0]
        host.post("/v1/bookings", booking_body(kind, slot), status=201)  # it does not wait for the mail server
        until(lambda: server.database().execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND state = 'waiting'"
                                                " AND last_error IS NOT NULL").fetchone()[0] == 2, "both mails wait")
        smtp.start()
        mails = smtp.wait_for(2, seconds=200)
        same({m.to for m in mails}, {"ivy@example.org", "ada@example.org"}, "they arrive once it is up")
        same(len(smtp.mails()), 2, "once each")


def test_nothing_is_injected():
    """Whatever a field holds, a mail has our headers only."""
    payloads = ["x\r\nBcc: eve@example.org", "x\nBcc: eve@example.org", "x\r\n.\r\nMAIL FROM:<a@b.org>", "\n.\n", "=?utf-8?q?=0ABcc:_eve?=",
                "x\u2028Bcc: eve@example.org", "x\u0085Bcc: eve", "BEGIN:VALARM", "x\\nATTENDEE:mailto:eve@example.org", "\";CN=x:mailto:eve@example.org",
                "<script>alert(1)</script>", "<a href=\"https://evil.example\">x</a>", "{{code}}", "%0d%0aBcc: eve"]
    with smtp_server.SmtpServer() as smtp, Server() as server:
        host, kind = scene(server, smtp)
        sent = 0
        for i, payload in enumerate(payloads):
            for field in ("name", "title", "notes", "guest"):
                members = {"notes": {"notes": payload}, "title": {"title": payload}, "guest": {"guests": [{"email": "bea@example.org", "name": payload}]}}
                body = booking_body(kind, f"2026-03-{3 + sent // 14:02d}T{9 + sent % 14 // 2:02d}:{30 * (sent % 2):02d}:00Z",
                                    payload if field == "name" else "Ivy", **members.get(field, {}))
                answer = host.post("/v1/bookings", body, status=(201, 400))
                if answer.status == 201:
                    sent += 1
        check(sent >= len(payloads), f"{sent} bookings were taken")
        jobs = server.database().execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND dedupe_key NOT LIKE '%:reminder%'")
        wanted = jobs.fetchone()[0]
        mails = smtp.wait_for(wanted)
        same(len(mails), wanted, "mails")
        same({m.to for m in mails} - {"ivy@example.org", "ada@example.org", "bea@example.org"}, set(), "recipients")
        for mail in mails:
            check("Bcc" not in mail.message and len(mail.message.get_all("Subject")) == 1, f"headers of {mail.path}")
            html = mail.message.get_body(("html",)).get_content()
            check("<script" not in html and "evil.example\"" not in html.replace("&quot;", ""), "no markup of others")
            method, event = calendar_of(mail)
            attendees = event.get("ATTENDEE", [])
            attendees = attendees if isinstance(attendees, list) else [attendees]
            check(not any("eve@" in str(a) for a in attendees) and not event.subcomponents, "nobody else is invited")
            head = mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
            check(not any(line.lower().startswith(b"bcc") for line in head.splitlines()), f"no line of one's own: {head!r}")


try:
    with smtp_server.SmtpServer():
        pass
except smtp_server.Unavailable as e:
    print(f"OpenSMTPD: {e}")
    print("0 passed, 1 failed")
    sys.exit(1)
run(globals())
