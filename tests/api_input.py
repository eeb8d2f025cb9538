"""Bad input, everywhere: refused with a 4xx that names the field, and nothing stored.  Also rate limits and ETags."""

import contextlib
import json
import os
import subprocess
import tempfile
import time

from noonmark import BINARY, Server, booking_body, check, run, same

DAY = "from=2026-03-02&to=2026-03-08"
HIDDEN = ["a\u202eb", "a\u200bb", "a\u2066b", "\ufeffa", "a\u00adb", "a\u0085b", "a\x7fb", "a\nb", "a\tb", "a\x1bb", "a\u3164", "a\uffff"]
LINKS = ["see www.example.org", "http://a.example", "evil.example", "HTTPS://X.EXAMPLE", "a@example.org", "buy://now", "t.me/x", "пример.рф"]
ZONES = ["", "Mars/Base", "europe/berlin", "../../etc/passwd", "/etc/localtime", "Europe/Berlin ", "Europe/Berlin\u0000", "UTC+1", "x" * 65,
         "Europe//Berlin", "posix/Europe/Berlin", "right/UTC", "tzdata.zi", "Factory\n"]
INSTANTS = ["", "yesterday", "2026-02-30T10:00:00Z", "2026-03-03T25:00:00Z", "2026-03-03T10:60:00Z", "2026-03-03T10:00:60Z", "2026-03-03",
            "2026-03-03T10:00Z", "2026-03-03 10:00:00Z", "2026-03-03T10:00:00", "2026-03-03T10:00:00.5Z", "1969-12-31T23:59:59Z",
            "2200-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "2026-03-03T10:00:00+24:00", 1772532000, None, {},
            "2026-3-3T10:00:00Z", "２０２６-03-03T10:00:00Z", "2026-03-03t10:00:00z "]
