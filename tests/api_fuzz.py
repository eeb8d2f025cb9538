"""Generated requests: valid ones made from the OpenAPI document, and the same with something wrong.  Stateful: ids that
answers bring are used again.  No 5xx, every answer as documented, none that hangs.

    tests/api_fuzz.py [--requests 2000] [--seed N]
"""

import json
import random
import re
import time

from noonmark import ALWAYS, PASSWORD, SCOPES, Client, Failed, Server, argument, booking_body, check, run
from receiver import Receiver

SEED = argument("seed", int(time.time()))
SLOWEST = 30.0
SCENES = 50
RECEIVER = Receiver().__enter__()
STRANGE = ["", " ", "a", "x" * 300, "é" * 60, "\u202e", "\u200b", "\ud7ff", "\U0001f4a9", "'", "\"", "<b>", "%00", "../", "{}", "null", "0", "-1", "\n",
           "\\u0000", "=1+1", "${7*7}", "{{7}}", "2026-02-30", "24:00", "1e999", "UTC", "Europe/Berlin"]
NUMBERS = [0, 1, -1, 5, 15, 30, 60, 1440, 1441, 2**31, 2**53, 2**53 + 1, 2**63, -2**63, 10**30, 0.5, 1e308, True, None]
WORDS = {"time_zone": ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns"], "email": ["ivy@example.org", "bob@example.org", "fuzzed@example.org"],
         "username": ["fuzzed", "other", "nobody"], "url": [RECEIVER.url + "/in"], "code": ["30min", "talk", "123456", "x1"], "currency": ["EUR", "USD"],
         "password": [PASSWORD, "another long password"], "scopes": SCOPES, "users": ["fuzzed"], "color": ["#8A5A00"]}


PARTS = {"one-offs": "one_off", "deliveries": "delivery"}  # of what has an id in the path itself


class Maker:
    """Values for schemas: valid where it knows how, and then broken where asked.  A tame one leaves out most of what need
    not be there, so that what it makes is accepted more often."""

    def __init__(self, chance, document, known):
        self.chance, self.document, self.known, self.tame = chance, document, known, False

    def resolve(self, schema):
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema:
            return self.resolve(self.chance.choice(schema["anyOf"]))
        return schema

    def value(self, schema, name="", depth=0):
        c, schema = self.chance, self.resolve(schema)
        kind = schema.get("type", "object")
        if isinstance(kind, list):
            kind = c.choice(kind)
        if "enum" in schema:
            return c.choice(schema["enum"])
        if kind == "object":
            if "properties" not in schema:
                return c.choice([{}, {"a": 1}, {"a": {"b": [None, True, 1.5, "x"]}}])
            must = schema.get("required", [])
            return {n: self.value(s, n, depth + 1) for n, s in schema["properties"].items()
                    if n in must or c.random() < (0.1 if self.tame else 0.5)}
        if kind == "array":
            most = min(schema.get("maxItems", 3), 3)
            return [self.value(schema["items"], name, depth + 1) for _ in range(c.randint(min(schema.get("minItems", 0), most), most))]
        if kind == "integer":
            low, high = schema.get("minimum", 0), schema.get("maximum", 100)
            return c.choice([low, min(high, max(low, 30)), min(high, max(low, 60)), c.randint(low, high)])
        if kind == "boolean":
            return c.random() < 0.5
        return None if kind == "null" else self.text(schema, name)

    def text(self, schema, name):
        c, form = self.chance, schema.get("format")
        if form == "uuid":
            ids = self.known.get(name.removesuffix("_id"), []) or [i for l in self.known.values() for i in l]
            return pick(c, ids)
        if form == "date-time":
            return f"2026-03-{c.randint(2, 9):02d}T{c.randint(0, 23):02d}:{c.choice((0, 15, 30, 45)):02d}:00Z"
        if form == "date":
            return f"2026-03-{c.randint(1, 28):02d}"
        if "24:00" in schema.get("pattern", ""):
            return f"{c.randint(0, 23):02d}:{c.choice((0, 30)):02d}"
        for word, values in WORDS.items():
            if word in name or form == word:
                return c.choice(values)
        if form == "uri":
            return "https://example.org/room"
        return c.choice(["Word", "Some words", f"w{c.randrange(100)}"])[:schema.get("maxLength", 200)] or "w"

    def spoil(self, value):
        """The same with one thing changed somewhere inside."""
        c = self.chance
        if isinstance(value, dict) and value and c.random() < 0.85:
            value, name = dict(value), c.choice(list(value))
            roll = c.random()
            if roll < 0.15:
                del value[name]
            elif roll < 0.25:
                value[c.choice(STRANGE) or "_"] = value[name]
            else:
                value[name] = self.spoil(value[name])
            return value
        if isinstance(value, list) and value and c.random() < 0.8:
            i = c.randrange(len(value))
            return c.choice([value[:i] + [self.spoil(value[i])] + value[i + 1:], value * 40, value[:i], [value]])
        return c.choice([c.choice(STRANGE), c.choice(NUMBERS), [], {}, [[]], None, False, str(value) + c.choice(STRANGE)])


