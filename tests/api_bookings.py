"""Holds, email proofs and bookings: what each step answers, also when two come at once, late or twice."""

import datetime
import json
import threading
import uuid

from noonmark import ALWAYS, Client, Server, booking_body, check, must, run, same

TEN, HALF_TEN, ELEVEN = "2026-03-03T10:00:00Z", "2026-03-03T10:30:00Z", "2026-03-03T11:00:00Z"
IVY = "ivy@example.org"
NAMES = iter(range(1000000))


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def scene(server, **members):
    """A host with an event type of thirty minutes, open Monday to Friday from 9 to 17 UTC, and a proof of Ivy's."""
    host = server.register(f"host{next(NAMES)}")
    kind = host.make_event_type("talk", **{"minimum_notice_minutes": 0, **members})
    if not hasattr(server, "proof"):
        server.proof = server.prove(IVY)
    return host, kind, server.proof


def book(server, kind, start, status=201, client=None, headers=None, **members):
    members.setdefault("email_proof", getattr(server, "proof", None))
    body = {k: v for k, v in booking_body(kind, start, **members).items() if v is not None}
    return (client or server.client()).post("/v1/bookings", body, status=status, headers=headers)


def hold(server, kind, start, status=201, client=None):
    body = {"event_type_id": kind["id"], "start": start, "duration_minutes": kind["durations"][0]["minutes"]}
    return (client or server.client()).post("/v1/holds", body, status=status)


def rows(server, host, table="reservation"):
    with server.database() as database:
        column = "bookable_id" if table == "reservation" else "account_id"
        return database.execute(f"SELECT COUNT(*) FROM {table} WHERE {column} = ?",
                                (uuid.UUID(host.account["id"]).bytes,)).fetchone()[0]


# ---- booking

def test_shape(server):
    question = {"label": "What about?", "kind": "text", "required": True}
    host, kind, proof = scene(server, questions=[question], title="A talk",
                              durations=[{"minutes": 30, "price": {"amount": 1200, "currency": "EUR"}}, {"minutes": 60}],
                              locations=[{"kind": "in_person", "value": "Room 1"}, {"kind": "phone", "value": "+49 30 1"}])
    answer = book(server, kind, TEN, location=1, notes="Bring cake\nplease", title="Cake", metadata={"order": 7},
                  guests=[{"email": "Bea@example.org", "name": "Bea", "role": "passive"}, {"email": "al@example.org"}],
                  answers=[{"question_id": kind["questions"][0]["id"], "value": "Cake"}])
    b = answer.json
    same(answer.headers["etag"], '"1"', "ETag")
    same(answer.headers["location"], f"/v1/bookings/{b['id']}", "Location")
    same((b["status"], b["start"], b["end"], b["duration_minutes"]),
         ("confirmed", TEN, HALF_TEN, 30), "status and times")
    same(b["event_type"], {"id": kind["id"], "code": "talk", "title": "A talk"}, "event_type")
    same(b["host"], {"username": host.account["username"], "first_name": "Test", "last_name": "Host", "time_zone": "UTC"}, "host")
    same(b["invitee"], {"name": "Ivy Invitee", "email": IVY, "time_zone": "Europe/Berlin"}, "invitee")
    same([{**g, "id": None} for g in b["guests"]],
         [{"id": None, "email": "al@example.org", "name": None, "role": "active", "rsvp": "needs_action"},
          {"id": None, "email": "bea@example.org", "name": "Bea", "role": "passive", "rsvp": "needs_action"}], "guests")
    same([(a["label"], a["value"]) for a in b["answers"]], [("What about?", "Cake")], "answers")
    same((b["location"]["kind"], b["location"]["value"]), ("phone", "+49 30 1"), "location")
    same((b["title"], b["notes"], b["metadata"], b["price"]),
         ("Cake", "Bring cake\nplease", {"order": 7}, {"amount": 1200, "currency": "EUR"}), "title, notes, metadata, price")
    same((b["sequence"], b["version"], b["cancelled_by"], b["cancel_reason"]), (0, 1, None, None), "sequence, version")
    check(b["manage_url"].startswith(server.base + "/b/"), f"manage_url {b['manage_url']}")
    check(b["uid"].startswith(b["id"]), "the UID is made of the id")
    seen = host.get(f"/v1/bookings/{b['id']}", status=200)
    same(seen.json, {**b, "manage_url": None, "private_notes": ""}, "as its host sees it")
    same(seen.headers["etag"], '"1"', "ETag of GET")
    same(server.invitee(b).get(f"/v1/bookings/{b['id']}", status=200).json, b, "as its invitee sees it")
    listed = host.get("/v1/bookings", status=200).json["items"]
    same([x["id"] for x in listed], [b["id"]], "the host's list")


