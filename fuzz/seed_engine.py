"""Seeds for the engine's fuzz targets: DIR/fuzz_slots from the shared cases, DIR/fuzz_tzif from the system's zones.

    seed_engine.py DIR
"""
import json
import os
import shutil
import sys

CASES = "tests/cases/slots.jsonl"
ZONES = os.environ.get("TZDIR", "/usr/share/zoneinfo")
SOME = ["UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe",
        "Africa/Casablanca", "Africa/Monrovia", "Asia/Gaza", "Pacific/Apia", "Asia/Kolkata", "America/Nuuk", "Etc/GMT+5"]


def main():
    slots, tzif = (os.path.join(sys.argv[1], name) for name in ("fuzz_slots", "fuzz_tzif"))
    os.makedirs(slots, exist_ok=True)
    os.makedirs(tzif, exist_ok=True)
    with open(CASES) as f:
        for line in f:
            case = json.loads(line)
            del case["expect"]
            with open(os.path.join(slots, case["name"]), "w") as seed:
                json.dump(case, seed, separators=(",", ":"))
    for name in SOME:
        shutil.copyfile(os.path.join(ZONES, name), os.path.join(tzif, name.replace("/", "-")))


if __name__ == "__main__":
    main()
