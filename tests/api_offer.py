"""What is offered: slots and their cache, explanations, calendars, profiles, busy times, overlap, and the engine on
one's own data."""

import json
import os
import subprocess
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from noonmark import ALWAYS, BINARY, ROOT, Server, booking_body, check, must, run, same
from offers import NOBODY, WEEK, query, refused, schedule_body, slots_path, starts


# ---- slots

def test_slots(server):
    host = server.register("slotter", time_zone="America/New_York")
    answer = server.client().get(slots_path(host.event_type, time_zone="Asia/Kolkata", duration_minutes=30),
                                 status=200)
    same([answer.json["time_zone"], answer.json["duration_minutes"]], ["Asia/Kolkata", 30], "what was asked")
    same(answer.headers["cache-control"], "no-cache", "Cache-Control")
    first = answer.json["days"][0]
    # Monday 9 to 17 in New York is 19:30 to 03:30 in Kolkata; now is 08:00Z, the notice 4 hours
    same((first["date"], first["slots"][0]), ("2026-03-02", {"start": "2026-03-02T19:30:00+05:30"}), "the first")
    same([s["start"] for s in answer.json["days"][1]["slots"][:8]],
         [f"2026-03-03T0{h}:{m}:00+05:30" for h in range(4) for m in ("00", "30") if (h, m) < (3,
                 "30")] + ["2026-03-03T19:30:00+05:30"],
         "a date has what its own clock shows")
    same(starts(answer), sorted(starts(answer)), "ascending")
    check(all(d["slots"] for d in answer.json["days"]), "days without slots are left out")
    # no duration given: the first
    two = host.make_event_type("two", durations=[{"minutes": 45}, {"minutes": 15}], minimum_notice_minutes=0)
    answer = host.get(slots_path(two), status=200)
    same(answer.json["duration_minutes"], 45, "the default duration")
    same(starts(host.get(slots_path(two, duration_minutes=15)))[:2],
         ["2026-03-02T14:00:00+00:00", "2026-03-02T14:15:00+00:00"], "the other")
    answer = refused(host, "GET", slots_path(two, duration_minutes=30), None, 400, "/duration_minutes")
    check("45, 15" in answer.json["detail"], "those offered are named")