def test_who_may_book(server):
    host, kind, proof = scene(server)
    other = server.register(f"guest{next(NAMES)}")
    path = "/v1/bookings"
    for label, members in (("no proof", {"email_proof": None}), ("another address", {"address": "eve@example.org"}),
                           ("a broken proof", {"email_proof": proof[:-1] + ("A" if proof[-1] != "A" else "B")}),
                           ("a longer proof", {"email_proof": proof + "A"}), ("an empty proof", {"email_proof": ""}),
                           ("a later proof", {"email_proof": "9" + proof[1:]}), ("no token at all", {"email_proof": "x.y"})):
        answer = book(server, kind, TEN, (400, 403), **members)
        check("/email_proof" in answer.fields, f"{label}: {answer!r}")
    same(rows(server, host), 0, "reservations after refusals")
    # who is signed in needs none for the own address, but for others
    own = other.account["email"]
    book(server, kind, TEN, client=other, email_proof=None, address=own.upper())
    book(server, kind, ELEVEN, 403, client=other, email_proof=None, address="eve@example.org")
    # the host needs none
    book(server, kind, ELEVEN, client=host, email_proof=None, address="eve@example.org")
    book(server, kind, "2026-03-03T12:00:00Z", client=host.key_client, email_proof=None, address="eve@example.org")
    # a key without the scope may not, and is not let in as its host by another door
    narrow = Client(server, "Bearer " + host.key(["account:read"]))
    body = booking_body(kind, "2026-03-03T13:00:00Z", address="eve@example.org")
    narrow.post(path, body, status=403)
    wide = Client(server, "Bearer " + host.key(["bookings:read"]))
    wide.post(path, body, status=403)


def test_taken(server):
    host, kind, proof = scene(server)
    book(server, kind, TEN)
    answer = book(server, kind, TEN, 409)
    same(answer.code, "slot_taken", "code")
    alternatives = [a["start"] for a in answer.json["alternatives"]]
    same(len(alternatives), 3, "alternatives")
    offered = {instant(s) for s in server.slots(kind)}
    check({instant(a) for a in alternatives} <= offered, "alternatives are slots")
    distance = sorted(abs(s - instant(TEN)) for s in offered)[:3]
    same(sorted(abs(instant(a) - instant(TEN)) for a in alternatives), distance, "they are the nearest")
    book(server, kind, alternatives[0])
    book(server, kind, alternatives[0], 409)
    # further away where none is near
    host.set_hours([{"days": ["mon"], "start": "10:00", "end": "10:30", "until": None}])
    mondays = [f"2026-{day}T10:00:00Z" for day in ("03-02", "03-09", "03-16", "03-23", "03-30", "04-06")]
    for start in mondays[:4]:
        book(server, kind, start)
    answer = book(server, kind, mondays[1], 409)
    same([a["start"] for a in answer.json["alternatives"]], [*mondays[4:], "2026-04-13T10:00:00Z"], "three weeks away and more")
    never = host.make_event_type("once", minimum_notice_minutes=0, window={"from": "2026-03-09", "until": "2026-03-09"})
    answer = book(server, never, mondays[1], 409)
    same(answer.json["alternatives"], [], "no other is offered")
    check("alternatives" not in answer.json["detail"], f"none is to be chosen: {answer.json['detail']}")
    host.set_hours(ALWAYS)
    # also by another event type of the same host
    other = host.make_event_type("other", minimum_notice_minutes=0, durations=[{"minutes": 60}])
    same(book(server, other, TEN, 409).code, "slot_taken", "by another event type")
    same(rows(server, host, "booking"), 6, "bookings")


def test_not_offered(server):
    host, kind, proof = scene(server, minimum_notice_minutes=60, horizon_days=10)
    cases = {"2026-03-03T08:30:00Z": "outside_hours", "2026-03-03T16:45:00Z": "outside_hours",
             "2026-03-07T10:00:00Z": "outside_hours", "2026-03-03T10:10:00Z": "off_grid", "2026-03-03T10:00:30Z": "off_grid",
             "2026-03-03T23:45:00Z": "outside_hours", "2026-02-27T10:00:00Z": "past", "2026-03-20T10:00:00Z": "horizon"}
    for start, code in cases.items():
        answer = book(server, kind, start, 422)
        same(answer.code, "slot_not_offered", start)
        codes = [r["code"] for r in answer.json["reasons"]]
        check(code in codes, f"{start}: reasons {codes}, not {code}")
        check(all(r["message"] for r in answer.json["reasons"]), f"{start}: every reason has words")
        same(len(set(codes)), len(codes), f"{start}: each reason once")
    host.patch(f"/v1/event-types/{kind['id']}", {"minimum_notice_minutes": 60 * 24 * 3}, status=200)
    codes = [r["code"] for r in book(server, kind, TEN, 422).json["reasons"]]
    same(codes, ["notice"], "within the notice")
    same(rows(server, host), 0, "reservations")


def test_limits_and_buffers(server):
    host, kind, proof = scene(server, limits={"day": 2}, buffer_after_minutes=15)
    book(server, kind, TEN)
    answer = book(server, kind, HALF_TEN, 409)
    same(answer.code, "slot_taken", "within the buffer")
    book(server, kind, ELEVEN)
    codes = [r["code"] for r in book(server, kind, "2026-03-03T14:00:00Z", 422).json["reasons"]]
    same(codes, ["limit_day"], "the third of a day")
    book(server, kind, "2026-03-04T10:00:00Z")


def test_race_for_the_last_of_a_limit(server):
    host, kind, proof = scene(server, limits={"day": 1})
    server.contract
    starts = [f"2026-03-03T{h:02d}:{m:02d}:00Z" for h in range(9, 17) for m in (0, 30)]
    answers = at_once([lambda s=s: book(server, kind, s, None) for s in starts])
    same(sorted(a.status for a in answers), [201] + [422] * 15, "statuses")


