"""noonmark slots: the shared cases, and every kind of line that is not a case.

The binary is NOONMARK_BINARY, or noonmark in the build folder O (build/gcc).
"""
import copy
import json
import os
import subprocess
import sys

BINARY = os.environ.get("NOONMARK_BINARY", os.path.join(os.environ.get("O", "build/gcc"), "noonmark"))
CASES = "tests/cases/slots.jsonl"
TALLY = {True: 0, False: 0}

BASE = {
    "name": "base", "now": "2026-01-01T00:00:00Z",
    "query": {"from": "2026-01-05", "to": "2026-01-06", "time_zone": "UTC"},
    "schedule": {
        "time_zone": "UTC",
        "weekly": [{"days": ["mon"], "start": "09:00", "end": "11:00"}],
        "overrides": [{"date": "2026-01-06", "intervals": [{"start": "10:00", "end": "11:00"}]},
                      {"date": "2026-01-07", "intervals": []}],
        "one_offs": [{"kind": "busy", "start": "2026-01-06T10:30:00Z", "end": "2026-01-06T11:00:00Z"}],
    },
    "event": {"duration_minutes": 30, "interval_minutes": 30, "window": {"from": "2026-01-01", "until": "2026-02-01"},
              "limits": {"day": 5}, "seats": 1},
    "meetings": [{"start": "2026-01-05T09:00:00Z", "end": "2026-01-05T09:30:00Z"}],
    "busy": [{"start": "2026-01-05T10:00:00Z", "end": "2026-01-05T10:30:00Z"}],
    "expect": "whatever it is",
}
BASE_SLOTS = ["2026-01-05T09:30:00Z", "2026-01-05T10:30:00Z", "2026-01-06T10:00:00Z"]

