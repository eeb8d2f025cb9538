"""Web Push against a push service that decrypts: what arrives, who is told, and what each answer of the service makes of
a subscription."""

import itertools
import json
import uuid

from noonmark import Client, Server, booking_body, check, run, same, until
from push_service import Browser, InvalidSignature, PushService, plain, point_of

SERVICE = PushService().__enter__()  # for all tests; the server of those that move no clock is shared too
NAMES = (f"host-{i}" for i in itertools.count(1))
TEN, ELEVEN = "2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z"


def subscribe(host):
    SERVICE.public = host.get("/v1/push/key", status=200).json["key"]
    browser = Browser(SERVICE)
    browser.id = host.post("/v1/push-subscriptions", browser.subscription, status=201, headers={"User-Agent": "Firefox/1 on Linux"}).json["id"]
    return browser


def scene(server, **members):
    host = server.register(next(NAMES), **members)
    kind = host.make_event_type("talk", minimum_notice_minutes=0, reminders=[60])
    return host, kind, subscribe(host)


def pushes(server, host):
    """(message, state, error) of each delivery by push to a host, by message."""
    return server.database().execute("SELECT message, state, last_error FROM delivery WHERE channel = 'push' AND booking_id IN"
                                     " (SELECT id FROM booking WHERE account_id = ?) ORDER BY message, state",
                                     (uuid.UUID(host.account["id"]).bytes,)).fetchall()


def waits_for(server, status):
    """Whether a push waits since the service answered so."""
    return server.database().execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_push' AND state = 'waiting' AND last_error LIKE ?",
                                     (f"%{status}%",)).fetchone()[0]


def test_a_booking_arrives(server):
    host, kind, browser = scene(server, time_zone="Europe/Berlin")
    host.patch("/v1/me", {"language": "de"}, status=200)
    booking = host.post("/v1/bookings", booking_body(kind, TEN), status=201).json
    message = browser.wait(1)[0]
    text = message.text
    same((text["url"], text["tag"], text["lang"]), (f"/app/bookings/{booking['id']}", booking["id"], "de"), "where it leads")
    check(text["title"].startswith("Neue Buchung") and "11:00" in text["title"], f"title in the host's language and zone: {text['title']}")
    check("Ivy Invitee" in text["body"] and "\n" not in text["body"], f"one line that says who: {text['body']}")
    same(message.claims["aud"], SERVICE.url, "aud")
    same(message.claims["sub"], "mailto:book@example.net", "sub")
    same(message.claims["exp"], 1772438400 + 12 * 3600, "exp: 12 hours from now")
    same(message.headers["content-encoding"], "aes128gcm", "Content-Encoding")
    same(message.headers["ttl"], str(26 * 3600), "TTL: until the start")
    same(message.headers["urgency"], "normal", "Urgency")
    check(len(message.headers["topic"]) <= 32 and "=" not in message.headers["topic"], "Topic")
    until(lambda: pushes(server, host) == [("booked", "sent", None)], "sent")
    log = host.get(f"/v1/bookings/{booking['id']}/log", status=200).json
    told = [(e["message"], e["recipient"], e["state"]) for e in log["items"] if e["channel"] == "push"]
    same(told, [("booked", "Firefox/1 on Linux", "sent")], "the booking's log tells of it")
    listed = host.get("/v1/push-subscriptions", status=200).json["items"]
    same([(s["id"], s["current"], s["user_agent"], s["sent_at"]) for s in listed],
         [(browser.id, True, "Firefox/1 on Linux", "2026-03-02T08:00:00Z")], "listed")


