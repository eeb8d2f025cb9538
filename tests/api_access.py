"""Who may do what: every route of the document for every kind of caller, every scope, and every id of somebody else."""

import contextlib
import itertools
import json
import re

from noonmark import SCOPES, Client, Server, booking_body, check, must, run, same

NOBODYS = "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07"
ENDS_ITSELF = {("DELETE", "/v1/me"), ("DELETE", "/v1/sessions/current")}
ABUSED = {"createAccount", "requestSignInCode", "createEmailProof"}
PUSH_KEYS = {"p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
             "auth": "BTBZMqHH6r4Tts7J_aSIgg"}  # of RFC 8291
TEN, GUS = "2026-03-03T10:00:00Z", "gus@example.org"


def operations(server):
    for method, _, path, operation in server.contract.operations:
        ways = [set(way) for way in operation.get("security", [{}])]
        admin = operation.get("x-role") == "admin"
        yield method, path, operation, {"anyone": set() in ways, "user": {"bearer"} in ways and not admin,
                                        "invitee": {"token"} in ways, "guest": {"guest"} in ways, "admin": admin}


def boss(server):
    """The admin of a server for many tests."""
    if not hasattr(server, "boss"):
        server.boss = server.register("boss", "root@example.org")
    return server.boss


def guest_of(server, host):
    """A booking, and a guest who is invited to it."""
    kind = host.make_event_type("guests", minimum_notice_minutes=0)
    address = f"guest-of-{host.account['username']}@example.org"
    booking = host.post("/v1/bookings", booking_body(kind, TEN, guests=[{"email": address}]), status=201).json
    return booking, server.guest(address)


def fill(path, values):
    return re.sub(r"\{([a-z_]+)\}", lambda m: values.get(m.group(1), NOBODYS), path)


def attempt(client, method, path, operation, body=None):
    if "requestBody" in operation and body is None:
        body = {}
    query = ""
    return client.call(method, fill(path, {"date": "2026-03-02", "username": "nobody-here", "code": "none"}) + query, body)


class Cast:
    """One caller of each kind."""

    def __init__(self, server):
        self.admin = server.register("boss", "root@example.org")
        self.user = server.register("person")
        kind = self.user.make_event_type("talk", minimum_notice_minutes=0)
        self.booking = self.user.post("/v1/bookings", booking_body(kind, TEN, guests=[{"email": GUS}]), status=201).json
        self.nobody, self.invitee, self.guest = server.client(), server.invitee(self.booking), server.guest(GUS)
        self.keys = {scope: Client(server, "Bearer " + self.user.key([scope])) for scope in SCOPES}
        self.all_keys = Client(server, "Bearer " + self.user.key(SCOPES))


def test_roles_and_routes():
    with Server(admin_email="root@example.org") as server:
        cast, number = Cast(server), 0
        for method, path, operation, may in operations(server):
            if (method, path) in ENDS_ITSELF:
                check(may == {"anyone": False, "user": True, "invitee": False, "guest": False, "admin": False}, f"{method} {path} is for users")
                attempt(cast.nobody, method, path, operation)
                same(cast.nobody.call(method, path).status, 401, f"{method} {path} by nobody")
                same(cast.invitee.call(method, path).status, 403, f"{method} {path} by an invitee")
                same(cast.guest.call(method, path).status, 403, f"{method} {path} by a guest")
                same(cast.all_keys.call(method, path).status, 403, f"{method} {path} by a key")
                continue
            for name, client, allowed in (("nobody", cast.nobody, may["anyone"]), ("user", cast.user, may["anyone"] or may["user"]),
                                          ("admin", cast.admin, may["anyone"] or may["user"] or may["admin"]),
                                          ("invitee", cast.invitee, may["anyone"] or may["invitee"]),
                                          ("guest", cast.guest, may["anyone"] or may["guest"])):
                answer = attempt(client, method, path, operation)
                number += 1
                if allowed:
                    check(answer.status not in (401, 403), f"{method} {path} by {name}: {answer!r}")
                else:
                    wanted = 401 if name == "nobody" else 403
                    check(answer.status == wanted, f"{method} {path} by {name}: {answer!r}, not {wanted}")
        check(number > 100, f"{number} cells")


