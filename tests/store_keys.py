"""A database and the master key it belongs to: a server with another key does not start on it, and says what to do."""

import contextlib
import os
import shutil
import tempfile

from noonmark import POSTGRESQL, Failed, Server, booking_body, check, run, same

START = "2026-03-03T10:00:00Z"


def key_of(folder):
    return os.path.join(folder, "master.key")


@contextlib.contextmanager
def moved(first):
    """A server that is not started, on the database of one that has ended, with a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="noonmark-") as folder:
        if not POSTGRESQL:
            shutil.copy(first.database_path, folder)
        server = Server(folder=folder, **({"database": first.settings["database"]} if POSTGRESQL else {}))
        try:
            yield server
        finally:
            server.stop()
            shutil.rmtree(server.temporary, ignore_errors=True)


def refused(server):
    try:
        server.start()
    except Failed as e:
        server.wait()
        return "belongs to another master.key" in str(e) and server.folder in str(e)
    return False


def test_another_key():
    with Server() as first:
        host = first.register("ada")
        booking = host.post("/v1/bookings", booking_body(host.event_type, START), status=201).json
        first.stop()
        with moved(first) as server:
            check(refused(server), "a folder without a key is refused")
            check(not os.path.exists(key_of(server.folder)), "no key is left that could be taken for the right one")

            with open(key_of(server.folder), "wb") as f:
                f.write(bytes(32))
            check(refused(server), "another key is refused")
            same(os.path.getsize(key_of(server.folder)), 32, "and left where it is")

            shutil.copy(key_of(first.folder), server.folder)
            server.start()
            same(server.client(host.authorization).get("/v1/me", status=200).json["username"], "ada", "with the right one who was signed in is")
            server.invitee(booking).get(f"/v1/bookings/{booking['id']}", status=200)


def test_a_key_that_is_lost():
    """As docs/operate.md says: everybody signs in again, and the database is the new key's."""
    with Server() as first:
        host = first.register("ada")
        first.stop()
        os.unlink(key_of(first.folder))
        check(refused(first), "without its key it does not start")
        with contextlib.closing(first.database(write=True)) as database:
            database.execute("DELETE FROM key_mark")
            if not POSTGRESQL:
                database.commit()
        first.start()
        first.client(host.authorization).get("/v1/me", status=401)
        first.client().post("/v1/sessions", {"email": host.account["email"], "password": host.password}, status=200)
        first.restart()
        check(first.process.poll() is None, "and again")


run(globals())
