"""Every zone's changes from 1970 to 2200 against Python's zoneinfo, another reader of the same files.

    engine_zones.py [--build DIR]
"""
import argparse
import os
import subprocess
import sys
import zoneinfo
from datetime import datetime, timezone

UNTIL = 7258118400
STEP = 9 * 86400


def shown(zone, t):
    """What zoneinfo says at an instant: offset in seconds, abbreviation."""
    w = datetime.fromtimestamp(t, timezone.utc).astimezone(zone)
    return int(w.utcoffset().total_seconds()), w.tzname()


def problem(name, changes):
    """What is wrong with a zone's (instant, offset, abbreviation) rows, or None."""
    zone = zoneinfo.ZoneInfo(name)
    ends = [t for t, _, _ in changes[1:]] + [UNTIL]
    for (start, offset, abbreviation), end in zip(changes, ends):
        if shown(zone, start) != (offset, abbreviation):
            return "at %d: %s, zoneinfo says %s" % (start, (offset, abbreviation), shown(zone, start))
        for t in [*range(start, end, STEP), end - 1]:
            if shown(zone, t)[0] != offset:
                return "at %d: %d, zoneinfo says %d" % (t, offset, shown(zone, t)[0])
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.environ.get("O", "build/gcc"))
    program = os.path.join(parser.parse_args().build, "tests", "unit", "test_zone")
    zones = {}
    for line in subprocess.run([program, "changes"], capture_output=True, text=True, check=True).stdout.splitlines():
        name, t, offset, abbreviation = line.split(" ")
        zones.setdefault(name, []).append((int(t), int(offset), abbreviation))
    failed = 0
    for name in sorted(zones):
        wrong = problem(name, zones[name])
        if wrong:
            failed += 1
            print("%s %s" % (name, wrong))
    missing = {n for n in zoneinfo.available_timezones() if n not in ("localtime", "posixrules", "Factory")
               and not n.startswith(("posix/", "right/"))} - set(zones)
    if missing:
        failed += 1
        print("zones that zoneinfo knows and we do not: %s" % sorted(missing))
    print("%d changes" % sum(len(rows) - 1 for rows in zones.values()))
    print("%d passed, %d failed" % (len(zones) + 1 - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