def test_scopes_and_routes():
    with Server() as server:
        cast = Cast.__new__(Cast)
        host = server.register("person")
        cast.keys = {scope: Client(server, "Bearer " + host.key([scope])) for scope in SCOPES}
        scopes_used = set()
        for method, path, operation, may in operations(server):
            needed = operation.get("x-scope")
            scopes_used.add(needed)
            for scope, client in cast.keys.items():
                answer = attempt(client, method, path, operation)
                if may["anyone"]:
                    check(answer.status not in (401, 403), f"{method} {path} with {scope}: {answer!r}")
                elif scope == needed:
                    check(answer.status not in (401, 403), f"{method} {path} with its scope {scope}: {answer!r}")
                else:
                    check(answer.status == 403, f"{method} {path} with {scope}, not {needed}: {answer!r}")
        same(scopes_used - {None}, set(SCOPES), "scopes that routes ask for")


def test_api_keys(server):
    host = server.register("keeper")
    made = host.post("/v1/api-keys", {"name": "CI", "scopes": ["bookings:read"], "expires_at": "2026-03-03T00:00:00Z"}, status=201).json
    check(made["key"].startswith("nm_") and made["key"].startswith(made["prefix"]), "the key and its prefix")
    listed = host.get("/v1/api-keys", status=200).json["items"]
    same([k["id"] for k in listed], [made["id"]], "listed")
    check("key" not in listed[0] and made["key"] not in json.dumps(listed), "the key is shown once")
    key = Client(server, "Bearer " + made["key"])
    key.get("/v1/bookings", status=200)
    for bad in (made["key"][:-1], made["key"] + "A", made["key"][:-1] + ("A" if made["key"][-1] != "A" else "B"), made["prefix"]):
        Client(server, "Bearer " + bad).get("/v1/bookings", status=401)
    other = server.register("thief")
    other.delete(f"/v1/api-keys/{made['id']}", status=404)
    key.get("/v1/bookings", status=200)
    host.delete(f"/v1/api-keys/{made['id']}", status=204)
    key.get("/v1/bookings", status=401)
    for body, field in (({"name": "x", "scopes": []}, "/scopes"), ({"name": "x", "scopes": ["everything"]}, "/scopes/0"),
                        ({"name": "", "scopes": ["account:read"]}, "/name"), ({"name": "x"}, "/scopes"),
                        ({"name": "x", "scopes": ["account:read"], "expires_at": "2026-03-02T08:00:00Z"}, "/expires_at"),
                        ({"name": "x\n", "scopes": ["account:read"]}, "/name"), ({"name": "x", "scopes": "account:read"}, "/scopes"),
                        ({"name": "x", "scopes": ["account:read"], "key": "nm_mine"}, "/key")):
        check(field in host.post("/v1/api-keys", body, status=400).fields, f"{body}")


def test_key_expires():
    with Server() as server:
        host = server.register("keeper")
        key = Client(server, "Bearer " + host.key(["account:read"], expires_at="2026-03-02T09:00:00Z"))
        server.clock("2026-03-02T08:59:59Z")
        key.get("/v1/me", status=200)
        server.clock("2026-03-02T09:00:00Z")
        key.get("/v1/me", status=401)


# ---- ids of others