def test_who_hears_what():
    """Each change of the invitee's, with one topic; nothing of what hosts did themselves; reminders."""
    with Server(outbound_allow=SERVICE.peer) as server:
        host, kind, browser = scene(server)
        other = Browser(SERVICE)
        server.register(next(NAMES)).post("/v1/push-subscriptions", other.subscription, status=201)
        key = host.key_client  # it outlasts the clock
        booking = host.post("/v1/bookings", booking_body(kind, TEN), status=201).json
        browser.wait(1)
        invitee = server.invitee(booking)
        invitee.post(f"/v1/bookings/{booking['id']}/reschedule", {"start": ELEVEN}, status=200)
        browser.wait(2)
        server.clock("2026-03-03T10:00:30Z")
        reminded = browser.wait(3)
        same(reminded[-1].headers["urgency"], "high", "a reminder is urgent")
        invitee.post(f"/v1/bookings/{booking['id']}/cancel", {}, status=200)
        got = browser.wait(4)
        titles = [m.text["title"].split(" ")[0] for m in got]
        same(titles, ["New", "Moved", "Reminder:", "Cancelled:"], "titles")
        same(len({m.headers["topic"] for m in got}), 1, "one topic")
        # what hosts do themselves they know
        two = key.post("/v1/bookings", booking_body(kind, "2026-03-04T10:00:00Z"), status=201).json
        browser.wait(5)
        key.post(f"/v1/bookings/{two['id']}/cancel", {}, status=200)
        server.settle()
        same((len(browser.requests), len(other.requests)), (5, 0), "messages")
        same([p[0] for p in pushes(server, host)], ["booked", "booked", "cancelled", "reminder", "rescheduled"], "deliveries")


def test_please_confirm(server):
    host, _, browser = scene(server)
    kind = host.make_event_type("ask", minimum_notice_minutes=0, confirmation="always")
    server.client().post("/v1/bookings", {**booking_body(kind, TEN), "email_proof": server.prove("ivy@example.org")}, status=201)
    message = browser.wait(1)[0]
    check(message.text["title"].startswith("Please answer"), message.text["title"])
    same(message.headers["urgency"], "high", "an answer is wanted")


def test_what_others_say():
    """Times that the invitee proposes, takes back or declines, a guest who does not come, and what nobody answered; not
    what the host says."""
    with Server(outbound_allow=SERVICE.peer) as server:
        host, kind, browser = scene(server)
        key = host.key_client
        booking = host.post("/v1/bookings", booking_body(kind, "2026-03-09T10:00:00Z", guests=[{"email": "gus@example.org"}]), status=201).json
        path, invitee = f"/v1/bookings/{booking['id']}", server.invitee(booking)
        times = {"starts": ["2026-03-10T10:00:00Z"]}
        told = ["New"]
        for client, what, body, word in ((invitee, "propose", times, "Another"), (invitee, "withdraw", {}, "Withdrawn,"), (invitee, "propose", times, "Another"),
                                         (host, "decline", {}, None), (host, "propose", times, None), (invitee, "decline", {}, "Declined,"),
                                         (server.guest("gus@example.org"), "rsvp", {"answer": "declined"}, "Declined"), (host, "propose", times, None)):
            client.post(f"{path}/{what}", body, status=200)
            told += [word] if word else []
            browser.wait(len(told))
        server.clock("2026-03-03T08:00:00Z")
        got = browser.wait(len(told) + 1)
        server.settle()
        same([m.text["title"].split(" ")[0] for m in browser.messages()], [*told, "Not"], "each once, in their order")
        same([m.headers["urgency"] for m in got if m.text["title"].startswith("Another")], ["high"] * 2, "an answer is wanted")
        key.post(f"{path}/cancel", {}, status=200)


def test_what_was_chosen(server):
    """What the host switched off for devices goes to none; mails go on."""
    host, kind, browser = scene(server)
    choices = host.get("/v1/me/notifications", status=200).json
    messages = [{**c, "on": c["on"] and (c["message"], c["channel"]) != ("booked", "push")} for c in choices["messages"]]
    host.put("/v1/me/notifications", {"messages": messages}, status=200)
    booking = host.post("/v1/bookings", booking_body(kind, TEN), status=201).json
    server.invitee(booking).post(f"/v1/bookings/{booking['id']}/cancel", {}, status=200)
    browser.wait(1)
    server.settle()
    same([m.text["title"].split(" ")[0] for m in browser.messages()], ["Cancelled:"], "only what was chosen")
    same([p[0] for p in pushes(server, host)], ["cancelled"], "deliveries")


