#!/usr/bin/python3
"""Bookings by HTTP: how many a second for distinct hosts, and how fast refusals are when all race for one slot.

    bench/load.py [--build build/gcc] [--hosts 16] [--bookings 4000] [--connections 32]

Durable (WAL, synchronous FULL).  One thread keeps all connections busy: on two cores the client takes its part.
"""
import argparse
import os
import select
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests"))


def pump(wires, requests):
    """Send each request on the next connection that is free; the statuses, and seconds from send to answer."""
    waiting, statuses, times = {}, {}, []
    by_socket = {wire.sock: wire for wire in wires}
    requests = iter(requests)

    def next_on(wire):
        request = next(requests, None)
        if request is not None:
            waiting[wire.sock] = time.monotonic()
            wire.sock.sendall(request)
    for wire in wires:
        next_on(wire)
    while waiting:
        for sock in select.select(list(waiting), [], [], 30)[0]:
            wire = by_socket[sock]
            status = wire.read().status
            times.append(time.monotonic() - waiting.pop(sock))
            statuses[status] = statuses.get(status, 0) + 1
            next_on(wire)
    return statuses, sorted(times)


def report(name, count, seconds, statuses, times):
    at = {p: times[min(len(times) - 1, int(len(times) * p / 100))] * 1000 for p in (50, 99)}
    print(f"{name}: {count / seconds:.0f} a second, median {at[50]:.2f} ms, p99 {at[99]:.2f} ms, {statuses}", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--build", default=os.path.join(ROOT, "build/gcc"))
    for name, default in (("hosts", 16), ("bookings", 4000), ("connections", 32)):
        arguments.add_argument(f"--{name}", type=int, default=default)
    args = arguments.parse_args()
    os.environ["NOONMARK_BINARY"] = os.path.join(args.build, "noonmark")
    from faults import BASE, HALF_HOUR, Target, Wire
    from noonmark import Server
    with Server(log_requests="off", threads=2) as server:
        targets = [Target(server, f"host-{i}", quiet=i == args.hosts - 1) for i in range(args.hosts)]
        wires = [Wire(server.address) for _ in range(args.connections)]

        def requests(count, start_of):
            for i in range(count):
                target = targets[i % args.hosts]
                body = target.body(start_of(i))
                yield wires[0].request("POST", "/v1/bookings", body, (f"Authorization: {target.authorization}",))

        def run(name, count, start_of):
            prepared = list(requests(count, start_of))
            began = time.monotonic()
            statuses, times = pump(wires, prepared)
            report(name, count, time.monotonic() - began, statuses, times)
        run("bookings of distinct hosts", args.bookings, lambda i: BASE + i // args.hosts * HALF_HOUR)
        targets[:] = targets[:1] * args.hosts
        run("racing for one slot", args.bookings, lambda i: BASE)
        path = f"/v1/event-types/{targets[0].kind['id']}/explain?at=2026-03-05T10:00:00Z"
        prepared = [wires[0].request("GET", path)] * args.bookings
        began = time.monotonic()
        statuses, times = pump(wires, prepared)
        report("a read of the same kind (explain)", args.bookings, time.monotonic() - began, statuses, times)


main()