def test_ids_of_others(server):
    """Two tenants: every id of one in every route of the other is not there."""
    one, two = server.register("tenant-one"), server.register("tenant-two")
    kind = one.make_event_type("talk", minimum_notice_minutes=0)
    booking = one.post("/v1/bookings", booking_body(kind, TEN), status=201).json
    off = one.post(f"/v1/schedules/{one.schedule['id']}/one-offs",
                   {"kind": "busy", "start": "2026-03-04T10:00:00Z", "end": "2026-03-04T11:00:00Z"}, status=201).json
    one.put(f"/v1/schedules/{one.schedule['id']}/overrides/2026-03-09", {"intervals": []}, status=200)
    key = one.post("/v1/api-keys", {"name": "k", "scopes": ["account:read"]}, status=201).json
    session = one.get("/v1/sessions").json["items"][0]
    webhook = one.post("/v1/webhooks", {"url": "https://hooks.example.org/in"}, status=201).json
    told = one.post("/v1/push-subscriptions", {"endpoint": "https://push.example.net/x", "keys": PUSH_KEYS}, status=201).json
    three = server.register("tenant-three")
    agreement = one.post("/v1/co-hosts", {"username": three.account["username"]}, status=201).json
    ids = {"schedules": one.schedule["id"], "event-types": kind["id"], "bookings": booking["id"], "api-keys": key["id"],
           "sessions": session["id"], "webhooks": webhook["id"], "co-hosts": agreement["id"],
           "push-subscriptions": told["id"]}
    words = {"message": "booked", "to": "invitee", "language": "en", "subject": "Mine", "text": "Mine"}
    queries = {"resetTemplate": "?message=booked&to=invitee&language=en"}
    bodies = {
        "/v1/bookings/{id}/guests": {"guests": [{"email": GUS}]},
        "/v1/event-types/{id}/templates": words, "/v1/event-types/{id}/templates/preview": words,
        "/v1/schedules/{id}": {"name": "Mine", "code": "mine", "time_zone": "UTC", "weekly": []},
        "/v1/schedules/{id}/rules": {"weekly": []}, "/v1/schedules/{id}/overrides": {"overrides": []},
        "/v1/schedules/{id}/overrides/{date}": {"intervals": []},
        "/v1/schedules/{id}/one-offs": {"kind": "busy", "start": TEN, "end": "2026-03-03T11:00:00Z"},
        "/v1/event-types/{id}": {"title": "Mine"}, "/v1/bookings/{id}/cancel": {}, "/v1/bookings/{id}/reschedule": {"start": TEN},
        "/v1/bookings/{id}/propose": {"starts": ["2026-03-03T12:00:00Z"]}, "/v1/bookings/{id}/accept": {"start": TEN},
        "/v1/webhooks/{id}/replay": {"from": "2026-03-01T00:00:00Z", "until": TEN},
    }
    public = {"listSlots", "explainSlot"}
    before, number = everything(server), 0
    for method, path, operation, may in operations(server):
        if "{id}" not in path or operation["operationId"] in public or may["anyone"] or not may["user"]:
            continue
        own = ids.get(path.split("/")[2])
        must(own, f"no id for {path}")
        for wild, status in ((own, 404), (ids["bookings" if own != ids["bookings"] else "schedules"], 404)):
            body = bodies.get(path) if "requestBody" in operation else None
            if method == "PATCH":
                body = {"name": "Mine"} if "schedules" in path else {"title": "Mine"}
            query = queries.get(operation["operationId"], "")
            answer = two.call(method, fill(path, {"id": wild, "date": "2026-03-09", "one_off_id": off["id"]}) + query, body)
            number += 1
            check(answer.status == status, f"{method} {path} with another's id: {answer!r}")
    check(number > 30, f"{number} swaps")
    same(everything(server), before, "the database after all swaps")
    # nested: one's own parent with another's child
    two.delete(f"/v1/schedules/{two.schedule['id']}/one-offs/{off['id']}", status=404)
    # ids in bodies and queries
    answer = two.post("/v1/event-types", {"code": "x", "title": "X", "durations": [{"minutes": 30}], "schedule_id": one.schedule["id"]},
                      status=(404, 422, 400))
    same(answer.fields, ["/schedule_id"], "another's schedule_id")
    two.patch(f"/v1/event-types/{two.event_type['id']}", {"schedule_id": one.schedule["id"]}, status=(404, 422, 400))
    same(two.get(f"/v1/bookings?event_type_id={kind['id']}", status=200).json["items"], [], "another's event type in a filter")
    two.post(f"/v1/bookings/{booking['id']}/cancel", status=404)
    # who is meant is never read from what the client says
    for header in ("X-User-Id", "X-Account-Id", "X-Forwarded-User", "X-HTTP-Method-Override", "X-Original-URL"):
        same(two.get("/v1/me", headers={header: one.account["id"]}, status=200).json["id"], two.account["id"], header)
    for path, body in (("/v1/sessions", {"email": "tenant-one@example.org", "password": "x", "account_id": two.account["id"]}),
                       ("/v1/sessions/otp/verify", {"email": "tenant-one@example.org", "code": "000000", "id": two.account["id"]}),
                       ("/v1/sessions/refresh", {"refresh_token": two.tokens["refresh_token"], "sub": one.account["id"]})):
        two.post(path, body, status=400)


