#!/usr/bin/python3
"""Mail through real SMTP: what OpenSMTPD delivers is what was meant, byte by byte; and what each refusal, silence and
loss of a server makes of a mail, against a stand-in that answers as told.

    tests/mail_smtp.py [--rounds N] [--seed N]
"""

import email
import email.header
import email.policy
import email.utils
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

import icalendar

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "mail")]
from mail_tool import REQUEST, Tool, hostile, line_of, text_of  # noqa: E402
from noonmark import argument, check, run, same  # noqa: E402
from smtp_server import REFUSED, SILENCE, SmtpServer, StandIn, Unavailable  # noqa: E402

ROUNDS = 60
HEADERS = ["date", "from", "to", "subject", "message-id", "auto-submitted", "x-auto-response-suppress", "mime-version",
           "content-type"]


def parts_of(message):
    return [part.get_content_type() for part in message.walk()]


def content(message, kind):
    return next(part for part in message.walk() if part.get_content_type() == kind).get_content()


def headers_of(raw):
    """Names in lower case, in order, of the message itself: what the server put before it is left out."""
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    names = [line.partition(b":")[0].decode().lower() for line in head.split(b"\n") if line[:1] not in b" \t"]
    return names[names.index("date"):]


def name_of(raw, field):
    """A display name by RFC 2047: newer Pythons drop the blanks between encoded words themselves, this one does not."""
    value = email.message_from_bytes(raw)[field].replace("\n", "").replace("\r", "")
    name = value.rpartition("<")[0].strip() or value.rpartition("<")[0]
    if name.startswith('"'):
        return name[1:-1]
    return str(email.header.make_header(email.header.decode_header(name)))


def compare(raw, asked, what, method):
    asked = REQUEST | asked
    message = email.message_from_bytes(raw, policy=email.policy.default)
    same(headers_of(raw), HEADERS, f"{what}: headers")
    check(not message.defects, f"{what}: {message.defects}")
    same([a.addr_spec for a in message["to"].addresses], [asked["to"]], f"{what}: To")
    same([a.addr_spec for a in message["from"].addresses], [asked["from"]], f"{what}: From")
    same(name_of(raw, "To"), line_of(asked["to_name"], 120), f"{what}: To's name")
    same(name_of(raw, "From"), line_of(asked["from_name"], 120), f"{what}: From's name")
    same(message["message-id"], asked["message_id"], f"{what}: Message-ID")
    same(message["auto-submitted"], "auto-generated", f"{what}: Auto-Submitted")
    same(parts_of(message), ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/calendar",
                             "application/ics"], f"{what}: parts")
    check(str(message["subject"]).startswith("Booked for Thu, 2 April 2026, 10:00–10:30 (Berlin, UTC+2)"),
          f"{what}: Subject {message['subject']!r}")
    calendar = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    same(calendar.get_param("method"), method.upper(), f"{what}: method=")
    same(calendar.get_payload(decode=True), content(message, "application/ics"), f"{what}: both calendar parts")
    event = icalendar.Calendar.from_ical(calendar.get_payload(decode=True))
    same(str(event["METHOD"]), method.upper(), f"{what}: METHOD")
    same(len(event.walk("VEVENT")), 1, f"{what}: one event")
    return message


def check_notes(message, notes, what):
    """Each line of what a person wrote stands quoted in the text, and harmless in the HTML."""
    lines = text_of(notes, 4000).strip(" \t\r\n").split("\n") if text_of(notes).strip(" \t\r\n") else []
    text, html = content(message, "text/plain"), content(message, "text/html")
    quoted = [line[2:] for line in text.split("\n") if line.startswith("> ")]
    same([line.rstrip() for line in quoted], [line.rstrip() for line in lines], f"{what}: notes")
    links = re.findall(r"<a [^>]*href=\"([^\"]*)\"", html)
    check(all(link.startswith("https://app.test/") for link in links), f"{what}: links {links}")
    check("<script" not in html.lower() and "<b>x" not in html, f"{what}: HTML")


