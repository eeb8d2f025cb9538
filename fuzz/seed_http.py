"""Seeds for the HTTP fuzz targets: DIR/fuzz_http from the cases of tests/http_framing.py, DIR/fuzz_query from a list.

    seed_http.py DIR
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))
import http_framing  # noqa: E402

QUERIES = [
    b"a=1&b=2&a=3", b"from=2026-03-01&to=2026-03-31&time_zone=Asia%2FKolkata", b"a=%C3%A4+%2b&&=", b"a=%zz", b"a=%00",
    b'a=1; __Host-session="abc"; a=2', b'"v1", W/"v2", *\n"v1"', b'W/"a"\nW/"a"', b"gzip;q=0.5, br;q=0, *;q=0, identity",
]


def main():
    http, query = (os.path.join(sys.argv[1], name) for name in ("fuzz_http", "fuzz_query"))
    os.makedirs(http, exist_ok=True)
    os.makedirs(query, exist_ok=True)
    cases = list(http_framing.REFUSED.values()) + [case[0] for case in http_framing.TAKEN.values()]
    for i, data in enumerate(cases):
        with open(os.path.join(http, f"case-{i}"), "wb") as seed:
            seed.write(data[:1500] + http_framing.SMUGGLED)
    for i, data in enumerate(QUERIES):
        with open(os.path.join(query, f"query-{i}"), "wb") as seed:
            seed.write(data)


if __name__ == "__main__":
    main()