def everything(server, without=("job", "delivery", "otp")):
    """All rows but those of the outbox."""
    with contextlib.closing(server.database()) as database:
        return {t: sorted(map(repr, database.execute(f"SELECT * FROM {t}"))) for t in server.tables() if t not in without}


def test_reading_changes_nothing(server):
    host = server.register("reader")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    booking = host.post("/v1/bookings", booking_body(kind, TEN), status=201).json
    ids = {"schedules": host.schedule["id"], "event-types": kind["id"], "bookings": booking["id"]}
    before = everything(server)
    for method, path, operation, may in operations(server):
        real = fill(path, {"id": ids.get(path.split("/")[2], NOBODYS), "username": "reader", "code": "talk"})
        for verb in ("GET", "HEAD", "OPTIONS"):
            for client in (host, server.client(), server.invitee(booking)):
                answer = client.call(verb, real)
                if verb == "HEAD":
                    same(answer.body, b"", f"HEAD {real}: no body")
    same(everything(server), before, "the database")


# ---- methods, bodies, types

def test_methods(server):
    host = server.register("methods")
    by_path = {}
    for method, path, operation, may in operations(server):
        by_path.setdefault(path, set()).add(method)
    for path, methods in by_path.items():
        real = fill(path, {"date": "2026-03-02"})
        if real == "/v1/sessions/current":
            methods = methods | by_path.get("/v1/sessions/{id}", set())
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if verb in methods:
                continue
            answer = host.call(verb, real, {} if verb in ("POST", "PUT", "PATCH") else None)
            allow = {m.strip() for m in answer.headers.get("allow", "").split(",")}
            if path.count("{") == 0 and any(p != path and re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", p), path) for p in by_path):
                continue  # another pattern fits as well
            check(answer.status == 405 and methods <= allow, f"{verb} {path}: {answer.status}, Allow {allow}, not {methods}")
        answer = server.client().call("OPTIONS", real)
        same(answer.status, 204, f"OPTIONS {path}")
        listed = [m.strip() for m in answer.headers.get("allow", "").split(",")]
        allow = set(listed)
        same(len(listed), len(allow), f"OPTIONS {path}: each method once")
        check(methods <= allow, f"OPTIONS {path}: {allow}")
        check("access-control-allow-origin" not in answer.headers, "no origin is let in")
    for verb in ("TRACE", "CONNECT", "PROPFIND", "BREW"):
        answer = server.client().send(verb, "/v1/me", None, {})
        check(answer.status in (400, 404, 405, 501), f"{verb}: {answer!r}")
    for path in ("/v1", "/v1/", "/v1/nothing", "/v1/me/", "//v1/me", "/v1//me", "/V1/me", "/v1/me%2f", "/v1/./me",
                 "/v1/../v1/me", "/v1/me;x", "/v1/bookings/%00", "/v1/users/%2e%2e/event-types"):
        answer = host.call("GET", path)
        check(answer.status in (400, 404), f"GET {path}: {answer!r}")
    same(server.client().get("/v1/me", headers={"X-HTTP-Method-Override": "DELETE"}).status, 401, "no method override")


def test_bodies(server):
    """Unknown members, wrong types, other media types, bodies where none belongs: refused, and named."""
    person = server.register("bodies")
    webhook = person.post("/v1/webhooks", {"url": "https://hooks.example.org/in"}, status=201).json
    booking, guest = guest_of(server, person)
    for method, path, operation, may in operations(server):
        host = boss(server) if may["admin"] else person if may["anyone"] or may["user"] else guest
        if (method, path) in ENDS_ITSELF:
            continue
        own = {"schedules": person.schedule["id"], "event-types": person.event_type["id"],
               "bookings": booking["id"] if method == "PATCH" else NOBODYS,
               "accounts": person.account["id"], "webhooks": webhook["id"]}.get(path.split("/")[2], NOBODYS)
        real = fill(path, {"date": "2026-03-02", "id": own})
        label = f"{method} {path}"
        if "requestBody" not in operation:
            if method != "GET":
                same(host.call(method, real, b"{}").status, 400, f"{label} with a body")
            continue
        for name in ("role", "account_id", "tenant_id", "__proto__", "constructor", "a" * 70, "é" * 40, "", "/", "~1"):
            if may["admin"] and name == "role":
                continue  # there it is known
            answer = host.call(method, real, {name: "admin"})
            check(answer.status == 400 and answer.json["errors"], f"{label} with the member {name[:9]!r}: {answer!r}")
        for media, wanted in (("text/plain", 415), ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415),
                              ("application/jsonp", 415), ("application/json-patch+json", 415), ("", 415), (",", 415)):
            answer = host.call(method, real, b"{}", headers={"Content-Type": media})
            check(answer.status == wanted, f"{label} as {media!r}: {answer!r}")
        for media in ("application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"):
            check(host.call(method, real, b"{}", headers={"Content-Type": media}).status != 415, f"{label} as {media}")
        for text in (b"", b" ", b"null", b"1", b'"x"', b"[]", b"[{}]", b"{", b"{}{}", b"{} x", b"{'a':1}", b"{\"a\":1,}", b"\xef\xbb\xbf{}",
                     b"{\"a\":NaN}", b"{\"a\":01}", b"{\"a\":\"\xff\"}", b"{\"a\":\"\\ud800\"}", b"{\"a\":\"\x00\"}", b"{\"a\":\"\\u0000\"}",
                     b"{\"a\":1,\"a\":2}", b"[" * 1000 + b"]" * 1000, b"{\"a\":" * 33 + b"1" + b"}" * 33, b"// {}\n{}", b"{}\x00"):
            answer = host.call(method, real, text)
            if not text and not operation["requestBody"]["required"]:
                continue
            check(answer.status in (400, 415), f"{label} with the body {text[:30]!r}: {answer!r}")
        answer = host.call(method, real, b"{\"a\":\"" + b"x" * (11 << 20) + b"\"}")
        check(answer.status == 413, f"{label} with 11 MB: {answer!r}")
        answer = host.call(method, real, b"{}", headers={"Content-Encoding": "gzip"})
        check(answer.status == 415, f"{label} with Content-Encoding: {answer!r}")