def at_once(calls):
    """The answers of calls that are made at the same time."""
    results, barrier = [None] * len(calls), threading.Barrier(len(calls))

    def one(i):
        barrier.wait()
        results[i] = calls[i]()
    threads = [threading.Thread(target=one, args=(i,)) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    must(all(r is not None for r in results), "a call ended without an answer")
    return results


def test_seats(server):
    host, kind, proof = scene(server, seats=10)
    proofs = {f"seat{i}@example.org": server.prove(f"seat{i}@example.org") for i in range(12)}
    answers = at_once([lambda a=a, p=p: book(server, kind, TEN, None, address=a, email_proof=p)
                       for a, p in proofs.items()] +
                      [lambda a=a, p=p: book(server, kind, TEN, None, address=a, email_proof=p) for a, p in proofs.items()])
    same(sorted(a.status for a in answers), [201] * 10 + [409] * 14, "ten seats")
    same(rows(server, host), 1, "one reservation")
    taken = [a.json for a in answers if a.status == 201]
    server.invitee(taken[0]).post(f"/v1/bookings/{taken[0]['id']}/cancel", status=200)
    book(server, kind, TEN)
    book(server, kind, TEN, 409)
    for b in host.get("/v1/bookings?limit=50&status=confirmed", status=200).json["items"]:
        host.post(f"/v1/bookings/{b['id']}/cancel", status=200)
    same(rows(server, host), 0, "reservations once all are cancelled")


def test_questions(server):
    kinds = [{"label": "Short", "kind": "text", "required": True}, {"label": "Long", "kind": "long_text"},
             {"label": "One of", "kind": "choice", "choices": ["a", "b"]}, {"label": "Yes", "kind": "checkbox", "required": True},
             {"label": "Phone", "kind": "phone"}, {"label": "Number", "kind": "number"}]
    host, kind, proof = scene(server, questions=kinds)
    ids = {q["label"]: q["id"] for q in kind["questions"]}

    def answers(**values):
        return [{"question_id": ids[k.replace("_", " ")], "value": v} for k, v in values.items()]
    good = {"Short": "x", "Yes": "true"}
    refused = [({}, "/answers"), ({"Short": "x"}, "/answers"), ({**good, "Yes": "false"}, "/answers"),
               ({**good, "Short": ""}, "/answers"), ({**good, "Short": "a\nb"}, "/answers/0/value"),
               ({**good, "One_of": "c"}, "/answers/2/value"), ({**good, "Phone": "call me"}, "/answers/2/value"),
               ({**good, "Number": "many"}, "/answers/2/value"), ({**good, "Yes": "maybe"}, "/answers/1/value"),
               ({**good, "Long": "a\u202eb"}, "/answers/2/value"), ({**good, "Long": "x" * 10000}, "/answers/2/value")]
    for values, field in refused:
        answer = book(server, kind, TEN, 400, answers=answers(**values))
        check(field in answer.fields, f"{values}: {answer.fields}, not {field}")
    twice = answers(**good) + answers(Short="y")
    check("/answers/2/value" in book(server, kind, TEN, 400, answers=twice).fields, "answered twice")
    foreign = answers(**good) + [{"question_id": kind["id"], "value": "x"}]
    check("/answers/2/value" in book(server, kind, TEN, 400, answers=foreign).fields, "a question not asked")
    b = book(server, kind, TEN, answers=answers(**good, Long="a\nb", One_of="b", Phone="+49 (30) 12-34", Number="-1.5")).json
    same({a["label"]: a["value"] for a in b["answers"]},
         {"Short": "x", "Yes": "true", "Long": "a\nb", "One of": "b", "Phone": "+49 (30) 12-34", "Number": "-1.5"}, "answers")


def test_guests(server):
    host, kind, proof = scene(server)
    many = [{"email": f"g{i}@example.org"} for i in range(11)]
    check("/guests" in book(server, kind, TEN, 400, guests=many).fields, "eleven guests")
    b = book(server, kind, TEN, guests=[{"email": "A@example.org"}, {"email": "a@EXAMPLE.org"}]).json
    same([g["email"] for g in b["guests"]], ["a@example.org"], "one guest once")
    # who is there anyway is no guest, and hears of it once
    me = "eager@example.org"
    own = [{"email": "Bea@example.org"}, {"email": me.upper()}, {"email": host.account["email"]}]
    b = book(server, kind, "2026-03-03T12:00:00Z", guests=own, address=me, email_proof=server.prove(me)).json
    same([g["email"] for g in b["guests"]], ["bea@example.org"], "neither invitee nor host are guests")
    b = server.invitee(b).post(f"/v1/bookings/{b['id']}/guests", {"guests": own}, status=200).json
    same([g["email"] for g in b["guests"]], ["bea@example.org"], "nor when they are added later")
    server.settle()
    about = {to: [str(m["Subject"]) for m in server.mails(to) if "3 March 2026, 1" in str(m["Subject"])] for to in (me, host.account["email"])}
    same([len(subjects) for subjects in about.values()], [1, 2], f"mails to the invitee, and to the host of two bookings: {about}")
    for guest in ({"email": "x"}, {"email": "g@example.org", "name": "www.evil.example"},
                  {"email": "g@example.org", "role": "owner"}, {"email": "g@example.org", "rsvp": "accepted"}, {}, "g@example.org"):
        answer = book(server, kind, ELEVEN, 400, guests=[guest])
        check(answer.fields and answer.fields[0].startswith("/guests/0"), f"{guest}: {answer.fields}")


def test_plan_limits():
    with Server(default_plan="free") as server:
        host = server.register("free")
        body = {"code": "second", "title": "Second", "durations": [{"minutes": 15}, {"minutes": 45}]}
        answer = host.post("/v1/event-types", body, status=422)
        same(answer.code, "plan_limit", "the second active event type")
        check("1" in answer.json["detail"], "the limit is named")
        idle = host.post("/v1/event-types", {**body, "active": False}, status=201).json
        same(host.patch(f"/v1/event-types/{idle['id']}", {"active": True}, status=422).code, "plan_limit", "activating it")
        host.patch(f"/v1/event-types/{host.event_type['id']}", {"active": False}, status=200)
        host.patch(f"/v1/event-types/{idle['id']}", {"active": True}, status=200)


# ---- holds

def test_holds(server):
    host, kind, proof = scene(server)
    h = hold(server, kind, TEN).json
    same((h["start"], h["end"], h["expires_at"]), (TEN, HALF_TEN, "2026-03-02T08:10:00Z"), "the hold")
    check(instant(TEN) not in {instant(s) for s in server.slots(kind)}, "a held slot is not listed")
    same(hold(server, kind, TEN, 409).code, "slot_taken", "a second hold")
    same(book(server, kind, TEN, 409).code, "slot_taken", "booking without the hold")
    for members, status in (({"hold_id": kind["id"]}, 410), ({"hold_id": "x"}, 400)):
        same(book(server, kind, TEN, status, **members).fields, ["/hold_id"], str(members))
    same(book(server, kind, ELEVEN, 422, hold_id=h["id"]).fields, ["/hold_id"], "a hold of another time")
    b = book(server, kind, TEN, hold_id=h["id"]).json
    same(b["start"], TEN, "booked")
    same(book(server, kind, TEN, 410, hold_id=h["id"]).code, "expired", "the hold again")
    server.client().delete(f"/v1/holds/{h['id']}", status=404)
    h = hold(server, kind, ELEVEN).json
    server.client().delete(f"/v1/holds/{h['id']}", status=204)
    server.client().delete(f"/v1/holds/{h['id']}", status=404)
    book(server, kind, ELEVEN)
    server.client().delete("/v1/holds/019cad8f-aee0-719a-ae7c-928000abdfe1", status=404)
    server.client().delete("/v1/holds/1", status=404)
    answer = hold(server, kind, "2026-03-03T10:10:00Z", (409, 422))
    check(answer.code in ("slot_not_offered", "slot_taken"), "a hold of what is no slot")


def test_hold_expires_by_the_clock():
    with Server() as server:
        host, kind, proof = scene(server)
        h = hold(server, kind, TEN).json
        server.clock("2026-03-02T08:09:59Z")
        book(server, kind, TEN, 409)
        server.clock("2026-03-02T08:10:00Z")
        check(instant(TEN) in {instant(s) for s in server.slots(kind)}, "its slot is listed again")
        same(book(server, kind, TEN, 410, hold_id=h["id"]).code, "expired", "booking with a hold that ran out")
        server.client().delete(f"/v1/holds/{h['id']}", status=404)
        book(server, kind, TEN)


def test_hold_cap():
    with Server(rate_limits=True) as server:
        host, kind, proof = scene(server)
        first = hold(server, kind, TEN).json
        hold(server, kind, HALF_TEN)
        answer = hold(server, kind, ELEVEN, 429)
        same(answer.headers["retry-after"], "600", "Retry-After")
        server.clock("2026-03-02T08:04:00Z")
        same(hold(server, kind, ELEVEN, 429).headers["retry-after"], "360", "Retry-After later")
        server.client().delete(f"/v1/holds/{first['id']}", status=204)
        hold(server, kind, ELEVEN)
        # the host's own product holds for many; of others' event types it is a client like any
        hold(server, kind, "2026-03-03T12:00:00Z", client=host.key_client)
        hold(server, kind, "2026-03-03T13:00:00Z", 429, client=server.register("another"))
        server.clock("2026-03-02T08:20:00Z")
        hold(server, kind, TEN)


def test_holds_of_seats(server):
    host, kind, proof = scene(server, seats=2)
    first, second = hold(server, kind, TEN).json, hold(server, kind, TEN).json
    hold(server, kind, TEN, 409)
    book(server, kind, TEN, hold_id=first["id"])
    book(server, kind, TEN, 409)
    server.client().delete(f"/v1/holds/{second['id']}", status=204)
    book(server, kind, TEN)
    book(server, kind, TEN, 409)


# ---- email proofs

def test_email_proofs():
    with Server() as server:
        host, kind, proof = scene(server)
        client = server.client()
        made = client.post("/v1/email-proofs", {"email": "Bob@example.org"}, status=201).json
        same(made["expires_at"], "2026-03-02T08:10:00Z", "expires_at")
        code = server.code("bob@example.org")
        path = f"/v1/email-proofs/{made['id']}/verify"
        for i in range(5):
            client.post(path, {"code": f"{(int(code) + i + 1) % 1000000:06d}"}, status=422)
        client.post(path, {"code": code}, status=422)
        for bad in ("12345", "1234567", "12345a", "", None, 123456, "١٢٣٤٥٦"):
            same(client.post(path, {"code": bad}, status=400).fields, ["/code"], f"code {bad!r}")
        client.post(f"/v1/email-proofs/{kind['id']}/verify", {"code": code}, status=422)
        client.post("/v1/email-proofs/nothing/verify", {"code": code}, status=404)
        # late
        made = client.post("/v1/email-proofs", {"email": "bob@example.org"}, status=201).json
        code = server.code("bob@example.org", 2)
        server.clock("2026-03-02T08:10:00Z")
        client.post(f"/v1/email-proofs/{made['id']}/verify", {"code": code}, status=422)
        # two hours
        proof = server.prove("bob@example.org")
        book(server, kind, TEN, address="BOB@example.org", email_proof=proof)
        server.clock("2026-03-02T10:09:59Z")
        book(server, kind, HALF_TEN, address="bob@example.org", email_proof=proof)
        server.clock("2026-03-02T10:10:00Z")
        book(server, kind, ELEVEN, 403, address="bob@example.org", email_proof=proof)


def test_proof_mails_are_capped():
    with Server(rate_limits=True) as server:
        client, statuses = server.client(), []
        for _ in range(15):
            statuses.append(client.post("/v1/email-proofs", {"email": "victim@example.org"}).status)
            server.wait_mails("victim@example.org", statuses.count(201))  # of codes asked for at once only the last is sent
        same(statuses, [201] * 5 + [429] * 10, "statuses within the hour")
        same(len(server.mails("victim@example.org")), 5, "mails")


def test_proof_mails_are_capped_by_the_day():
    with Server(rate_limits=True) as server:
        client, seen = server.client(), []
        for hour in ("08:00", "09:01", "10:02", "11:03"):
            server.clock(f"2026-03-02T{hour}:00Z")
            seen += [client.post("/v1/email-proofs", {"email": "victim@example.org"}) for _ in range(6)]
        same([a.status for a in seen].count(201), 10, "codes of a day")
        same(seen[-1].status, 429, "the last of the day")
        check("the day" in seen[-1].json["errors"][0]["message"], f"why: {seen[-1].json}")
        same(int(seen[-1].headers["retry-after"]), (8 + 24 - 11) * 3600 - 180, "Retry-After")
        server.clock("2026-03-03T08:00:00Z")
        client.post("/v1/email-proofs", {"email": "victim@example.org"}, status=201)


# ---- idempotency

def test_idempotency(server):
    host, kind, proof = scene(server)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = book(server, kind, TEN, headers=key)
    for _ in range(3):
        again = book(server, kind, TEN, headers=key)
        same(again.body, first.body, "the same answer")
        same((again.headers["etag"], again.headers["location"]), ('"1"', f"/v1/bookings/{first.json['id']}"), "ETag and Location of a repeat")
    same(rows(server, host, "booking"), 1, "bookings")
    answer = book(server, kind, ELEVEN, 422, headers=key)
    same(answer.code, "idempotency_key", "another body")
    same(book(server, kind, TEN, 409).code, "slot_taken", "without the key")
    for bad in ("", " ", "a b", "x" * 256, "é"):
        answer = book(server, kind, ELEVEN, 400, headers={"Idempotency-Key": bad.encode("utf-8") if bad == "é" else bad})
        check(answer.code in ("invalid", "malformed"), f"Idempotency-Key {bad!r}: {answer!r}")
    same(rows(server, host, "booking"), 1, "bookings after bad keys")
    # a refusal is not kept: what was wrong can be put right
    key = {"Idempotency-Key": str(uuid.uuid4())}
    book(server, kind, TEN, 409, headers=key)
    book(server, kind, ELEVEN, headers=key)
    # keys belong to their account
    body = {"name": "k", "scopes": ["account:read"]}
    key = {"Idempotency-Key": "one"}
    other = server.register(f"other{next(NAMES)}")
    a, b = host.post("/v1/api-keys", body, headers=key, status=201), other.post("/v1/api-keys", body, headers=key, status=201)
    check(a.json["id"] != b.json["id"], "two accounts, one key text")
    same(host.post("/v1/api-keys", body, headers=key, status=201).json, a.json, "the API key again")


def test_what_creates_takes_a_key(server):
    for method, _, path, operation in server.contract.operations:
        takes = any(p["name"] == "Idempotency-Key" for p in operation.get("parameters", []))
        same(takes, "201" in operation["responses"], f"{method} {path} takes an Idempotency-Key")
    # a code that is asked for again by the same key is sent once, and stays good
    client, key, address = server.client(), {"Idempotency-Key": str(uuid.uuid4())}, "retrier@example.org"
    first, second = (client.post("/v1/email-proofs", {"email": address}, headers=key, status=201) for _ in range(2))
    same(second.body, first.body, "the same answer")
    server.settle()
    same(len(server.mails(address)), 1, "mails")
    client.post(f"/v1/email-proofs/{first.json['id']}/verify", {"code": server.code(address)}, status=200)


def test_idempotency_ends_after_a_day():
    with Server() as server:
        host, kind, proof = scene(server)
        key, client = {"Idempotency-Key": "today"}, host.key_client
        body = {"name": "Later", "code": "later", "time_zone": "UTC", "weekly": ALWAYS}
        first = client.post("/v1/schedules", body, headers=key, status=201)
        server.clock("2026-03-03T07:59:59Z")
        same(client.post("/v1/schedules", body, headers=key, status=201).body, first.body, "just in time")
        server.clock("2026-03-03T08:00:00Z")
        client.post("/v1/schedules", body, headers=key, status=409)


def test_idempotency_at_once(server):
    host, kind, proof = scene(server)
    server.contract
    key = {"Idempotency-Key": str(uuid.uuid4())}
    answers = at_once([lambda: book(server, kind, TEN, None, headers=key) for _ in range(16)])
    same({a.status for a in answers}, {201}, "statuses")
    same(len({a.body for a in answers}), 1, "one answer")
    same(rows(server, host, "booking"), 1, "bookings")


def test_killed_between_commit_and_answer():
    """The client never read an answer and asks again: one booking."""
    with Server() as server:
        host, kind, proof = scene(server)
        server.contract
        for i in range(4):
            start = f"2026-03-03T{9 + i:02d}:00:00Z"
            body = json.dumps(booking_body(kind, start, email_proof=proof)).encode()
            head = (f"POST /v1/bookings HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: kill{i}\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n").encode()
            sock = server.connect()
            sock.sendall(head + body)
            if i % 2:
                sock.recv(12)  # it was answered, but the client saw a piece only
            server.kill()
            sock.close()
            server.start()
            answer = book(server, kind, start, headers={"Idempotency-Key": f"kill{i}"})
            same(answer.json["start"], start, f"round {i}")
            same(rows(server, host, "booking"), i + 1, f"bookings after round {i}")


# ---- cancelling and moving

def test_cancelling(server):
    host, kind, proof = scene(server)
    b = book(server, kind, TEN).json
    path = f"/v1/bookings/{b['id']}"
    server.client().post(path + "/cancel", status=401)
    answer = server.invitee(b).post(path + "/cancel", {"reason": "Ill"}, status=200)
    same((answer.json["status"], answer.json["sequence"], answer.json["version"], answer.json["cancelled_by"],
          answer.json["cancel_reason"]), ("cancelled", 1, 2, "invitee", "Ill"), "cancelled")
    same(answer.headers["etag"], '"2"', "ETag")
    again = host.post(path + "/cancel", {"reason": "Other"}, status=200).json
    same((again["sequence"], again["cancelled_by"], again["cancel_reason"]), (1, "invitee", "Ill"), "a repeat changes nothing")
    check(instant(TEN) in {instant(s) for s in server.slots(kind)}, "the slot is free again")
    same(server.invitee(b).post(path + "/reschedule", {"start": ELEVEN}, status=422).code, "refused", "moving a cancelled one")
    book(server, kind, TEN)
    b = book(server, kind, ELEVEN).json
    same(host.post(f"/v1/bookings/{b['id']}/cancel", status=200).json["cancelled_by"], "host", "by the host")
    for reason in ("x" * 5000, "a\u202eb", 7):
        same(host.post(path + "/cancel", {"reason": reason}, status=400).fields, ["/reason"], f"reason {str(reason)[:9]!r}")


def test_moving(server):
    host, kind, proof = scene(server)
    b = book(server, kind, TEN).json
    path = f"/v1/bookings/{b['id']}"
    moved = server.invitee(b).post(path + "/reschedule", {"start": ELEVEN, "reason": "Train"}, status=200)
    m = moved.json
    same((m["id"], m["uid"], m["start"], m["end"], m["sequence"], m["version"], m["status"]),
         (b["id"], b["uid"], ELEVEN, "2026-03-03T11:30:00Z", 1, 2, "confirmed"), "moved")
    same(moved.headers["etag"], '"2"', "ETag")
    free = {instant(s) for s in server.slots(kind)}
    check(instant(TEN) in free and instant(ELEVEN) not in free, "the old time is free, the new one is not")
    same(host.post(path + "/reschedule", {"start": ELEVEN}, status=200).json["sequence"], 1, "to where it is: nothing")
    book(server, kind, TEN)
    same(host.post(path + "/reschedule", {"start": TEN}, status=409).code, "slot_taken", "to a taken time")
    same(host.post(path + "/reschedule", {"start": "2026-03-03T03:00:00Z"}, status=422).code, "slot_not_offered", "at night")
    same(host.get(path, status=200).json["start"], ELEVEN, "it stays where it was")
    same(rows(server, host), 2, "reservations")
    for body, field in (({}, "/start"), ({"start": "tomorrow"}, "/start"), ({"start": TEN, "end": TEN}, "/end"), ({"start": None}, "/start")):
        same(host.post(path + "/reschedule", body, status=400).fields, [field], f"{body}")
    server.invitee(b).post(path + "/reschedule", {"start": "2026-03-03T15:00:00Z"}, status=200)


def test_moving_over_itself(server):
    """The old time does not stand in the way of the new one."""
    host, kind, proof = scene(server, durations=[{"minutes": 60}], interval_minutes=15, buffer_before_minutes=30,
                              buffer_after_minutes=30)
    b = book(server, kind, TEN).json
    for start in ("2026-03-03T10:15:00Z", "2026-03-03T10:45:00Z", "2026-03-03T09:45:00Z"):
        same(host.post(f"/v1/bookings/{b['id']}/reschedule", {"start": start}, status=200).json["start"], start, start)
    same(rows(server, host), 1, "reservations")


def test_moving_keeps_within_limits(server):
    host, kind, proof = scene(server, limits={"day": 1})
    b = book(server, kind, TEN).json
    host.post(f"/v1/bookings/{b['id']}/reschedule", {"start": ELEVEN}, status=200)
    book(server, kind, "2026-03-04T10:00:00Z")
    answer = host.post(f"/v1/bookings/{b['id']}/reschedule", {"start": "2026-03-04T12:00:00Z"}, status=422)
    same([r["code"] for r in answer.json["reasons"]], ["limit_day"], "into a full day")


def test_if_match(server):
    host, kind, proof = scene(server)
    b = book(server, kind, TEN).json
    path = f"/v1/bookings/{b['id']}"
    for tag in ('"2"', '"0"', "1", 'W/"1"', '"x", "3"', ""):
        answer = host.post(path + "/reschedule", {"start": ELEVEN}, headers={"If-Match": tag})
        check(answer.status in (400, 412), f"If-Match {tag}: {answer!r}")
    host.post(path + "/reschedule", {"start": ELEVEN}, headers={"If-Match": '"1"'}, status=200)
    host.post(path + "/cancel", {}, headers={"If-Match": '"1"'}, status=412)
    same(host.get(path).json["status"], "confirmed", "status")
    host.post(path + "/cancel", {}, headers={"If-Match": '"1", "2"'}, status=200)
    host.post(path + "/cancel", {}, headers={"If-Match": "*"}, status=200)


def test_meetings_that_began():
    with Server() as server:
        host, kind, proof = scene(server)
        b = book(server, kind, TEN).json
        client, mine = host.key_client, server.invitee(b)
        path = f"/v1/bookings/{b['id']}"
        server.clock(TEN)
        for who in (client, mine):
            same(who.post(path + "/cancel", status=422).code, "refused", "cancelling a meeting that began")
            same(who.post(path + "/reschedule", {"start": ELEVEN}, status=422).code, "refused", "moving it")
        mine.get(path, status=200)
        server.clock("2026-04-02T10:30:00Z")
        mine.get(path, status=200)
        server.clock("2026-04-02T10:30:01Z")
        mine.get(path, status=410)
        client.get(path, status=200)


def test_manage_tokens(server):
    host, kind, proof = scene(server)
    one, two = book(server, kind, TEN).json, book(server, kind, ELEVEN).json
    mine = server.invitee(one)
    for path in ("", "/cancel", "/reschedule"):
        method = "POST" if path else "GET"
        body = {"start": HALF_TEN} if path == "/reschedule" else None
        mine.call(method, f"/v1/bookings/{two['id']}{path}", body, status=404)
    token = one["manage_url"].rsplit("/", 1)[1]
    for bad in (token[:-1], token + "A", token[:30] + ("A" if token[30] != "A" else "B") + token[31:], "", "A" * 43,
                two["manage_url"].rsplit("/", 1)[1][:22] + token[22:], one["id"], token.lower()):
        server.client("Token " + bad).get(f"/v1/bookings/{one['id']}", status=401)
    for path in ("/v1/me", "/v1/bookings", "/v1/schedules", "/v1/sessions", "/v1/api-keys"):
        mine.get(path, status=403)
    # looking changes nothing: mail scanners fetch every link
    for method in ("GET", "HEAD"):
        mine.call(method, f"/v1/bookings/{one['id']}", status=200)
        for path in ("/cancel", "/reschedule"):
            mine.call(method, f"/v1/bookings/{one['id']}{path}", status=405)
        server.client().call(method, "/b/" + token)
        server.client().call(method, "/b/" + token + "/cancel")
    same(host.get(f"/v1/bookings/{one['id']}").json["version"], 1, "version")


def test_sixteen_at_once(server):
    """Cancels and moves at the same time: a serial outcome, and one set of mails for each effect."""
    for round_number in range(4):
        host, kind, proof = scene(server)
        server.contract
        b = book(server, kind, TEN, address=IVY).json
        path, tag = f"/v1/bookings/{b['id']}", {"If-Match": '"1"'}
        calls = [lambda: server.invitee(b).post(path + "/cancel", headers=tag) for _ in range(8)]
        calls += [lambda i=i: server.client(host.authorization).post(
            path + "/reschedule", {"start": f"2026-03-03T{12 + i // 2:02d}:{30 * (i % 2):02d}:00Z"}, headers=tag) for i in range(8)]
        answers = at_once(calls[round_number:] + calls[:round_number])
        same(sorted(a.status for a in answers), [200] + [412] * 15, f"round {round_number}: statuses")
        seen = host.get(path, status=200).json
        same((seen["version"], seen["sequence"]), (2, 1), "version and sequence")
        same(rows(server, host), 0 if seen["status"] == "cancelled" else 1, "reservations")
        jobs = server.database().execute("SELECT COUNT(*) FROM job WHERE kind = 'booking_mail' AND "
                                         "dedupe_key NOT LIKE '%:reminder%' AND dedupe_key LIKE ?", (f"booking:{b['id']}:1:%",)).fetchone()[0]
        same(jobs, 2, "mails of the one change: to host and invitee")


def test_sixteen_at_once_without_versions(server):
    host, kind, proof = scene(server)
    server.contract
    b = book(server, kind, TEN).json
    path = f"/v1/bookings/{b['id']}"
    calls = [lambda: server.invitee(b).post(path + "/cancel") for _ in range(8)]
    calls += [lambda i=i: server.client(host.authorization).post(
        path + "/reschedule", {"start": f"2026-03-03T{12 + i // 2:02d}:{30 * (i % 2):02d}:00Z"}) for i in range(8)]
    answers = at_once(calls)
    check({a.status for a in answers} <= {200, 422}, f"statuses {[a.status for a in answers]}")
    same(host.get(path).json["status"], "cancelled", "in the end")
    same(rows(server, host), 0, "reservations")


def test_second_tab_late_click_double_submit():
    with Server() as server:
        host, kind, proof = scene(server)
        # a second tab: the same person holds the same slot twice
        first = hold(server, kind, TEN).json
        same(hold(server, kind, TEN, 409).code, "slot_taken", "second tab")
        # a double submit without a key: the second is told that the slot is gone, and nothing is doubled
        answers = at_once([lambda: book(server, kind, TEN, None, hold_id=first["id"]) for _ in range(2)])
        statuses = sorted(a.status for a in answers)
        check(statuses in ([201, 409], [201, 410]), f"double submit: {statuses}")
        same(rows(server, host, "booking"), 1, "bookings")
        # a late click: the hold ran out, the slot is free, then taken
        late = hold(server, kind, ELEVEN).json
        server.clock("2026-03-02T08:11:00Z")
        same(book(server, kind, ELEVEN, 410, hold_id=late["id"]).fields, ["/hold_id"], "late click")
        book(server, kind, ELEVEN)
        answer = book(server, kind, ELEVEN, (409, 410), hold_id=late["id"])
        check(answer.code in ("slot_taken", "expired"), "late, and taken")


def test_deleted_and_inactive_event_types(server):
    host, kind, proof = scene(server)
    b = book(server, kind, TEN).json
    host.patch(f"/v1/event-types/{kind['id']}", {"active": False}, status=200)
    book(server, kind, ELEVEN, 404)
    hold(server, kind, ELEVEN, 404)
    book(server, kind, ELEVEN, client=host, email_proof=None)
    server.invitee(b).post(f"/v1/bookings/{b['id']}/reschedule", {"start": HALF_TEN}, status=200)
    host.delete(f"/v1/event-types/{kind['id']}", status=204)
    book(server, kind, "2026-03-03T12:00:00Z", 404)
    book(server, kind, "2026-03-03T12:00:00Z", 404, client=host, email_proof=None)
    same(host.get(f"/v1/bookings/{b['id']}", status=200).json["event_type"]["title"], "talk", "its bookings stay")
    server.invitee(b).post(f"/v1/bookings/{b['id']}/cancel", status=200)


def test_erasing_the_host_cancels(server):
    host, kind, proof = scene(server)
    b = book(server, kind, TEN).json
    host.delete("/v1/me", status=204)
    seen = server.invitee(b).get(f"/v1/bookings/{b['id']}", status=200).json
    same((seen["status"], seen["cancelled_by"], seen["host"]["username"]), ("cancelled", "host", None), "the invitee sees")
    server.client().get(f"/v1/event-types/{kind['id']}/slots?from=2026-03-03&to=2026-03-03&time_zone=UTC", status=404)


def test_erasing_a_busy_host(server):
    """In pieces, each of its own transaction: and everybody is told once."""
    host, kind, proof = scene(server, durations=[{"minutes": 5}])
    host.set_hours(ALWAYS)
    first = instant(TEN)
    times = [datetime.datetime.fromtimestamp(first + 300 * n, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(130)]
    made = [book(server, kind, start).json for start in times]
    host.delete("/v1/me", status=204)
    with server.database() as database:
        account = uuid.UUID(host.account["id"]).bytes
        found = database.execute("SELECT status, COUNT(*) FROM booking WHERE account_id = ? GROUP BY status", (account,)).fetchall()
        same([tuple(row) for row in found], [("cancelled", 130)], "bookings")
        told = database.execute("SELECT COUNT(*) FROM job WHERE account_id = ? AND dedupe_key LIKE '%:cancelled-%:invitee:%'", (account,)).fetchone()[0]
        same(told, 130, "mails to invitees")
        at = [row[0] for row in database.execute("SELECT number FROM audit WHERE account_id = ? AND action = 'booking.cancel' ORDER BY number", (account,))]
        same(len(at), 130, "entries of the audit")
    same(server.invitee(made[-1]).get(f"/v1/bookings/{made[-1]['id']}", status=200).json["cancelled_by"], "host", "the last one")


# ---- lists

def test_lists(server):
    host, kind, proof = scene(server)
    starts = [f"2026-03-0{d}T{h:02d}:00:00Z" for d in (3, 4, 5) for h in (9, 10, 11)]
    made = {s: book(server, kind, s, invitee=f"Name {i}", title=f"100%_{i}").json for i, s in enumerate(reversed(starts))}
    host.post(f"/v1/bookings/{made[starts[0]]['id']}/cancel", status=200)

    def walk(query, limit):
        found, cursor = [], None
        while True:
            page = host.get(f"/v1/bookings?limit={limit}{query}" + (f"&cursor={cursor}" if cursor else ""), status=200).json
            must(len(page["items"]) <= limit, "a page is too long")
            found += [b["start"] for b in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                return found
    for limit in (1, 2, 4, 9, 200):
        same(walk("", limit), starts, f"by pages of {limit}")
    same(walk("&status=cancelled", 2), starts[:1], "cancelled")
    same(walk("&status=confirmed", 3), starts[1:], "confirmed")
    same(walk("&from=2026-03-04T00:00:00Z&to=2026-03-05T00:00:00Z", 2), starts[3:6], "from, to")
    same(walk("&search=name%201", 2), ["2026-03-05T10:00:00Z"], "search")
    same(walk("&search=100%25_3", 2), [starts[5]], "search with signs of LIKE")
    same(walk("&search=IVY", 4), starts, "search in addresses")
    same(walk("&search=nobody", 4), [], "search for nobody")
    same(walk(f"&event_type_id={host.event_type['id']}", 4), [], "of another event type")
    same(walk("&updated_since=2026-03-02T08:00:01Z", 4), [], "updated since later")
    for query, field in (("limit=0", "/limit"), ("limit=201", "/limit"), ("limit=x", "/limit"), ("cursor=x", "/cursor"),
                         ("cursor=" + "A" * 32 + "A", "/cursor"), ("status=open", "/status"), ("from=yesterday", "/from"),
                         ("event_type_id=1", "/event_type_id"), ("colour=red", "/colour"), ("limit=1&limit=2", "/limit"),
                         ("Limit=1", "/Limit"), ("search=" + "x" * 101, "/search")):
        same(host.get("/v1/bookings?" + query, status=400).fields, [field], query)


run(globals())
