#!/usr/bin/python3
"""Seeds for the writers of mail, calendars and pages: the templates themselves, and fields of hostile pieces.

    fuzz/seed_mail.py FOLDER
"""
import glob
import os
import random
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "mail"))
from mail_tool import hostile  # noqa: E402


def write(folder, target, name, data):
    os.makedirs(os.path.join(folder, target), exist_ok=True)
    with open(os.path.join(folder, target, name), "wb") as f:
        f.write(data)


def piece(text):
    data = text.encode()[:255]
    return bytes([len(data)]) + data


def main():
    for path in glob.glob(os.path.join(ROOT, "templates", "**", "*.html"), recursive=True):
        with open(path, "rb") as f:
            write(sys.argv[1], "fuzz_template", os.path.relpath(path, ROOT).replace("/", "-"), f.read())
    for i in range(50):
        rng = random.Random(i)
        fields = b"".join(piece(hostile(rng)) for _ in range(5)) + hostile(rng).encode()
        for target in ("fuzz_ical", "fuzz_mail"):
            write(sys.argv[1], target, f"hostile-{i}", fields)


if __name__ == "__main__":
    main()
