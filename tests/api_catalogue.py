#!/usr/bin/python3
"""The whole catalogue: every message about a booking and an account is sent at its moment, once, to whom it concerns, in the
language and zone of who reads it, with what calendars are to hear.  Host, co-host and invitee read three languages."""

import re
from concurrent.futures import ThreadPoolExecutor

from noonmark import ALWAYS, ROOT, Server, booking_body, check, run, same

IVY, GUS = "ivy@example.org", "gus@example.org"
CITIES = {"invitee": "Kolkata", "guest": "Kolkata", "host": "New York", "co_host": "Tokyo"}

# message: template of each reader, METHOD and STATUS that calendars are told; a second statement of src/core/messages.def
CATALOGUE = {
    "booked": ({"invitee": "booked", "host": "new_booking", "guest": "invited", "co_host": "invited"}, ("REQUEST", "CONFIRMED")),
    "requested": ({"invitee": "request_received", "host": "please_confirm"}, ("REQUEST", "TENTATIVE")),
    "confirmed": ({"invitee": "confirmed", "host": "confirmed", "guest": "invited", "co_host": "invited"}, ("REQUEST", "CONFIRMED")),
    "rejected": ({"invitee": "rejected", "host": "rejected"}, ("CANCEL", "CANCELLED")),
    "expired": ({"invitee": "expired", "host": "expired"}, ("CANCEL", "CANCELLED")),
    "rescheduled": (dict.fromkeys(CITIES, "rescheduled"), ("REQUEST", "CONFIRMED")),
    "cancelled": (dict.fromkeys(CITIES, "cancelled"), ("CANCEL", "CANCELLED")),
    "details": (dict.fromkeys(CITIES, "details_changed"), ("REQUEST", "CONFIRMED")),
    "uninvited": ({"guest": "uninvited", "co_host": "uninvited"}, ("CANCEL", None)),
    "guest_declined": ({"host": "guest_declined"}, None),
    "co_host": ({"invitee": "co_host", "host": "co_host"}, ("REQUEST", "CONFIRMED")),
    "co_host_left": ({"invitee": "co_host_left", "host": "co_host_left"}, ("REQUEST", "CONFIRMED")),
    "reminder": ({"invitee": "reminder", "host": "reminder", "co_host": "reminder"}, None),
    "reconfirm": ({"invitee": "reconfirm"}, None),
    "starting": ({"invitee": "starting", "host": "starting", "co_host": "starting"}, None),
    "thanks": ({"invitee": "thanks"}, None),
    "no_show": ({"invitee": "no_show"}, None),
    "proposed": ({"invitee": "proposed", "host": "proposed"}, None),
    "accepted": ({"invitee": "accepted", "host": "accepted", "guest": "rescheduled", "co_host": "rescheduled"}, ("REQUEST", "CONFIRMED")),
    "proposal_declined": ({"invitee": "proposal_declined", "host": "proposal_declined"}, None),
    "proposal_withdrawn": ({"invitee": "proposal_withdrawn", "host": "proposal_withdrawn"}, None),
    "proposal_expired": ({"invitee": "proposal_expired", "host": "proposal_expired"}, None),
    "choose_another": ({"invitee": "choose_another"}, None),
}
OF_INVITEE = ("code_booking", "my_bookings")
OF_HOST = ("code_registration", "key_created", "new_login", "code_reset", "password_changed", "account_erased")


def texts(language):
    with open(f"{ROOT}/templates/text/{language}.txt", encoding="utf-8") as f:
        return dict(line.rstrip("\n").split(" = ", 1) for line in f if " = " in line and line[0] != "#")


def pattern(text):
    """What a text becomes, whatever its names stand for."""
    return "".join("[^\\n]+" if part[0] == "{" else re.escape(part) for part in re.split(r"(\{[^}]*\})", text) if part)


