#!/usr/bin/python3
"""Webhooks against a receiver on loopback: what is sent and signed, tried again, logged, replayed and paused."""

import base64
import contextlib
import datetime
import hashlib
import hmac
import json
import os
import re
import subprocess

from noonmark import MONDAY, ROOT, Client, Server, booking_body, check, must, run, same, until
from receiver import Receiver

IVY = "ivy@example.org"
NAMES = iter(range(1000000))
STARTS = (f"2026-03-{3 + day:02}T{hour:02}:{minute:02}:00Z" for day in (0, 1, 2) for hour in range(9, 16) for minute in (0, 30))
RECEIVER = Receiver().__enter__()


def plain_server(**settings):
    return Server(outbound_allow=RECEIVER.peer, **settings)


class Scene:
    """A host with an event type, a webhook and an own path at the receiver."""

    def __init__(self, server, events=(), **members):
        self.server, name = server, f"hooks{next(NAMES)}"
        self.host = server.register(name)
        self.kind = self.host.make_event_type("talk", **{"minimum_notice_minutes": 0, **members})
        self.client, self.path = self.host.key_client, f"/{name}"  # the key outlives the jumps of the clock
        self.address = f"{name}@example.org"
        self.webhook = self.make(self.path, events)
        self.log_path = f"/v1/webhooks/{self.webhook['id']}/deliveries"

    def make(self, path, events=()):
        return self.client.post("/v1/webhooks", {"url": RECEIVER.url + path, "events": list(events)}, status=201).json

    def book(self, start=None, **members):
        return self.client.post("/v1/bookings", booking_body(self.kind, start or next(STARTS), **members), status=201).json

    def step(self, booking, name, body=None):
        return self.client.post(f"/v1/bookings/{booking['id']}/{name}", body or {}, status=200).json

    def wait(self, count, path=None):
        found = RECEIVER.wait(path or self.path, count)
        must(len(found) >= count, f"{len(found)} requests, not {count}: {self.log()} {self.server.log()[-500:]}")
        return found

    def log(self, query=""):
        return self.client.get(self.log_path + query, status=200).json["items"]

    def wait_log(self, holds, what):
        return until(lambda: holds(found := self.log()) and found, lambda: f"{what}: {self.log()}")

    def now(self):
        return self.client.get(f"/v1/webhooks/{self.webhook['id']}", status=200).json


