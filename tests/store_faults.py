#!/usr/bin/python3
"""The store under power cuts, kills, I/O errors and a full disk: what was acknowledged is there, nothing is halved.

    tests/store_faults.py [--build build/gcc] [--cuts 100] [--kills 10] [--points 40] [--seed 1]
                          [--only cuts,checks,kills,errors,points,full]

A failure prints the seed and number to repeat it with.
"""
import argparse
import collections
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "fault"))
from powercut import PowerCut  # noqa: E402

TIMEOUT = 250  # of one run

Said = collections.namedtuple("Said", "acked refused fatal status text")


def heard(text, status):
    """What store_rows said before it ended."""
    acked, refused, fatal = set(), collections.Counter(), False
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        if word == "ack":
            acked.add(int(rest))
        elif word == "refused":
            refused[rest.split()[1]] += 1
        elif word == "fatal":
            fatal = True
    return Said(acked, refused, fatal, status, text)


class Rows:
    """store_rows in a folder of its own."""

    def __init__(self, build):
        self.program = build / "tests" / "fault" / "store_rows"
        self.library = build / "tests" / "fault" / "preload_powercut.so"
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="noonmark-faults-"))
        self.data = self.scratch / "data"

    def command(self, first, count, threads, seed):
        return [str(self.program), "write", str(self.data), str(first), str(count), str(threads), str(seed)]

    def run(self, command, **options):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False, **options)
        return heard(done.stdout.decode(errors="replace"), done.returncode)

    def missing(self, acked, data=None):
        """What is wrong with what is there now; "" when nothing is."""
        done = self.run([str(self.program), "check", str(data or self.data)])
        there = {int(line.split()[1]) for line in done.text.splitlines() if line.startswith("row ")}
        if done.status or not done.text.endswith("good\n"):
            return f"check ended with {done.status}: {done.text[-300:]}"
        lost = sorted(acked - there)
        return f"{len(lost)} acknowledged rows lost, the first is {lost[0]}" if lost else ""

    def close(self):
        shutil.rmtree(self.scratch)