def test_delivered():
    with SmtpServer() as smtp, Tool(smtp.url) as tool:
        answer = tool.send(location="Room 3", other_time_zone="Europe/London")
        same(answer["state"], "sent", "sent")
        same(answer["code"], 250, "code")
        mails = smtp.wait_for(1)
        same([m.to for m in mails], ["ana@example.org"], "delivered to")
        check(b"Return-Path: <book@app.test>" in mails[0].raw, "the envelope's sender")
        message = compare(mails[0].raw, {"location": "Room 3"}, "plain", "request")
        check("Thu, 2 April 2026, 10:00–10:30 (Berlin, UTC+2)\nThu, 2 April 2026, 09:00–09:30 (London, UTC+1) for Ada"
              in content(message, "text/plain"), "both zones, one above the other")
        # what the server keeps is what was composed, but for its own headers above and its line ends
        composed = tool.ask("compose", location="Room 3", other_time_zone="Europe/London")["text"]
        kept = mails[0].raw[mails[0].raw.index(b"\nDate: ") + 1:]
        same(kept, composed.encode().replace(b"\r\n", b"\n"), "the bytes")


def test_languages():
    with SmtpServer() as smtp, Tool(smtp.url) as tool:
        for i, (language, words) in enumerate([("en", "Change or cancel"), ("de", "Verschieben oder absagen"),
                                               ("fr", "Déplacer ou annuler"), ("es", "Cambiar o cancelar")]):
            tool.send(language=language, message_id=f"<l.{i}@app.test>", to=f"{language}@example.org")
            mails = smtp.wait_for(1, f"{language}@example.org")
            check(mails and words in content(mails[0].message, "text/plain"), f"{language}: {words}")


def test_hostile_text():
    seed = argument("seed", 1)
    with SmtpServer() as smtp, Tool(smtp.url) as tool:
        asked = []
        for round_ in range(argument("rounds", ROUNDS)):
            rng = random.Random(f"{seed}/{round_}")
            fields = {key: hostile(rng) for key in ("title", "notes", "location", "to_name", "from_name", "host_name",
                                                    "invitee_name")}
            fields |= {"message_id": f"<r.{round_}@app.test>", "method": rng.choice(["request", "cancel"]), "language": "en"}
            same(tool.send(**fields)["state"], "sent", f"--seed {seed}, round {round_}")
            asked.append(fields)
        mails = {m.message["message-id"]: m for m in smtp.wait_for(len(asked))}
        same(len(mails), len(asked), "each was delivered")
        same({m.to for m in mails.values()}, {"ana@example.org"}, "to nobody else")
        for fields in asked:
            what = f"--seed {seed}, {fields['message_id']}"
            mail = mails.get(fields["message_id"])
            if check(mail is not None, f"{what}: delivered"):
                kept = mail.raw[mail.raw.index(b"\nDate: ") + 1:]
                check_notes(compare(kept, fields, what, fields["method"]), fields["notes"], what)


def test_hostile_addresses():
    with StandIn() as smtp, Tool(smtp.url) as tool:
        for address in ("", "ana", "a@b.test\r\nRCPT TO:<x@evil.example>", "a@b.test\nBcc: x", "a@b.test> SIZE=1",
                        "<a@b.test>", "a@b.test,c@d.test", "a b@c.test", "ä@b.test", "a@b.test\u202e"):
            for field in ("to", "from"):
                answer = tool.send(**{field: address})
                same(answer["state"], "refused", f"{field} {address!r}")
        same(smtp.messages, [], "nothing was sent")
        same([c for c in smtp.commands if "evil" in c or "SIZE=1" == c[-6:]], [], "no command was slipped in")


def test_wire():
    """The bytes as they come: CR LF only, dots doubled, nothing long, nothing above 126."""
    notes = ".\n..\nFrom here\n.x\n" + "long " * 300 + "\n" + "ü" * 500 + "\n\n.\n"
    with StandIn() as smtp, Tool(smtp.url) as tool:
        same(tool.send(notes=notes)["state"], "sent", "sent")
        sender, recipient, raw = smtp.messages[0]
        same((sender, recipient), ("book@app.test", "ana@example.org"), "the envelope")
        lines = raw.split(b"\r\n")
        check(all(len(line) <= 78 and b"\r" not in line and b"\n" not in line for line in lines), "lines")
        check(all(32 <= byte < 127 or byte in b"\r\n\t" for byte in raw), "7-bit")
        check(not any(line.startswith(b".") for line in lines), "no line begins with a dot")
        check_notes(email.message_from_bytes(raw, policy=email.policy.default), notes, "notes")
        same([c for c in smtp.commands if c.startswith("EHLO")], ["EHLO app.test"], "EHLO names the sender's domain")
    with StandIn() as smtp, Tool(smtp.url + "/book.example.org") as tool:
        tool.send()
        same(smtp.commands[0], "EHLO book.example.org", "EHLO names what the URL says")


def verdict(answer):
    return answer["state"], answer["code"], answer["alert"]


