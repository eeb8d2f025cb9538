"""What the tests of schedules, event types and slots share."""

import urllib.parse

from noonmark import check

WEEK = [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "17:00"}]
NOBODY = "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07"
FULL_RULE = {"days": ["mon"], "start": "22:00", "end": "02:00", "kind": "available", "from": "2026-03-01",
             "until": "2027-03-01"}


def schedule_body(code, **members):
    return {"name": "Work", "code": code, "time_zone": "Europe/Berlin", "weekly": WEEK, **members}


def type_body(host, code, **members):
    return {"code": code, "title": "Talk", "schedule_id": host.schedule["id"], "durations": [{"minutes": 30}],
            **members}


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
    check(field is None or field in answer.fields,
          f"{method} {path} {body!r:.200}: {field} not in {answer.fields}: {answer!r}")
    check(code is None or answer.code == code, f"{method} {path}: code {answer.code}, not {code}")
    check(all(e["message"] for e in answer.json["errors"]), "every error has words")
    return answer
