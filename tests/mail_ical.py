#!/usr/bin/python3
"""Calendar texts read back by Python's icalendar and dateutil: one event with the values that were meant, whatever the
fields hold.  (libical reads them in the unit tests.)

    tests/mail_ical.py [--rounds N] [--seed N]
"""

import os
import random
import sys

import dateutil.parser
import icalendar

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "mail")]
from mail_tool import REQUEST, Tool, hostile, line_of, text_of  # noqa: E402
from noonmark import argument, check, run, same  # noqa: E402

ROUNDS = 400


def lines_of(text):
    """The unfolded lines; None when a line is too long, cut inside a character, or ended by anything but CR LF."""
    raw = text.encode()
    if not raw.endswith(b"\r\n") or raw.count(b"\r") != raw.count(b"\r\n") or raw.count(b"\n") != raw.count(b"\r\n"):
        return None
    lines = raw[:-2].split(b"\r\n")
    for line in lines:
        line.decode()
        if not 0 < len(line) <= 75 or any(c < 32 and c != 9 for c in line):
            return None
    return raw.replace(b"\r\n ", b"").decode()[:-2].split("\r\n")


def only(component, name):
    value = component.get(name)
    return "" if value is None else value


def name_of(text):
    return line_of(text, 200).replace('"', "'").replace("\\", "/")


def caret_decoded(text):
    """RFC 6868, which this icalendar does not know."""
    out, i = "", 0
    while i < len(text):
        pair = text[i:i + 2]
        out += {"^^": "^", "^n": "\n", "^'": '"'}.get(pair, text[i])
        i += 2 if pair in ("^^", "^n", "^'") else 1
    return out


def read_raw(event, name):
    return next((value for key, _, value in event.content_lines if key == name), "")


def read_text(event, name):
    """A TEXT value decoded by the book: this icalendar takes an escaped backslash before an n for a line's end."""
    value, out = iter(read_raw(event, name)), ""
    for c in value:
        c = next(value).replace("n", "\n").replace("N", "\n") if c == "\\" else c
        out += c
    return out


def event_of(text, what):
    lines = lines_of(text)
    if not check(lines is not None, f"{what}: lines of at most 75 bytes, whole characters, CR LF"):
        return None
    calendar = icalendar.Calendar.from_ical(text)
    events = calendar.walk("VEVENT")
    if not check(len(events) == 1 and len(calendar.subcomponents) == 1 and not events[0].subcomponents,
                 f"{what}: one event and nothing else"):
        return None
    check(not calendar.errors and not events[0].errors, f"{what}: no errors: {calendar.errors} {events[0].errors}")
    events[0].content_lines = [line.partition(":") for line in lines]
    events[0].calendar = calendar
    return events[0]


def compare(event, asked, what):
    asked = REQUEST | asked
    same(read_text(event, "SUMMARY"), line_of(asked["title"], 500), f"{what}: SUMMARY")
    same(read_text(event, "DESCRIPTION"), text_of(asked.get("notes", ""), 16384).strip(" \t\r\n"), f"{what}: DESCRIPTION")
    same(read_text(event, "LOCATION"), line_of(asked.get("location", ""), 500), f"{what}: LOCATION")
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION"):
        if "\\\\" not in read_raw(event, name):
            same(str(only(event, name)), read_text(event, name), f"{what}: {name} by icalendar")
    for name, key in (("DTSTART", "start"), ("DTEND", "end"), ("DTSTAMP", "now")):
        wanted = dateutil.parser.isoparse(asked[key])
        same(event[name].dt, wanted, f"{what}: {name}")
        same(dateutil.parser.parse(event[name].to_ical().decode()), wanted, f"{what}: {name} by dateutil")
    same(int(event["SEQUENCE"]), asked.get("sequence", 0), f"{what}: SEQUENCE")
    same(str(event["UID"]), "0190aaaa@app.test", f"{what}: UID")
    same(str(event["ORGANIZER"]), "mailto:" + asked["from"], f"{what}: ORGANIZER")
    same(caret_decoded(event["ORGANIZER"].params.get("CN", "")), name_of(asked["from_name"]), f"{what}: its name")
    attendees = event["ATTENDEE"]
    same([str(a) for a in attendees], ["mailto:" + asked["to"], "mailto:guest@example.org"], f"{what}: ATTENDEE")
    same(caret_decoded(attendees[0].params.get("CN", "")), name_of(asked["to_name"]), f"{what}: the attendee's name")
    same(attendees[0].params["RSVP"], "FALSE", f"{what}: RSVP")
    same(attendees[0].params["PARTSTAT"], "ACCEPTED", f"{what}: PARTSTAT")


def test_methods():
    with Tool() as tool:
        for method, status in (("request", "CONFIRMED"), ("cancel", "CANCELLED"), ("publish", "CONFIRMED")):
            event = event_of(tool.ask("ical", method=method, sequence=3)["text"], method)
            same(str(event.calendar["METHOD"]), method.upper(), "METHOD")
            same(str(event["STATUS"]), status, f"{method}: STATUS")
            same("ATTENDEE" in event, method != "publish", f"{method}: attendees")
            same(int(event["SEQUENCE"]), 3, f"{method}: SEQUENCE")


def test_hostile_text():
    seed = argument("seed", 1)
    with Tool() as tool:
        for round_ in range(argument("rounds", ROUNDS)):
            rng = random.Random(f"{seed}/{round_}")
            asked = {key: hostile(rng) for key in ("title", "notes", "location", "url", "from_name", "to_name")}
            asked |= {"sequence": rng.randrange(100), "method": rng.choice(["request", "cancel"])}
            what = f"--seed {seed}, round {round_}"
            answer = tool.ask("ical", **asked)
            if check(answer["text"] is not None, f"{what}: {answer['error']}"):
                event = event_of(answer["text"], what)
                if event:
                    compare(event, asked, what)


def test_hostile_addresses():
    with Tool() as tool:
        for address in ("", "ana", "a@b.test\nATTENDEE:mailto:x@y.test", "a@b.test\r\nX-A:b", "<a@b.test>", "a@b.test:x",
                        "a@b.test;CN=x", '"a b"@c.test', "a@b.test, c@d.test", "ä@b.test", "a" * 65 + "@b.test"):
            for field in ("to", "from"):
                check(tool.ask("ical", **{field: address})["error"], f"{field} {address!r} is refused")
        for start, end in (("2026-04-02T08:00:00Z", "2026-04-02T08:00:00Z"), ("2026-04-02T08:00:00Z", "2026-04-02T07:00:00Z")):
            check(tool.ask("ical", start=start, end=end)["error"], f"{start} to {end} is refused")


if __name__ == "__main__":
    run(globals())