def test_queries(server):
    """Unknown, repeated and malformed parameters."""
    person = server.register("queries")
    _, guest = guest_of(server, person)
    for method, path, operation, may in operations(server):
        host = boss(server) if may["admin"] else person if may["anyone"] or may["user"] else guest
        if (method, path) in ENDS_ITSELF:
            continue
        real, label = fill(path, {"username": "queries", "code": "30min"}), f"{method} {path}"
        body = {} if "requestBody" in operation else None
        for query, field in (("colour=red", "/colour"), ("colour", "/colour"), ("__proto__=1", "/__proto__")):
            answer = host.call(method, f"{real}?{query}", body)
            check(answer.status == 400 and field in answer.fields or answer.status == 404 and "{" in path,
                  f"{label}?{query}: {answer!r}")
        names = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
        for name in names:
            answer = host.call(method, f"{real}?{name}=1&{name}=1", body)
            check(answer.status == 400, f"{label}?{name} twice: {answer!r}")
            for value in ("%00", "%ff", "%", "%zz", "x" * 5000, "%F0%9F%92%A9", "-9223372036854775809", "1e9", "'", "%E2%80%AE"):
                answer = host.call(method, f"{real}?{name}={value}", body)
                check(answer.status in (200, 400, 404, 414, 431), f"{label}?{name}={value[:20]}: {answer!r}")
        check(host.call(method, f"{real}?{'&'.join('a=1' for _ in range(200))}", body).status in (400, 404), f"{label} with 200 parameters")


# ---- what is not told

CANARIES = {"meta": "canary-metadata-71", "room": "canary-room-72", "notes": "canary-notes-73", "name": "Canary Invitee",
            "mail": "canary-74@example.org", "guest": "canary-75@example.org", "answer": "canary-answer-76", "reason": "canary-reason-77", "hook": "canary-hook-80",
            "password": "canary-password-78", "agent": "canary-agent-79", "hidden": "canary-hidden", "schedule": "Canary schedule"}


