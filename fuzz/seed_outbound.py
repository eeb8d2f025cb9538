"""Seeds for fuzz_outbound: DIR/fuzz_outbound from the cases of tests/cases/urls.jsonl.

    seed_outbound.py DIR
"""
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main():
    folder = os.path.join(sys.argv[1], "fuzz_outbound")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(ROOT, "tests/cases/urls.jsonl"), encoding="utf-8") as cases:
        for i, line in enumerate(cases):
            url = json.loads(line)["url"].encode()
            with open(os.path.join(folder, f"url-{i}"), "wb") as seed:
                seed.write(url if i % 3 else b"hook.test:80,10.1.0.0/16\n" + url)


if __name__ == "__main__":
    main()
