#!/usr/bin/python3
"""Seeds of fuzz_json and fuzz_token:  fuzz/seed_api.py FOLDER"""
import json
import os
import sys

BODIES = [
    {"email": "ada@example.org", "password": "correct horse", "username": "ada", "first_name": "Ada", "time_zone": "UTC"},
    {"email": "ada@example.org", "code": "123456"}, {"refresh_token": "nr_x"}, {"code": "123456"},
    {"name": "k", "scopes": ["account:read"], "expires_at": "2026-03-02T08:00:00Z"},
    {"event_type_id": "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07", "start": "2026-03-03T10:00:00Z", "duration_minutes": 30,
     "time_zone": "Europe/Berlin", "invitee": {"name": "Ivy", "email": "ivy@example.org"}, "email_proof": "1.x",
     "guests": [{"email": "g@example.org", "name": None, "role": "passive"}], "location": 0, "metadata": {"a": [1, {"b": None}]},
     "answers": [{"question_id": "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07", "value": "x"}], "title": None, "notes": "n"},
    {"name": "Work", "code": "work", "time_zone": "UTC", "weekly": [{"days": ["mon", "sun"], "start": "09:00", "end": "24:00",
     "kind": "busy", "from": "2026-01-01", "until": None}], "overrides": [{"date": "2026-03-09", "intervals": []}],
     "one_offs": [{"kind": "available", "start": "2026-03-08T10:00:00+01:00", "end": "2026-03-08T12:00:00Z"}]},
    {"code": "talk", "title": "T", "durations": [{"minutes": 30, "price": {"amount": 1, "currency": "EUR"}}], "limits": {"day": 1},
     "window": {"from": "2026-01-01", "until": "2026-12-31"}, "questions": [{"label": "Q", "kind": "choice", "choices": ["a"]}],
     "locations": [{"kind": "link", "value": "https://example.org/x"}], "color": "#8a5a00", "metadata": {}, "active": False},
    {"reason": "r"}, {"start": "2026-03-03T10:00:00Z"}, {"a": "\u202e\u0000"}, [], None, 1e300, {"é" * 40: 1},
]
QUERIES = ["limit=50&cursor=AAAA", "from=2026-03-02&to=2026-03-09&time_zone=Asia%2FKolkata&duration_minutes=30", "users=a,b,c",
           "at=2026-03-02T10:00:00%2B01:00", "updated_since=2026-03-02T08:00:00Z&status=confirmed"]
TOKENS = ["eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6IjEifQ.e30.AAAA", "eyJhbGciOiJub25lIn0.e30.", "nm_AAAA", "1772445600.re1yCSo4H0YdeFEjrrlSag",
          "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07", "AZCxpHwefDmdUipvTosc"]


def main(folder):
    seeds = {f"fuzz_json/{r}-{i}": bytes([r, 0]) + json.dumps(b).encode() for i, b in enumerate(BODIES) for r in range(0, 80, 3)}
    seeds |= {f"fuzz_json/q{r}-{i}": bytes([r, 1]) + q.encode() for i, q in enumerate(QUERIES) for r in range(0, 80, 7)}
    seeds |= {f"fuzz_token/{k}-{i}": bytes([k]) + t.encode() for i, t in enumerate(TOKENS) for k in range(4)}
    seeds |= {f"fuzz_token/c{k}-{p}": bytes([0x80 | k, p, 65]) for k in range(4) for p in (0, 30, 60, 254, 255)}
    for name, data in seeds.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)


main(sys.argv[1])