def remember(known, method, path, answer):
    """Ids of what was made or listed, by the kind of thing; of keys only those made here, as others are in use."""
    if method == "GET" and path == "/v1/api-keys":
        return
    try:
        document = answer.json
    except ValueError:
        return
    kind = PARTS.get(path.rsplit("/", 1)[1]) or path.split("/")[2].rstrip("s").replace("-", "_")
    for item in [document] + document.get("items", []) if isinstance(document, dict) else []:
        if isinstance(item, dict) and re.fullmatch(r"[0-9a-f-]{36}", str(item.get("id", ""))):
            ids = known.setdefault(kind, [])
            ids.append(item["id"])
            del ids[:-40]


def request_of(maker, chance, method, path, operation, known):
    def fill(match):
        name = match.group(1)
        if not maker.tame and chance.random() < 0.1:
            return chance.choice(["x", "0", "%2e%2e", "%00", "a" * 200, "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07", "%f0%9f%92%a9", "'--", "~"])
        if name.endswith("id"):
            kind = path.split("/")[2].rstrip("s").replace("-", "_") if name == "id" else name[:-3]
            return pick(chance, known.get(kind) or ["0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07"])
        return {"username": "fuzzed", "date": f"2026-03-{chance.randint(1, 31):02d}", "code": "30min"}.get(name, "x")
    target = re.sub(r"\{([a-z_]+)\}", fill, path)
    pairs, headers = [], {}
    for p in operation.get("parameters", []):
        if p["in"] == "query" and (p["required"] or chance.random() < (0.1 if maker.tame else 0.3)):
            value = maker.value(p["schema"], p["name"])
            if not maker.tame and chance.random() < 0.12:
                value = chance.choice(STRANGE + NUMBERS)
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            pairs.append(p["name"] + "=" + "".join(ch if ch.isalnum() and ch.isascii() or ch in "-.,:/" else
                                                    "".join(f"%{b:02x}" for b in ch.encode()) for ch in text))
        if p["in"] == "header" and not maker.tame and chance.random() < 0.3:
            headers[p["name"]] = chance.choice(["k1", "k2", "a" * 255, "a" * 256, " "])
    if pairs:
        target += "?" + ("" if maker.tame else chance.choice(["", "", "", "&", "x=1&"])) + "&".join(pairs)
    if maker.tame:
        return target, headers, body_of(maker, chance, operation, headers)
    if chance.random() < 0.15:
        headers["If-Match"] = chance.choice(['"1"', '"2"', "*", "x", '"'])
    if chance.random() < 0.1:
        headers["If-None-Match"] = chance.choice(['"1"', "*", "W/\"1\"", '"'])
    return target, headers, body_of(maker, chance, operation, headers)