def signed(secret, request):
    """By the standard's words, not by our code: any of the signatures fits."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    text = f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    right = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return right in request.headers["webhook-signature"].split(" ")


def later(base, **delta):
    return (datetime.datetime.fromisoformat(base.replace("Z", "+00:00")) + datetime.timedelta(**delta)).strftime("%Y-%m-%dT%H:%M:%SZ")


def pause_mails(server, scene):
    return [m for m in server.mails(scene.address) if "Webhook" in m["Subject"]]


def types(requests):
    return [json.loads(r.body)["type"] for r in requests]


# ---- what is sent

def test_one_event():
    with plain_server() as server:
        s = Scene(server)
        booking = s.book(notes="<b> ü", metadata={"x": 1})
        request = s.wait(1)[0]
        same(request.headers["content-type"], "application/json", "the media type")
        check(signed(s.webhook["secret"], request), "the signature")
        same(request.headers["webhook-timestamp"], "1772438400", "the time of the try, in seconds")
        body = json.loads(request.body)
        same(sorted(body), ["data", "id", "timestamp", "type"], "members")
        same((body["type"], body["timestamp"], body["id"]), ("booking.created", MONDAY, request.headers["webhook-id"]), "head")
        same(list(body["data"]), ["booking"], "data")
        shown = s.client.get(f"/v1/bookings/{booking['id']}", status=200).json
        same(body["data"]["booking"], {**shown, "manage_url": None, "private_notes": None},
             "the booking, without the invitee's link and the host's own notes")
        row = s.wait_log(lambda log: log[0]["state"] == "delivered", "delivered")[0]
        same((row["id"], row["type"], row["attempts"], row["status"], row["error"], row["next_try_at"]),
             (body["id"], "booking.created", 1, 204, None, None), "the log")
        detail = s.client.get(f"{s.log_path}/{row['id']}", status=200).json
        same(detail["body"], body, "what was sent, in the log")
        same(RECEIVER.got(s.path)[1:], [], "it is sent once")


def test_every_kind():
    with plain_server() as server:
        s = Scene(server, confirmation="always")
        proof = server.prove(IVY)

        def ask(start=None):
            body = booking_body(s.kind, start or next(STARTS), address=IVY, email_proof=proof)
            return server.client().post("/v1/bookings", body, status=201).json
        first, second, third = ask(), ask(), ask()
        s.step(first, "confirm")
        s.step(second, "reject", {"reason": "no"})
        old, new = first["start"], next(STARTS)
        s.step(first, "reschedule", {"start": new})
        server.invitee(first).post(f"/v1/bookings/{first['id']}/cancel", {"reason": "ill"}, status=200)
        direct = s.book()
        wanted = ["booking.requested"] * 3 + ["booking.confirmed", "booking.rejected", "booking.rescheduled", "booking.cancelled",
                                              "booking.created"]
        requests = s.wait(len(wanted))
        same(types(requests), wanted, "events, in their order")
        moved = json.loads(requests[5].body)["data"]
        same(moved["previous"], {"start": old, "end": later(old, minutes=30)}, "the old time")
        same(moved["booking"]["start"], new, "the new time")
        cancelled = json.loads(requests[6].body)["data"]["booking"]
        same((cancelled["cancelled_by"], cancelled["cancel_reason"]), ("invitee", "ill"), "by whom and why")
        server.clock("2026-03-06T12:00:00Z")
        requests = s.wait(len(wanted) + 2)
        same(sorted(types(requests[len(wanted):])), ["booking.completed", "booking.expired"], "what happens by itself")
        same({json.loads(r.body)["data"]["booking"]["id"] for r in requests[len(wanted):]}, {third["id"], direct["id"]}, "of which")
        s.step(direct, "no-show")
        same(types(s.wait(len(wanted) + 3))[-1], "booking.no_show", "who did not come")
        same(len({r.headers["webhook-id"] for r in RECEIVER.got(s.path)}), len(wanted) + 3, "an id each")


def test_proposals(server):
    """What leaves the meeting alone is an update; a time that is accepted is one move, with the old time and the new."""
    s = Scene(server)
    old, first, second = next(STARTS), next(STARTS), next(STARTS)
    booking = s.book(old)
    s.step(booking, "propose", {"starts": [first, second]})
    s.step(booking, "withdraw")
    s.step(booking, "request-reschedule")
    server.invitee(booking).post(f"/v1/bookings/{booking['id']}/propose", {"starts": [second]}, status=200)
    s.step(booking, "accept", {"start": second})
    requests = s.wait(6)
    same(types(requests), ["booking.created"] + ["booking.updated"] * 4 + ["booking.rescheduled"], "events, in their order")
    told = [json.loads(r.body)["data"] for r in requests]
    same([t["booking"]["proposal"] and t["booking"]["proposal"]["starts"] for t in told], [None, [first, second], None, None, [second], None],
         "what is open after each")
    same((told[5]["previous"]["start"], told[5]["booking"]["start"]), (old, second), "from where to where")


def test_filters_and_tenants(server):
    one, two = Scene(server, ["booking.cancelled"]), Scene(server)
    everything = one.path + "/all"
    one.make(everything)
    booking = one.book()
    one.step(booking, "cancel")
    two.book()
    one.wait(2, everything), two.wait(1), one.wait(1)
    same(types(RECEIVER.got(one.path)), ["booking.cancelled"], "what was chosen")
    same(types(RECEIVER.got(everything)), ["booking.created", "booking.cancelled"], "all")
    same(types(RECEIVER.got(two.path)), ["booking.created"], "nothing of others")
    same(RECEIVER.got(everything)[1].headers["webhook-id"], RECEIVER.got(one.path)[0].headers["webhook-id"], "one event, one id")
    for events, field in ((["booking.nothing"], "/events/0"), (["webhook.test"], "/events/0"), ("booking.created", "/events"), ([1], "/events/0")):
        answer = one.client.post("/v1/webhooks", {"url": "https://a.example", "events": events}, status=400)
        check(field in answer.fields, f"{events}: {answer!r}")


def test_without_a_webhook_nothing_is_kept(server):
    host = server.register(f"hooks{next(NAMES)}")
    host.post("/v1/bookings", booking_body(host.make_event_type("talk", minimum_notice_minutes=0), next(STARTS)), status=201)
    with contextlib.closing(server.database()) as database:
        count, = database.execute("SELECT COUNT(*) FROM event e JOIN account a ON a.id = e.account_id WHERE a.username = ?",
                                  (host.account["username"],)).fetchone()
    same(count, 0, "events of an account without a webhook")


# ---- signatures

def test_signature_and_rotation():
    with plain_server() as server:
        s = Scene(server)
        s.book()
        request = s.wait(1)[0]
        same(len(base64.b64decode(s.webhook["secret"][6:])), 32, "bytes of a secret")
        for change in ("body", "webhook-id", "webhook-timestamp"):
            forged = RECEIVER.got(s.path)[0].__class__(request.path, list(request.headers.items()), request.body)
            if change == "body":
                forged.body = request.body[:-1] + b" "
            else:
                forged.headers[change] = forged.headers[change][:-1] + "x"
            check(not signed(s.webhook["secret"], forged), f"changed {change} is found")
        made = s.client.post(f"/v1/webhooks/{s.webhook['id']}/secret", status=200).json
        check(made["secret"] != s.webhook["secret"], "a new secret")
        same(made["rotated_until"], later(MONDAY, days=1), "how long the old one signs")
        s.book()
        request = s.wait(2)[1]
        same(len(request.headers["webhook-signature"].split(" ")), 2, "signatures")
        check(signed(s.webhook["secret"], request) and signed(made["secret"], request), "both verify")
        server.clock(later(MONDAY, days=1, seconds=1))
        s.book("2026-03-05T10:00:00Z")
        request = s.wait(3)[2]
        check(signed(made["secret"], request) and not signed(s.webhook["secret"], request), "only the new one after a day")


def sample(language):
    with open(os.path.join(ROOT, "docs/webhooks.md"), encoding="utf-8") as f:
        found = re.search(rf"```{language}\n(.*?)```", f.read(), re.S)
    must(found, f"no sample in {language}")
    return found.group(1)


def test_samples_of_the_documentation(server):
    s = Scene(server)
    s.book()
    request = s.wait(1)[0]
    now = int(request.headers["webhook-timestamp"])
    python = {}
    exec(sample("python"), python)  # pylint: disable=exec-used
    script = sample("js") + """