def power_cuts(rows, args):
    """At random syncs, each time going on from what survived; anew after every tenth."""
    cut = PowerCut(rows.library, rows.data, rows.scratch / "shadow")
    acked, first, died = set(), 1, 0
    for number in range(args.cuts):
        chance = random.Random(f"{args.seed}-{number}")
        if number % 10 == 0:
            shutil.rmtree(rows.data, ignore_errors=True)
            rows.data.mkdir(mode=0o700)
            acked, first = set(), 1
        threads = chance.choice([1, 1, 4, 16])
        at = chance.choice([chance.randint(1, 12), chance.randint(1, 140 // threads + 4)])
        seed = chance.randrange(1 << 30)
        said = rows.run(rows.command(first, 160, threads, seed), env=cut.environment(at, seed))
        acked |= said.acked
        first += 1000
        died += said.status == -signal.SIGKILL
        if said.status not in (0, -signal.SIGKILL) or said.refused:
            yield f"power cut {number}", f"ended with {said.status}: {said.text[-300:]}"
        cut.survivors(rows.data)
        yield f"power cut {number} (seed {args.seed})", rows.missing(acked)
    yield "power cuts hit the program", "" if died > args.cuts * 0.8 else f"only {died} of {args.cuts}"


def the_checks_notice(rows, _args):
    """A disk that lost half of what was synced."""
    cut = PowerCut(rows.library, rows.data, rows.scratch / "shadow")
    shutil.rmtree(rows.data, ignore_errors=True)
    rows.data.mkdir(mode=0o700)
    said = rows.run(rows.command(1, 20, 4, 1), env=cut.environment())
    for file in (rows.scratch / "shadow" / "data").iterdir():
        with open(file, "r+b") as f:
            f.truncate(f.seek(0, 2) // 2)
    cut.survivors(rows.data)
    yield "the checks notice a disk that lost what was synced", "" if rows.missing(said.acked) else "they did not"


def kills(rows, args):
    """SIGKILL under load; the disk keeps everything.  Anew after every tenth, as all of it is read each time."""
    known = 0
    for number in range(args.kills):
        if number % 10 == 0:
            shutil.rmtree(rows.data, ignore_errors=True)
            acked = set()
        chance = random.Random(f"{args.seed}-kill-{number}")
        child = subprocess.Popen(rows.command(number * 1000000, 900000, 16, number), stdout=subprocess.PIPE)
        text = b"".join(child.stdout.readline() for _ in range(chance.choice((0, chance.randint(1, 1000)))))
        time.sleep(chance.uniform(0, 0.05))
        child.send_signal(signal.SIGKILL)
        said = heard((text + child.communicate()[0]).decode(), 0).acked
        acked, known = acked | said, known + len(said)
        start = time.monotonic()
        wrong = rows.missing(acked)
        took = time.monotonic() - start
        yield f"kill {number} (seed {args.seed})", wrong or (f"ready after {took:.1f} s" if took > 20 else "")
    yield "kills met a busy program", "" if known > args.kills * 20 else f"only {known} rows"


def strace(rows, call, error, when, command):
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}"]
    return rows.run(trace + command)


def io_errors(rows, _args):
    """Calls that fail at the k-th time, in a database that exists."""
    cases = [("fdatasync", "EIO", str(k)) for k in (1, 3, 5, 9, 20, 31)]  # the second is a folder's, asked again by fsync
    cases += [("fsync", "EIO", "1")]
    cases += [("pwrite64", "EIO", str(k)) for k in (1, 4, 11, 30, 77, 200)]
    cases += [("pwrite64", "ENOSPC", f"{k}..{k + 9}") for k in (20, 40, 90)]
    cases += [("ftruncate", "EIO", "2+"), ("unlink", "EIO", "1+"), ("fdatasync", "ENOSPC", "4"), ("pread64", "EIO", "30")]
    for call, error, when in cases:
        shutil.rmtree(rows.data, ignore_errors=True)
        before = rows.run(rows.command(1, 20, 1, 1))
        said = strace(rows, call, error, when, rows.command(1000, 100, 2, 2))
        yield f"{call} {error} at {when}", rows.missing(before.acked | said.acked) or misjudged(call, error, said)


POINT_THREADS = 2
HOWS = {"pwrite": ("EIO", "ENOSPC", "short"), "pread": ("EIO",), "fdatasync": ("EIO", "ENOSPC"), "fsync": ("EIO",),
        "ftruncate": ("EIO",), "unlink": ("EIO",)}


def io_points(rows, args):
    """Any one call of the scenario fails, all of them where as many points are asked for: those of an existing database that
    is opened, written and closed."""
    library, template = rows.program.parent / "preload_ioerror.so", rows.scratch / "template"
    command = rows.command(1000, 80, POINT_THREADS, 2)

    def fail(call, how, at):
        shutil.rmtree(rows.data, ignore_errors=True)
        shutil.copytree(template, rows.data)
        return rows.run(command, env=os.environ | {"LD_PRELOAD": str(library.resolve()), "IOERROR_FROM": str(rows.data.resolve()),
                                                   "IOERROR_CALL": call, "IOERROR_HOW": how, "IOERROR_AT": str(at)})

    shutil.rmtree(rows.data, ignore_errors=True)
    before = rows.run(rows.command(1, 20, 1, 1))
    shutil.copytree(rows.data, template)
    points = []
    for call, hows in HOWS.items():
        count = int(re.search(r"^ioerror (\d+)$", fail(call, "EIO", 0).text, re.M)[1])
        points += [(call, how, at) for how in hows for at in range(1, count + 1)]
    chosen = points if args.points >= len(points) else random.Random(args.seed).sample(points, args.points)
    print(f"{len(chosen)} of {len(points)} points of failure, seed {args.seed}")
    for call, how, at in chosen:
        said = fail(call, how, at)
        yield f"{call} {how} at {at}", rows.missing(before.acked | said.acked) or misjudged_point(call, how, said)


def misjudged_point(call, how, said):
    """What is wrong with how the program took one failure."""
    if how == "short":
        return "" if said.status == 0 and not said.refused else f"a write that was half done ended with {said.status}: {said.text[-300:]}"
    if said.status not in (0, 2, 3):
        return f"ended with {said.status}: {said.text[-300:]}"
    if said.refused.keys() - {"unavailable", "storage_full"}:
        return f"refused as {said.refused}"
    after = said.text.partition("ioerror fails\n")[2].count("ack ")
    if call == "fdatasync" and after > POINT_THREADS:  # each thread may just be saying what was done before
        return f"it went on after a failed sync: {after} rows more were acknowledged"
    return ""


def misjudged(call, error, said):
    """What is wrong with how the program took it."""
    full = (call, error) == ("pwrite64", "ENOSPC")
    if said.status not in (0, 2, 3):
        return f"ended with {said.status}: {said.text[-300:]}"
    if said.status == 0 and not full and call in ("fdatasync", "fsync", "pwrite64"):
        return "it went on after a failed sync or write"
    if said.status == 3 and (said.refused.keys() - {"unavailable"} or not said.fatal):
        return f"refused as {said.refused}"
    if full and set(said.refused) != {"storage_full"}:
        return f"the disk was full, but refused as {said.refused}"
    if full and (said.status or max(said.acked) < 1098):
        return "it did not recover"
    return ""


def full_disk(rows, _args):
    """3 MB in a mount namespace of its own."""
    disk = rows.scratch / "disk"
    disk.mkdir()
    script = ('mount -t tmpfs -o size=3m none "$1" || exit 77; head -c 1500000 /dev/zero > "$1/ballast";'
              ' "$0" full "$1/data" "$1/ballast"; s=$?; echo "then"; "$0" check "$1/data" || exit 4; exit $s')
    said = rows.run(["unshare", "-m", "sh", "-c", script, str(rows.program), str(disk)])
    if said.status == 77 or "unshare: " in said.text:
        print("skipped: a full disk (mounting is not permitted here)")
        return
    there = {int(line.split()[1]) for line in said.text.splitlines() if line.startswith("row ")}
    yield "full disk: refused as such", "" if set(said.refused) == {"storage_full"} else str(said.refused)
    yield "full disk: reads go on", "" if "\nread ok " in said.text else said.text[-300:]
    yield "full disk: goes on when there is room", "" if "\nroom good\n" in said.text else said.text[-300:]
    yield "full disk: nothing acknowledged is lost", "" if said.acked and said.acked <= there else "rows are missing"
    yield "full disk: nothing refused is there", "" if there <= said.acked else f"{len(there - said.acked)} rows too many"
    yield "full disk: sound afterwards", "" if said.status == 0 and said.text.endswith("good\n") else said.text[-300:]


PARTS = {"cuts": power_cuts, "checks": the_checks_notice, "kills": kills, "errors": io_errors, "points": io_points, "full": full_disk}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "gcc")
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(PARTS))
    args = parser.parse_args()
    passed = failed = 0
    rows = Rows(args.build)
    try:
        for part in args.only.split(","):
            start = time.monotonic()
            for name, wrong in PARTS[part](rows, args):
                passed += not wrong
                failed += bool(wrong)
                if wrong:
                    print(f"FAIL {name}: {wrong}")
            print(f"{part}: {time.monotonic() - start:.1f} s")
    finally:
        rows.close()
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
