#!/usr/bin/python3
"""A booking's log: every step, every message to everybody, and what became of each."""

import socket
import threading

from noonmark import Server, booking_body, check, run, same, until

IVY, GUS = "ivy@example.org", "gus@example.org"
TEN, ELEVEN = "2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z"


class Refuser:
    """A mail server that answers RCPT for some addresses as it is told to, and takes the rest."""

    def __init__(self, answers):
        self.answers, self.socket = answers, socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        with peer, peer.makefile("rwb") as lines:
            def say(text):
                lines.write(text.encode() + b"\r\n")
                lines.flush()
            say("220 here")
            data = False
            for line in lines:
                word = line.decode(errors="replace").strip()
                if data:
                    data = word != "."
                    if not data:
                        say("250 taken")
                elif word.upper().startswith("DATA"):
                    data = True
                    say("354 go on")
                elif word.upper().startswith("RCPT"):
                    say(next((a for to, a in self.answers.items() if to in word), "250 fine"))
                elif word.upper().startswith("QUIT"):
                    say("221 bye")
                    return
                else:
                    say("250 fine")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


def log_of(host, booking):
    return host.get(f"/v1/bookings/{booking['id']}/log", status=200).json["items"]


def messages(host, booking):
    return [e for e in log_of(host, booking) if e["kind"] == "message"]


def booked(host, **settings):
    """A meeting at ten, of which both were mailed."""
    kind = host.make_event_type("talk", minimum_notice_minutes=0, **settings)
    b = host.post("/v1/bookings", booking_body(kind, TEN), status=201).json
    settled(host, b, 2)
    return b


def settled(host, booking, count):
    """Until that many of its messages have ended."""
    until(lambda: sum(m["ended_at"] is not None for m in messages(host, booking)) >= count, lambda: messages(host, booking))


def test_steps_and_messages(server):
    host = server.register("logan")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    b = host.post("/v1/bookings", booking_body(kind, TEN, guests=[{"email": GUS}]), status=201).json
    settled(host, b, 3)
    server.clock("2026-03-02T08:05:00Z")
    server.invitee(b).post(f"/v1/bookings/{b['id']}/cancel", {"reason": "ill"}, status=200)
    settled(host, b, 6)
    found = log_of(host, b)
    same([(e["kind"], e["action"] or (e["message"], e["reader"], e["recipient"], e["state"], e["tries"])) for e in found],
         [("step", "booking.create")] +
         [("message", ("booked", reader, to, "sent", 1)) for reader, to in
          (("invitee", IVY), ("host", host.account["email"]), ("guest", GUS))] +
         [("step", "booking.cancel")] +
         [("message", ("cancelled", reader, to, "sent", 1)) for reader, to in
          (("invitee", IVY), ("host", host.account["email"]), ("guest", GUS))], "in the order of time")
    same([e["actor"] for e in found if e["kind"] == "step"], [host.account["id"], "invitee"], "who did it")
    check(all(e["ended_at"] and e["channel"] == "email" for e in found if e["kind"] == "message"), "each was sent at some time")
    server.register("other").get(f"/v1/bookings/{b['id']}/log", status=404)
    server.invitee(b).get(f"/v1/bookings/{b['id']}/log", status=403)


def test_what_came_of_it(server):
    """Each step says what was and what is: the times of a move, which guest answered what, which details changed."""
    host = server.register("lotte")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    b = host.post("/v1/bookings", booking_body(kind, "2026-03-04T10:00:00Z", guests=[{"email": "lena@example.org"}]), status=201).json
    path = f"/v1/bookings/{b['id']}"
    host.post(f"{path}/reschedule", {"start": "2026-03-04T11:00:00Z"}, status=200)
    server.guest("lena@example.org").post(f"{path}/rsvp", {"answer": "tentative"}, status=200)
    host.patch(path, {"title": "Plans", "private_notes": "Owes me a book"}, status=200)
    host.post(f"{path}/propose", {"starts": ["2026-03-05T10:00:00Z"]}, status=200)
    stands = {"status": "confirmed", "start": "2026-03-04T10:00:00Z", "end": "2026-03-04T10:30:00Z", "sequence": 0}
    moved = {**stands, "start": "2026-03-04T11:00:00Z", "end": "2026-03-04T11:30:00Z", "sequence": 1}
    revised, guest = {**moved, "sequence": 2}, b["guests"][0]["id"]
    same([(e["action"], e["before"], e["after"]) for e in log_of(host, b) if e["kind"] == "step"],
         [("booking.create", None, stands), ("booking.reschedule", stands, moved),
          ("booking.rsvp", {"guest": guest, "rsvp": "needs_action"}, {"guest": guest, "rsvp": "tentative"}),
          ("booking.update", None, {"changed": ["title", "private_notes"]}),
          ("booking.propose", revised, {**revised, "proposal": "host", "starts": ["2026-03-05T10:00:00Z"]})], "what came of each")


def test_so_much_is_shown():
    """However often a guest has answered, a log is no longer than this, and has the end of it."""
    with Server() as server:
        host = server.register("lorne")
        b = booked(host)
        server.stop()
        with server.database(write=True) as database:
            last, = database.execute("SELECT MAX(number) FROM audit").fetchone()
            for number in range(last + 1, last + 1001):
                database.execute("INSERT INTO audit (account_id, number, at, actor, origin, action, entity_id, before_hash, after_hash, hash)"
                                 " SELECT account_id, ?, at, 'guest', origin, 'booking.rsvp', entity_id, before_hash, after_hash, hash"
                                 " FROM audit WHERE action = 'booking.create'", (number,))
        server.start()
        steps = [e["action"] for e in log_of(host, b) if e["kind"] == "step"]
        same((len(steps), set(steps)), (1000, {"booking.rsvp"}), "the newest")