def test_refusals():
    cases = [
        ({"rcpt": "550 5.1.1 no such user"}, ("refused", 550, False), 0),
        ({"rcpt": "551 moved"}, ("refused", 551, False), 0),
        ({"rcpt": "450 4.2.0 greylisted, come back"}, ("retry", 450, False), 300),
        ({"rcpt": "451 4.7.1 later"}, ("retry", 451, False), 300),
        ({"rcpt": "452 4.2.2 full"}, ("retry", 452, False), 300),
        ({"rcpt": "421 4.3.2 going down"}, ("retry", 421, False), 60),
        ({"data": "554 5.6.0 no"}, ("refused", 554, False), 0),
        ({"data": "451 4.3.0 no"}, ("retry", 451, False), 300),
        ({"end": "552 5.3.4 too big"}, ("refused", 552, False), 0),
        ({"end": "554 5.7.1 spam"}, ("refused", 554, False), 0),
        ({"end": "451 4.3.0 disk"}, ("retry", 451, False), 300),
        ({"mail": "550 5.7.1 sender refused"}, ("retry", 550, True), 900),
        ({"mail": "552 5.3.4 too big"}, ("refused", 552, False), 0),
        ({"mail": "451 4.3.0 later"}, ("retry", 451, False), 300),
        ({"ehlo": "550 5.7.1 go away"}, ("retry", 550, True), 900),
        ({"greeting": "554 5.7.1 blocked"}, ("retry", 554, True), 900),
        ({"greeting": "421 4.3.2 busy"}, ("retry", 421, False), 60),
    ]
    for replies, wanted, least in cases:
        with StandIn(**replies) as smtp, Tool(smtp.url) as tool:
            answer = tool.send()
            same(verdict(answer), wanted, f"{replies}")
            check(answer["wait_seconds"] >= least and (least == 0) == (answer["wait_seconds"] == 0),
                  f"{replies}: wait {answer['wait_seconds']}")
            words = next(iter(replies.values()))
            check(words.split(" ")[-1] in answer["detail"], f"{replies}: the server's words: {answer['detail']!r}")
            same(smtp.messages, [], f"{replies}: nothing was taken")


def test_later():
    """Greylisting: what is refused for now is taken at the next try, by the same mailer and once."""
    with StandIn(rcpt=["451 4.7.1 later", "250 ok"]) as smtp, Tool(smtp.url) as tool:
        same(tool.send()["state"], "retry", "at first")
        same(tool.send()["state"], "sent", "then")
        same(len(smtp.messages), 1, "once")


def test_silence():
    for stage in ("greeting", "rcpt", "end"):
        with StandIn(**{stage: [None, "250 ok"]}) as smtp, Tool(smtp.url + "?timeout=1") as tool:
            began = time.monotonic()
            answer = tool.send()
            same(verdict(answer), ("retry", 0, False), f"silence at {stage}")
            check(answer["wait_seconds"] >= 60 and time.monotonic() - began < SILENCE, f"silence at {stage}: in time: {answer}")
            smtp.open[0].settimeout(SILENCE / 2)
            same(smtp.open[0].recv(100), b"", f"after silence at {stage}: nothing more is said there")
            same(tool.send()["state"], "sent", f"after silence at {stage}")
            same(smtp.connections, 2, f"after silence at {stage}: connections")


def test_down_and_up():
    with SmtpServer() as smtp, Tool(smtp.url) as tool:
        same(tool.send(message_id="<u.1@app.test>")["state"], "sent", "up")
        smtp.wait_for(1)  # what OpenSMTPD is delivering while it is stopped, it delivers cut short and then again
        smtp.stop()
        answer = tool.send(message_id="<u.2@app.test>")
        same(verdict(answer), ("retry", 0, False), "down")
        check(answer["wait_seconds"] > 0 and answer["detail"], f"down: {answer}")
        smtp.start()
        same(tool.send(message_id="<u.2@app.test>")["state"], "sent", "up again")
        same(tool.send(message_id="<u.3@app.test>", to=REFUSED)["state"], "refused", "an address that is refused")
        mails = smtp.wait_for(2)
        same(sorted(m.message["message-id"] for m in mails), ["<u.1@app.test>", "<u.2@app.test>"], "delivered once each")