class Walk:
    """Everything that can happen to bookings of one host, in the languages given; then the account is deleted."""

    def __init__(self, server, host, co_host, invitee):
        self.server, self.languages = server, {"host": host, "co_host": co_host, "invitee": invitee, "guest": invitee}
        self.accept = {"Accept-Language": invitee}
        self.host, self.co = self.account("hostess", host, "America/New_York"), self.account("helper", co_host, "Asia/Tokyo")
        self.addresses = {"host": self.host.account["email"], "co_host": self.co.account["email"], "invitee": IVY, "guest": GUS}
        it = self.host.post("/v1/co-hosts", {"username": "helper"}, status=201).json
        self.co.post(f"/v1/co-hosts/{it['id']}/accept", status=200)
        choices = self.host.get("/v1/me/notifications", status=200).json["messages"]
        self.host.put("/v1/me/notifications", {"messages": [{**c, "on": True} for c in choices]}, status=200)
        same({(c["message"], c["to"]) for c in choices if c["channel"] == "push"} - {(m, "host") for m in CATALOGUE}, set(), "what can be chosen")
        members = {"minimum_notice_minutes": 0, "interval_minutes": 15, "reminders": [60], "co_hosts": [it["other_id"]]}
        self.ask = self.host.make_event_type("ask", confirmation="always", reconfirm_minutes=1440, **members)
        self.free = self.host.make_event_type("free", **members)
        self.key = self.host.key_client
        self.proof = self.prove()

    def account(self, name, language, zone):
        host = self.server.register(name, time_zone=zone, language=language)
        host.set_hours(ALWAYS)
        return host

    def prove(self):
        client = self.server.client()
        proof = client.post("/v1/email-proofs", {"email": IVY}, headers=self.accept, status=201).json["id"]
        code = re.search(r"\d{6}", str(self.server.wait_mails(IVY, 1)[0]["Subject"])).group()
        return client.post(f"/v1/email-proofs/{proof}/verify", {"code": code}, status=200).json["email_proof"]

    def book(self, kind, start, **members):
        body = {**booking_body(kind, start, email_proof=self.proof, **members), "time_zone": "Asia/Kolkata"}
        booking = self.server.client().post("/v1/bookings", body, headers=self.accept, status=201).json
        return booking, self.server.invitee(booking)

    @staticmethod
    def do(client, booking, *steps):
        for name, body in steps:
            client.post(f"/v1/bookings/{booking['id']}/{name}", body, status=200)

    def at(self, *moments):
        for moment in moments:
            self.server.clock(moment)
            self.server.settle()

    def bookings(self):
        a, ivy = self.book(self.ask, "2026-03-03T10:00:00Z", guests=[{"email": GUS}], notes="Two\nlines")
        times = {"starts": ["2026-03-04T10:00:00Z"], "note": "A train"}
        self.do(self.key, a, ("confirm", {}), ("reschedule", {"start": "2026-03-03T12:00:00Z", "reason": "A strike"}), ("propose", times))
        self.do(ivy, a, ("decline", {}), ("propose", times))
        self.do(self.key, a, ("decline", {"reason": "No"}), ("propose", times), ("withdraw", {}))
        self.do(ivy, a, ("propose", times), ("withdraw", {}), ("propose", times))
        self.do(self.key, a, ("accept", {"start": times["starts"][0]}), ("request-reschedule", {"reason": "Please"}))
        path = f"/v1/bookings/{a['id']}"
        self.key.patch(path, {"title": "Plans"}, status=200)
        self.server.guest(GUS).post(f"{path}/rsvp", {"answer": "declined"}, status=200)
        for guest in self.key.get(path, status=200).json["guests"]:
            self.key.delete(f"{path}/guests/{guest['id']}", status=200)
        self.key.post(f"{path}/guests", {"guests": [{"email": self.addresses["co_host"], "role": "co_host"}]}, status=200)
        b, ivy = self.book(self.free, "2026-03-05T10:00:00Z", guests=[{"email": GUS}])
        self.do(ivy, b, ("cancel", {"reason": "Ill"}))
        self.do(self.key, self.book(self.ask, "2026-03-06T10:00:00Z")[0], ("reject", {"reason": "No"}))
        self.book(self.ask, "2026-03-07T10:00:00Z")  # expires
        self.do(self.key, self.book(self.free, "2026-03-08T10:00:00Z")[0], ("propose", {"starts": ["2026-03-09T10:00:00Z"]}))
        self.missed = self.book(self.free, "2026-03-02T12:00:00Z")[0]

    def accounts(self):
        client, email = self.server.client(), self.addresses["host"]
        self.server.settle()
        had = len(self.server.mails(email))
        client.post("/v1/my-bookings", {"email": IVY}, headers=self.accept, status=202)
        client.post("/v1/password-resets", {"email": email}, headers={"Accept-Language": self.languages["host"]}, status=202)
        reset = {"email": email, "code": self.server.code(email, had + 1), "new_password": "a brand new battery"}
        client.post("/v1/password-resets/verify", reset, status=204)
        client.post("/v1/sessions", {"email": email, "password": reset["new_password"]}, headers={"User-Agent": "Unknown/1"}, status=200)

    def run(self):
        self.bookings()
        self.accounts()
        self.at("2026-03-02T11:00:00Z", "2026-03-02T12:00:00Z", "2026-03-02T12:10:00Z")
        self.do(self.key, self.missed, ("no-show", {}))
        self.at("2026-03-03T08:00:00Z", "2026-03-03T10:00:00Z", "2026-03-04T09:00:00Z", "2026-03-04T10:00:00Z", "2026-03-04T11:30:00Z")
        return self