DATES = ["", "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "03/02/2026", "1969-12-31", "2200-01-01", 20260302, None, "2026-03-02T00:00:00Z"]
TIMES = ["", "25:00", "24:01", "9:00", "09:60", "0900", "09:00:00", "-1:00", 540, None]


def stored(server):
    """What the subject rows are: nothing bad may change them."""
    with contextlib.closing(server.database()) as database:
        return {t: sorted(map(repr, database.execute(f"SELECT * FROM {t}"))) for t in
                ("account", "registration", "schedule", "one_off", "event_type", "booking", "booking_guest", "reservation", "hold", "audit")}


def refused(label, answer, *fields):
    check(answer.status == 400 and set(fields) & set(answer.fields), f"{label}: {answer.status} {answer.fields}, not 400 {fields}")
    if answer.status == 400 and answer.json["errors"]:
        check(all(len(e["message"]) > 8 for e in answer.json["errors"]), f"{label}: a message says what would be right")


def test_schedules(server):
    host = server.register("schedules-of")
    rule = {"days": ["mon"], "start": "09:00", "end": "17:00"}
    good = {"name": "Work", "code": "work", "time_zone": "UTC", "weekly": [rule], "overrides": [], "one_offs": []}
    before = stored(server)

    def post(field, **members):
        refused(f"{members}"[:80], host.post("/v1/schedules", {**good, **members}), field)
    for zone in ZONES:
        if "\0" in zone:
            continue  # no JSON text holds a NUL: below
        post("/time_zone", time_zone=zone)
    for text in TIMES:
        post("/weekly/0/start", weekly=[{**rule, "start": text}])
        post("/weekly/0/end", weekly=[{**rule, "end": text}])
        post("/overrides/0/intervals/0/start", overrides=[{"date": "2026-03-02", "intervals": [{"start": text, "end": "10:00"}]}])
    for text in DATES:
        post("/overrides/0/date", overrides=[{"date": text, "intervals": []}])
        if text is not None:
            post("/weekly/0/from", weekly=[{**rule, "from": text}])
    for text in INSTANTS:
        post("/one_offs/0/start", one_offs=[{"kind": "busy", "start": text, "end": "2026-03-04T10:00:00Z"}])
    for start, end in (("09:00", "09:00"), ("24:00", "10:00"), ("00:00", "00:00")):
        refused(f"{start} to {end}", host.post("/v1/schedules", {**good, "weekly": [{**rule, "start": start, "end": end}]}),
                "/weekly/0/start", "/weekly/0/end", "/weekly/0")
    refused("until before from", host.post("/v1/schedules", {**good, "weekly": [{**rule, "from": "2026-03-02", "until": "2026-03-01"}]}),
            "/weekly/0/until", "/weekly/0/from")
    refused("an end before its start", host.post("/v1/schedules", {**good, "one_offs": [
        {"kind": "busy", "start": "2026-03-04T10:00:00Z", "end": "2026-03-04T09:00:00Z"}]}), "/one_offs/0/end", "/one_offs/0")
    refused("seconds", host.post("/v1/schedules", {**good, "one_offs": [
        {"kind": "busy", "start": "2026-03-04T10:00:30Z", "end": "2026-03-04T11:00:00Z"}]}), "/one_offs/0/start", "/one_offs/0")
    refused("one date twice", host.post("/v1/schedules", {**good, "overrides": [{"date": "2026-03-02", "intervals": []}] * 2}),
            "/overrides/1/date", "/overrides/1")
    post("/weekly/0/days/0", weekly=[{**rule, "days": ["monday"]}])
    post("/weekly/0/days", weekly=[{**rule, "days": []}])
    post("/weekly/0/kind", weekly=[{**rule, "kind": "free"}])
    post("/weekly/0/extra", weekly=[{**rule, "extra": 1}])
    post("/weekly", weekly=[rule] * 201)
    post("/weekly", weekly={})
    for code in ("", "A", "a b", "-a", "a-", "x" * 61, "ä", "a/b", None, 5):
        post("/code", code=code)
    for name in ["", "x" * 300, None, 5, *HIDDEN]:
        post("/name", name=name)
    answer = host.post("/v1/schedules", {**good, "weekly": [rule, {**rule, "start": "16:00", "end": "18:00"}]})
    check(answer.status in (400, 422), f"overlapping rules of one kind: {answer!r}")
    same(stored(server), before, "the database")


def test_event_types(server):
    host = server.register("event-types-of")
    good = {"code": "talk", "title": "Talk", "durations": [{"minutes": 30}]}
    before = stored(server)

    def post(field, **members):
        refused(f"{members}"[:80], host.post("/v1/event-types", {**good, **members}), field)
    for minutes in (0, -1, 5256000, 1441, 30.5, "30", None, True, 2**53, 2**63, 10**400, -2**63):
        answer = host.post("/v1/event-types", {**good, "durations": [{"minutes": minutes}]})
        check(answer.status == 400, f"{str(minutes)[:30]} minutes: {answer!r}")
        for field in ("interval_minutes", "buffer_before_minutes", "minimum_notice_minutes", "horizon_days", "seats"):
            if minutes in (None, 0, 1441, 30.5) or isinstance(minutes, int) and 0 < minutes < 10**6:
                continue
            answer = host.post("/v1/event-types", {**good, field: minutes})
            check(answer.status == 400, f"{field} {str(minutes)[:30]}: {answer!r}")
    post("/durations", durations=[])
    post("/durations", durations=[{"minutes": i + 1} for i in range(11)])
    post("/durations/1/minutes", durations=[{"minutes": 30}, {"minutes": 30}])
    for price, field in (({"amount": -1, "currency": "EUR"}, "amount"), ({"amount": 1, "currency": "XXX"}, "currency"),
                         ({"amount": 1, "currency": "eur"}, "currency"), ({"amount": 1, "currency": "EURO"}, "currency"),
                         ({"amount": 1.5, "currency": "EUR"}, "amount"), ({"amount": 1}, "currency"), ({"currency": "EUR"}, "amount"),
                         ({"amount": 10**10, "currency": "EUR"}, "amount"), ({"amount": 1, "currency": ""}, "currency")):
        post(f"/durations/0/price/{field}", durations=[{"minutes": 30, "price": price}])
    post("/window/until", window={"from": "2026-03-02", "until": "2026-03-01"})
    post("/window/until", window={"from": "2026-03-02"})
    post("/limits/day", limits={"day": 0})
    post("/limits/year", limits={"year": 1})
    for color in ("red", "#12345", "#1234567", "#ggg000"):
        post("/color", color=color)
    for link in ("http://example.org", "javascript:alert(1)", "https://", "https://exa mple.org", "https://localhost/x", "https://a.example/\"><script>"):
        post("/locations/0/value", locations=[{"kind": "link", "value": link}])
    post("/locations/0/kind", locations=[{"kind": "moon", "value": "x"}])
    post("/locations/0/value", locations=[{"kind": "in_person"}])
    for title in ["", "x" * 500, *HIDDEN, *LINKS]:
        post("/title", title=title)
    post("/questions/0/choices", questions=[{"label": "Q", "kind": "choice"}])
    post("/questions/0/kind", questions=[{"label": "Q", "kind": "file"}])
    post("/questions/0/id", questions=[{"id": "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07", "label": "Q", "kind": "text"}])
    for metadata in ([], "x", 5, {"a": "x" * 5000}):
        post("/metadata", metadata=metadata)
    for ident in ("x", 5, "0190b5a4", "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c0z", "0190B5A4-7C1E-7C39-9D52-2A6F4E8B1C07x"):
        post("/schedule_id", schedule_id=ident)
    same(stored(server), before, "the database")
    host.post("/v1/event-types", good, status=201)
    answer = host.post("/v1/event-types", good, status=409)
    same(answer.fields, ["/code"], "a code in use")


def test_bookings(server):
    host = server.register("bookings-of")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    good = booking_body(kind, "2026-03-03T10:00:00Z")
    before = stored(server)

    def post(field, **members):
        refused(f"{members}"[:80], host.post("/v1/bookings", {**good, **members}), field)
    for text in INSTANTS:
        post("/start", start=text)
    for zone in ZONES:
        if "\0" in zone:
            continue  # no JSON text holds a NUL: below
        post("/time_zone", time_zone=zone)
    for minutes in (0, -30, 31, 5256000, "30", None, 30.0001, 2**64):
        answer = host.post("/v1/bookings", {**good, "duration_minutes": minutes})
        check(answer.status == 400, f"{minutes} minutes: {answer!r}")
    for name in ["", " ", "x" * 121, "a\u0000b", *HIDDEN, *LINKS]:
        answer = host.post("/v1/bookings", {**good, "invitee": {"name": name, "email": "ivy@example.org"}})
        check(answer.status == 400, f"the name {name[:20]!r}: {answer!r}")
    for address in ("", "ivy", "ivy@", "@example.org", "ivy@example", "i vy@example.org", "ivy@example.org\r\nBcc: eve@example.org",
                    "ivy@example.org\n", "\"ivy\"@example.org", "ivy@[127.0.0.1]", "ivy@exa_mple.org", "ivy@-a.org", "ivy..x@example.org",
                    ".ivy@example.org", "ivy@example.org,eve@example.org", "<ivy@example.org>", "ivy@example.org>", "ïvy@example.org",
                    "ivy@xn--.org\u202e", "a" * 300 + "@example.org"):
        answer = host.post("/v1/bookings", {**good, "invitee": {"name": "Ivy", "email": address}})
        refused(f"the address {address[:30]!r}", answer, "/invitee/email")
    for member in ("id", "status", "account_id", "host", "sequence", "version", "price", "manage_url", "expires_at", "token"):
        post("/" + member, **{member: "x"})
    post("/invitee/role", invitee={"name": "Ivy", "email": "ivy@example.org", "role": "admin"})
    post("/location", location=1)
    post("/location", location=-1)
    post("/metadata", metadata={"a": "x" * 5000})
    post("/notes", notes="a\u202eb")
    post("/notes", notes="x" * 20000)
    for title in [*HIDDEN, *LINKS]:
        post("/title", title=title)
    for ident in ("x", 7, [], "0190b5a4-7c1e-7c39-9d52"):
        post("/event_type_id", event_type_id=ident)
    host.post("/v1/bookings", {**good, "event_type_id": "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07"}, status=404)
    for missing in ("event_type_id", "start", "duration_minutes", "time_zone", "invitee"):
        refused(f"without {missing}", host.post("/v1/bookings", {k: v for k, v in good.items() if k != missing}), "/" + missing)
    same(stored(server), before, "the database")


def test_nul(server):
    """A NUL makes any body malformed, wherever it stands; the member is named."""
    host = server.register("nul-of")
    for body, fields in ((b'{"time_zone":"Europe/Berlin\\u0000"}', ["/time_zone"]), (b'{"a\\u0000":1}', ["/a\\u0000"]),
                         (b'{"first_name":"a\x00b"}', ["/first_name"]), (b'{"first_name":"x"}\x00', [])):
        answer = host.patch("/v1/me", body, status=400)
        same((answer.code, answer.fields), ("malformed", fields), repr(body))
    answer = host.get("/v1/users/nul-of/busy?from=2026-03-02&to=2026-03-02&time_zone=UTC%00", status=400)
    same((answer.code, answer.fields), ("malformed", ["/time_zone"]), "in a query")


def test_members_given_twice(server):
    """Wherever they stand, they are named."""
    client = server.client()
    for body, field in ((b'{"invitee":{"name":"Ivy","email":"a@example.org","email":"b@example.org"}}', "/invitee/email"),
                        (b'{"guests":[{"email":"a@example.org"},{"email":"b@example.org","email":"c@example.org"}]}', "/guests/1/email"),
                        (b'{"start":"2026-03-03T10:00:00Z","start":"2026-03-03T11:00:00Z"}', "/start")):
        answer = client.post("/v1/bookings", body, status=400)
        same((answer.code, answer.fields), ("malformed", [field]), repr(body))


def test_keys(server):
    host = server.register("keys-of")
    for members, field in (({"scopes": []}, "/scopes"), ({"scopes": ["admin"]}, "/scopes/0"), ({"scopes": ["account:read", "account:read"]}, "/scopes/1"),
                           ({"scopes": "account:read"}, "/scopes"), ({"name": ""}, "/name"), ({"name": "a\u202eb"}, "/name"),
                           ({"expires_at": "2026-03-02T08:00:00Z"}, "/expires_at"), ({"expires_at": "tomorrow"}, "/expires_at")):
        refused(f"a key with {members}", host.post("/v1/api-keys", {"name": "k", "scopes": ["account:read"], **members}), field)
    same(host.get("/v1/api-keys", status=200).json["items"], [], "keys")


def test_all_mistakes_at_once(server):
    """A form is told of all its mistakes, and of them only."""
    host = server.register("mistakes-of")
    answer = host.post("/v1/bookings", {"event_type_id": "x", "start": "x", "duration_minutes": "x", "invitee": {"name": ""}, "colour": 1}, status=400)
    same(set(answer.fields), {"/event_type_id", "/start", "/duration_minutes", "/invitee/name", "/invitee/email", "/colour", "/time_zone"}, "fields")
    many = host.post("/v1/bookings", {f"m{i}": 1 for i in range(500)}, status=400)
    check(len(many.json["errors"]) <= 20, "a bounded list of mistakes")
    # what has a form is told it, not how many bytes are missing
    for path, body, words in (("/v1/email-proofs", {"email": "x"}, "an email address like"), ("/v1/sessions/otp/verify", {"email": "a@example.org", "code": "12"}, "six digits"),
                              ("/v1/sessions/otp/verify", {"email": "a@example.org", "code": "1234567"}, "six digits")):
        check(words in host.post(path, body, status=400).json["detail"], f"{path} {body}")
    strange = host.post("/v1/bookings", {"a/b~c": 1, "é" * 50: 1, "\"\\\n": 1}, status=400)
    check("/a~1b~0c" in strange.fields, f"JSON pointers are escaped: {strange.fields}")


def test_ranges(server):
    host = server.register("ranges-of")
    slots = f"/v1/event-types/{host.event_type['id']}/slots"
    for query, field in ((f"{DAY}&time_zone=Mars/Base", "/time_zone"), ("from=2026-03-08&to=2026-03-02&time_zone=UTC", "/to"),
                         ("from=2026-03-02&to=2026-06-02&time_zone=UTC", "/to"), ("from=2026-02-30&to=2026-03-02&time_zone=UTC", "/from"),
                         ("to=2026-03-02&time_zone=UTC", "/from"), (f"{DAY}&time_zone=UTC&duration_minutes=31", "/duration_minutes"),
                         (f"{DAY}&time_zone=UTC&duration_minutes=0", "/duration_minutes"), (f"{DAY}&time_zone=", "/time_zone"),
                         (f"{DAY}&time_zone=UTC&duration_minutes=x", "/duration_minutes")):
        for path in (slots, "/v1/users/ranges-of/busy", "/v1/calendar"):
            if "duration" in query and path != slots:
                continue
            answer = host.get(f"{path}?{query}")
            if path != slots:
                query = query.replace("2026-06-02", "2027-03-03")  # 366 days are shown there, 62 of slots
            refused(f"{path}?{query}", host.get(f"{path}?{query}"), field)
    overlap = f"/v1/overlap?{DAY}&time_zone=UTC&users="
    same(host.get(overlap + "ranges-of,nobody-there", status=404).fields, ["/users"], "an unknown user")
    refused("200 users", host.get(overlap + ",".join(f"user-{i}" for i in range(200))), "/users")
    for minutes in ("0", "-30", "5256000", "x", "30.5"):
        refused(f"{minutes} minutes", host.get(f"{overlap}ranges-of&duration_minutes={minutes}"), "/duration_minutes")
    refused("bookings before they start", host.get("/v1/bookings?from=2026-03-02T08:00:00Z&to=2026-03-02T07:59:59Z"), "/to")
    refused("an order of requests only", host.get("/v1/bookings?order=pending_until"), "/order")


def test_stateless_slots(server):
    client = server.client()
    good = {"now": "2026-03-02T00:00:00Z", "query": {"from": "2026-03-02", "to": "2026-03-03", "time_zone": "UTC"}, "event": {"duration_minutes": 30},
            "schedule": {"time_zone": "UTC", "weekly": [{"days": ["mon"], "start": "09:00", "end": "10:00"}], "overrides": [], "one_offs": []}}
    same(client.post("/v1/slots", good, status=200).json["slots"], ["2026-03-02T09:00:00Z", "2026-03-02T09:30:00Z"], "a case")
    for part, member, value in (("event", "duration_minutes", 0), ("query", "to", "2026-03-01"), ("query", "to", "2028-03-01"),
                                ("schedule", "time_zone", "Mars/Base"), ("query", "time_zone", "../x"), ("event", "seats", 0)):
        bad = json.loads(json.dumps(good))
        bad[part][member] = value
        answer = client.post("/v1/slots", bad)
        check(answer.status in (400, 422), f"{part}.{member} = {value}: {answer!r}")
        check(answer.status == 422 or f"/{part}/{member}" in answer.fields, f"{part}.{member}: {answer.fields}")


# ---- settings

def test_settings():
    """What cannot be stops the start, with the setting's name and what would be right."""
    with tempfile.TemporaryDirectory() as folder:
        def start(text="", **settings):
            path = os.path.join(folder, "conf")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            environment = {"NOONMARK_LISTEN": "127.0.0.1:0", "NOONMARK_METRICS_LISTEN": "", "NOONMARK_DATA": os.path.join(folder, "data")}
            environment.update({f"NOONMARK_{k.upper()}": v for k, v in settings.items()})
            return subprocess.run([BINARY, "serve", "--config", path], env=environment, capture_output=True, text=True)
        for name, value, wants in (
                ("threads", "0", "from 1 to 64"), ("threads", "two", "whole number"), ("rate_limits", "maybe", "\"off\", \"on\""), ("default_plan", "gold", "\"free\""),
                ("head_seconds", "0", "from 1 to 3600"), ("mail_from", "me", ""), ("base_url", "ftp://a.example", "https://"),
                ("base_url", "https://", "https://"), ("base_url", "https://a.example/?x", "https://"), ("database", "mysql://a", "postgresql://"),
                ("smtp_url", "http://a.example", "smtps://"), ("smtp_url", "smtp://a.example?tls=maybe", "tls=none")):
            done = start(**{name: value})
            check(done.returncode == 1 and name in done.stderr and wants in done.stderr and "must be must" not in done.stderr and not done.stdout,
                  f"{name} = {value}: {done.returncode} {done.stderr!r}")
        for text, words in (("color = red", "there is no setting \"color\""), ("[a]\nthreads = 2", "no sections"), ("threads", "line 1"), ("threads = 2\nthreads = 3", "threads is given twice"),
                            ("threads = 100", "from 1 to 64"), ("trusted_proxies = here", "here")):
            done = start(text)
            check(done.returncode == 1 and words in done.stderr, f"{text!r}: {done.returncode} {done.stderr!r}")


# ---- limits and ETags

def test_rate_limits():
    with Server(rate_limits=True) as server:
        client = server.client()
        first = client.get("/v1/users/nobody", status=404)
        limit, left = int(first.headers["ratelimit-limit"]), int(first.headers["ratelimit-remaining"])
        check(0 <= left < limit, f"{left} left of {limit}")
        body, statuses = {"email": "a@example.org", "password": "wrong password"}, []
        for i in range(60):
            answer = client.post("/v1/sessions", body)
            statuses.append(answer.status)
            if answer.status == 429:
                break
        same(statuses[-1], 429, f"sign-ins are capped ({len(statuses)} tried)")
        wait = int(answer.headers["retry-after"])
        check(1 <= wait <= 60, f"Retry-After {wait}")
        server.clock(time.strftime("2026-03-02T08:%M:%SZ", time.gmtime(wait)))
        same(client.post("/v1/sessions", body).status, 401, "after the wait")
        # who says to come from elsewhere does not
        same({client.post("/v1/sessions", body, headers={"X-Forwarded-For": f"192.0.2.{i}", "Forwarded": f"for=192.0.2.{i}"}).status
              for i in range(30)} & {429}, {429}, "forwarded addresses of strangers count for nothing")


def test_no_rate_limits(server):
    client = server.client()
    statuses = {client.get("/v1/users/nobody").status for _ in range(700)}
    same(statuses, {404}, "700 reads")
    check("ratelimit-limit" not in client.get("/v1/users/nobody").headers, "no RateLimit members")


def test_etags(server):
    host = server.register("etags-of")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    paths = ["/v1/openapi.json", "/v1/me", f"/v1/schedules/{host.schedule['id']}", f"/v1/event-types/{kind['id']}",
             f"/v1/event-types/{kind['id']}/slots?{DAY}&time_zone=UTC"]
    for path in paths:
        answer = host.get(path, status=200)
        tag = answer.headers.get("etag", "")
        check(tag.startswith('"'), f"{path}: a strong ETag: {tag}")
        for wanted, status in ((tag, 304), ("W/" + tag, 304), (f'"x", {tag}', 304), ("*", 304), ('"x"', 200), (tag.strip('"'), 200)):
            again = host.get(path, headers={"If-None-Match": wanted})
            check(again.status == status, f"{path} If-None-Match {wanted}: {again.status}, not {status}")
            same(again.headers.get("etag"), tag, f"{path}: its ETag")
    slots = paths[-1]
    tag = host.get(slots).headers["etag"]
    host.post("/v1/bookings", booking_body(kind, "2026-03-03T10:00:00Z"), status=201)
    again = host.get(slots, headers={"If-None-Match": tag}, status=200)
    check(again.headers["etag"] != tag, "another ETag once the answer is another")
    check("2026-03-03T10:00:00" not in again.body.decode(), "what is booked is not listed")


def test_headers_of_every_answer(server):
    host = server.register("headers-of")
    for path in ("/v1/me", "/v1/nothing", "/v1/openapi.json", "/healthz", "/readyz"):
        answer = host.get(path)
        for name, value in (("x-content-type-options", "nosniff"), ("x-frame-options", "DENY")):
            same(answer.headers.get(name), value, f"{path}: {name}")
        check("default-src 'none'" in answer.headers.get("content-security-policy", ""), f"{path}: Content-Security-Policy")
        if path == "/v1/me":
            same(answer.headers.get("cache-control"), "no-store", f"{path}: Cache-Control")
    for method, path, allowed in (("BREW", "/v1/me", "POST"), ("TRACE", "/v1/me", "POST"), ("DELETE", "/v1/overlap", "GET")):
        answer = host.call(method, path, status=405)
        check(allowed in answer.headers.get("allow", ""), f"{method} {path}: Allow: {answer.headers.get('allow')}")
    ids = {host.get("/v1/me").headers["x-request-id"] for _ in range(50)}
    same(len(ids), 50, "request ids")
    given = host.get("/v1/me", headers={"X-Request-Id": "mine\x7f"}).headers["x-request-id"]
    check("mine" not in given, "request ids are ours")
    check(all(i in server.log() for i in ids), "they are in the log")
    same(os.stat(os.path.join(server.folder, "master.key")).st_mode & 0o777, 0o600, "mode of the key")
    same(os.stat(server.folder).st_mode & 0o777, 0o700, "mode of the folder")


run(globals())
