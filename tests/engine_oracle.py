"""The slot engine against the oracle, on random cases.

    engine_oracle.py [--build DIR] [--cases N] [--seed S] [--days D]

For each case: the slots are the oracle's; what must hold for any case does (test_slots properties); free and busy
time are the oracle's.  The first failure is shrunk and printed as a case that can be run by itself.
"""
import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle"))
import oracle  # noqa: E402
import random_cases  # noqa: E402

MOST_SHOWN = 5


class Engine:
    def __init__(self, build):
        self.program = os.path.join(build, "tests", "unit", "test_slots")

    def run(self, what, cases):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as f:
            f.writelines(json.dumps(c) + "\n" for c in cases)
            f.flush()
            return subprocess.run([self.program, what, f.name], capture_output=True, text=True)

    def answers(self, what, cases):
        done = self.run(what, cases)
        if done.stderr or len(done.stdout.splitlines()) != len(cases):
            raise SystemExit("the engine failed (%d): %s" % (done.returncode, done.stderr))
        return [json.loads(line) for line in done.stdout.splitlines()]


def complement(asked, free):
    out = []
    for a, b in asked:
        for c, d in free:
            if a <= c and d <= b:
                if a < c:
                    out.append([a, c])
                a = d
        if a < b:
            out.append([a, b])
    return out


def both(pair):
    """The second case's free time, and what the first one's host has in common with it."""
    before, case = pair
    mine, asked = oracle.Case(case).free(), oracle.Case(case).asked()
    theirs = oracle.Case(dict(before, query=case["query"])).free()
    length = case["event"]["duration_minutes"] * 60
    shared = [[max(a, c), min(b, d)] for a, b in mine for c, d in theirs if max(a, c) < min(b, d)]
    return {"free": mine, "overlap": [p for p in shared if p[1] - p[0] >= length], "busy": complement(asked, mine)}


def smaller(value):
    """Every value that is one step simpler."""
    if isinstance(value, dict):
        for key in value:
            if key not in ("name", "now", "query", "schedule", "event", "weekly", "time_zone", "duration_minutes", "days",
                           "start", "end", "date", "from", "until", "to", "kind"):
                yield {k: v for k, v in value.items() if k != key}
            for less in smaller(value[key]):
                yield dict(value, **{key: less})
        for key in ("from", "until", "kind"):
            if "days" in value and key in value:
                yield {k: v for k, v in value.items() if k != key}
        if "to" in value and value["to"] != value["from"]:
            yield dict(value, **{"to": value["from"]})
            yield dict(value, **{"from": value["to"]})
        if value.get("time_zone", "UTC") != "UTC":
            yield dict(value, time_zone="UTC")
        if "duration_minutes" in value and value["duration_minutes"] not in (30, 60):
            yield dict(value, duration_minutes=60)
    elif isinstance(value, list):
        for i in range(len(value)):
            yield value[:i] + value[i + 1:]
        for i, item in enumerate(value):
            for less in smaller(item):
                yield value[:i] + [less] + value[i + 1:]


def shrink(case, fails):
    """The smallest case found that still fails."""
    found = True
    while found:
        found = False
        for less in smaller(case):
            if fails(less):
                case, found = less, True
                break
    return case


def show(engine, case):
    expected = oracle.slots(case)
    got = engine.answers("slots", [case])[0]
    print(json.dumps(dict(case, expect={"slots": expected})))
    slots = got.get("slots", [])
    print("  engine: %s\n  missing: %s\n  too many: %s" % (
        got.get("error", "%d slots" % len(slots)), [s for s in expected if s not in slots][:10],
        [s for s in slots if s not in expected][:10]))


def check_slots(engine, cases, pool):
    expected = pool.map(oracle.slots, cases, chunksize=10)
    failed = 0
    for case, want, got in zip(cases, expected, engine.answers("slots", cases)):
        if got.get("slots") == want:
            continue
        failed += 1
        if failed == 1:
            show(engine, shrink(case, lambda c: engine.answers("slots", [c])[0].get("slots") != oracle.slots(c)))
    print("%d cases, %d slots" % (len(cases), sum(len(e) for e in expected)))
    return len(cases) - failed, failed


def check_properties(engine, cases):
    failed = 0
    lines = engine.run("properties", cases).stdout.splitlines()
    for line in lines[:-1]:
        failed += 1
        if failed <= MOST_SHOWN:
            print(line)
    if failed:
        case = next(c for c in cases if engine.run("properties", [c]).returncode != 0)
        print(json.dumps(shrink(case, lambda c: engine.run("properties", [c]).returncode != 0)))
    elif not lines or lines[-1] != "%d passed, 0 failed" % len(cases):
        return 0, 1
    return len(cases) - failed, failed


def check_free(engine, cases, pool):
    pairs = list(zip(cases[:1] + cases[:-1], cases))
    failed = 0
    for case, want, got in zip(cases, pool.map(both, pairs, chunksize=10), engine.answers("free", cases)):
        if got == want:
            continue
        failed += 1
        if failed == 1:
            print("%s\n  engine: %s\n  oracle: %s" % (json.dumps(case), got, want))
    return len(cases) - failed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.environ.get("O", "build/gcc"))
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=3)
    args = parser.parse_args()
    engine = Engine(args.build)
    cases = random_cases.make(args.seed, args.cases, args.days)
    with multiprocessing.Pool() as pool:
        results = [check_slots(engine, cases, pool), check_properties(engine, cases),
                   check_free(engine, cases[:max(1, len(cases) // 10)], pool)]
    print("%d passed, %d failed" % tuple(map(sum, zip(*results))))
    return 1 if any(f for _, f in results) else 0


if __name__ == "__main__":
    sys.exit(main())