const given = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
process.exit(verify(given.secret, given.headers, given.body, given.now) ? 0 : 1);"""

    def by_shell(secret, headers, body):
        environment = {"PATH": os.environ["PATH"], "SECRET": secret, "ID": headers["webhook-id"],
                       "TIMESTAMP": headers["webhook-timestamp"], "SIGNATURE": headers["webhook-signature"]}
        return subprocess.run(["sh", "-c", sample("sh")], input=body, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0

    def by_node(secret, headers, body, at=now):
        given = json.dumps({"secret": secret, "headers": headers, "body": body.decode(), "now": at})
        return subprocess.run(["node", "-e", script], input=given.encode(), check=False).returncode == 0
    for name, verify in (("python", lambda *a: python["verify"](*a, now)), ("sh", by_shell), ("node", by_node)):
        check(verify(s.webhook["secret"], request.headers, request.body), f"{name} accepts")
        check(not verify(s.webhook["secret"], request.headers, request.body[:-1] + b" "), f"{name} refuses another body")
        check(not verify("whsec_" + base64.b64encode(bytes(32)).decode(), request.headers, request.body), f"{name}: another secret")
    check(not python["verify"](s.webhook["secret"], request.headers, request.body, now + 301), "python refuses what is old")
    check(not by_node(s.webhook["secret"], request.headers, request.body, now + 301), "node refuses what is old")


# ---- trying again

WAITS = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600]


def seconds_between(first, last):
    a, b = (datetime.datetime.fromisoformat(t.replace("Z", "+00:00")) for t in (first, last))
    return (b - a).total_seconds()


def test_retries_and_pause():
    with plain_server() as server:
        s = Scene(server)
        other = s.path + "/good"
        s.make(other)
        RECEIVER.answer(s.path, 500, {}, b"<script>alert(1)</script>\r\nno \x1b[31m" + b"x" * 2000)
        s.book("2026-03-12T10:00:00Z")
        clock = MONDAY
        for attempt, wait in enumerate([*WAITS, None], 1):
            row = s.wait_log(lambda log, n=attempt: log[0]["attempts"] == n and log[0]["tried_at"] == clock, f"attempt {attempt}")[0]
            same((row["status"], row["state"]), (500, "waiting" if wait else "failed"), f"attempt {attempt}")
            if not wait:
                break
            delay = seconds_between(clock, row["next_try_at"])
            check(wait <= delay <= wait * 1.2 + 1, f"after attempt {attempt} it waits {delay}, not {wait}")
            same(s.now()["failing_since"], MONDAY, "failing since")
            same(pause_mails(server, s), [], "no mail yet")
            clock = row["next_try_at"]
            server.clock(clock)
        same((s.now()["active"], s.now()["paused"]), (False, "failing"), "paused after 72 hours")
        check(seconds_between(MONDAY, s.now()["paused_at"]) >= 72 * 3600, "not before")
        row = s.log()[0]
        check(row["response"].startswith("<script>alert(1)</script> no [31mxx") and len(row["response"]) <= 500, f"an excerpt: {row}")
        same(row["error"], "it answered 500; right is 200 to 299", "why")
        mail = until(lambda: pause_mails(server, s), "a mail")[0]
        check(RECEIVER.url + s.path in mail.get_body(("plain",)).get_content(), "the mail names the address")
        same(len(RECEIVER.got(other)), 1, "the other webhook had its own")
        same(len({(r.headers["webhook-id"], r.body) for r in RECEIVER.got(s.path)}), 1, "one id, the same bytes")
        check(all(signed(s.webhook["secret"], r) for r in RECEIVER.got(s.path)), "each try is signed for its own time")
        # paused: nothing is sent; resumed: what was missed goes by replay
        count = len(RECEIVER.got(s.path))
        s.book("2026-03-12T11:00:00Z")
        s.wait(2, other)
        s.client.post(f"{s.log_path}/{row['id']}/replay", status=422)
        s.client.post(f"/v1/webhooks/{s.webhook['id']}/test", status=422)
        same(len(RECEIVER.got(s.path)), count, "nothing while paused")
        RECEIVER.answer(s.path)
        s.client.patch(f"/v1/webhooks/{s.webhook['id']}", {"active": True}, status=200)
        same((s.now()["paused"], s.now()["failing_since"]), ("no", None), "resumed")
        same(s.client.post(f"/v1/webhooks/{s.webhook['id']}/replay", {"from": MONDAY, "until": "2026-03-30T00:00:00Z"},
                           status=202).json, {"count": 2}, "replayed")
        s.wait(count + 2)
        s.wait_log(lambda log: {r["state"] for r in log} == {"delivered"}, "what was missed")


def test_given_up():
    """The last try of a webhook that works otherwise: the delivery fails, the webhook goes on."""
    with plain_server() as server:
        s = Scene(server)
        RECEIVER.answer(s.path, 500)
        s.book("2026-03-12T10:00:00Z")
        row = s.wait_log(lambda log: log[0]["tried_at"], "a try")[0]
        for attempt in range(2, 11):
            RECEIVER.answer(s.path, 204)
            s.client.post(f"/v1/webhooks/{s.webhook['id']}/test", status=202)  # something that goes well between
            s.wait_log(lambda log: log[0]["state"] == "delivered", "the test")
            same(s.now()["failing_since"], None, "not failing")
            RECEIVER.answer(s.path, 500)
            clock = row["next_try_at"]
            server.clock(clock)
            row = s.wait_log(lambda log: log[-1]["tried_at"] == clock, f"attempt {attempt}")[-1]
            same(row["attempts"], attempt, "attempts")
        same((row["state"], row["next_try_at"], s.now()["active"]), ("failed", None, True), "given up")
        same([r["id"] for r in s.log("?state=failed")], [row["id"]], "found by its state")
        RECEIVER.answer(s.path)
        again = s.client.post(f"{s.log_path}/{row['id']}/replay", status=202).json
        same((again["state"], again["id"]), ("waiting", row["id"]), "asked for again")
        s.wait_log(lambda log: log[-1]["state"] == "delivered" and log[-1]["attempts"] == 11, "delivered at last")


def test_paused_by_its_owner():
    with plain_server() as server:
        s = Scene(server)
        RECEIVER.answer(s.path, 500)
        s.book()
        s.wait_log(lambda log: log[0]["tried_at"], "a try")
        s.client.patch(f"/v1/webhooks/{s.webhook['id']}", {"active": False}, status=200)
        RECEIVER.answer(s.path)
        server.clock(later(MONDAY, seconds=10))
        s.book()
        server.settle()
        same(len(RECEIVER.got(s.path)), 1, "nothing is sent")
        s.client.patch(f"/v1/webhooks/{s.webhook['id']}", {"active": True}, status=200)
        s.wait_log(lambda log: log[0]["state"] == "delivered", "what waited")
        same(len(s.log()), 1, "what happened meanwhile is not queued")


def test_retry_after_and_gone():
    with plain_server() as server:
        s = Scene(server)
        for value, seconds in (("600", 600), ("Mon, 02 Mar 2099 08:20:00 GMT", 86400), ("nonsense", 5), ("-5", 5)):
            RECEIVER.answer(s.path, 429, {"Retry-After": value})
            s.client.post(f"/v1/webhooks/{s.webhook['id']}/test", status=202)
            row = s.wait_log(lambda log: log[0]["tried_at"] is not None, value)[0]
            delay = seconds_between(MONDAY, row["next_try_at"])
            check(seconds <= delay <= max(seconds, 6), f"Retry-After {value}: {delay}")
            s.client.delete(f"/v1/webhooks/{s.webhook['id']}", status=204)
            s.webhook = s.make(s.path)
            s.log_path = f"/v1/webhooks/{s.webhook['id']}/deliveries"
        RECEIVER.answer(s.path, 410)
        s.book()
        row = s.wait_log(lambda log: log[0]["state"] == "failed", "gone")[0]
        same((row["attempts"], s.now()["active"], s.now()["paused"]), (1, False, "gone"), "paused at once")
        until(lambda: pause_mails(server, s), "a mail")
        same(types(RECEIVER.got(s.path)).count("booking.created"), 1, "sent once")


def test_redirects_are_not_followed(server):
    s = Scene(server)
    target = s.path + "/target"
    RECEIVER.answer(s.path, 307, {"Location": RECEIVER.url + target})
    s.book()
    same(s.wait_log(lambda log: log[0]["tried_at"], "a try")[0]["status"], 307, "a redirect is a failure")
    same(RECEIVER.got(target), [], "nothing there")


def test_bad_peers():
    """One that never answers, one that never ends: others get theirs meanwhile; both fail within their caps."""
    with plain_server() as server:
        slow, endless, good = Scene(server), Scene(server), Scene(server)
        RECEIVER.answer(slow.path, action="hang")
        RECEIVER.answer(endless.path, 200, action="endless")
        for s in (slow, endless):
            s.make(s.path + "/a"), s.make(s.path + "/b")
            RECEIVER.answer(s.path + "/a", action="hang"), RECEIVER.answer(s.path + "/b", action="hang")
            s.book(), s.book()
        slow.wait(1), endless.wait(1)
        good.book()
        good.wait(1)
        same(slow.log()[1]["tried_at"], None, "the slow one is still being waited for")
        row = endless.wait_log(lambda log: log[1]["tried_at"], "the endless one")[1]
        check("2097152 bytes" in row["error"], f"too long: {row}")
        row = slow.wait_log(lambda log: log[1]["tried_at"], "the slow one")[1]
        check("15" in row["error"] and row["status"] is None, f"too slow: {row}")
        same(len(RECEIVER.got(slow.path)), 1, "one at a time, and a pause after a failure")
        RECEIVER.release()  # so that the server need not wait for its own end


def test_killed_while_sending():
    with plain_server() as server:
        s = Scene(server)
        RECEIVER.answer(s.path, action="hang")
        s.book()
        s.wait(1)
        server.kill()
        RECEIVER.answer(s.path)
        server.start()
        server.clock(later(MONDAY, seconds=61))  # when the lease has ended
        requests = s.wait(2)
        same(requests[0].headers["webhook-id"], requests[1].headers["webhook-id"], "the same id")
        s.wait_log(lambda log: log[0]["state"] == "delivered", "delivered")


# ---- replays

def test_range_replay():
    with plain_server() as server:
        s = Scene(server)
        for start in ("2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z"):
            s.step(s.book(start), "cancel")
        s.wait(4)
        server.clock("2026-03-02T09:00:00Z")
        s.book("2026-03-03T12:00:00Z")
        s.wait(5)
        late = s.path + "/late"
        webhook = s.make(late, ["booking.created"])
        path = f"/v1/webhooks/{webhook['id']}/replay"
        same(s.client.post(path, {"from": MONDAY, "until": "2026-03-02T09:00:00Z"}, status=202).json["count"], 2, "what it listens to")
        requests = s.wait(2, late)
        same([r.headers["webhook-id"] for r in requests],
             [r.headers["webhook-id"] for r in RECEIVER.got(s.path) if types([r]) == ["booking.created"]][:2], "the same ids, in order")
        check(all(signed(webhook["secret"], r) for r in requests), "signed by its own secret")
        same(s.client.post(path, {"from": "2026-03-04T00:00:00Z", "until": "2026-03-05T00:00:00Z"}, status=202).json["count"], 0, "none")
        same(s.client.post(path, {"from": MONDAY, "until": MONDAY}, status=400).fields, ["/until"], "no time")
        page = s.client.get(f"{s.log_path}?limit=3", status=200).json
        rest = s.client.get(f"{s.log_path}?limit=3&cursor={page['next_cursor']}", status=200).json
        same(len(page["items"] + rest["items"]), 5, "pages of the log")
        same(rest["next_cursor"], None, "the last page")
        ids = [r["id"] for r in page["items"] + rest["items"]]
        same(ids, sorted(ids, reverse=True), "newest first")
        # after 30 days events are forgotten, and what was logged of them
        server.clock("2026-04-02T08:00:00Z")
        s.wait_log(lambda log: len(log) <= 2, "old events")


# ---- the resource

def test_resource(server):
    s = Scene(server)
    same((s.webhook["active"], s.webhook["paused"], s.webhook["description"], s.webhook["events"]), (True, "no", "", []), "as made")
    path = f"/v1/webhooks/{s.webhook['id']}"
    shown = s.client.get(path, status=200)
    check("secret" not in shown.json and s.webhook["secret"] not in s.client.get("/v1/webhooks").body.decode(), "shown once")
    s.client.patch(path, {"active": False}, headers={"If-Match": '"99"'}, status=412)
    changed = s.client.patch(path, {"active": False, "description": "CI", "events": ["booking.created"]},
                             headers={"If-Match": shown.headers["etag"]}, status=200).json
    same((changed["active"], changed["paused"], changed["version"], changed["description"]), (False, "by_owner", 2, "CI"), "paused")
    s.book()
    changed = s.client.patch(path, {"active": True}, status=200).json
    same((changed["active"], changed["paused"], changed["paused_at"]), (True, "no", None), "resumed")
    same(RECEIVER.got(s.path), [], "nothing was sent while it was paused")
    for body, field in (({"url": "ftp://a.example"}, "/url"), ({"url": ""}, "/url"), ({"secret": "x"}, "/secret"),
                        ({"description": "a\nb"}, "/description"), ({"active": None}, "/active")):
        answer = s.client.patch(path, body)
        check(answer.status == (200 if body == {"active": None} else 400) and (answer.status == 200 or field in answer.fields), f"{body}: {answer!r}")
    test = s.client.post(path + "/test", status=202).json
    same((test["type"], test["body"]["data"]), ("webhook.test", {"webhook_id": s.webhook["id"]}), "a test")
    same(types(s.wait(1)), ["webhook.test"], "the test arrives, though it was not chosen")
    for _ in range(9):
        s.make(s.path)
    s.client.post("/v1/webhooks", {"url": RECEIVER.url + s.path}, status=422)
    s.client.delete(path, status=204)
    s.client.get(path, status=404)
    s.make(s.path)
    for nobodys in ("x", s.webhook["id"]):
        s.client.get(f"{path}/deliveries/{nobodys}", status=404)


def test_addresses_of_the_inside(server):
    """The corpus of addresses: what leads nowhere public is refused when it is given."""
    host = server.register(f"hooks{next(NAMES)}")
    with open(os.path.join(ROOT, "tests/cases/urls.jsonl"), encoding="utf-8") as cases:
        for line in cases:
            case = json.loads(line)
            answer = host.post("/v1/webhooks", {"url": case["url"]}, status=(201, 400))
            check((answer.status == 201) == case["may"], f"{case}: {answer!r}")
            if answer.status == 201:
                host.delete(f"/v1/webhooks/{answer.json['id']}", status=204)
            else:
                same(answer.fields, ["/url"], case["url"])


def test_secrets_stay_inside():
    with plain_server() as server:
        s = Scene(server)
        RECEIVER.answer(s.path, 500, {}, b"no")
        s.book()
        made = s.client.post(f"/v1/webhooks/{s.webhook['id']}/secret", status=200).json
        s.wait_log(lambda log: log[0]["tried_at"], "a try")
        with contextlib.closing(server.database()) as database:
            dump = "".join(repr(row) for table in ("webhook", "webhook_delivery", "event", "audit", "job", "idempotency")
                           for row in database.execute(f"SELECT * FROM {table}").fetchall())
        for secret in (s.webhook["secret"], made["secret"]):
            raw = base64.b64decode(secret[6:])
            check(secret[6:] not in dump and repr(raw)[2:-1] not in dump and raw.hex() not in dump, "not in the database")
            check(secret[6:] not in server.log(), "not in the log")
        # erasing the account erases them
        s.host.delete("/v1/me", status=204)
        with contextlib.closing(server.database()) as database:
            for table in ("webhook", "webhook_delivery", "event"):
                same(database.execute(f"SELECT COUNT(*) FROM {table}").fetchone(), (0,), f"{table} after erasure")


def test_scopes(server):
    s = Scene(server)
    reader = Client(server, "Bearer " + s.host.key(["webhooks:read"]))
    reader.get("/v1/webhooks", status=200)
    reader.post("/v1/webhooks", {"url": RECEIVER.url}, status=403)
    reader.post(f"/v1/webhooks/{s.webhook['id']}/secret", status=403)
    Client(server, "Bearer " + s.host.key(["bookings:read"])).get("/v1/webhooks", status=403)


run(globals(), outbound_allow=RECEIVER.peer)
