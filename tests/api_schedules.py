"""What hosts set up: schedules and their parts, event types; bad input, whose they are, plans, the audit."""

import json

from noonmark import Server, check, run, same
from offers import FULL_RULE, NOBODY, WEEK, counts, query, refused, schedule_body, slots_path, type_body


# ---- schedules

def test_schedules(server):
    host = server.register("schedulist")
    body = schedule_body("work", weekly=[FULL_RULE], overrides=[{"date": "2026-03-09", "intervals": []},
                                                                 {"date": "2026-03-04", "intervals": [
                                                                     {"start": "23:00", "end": "01:00"}]}],
                         one_offs=[{"kind": "busy", "start": "2026-03-03T10:00:00+01:00",
                                    "end": "2026-03-03T11:00:00+01:00"}])
    answer = host.post("/v1/schedules", body, status=201)
    made = answer.json
    same(made["weekly"], [FULL_RULE], "weekly")
    same([o["date"] for o in made["overrides"]], ["2026-03-04", "2026-03-09"], "overrides by date")
    same([(o["start"], o["end"]) for o in made["one_offs"]], [("2026-03-03T09:00:00Z", "2026-03-03T10:00:00Z")],
         "one-offs")
    same((made["is_default"], made["version"], answer.headers["etag"]), (False, 1, '"1"'), "a new one")
    same(answer.headers["location"], "/v1/schedules/" + made["id"], "Location")
    path = "/v1/schedules/" + made["id"]
    same(host.get(path, status=200).json, made, "GET")
    # PATCH merges, PUT replaces
    changed = host.patch(path, {"name": "Play"}, status=200)
    same(changed.json, {**made, "name": "Play", "version": 2, "updated_at": changed.json["updated_at"]},
         "PATCH of the name")
    same(changed.headers["etag"], '"2"', "ETag after PATCH")
    replaced = host.put(path, schedule_body("work"), status=200).json
    same((replaced["overrides"], replaced["one_offs"], replaced["id"], replaced["version"]), ([], [], made["id"], 3),
         "PUT")
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
                     ("page=2", "/page"), ("limit=1&limit=2", "/limit"),
                     ("updated_since=yesterday", "/updated_since")):
        refused(host, "GET", "/v1/schedules?" + q, None, 400, field)


def test_default_schedule(server):
    host = server.register("defaults")
    first = host.schedule
    second = host.post("/v1/schedules", schedule_body("second"), status=201).json
    refused(host, "PATCH", f"/v1/schedules/{first['id']}", {"is_default": False}, 422, "/is_default", "refused")
    refused(host, "DELETE", f"/v1/schedules/{first['id']}", None, 422, "/is_default", "refused")
    check(host.put(f"/v1/schedules/{first['id']}", schedule_body("default"), status=200).json["is_default"],
          "PUT keeps it")
    check(host.patch(f"/v1/schedules/{second['id']}", {"is_default": True}, status=200).json["is_default"],
          "it moves")
    same([s["code"] for s in host.get("/v1/schedules").json["items"] if s["is_default"]], ["second"], "there is one")
    answer = host.delete(f"/v1/schedules/{first['id']}", status=422)
    check(host.event_type["code"] in answer.json["detail"], f"who uses it is named: {answer.json['detail']}")
    host.delete("/v1/event-types/" + host.event_type["id"], status=204)
    host.delete(f"/v1/schedules/{first['id']}", status=204)