def test_slots_over_clock_changes(server):
    host = server.register("clocks", time_zone="Europe/Berlin")
    host.set_hours([{"days": ["sun"], "start": "00:00", "end": "06:00"}])
    event_type = host.make_event_type("night", durations=[{"minutes": 60}], minimum_notice_minutes=0,
                                      horizon_days=None)
    spring = host.get(slots_path(event_type, from_="2026-03-29", to="2026-03-29", time_zone="Europe/Berlin"))
    same([s[11:] for s in starts(spring)], ["00:00:00+01:00", "01:00:00+01:00", "03:00:00+02:00", "04:00:00+02:00",
                                            "05:00:00+02:00"], "spring")
    autumn = host.get(slots_path(event_type, from_="2026-10-25", to="2026-10-25", time_zone="Europe/Berlin"))
    same([s[11:] for s in starts(autumn)], ["00:00:00+02:00", "01:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00",
                                            "03:00:00+01:00",
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
    for members, field in (({"time_zone": "Mars/Olympus"}, "/time_zone"), ({"time_zone": ""}, "/time_zone"),
                           ({"time_zone": None}, "/time_zone"),
                           ({"from_": "2026-02-29"}, "/from"), ({"from_": None}, "/from"),
                           ({"to": "tomorrow"}, "/to"),
                           ({"to": "2026-03-01"}, "/to"), ({"to": "2026-05-03"}, "/to"),
                           ({"to": "9999-01-01"}, "/to"),
                           ({"duration_minutes": 0}, "/duration_minutes"),
                           ({"duration_minutes": 5256000}, "/duration_minutes"),
                           ({"duration_minutes": "half"}, "/duration_minutes"),
                           ({"duration_minutes": 31}, "/duration_minutes"),
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
    server.client().post("/v1/bookings", booking_body(group, start, email_proof=server.prove("ivy@example.org")),
                         status=201)
    left = {s["start"]: s["seats_left"] for d in host.get(slots_path(group)).json["days"] for s in d["slots"]}
    same(left["2026-03-03T10:00:00+00:00"], 1, "one is taken")
    proof = server.prove("ida@example.org")
    server.client().post("/v1/bookings", booking_body(group, start, address="ida@example.org", email_proof=proof),
                         status=201)
    check("2026-03-03T10:00:00+00:00" not in starts(host.get(slots_path(group))), "full")
    check("seats_left" not in host.get(slots_path(host.event_type)).json["days"][0]["slots"][0],
          "only where they are shared")


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
                                      {"kind": "busy", "start": "2026-03-04T10:00:00Z",
                                       "end": "2026-03-04T10:30:00Z"}, status=201), 5),
        ("duration", lambda: host.patch("/v1/event-types/" + event_type["id"], {"durations": [{"minutes": 60}]},
                                        status=200), 2),
        ("interval", lambda: host.patch("/v1/event-types/" + event_type["id"], {"interval_minutes": 15}, status=200),
         5),
        ("zone", lambda: host.patch("/v1/schedules/" + host.schedule["id"], {"time_zone": "Asia/Tokyo"}, status=200),
         None),
        ("whole schedule", lambda: host.put("/v1/schedules/" + host.schedule["id"],
                                            schedule_body("default", time_zone="UTC"), status=200), None),
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
    booking = host.post("/v1/bookings", booking_body(event_type, start, email_proof=server.prove("ivy@example.org")),
                        status=201).json
    for watcher in watchers:
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" not in watcher.starts,
              "a booking takes its time from all of the host's types")
    host.post(f"/v1/bookings/{booking['id']}/cancel", {}, status=200)
    for watcher in watchers:
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" in watcher.starts, "cancelled, it is free again")


def test_time_changes_the_answer():
    with Server(clock="2026-03-02T08:00:00Z") as server:
        host = server.register("clock")
        event_type = host.make_event_type("talk", minimum_notice_minutes=60, horizon_days=2)
        watcher = Watcher(server, event_type)
        same((watcher.starts[0], watcher.starts[-1]), ("2026-03-02T09:00:00+00:00", "2026-03-04T16:30:00+00:00"),
             "at first")
        hold = server.client().post("/v1/holds", {"event_type_id": event_type["id"], "start": "2026-03-03T10:00:00Z",
                                                  "duration_minutes": 30}, status=201).json
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" not in watcher.starts, "a hold takes time")
        same(hold["expires_at"], "2026-03-02T08:10:00Z", "until")
        server.clock("2026-03-02T08:00:01Z")
        check(watcher.changed() and watcher.starts[0] == "2026-03-02T09:30:00+00:00",
              "a second later the notice has passed 09:00")
        server.clock("2026-03-02T08:09:59Z")
        check(not watcher.changed(), "the hold's last second")
        server.clock("2026-03-02T08:10:00Z")
        check(watcher.changed() and "2026-03-03T10:00:00+00:00" in watcher.starts,
              "the hold has run out, without a sweeper")
        server.clock("2026-03-02T08:30:00Z")
        check(not watcher.changed(), "09:30 is exactly the notice away")
        server.clock("2026-03-02T08:30:01Z")
        check(watcher.changed() and watcher.starts[0] == "2026-03-02T10:00:00+00:00", "and now it is not")
        server.clock("2026-03-02T23:59:59Z")
        check(watcher.changed() and watcher.starts[-1] == "2026-03-04T16:30:00+00:00", "late on Monday")
        server.clock("2026-03-03T00:00:00Z")
        check(watcher.changed() and watcher.starts[-1] == "2026-03-05T16:30:00+00:00",
              "the horizon moves with the host's date")
        server.clock("2026-03-02T08:00:00Z")
        check(watcher.changed() and watcher.starts[0] == "2026-03-02T09:00:00+00:00", "a clock set back is believed")


