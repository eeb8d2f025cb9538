"""What can be booked: schedules and their parts, event types, slots and their cache, explanations, calendars, profiles,
busy times, overlap, and the engine on one's own data."""

import json
import os
import subprocess
import threading
import urllib.parse

from noonmark import ALWAYS, BINARY, ROOT, Server, booking_body, check, must, run, same

WEEK = [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00"}]
NOBODY = "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07"
FULL_RULE = {"days": ["mon"], "start": "22:00", "end": "02:00", "kind": "available", "from": "2026-03-01",
             "until": "2027-03-01"}


def schedule_body(code, **members):
    return {"name": "Work", "code": code, "time_zone": "Europe/Berlin", "weekly": WEEK, **members}


def type_body(host, code, **members):
    return {"code": code, "title": "Talk", "schedule_id": host.schedule["id"], "durations": [{"minutes": 30}], **members}


def query(path, **members):
    return path + "?" + urllib.parse.urlencode({"from" if k == "from_" else k: v for k, v in members.items()})


def slots_path(event_type, **members):
    asked = {"from_": "2026-03-02", "to": "2026-03-06", "time_zone": "UTC", **members}
    return query(f"/v1/event-types/{event_type['id']}/slots", **{k: v for k, v in asked.items() if v is not None})


def starts(answer):
    return [s["start"] for d in answer.json["days"] for s in d["slots"]]


def counts(server):
    database = server.database()
    found = [database.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0]
             for t in ("schedule", "one_off", "event_type", "audit")]
    database.close()
    return found


def refused(host, method, path, body, status, field, code=None):
    """A failure that names the field; returns the answer."""
    answer = host.call(method, path, body, status=status)
    check(field is None or field in answer.fields, f"{method} {path} {body!r:.200}: {field} not in {answer.fields}: {answer!r}")
    check(code is None or answer.code == code, f"{method} {path}: code {answer.code}, not {code}")
    check(all(e["message"] for e in answer.json["errors"]), "every error has words")
    return answer


# ---- schedules

def test_schedules(server):
    host = server.register("schedulist")
    body = schedule_body("work", weekly=[FULL_RULE], overrides=[{"date": "2026-03-09", "intervals": []},
                                                                 {"date": "2026-03-04", "intervals": [
                                                                     {"start": "23:00", "end": "01:00"}]}],
                         one_offs=[{"kind": "busy", "start": "2026-03-03T10:00:00+01:00", "end": "2026-03-03T11:00:00+01:00"}])
    answer = host.post("/v1/schedules", body, status=201)
    made = answer.json
    same(made["weekly"], [FULL_RULE], "weekly")
    same([o["date"] for o in made["overrides"]], ["2026-03-04", "2026-03-09"], "overrides by date")
    same([(o["start"], o["end"]) for o in made["one_offs"]], [("2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z")], "one-offs")
    same((made["is_default"], made["version"], answer.headers["etag"]), (False, 1, '"1"'), "a new one")
    same(answer.headers["location"], "/v1/schedules/" + made["id"], "Location")
    path = "/v1/schedules/" + made["id"]
    same(host.get(path, status=200).json, made, "GET")
    # PATCH merges, PUT replaces
    changed = host.patch(path, {"name": "Play"}, status=200)
    same(changed.json, {**made, "name": "Play", "version": 2, "updated_at": changed.json["updated_at"]}, "PATCH of the name")
    same(changed.headers["etag"], '"2"', "ETag after PATCH")
    replaced = host.put(path, schedule_body("work"), status=200).json
    same((replaced["overrides"], replaced["one_offs"], replaced["id"], replaced["version"]), ([], [], made["id"], 3), "PUT")
    same(host.patch(path, {"weekly": []}, status=200).json["weekly"], [], "PATCH empties a list")
    # stale writes
    for method, body in (("PATCH", {"name": "Late"}), ("PUT", schedule_body("work")), ("DELETE", None)):
        host.call(method, path, body, headers={"If-Match": '"3"'}, status=412)
    same(host.get(path).json["name"], "Work", "a stale write changes nothing")
    host.patch(path, {"name": "Fresh"}, headers={"If-Match": '"4"'}, status=200)
    check(host.get(path, headers={"If-None-Match": '"5"'}).status == 304, "If-None-Match of the version")
    host.delete(path, status=204)
    host.get(path, status=404)