def body_of(maker, chance, operation, headers):
    if "requestBody" not in operation:
        return b"{}" if not maker.tame and chance.random() < 0.03 else None
    body = maker.value(operation["requestBody"]["content"]["application/json"]["schema"])
    if maker.tame:
        return json.dumps(body).encode()
    roll = chance.random()
    if roll < 0.45:
        body = maker.spoil(body)
    data = json.dumps(body, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    if roll > 0.95:
        i = chance.randrange(len(data) + 1)
        data = chance.choice([data[:i], data[:i] + bytes([chance.randrange(256)]) + data[i:], data + data, data[:i] + data[i + 1:]])
    if roll > 0.98:
        headers["Content-Type"] = chance.choice(["text/plain", "application/json;x=", "a/b", "*/*"])
    return data


def callers(server, host, other):
    booking = host.post("/v1/bookings", booking_body(host.event_type, "2026-03-05T12:00:00Z"), status=201).json
    return [host, host, host, host, other, Client(server, "Bearer " + host.key(SCOPES)), Client(server, "Bearer " + host.key(["bookings:read"])),
            server.client(), server.invitee(booking)]


def refresh_scene(chance, host, stranger, proof, known):
    """Earlier requests took apart what the next ones need: an event type that is offered at any time, a booking, somebody's
    request, a hold."""
    schedule = host.post("/v1/schedules", {"name": "Always", "code": f"always-{chance.getrandbits(40):x}", "time_zone": "UTC",
                                           "weekly": ALWAYS}, status=201).json
    event_type = host.make_event_type(f"e-{chance.getrandbits(40):x}", schedule_id=schedule["id"], minimum_notice_minutes=0,
                                      confirmation="always", interval_minutes=15)
    known.setdefault("schedule", []).append(schedule["id"])
    known.setdefault("event_type", []).append(event_type["id"])
    day = f"2026-03-{chance.randint(3, 28):02d}"
    start, later, last = (f"{day}T{hour:02d}:{chance.choice((0, 30)):02d}:00Z" for hour in sorted(chance.sample(range(24), 3)))
    for caller, path, kind, body in (
            (host, "/v1/bookings", "booking", booking_body(event_type, start)),
            (stranger, "/v1/bookings", "booking", booking_body(event_type, later, email_proof=proof)),
            (host, "/v1/holds", "hold", {"event_type_id": event_type["id"], "start": last, "duration_minutes": 30})):
        answer = caller.post(path, body)
        if answer.status == 201:
            known.setdefault(kind, []).append(answer.json["id"])


def pick(chance, ids):
    """Mostly one of the last, which are more likely to be alive."""
    return chance.choice(ids[-3:]) if chance.random() < 0.7 else chance.choice(ids)


def test_generated_requests():
    requests = argument("requests", 2000)
    chance = random.Random(SEED)
    print(f"{requests} requests, seed {SEED}", flush=True)
    with Server(admin_email="fuzzed@example.org", free_event_types=100000, outbound_allow=RECEIVER.peer) as server:
        host, other, stranger, proof = server.register("fuzzed"), server.register("other"), server.client(), server.prove("ivy@example.org")
        host.set_hours(ALWAYS)
        known = {"schedule": [host.schedule["id"]], "event_type": [host.event_type["id"]]}
        people = callers(server, host, other)
        skipped = {("DELETE", "/v1/me"), ("DELETE", "/v1/sessions/current"), ("POST", "/v1/me/password")}
        operations = [(m, p, o) for m, _, p, o in server.contract.operations if (m, p) not in skipped]
        maker = Maker(chance, server.contract.document, known)
        statuses, done, slowest, wrong = {}, set(), (0, ""), 0
        for number in range(requests):
            method, path, operation = operations[number % len(operations)] if number < 2 * len(operations) else chance.choice(operations)
            if operation["operationId"] in ("endSession", "deleteMe") and chance.random() < 0.9:
                continue
            if number % (requests // SCENES + 1) == 0:
                refresh_scene(chance, host, stranger, proof, known)
            maker.tame = number < len(operations) or chance.random() < 0.25
            client = host if maker.tame else chance.choice(people)
            target, headers, body = request_of(maker, chance, method, path, operation, known)
            if operation["operationId"] == "endSession":
                client = people[-2]
            label = f"request {number}, seed {SEED}: {method} {target} {(body or b'')[:500]!r} {headers}"
            began = time.monotonic()
            try:
                answer = client.call(method, target, body, headers)
            except (Failed, OSError, ValueError) as e:
                wrong += 1
                check(False, f"{label}: {type(e).__name__} {e}"[:1500])
                if server.process.poll() is not None:
                    check(False, f"the server ended: {server.process.returncode} {server.log()[-800:]}")
                    return
                continue
            took = time.monotonic() - began
            slowest = max(slowest, (took, f"{method} {path}"))
            if answer.status >= 500 or took > SLOWEST:
                wrong += 1
                check(False, f"{label}: {took:.2f} s, {answer!r}")
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            if answer.status < 300:
                done.add(operation["operationId"])
                remember(known, method, path, answer)
        never = sorted({o["operationId"] for _, _, o in operations} - done)
        print(f"{dict(sorted(statuses.items()))}; {len(done)} of {len(operations)} operations succeeded; slowest {slowest}", flush=True)
        print(f"never succeeded: {' '.join(never)}")
        check(wrong == 0, f"{wrong} wrong answers")
        if requests >= 2000:
            check(len(done) > len(operations) * 0.7, f"only {len(done)} operations succeeded")
        check(server.client().get("/readyz").status == 200, "ready in the end")


run(globals())
