#!/usr/bin/python3
"""Runs every fuzz target for a while, two at a time: a crash, leak, hang or use of too much memory is a failure.

    fuzz/run.py [--build DIR] [--seconds N] [--at-once N] [TARGET...]

A target starts from fuzz/corpus/TARGET/ and from what fuzz/seed_*.py makes (called with the folder DIR/seed: one folder
a target in it), and keeps what it learns in DIR/corpus/TARGET.  The input of a finding stays in DIR/findings.
"""
import argparse
import concurrent.futures
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SLACK_SECONDS = 120
MOST_LINES = 80


def seeds_make(build):
    folder = os.path.join(build, "seed")
    os.makedirs(folder, exist_ok=True)
    for program in sorted(glob.glob(os.path.join(ROOT, "fuzz", "seed_*.py"))):
        subprocess.run(["/usr/bin/python3", program, folder], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return folder


def command_of(target, build, seconds):
    learned = os.path.join(build, "corpus", target)
    findings = os.path.join(build, "findings", target + "-")
    os.makedirs(learned, exist_ok=True)
    os.makedirs(os.path.dirname(findings), exist_ok=True)
    folders = [learned, os.path.join(ROOT, "fuzz", "corpus", target), os.path.join(build, "seed", target)]
    words = os.path.join(ROOT, "fuzz", target + ".dict")
    return [os.path.join(build, "fuzz", target), "-max_total_time=%d" % seconds, "-timeout=10",
            "-rss_limit_mb=2048", "-print_final_stats=1", "-artifact_prefix=" + findings,
            *(["-dict=" + words] if os.path.exists(words) else []), *filter(os.path.isdir, folders)]


def run(target, build, seconds):
    """Whether it ended well, and what it said."""
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=1", UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    try:
        done = subprocess.run(command_of(target, build, seconds), cwd=ROOT, env=environment, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds + SLACK_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as e:
        return target, False, str(e)
    return target, done.returncode == 0, done.stdout


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build/fuzz")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("targets", nargs="*")
    asked = parser.parse_args()
    build = os.path.join(ROOT, asked.build)
    targets = asked.targets or sorted(os.path.basename(p)[:-2] for p in glob.glob(os.path.join(ROOT, "fuzz/fuzz_*.c")))
    seeds_make(build)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(asked.at_once) as pool:
        for target, well, output in pool.map(lambda t: run(t, build, asked.seconds), targets):
            inputs = re.search(r"stat::number_of_executed_units: (\d+)", output)
            print("%-20s %s inputs" % (target, inputs[1] if inputs else "no"))
            if not well:
                failed += 1
                print("FAILED:", target)
                print("\n".join(output.splitlines()[-MOST_LINES:]), flush=True)
    print("%d passed, %d failed" % (len(targets) - failed, failed))
    sys.exit(1 if failed or not targets else 0)


main()
