#!/usr/bin/python3
"""Runs the unit programs and the suites of suites.txt, three at a time where they allow it, and adds up what they say.

    tests/run.py [--build DIR] [--sanitized] [--postgresql] [--size push|nightly] [--at-once N] [NAME...]

Each suite's last line is `N passed, N failed`; so is this program's.  A suite that crashes, runs out of time or ends
without that line counts as one more failure.  Only failures are shown in full; --sanitized leaves out what is marked
no-san, and --size runs the suites that have larger sizes, at the one named or else the next smaller, the last of which is
that of every run.  --postgresql runs what is marked so, on a PostgreSQL that is made for the run.
"""
import argparse
import glob
import os
import re
import signal
import subprocess
import sys
import threading
import time

import postgresql

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LAST_LINE = re.compile(r"^(\d+) passed, (\d+) failed$")
CMOCKA_LINE = re.compile(r"^\[  (PASSED|FAILED)  \] (\d+) test\(s\)", re.M)
SECONDS = 300
SANITIZER_FACTOR = 4
SIZES = ("push", "nightly")
MOST_LINES = 200


class Suite:
    """One line of suites.txt, or one unit program."""

    def __init__(self, name, marks, command, unit=False):
        self.name, self.command, self.unit = name, command, unit
        values = dict(m.partition("=")[::2] for m in marks)
        self.alone = "alone" in values
        self.sanitized = "no-san" not in values
        self.seconds = int(values.get("seconds", SECONDS))
        self.sizes = {size: values[size].split(",") for size in SIZES if size in values}
        self.apart = "apart" in values
        self.postgresql = "postgresql" in values or name.startswith("api_") and "sqlite" not in values
        unknown = set(values) - {"alone", "no-san", "seconds", *SIZES, "apart", "postgresql", "sqlite"}
        if unknown:
            raise SystemExit("suites.txt: %s: there is no mark %s" % (name, ", ".join(sorted(unknown))))

    def enlarge(self, size):
        """To that size, or the largest it has below."""
        below = [self.sizes[s] for s in SIZES[:SIZES.index(size) + 1] if s in self.sizes]
        self.command += below[-1] if below else []
        self.seconds = 24 * 3600

    def counts(self, output):
        """(passed, failed), or None when the suite did not say."""
        if self.unit:
            found = {word: int(count) for word, count in CMOCKA_LINE.findall(output)}
            return (found.get("PASSED", 0), found.get("FAILED", 0)) if "PASSED" in found else None
        lines = output.rstrip().splitlines()
        last = LAST_LINE.match(lines[-1]) if lines else None
        return (int(last[1]), int(last[2])) if last else None


def read_suites(build, size):
    """(suites, marks of unit programs by name)"""
    suites, units = [], {}
    with open(os.path.join(ROOT, "tests", "suites.txt"), encoding="utf-8") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if not line:
                continue
            head, _, command = line.partition(":")
            name, *marks = head.split()
            if not command:
                units[name] = marks
                continue
            suite = Suite(name, marks, command.format(build=build).split())
            if suite.name in {s.name for s in suites}:
                raise SystemExit("suites.txt names %s twice" % suite.name)
            if size and not suite.sizes:
                continue
            if size:
                suite.enlarge(size)
            suites.append(suite)
    return suites, units


def unit_suites(build, marks):
    """The unit programs that belong to a source of today; a build folder may hold older ones."""
    for source in sorted(glob.glob(os.path.join(ROOT, "tests", "unit", "test_*.c"))):
        program = os.path.basename(source)[:-2]
        name = "unit/" + program[5:]
        yield Suite(name, marks.get(name, []), [os.path.join(build, "tests", "unit", program)], unit=True)