def test_why_not():
    with Refuser({IVY: "550 nobody of that name", GUS: "450 busy, come back"}) as smtp, Server() as server:
        host = server.register("wanda")
        kind = host.make_event_type("talk", minimum_notice_minutes=0)
        server.settings["smtp_url"] = smtp.url
        server.restart()
        host.close()
        b = host.post("/v1/bookings", booking_body(kind, TEN, guests=[{"email": GUS}]), status=201).json
        until(lambda: count(server, "booked", "tries > 0") == 3, lambda: messages(host, b))
        found = {m["recipient"]: m for m in messages(host, b)}
        same([(found[to]["state"], found[to]["ended_at"] is None) for to in (IVY, GUS, host.account["email"])],
             [("failed", False), ("waiting", True), ("sent", False)], "refused for good, for now, and sent")
        check("nobody of that name" in found[IVY]["error"] and "busy" in found[GUS]["error"], f"in the other side's words: {found}")


def test_not_needed_any_more():
    with Server() as server:
        host = server.register("rita")
        b = booked(host, reminders=[60])
        with Refuser({"@example.org": "450 later"}) as smtp:
            server.settings["smtp_url"] = smtp.url
            server.restart()
            server.clock("2026-03-03T09:00:00Z")
            until(lambda: count(server, "reminder", "tries > 0") == 2, "each reminder is tried")
            server.settings["smtp_url"] = ""
            server.clock("2026-03-03T10:00:01Z")
            server.restart()
            until(lambda: count(server, "reminder", "state = 'skipped'") == 2, "each reminder is skipped")
            same(count(server, "reminder", "state = 'skipped' AND last_error LIKE '%has begun%'"), 2, "skipped, and why")


def count(server, message, where):
    return server.database().execute(f"SELECT COUNT(*) FROM delivery WHERE message = ? AND {where}", (message,)).fetchone()[0]


def test_erased_with_the_account():
    with Server() as server:
        host = server.register("gone")
        b = booked(host)
        host.patch(f"/v1/bookings/{b['id']}", {"private_notes": "Owes me a book"}, status=200)
        host.delete("/v1/me", status=204)
        server.wait_mails(IVY, 2)
        same(server.database().execute("SELECT COUNT(*) FROM delivery").fetchone()[0], 0, "no address is left")
        same(server.database().execute("SELECT private_notes FROM booking").fetchall(), [("",)], "nor what only it could read")


def traces(server, words):
    """Where any of these words stands in any table."""
    found = []
    with server.database() as database:
        for table in server.tables():
            for row in database.execute(f"SELECT * FROM {table}").fetchall():
                text = " ".join(bytes(v).decode(errors="replace") if isinstance(v, (bytes, memoryview)) else str(v) for v in row)
                found += [(table, word, text[:200]) for word in words if word in text]
    return found


def test_nothing_of_an_erased_account_is_left():
    """In no table: as a host, as somebody's co-host, and in what it wrote for itself."""
    words = ("canary-host", "Canaryfirst", "Canarylast", "Owes me a book", "canary-hook", "canary-words", "canary-key")
    with Server() as server:
        host, other = server.register("canary-host"), server.register("other")
        host.patch("/v1/me", {"first_name": "Canaryfirst", "last_name": "Canarylast"}, status=200)
        agreed = other.post("/v1/co-hosts", {"username": "canary-host"}, status=201).json
        host.post(f"/v1/co-hosts/{agreed['id']}/accept", status=200)
        kind = host.make_event_type("talk", minimum_notice_minutes=0)
        both = other.make_event_type("both", minimum_notice_minutes=0, co_hosts=[host.account["id"]])
        other.post("/v1/bookings", booking_body(both, ELEVEN), status=201)
        b = host.post("/v1/bookings", booking_body(kind, TEN), status=201).json
        host.patch(f"/v1/bookings/{b['id']}", {"private_notes": "Owes me a book"}, status=200)
        host.post("/v1/webhooks", {"url": "https://canary-hook.example.org/"}, status=201)
        host.post("/v1/api-keys", {"name": "canary-key", "scopes": ["bookings:read"]}, status=201)
        own = {"message": "booked", "to": "invitee", "language": "en", "subject": "canary-words", "text": "canary-words"}
        same(host.call("PUT", f"/v1/event-types/{kind['id']}/templates", own).status, 200, "own words")
        settled(host, b, 2)
        same({word for _, word, _ in traces(server, words)}, set(words), "all of it is there before")
        host.delete("/v1/me", status=204)
        server.settle()  # the last mails to it are on their way
        same(traces(server, words), [], "and nothing after")


def test_wanted_in_vain():
    """Refusals are counted for the host, by what was in the way."""
    with Server() as server:
        host = server.register("wanted")
        kind = host.make_event_type("talk", minimum_notice_minutes=0, buffer_after_minutes=30)
        client, proof = server.client(), server.prove(IVY)
        client.post("/v1/bookings", booking_body(kind, TEN, email_proof=proof), status=201)
        for start in (TEN, TEN, "2026-03-03T10:30:00Z"):
            client.post("/v1/bookings", booking_body(kind, start, email_proof=proof), status=409)
        client.post("/v1/bookings", booking_body(kind, "2026-03-03T03:00:00Z", email_proof=proof), status=422)
        server.clock("2026-03-02T08:02:00Z")
        rows = until(lambda: server.database().execute("SELECT day, taken, buffers FROM refusal").fetchall(), "refusals are counted")
        same(rows, [(20514, 2, 1)], "two because of the meeting, one because of the time kept free after it")


if __name__ == "__main__":
    run(globals())