# what to put where, and the field that the error must name (None: the same)
WRONG = [
    ("/query/to", "2026-01-04", None),
    ("/query/to", "2027-01-06", None),
    ("/query/to", "2026-02-30", None),
    ("/query/from", "2026-1-5", None),
    ("/query/from", "1969-12-31", None),
    ("/query/from", None, None),
    ("/query/time_zone", "Mars/Olympus", None),
    ("/query/time_zone", "../UTC", None),
    ("/query/time_zone", "", None),
    ("/query/time_zone", "europe/berlin", None),
    ("/query/until", "2026-01-06", None),
    ("/schedule/time_zone", "EST6EST", None),
    ("/schedule/time_zone", 5, None),
    ("/schedule/weekly", {}, None),
    ("/schedule/weekly/0/days/0", "monday", None),
    ("/schedule/weekly/0/days/0", 0, None),
    ("/schedule/weekly/0/days", "mon", None),
    ("/schedule/weekly/0/start", "24:00", None),
    ("/schedule/weekly/0/start", "25:00", None),
    ("/schedule/weekly/0/start", "9:00", None),
    ("/schedule/weekly/0/start", "09:60", None),
    ("/schedule/weekly/0/start", "11:00", "/schedule/weekly/0/end"),
    ("/schedule/weekly/0/end", "24:01", None),
    ("/schedule/weekly/0/end", "09:00:00", None),
    ("/schedule/weekly/0/kind", "maybe", None),
    ("/schedule/weekly/0/from", "2026-02-29", None),
    ("/schedule/weekly/0/color", "red", None),
    ("/schedule/overrides/1/date", "2026-01-06", None),
    ("/schedule/overrides/0/date", "2026-13-01", None),
    ("/schedule/overrides/0/intervals/0/end", "10:00", None),
    ("/schedule/overrides/0/intervals/0/start", "24:00", None),
    ("/schedule/overrides/0/intervals/0/kind", "busy", None),
    ("/schedule/one_offs/0/end", "2026-01-06T10:30:00Z", None),
    ("/schedule/one_offs/0/end", "2026-01-06T10:29:00Z", None),
    ("/schedule/one_offs/0/start", "2026-01-06T10:30:01Z", None),
    ("/schedule/one_offs/0/end", "2026-01-06T10:59:59Z", None),
    ("/schedule/one_offs/0/kind", "free", None),
    ("/schedule/one_offs/0/id", "0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07", None),
    ("/event/duration_minutes", 0, None),
    ("/event/duration_minutes", -30, None),
    ("/event/duration_minutes", 5259492, None),
    ("/event/duration_minutes", 30.5, None),
    ("/event/duration_minutes", "30", None),
    ("/event/duration_minutes", 1e300, None),
    ("/event/duration_minutes", True, None),
    ("/event/interval_minutes", 0, None),
    ("/event/buffer_before_minutes", -1, None),
    ("/event/buffer_after_minutes", -1, None),
    ("/event/minimum_notice_minutes", -1, None),
    ("/event/horizon_days", -1, None),
    ("/event/window/until", "2025-12-31", None),
    ("/event/window", {"from": "2026-01-01"}, "/event/window/until"),
    ("/event/limits/day", 0, None),
    ("/event/limits/week", -1, None),
    ("/event/limits/month", "3", None),
    ("/event/limits/year", 3, None),
    ("/event/seats", 0, None),
    ("/event/title", "x", None),
    ("/meetings/0/end", "2026-01-05T09:00:00Z", None),
    ("/meetings/0/end", "2026-01-05T08:00:00Z", None),
    ("/meetings/0/start", "2026-01-05T09:00:00.5Z", None),
    ("/meetings/0/start", "2026-01-05 09:00:00Z", None),
    ("/meetings/0/start", "2026-01-05T09:00:00", None),
    ("/meetings/0/start", "2026-01-05T09:00:60Z", None),
    ("/meetings/0/start", "1969-12-31T23:59:59Z", None),
    ("/meetings/0/start", "1970-01-01T00:30:00+01:00", None),
    ("/meetings/0/end", "2200-01-01T00:00:00Z", None),
    ("/meetings/0/seats_taken", 0, None),
    ("/meetings/0/buffer_before_minutes", -5, None),
    ("/meetings/0/same_event", "yes", None),
    ("/busy/0/end", "2026-01-05T10:00:00Z", None),
    ("/busy/0/start", None, None),
    ("/now", "yesterday", None),
    ("/now", 0, None),
    ("/name", 7, None),
    ("/extra", 1, None),
]
MISSING = ["/now", "/query", "/query/from", "/query/to", "/query/time_zone", "/schedule", "/schedule/time_zone", "/event",
           "/event/duration_minutes", "/schedule/weekly/0/days", "/schedule/weekly/0/start", "/schedule/weekly/0/end",
           "/schedule/overrides/0/date", "/schedule/one_offs/0/kind", "/meetings/0/start", "/busy/0/end"]
LENIENT = ["/name", "/meetings", "/busy", "/expect", "/schedule/weekly", "/schedule/overrides", "/schedule/one_offs",
           "/schedule/overrides/0/intervals", "/event/interval_minutes", "/event/window", "/event/limits", "/event/seats"]
# lines that are no JSON objects, and so have no name
BROKEN = ["", "   ", "{", "[]", "7", "null", "\"x\"", "{} {}", "{\"name\": \"a\", \"name\": \"b\"}", "{\"name\": \"\\u0000\"}",
          "{\"name\": \"\udcff\"}", "[" * 1000 + "]" * 1000, "{'name': 'x'}", "{\"now\": NaN}", "// comment"]


def check(holds, what):
    TALLY[bool(holds)] += 1
    if not holds:
        print("FAILED: %s" % what)


def run(data, *arguments):
    done = subprocess.run([BINARY, "slots", *(arguments or ["-"])], input=data, capture_output=True)
    return done.returncode, [json.loads(line) for line in done.stdout.decode().splitlines()], done.stderr.decode()


def at(case, pointer):
    *path, last = pointer.split("/")[1:]
    for part in path:
        case = case[int(part)] if isinstance(case, list) else case[part]
    return case, int(last) if isinstance(case, list) else last


