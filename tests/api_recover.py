#!/usr/bin/python3
"""What an address alone gets back by mail: a new password, the links of its bookings; and what its owner is told."""

import re

from noonmark import Client, Server, booking_body, check, run, same

IVY = "ivy@example.org"
NEW = "another horse battery"


def subjects(server, to):
    return [str(m["Subject"]) for m in server.mails(to)]


def text_of(mail):
    return mail.get_body(("plain",)).get_content()


def log_in(server, email, password, status=200, agent=None):
    headers = {"User-Agent": agent} if agent else None
    return server.client().call("POST", "/v1/sessions", {"email": email, "password": password}, headers)


def test_reset(server):
    host = server.register("greta")
    email, nobody = host.account["email"], server.client()
    before = log_in(server, email, host.password)
    same(before.status, 200, "the old password")
    had = len(server.mails(email))
    known = nobody.post("/v1/password-resets", {"email": email.upper()}, status=202)
    unknown = nobody.post("/v1/password-resets", {"email": "nobody@example.org"}, status=202)
    same((known.body, unknown.body), (b"", b""), "both are answered the same")
    code = server.code(email, had + 1)
    wrong = "000000" if code != "000000" else "111111"
    for body, field in (({"code": wrong}, "/code"), ({"code": "12"}, "/code"), ({"new_password": "short"}, "/new_password"),
                        ({"new_password": email}, "/new_password")):
        answer = nobody.call("POST", "/v1/password-resets/verify", {"email": email, "code": code, "new_password": NEW, **body})
        check(answer.status in (400, 422) and answer.fields == [field], f"{body}: {answer!r}")
    nobody.post("/v1/password-resets/verify", {"email": email, "code": code, "new_password": NEW}, status=204)
    same(nobody.call("POST", "/v1/password-resets/verify", {"email": email, "code": code, "new_password": NEW}).status, 422, "works once")
    same((log_in(server, email, host.password).status, log_in(server, email, NEW).status), (401, 200), "the new one")
    same(host.get("/v1/me").status, 401, "every session has ended")
    server.wait_subject(email, "New password")
    same(server.mails("nobody@example.org"), [], "an unknown address hears nothing")
    log = server.database().execute("SELECT COUNT(*) FROM audit WHERE action = 'account.password_reset'").fetchone()[0]
    same(log, 1, "it is in the audit")


def test_reset_ends_keys_where_asked(server):
    for name, members, status in (("hana", {}, 200), ("hugo", {"end_api_keys": True}, 401)):
        host, nobody = server.register(name), server.client()
        email, key = host.account["email"], Client(server, "Bearer " + host.key(["account:read"]))
        had = len(server.mails(email))
        nobody.post("/v1/password-resets", {"email": email}, status=202)
        body = {"email": email, "code": server.code(email, had + 1), "new_password": NEW, **members}
        nobody.post("/v1/password-resets/verify", body, status=204)
        key.get("/v1/me", status=status)


def test_other_codes_do_not_fit(server):
    """A code for logging in is not one for a new password."""
    host = server.register("otto")
    email, nobody = host.account["email"], server.client()
    had = len(server.mails(email))
    nobody.post("/v1/sessions/otp", {"email": email}, status=202)
    code = server.code(email, had + 1)
    same(nobody.call("POST", "/v1/password-resets/verify", {"email": email, "code": code, "new_password": NEW}).status, 422, "another purpose")


def test_the_owner_is_told(server):
    host = server.register("nora")
    email = host.account["email"]
    same(log_in(server, email, host.password).status, 200, "as before")
    same(log_in(server, email, host.password, agent="Mozilla/5.0 <b>{{code}}").status, 200, "from elsewhere")
    mail = server.wait_subject(email, "New log-in")[0]
    check("Mozilla/5.0 <b>{{code}}" in text_of(mail) and server.base + "/reset" in text_of(mail), "what it was, and what to do")
    check("<b>{{" not in mail.get_body(("html",)).get_content(), "as text")
    same(log_in(server, email, host.password, agent="Mozilla/5.0 <b>{{code}}").status, 200, "again")
    host.post("/v1/api-keys", {"name": "Calendar sync", "scopes": ["bookings:read"]}, status=201)
    check("Calendar sync" in text_of(server.wait_subject(email, "New API key")[0]), "which")
    host.post("/v1/me/password", {"current_password": host.password, "new_password": NEW}, status=204)
    server.wait_subject(email, "New password")
    host.delete("/v1/me", status=204)
    server.wait_subject(email, "is deleted")
    same(sum("New log-in" in s for s in subjects(server, email)), 1, "a known program is not told again")


def test_my_bookings(server):
    host = server.register("ada")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    kept = host.post("/v1/bookings", booking_body(kind, "2026-03-03T10:00:00Z"), status=201).json
    gone = host.post("/v1/bookings", booking_body(kind, "2026-03-03T12:00:00Z"), status=201).json
    host.post(f"/v1/bookings/{gone['id']}/cancel", status=200)
    other = host.post("/v1/bookings", booking_body(kind, "2026-03-03T14:00:00Z", address="eve@example.org"), status=201).json
    nobody = server.client()
    for address in (IVY.upper(), "nobody@example.org", IVY):
        same(nobody.post("/v1/my-bookings", {"email": address}, status=202).body, b"", f"{address}: the same")
    text = text_of(server.wait_subject(IVY, "Your bookings")[0])
    server.settle()
    same(sum("Your bookings" in s for s in subjects(server, IVY)), 1, "one mail for two who asked")
    links = re.findall(r"https?://\S+/b/\S+", text)
    same(len(links), 1, f"what stands, and nobody else's: {text}")
    shown = server.client("Token " + links[0].rsplit("/", 1)[1]).get(f"/v1/bookings/{kept['id']}", status=200).json
    same(shown["id"], kept["id"], "the link is the invitee's own")
    check(other["id"] != kept["id"] and "11:00" in text, "in the zone it was booked in")
    same(server.mails("nobody@example.org"), [], "an unknown address hears nothing")
    same(nobody.call("POST", "/v1/my-bookings", {"email": "none"}).fields, ["/email"], "no address")


if __name__ == "__main__":
    run(globals())