def test_gone(server):
    for status in (404, 410):
        host, kind, browser = scene(server)
        browser.answers = [status]
        host.post("/v1/bookings", booking_body(kind, TEN), status=201)
        browser.wait(1)
        until(lambda: host.get("/v1/push-subscriptions").json["items"] == [], "removed")
        until(lambda: [p[1] for p in pushes(server, host)] == ["skipped"], "told")
        host.post("/v1/bookings", booking_body(kind, ELEVEN), status=201)
        server.settle()
        same(len(browser.requests), 1, f"{status}: nothing more is sent")


def test_later():
    """429 and 5xx: again, not before Retry-After; then it arrives, once."""
    with Server(outbound_allow=SERVICE.peer) as server:
        host, kind, browser = scene(server)
        browser.answers = [(429, {"Retry-After": "600"}), 503, 201]
        host.post("/v1/bookings", booking_body(kind, TEN), status=201)
        browser.wait(1)
        until(lambda: waits_for(server, "429"), "it waits")
        server.clock("2026-03-02T08:09:45Z")
        server.settle()
        same(len(browser.requests), 1, "not before the time that the service named")
        server.clock("2026-03-02T08:10:05Z")
        browser.wait(2)
        until(lambda: waits_for(server, "503"), "it waits again")
        server.clock("2026-03-02T08:12:00Z")
        same(len(browser.wait(3)), 3, "after a failure of the service as well")
        until(lambda: pushes(server, host) == [("booked", "sent", None)], "sent")
        same(len({m.text["tag"] for m in browser.messages()}), 1, "one notification on the device")
        check(len({r[1][:16] for r in browser.requests}) == 3, "each try is sealed anew")


def test_refused(server):
    """What a service refuses for good is for the operator to see; the subscription stays."""
    admin = server.register("boss", "root@example.org")
    host, kind, browser = scene(server)
    browser.answers = [403]
    host.post("/v1/bookings", booking_body(kind, TEN), status=201)
    dead = until(lambda: admin.get("/v1/admin/jobs").json["items"], "a dead job")
    same((dead[0]["kind"], dead[0]["username"]), ("booking_push", host.account["username"]), "the job")
    check("403" in dead[0]["last_error"] and browser.path not in json.dumps(dead), f"why, without its address: {dead}")
    same(len(host.get("/v1/push-subscriptions").json["items"]), 1, "the subscription stays")


def test_stale():
    """What waited until it was no longer true is not told."""
    with Server(outbound_allow=SERVICE.peer) as server:
        host, kind, browser = scene(server)
        browser.answers = [(503, {"Retry-After": "60"}), 201]
        booking = host.post("/v1/bookings", booking_body(kind, TEN), status=201).json
        browser.wait(1)
        until(lambda: pushes(server, host)[0][1:] != ("waiting", None), "it waits")
        host.post(f"/v1/bookings/{booking['id']}/cancel", {}, status=200)
        server.clock("2026-03-02T08:05:00Z")
        until(lambda: [p[1] for p in pushes(server, host)] == ["skipped"], "skipped")
        same(len(browser.requests), 1, "nothing was sent")


def test_tampering(server):
    """The service's own checks do find what is wrong: else the tests above prove nothing."""
    host, kind, browser = scene(server)
    host.post("/v1/bookings", booking_body(kind, TEN), status=201)
    browser.wait(1)
    headers, body = browser.requests[0]
    for i in (3, 40, 90, len(body) - 1):
        changed = bytearray(body)
        changed[i] ^= 1
        try:
            browser.decrypt(bytes(changed))
            check(False, f"byte {i} was changed, and it still decrypts")
        except Exception:
            check(True, "")
    at = headers["authorization"].index(".") + 10
    forged = headers["authorization"][:at] + ("A" if headers["authorization"][at] != "A" else "B") + headers["authorization"][at + 1:]
    try:
        browser.claims(forged, SERVICE.public)
        check(False, "a changed claim, and the signature still fits")
    except InvalidSignature:
        check(True, "")
    stranger = Browser(SERVICE)
    try:
        stranger.decrypt(body)
        check(False, "another browser reads it")
    except Exception:
        check(True, "")