def test_canaries():
    """Secrets planted in every column: no stranger, no other tenant, no log and no failure tells them."""
    with Server() as server:
        host = server.register("planted", password=CANARIES["password"])
        other = server.register("curious")
        host.patch(f"/v1/schedules/{host.schedule['id']}", {"name": CANARIES["schedule"]}, status=200)
        kind = host.make_event_type("talk", minimum_notice_minutes=0, metadata={"x": CANARIES["meta"]},
                                    locations=[{"kind": "in_person", "value": CANARIES["room"]}],
                                    questions=[{"label": "Q", "kind": "text"}])
        host.make_event_type("secret", title=CANARIES["hidden"], hidden=True)
        webhook = host.post("/v1/webhooks", {"url": f"https://{CANARIES['hook']}.example.org/in"}, status=201).json
        proof = server.prove(CANARIES["mail"])
        b = server.client().post("/v1/bookings", booking_body(
            kind, TEN, CANARIES["name"], CANARIES["mail"], email_proof=proof, notes=CANARIES["notes"], guests=[{"email": CANARIES["guest"]}],
            answers=[{"question_id": kind["questions"][0]["id"], "value": CANARIES["answer"]}]), status=201,
            headers={"User-Agent": CANARIES["agent"]}).json
        server.client().post("/v1/sessions", {"email": "planted@example.org", "password": CANARIES["password"]},
                             headers={"User-Agent": CANARIES["agent"]}, status=200)
        secrets = set(CANARIES.values()) | {proof, webhook["secret"], host.tokens["refresh_token"], host.tokens["access_token"],
                                            b["manage_url"].rsplit("/", 1)[1]}
        ids = {"schedules": host.schedule["id"], "event-types": kind["id"], "bookings": b["id"], "webhooks": webhook["id"]}
        window = "from=2026-03-02&to=2026-03-10&time_zone=UTC"
        paths = [fill(path, {"id": ids.get(path.split("/")[2], NOBODYS), "username": "planted", "code": "talk"})
                 for method, path, _, _ in operations(server) if method == "GET"]
        paths += [f"/v1/event-types/{kind['id']}/slots?{window}", f"/v1/event-types/{kind['id']}/explain?at={TEN}",
                  f"/v1/users/planted/busy?{window}", f"/v1/overlap?users=planted,curious&{window}"]
        for path, client in itertools.product(paths, (server.client(), other)):
            told = client.call("GET", path)
            for secret in secrets:
                check(secret not in told.body.decode() + str(told.headers), f"GET {path} tells {secret}")
        for body in (booking_body(kind, TEN, email_proof=proof, address=CANARIES["mail"]), booking_body(kind, "2026-03-08T10:00:00Z")):
            told = other.post("/v1/bookings", body, status=(403, 409, 422)).body.decode()
            check(not any(s in told for s in secrets), f"a refusal tells: {told}")
        server.invitee(b).post(f"/v1/bookings/{b['id']}/cancel", {"reason": CANARIES["reason"]}, status=200)
        server.wait_mails(CANARIES["mail"], 3)
        log = server.log()
        for secret in secrets | {"planted@example.org"}:
            check(secret not in log, f"the log tells {secret}")
        for line in log[:log.rindex("\n")].splitlines():  # what comes after that is just being written
            must(isinstance(json.loads(line), dict), f"a log line is no JSON object: {line}")


def test_failures_tell_nothing_inside(server):
    """No path, statement or function name in any problem document."""
    host = server.register("inside")
    texts = [host.call(*call).body.decode() for call in (
        ("GET", "/v1/bookings?cursor=AAAA"), ("GET", "/v1/bookings/x"), ("POST", "/v1/bookings", b"{"), ("GET", "/nothing"),
        ("PATCH", "/v1/me", {"time_zone": "../../../etc/passwd"}), ("POST", "/v1/schedules", {"name": "x" * 300, "code": "'--"}),
        ("POST", "/v1/slots", {"schedule": 1}), ("GET", "/v1/users/' OR 1=1 --".replace(" ", "%20")))]
    for text in texts:
        check(not re.search(r"SELECT|INSERT|sqlite|\.c:\d|/usr|/work|/tmp|src/|0x[0-9a-f]{6}", text), text)
    answer = host.get("/v1/me", status=200)
    check("server" not in answer.headers or not re.search(r"\d", answer.headers["server"]), "no version in Server")


run(globals(), admin_email="root@example.org")