def test_connections():
    with StandIn() as smtp, Tool(smtp.url) as tool:
        for i in range(5):
            same(tool.send(to=f"a{i}@example.org")["state"], "sent", f"mail {i}")
        same(smtp.connections, 1, "one connection for five mails")
        same([to for _, to, _ in smtp.messages], [f"a{i}@example.org" for i in range(5)], "recipients")
    with StandIn(mails=1) as smtp, Tool(smtp.url) as tool:  # closes after each mail
        for i in range(3):
            same(tool.send()["state"], "sent", f"a connection that was closed meanwhile, {i}")
        same(len(smtp.messages), 3, "once each")
        same(smtp.connections, 3, "a new connection each")
    # lost behind the message: it may have been taken, so it is not sent again at once
    with StandIn(end=["250 ok", "close", "250 ok"]) as smtp, Tool(smtp.url) as tool:
        same([tool.send()["state"] for _ in range(2)], ["sent", "retry"], "lost behind the message")
        same(smtp.commands.count("DATA"), 2, "not sent again at once")
    # one that says goodbye only when it is spoken to again, and one that takes so many mails a connection
    for reply in ("421 4.4.2 timed out", "452 4.5.3 too many messages"):
        with StandIn(mail=["250 ok", reply, "250 ok"]) as smtp, Tool(smtp.url) as tool:
            same([tool.send()["state"] for _ in range(2)], ["sent", "sent"], f"{reply} on a kept connection")
            same((len(smtp.messages), smtp.connections), (2, 2), f"{reply}: once each")
        with StandIn(mail=reply) as smtp, Tool(smtp.url) as tool:
            same((tool.send()["state"], smtp.connections), ("retry", 1), f"{reply} on a new connection")


def certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", "-days", "2", "-subj",
                    "/CN=mail.test", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return f"{folder}/{name}.pem", f"{folder}/{name}.key"


def test_tls():
    folder = tempfile.mkdtemp(prefix="noonmark-tls-")
    try:
        ours, other = certificate(folder, "ours"), certificate(folder, "other")
        trust = f"?tls=required&ca={ours[0]}"
        with StandIn() as smtp, Tool(smtp.url + "?tls=required") as tool:
            same(verdict(tool.send()), ("retry", 0, True), "no STARTTLS offered")
            same([c for c in smtp.commands if c.startswith(("MAIL", "AUTH"))], [], "nothing said in clear")
        with StandIn(tls=ours) as smtp, Tool(smtp.url + trust) as tool:
            same(tool.send()["state"], "sent", "STARTTLS")
            check("STARTTLS" in smtp.commands, "STARTTLS was used")
        with StandIn(tls=other) as smtp, Tool(smtp.url + trust) as tool:
            same(verdict(tool.send()), ("retry", 0, True), "another's certificate")
            same(smtp.messages, [], "nothing was sent to it")
        with StandIn(tls=ours, implicit=True) as smtp, Tool(smtp.url + f"?ca={ours[0]}") as tool:
            same(tool.send()["state"], "sent", "TLS from the start")
        with StandIn(tls=other, implicit=True) as smtp, Tool(smtp.url + f"?ca={ours[0]}") as tool:
            same(verdict(tool.send()), ("retry", 0, True), "another's certificate from the start")
        for user, wanted in (("noon:p%40ss%20word", "sent"), ("noon:wrong", "retry")):
            with StandIn(tls=ours, login=("noon", "p@ss word")) as smtp, \
                    Tool(smtp.url.replace("//", f"//{user}@") + trust) as tool:
                answer = tool.send()
                same(answer["state"], wanted, f"logging in as {user}")
                same(answer["alert"], wanted == "retry", f"alert for {user}")
                check("noon" not in answer["detail"] and "p@ss" not in answer["detail"], f"no secret in {answer['detail']!r}")
        with StandIn(tls=ours, login=("noon", "x")) as smtp, Tool(smtp.url + trust) as tool:
            same(verdict(tool.send()), ("retry", 530, True), "a server that wants a log-in")
    finally:
        shutil.rmtree(folder)


def test_spool():
    folder = tempfile.mkdtemp(prefix="noonmark-spool-")
    try:
        with Tool(folder + "/mail") as tool:
            answer = tool.send(notes="hello")
            same(answer["state"], "sent", "written")
            with open(answer["detail"], "rb") as f:
                same(f.read().decode(), tool.ask("compose", notes="hello")["text"], "the same bytes as by SMTP")
            same(os.listdir(folder + "/mail"), [os.path.basename(answer["detail"])], "one file, no leftovers")
            same(os.stat(answer["detail"]).st_mode & 0o777, 0o600, "mode")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    try:
        SmtpServer().close()
    except Unavailable as e:
        print(f"without OpenSMTPD: {e}")
        for name in ("test_delivered", "test_languages", "test_hostile_text", "test_down_and_up"):
            del globals()[name]
    run(globals())