def test_cache_under_changes():
    """Readers while a host changes the hours: an answer that begins after a change shows it or a later one."""
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
        (("query", "to"), "2026-03-01"), (("query", "to"), "2027-03-03"), (("query", "time_zone"), "Nowhere"),
        (("query", "from"), "2026-02-30"),
        (("schedule", "time_zone"), "x/y"), (("schedule", "weekly", 0, "end"), "09:00"),
        (("schedule", "weekly", 0, "end"), "25:00"),
        (("schedule", "weekly", 0, "start"), "24:00"), (("schedule", "weekly", 0, "days"), ["mond"]),
        (("event", "duration_minutes"), 0), (("event", "duration_minutes"), 5256000),
        (("event", "interval_minutes"), 0), (("event", "seats"), 0),
        (("event", "limits"), {"day": 0}), (("event", "window"), {"from": "2026-03-02", "until": "2026-03-01"}),
        (("event", "colour"), 1),
        (("meetings",), [{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T10:00:00Z"}]),
        (("meetings",), [{"start": "2026-03-02T10:00:00.5Z", "end": "2026-03-02T11:00:00Z"}]),
        (("busy",), [{"start": "2026-03-02T10:00:00Z", "end": "2026-03-02T09:00:00Z"}]),
        (("now",), "1969-12-31T23:59:59Z"),
        (("now",), "2200-01-01T00:00:00Z"), (("now",), "noon"), (("schedule", "overrides"),
                [{"date": "2026-03-02"}, {"date": "2026-03-02"}]),
        (("nonsense",), 1),
    ]
    lines = [with_member(path, value) for path, value in cases]
    told = subprocess.run([BINARY, "slots", "-"], input="".join(json.dumps(c) + "\n" for c in lines),
                          capture_output=True, text=True, check=False)
    same(told.returncode, 1, "the command's exit status")
    for (path, value), case, line in zip(cases, lines, told.stdout.splitlines(), strict=True):
        answer = client.post("/v1/slots", case, status=400)
        error = json.loads(line)["error"]
        first = answer.json["errors"][0]
        same((first["field"], first["message"]), (error["field"], error["message"]), f"{path} {value!r}")
    client.post("/v1/slots", json.dumps(CASE).encode() + b"{}", status=400)
    client.post("/v1/slots", b'{"now":"2026-03-02T08:00:00Z","now":"2026-03-02T08:00:00Z"}', status=400)
    same(client.post("/v1/slots", with_member(("query", "to"), "2027-03-02"), status=200).json["name"], None,
         "366 days, without a name")


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
    booking = host.post("/v1/bookings", booking_body(event_type, "2026-03-03T10:00:00Z",
                                                     email_proof=server.prove("ivy@example.org")), status=201).json
    host.post(f"/v1/schedules/{host.schedule['id']}/one-offs", {"kind": "busy", "start": "2026-03-04T10:00:00Z",
            "end": "2026-03-04T11:00:00Z"}, status=201)
    host.put(f"/v1/schedules/{host.schedule['id']}/overrides/2026-03-05", {"intervals": []}, status=200)
    for at, code in (("2026-03-03T10:00:00Z", "meeting"), ("2026-03-04T10:00:00Z", "one_off_busy"),
                     ("2026-03-05T10:00:00Z", "override_closed")):
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
    for members, field in (({"at": "soon"}, "/at"), ({}, "/at"), ({"at": "2026-03-03T10:00:00Z",
            "duration_minutes": 31}, "/duration_minutes"),
                           ({"at": "2026-03-03T10:00:00Z", "time_zone": "Nowhere"}, "/time_zone")):
        refused(stranger, "GET", query(path, **members), None, 400, field)
    sleeping = host.make_event_type("sleeping", active=False)
    stranger.get(query(f"/v1/event-types/{sleeping['id']}/explain", at="2026-03-03T10:00:00Z"), status=404)
    host.get(query(f"/v1/event-types/{sleeping['id']}/explain", at="2026-03-03T10:00:00Z"), status=200)


# ---- calendars and people

def test_calendar(server):
    host = server.register("calends", time_zone="Europe/Berlin")
    event_type = host.make_event_type("talk", minimum_notice_minutes=0, color="#2f6f6a")
    one = host.post(f"/v1/schedules/{host.schedule['id']}/one-offs",
                    {"kind": "busy", "start": "2026-03-03T11:00:00Z", "end": "2026-03-03T12:00:00Z"}, status=201).json
    booking = host.post("/v1/bookings", booking_body(event_type, "2026-03-03T09:00:00Z",
                                                     email_proof=server.prove("ivy@example.org")), status=201).json
    path = query("/v1/calendar", from_="2026-03-03", to="2026-03-03", time_zone="Europe/Berlin")
    calendar = host.get(path, status=200).json
    same(calendar["windows"], [{"start": "2026-03-03T08:00:00Z", "end": "2026-03-03T16:00:00Z"}], "windows")
    same([o["id"] for o in calendar["one_offs"]], [one["id"]], "one-offs")
    same([(m["id"], m["title"], m["status"], m["invitee_name"], m["color"], m["start"], m["end"]) for m in calendar["meetings"]],
         [(booking["id"], booking["title"], "confirmed", "Ivy Invitee", "#2f6f6a",
           "2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z")], "meetings")
    same(calendar["busy"], [{"start": a, "end": b} for a, b in (
        ("2026-03-02T23:00:00Z", "2026-03-03T08:00:00Z"), ("2026-03-03T09:00:00Z", "2026-03-03T09:30:00Z"),
        ("2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z"), ("2026-03-03T16:00:00Z", "2026-03-03T23:00:00Z"))], "busy")
    second = host.post("/v1/schedules", schedule_body("second", time_zone="UTC", weekly=[]), status=201).json
    same(host.get(path + "&schedule_id=" + second["id"], status=200).json["windows"], [],
         "another schedule's windows")
    same(host.get(query("/v1/calendar", from_="2026-03-04", to="2026-03-04", time_zone="UTC")).json["meetings"], [],
         "another day")
    server.client().get(path, status=401)
    for members, field in (({"to": "2026-03-01"}, "/to"), ({"to": "2027-03-04"}, "/to"),
                           ({"time_zone": "x"}, "/time_zone"), ({"from_": "2026-02-30"}, "/from")):
        refused(host, "GET", query("/v1/calendar", **{"from_": "2026-03-03", "to": "2026-03-03", "time_zone": "UTC",
                                                      **members}), None, 400, field)
    host.get(query("/v1/calendar", from_="2026-03-03", to="2027-03-03", time_zone="UTC"), status=200)


def test_profiles(server):
    host = server.register("profiled", time_zone="Europe/Berlin")
    shown = host.make_event_type("shown", metadata={"secret": "canary-metadata"},
                                 locations=[{"kind": "in_person", "value": "canary-address", "label": "Office"}])
    host.make_event_type("hidden", hidden=True)
    host.make_event_type("asleep", active=False)
    stranger = server.client()
    profile = stranger.get("/v1/users/profiled", status=200)
    same(profile.json, {"username": "profiled", "first_name": "Test", "last_name": "Host",
                        "time_zone": "Europe/Berlin"}, "the profile")
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
        {"start": "2026-03-03T01:00:00Z", "end": "2026-03-03T17:00:00Z"},
        {"start": "2026-03-04T01:00:00Z", "end": "2026-03-04T17:00:00Z"}]}, "busy")
    ada.post("/v1/bookings", booking_body(event_type, "2026-03-03T18:00:00Z",
                                          email_proof=server.prove("ivy@example.org")), status=201)
    same(stranger.get(path).json["busy"][1], {"start": "2026-03-03T18:00:00Z", "end": "2026-03-03T18:30:00Z"},
         "with a meeting")

    def overlap(**members):
        return stranger.get(query("/v1/overlap", **{"from_": "2026-03-03", "to": "2026-03-03", "time_zone": "UTC",
                                                    **members}), status=200).json["free"]
    berlin = [{"start": "2026-03-03T08:00:00Z", "end": "2026-03-03T16:00:00Z"}]
    same(overlap(users="overlapb"), berlin, "one host")
    same(overlap(users="overlapa,overlapb"), [], "9 to 17 here and there do not meet")
    ada.set_hours([{"days": ["tue"], "start": "06:00", "end": "07:00"},
                   {"days": ["tue"], "start": "07:30", "end": "09:00"}])
    same(overlap(users="overlapa,overlapb"), [{"start": "2026-03-03T14:00:00Z", "end": "2026-03-03T15:00:00Z"},
                                              {"start": "2026-03-03T15:30:00Z", "end": "2026-03-03T16:00:00Z"}],
                                              "two hosts")
    same(overlap(users="overlapa,overlapb", duration_minutes=45),
         [{"start": "2026-03-03T14:00:00Z", "end": "2026-03-03T15:00:00Z"}], "long enough")
    same(overlap(users="overlapb,overlapb"), berlin, "the same host twice")
    for members, status, field in (({"users": "overlapa,nobody"}, 404, "/users"), ({"users": ""}, 400, "/users"),
                                   ({"users": "a,,b"}, 400, "/users"),
                                   ({"users": ",".join(["overlapa"] * 21)}, 400, "/users"), ({}, 400, "/users"),
                                   ({"users": "overlapa", "to": "2026-03-02"}, 400, "/to"),
                                   ({"users": "overlapa", "to": "2027-03-04"}, 400, "/to"),
                                   ({"users": "overlapa", "duration_minutes": -1}, 400, "/duration_minutes"),
                                   ({"users": "overlapa", "time_zone": "Nowhere"}, 400, "/time_zone")):
        refused(stranger, "GET", query("/v1/overlap", **{"from_": "2026-03-03", "to": "2026-03-03",
                                                         "time_zone": "UTC", **members}), None, status, field)
    for members, field in (({"to": "2026-03-01"}, "/to"), ({"to": "2027-03-04"}, "/to"),
                           ({"time_zone": "x"}, "/time_zone"), ({"from_": "2026-02-30"}, "/from"),
                           ({"duration_minutes": 30}, "/duration_minutes")):
        refused(stranger, "GET", query("/v1/users/overlapa/busy",
                                       **{"from_": "2026-03-03", "to": "2026-03-03", "time_zone": "UTC", **members}),
                                       None, 400, field)


def test_time_zones(server):
    answer = server.client().get("/v1/time-zones", status=200)
    zones = {z["name"]: z["offset_minutes"] for z in answer.json["time_zones"]}
    check(len(zones) > 400, f"{len(zones)} zones")
    same([zones["Asia/Kolkata"], zones["America/New_York"], zones["UTC"]], [330, -300, 0], "offsets now")
    check("max-age" in answer.headers["cache-control"], "may be kept")
    for name in ("America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"):
        spans = server.client().get("/v1/time-zones/offsets?time_zone=" + name, status=200).json["offsets"]
        same([s["to"] for s in spans[:-1]], [s["from"] for s in spans[1:]], name + " without a gap")
        for span in spans:
            for at in (datetime.fromisoformat(span["from"]), datetime.fromisoformat(span["to"]) - timedelta(seconds=1)):
                there = at.astimezone(ZoneInfo(name)).utcoffset()
                same(there, timedelta(minutes=span["offset_minutes"]), f"{name} at {at}")


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
