#!/usr/bin/python3
"""Seats: many join one meeting, never more than there are, and each leaves alone."""

import threading

from noonmark import Server, booking_body, check, run, same

TEN, NOON = "2026-03-03T10:00:00Z", "2026-03-03T12:00:00Z"
SEATS, CLIENTS = 10, 64


def crowd(server, host, kind, start):
    """As many at once as there are clients, each with an address of their own: status and booking of each."""
    clients, answers, gate = [server.client(host.authorization) for _ in range(CLIENTS)], [], threading.Barrier(CLIENTS)

    def one(i):
        body = booking_body(kind, start, invitee=f"Number {i}", address=f"i{i}@example.org")
        gate.wait()
        answer = clients[i].post("/v1/bookings", body)
        answers.append((answer.status, answer.json))

    threads = [threading.Thread(target=one, args=(i,)) for i in range(CLIENTS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def test_seats():
    with Server() as server:
        host = server.register("coach")
        kind = host.make_event_type("class", minimum_notice_minutes=0, seats=SEATS)
        answers = crowd(server, host, kind, TEN)
        same(sorted(s for s, _ in answers), [201] * SEATS + [409] * (CLIENTS - SEATS), "as many as there are seats")
        same(server.database().execute("SELECT COUNT(*) FROM reservation").fetchone()[0], 1, "of one meeting")
        booked = [b for s, b in answers if s == 201]
        same(len({b["id"] for b in booked}), SEATS, "each has a booking of their own")
        addresses = [b["invitee"]["email"] for b in booked]
        for address in addresses:
            server.wait_mails(address, 1)
        first = booked[0]
        server.invitee(first).post(f"/v1/bookings/{first['id']}/cancel", {}, status=200)
        server.wait_mails(addresses[0], 2)
        server.wait_mails(host.account["email"], 1 + SEATS + 1)
        same([len(server.mails(a)) for a in addresses[1:]], [1] * (SEATS - 1), "the others hear nothing of it")
        same([host.get(f"/v1/bookings/{b['id']}").json["status"] for b in booked[1:]], ["confirmed"] * (SEATS - 1), "and stay")
        check(TEN.replace("Z", "+00:00") in server.slots(kind), "one seat is free again")
        host.post("/v1/bookings", booking_body(kind, TEN, address="late@example.org"), status=201)
        host.post("/v1/bookings", booking_body(kind, TEN, address="later@example.org"), status=409)
        second = booked[1]
        host.post(f"/v1/bookings/{second['id']}/reschedule", {"start": NOON}, status=200)
        same(server.database().execute("SELECT COUNT(*) FROM reservation").fetchone()[0], 2, "one moves alone")
        same([len(server.mails(a)) for a in addresses[2:]], [1] * (SEATS - 2), "and again nobody else hears")


if __name__ == "__main__":
    run(globals())
