"""A read replica of PostgreSQL that lags: what strangers are shown is old, and nothing is booked twice."""

import contextlib

import postgresql
from noonmark import Server, booking_body, check, run, same

START = "2026-03-04T10:00:00Z"
LISTED = "2026-03-04T10:00:00+00:00"


@contextlib.contextmanager
def lagging():
    """A server with a database of its own, and a standby of its cluster that applies nothing from now on."""
    cluster = postgresql.Cluster()
    standby = cluster.standby()
    name = cluster.make()
    try:
        with Server(database=cluster.url(name), database_replica=standby.url(name) + "&target_session_attrs=any") as server:
            host = server.register("lagged")
            standby.wait_for(cluster)
            standby.execute("SELECT pg_wal_replay_pause()")
            yield server, host, standby
    finally:
        standby.end()
        cluster.end()


def test_a_lagging_replica():
    with lagging() as (server, host, standby):
        invitee = server.prove("ivy@example.org")
        stranger = server.client()
        check(LISTED in server.slots(host.event_type), "free")
        body = booking_body(host.event_type, START, email_proof=invitee)
        stranger.post("/v1/bookings", body, status=201)
        check(LISTED in server.slots(host.event_type), "the replica does not know yet, and it is the replica that was asked")
        days = host.get(f"/v1/event-types/{host.event_type['id']}/slots?from=2026-03-04&to=2026-03-04&time_zone=UTC", status=200).json["days"]
        check(LISTED not in [s["start"] for d in days for s in d["slots"]], "who is signed in sees things as they are")
        same(stranger.post("/v1/bookings", body, status=409).code, "slot_taken", "judged on the database itself")
        same(stranger.post("/v1/holds", {"event_type_id": host.event_type["id"], "start": START, "duration_minutes": 30}, status=409).code,
             "slot_taken", "holds too")

        new = host.make_event_type("new")
        check(LISTED not in server.slots(new) and server.slots(new), "what the replica has not yet the database itself knows")

        standby.stop("immediate")
        check(LISTED not in server.slots(host.event_type), "without its replica the database itself answers")
        standby.start()
        listed = server.slots(host.event_type)
        check(listed, "and goes on when the replica is back")


def test_a_replica_from_before_the_schema():
    """As one that was restored from an old backup, or has just begun to follow."""
    cluster = postgresql.cluster()
    name, empty = cluster.make(), cluster.make()
    with Server(database=cluster.url(name), database_replica=cluster.url(empty)) as server:
        check(LISTED in server.slots(server.register("early").event_type), "the database itself answers")
        same(server.process.poll(), None, "nothing ends")
    for each in (name, empty):
        cluster.drop(each)


run(globals())