def test_subscriptions(server):
    host, kind, browser = scene(server)
    same(len(plain(SERVICE.public)), 65, "the public key")
    same(server.client().get("/v1/push/key", status=200).json["key"], SERVICE.public, "for everybody")
    server.restart()
    same(host.get("/v1/push/key", status=200).json["key"], SERVICE.public, "and the same after a restart")
    again = host.post("/v1/push-subscriptions", browser.subscription, status=201).json
    same(again["id"], browser.id, "the same browser again is the same subscription")
    # the browser's next user takes it along
    eve = server.register(next(NAMES))
    eve.post("/v1/push-subscriptions", browser.subscription, status=201)
    same(host.get("/v1/push-subscriptions").json["items"], [], "it is told for one account")
    host.delete(f"/v1/push-subscriptions/{browser.id}", status=404)
    eve.delete(f"/v1/push-subscriptions/{browser.id}", status=204)
    same(eve.get("/v1/push-subscriptions").json["items"], [], "removed")
    # at most ten
    for _ in range(10):
        host.post("/v1/push-subscriptions", Browser(SERVICE).subscription, status=201)
    host.post("/v1/push-subscriptions", Browser(SERVICE).subscription, status=422)
    # a key may not
    Client(server, "Bearer " + host.key(["account:read"])).get("/v1/push-subscriptions", status=403)


def test_wrong_subscriptions(server):
    host, good = server.register(next(NAMES)), Browser(SERVICE)
    whole, short = good.subscription, point_of(good.key)
    for field, change in (("/endpoint", {"endpoint": "https://127.0.0.1/push"}), ("/endpoint", {"endpoint": "http://push.example.net/x"}),
                          ("/endpoint", {"endpoint": "https://push.example.net:22/x"}), ("/endpoint", {"endpoint": "file:///etc/passwd"}),
                          ("/endpoint", {"endpoint": "https://user@push.example.net/"}), ("/endpoint", {"endpoint": ""}),
                          ("/endpoint", {"endpoint": "https://push.example.net/" + "x" * 3000}),
                          ("/keys/p256dh", {"keys": {"p256dh": "BA", "auth": whole["keys"]["auth"]}}),
                          ("/keys/p256dh", {"keys": {"p256dh": "BA" + "A" * 85, "auth": whole["keys"]["auth"]}}),
                          ("/keys/auth", {"keys": {"p256dh": whole["keys"]["p256dh"], "auth": "AAAA"}}),
                          ("/keys/auth", {"keys": {"p256dh": whole["keys"]["p256dh"]}})):
        answer = host.post("/v1/push-subscriptions", {**whole, **change}, status=400)
        check(field in answer.fields, f"{change}: {answer!r}")
    same(len(short), 65, "a point has 65 bytes")


def test_it_ends_with_the_log_in(server):
    host, kind, browser = scene(server)
    second = server.client().post("/v1/sessions", {"email": host.account["email"], "password": host.password}, status=200).json
    host.delete("/v1/sessions/current", status=204)
    host.authorization = "Bearer " + second["access_token"]
    same(host.get("/v1/push-subscriptions", status=200).json["items"], [], "logged out, told no more")
    host.post("/v1/bookings", booking_body(kind, TEN), status=201)
    server.settle()
    same(len(browser.requests), 0, "nothing is sent")


def test_nothing_leaks(server):
    """Neither the database nor the log has what would let others send to the browser."""
    host, kind, browser = scene(server)
    browser.answers = [503, 201]
    host.post("/v1/bookings", booking_body(kind, TEN), status=201)
    browser.wait(1)
    dump = "\n".join(str(row) for table in server.tables() for row in server.database().execute(f"SELECT * FROM {table}").fetchall())
    for what, text in (("endpoint", browser.path), ("auth", browser.subscription["keys"]["auth"]), ("key", browser.subscription["keys"]["p256dh"])):
        check(text not in dump, f"{what} in the database")
        check(text not in server.log(), f"{what} in the log")
    listed = json.dumps(host.get("/v1/push-subscriptions").json)
    check(browser.path not in listed and SERVICE.url not in listed, "nor in the list")


run(globals(), outbound_allow=SERVICE.peer, admin_email="root@example.org", mail_from="book@example.net")