def changed(pointer, value):
    case = copy.deepcopy(BASE)
    holder, key = at(case, pointer)
    holder[key] = value
    return case


def without(pointer):
    case = copy.deepcopy(BASE)
    holder, key = at(case, pointer)
    del holder[key]
    return case


def line(case):
    return json.dumps(case).encode() + b"\n"


def shared_cases():
    with open(CASES, "rb") as f:
        data = f.read()
    cases = [json.loads(text) for text in data.splitlines()]
    status, answers, stderr = run(b"", CASES)
    check(status == 0 and stderr == "" and len(answers) == len(cases) >= 300, "the shared cases run")
    check(run(data)[1] == answers, "a file and standard input give the same")
    for case, answer in zip(cases, answers):
        check(answer == {"name": case["name"], "slots": case["expect"]["slots"]}, case["name"])


def wrong_members():
    rows = [(changed(p, v), field or p) for p, v, field in WRONG] + [(without(p), p) for p in MISSING]
    status, answers, _ = run(b"".join(line(BASE) + line(case) for case, _ in rows))
    check(status == 1 and len(answers) == 2 * len(rows), "an answer for each line, and exit status 1: %d" % status)
    for (case, field), good, bad in zip(rows, answers[::2], answers[1::2]):
        check(good == {"name": "base", "slots": BASE_SLOTS}, "the case beside %s: %s" % (field, good))
        name = case["name"] if isinstance(case["name"], str) else None
        error = bad.get("error", {})
        check(bad["name"] == name and error.get("field") == field and len(error.get("message", "")) > 5,
              "%s of %s: %s" % (field, json.dumps(case)[:300], bad))


def lenient_members():
    for pointer in LENIENT:
        status, answers, _ = run(line(without(pointer)))
        check(status == 0 and len(answers) == 1 and "slots" in answers[0], "without %s: %s" % (pointer, answers))
    expect = changed("/expect", {"slots": ["x"] * 50000, "deep": [[[{}]]]})
    check(run(line(expect)) == (0, [{"name": "base", "slots": BASE_SLOTS}], ""), "expect is not read")
    offset = changed("/now", "2026-01-01T05:30:00.000+05:30")
    check(run(line(offset))[1][0].get("slots") == BASE_SLOTS, "an instant with an offset and a fraction of zeros")


def broken_lines():
    data = "\n".join(BROKEN).encode("utf-8", "surrogateescape") + b"\n" + line(BASE)[:-1]
    status, answers, _ = run(data)
    check(status == 1 and len(answers) == len(BROKEN) + 1, "an answer for each broken line: %d" % len(answers))
    for text, answer in zip(BROKEN, answers):
        check(answer.get("name", "") is None and answer.get("error", {}).get("message"), "%r: %s" % (text[:40], answer))
    check(answers[-1].get("slots") == BASE_SLOTS, "a last line without a newline")
    long = b"{\"name\": \"" + b"x" * (17 << 20) + b"\"}\n"
    status, answers, _ = run(long + line(BASE))
    check(status == 1 and len(answers) == 2 and "error" in answers[0] and answers[1].get("slots") == BASE_SLOTS,
          "a line of 17 MiB")
    check(run(b"") == (0, [], ""), "no lines")


def usage():
    for arguments in ([], ["a", "b"], ["no/such/file"]):
        done = subprocess.run([BINARY, "slots", *arguments], capture_output=True)
        check(done.returncode == 2 and done.stderr and not done.stdout, "arguments %s" % arguments)
    check(run(b"", "tests")[0] in (1, 2), "a folder")
    with open("/dev/full", "wb") as full:
        done = subprocess.run([BINARY, "slots", CASES], stdout=full, stderr=subprocess.PIPE)
    check(done.returncode == 1 and b"cannot write" in done.stderr, "no room for the answers")


def main():
    for test in (shared_cases, wrong_members, lenient_members, broken_lines, usage):
        test()
    print("%d passed, %d failed" % (TALLY[True], TALLY[False]))
    return 1 if TALLY[False] else 0


if __name__ == "__main__":
    sys.exit(main())