def told_by(mail):
    """Message and reader, as its id has them: <message-version.reader.booking.sequence.address@host>."""
    found = re.match(r"<([a-z_]+)[-\d]*\.(invitee|host|guest|co_host)\.", str(mail["Message-ID"]))
    return found and found.groups()


def calendar_of(mail):
    part = next((p for p in mail.walk() if p.get_content_type() == "text/calendar"), None)
    if not part:
        return None
    lines = dict(line.partition(":")[::2] for line in part.get_content().replace("\r\n ", "").splitlines())
    return lines["METHOD"], lines.get("STATUS")


def judge(walk, mail, message, reader, english):
    """One mail about a booking: words, zone and calendar of its message and reader."""
    templates, calendar = CATALOGUE[message]
    language = walk.languages[reader]
    words, what = texts(language), f"{message} to {reader} in {language}"
    same(mail["To"].addresses[0].addr_spec, walk.addresses[reader], f"{what}: to")
    check(re.fullmatch(pattern(words[f"mail.{templates[reader]}.subject"]), str(mail["Subject"])), f"{what}: {mail['Subject']}")
    leads = [text for key, text in words.items() if re.fullmatch(rf"mail\.{templates[reader]}\.lead(\.\w+)?", key)]
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    check(any(re.match(pattern(lead) + "\n", text) for lead in leads), f"{what}: {text}")
    check(CITIES[reader] in re.split(r"\n(?=-- \n)", text)[0], f"{what}: in their zone: {text}")
    check(f'lang="{language}"' in html, f"{what}: {html[:200]}")
    same([line for line in text.splitlines() if line in english - set(words.values())], [], f"{what}: nothing in English")
    same(calendar_of(mail), calendar, f"{what}: calendars")


def everything(host, co_host, invitee):
    english = {text for key, text in texts("en").items() if key.startswith("mail.") and "{" not in text}
    with Server() as server:
        walk = Walk(server, host, co_host, invitee).run()
        rows = server.database().execute("SELECT DISTINCT message, reader, state FROM delivery").fetchall()
        same(sorted(map(tuple, rows)), sorted((m, r, "sent") for m, (templates, _) in CATALOGUE.items() for r in templates), "who was told of what")
        judged = set()
        for mail in server.mails():
            if (told := told_by(mail)) is None:
                continue
            message, reader = told
            if message == "booked" and calendar_of(mail)[1] == "TENTATIVE":
                message = "requested"  # the first of a thread has the same id either way
            judge(walk, mail, message, reader, english)
            judged.add((message, reader))
        same(judged, {(m, r) for m, (templates, _) in CATALOGUE.items() for r in templates}, "the mails")
        leave(walk)
        for address, kinds, language in ((IVY, OF_INVITEE, invitee), (walk.addresses["host"], OF_HOST, host)):
            subjects = [str(m["Subject"]) for m in server.mails(address)]
            for kind in kinds:
                wanted = pattern(texts(language)[f"mail.{kind}.subject"])
                check(any(re.fullmatch(wanted, s) for s in subjects), f"{kind} in {language}: {subjects}")


def leave(walk):
    """The account goes; the last mail tells of it."""
    tokens = walk.server.client().post("/v1/sessions", {"email": walk.addresses["host"], "password": "a brand new battery"}, status=200).json
    walk.server.client("Bearer " + tokens["access_token"]).delete("/v1/me", status=204)
    walk.server.settle()


def test_four_languages():
    """Each once as host's, as co-host's and as invitee's; side by side, as most of it is waiting."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda languages: everything(*languages), (("de", "es", "fr"), ("es", "fr", "en"), ("fr", "en", "de"), ("en", "de", "es"))))


if __name__ == "__main__":
    run(globals())
