#!/usr/bin/python3
"""The first booking of README.md, as it stands there, against a new server: it ends with a booking."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("NOONMARK_BINARY", os.path.join(ROOT, "build/gcc/noonmark"))
ADDRESS = "http://127.0.0.1:8080"


def main():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as f:
        script = re.search(r"^```sh\n(.*?)^```", f.read(), re.S | re.M)[1]
    problems = []
    if ADDRESS not in script:
        problems.append("the script does not name " + ADDRESS)
    with tempfile.TemporaryDirectory() as folder:
        clock = os.path.join(folder, "clock")  # stands, as the first free time may else have gone by when it is booked
        with open(clock, "w", encoding="ascii") as f:
            f.write(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        environment = dict(os.environ, NOONMARK_CLOCK=clock, NOONMARK_LISTEN="127.0.0.1:0", NOONMARK_METRICS_LISTEN="",
                           NOONMARK_DATA=os.path.join(folder, "data"))
        server = subprocess.Popen([BINARY, "serve"], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        try:
            here = server.stdout.readline().split()[-1]
            if "data/mail" not in (said := server.stdout.readline()):
                problems.append("where the codes are is not said: " + said)
            done = subprocess.run(["bash", "-e", "-c", script.replace(ADDRESS, here)], cwd=folder, text=True,
                                  capture_output=True)
        finally:
            server.terminate()
            server.wait()
    booking = json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}
    if booking.get("status") != "confirmed" or booking.get("invitee", {}).get("name") != "Grace":
        problems.append("the last answer is no booking: %s%s" % (done.stdout[-600:], done.stderr))
    for problem in problems:
        print("FAILED:", problem)
    print("%d passed, %d failed" % (3 - len(problems), len(problems)))
    sys.exit(1 if problems else 0)


main()