def environment_of(build, sanitized, cluster):
    out = dict(os.environ, NOONMARK_BINARY=os.path.join(build, "noonmark"), O=build, LC_ALL="C.UTF-8",
               PYTHONDONTWRITEBYTECODE="1", PYTHONUNBUFFERED="1")
    if sanitized:
        out["ASAN_OPTIONS"] = "detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1"
        out["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
        out["NOONMARK_SANITIZED"] = "1"
    if cluster:
        out["NOONMARK_TEST_DATABASE"] = "postgresql"
        out["NOONMARK_TEST_CLUSTER"] = cluster.folder
    return out


class Run:
    def __init__(self, build, sanitized, cluster):
        self.build, self.sanitized = build, sanitized
        self.environment, self.cluster = environment_of(build, sanitized, cluster), cluster
        self.passed = self.failed = 0
        self.failing = []
        self.lock = threading.Lock()

    def one(self, suite):
        limit = suite.seconds * (SANITIZER_FACTOR if self.sanitized else 1)
        start = time.monotonic()
        environment = dict(self.environment)
        if self.cluster and suite.unit:
            environment["NOONMARK_TEST_POSTGRESQL"] = self.cluster.url(self.cluster.make())
        command = ["/usr/bin/python3"] * suite.command[0].endswith(".py") + suite.command
        try:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                                       start_new_session=True)
        except OSError as e:
            return self.report(suite, 0, str(e), "did not start", None)
        late = threading.Timer(limit, self.end, [process])
        late.start()
        output = process.communicate()[0]
        timed_out = not late.is_alive()
        late.cancel()
        status = process.returncode
        counts = suite.counts(output)
        wrong = None
        if timed_out:
            wrong = "ran out of its %d s" % limit
        elif status < 0:
            wrong = "ended by " + signal.Signals(-status).name
        elif counts is None or sum(counts) == 0:
            wrong = "did not say what passed (exit status %d)" % status
        elif bool(status) != bool(counts[1]):
            wrong = "said %d failed, but its exit status is %d" % (counts[1], status)
        elif self.sanitized and ("Sanitizer" in output or "runtime error:" in output):
            wrong = "has a sanitizer's finding"
        self.report(suite, time.monotonic() - start, output, wrong, counts)

    @staticmethod
    def end(process):
        """The suite and what it started."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def report(self, suite, seconds, output, wrong, counts):
        passed, failed = counts or (0, 0)
        if wrong:
            failed += 1
        with self.lock:
            self.passed += passed
            self.failed += failed
            if failed:
                self.failing.append(suite.name)
                lines = output.rstrip().splitlines()
                print("---- %s: %s" % (suite.name, " ".join(suite.command)))
                print("\n".join(lines[-MOST_LINES:]))
                print("----")
            print("%-26s %6d passed %4d failed %7.1f s%s" %
                  (suite.name, passed, failed, seconds, "   " + wrong if wrong else ""), flush=True)

    def all(self, suites, at_once):
        """Those that must be alone come last, one by one."""
        waiting = [s for s in suites if not s.alone]
        taking = threading.Lock()

        def work():
            while True:
                with taking:
                    if not waiting:
                        return
                    suite = waiting.pop(0)
                self.one(suite)

        threads = [threading.Thread(target=work) for _ in range(at_once)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for suite in suites:
            if suite.alone:
                self.one(suite)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/gcc")
    parser.add_argument("--sanitized", action="store_true")
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    build = os.path.join(ROOT, asked.build)
    suites, marks = read_suites(build, asked.size)
    suites = ([] if asked.size else list(unit_suites(build, marks))) + suites
    unknown = [n for n in asked.names if n not in {s.name for s in suites}]
    if unknown:
        raise SystemExit("there is no suite %s; there are: %s" % (unknown[0], ", ".join(s.name for s in suites)))
    suites = [s for s in suites if (s.name in asked.names if asked.names else not s.apart or asked.postgresql)
              and (s.sanitized or not asked.sanitized) and (s.postgresql or not asked.postgresql)]
    cluster = postgresql.Cluster() if asked.postgresql else None
    try:
        run = Run(build, asked.sanitized, cluster)
        run.all(suites, asked.at_once)
    finally:
        if cluster:
            cluster.end()
    if run.failing:
        target = "san" if asked.sanitized else "fault SIZE=" + asked.size if asked.size else \
            "test-postgresql" if asked.postgresql else "test"
        print("again: make %s TESTS=%r" % (target, " ".join(run.failing)))
    print("%d passed, %d failed" % (run.passed, run.failed))
    sys.exit(1 if run.failed or not run.passed else 0)


main()