def test_rules(server):
    host = server.register("rules")
    path = f"/v1/schedules/{host.schedule['id']}/rules"
    same(host.get(path, status=200).json["weekly"][0]["days"], ["mon", "tue", "wed", "thu", "fri"],
         "the default week")
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
    for weekly in ([{"days": ["mon"], "start": "22:00", "end": "02:00"},
                    {"days": ["tue"], "start": "01:00", "end": "03:00"}],
                   [{"days": ["sun"], "start": "22:00", "end": "02:00"},
                    {"days": ["mon"], "start": "01:59", "end": "03:00"}]):
        refused(host, "PUT", path, {"weekly": weekly}, 422, "/weekly/1")
    for weekly in ([{"days": ["mon"], "start": "09:00", "end": "12:00"},
                    {"days": ["mon"], "start": "12:00", "end": "13:00"}],
                   [{"days": ["mon"], "start": "09:00", "end": "12:00", "until": "2026-03-08"},
                    {"days": ["mon"], "start": "09:00", "end": "12:00", "from": "2026-03-09"}],
                   [{"days": ["mon"], "start": "22:00", "end": "24:00"},
                    {"days": ["tue"], "start": "00:00", "end": "03:00"}]):
        host.put(path, {"weekly": weekly}, status=200)


def test_rules_hold_for_a_year(server):
    host = server.register("year", time_zone="Pacific/Honolulu")  # where it is still the first of March
    path = f"/v1/schedules/{host.schedule['id']}/rules"
    dates = lambda answer: [(rule["from"], rule["until"]) for rule in answer.json["weekly"]]
    same(dates(host.get(path, status=200)), [("2026-03-01", "2027-03-01")], "the hours that an account begins with")
    rule = {"days": ["mon"], "start": "09:00", "end": "10:00"}
    given = [{}, {"from": None}, {"until": None}, {"from": None, "until": None}, {"from": "2028-02-29"}, {"until": "2026-03-31"}]
    wanted = [("2026-03-01", "2027-03-01"), (None, "2027-03-01"), ("2026-03-01", None), (None, None),
              ("2028-02-29", "2029-02-28"), ("2026-03-01", "2026-03-31")]
    for dated, want in zip(given, wanted):
        same(dates(host.put(path, {"weekly": [{**rule, **dated}]}, status=200)), [want], f"dates of {dated}")
    body = schedule_body("other", weekly=[rule])
    made = host.post("/v1/schedules", body, status=201)
    same(dates(made), [("2026-03-02", "2027-03-02")], "a new schedule's, in its own zone")
    same(dates(host.patch(f"/v1/schedules/{made.json['id']}", {"name": "Other"}, status=200)), dates(made), "kept by PATCH")
    refused(host, "PUT", path, {"weekly": [{**rule, "until": "2026-02-28"}]}, 400, "/weekly/0/until")
    # and after the year there is nothing to book
    kind = host.make_event_type("kind", schedule_id=made.json["id"], horizon_days=None, minimum_notice_minutes=0)
    last, after = (host.get(slots_path(kind, from_=day, to=day), status=200).json["days"] for day in ("2027-03-01", "2027-03-08"))
    check(last and not after, f"slots on {last} and {after}")
    # the engine by itself has no such default
    case = {"now": "2020-01-01T00:00:00Z", "query": {"from": "2020-01-06", "to": "2020-01-06", "time_zone": "UTC"},
            "schedule": {"time_zone": "UTC", "weekly": [rule]}, "event": {"duration_minutes": 60}}
    same(len(host.post("/v1/slots", case, status=200).json["slots"]), 1, "slots of the engine alone")


def test_overrides(server):
    host = server.register("overrides")
    path = f"/v1/schedules/{host.schedule['id']}/overrides"
    day = {"date": "2026-03-05", "intervals": [{"start": "10:00", "end": "12:00"}]}
    same(host.put(f"{path}/2026-03-05", {"intervals": day["intervals"]}, status=200).json, day, "PUT of a date")
    same(host.put(f"{path}/2026-03-03", {"intervals": []}, status=200).json, {"date": "2026-03-03", "intervals": []},
         "closed")
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
    refused(host, "PUT", f"{path}/2026-03-05", {"intervals": [{"start": "25:00", "end": "26:00"}]}, 400,
            "/intervals/0/start")
    refused(host, "PUT", f"{path}/2026-03-05", {"intervals": [{"start": "09:00", "end": "09:00"}]}, 400,
            "/intervals/0/end")
    refused(host, "PUT", path, {"overrides": [day, day]}, 400, "/overrides/1/date")
    host.put(f"{path}/2026-03-05", {"intervals": []}, headers={"If-Match": '"1"'}, status=412)