def test_schedule_lists(server):
    host = server.register("lists")
    for i in range(4):
        host.post("/v1/schedules", schedule_body(f"n{i}"), status=201)
    seen, cursor = [], None
    while True:
        page = host.get(query("/v1/schedules", limit=2, **({"cursor": cursor} if cursor else {})), status=200).json
        seen += [s["id"] for s in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
        same(len(page["items"]), 2, "a full page")
    same((len(seen), seen), (5, sorted(seen)), "all of them, once, ascending")
    same([s["code"] for s in host.get("/v1/schedules?code=n2").json["items"]], ["n2"], "by code")
    same(host.get("/v1/schedules?updated_since=2026-03-02T08:00:01Z").json["items"], [], "nothing changed since")
    same(len(host.get("/v1/schedules?updated_since=2026-03-02T08:00:00Z").json["items"]), 5, "all changed since")
    for q, field in (("limit=0", "/limit"), ("limit=201", "/limit"), ("limit=x", "/limit"), ("cursor=x", "/cursor"),
                     ("page=2", "/page"), ("limit=1&limit=2", "/limit"), ("updated_since=yesterday", "/updated_since")):
        refused(host, "GET", "/v1/schedules?" + q, None, 400, field)


def test_default_schedule(server):
    host = server.register("defaults")
    first = host.schedule
    second = host.post("/v1/schedules", schedule_body("second"), status=201).json
    refused(host, "PATCH", f"/v1/schedules/{first['id']}", {"is_default": False}, 422, "/is_default", "refused")
    refused(host, "DELETE", f"/v1/schedules/{first['id']}", None, 422, "/is_default", "refused")
    check(host.put(f"/v1/schedules/{first['id']}", schedule_body("default"), status=200).json["is_default"], "PUT keeps it")
    check(host.patch(f"/v1/schedules/{second['id']}", {"is_default": True}, status=200).json["is_default"], "it moves")
    same([s["code"] for s in host.get("/v1/schedules").json["items"] if s["is_default"]], ["second"], "there is one")
    answer = host.delete(f"/v1/schedules/{first['id']}", status=422)
    check(host.event_type["code"] in answer.json["detail"], f"who uses it is named: {answer.json['detail']}")
    host.delete("/v1/event-types/" + host.event_type["id"], status=204)
    host.delete(f"/v1/schedules/{first['id']}", status=204)


def test_rules(server):
    host = server.register("rules")
    path = f"/v1/schedules/{host.schedule['id']}/rules"
    same(host.get(path, status=200).json["weekly"][0]["days"], ["mon", "tue", "wed", "thu", "fri"], "the default week")
    answer = host.put(path, {"weekly": [FULL_RULE]}, status=200)
    same(answer.json, {"weekly": [FULL_RULE]}, "PUT")
    same(host.get(path).headers["etag"], answer.headers["etag"], "the schedule's ETag")
    host.put(path, {"weekly": []}, headers={"If-Match": '"1"'}, status=412)
    overlapping = [{"days": ["mon", "tue"], "start": "09:00", "end": "12:00"},
                   {"days": ["tue"], "start": "10:00", "end": "11:00", "kind": "busy"},
                   {"days": ["tue", "wed"], "start": "11:59", "end": "13:00"}]
    answer = refused(host, "PUT", path, {"weekly": overlapping}, 422, "/weekly/0", "refused")
    check("/weekly/2" in answer.fields, "both are named")
    check("09:00" in answer.json["detail"] or "11:59" in answer.json["detail"], "and told")
    for weekly in ([{"days": ["mon"], "start": "22:00", "end": "02:00"}, {"days": ["tue"], "start": "01:00", "end": "03:00"}],
                   [{"days": ["sun"], "start": "22:00", "end": "02:00"}, {"days": ["mon"], "start": "01:59", "end": "03:00"}]):
        refused(host, "PUT", path, {"weekly": weekly}, 422, "/weekly/1")
    for weekly in ([{"days": ["mon"], "start": "09:00", "end": "12:00"}, {"days": ["mon"], "start": "12:00", "end": "13:00"}],
                   [{"days": ["mon"], "start": "09:00", "end": "12:00", "until": "2026-03-08"},
                    {"days": ["mon"], "start": "09:00", "end": "12:00", "from": "2026-03-09"}],
                   [{"days": ["mon"], "start": "22:00", "end": "24:00"}, {"days": ["tue"], "start": "00:00", "end": "03:00"}]):
        host.put(path, {"weekly": weekly}, status=200)


def test_overrides(server):
    host = server.register("overrides")
    path = f"/v1/schedules/{host.schedule['id']}/overrides"
    day = {"date": "2026-03-05", "intervals": [{"start": "10:00", "end": "12:00"}]}
    same(host.put(f"{path}/2026-03-05", {"intervals": day["intervals"]}, status=200).json, day, "PUT of a date")
    same(host.put(f"{path}/2026-03-03", {"intervals": []}, status=200).json, {"date": "2026-03-03", "intervals": []}, "closed")
    same([o["date"] for o in host.get(path, status=200).json["overrides"]], ["2026-03-03", "2026-03-05"], "by date")
    check(not any(s.startswith("2026-03-03") for s in server.slots(host.event_type)), "no slots on a closed date")
    day["intervals"] = [{"start": "20:00", "end": "21:00"}]
    host.put(f"{path}/2026-03-05", {"intervals": day["intervals"]}, status=200)
    same([s for s in server.slots(host.event_type) if s.startswith("2026-03-05")],
         ["2026-03-05T20:00:00+00:00", "2026-03-05T20:30:00+00:00"], "its own hours")
    host.delete(f"{path}/2026-03-03", status=204)
    host.delete(f"{path}/2026-03-03", status=404)
    same(host.put(path, {"overrides": [day]}, status=200).json, {"overrides": [day]}, "PUT of the set")
    for bad in ("2026-02-30", "2026-3-1", "tomorrow", "1969-12-31"):
        refused(host, "PUT", f"{path}/{bad}", {"intervals": []}, 400, "/date")
        refused(host, "DELETE", f"{path}/{bad}", None, 400, "/date")
    refused(host, "PUT", f"{path}/2026-03-05", {}, 400, "/intervals")
    refused(host, "PUT", f"{path}/2026-03-05", {"intervals": [{"start": "25:00", "end": "26:00"}]}, 400, "/intervals/0/start")
    refused(host, "PUT", f"{path}/2026-03-05", {"intervals": [{"start": "09:00", "end": "09:00"}]}, 400, "/intervals/0/end")
    refused(host, "PUT", path, {"overrides": [day, day]}, 400, "/overrides/1/date")
    host.put(f"{path}/2026-03-05", {"intervals": []}, headers={"If-Match": '"1"'}, status=412)


def test_one_offs(server):
    host = server.register("oneoffs")
    path = f"/v1/schedules/{host.schedule['id']}/one-offs"
    busy = {"kind": "busy", "start": "2026-03-04T09:00:00Z", "end": "2026-03-04T17:00:00Z"}
    made = host.post(path, busy, status=201).json
    same({k: made[k] for k in busy}, busy, "POST")
    check(not any(s.startswith("2026-03-04") for s in server.slots(host.event_type)), "it takes time")
    extra = host.post(path, {"kind": "available", "start": "2026-03-04T20:00:00Z", "end": "2026-03-04T20:30:00Z"}, status=201)
    same([s for s in server.slots(host.event_type) if s.startswith("2026-03-04")], ["2026-03-04T20:00:00+00:00"], "it adds time")
    page = host.get(path + "?limit=1", status=200).json
    rest = host.get(query(path, limit=5, cursor=page["next_cursor"]), status=200).json
    same(sorted([page["items"][0]["id"], rest["items"][0]["id"]]), sorted([made["id"], extra.json["id"]]), "paging")
    host.delete(f"{path}/{made['id']}", status=204)
    host.delete(f"{path}/{made['id']}", status=404)
    host.delete(f"{path}/not-an-id", status=404)
    check(any(s.startswith("2026-03-04T09") for s in server.slots(host.event_type)), "taken back")
    for body, field in (({**busy, "kind": "maybe"}, "/kind"), ({**busy, "end": busy["start"]}, "/end"),
                        ({**busy, "start": "2026-03-04T09:00:01Z"}, "/start"), ({**busy, "start": "2026-03-04T09:00:00.5Z"}, "/start"),
                        ({**busy, "start": "2026-03-04 09:00"}, "/start"), ({**busy, "end": "2300-01-01T00:00:00Z"}, "/end"),
                        ({"kind": "busy", "start": busy["start"]}, "/end"), ({**busy, "id": NOBODY}, "/id")):
        refused(host, "POST", path, body, 400, field)
    # a whole set keeps the ids that are sent back
    whole = f"/v1/schedules/{host.schedule['id']}"
    kept = host.get(whole).json["one_offs"]
    again = host.patch(whole, {"one_offs": kept + [busy]}, status=200).json["one_offs"]
    check(kept[0]["id"] in [o["id"] for o in again] and len(again) == 2, "ids are kept")
    refused(host, "PATCH", whole, {"one_offs": [{**busy, "id": NOBODY}]}, 400, "/one_offs/0/id")
    refused(host, "PATCH", whole, {"one_offs": kept + kept}, 400, "/one_offs/1/id")


def test_bad_schedules(server):
    host = server.register("badschedules")
    before = counts(server)
    rule = WEEK[0]
    cases = [
        ({"time_zone": "Mars/Olympus"}, 400, "/time_zone"), ({"time_zone": "../../etc/passwd"}, 400, "/time_zone"),
        ({"time_zone": None}, 400, "/time_zone"), ({"time_zone": "posix/UTC"}, 400, "/time_zone"),
        ({"weekly": [{**rule, "start": "25:00"}]}, 400, "/weekly/0/start"),
        ({"weekly": [{**rule, "start": "9:00"}]}, 400, "/weekly/0/start"),
        ({"weekly": [{**rule, "start": "24:00"}]}, 400, "/weekly/0/start"),
        ({"weekly": [{**rule, "end": "09:00"}]}, 400, "/weekly/0/end"),
        ({"weekly": [{**rule, "days": ["monday"]}]}, 400, "/weekly/0/days/0"),
        ({"weekly": [{**rule, "days": []}]}, 400, "/weekly/0/days"),
        ({"weekly": [{**rule, "days": ["mon", "mon"]}]}, 400, "/weekly/0/days/1"),
        ({"weekly": [{**rule, "from": "2026-02-30"}]}, 400, "/weekly/0/from"),
        ({"weekly": [{**rule, "from": "2026-03-02", "until": "2026-03-01"}]}, 400, "/weekly/0/until"),
        ({"weekly": [{**rule, "kind": "free"}]}, 400, "/weekly/0/kind"),
        ({"weekly": [{**rule, "extra": 1}]}, 400, "/weekly/0/extra"),
        ({"weekly": [{"days": ["mon"], "start": "09:00"}]}, 400, "/weekly/0/end"),
        ({"weekly": {"days": []}}, 400, "/weekly"), ({"weekly": [rule] * 201}, 400, "/weekly"),
        ({"overrides": [{"date": "2026-13-01"}]}, 400, "/overrides/0/date"),
        ({"overrides": [{"date": "2026-03-01"}, {"date": "2026-03-01"}]}, 400, "/overrides/1/date"),
        ({"overrides": [{"date": "2026-03-01", "intervals": [{"start": "10:00", "end": "10:00"}]}]}, 400, "/overrides/0/intervals/0/end"),
        ({"overrides": [{"date": f"{2030 + i // 360}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}"} for i in range(1001)]}, 400, "/overrides"),
        ({"one_offs": [{"kind": "busy", "start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:00:00Z"}]}, 400, "/one_offs/0/end"),
        ({"name": ""}, 400, "/name"), ({"name": "x" * 101}, 400, "/name"), ({"name": "a\u202eb"}, 400, "/name"),
        ({"name": "see https://evil.example"}, 400, "/name"), ({"name": "a\nb"}, 400, "/name"), ({"name": 7}, 400, "/name"),
        ({"code": "No Spaces"}, 400, "/code"), ({"code": "default"}, 409, "/code"), ({"code": "-x"}, 400, "/code"),
        ({"id": NOBODY}, 400, "/id"), ({"account_id": NOBODY}, 400, "/account_id"), ({"version": 9}, 400, "/version"),
        ({"is_default": "yes"}, 400, "/is_default"), ({"price": 1}, 400, "/price"),
    ]
    for members, status, field in cases:
        refused(host, "POST", "/v1/schedules", schedule_body("fine") | members, status, field)
    for field in ("name", "code", "time_zone"):
        body = schedule_body("fine")
        del body[field]
        refused(host, "POST", "/v1/schedules", body, 400, "/" + field)
    whole = json.dumps(schedule_body("fine")).encode()
    for body, status in ((b"", 400), (b"{", 400), (whole + b"x", 400), (whole[:-1] + b',"name":"b"}', 400), (b"[]", 400),
                         (b'{"name":"a\\u0000b","code":"c","time_zone":"UTC"}', 400), (b'{"name":"\xff","code":"c","time_zone":"UTC"}', 400),
                         (b'{"weekly":' + b"[" * 1000 + b"]" * 1000 + b"}", 400)):
        host.post("/v1/schedules", body, status=status)
    host.post("/v1/schedules", whole, headers={"Content-Type": "text/plain"}, status=415)
    same(counts(server), before, "nothing was stored")


def test_large_bodies(server):
    host = server.register("large")
    dates = [{"date": f"{2030 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}", "intervals": [
        {"start": "08:00", "end": "12:00"}, {"start": "13:00", "end": "18:00"}]} for i in range(1000)]
    one_offs = [{"kind": "busy", "start": f"20{30 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}T10:00:00Z",
                 "end": f"20{30 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}T11:00:00Z"} for i in range(1000)]
    made = host.post("/v1/schedules", schedule_body("large", overrides=dates, one_offs=one_offs), status=201).json
    same((len(made["overrides"]), len(made["one_offs"])), (1000, 1000), "as much as is allowed")
    refused(host, "PUT", f"/v1/schedules/{made['id']}/overrides/2040-01-01", {"intervals": []}, 422, None, "refused")
    refused(host, "POST", f"/v1/schedules/{made['id']}/one-offs", one_offs[0], 422, None, "refused")
    client = server.client(host.authorization)
    try:
        answer = client.post("/v1/schedules", b'{"name":"' + b"x" * 10_000_000 + b'"}')
        same(answer.status, 413, "10 MB")
    except (ConnectionError, OSError):
        check(True, "the connection was closed")


# ---- event types

def test_event_types(server):
    host = server.register("types")
    body = type_body(host, "visit", description="At home", color="#8A5A00", durations=[
        {"minutes": 60, "price": {"amount": 4500, "currency": "EUR"}}, {"minutes": 30}], interval_minutes=20,
        buffer_before_minutes=5, buffer_after_minutes=10, minimum_notice_minutes=0, horizon_days=None,
        window={"from": "2026-03-01", "until": "2026-03-31"}, limits={"day": 3, "week": None}, seats=4, hidden=True,
        locations=[{"kind": "in_person", "value": "Noon Street 12", "label": "Office"}, {"kind": "phone"}],
        questions=[{"label": "What about?", "kind": "text", "required": True},
                   {"label": "Which?", "kind": "choice", "choices": ["a", "b"]}], metadata={"ref": [1, {"x": None}]})
    answer = host.post("/v1/event-types", body, status=201)
    made = answer.json
    for member in ("code", "title", "color", "interval_minutes", "horizon_days", "window", "seats", "hidden", "metadata"):
        same(made[member], body[member], member)
    same(made["durations"], [body["durations"][0], {"minutes": 30, "price": None}], "durations")
    same(made["limits"], {"day": 3, "week": None, "month": None}, "limits")
    same(made["booking_url"], f"{server.base}/types/visit", "booking_url")
    same((made["active"], made["version"], answer.headers["location"]), (True, 1, "/v1/event-types/" + made["id"]), "a new one")
    path = "/v1/event-types/" + made["id"]
    same(host.get(path, status=200).json, made, "GET")
    # defaults
    plain = host.post("/v1/event-types", {"code": "plain", "title": "Plain", "durations": [{"minutes": 30}]}, status=201).json
    same([plain[m] for m in ("schedule_id", "minimum_notice_minutes", "horizon_days", "interval_minutes", "window", "limits",
                             "seats", "buffer_before_minutes", "locations", "questions", "metadata", "active", "hidden")],
         [host.schedule["id"], 240, 60, None, None, None, 1, 0, [], [], {}, True, False], "defaults")
    # merging
    first, second = made["questions"]
    changed = host.patch(path, {"window": {"until": "2026-04-30"}, "limits": None, "minimum_notice_minutes": None, "color": None,
                                "questions": [{**second, "label": "Which one?"}, {"label": "New", "kind": "number"}]}, status=200).json
    same(changed["window"], {"from": "2026-03-01", "until": "2026-04-30"}, "an object is merged")
    same((changed["limits"], changed["minimum_notice_minutes"], changed["color"]), (None, 240, None), "null clears")
    same(changed["questions"][0]["id"], second["id"], "a question keeps its id")
    check(changed["questions"][1]["id"] not in (first["id"], second["id"]), "a new one has its own")
    same((changed["title"], changed["version"]), ("Talk", 2), "the rest stays")
    host.patch(path, {"title": "Late"}, headers={"If-Match": '"1"'}, status=412)
    host.delete(path, headers={"If-Match": '"1"'}, status=412)
    # soft delete frees the code
    refused(host, "POST", "/v1/event-types", type_body(host, "visit"), 409, "/code", "conflict")
    host.delete(path, headers={"If-Match": '"2"'}, status=204)
    for method in ("GET", "PATCH", "DELETE"):
        host.call(method, path, {} if method == "PATCH" else None, status=404)
    host.get(slots_path(made), status=404)
    host.post("/v1/event-types", type_body(host, "visit"), status=201)


def test_event_type_lists(server):
    host = server.register("typelists")
    for i in range(3):
        host.make_event_type(f"n{i}", active=i != 1)
    items = host.get("/v1/event-types").json["items"]
    same(sorted(t["code"] for t in items), ["30min", "n0", "n1", "n2"], "all")
    same([t["id"] for t in items], sorted(t["id"] for t in items), "by id")
    same([t["code"] for t in host.get("/v1/event-types?active=false").json["items"]], ["n1"], "inactive")
    same(len(host.get("/v1/event-types?active=true").json["items"]), 3, "active")
    same([t["code"] for t in host.get("/v1/event-types?code=n2").json["items"]], ["n2"], "by code")
    page = host.get("/v1/event-types?limit=3").json
    same(page["items"] + host.get(query("/v1/event-types", cursor=page["next_cursor"])).json["items"], items, "paging")
    same(host.get("/v1/event-types?updated_since=2026-03-02T08:00:01Z").json["items"], [], "updated_since")
    refused(host, "GET", "/v1/event-types?active=maybe", None, 400, "/active")


def test_bad_event_types(server):
    host, other = server.register("badtypes"), server.register("badtypes2")
    before = counts(server)
    question = {"label": "a", "kind": "text"}
    cases = [
        ({"durations": []}, 400, "/durations"), ({"durations": None}, 400, "/durations"),
        ({"durations": [{"minutes": 0}]}, 400, "/durations/0/minutes"), ({"durations": [{"minutes": 5256000}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": -30}]}, 400, "/durations/0/minutes"), ({"durations": [{"minutes": 30.5}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": "30"}]}, 400, "/durations/0/minutes"), ({"durations": [{"minutes": 1 << 62}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": 5}, {"minutes": 5}]}, 400, "/durations/1/minutes"),
        ({"durations": [{"minutes": i + 1} for i in range(11)]}, 400, "/durations"),
        ({"durations": [{"minutes": 5, "price": {"amount": -1, "currency": "EUR"}}]}, 400, "/durations/0/price/amount"),
        ({"durations": [{"minutes": 5, "price": {"amount": 5, "currency": "XXX"}}]}, 400, "/durations/0/price/currency"),
        ({"durations": [{"minutes": 5, "price": {"amount": 5, "currency": "eur"}}]}, 400, "/durations/0/price/currency"),
        ({"durations": [{"minutes": 5, "price": {"amount": 5}}]}, 400, "/durations/0/price/currency"),
        ({"durations": [{"minutes": 5, "price": {"currency": "EUR"}}]}, 400, "/durations/0/price/amount"),
        ({"interval_minutes": 0}, 400, "/interval_minutes"), ({"interval_minutes": 1441}, 400, "/interval_minutes"),
        ({"buffer_before_minutes": -1}, 400, "/buffer_before_minutes"), ({"buffer_after_minutes": 1441}, 400, "/buffer_after_minutes"),
        ({"minimum_notice_minutes": -1}, 400, "/minimum_notice_minutes"), ({"horizon_days": -1}, 400, "/horizon_days"),
        ({"window": {"from": "2026-03-02", "until": "2026-03-01"}}, 400, "/window/until"),
        ({"window": {"from": "2026-03-02"}}, 400, "/window/until"), ({"window": {"until": "2026-02-31"}}, 400, "/window/until"),
        ({"limits": {"day": 0}}, 400, "/limits/day"), ({"limits": {"year": 1}}, 400, "/limits/year"),
        ({"seats": 0}, 400, "/seats"), ({"seats": 1001}, 400, "/seats"),
        ({"locations": [{"kind": "moon"}]}, 400, "/locations/0/kind"), ({"locations": [{"kind": "in_person"}]}, 400, "/locations/0/value"),
        ({"locations": [{"kind": "link", "value": "javascript:alert(1)"}]}, 400, "/locations/0/value"),
        ({"locations": [{"kind": "link", "value": "http://x.example"}]}, 400, "/locations/0/value"),
        ({"locations": [{"kind": "phone", "value": "a\nb"}]}, 400, "/locations/0/value"),
        ({"questions": [{**question, "kind": "choice"}]}, 400, "/questions/0/choices"),
        ({"questions": [{**question, "choices": ["x"]}]}, 400, "/questions/0/choices"),
        ({"questions": [{**question, "kind": "choice", "choices": ["x", "x"]}]}, 400, "/questions/0/choices/1"),
        ({"questions": [{**question, "id": NOBODY}]}, 400, "/questions/0/id"), ({"questions": [question] * 21}, 400, "/questions"),
        ({"questions": [{**question, "label": ""}]}, 400, "/questions/0/label"),
        ({"metadata": []}, 400, "/metadata"), ({"metadata": {"x": "y" * 5000}}, 400, "/metadata"),
        ({"title": ""}, 400, "/title"), ({"title": "www.evil.example"}, 400, "/title"), ({"title": "a\u200bb"}, 400, "/title"),
        ({"description": "a\u2066b"}, 400, "/description"), ({"description": "x" * 4001}, 400, "/description"),
        ({"color": "red"}, 400, "/color"), ({"code": "A B"}, 400, "/code"), ({"code": "30min"}, 409, "/code"),
        ({"active": 1}, 400, "/active"), ({"booking_url": "https://x.example"}, 400, "/booking_url"), ({"bookable_id": NOBODY}, 400, "/bookable_id"),
        ({"schedule_id": "seven"}, 400, "/schedule_id"), ({"schedule_id": NOBODY}, 404, "/schedule_id"),
        ({"schedule_id": other.schedule["id"]}, 404, "/schedule_id"),
    ]
    for members, status, field in cases:
        refused(host, "POST", "/v1/event-types", {**type_body(host, "fine"), **members}, status, field)
        if set(members) - {"durations"} and status == 400 and members.get("code") is None:
            refused(host, "PATCH", "/v1/event-types/" + host.event_type["id"], members, status, field)
    for field in ("code", "title", "durations"):
        body = type_body(host, "fine")
        del body[field]
        refused(host, "POST", "/v1/event-types", body, 400, "/" + field)
    refused(host, "PATCH", "/v1/event-types/" + host.event_type["id"], {"title": None}, 400, "/title")
    refused(host, "PATCH", "/v1/event-types/" + host.event_type["id"], {"code": "30min", "durations": []}, 400, "/durations")
    same(counts(server), before, "nothing was stored")


def test_plan_limit():
    with Server(default_plan="free") as server:
        host = server.register("frugal")
        answer = refused(host, "POST", "/v1/event-types", type_body(host, "second"), 422, "/active", "plan_limit")
        check("free_event_types" in answer.json["detail"] and "1" in answer.json["detail"], "the limit and its number")
        second = host.post("/v1/event-types", type_body(host, "second", active=False, durations=[
            {"minutes": m} for m in (15, 30, 60)]), status=201).json
        path = "/v1/event-types/" + second["id"]
        refused(host, "PATCH", path, {"active": True}, 422, "/active", "plan_limit")
        host.patch(path, {"title": "Else"}, status=200)
        host.patch("/v1/event-types/" + host.event_type["id"], {"title": "Still active"}, status=200)
        host.patch("/v1/event-types/" + host.event_type["id"], {"active": False}, status=200)
        host.patch(path, {"active": True}, status=200)
        refused(host, "PATCH", "/v1/event-types/" + host.event_type["id"], {"active": True}, 422, "/active", "plan_limit")
        host.delete(path, status=204)
        host.patch("/v1/event-types/" + host.event_type["id"], {"active": True}, status=200)
    with Server(default_plan="free", free_event_types="3") as server:
        host = server.register("frugal")
        host.make_event_type("second")
        host.make_event_type("third")
        answer = refused(host, "POST", "/v1/event-types", type_body(host, "fourth"), 422, "/active", "plan_limit")
        check("3" in answer.json["detail"], "the number is the configuration's")


# ---- whose they are

def test_others(server):
    ada, eve = server.register("adaowns"), server.register("evepries")
    schedule, event_type = "/v1/schedules/" + ada.schedule["id"], "/v1/event-types/" + ada.event_type["id"]
    one_off = ada.post(schedule + "/one-offs", {"kind": "busy", "start": "2026-03-04T09:00:00Z", "end": "2026-03-04T10:00:00Z"}).json
    override = {"intervals": []}
    ada.put(schedule + "/overrides/2026-03-06", override, status=200)
    calls = [("GET", schedule, None), ("PUT", schedule, schedule_body("x")), ("PATCH", schedule, {"name": "x"}), ("DELETE", schedule, None),
             ("GET", schedule + "/rules", None), ("PUT", schedule + "/rules", {"weekly": []}), ("GET", schedule + "/overrides", None),
             ("PUT", schedule + "/overrides", {"overrides": []}), ("PUT", schedule + "/overrides/2026-03-06", override),
             ("DELETE", schedule + "/overrides/2026-03-06", None), ("GET", schedule + "/one-offs", None),
             ("POST", schedule + "/one-offs", {k: one_off[k] for k in ("kind", "start", "end")}),
             ("DELETE", f"{schedule}/one-offs/{one_off['id']}", None), ("GET", event_type, None), ("PATCH", event_type, {"title": "x"}),
             ("DELETE", event_type, None)]
    before = [ada.get(schedule).json, ada.get(event_type).json]
    for method, path, body in calls:
        eve.call(method, path, body, status=404)
        server.client().call(method, path, body, status=401)
        for wrong in (NOBODY, "7", "%27", "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c0"):
            eve.call(method, path.replace(ada.schedule["id"], wrong).replace(ada.event_type["id"], wrong), body, status=404)
    mine = f"/v1/schedules/{eve.schedule['id']}/one-offs/{one_off['id']}"
    eve.delete(mine, status=404)
    same([ada.get(schedule).json, ada.get(event_type).json], before, "nothing changed")
    refused(eve, "GET", query("/v1/calendar", from_="2026-03-02", to="2026-03-03", time_zone="UTC", schedule_id=ada.schedule["id"]),
            None, 404, "/schedule_id")


def test_scopes(server):
    host = server.register("scoped")
    reader = server.client("Bearer " + host.key(["schedules:read"]))
    reader.get("/v1/schedules", status=200)
    reader.post("/v1/schedules", schedule_body("x"), status=403)
    reader.get("/v1/event-types", status=403)
    reader.get(slots_path(host.event_type), status=200)  # what anybody may
    writer = server.client("Bearer " + host.key(["event_types:write", "bookings:read"]))
    writer.post("/v1/event-types", type_body(host, "by-key"), status=201)
    writer.get("/v1/event-types", status=403)
    writer.get(query("/v1/calendar", from_="2026-03-02", to="2026-03-03", time_zone="UTC"), status=200)


def test_repeated_creates(server):
    host = server.register("repeats")
    for path, body in (("/v1/schedules", schedule_body("again")), ("/v1/event-types", type_body(host, "again")),
                       (f"/v1/schedules/{host.schedule['id']}/one-offs",
                        {"kind": "busy", "start": "2026-03-04T09:00:00Z", "end": "2026-03-04T10:00:00Z"})):
        key = {"Idempotency-Key": path}
        first, second = (host.post(path, body, headers=key, status=201) for _ in range(2))
        same(second.json, first.json, f"POST {path} twice")
        host.post(path, {**body, **({"name": "Else"} if "name" in body else {"title": "Else"} if "title" in body else {"kind": "available"})},
                  headers=key, status=422)


def test_audit(server):
    host = server.register("audited")
    made = host.post("/v1/schedules", schedule_body("seen"), status=201).json
    host.patch("/v1/schedules/" + made["id"], {"name": "Other"}, status=200)
    host.put(f"/v1/schedules/{made['id']}/rules", {"weekly": []}, status=200)
    one = host.post(f"/v1/schedules/{made['id']}/one-offs", {"kind": "busy", "start": "2026-03-04T09:00:00Z", "end": "2026-03-04T10:00:00Z"}).json
    host.delete(f"/v1/schedules/{made['id']}/one-offs/{one['id']}", status=204)
    host.delete("/v1/schedules/" + made["id"], status=204)
    event_type = host.make_event_type("seen")
    host.patch("/v1/event-types/" + event_type["id"], {"title": "Other"}, status=200)
    host.patch("/v1/event-types/" + event_type["id"], {"title": ""}, status=400)
    host.delete("/v1/event-types/" + event_type["id"], status=204)
    database = server.database()
    rows = database.execute("SELECT action, before_text, after_text, actor FROM audit WHERE account_id = ? ORDER BY number",
                            (bytes.fromhex(host.account["id"].replace("-", "")),)).fetchall()
    database.close()
    mine = [r for r in rows if r[0].split(".")[0] in ("schedule", "one_off", "event_type")][-9:]
    same([r[0] for r in mine], ["schedule.create", "schedule.update", "schedule.update", "one_off.create", "one_off.delete",
                                "schedule.delete", "event_type.create", "event_type.update", "event_type.delete"], "actions")
    same([(r[1] is not None, r[2] is not None) for r in mine],
         [(False, True), (True, True), (True, True), (False, True), (True, False), (True, False), (False, True), (True, True), (True, False)],
         "before and after")
    same((json.loads(mine[1][1])["name"], json.loads(mine[1][2])["name"]), ("Work", "Other"), "what changed")
    check(all(r[3] == host.account["id"] for r in mine), "who")


# ---- slots

def test_slots(server):
    host = server.register("slotter", time_zone="America/New_York")
    answer = server.client().get(slots_path(host.event_type, time_zone="Asia/Kolkata", duration_minutes=30), status=200)
    same([answer.json["time_zone"], answer.json["duration_minutes"]], ["Asia/Kolkata", 30], "what was asked")
    same(answer.headers["cache-control"], "no-cache", "Cache-Control")
    first = answer.json["days"][0]
    # Monday 9 to 17 in New York is 19:30 to 03:30 in Kolkata; now is 08:00Z, the notice 4 hours
    same((first["date"], first["slots"][0]), ("2026-03-02", {"start": "2026-03-02T19:30:00+05:30"}), "the first")
    same([s["start"] for s in answer.json["days"][1]["slots"][:8]],
         [f"2026-03-03T0{h}:{m}:00+05:30" for h in range(4) for m in ("00", "30") if (h, m) < (3, "30")] + ["2026-03-03T19:30:00+05:30"],
         "a date has what its own clock shows")
    same(starts(answer), sorted(starts(answer)), "ascending")
    check(all(d["slots"] for d in answer.json["days"]), "days without slots are left out")
    # no duration given: the first
    two = host.make_event_type("two", durations=[{"minutes": 45}, {"minutes": 15}], minimum_notice_minutes=0)
    answer = host.get(slots_path(two), status=200)
    same(answer.json["duration_minutes"], 45, "the default duration")
    same(starts(host.get(slots_path(two, duration_minutes=15)))[:2], ["2026-03-02T14:00:00+00:00", "2026-03-02T14:15:00+00:00"], "the other")
    answer = refused(host, "GET", slots_path(two, duration_minutes=30), None, 400, "/duration_minutes")
    check("45, 15" in answer.json["detail"], "those offered are named")


def test_slots_over_clock_changes(server):
    host = server.register("clocks", time_zone="Europe/Berlin")
    host.set_hours([{"days": ["sun"], "start": "00:00", "end": "06:00"}])
    event_type = host.make_event_type("night", durations=[{"minutes": 60}], minimum_notice_minutes=0, horizon_days=None)
    spring = host.get(slots_path(event_type, from_="2026-03-29", to="2026-03-29", time_zone="Europe/Berlin"))
    same([s[11:] for s in starts(spring)], ["00:00:00+01:00", "01:00:00+01:00", "03:00:00+02:00", "04:00:00+02:00", "05:00:00+02:00"], "spring")
    autumn = host.get(slots_path(event_type, from_="2026-10-25", to="2026-10-25", time_zone="Europe/Berlin"))
    same([s[11:] for s in starts(autumn)], ["00:00:00+02:00", "01:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00", "03:00:00+01:00",
                                            "04:00:00+01:00", "05:00:00+01:00"], "autumn")


def test_a_date_twice():
    """St John's once went from 00:01 back to 23:01 of the day before: that date's slots are one group."""
    with Server(clock="2010-11-01T00:00:00Z") as server:
        host = server.register("johns", time_zone="UTC")
        host.set_hours([{**ALWAYS[0]}])
        event_type = host.make_event_type("minute", durations=[{"minutes": 1}], minimum_notice_minutes=0)
        answer = host.get(slots_path(event_type, from_="2010-11-06", to="2010-11-07", time_zone="America/St_Johns"))
        days = answer.json["days"]
        same([d["date"] for d in days], ["2010-11-06", "2010-11-07"], "each date once")
        same([len(d["slots"]) for d in days], [1440 + 59, 1440 + 1], "with all its minutes")
        check(all(s["start"].startswith(d["date"]) for d in days for s in d["slots"]), "none of another date")


def test_bad_slot_queries(server):
    host = server.register("badqueries")
    client, t = server.client(), host.event_type
    for members, field in (({"time_zone": "Mars/Olympus"}, "/time_zone"), ({"time_zone": ""}, "/time_zone"), ({"time_zone": None}, "/time_zone"),
                           ({"from_": "2026-02-29"}, "/from"), ({"from_": None}, "/from"), ({"to": "tomorrow"}, "/to"),
                           ({"to": "2026-03-01"}, "/to"), ({"to": "2026-05-03"}, "/to"), ({"to": "9999-01-01"}, "/to"),
                           ({"duration_minutes": 0}, "/duration_minutes"), ({"duration_minutes": 5256000}, "/duration_minutes"),
                           ({"duration_minutes": "half"}, "/duration_minutes"), ({"duration_minutes": 31}, "/duration_minutes"),
                           ({"color": "red"}, "/color")):
        refused(client, "GET", slots_path(t, **members), None, 400, field)
    client.get(slots_path(t, to="2026-05-02"), status=200)  # 62 days
    client.get(slots_path(t) + "&from=2026-03-02", status=400)
    client.get(slots_path(t) + "&%ff=1", status=400)
    client.get(slots_path({"id": NOBODY}), status=404)
    client.get(slots_path({"id": "x"}), status=404)
    client.post(slots_path(t), {}, status=405)


def test_inactive(server):
    host = server.register("inactive")
    sleeping = host.make_event_type("sleeping", active=False)
    stranger = server.client()
    refused(stranger, "GET", slots_path(sleeping), None, 404, None)
    server.register("passerby").get(slots_path(sleeping), status=404)
    check(starts(host.get(slots_path(sleeping), status=200)), "its owner sees what would be offered")
    stranger.get(slots_path(sleeping), status=404)  # nor from the cache
    host.patch("/v1/event-types/" + sleeping["id"], {"active": True}, status=200)
    stranger.get(slots_path(sleeping), status=200)
    host.patch("/v1/event-types/" + sleeping["id"], {"active": False}, status=200)
    stranger.get(slots_path(sleeping), status=404)


def test_seats(server):
    host = server.register("seats")
    group = host.make_event_type("group", seats=2, minimum_notice_minutes=0)
    left = {s["start"]: s["seats_left"] for d in host.get(slots_path(group)).json["days"] for s in d["slots"]}
    same(set(left.values()), {2}, "all seats are left")
    start = "2026-03-03T10:00:00Z"
    server.client().post("/v1/bookings", booking_body(group, start, email_proof=server.prove("ivy@example.org")), status=201)
    left = {s["start"]: s["seats_left"] for d in host.get(slots_path(group)).json["days"] for s in d["slots"]}
    same(left["2026-03-03T10:00:00+00:00"], 1, "one is taken")
    proof = server.prove("ida@example.org")
    server.client().post("/v1/bookings", booking_body(group, start, address="ida@example.org", email_proof=proof), status=201)
    check("2026-03-03T10:00:00+00:00" not in starts(host.get(slots_path(group))), "full")
    check("seats_left" not in host.get(slots_path(host.event_type)).json["days"][0]["slots"][0], "only where they are shared")


# ---- the cache and its ETags

class Watcher:
    """Asks for the same slots again and again, by If-None-Match."""

    def __init__(self, server, event_type, **members):
        self.client, self.path = server.client(), slots_path(event_type, **members)
        self.seen = self.client.get(self.path, status=200)
        self.starts = starts(self.seen)

    def changed(self):
        """Whether the answer is another one; what a cache-free question says must agree."""
        answer = self.client.get(self.path, headers={"If-None-Match": self.seen.headers["etag"]}, status=(200, 304))
        plain = self.client.get(self.path, status=200)
        same(plain.headers["etag"], answer.headers["etag"], "the ETag of 304 and 200")
        if answer.status == 304:
            same(plain.body, self.seen.body, "304 and the body")
            return False
        check(answer.body != self.seen.body, "200 is another body")
        self.seen, self.starts = answer, starts(answer)
        return True


def test_cached_answers(server):
    host, other = server.register("cached"), server.register("uncached")
    event_type = host.make_event_type("watched", minimum_notice_minutes=0)
    watcher = Watcher(server, event_type)
    zone = Watcher(server, event_type, time_zone="Asia/Tokyo")
    check(watcher.seen.headers["etag"] != zone.seen.headers["etag"], "another zone is another answer")
    check(watcher.seen.headers["etag"].startswith('"'), "a strong ETag")
    check(not watcher.changed() and not zone.changed(), "nothing happened")
    # what others do changes nothing
    other.make_event_type("mine")
    other.put(f"/v1/schedules/{other.schedule['id']}/rules", {"weekly": []}, status=200)
    host.patch("/v1/event-types/" + host.event_type["id"], {"title": "Else"}, status=200)
    check(not watcher.changed() and not zone.changed(), "others' changes")
    # what decides it does
    steps = [
        ("rules", lambda: host.set_hours([{"days": ["tue"], "start": "10:00", "end": "12:00"}]), 4),
        ("override", lambda: host.put(f"/v1/schedules/{host.schedule['id']}/overrides/2026-03-04",
                                      {"intervals": [{"start": "10:00", "end": "11:00"}]}, status=200), 6),
        ("one-off", lambda: host.post(f"/v1/schedules/{host.schedule['id']}/one-offs",
                                      {"kind": "busy", "start": "2026-03-04T10:00:00Z", "end": "2026-03-04T10:30:00Z"}, status=201), 5),
        ("duration", lambda: host.patch("/v1/event-types/" + event_type["id"], {"durations": [{"minutes": 60}]}, status=200), 2),
        ("interval", lambda: host.patch("/v1/event-types/" + event_type["id"], {"interval_minutes": 15}, status=200), 5),
        ("zone", lambda: host.patch("/v1/schedules/" + host.schedule["id"], {"time_zone": "Asia/Tokyo"}, status=200), None),
        ("whole schedule", lambda: host.put("/v1/schedules/" + host.schedule["id"], schedule_body("default", time_zone="UTC"), status=200), None),
    ]
    for name, change, slots in steps:
        change()
        check(watcher.changed(), f"{name} changes the answer")
        check(slots is None or len(watcher.starts) == slots, f"{name}: {len(watcher.starts)} slots, not {slots}")
        check(not watcher.changed(), f"and then it stays after {name}")
    check(zone.changed(), "the other zone's answer as well")


def test_booking_changes_the_answer(server):
    host = server.register("booked")
    event_type = host.make_event_type("talk", minimum_notice_minutes=0)
    elsewhere = host.make_event_type("other", minimum_notice_minutes=0)
    watchers = [Watcher(server, event_type), Watcher(server, elsewhere)]
    start = "2026-03-03T10:00:00Z"
    booking = host.post("/v1/bookings", booking_body(event_type, start, email_proof=server.prove("ivy@example.org")), status=201).json
    for watcher in watchers:
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" not in watcher.starts, "a booking takes its time from all of the host's types")
    host.post(f"/v1/bookings/{booking['id']}/cancel", {}, status=200)
    for watcher in watchers:
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" in watcher.starts, "cancelled, it is free again")


def test_time_changes_the_answer():
    with Server(clock="2026-03-02T08:00:00Z") as server:
        host = server.register("clock")
        event_type = host.make_event_type("talk", minimum_notice_minutes=60, horizon_days=2)
        watcher = Watcher(server, event_type)
        same((watcher.starts[0], watcher.starts[-1]), ("2026-03-02T09:00:00+00:00", "2026-03-04T16:30:00+00:00"), "at first")
        hold = server.client().post("/v1/holds", {"event_type_id": event_type["id"], "start": "2026-03-03T10:00:00Z", "duration_minutes": 30}, status=201).json
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" not in watcher.starts, "a hold takes time")
        same(hold["expires_at"], "2026-03-02T08:10:00Z", "until")
        server.clock("2026-03-02T08:00:01Z")
        check(watcher.changed() and watcher.starts[0] == "2026-03-02T09:30:00+00:00", "a second later the notice has passed 09:00")
        server.clock("2026-03-02T08:09:59Z")
        check(not watcher.changed(), "the hold's last second")
        server.clock("2026-03-02T08:10:00Z")
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" in watcher.starts, "the hold has run out, without a sweeper")
        server.clock("2026-03-02T08:30:00Z")
        check(not watcher.changed(), "09:30 is exactly the notice away")
        server.clock("2026-03-02T08:30:01Z")
        check(watcher.changed() and watcher.starts[0] == "2026-03-02T10:00:00+00:00", "and now it is not")
        server.clock("2026-03-02T23:59:59Z")
        check(watcher.changed() and watcher.starts[-1] == "2026-03-04T16:30:00+00:00", "late on Monday")
        server.clock("2026-03-03T00:00:00Z")
        check(watcher.changed() and watcher.starts[-1] == "2026-03-05T16:30:00+00:00", "the horizon moves with the host's date")
        server.clock("2026-03-02T08:00:00Z")
        check(watcher.changed() and watcher.starts[0] == "2026-03-02T09:00:00+00:00", "a clock set back is believed")


def test_cache_under_changes():
    """Readers all the while a host changes the hours: an answer that begins after a change shows it or a later one."""
    with Server() as server:
        host = server.register("racing")
        event_type = host.make_event_type("talk", minimum_notice_minutes=0)
        path, done, wrong = slots_path(event_type), threading.Event(), []
        seen = [0]

        def read():
            client = server.client()
            while not done.is_set():
                least = seen[0]
                answer = client.call("GET", path, judge=False)
                got = len(starts(answer))
                if answer.status != 200 or got < least:
                    wrong.append((got, least))
        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        host.set_hours([])
        for i in range(1, 40):
            host.set_hours([{"days": ["wed"], "start": "00:00", "end": f"{i // 2:02}:{i % 2 * 30:02}"}])
            seen[0] = i
        done.set()
        for reader in readers:
            reader.join()
        same(wrong[:3], [], "stale answers")
        same(len(starts(host.get(path))), 39, "the last one")


def test_many_queries(server):
    """More answers than the cache holds: each is right all the same."""
    host = server.register("many")
    event_type = host.make_event_type("talk", minimum_notice_minutes=0, horizon_days=None)
    client = server.client()
    dates = [f"2026-{m:02}-{d:02}" for m in range(3, 13) for d in range(1, 29)]
    first = {}
    for turn in range(2):
        for zone in ("UTC", "Asia/Tokyo", "America/New_York", "Europe/Berlin", "Australia/Sydney"):
            for date in dates:
                answer = client.call("GET", slots_path(event_type, from_=date, to=date, time_zone=zone), judge=False)
                if first.setdefault((zone, date), answer.body) != answer.body:
                    check(False, f"{zone} {date} differs")
        check(len(first) == 5 * len(dates), "all were asked")
    same(len(json.loads(first["UTC", "2026-03-03"])["days"][0]["slots"]), 16, "a Tuesday's slots")


# ---- the engine on one's own data

def test_vectors(server):
    client, agreed = server.client(), 0
    with open(os.path.join(ROOT, "tests/cases/slots.jsonl"), encoding="utf-8") as f:
        for line in f:
            case = json.loads(line)
            wanted = case["expect"]["slots"]
            answer = client.call("POST", "/v1/slots", case, judge=agreed % 10 == 0, status=200)
            if answer.json != {"name": case["name"], "slots": wanted}:
                check(False, f"{case['name']}: {answer!r}")
            else:
                agreed += 1
    same(agreed, 300, "cases that agree")


CASE = {"now": "2026-03-02T08:00:00Z", "query": {"from": "2026-03-02", "to": "2026-03-03", "time_zone": "UTC"},
        "schedule": {"time_zone": "UTC", "weekly": WEEK}, "event": {"duration_minutes": 30}}


def with_member(path, value):
    case = json.loads(json.dumps(CASE))
    at = case
    for name in path[:-1]:
        at = at[name] if isinstance(at, list) else at.setdefault(name, {})
    at[path[-1]] = value
    return case


def test_bad_cases(server):
    """The same errors as the command line's."""
    client = server.client()
    cases = [
        (("query", "to"), "2026-03-01"), (("query", "to"), "2027-03-03"), (("query", "time_zone"), "Nowhere"), (("query", "from"), "2026-02-30"),
        (("schedule", "time_zone"), "x/y"), (("schedule", "weekly", 0, "end"), "09:00"), (("schedule", "weekly", 0, "end"), "25:00"),
        (("schedule", "weekly", 0, "start"), "24:00"), (("schedule", "weekly", 0, "days"), ["mond"]),
        (("event", "duration_minutes"), 0), (("event", "duration_minutes"), 5256000), (("event", "interval_minutes"), 0), (("event", "seats"), 0),
        (("event", "limits"), {"day": 0}), (("event", "window"), {"from": "2026-03-02", "until": "2026-03-01"}), (("event", "colour"), 1),
        (("meetings",), [{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:00:00Z"}]),
        (("meetings",), [{"start": "2026-03-02T10:00:00.5Z", "end": "2026-03-02T11:00:00Z"}]),
        (("busy",), [{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:00:00Z"}]), (("now",), "1969-12-31T23:59:59Z"),
        (("now",), "2200-01-01T00:00:00Z"), (("now",), "noon"), (("schedule", "overrides"), [{"date": "2026-03-02"}, {"date": "2026-03-02"}]),
        (("nonsense",), 1),
    ]
    lines = [with_member(path, value) for path, value in cases]
    told = subprocess.run([BINARY, "slots", "-"], input="".join(json.dumps(c) + "\n" for c in lines), capture_output=True, text=True, check=False)
    same(told.returncode, 1, "the command's exit status")
    for (path, value), case, line in zip(cases, lines, told.stdout.splitlines(), strict=True):
        answer = client.post("/v1/slots", case, status=400)
        error = json.loads(line)["error"]
        first = answer.json["errors"][0]
        same((first["field"], first["message"]), (error["field"], error["message"]), f"{path} {value!r}")
    client.post("/v1/slots", json.dumps(CASE).encode() + b"{}", status=400)
    client.post("/v1/slots", b'{"now":"2026-03-02T08:00:00Z","now":"2026-03-02T08:00:00Z"}', status=400)
    same(client.post("/v1/slots", with_member(("query", "to"), "2027-03-02"), status=200).json["name"], None, "366 days, without a name")


# ---- explanations

def test_explain(server):
    host = server.register("explains")
    event_type = host.make_event_type("talk", horizon_days=10, limits={"week": 5})
    path = f"/v1/event-types/{event_type['id']}/explain"

    def codes(client, at, **members):
        answer = client.get(query(path, at=at, **members), status=200).json
        same(answer["offered"], not answer["reasons"], "offered without reasons only")
        check(all(r["message"] for r in answer["reasons"]), "every reason has words")
        return [r["code"] for r in answer["reasons"]]

    stranger = server.client()
    same(codes(stranger, "2026-03-03T10:00:00Z"), [], "a slot")
    same(codes(stranger, "2026-03-03T11:00:00+01:00"), [], "the same with an offset")
    same(codes(stranger, "2026-03-03T10:10:00Z"), ["off_grid"], "between two")
    same(codes(stranger, "2026-03-03T20:00:00Z"), ["outside_hours"], "in the evening")
    same(codes(stranger, "2026-03-02T10:00:00Z"), ["notice"], "too soon")
    check("past" in codes(stranger, "2026-03-02T07:00:00Z"), "past")
    same(codes(stranger, "2026-03-20T10:00:00Z"), ["horizon"], "too far")
    booking = host.post("/v1/bookings", booking_body(event_type, "2026-03-03T10:00:00Z", email_proof=server.prove("ivy@example.org")), status=201).json
    host.post(f"/v1/schedules/{host.schedule['id']}/one-offs", {"kind": "busy", "start": "2026-03-04T10:00:00Z", "end": "2026-03-04T11:00:00Z"}, status=201)
    host.put(f"/v1/schedules/{host.schedule['id']}/overrides/2026-03-05", {"intervals": []}, status=200)
    for at, code in (("2026-03-03T10:00:00Z", "meeting"), ("2026-03-04T10:00:00Z", "one_off_busy"), ("2026-03-05T10:00:00Z", "override_closed")):
        for client, owner in ((stranger, False), (host, True)):
            reasons = client.get(query(path, at=at), status=200).json["reasons"]
            reason = next((r for r in reasons if r["code"] == code), {})
            check(reason, f"{code} at {at}: {reasons}")
            private = code in ("meeting", "one_off_busy")
            same("start" in reason, owner or not private, f"{code}: when, to the owner {owner}")
            check(owner or "id" not in reason, f"{code}: which one is not told to strangers")
    text = stranger.get(query(path, at="2026-03-03T10:00:00Z")).body.decode()
    check("10:30" not in text and booking["id"] not in text, "nothing of the meeting in a stranger's answer")
    # agrees with the slots
    offered = set(server.slots(event_type))
    for hour in range(24):
        at = f"2026-03-04T{hour:02}:00:00Z"
        same(codes(stranger, at) == [], at.replace("Z", "+00:00") in offered, f"explain and slots at {at}")
    for members, field in (({"at": "soon"}, "/at"), ({}, "/at"), ({"at": "2026-03-03T10:00:00Z", "duration_minutes": 31}, "/duration_minutes"),
                           ({"at": "2026-03-03T10:00:00Z", "time_zone": "Nowhere"}, "/time_zone")):
        refused(stranger, "GET", query(path, **members), None, 400, field)
    sleeping = host.make_event_type("sleeping", active=False)
    stranger.get(query(f"/v1/event-types/{sleeping['id']}/explain", at="2026-03-03T10:00:00Z"), status=404)
    host.get(query(f"/v1/event-types/{sleeping['id']}/explain", at="2026-03-03T10:00:00Z"), status=200)


# ---- calendars and people

def test_calendar(server):
    host = server.register("calends", time_zone="Europe/Berlin")
    event_type = host.make_event_type("talk", minimum_notice_minutes=0)
    one = host.post(f"/v1/schedules/{host.schedule['id']}/one-offs", {"kind": "busy", "start": "2026-03-03T11:00:00Z", "end": "2026-03-03T12:00:00Z"}, status=201).json
    booking = host.post("/v1/bookings", booking_body(event_type, "2026-03-03T09:00:00Z", email_proof=server.prove("ivy@example.org")), status=201).json
    path = query("/v1/calendar", from_="2026-03-03", to="2026-03-03", time_zone="Europe/Berlin")
    calendar = host.get(path, status=200).json
    same(calendar["windows"], [{"start": "2026-03-03T08:00:00Z", "end": "2026-03-03T16:00:00Z"}], "windows")
    same([o["id"] for o in calendar["one_offs"]], [one["id"]], "one-offs")
    same([(m["id"], m["title"], m["status"], m["invitee_name"], m["start"], m["end"]) for m in calendar["meetings"]],
         [(booking["id"], booking["title"], "confirmed", "Ivy Invitee", "2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z")], "meetings")
    same(calendar["busy"], [{"start": a, "end": b} for a, b in (
        ("2026-03-02T23:00:00Z", "2026-03-03T08:00:00Z"), ("2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z"),
        ("2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z"), ("2026-03-03T16:00:00Z", "2026-03-03T23:00:00Z"))], "busy")
    second = host.post("/v1/schedules", schedule_body("second", time_zone="UTC", weekly=[]), status=201).json
    same(host.get(path + "&schedule_id=" + second["id"], status=200).json["windows"], [], "another schedule's windows")
    same(host.get(query("/v1/calendar", from_="2026-03-04", to="2026-03-04", time_zone="UTC")).json["meetings"], [], "another day")
    server.client().get(path, status=401)
    for members, field in (({"to": "2026-03-01"}, "/to"), ({"to": "2027-03-04"}, "/to"), ({"time_zone": "x"}, "/time_zone"), ({"from_": "2026-02-30"}, "/from")):
        refused(host, "GET", query("/v1/calendar", **{"from_": "2026-03-03", "to": "2026-03-03", "time_zone": "UTC", **members}), None, 400, field)
    host.get(query("/v1/calendar", from_="2026-03-03", to="2027-03-03", time_zone="UTC"), status=200)


def test_profiles(server):
    host = server.register("profiled", time_zone="Europe/Berlin")
    shown = host.make_event_type("shown", metadata={"secret": "canary-metadata"}, locations=[{"kind": "in_person", "value": "canary-address", "label": "Office"}])
    host.make_event_type("hidden", hidden=True)
    host.make_event_type("asleep", active=False)
    stranger = server.client()
    profile = stranger.get("/v1/users/profiled", status=200)
    same(profile.json, {"username": "profiled", "first_name": "Test", "last_name": "Host", "time_zone": "Europe/Berlin"}, "the profile")
    page = stranger.get("/v1/users/profiled/event-types", status=200)
    offered = {t["code"]: t for t in page.json["items"]}
    same(sorted(offered), ["30min", "shown"], "what is offered")
    same(offered["shown"]["booking_url"], f"{server.base}/profiled/shown", "its page")
    same(offered["shown"]["locations"], [{"kind": "in_person", "label": "Office"}], "the kind of place")
    check(b"canary" not in page.body, "nothing private")
    same(len(stranger.get("/v1/users/profiled/event-types?limit=1").json["items"]), 1, "paging")
    same(stranger.get("/v1/users/profiled/event-types/shown", status=200).json["id"], shown["id"], "by code")
    stranger.get("/v1/users/profiled/event-types/hidden", status=200)
    for path in ("asleep", "nothing", "%00", "a" * 300):
        stranger.call("GET", "/v1/users/profiled/event-types/" + path, status=(400, 404))
    for name in ("nobody", "PROFILE", "a" * 300, "%ff"):
        for rest in ("", "/event-types", "/event-types/shown", "/busy?from=2026-03-02&to=2026-03-02&time_zone=UTC"):
            stranger.get(f"/v1/users/{name}{rest}", status=(400, 404))


def test_busy_and_overlap(server):
    """A day of one lies across two of another: the month view of an embedding product."""
    ada = server.register("overlapa", time_zone="America/Los_Angeles")
    server.register("overlapb", time_zone="Europe/Berlin")
    event_type = ada.make_event_type("talk", minimum_notice_minutes=0)
    stranger = server.client()
    path = query("/v1/users/overlapa/busy", from_="2026-03-03", to="2026-03-04", time_zone="Asia/Kolkata")
    # Los Angeles 9 to 17 is 17:00Z to 01:00Z; Kolkata's dates run from 18:30Z to 18:30Z
    same(stranger.get(path, status=200).json, {"time_zone": "Asia/Kolkata", "busy": [
        {"start": "2026-03-03T01:00:00Z", "end": "2026-03-03T17:00:00Z"}, {"start": "2026-03-04T01:00:00Z", "end": "2026-03-04T17:00:00Z"}]}, "busy")
    ada.post("/v1/bookings", booking_body(event_type, "2026-03-03T18:00:00Z", email_proof=server.prove("ivy@example.org")), status=201)
    same(stranger.get(path).json["busy"][1], {"start": "2026-03-03T18:00:00Z", "end": "2026-03-03T18:30:00Z"}, "with a meeting")

    def overlap(**members):
        return stranger.get(query("/v1/overlap", **{"from_": "2026-03-03", "to": "2026-03-03", "time_zone": "UTC", **members}), status=200).json["free"]
    berlin = [{"start": "2026-03-03T08:00:00Z", "end": "2026-03-03T16:00:00Z"}]
    same(overlap(users="overlapb"), berlin, "one host")
    same(overlap(users="overlapa,overlapb"), [], "9 to 17 here and there do not meet")
    ada.set_hours([{"days": ["tue"], "start": "06:00", "end": "07:00"}, {"days": ["tue"], "start": "07:30", "end": "09:00"}])
    same(overlap(users="overlapa,overlapb"), [{"start": "2026-03-03T14:00:00Z", "end": "2026-03-03T15:00:00Z"},
                                              {"start": "2026-03-03T15:30:00Z", "end": "2026-03-03T16:00:00Z"}], "two hosts")
    same(overlap(users="overlapa,overlapb", duration_minutes=45), [{"start": "2026-03-03T14:00:00Z", "end": "2026-03-03T15:00:00Z"}], "long enough")
    same(overlap(users="overlapb,overlapb"), berlin, "the same host twice")
    for members, status, field in (({"users": "overlapa,nobody"}, 404, "/users"), ({"users": ""}, 400, "/users"), ({"users": "a,,b"}, 400, "/users"),
                                   ({"users": ",".join(["overlapa"] * 21)}, 400, "/users"), ({}, 400, "/users"),
                                   ({"users": "overlapa", "to": "2026-03-02"}, 400, "/to"), ({"users": "overlapa", "to": "2027-03-04"}, 400, "/to"),
                                   ({"users": "overlapa", "duration_minutes": -1}, 400, "/duration_minutes"),
                                   ({"users": "overlapa", "time_zone": "Nowhere"}, 400, "/time_zone")):
        refused(stranger, "GET", query("/v1/overlap", **{"from_": "2026-03-03", "to": "2026-03-03", "time_zone": "UTC", **members}), None, status, field)
    for members, field in (({"to": "2026-03-01"}, "/to"), ({"to": "2027-03-04"}, "/to"), ({"time_zone": "x"}, "/time_zone"), ({"from_": "2026-02-30"}, "/from"),
                           ({"duration_minutes": 30}, "/duration_minutes")):
        refused(stranger, "GET", query("/v1/users/overlapa/busy", **{"from_": "2026-03-03", "to": "2026-03-03", "time_zone": "UTC", **members}), None, 400, field)


def test_time_zones(server):
    answer = server.client().get("/v1/time-zones", status=200)
    zones = {z["name"]: z["offset_minutes"] for z in answer.json["time_zones"]}
    check(len(zones) > 400, f"{len(zones)} zones")
    same([zones["Asia/Kolkata"], zones["America/New_York"], zones["UTC"]], [330, -300, 0], "offsets now")
    check("max-age" in answer.headers["cache-control"], "may be kept")


def test_erased_hosts_are_gone(server):
    host = server.register("erased")
    event_type = host.make_event_type("talk", minimum_notice_minutes=0)
    stranger = server.client()
    stranger.get(slots_path(event_type), status=200)
    must(host.call("DELETE", "/v1/me", judge=False).status in (200, 202, 204), "erasing")
    stranger.get(slots_path(event_type), status=404)
    stranger.get("/v1/users/erased", status=404)
    stranger.get(query("/v1/users/erased/busy", from_="2026-03-03", to="2026-03-03", time_zone="UTC"), status=404)


run(globals())