def test_one_offs(server):
    host = server.register("oneoffs")
    path = f"/v1/schedules/{host.schedule['id']}/one-offs"
    busy = {"kind": "busy", "start": "2026-03-04T09:00:00Z", "end": "2026-03-04T17:00:00Z"}
    made = host.post(path, busy, status=201).json
    same({k: made[k] for k in busy}, busy, "POST")
    check(not any(s.startswith("2026-03-04") for s in server.slots(host.event_type)), "it takes time")
    extra = host.post(path, {"kind": "available", "start": "2026-03-04T20:00:00Z", "end": "2026-03-04T20:30:00Z"},
                      status=201)
    same([s for s in server.slots(host.event_type) if s.startswith("2026-03-04")], ["2026-03-04T20:00:00+00:00"],
         "it adds time")
    page = host.get(path + "?limit=1", status=200).json
    rest = host.get(query(path, limit=5, cursor=page["next_cursor"]), status=200).json
    same(sorted([page["items"][0]["id"], rest["items"][0]["id"]]), sorted([made["id"], extra.json["id"]]), "paging")
    host.delete(f"{path}/{made['id']}", status=204)
    host.delete(f"{path}/{made['id']}", status=404)
    host.delete(f"{path}/not-an-id", status=404)
    check(any(s.startswith("2026-03-04T09") for s in server.slots(host.event_type)), "taken back")
    for body, field in (({**busy, "kind": "maybe"}, "/kind"), ({**busy, "end": busy["start"]}, "/end"),
                        ({**busy, "start": "2026-03-04T09:00:01Z"}, "/start"),
                        ({**busy, "start": "2026-03-04T09:00:00.5Z"}, "/start"),
                        ({**busy, "start": "2026-03-04 09:00"}, "/start"),
                        ({**busy, "end": "2300-01-01T00:00:00Z"}, "/end"),
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
        ({"overrides": [{"date": "2026-03-01", "intervals": [{"start": "10:00", "end": "10:00"}]}]}, 400,
         "/overrides/0/intervals/0/end"),
        ({"overrides": [{"date": f"{2030 + i // 360}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}"} for i in range(1001)]},
         400, "/overrides"),
        ({"one_offs": [{"kind": "busy", "start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:00:00Z"}]}, 400,
         "/one_offs/0/end"),
        ({"name": ""}, 400, "/name"), ({"name": "x" * 101}, 400, "/name"), ({"name": "a\u202eb"}, 400, "/name"),
        ({"name": "see https://evil.example"}, 400, "/name"), ({"name": "a\nb"}, 400, "/name"),
        ({"name": 7}, 400, "/name"),
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
    for body, status in ((b"", 400), (b"{", 400), (whole + b"x", 400), (whole[:-1] + b',"name":"b"}', 400),
                         (b"[]", 400),
                         (b'{"name":"a\\u0000b","code":"c","time_zone":"UTC"}', 400),
                         (b'{"name":"\xff","code":"c","time_zone":"UTC"}', 400),
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
    for member in ("code", "title", "color", "interval_minutes", "horizon_days", "window", "seats", "hidden",
                   "metadata"):
        same(made[member], body[member], member)
    same(made["durations"], [body["durations"][0], {"minutes": 30, "price": None}], "durations")
    same(made["limits"], {"day": 3, "week": None, "month": None}, "limits")
    same(made["booking_url"], f"{server.base}/types/visit", "booking_url")
    same((made["active"], made["version"], answer.headers["location"]), (True, 1, "/v1/event-types/" + made["id"]),
         "a new one")
    path = "/v1/event-types/" + made["id"]
    same(host.get(path, status=200).json, made, "GET")
    # defaults
    plain = host.post("/v1/event-types", {"code": "plain", "title": "Plain", "durations": [{"minutes": 30}]},
                      status=201).json
    same([plain[m] for m in ("schedule_id", "minimum_notice_minutes", "horizon_days", "interval_minutes", "window",
                             "limits",
                             "seats", "buffer_before_minutes", "locations", "questions", "metadata", "active",
                             "hidden")],
         [host.schedule["id"], 240, 60, None, None, None, 1, 0, [], [], {}, True, False], "defaults")
    # merging
    first, second = made["questions"]
    changed = host.patch(path, {"window": {"until": "2026-04-30"}, "limits": None, "minimum_notice_minutes": None,
                                "color": None,
                                "questions": [{**second, "label": "Which one?"}, {"label": "New", "kind": "number"}]},
                                status=200).json
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


def test_event_type_restore(server):
    host, other = server.register("restorer"), server.register("restorenot")
    made = host.make_event_type("again", description="Kept")
    path = f"/v1/event-types/{made['id']}"
    host.post(path + "/restore", status=404)
    host.delete(path, status=204)
    other.post(path + "/restore", status=404)
    twin = host.make_event_type("again")
    refused(host, "POST", path + "/restore", None, 409, "/code", "conflict")
    host.delete("/v1/event-types/" + twin["id"], status=204)
    back = host.post(path + "/restore", status=200).json
    same((back["description"], back["active"], back["version"]), ("Kept", False, made["version"] + 2), "as it was")
    host.patch(path, {"active": True}, status=200)
    server.client().get("/v1/users/restorer/event-types/again", status=200)


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
    same(page["items"] + host.get(query("/v1/event-types", cursor=page["next_cursor"])).json["items"], items,
         "paging")
    same(host.get("/v1/event-types?updated_since=2026-03-02T08:00:01Z").json["items"], [], "updated_since")
    refused(host, "GET", "/v1/event-types?active=maybe", None, 400, "/active")


def test_bad_event_types(server):
    host, other = server.register("badtypes"), server.register("badtypes2")
    before = counts(server)
    question = {"label": "a", "kind": "text"}
    cases = [
        ({"durations": []}, 400, "/durations"), ({"durations": None}, 400, "/durations"),
        ({"durations": [{"minutes": 0}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": 5256000}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": -30}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": 30.5}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": "30"}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": 1 << 62}]}, 400, "/durations/0/minutes"),
        ({"durations": [{"minutes": 5}, {"minutes": 5}]}, 400, "/durations/1/minutes"),
        ({"durations": [{"minutes": i + 1} for i in range(11)]}, 400, "/durations"),
        ({"durations": [{"minutes": 5, "price": {"amount": -1, "currency": "EUR"}}]}, 400,
         "/durations/0/price/amount"),
        ({"durations": [{"minutes": 5, "price": {"amount": 5, "currency": "XXX"}}]}, 400,
         "/durations/0/price/currency"),
        ({"durations": [{"minutes": 5, "price": {"amount": 5, "currency": "eur"}}]}, 400,
         "/durations/0/price/currency"),
        ({"durations": [{"minutes": 5, "price": {"amount": 5}}]}, 400, "/durations/0/price/currency"),
        ({"durations": [{"minutes": 5, "price": {"currency": "EUR"}}]}, 400, "/durations/0/price/amount"),
        ({"interval_minutes": 0}, 400, "/interval_minutes"), ({"interval_minutes": 1441}, 400, "/interval_minutes"),
        ({"buffer_before_minutes": -1}, 400, "/buffer_before_minutes"),
        ({"buffer_after_minutes": 1441}, 400, "/buffer_after_minutes"),
        ({"minimum_notice_minutes": -1}, 400, "/minimum_notice_minutes"),
        ({"horizon_days": -1}, 400, "/horizon_days"),
        ({"window": {"from": "2026-03-02", "until": "2026-03-01"}}, 400, "/window/until"),
        ({"window": {"from": "2026-03-02"}}, 400, "/window/until"),
        ({"window": {"until": "2026-02-31"}}, 400, "/window/until"),
        ({"limits": {"day": 0}}, 400, "/limits/day"), ({"limits": {"year": 1}}, 400, "/limits/year"),
        ({"seats": 0}, 400, "/seats"), ({"seats": 1001}, 400, "/seats"),
        ({"locations": [{"kind": "moon"}]}, 400, "/locations/0/kind"),
        ({"locations": [{"kind": "in_person"}]}, 400, "/locations/0/value"),
        ({"locations": [{"kind": "link", "value": "javascript:alert(1)"}]}, 400, "/locations/0/value"),
        ({"locations": [{"kind": "link", "value": "http://x.example"}]}, 400, "/locations/0/value"),
        ({"locations": [{"kind": "phone", "value": "a\nb"}]}, 400, "/locations/0/value"),
        ({"questions": [{**question, "kind": "choice"}]}, 400, "/questions/0/choices"),
        ({"questions": [{**question, "choices": ["x"]}]}, 400, "/questions/0/choices"),
        ({"questions": [{**question, "kind": "choice", "choices": ["x", "x"]}]}, 400, "/questions/0/choices/1"),
        ({"questions": [{**question, "id": NOBODY}]}, 400, "/questions/0/id"),
        ({"questions": [question] * 21}, 400, "/questions"),
        ({"questions": [{**question, "label": ""}]}, 400, "/questions/0/label"),
        ({"metadata": []}, 400, "/metadata"), ({"metadata": {"x": "y" * 5000}}, 400, "/metadata"),
        ({"title": ""}, 400, "/title"), ({"title": "www.evil.example"}, 400, "/title"),
        ({"title": "a\u200bb"}, 400, "/title"),
        ({"description": "a\u2066b"}, 400, "/description"), ({"description": "x" * 4001}, 400, "/description"),
        ({"color": "red"}, 400, "/color"), ({"code": "A B"}, 400, "/code"), ({"code": "30min"}, 409, "/code"),
        ({"active": 1}, 400, "/active"), ({"booking_url": "https://x.example"}, 400, "/booking_url"),
        ({"bookable_id": NOBODY}, 400, "/bookable_id"),
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
    refused(host, "PATCH", "/v1/event-types/" + host.event_type["id"], {"code": "30min", "durations": []}, 400,
            "/durations")
    same(counts(server), before, "nothing was stored")


def test_plan_limit():
    with Server(default_plan="free") as server:
        host = server.register("frugal")
        answer = refused(host, "POST", "/v1/event-types", type_body(host, "second"), 422, "/active", "plan_limit")
        check("free_event_types" in answer.json["detail"] and "1" in answer.json["detail"],
              "the limit and its number")
        second = host.post("/v1/event-types", type_body(host, "second", active=False, durations=[
            {"minutes": m} for m in (15, 30, 60)]), status=201).json
        path = "/v1/event-types/" + second["id"]
        refused(host, "PATCH", path, {"active": True}, 422, "/active", "plan_limit")
        host.patch(path, {"title": "Else"}, status=200)
        host.patch("/v1/event-types/" + host.event_type["id"], {"title": "Still active"}, status=200)
        host.patch("/v1/event-types/" + host.event_type["id"], {"active": False}, status=200)
        host.patch(path, {"active": True}, status=200)
        refused(host, "PATCH", "/v1/event-types/" + host.event_type["id"], {"active": True}, 422, "/active",
                "plan_limit")
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
    one_off = ada.post(schedule + "/one-offs", {"kind": "busy", "start": "2026-03-04T09:00:00Z",
                                                "end": "2026-03-04T10:00:00Z"}).json
    override = {"intervals": []}
    ada.put(schedule + "/overrides/2026-03-06", override, status=200)
    calls = [("GET", schedule, None), ("PUT", schedule, schedule_body("x")), ("PATCH", schedule, {"name": "x"}),
             ("DELETE", schedule, None),
             ("GET", schedule + "/rules", None), ("PUT", schedule + "/rules", {"weekly": []}),
             ("GET", schedule + "/overrides", None),
             ("PUT", schedule + "/overrides", {"overrides": []}),
             ("PUT", schedule + "/overrides/2026-03-06", override),
             ("DELETE", schedule + "/overrides/2026-03-06", None), ("GET", schedule + "/one-offs", None),
             ("POST", schedule + "/one-offs", {k: one_off[k] for k in ("kind", "start", "end")}),
             ("DELETE", f"{schedule}/one-offs/{one_off['id']}", None), ("GET", event_type, None),
             ("PATCH", event_type, {"title": "x"}), ("POST", event_type + "/restore", None),
             ("DELETE", event_type, None)]
    before = [ada.get(schedule).json, ada.get(event_type).json]
    for method, path, body in calls:
        eve.call(method, path, body, status=404)
        server.client().call(method, path, body, status=401)
        for wrong in (NOBODY, "7", "%27", "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c0"):
            eve.call(method, path.replace(ada.schedule["id"], wrong).replace(ada.event_type["id"], wrong), body,
                     status=404)
    mine = f"/v1/schedules/{eve.schedule['id']}/one-offs/{one_off['id']}"
    eve.delete(mine, status=404)
    same([ada.get(schedule).json, ada.get(event_type).json], before, "nothing changed")
    refused(eve, "GET", query("/v1/calendar", from_="2026-03-02", to="2026-03-03", time_zone="UTC",
                              schedule_id=ada.schedule["id"]),
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
        host.post(path,
                  {**body,
                   **({"name": "Else"} if "name" in body else {"title": "Else"} if "title" in body
                      else {"kind": "available"})},
                  headers=key, status=422)


def test_audit(server):
    host = server.register("audited")
    made = host.post("/v1/schedules", schedule_body("seen"), status=201).json
    host.patch("/v1/schedules/" + made["id"], {"name": "Other"}, status=200)
    host.put(f"/v1/schedules/{made['id']}/rules", {"weekly": []}, status=200)
    one = host.post(f"/v1/schedules/{made['id']}/one-offs", {"kind": "busy", "start": "2026-03-04T09:00:00Z",
                                                             "end": "2026-03-04T10:00:00Z"}).json
    host.delete(f"/v1/schedules/{made['id']}/one-offs/{one['id']}", status=204)
    host.delete("/v1/schedules/" + made["id"], status=204)
    event_type = host.make_event_type("seen")
    host.patch("/v1/event-types/" + event_type["id"], {"title": "Other"}, status=200)
    host.patch("/v1/event-types/" + event_type["id"], {"title": ""}, status=400)
    host.delete("/v1/event-types/" + event_type["id"], status=204)
    database = server.database()
    rows = database.execute("SELECT action, before_text, after_text, actor FROM audit WHERE account_id = ? "
                            "ORDER BY number",
                            (bytes.fromhex(host.account["id"].replace("-", "")),)).fetchall()
    database.close()
    mine = [r for r in rows if r[0].split(".")[0] in ("schedule", "one_off", "event_type")][-9:]
    same([r[0] for r in mine], ["schedule.create", "schedule.update", "schedule.update", "one_off.create",
                                "one_off.delete",
                                "schedule.delete", "event_type.create", "event_type.update", "event_type.delete"],
                                "actions")
    same([(r[1] is not None, r[2] is not None) for r in mine],
         [(False, True), (True, True), (True, True), (False, True), (True, False), (True, False), (False, True),
          (True, True), (True, False)],
         "before and after")
    same((json.loads(mine[1][1])["name"], json.loads(mine[1][2])["name"]), ("Work", "Other"), "what changed")
    check(all(r[3] == host.account["id"] for r in mine), "who")


run(globals())
