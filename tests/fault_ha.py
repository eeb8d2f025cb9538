"""High availability: two servers on three PostgreSQL nodes, and the node that takes writes dies, or is cut off, under
booking load; then one of the servers is cut off from them, both ways and one way.  No acknowledged booking is lost, none
comes twice, and bookings go on.

    tests/fault_ha.py [--rounds 1] [--bookers 8]

Needs root and Debian's patroni and etcd-server: `make ha` installs them.  About three minutes a round.
"""

import os
import shutil
import tempfile
import time

import patroni
from faults import Booker, Target, Wire, check_database, comes
from noonmark import Server, argument, check, must, run

WITHIN = 30  # seconds: bookings go on
CALM = 5     # seconds of load before and after each fault
APART = 20   # seconds that a server is cut off from the database


def longest_pause(bookers, since):
    """Between two bookings of whichever booker."""
    moments = sorted(m for b in bookers for m in b.moments if m > since)
    return max((b - a for a, b in zip(moments, moments[1:])), default=0)


class World:
    """The cluster, two servers on it, and load on both."""

    def __init__(self, cluster, folder, bookers):
        with_database = cluster.connect("postgres", "postgres")
        with_database.execute("CREATE ROLE noonmark LOGIN PASSWORD 'noonmark'")
        with_database.execute("CREATE DATABASE noonmark OWNER noonmark")
        with_database.close()
        cluster.wait_database("noonmark", "noonmark")
        self.cluster = cluster
        self.servers = [Server(database=cluster.url("noonmark"), wrap=patroni.inside(name), folder=os.path.join(folder, name))
                        for name in patroni.APPS]
        for server, address in zip(self.servers, patroni.APPS.values()):
            server.address = (address, 8080)
        first, second = self.servers
        first.start()
        self.target = Target(first, quiet=True)  # its mails become files, so nobody else may send them yet
        os.makedirs(second.folder, 0o700)
        shutil.copy(os.path.join(first.folder, "master.key"), second.folder)
        second.settings["smtp_url"] = first.settings["smtp_url"]
        second.start()
        self.bookers = [Booker(self.servers, self.target, i, bookers, timeout=15) for i in range(bookers)]

    def database(self):
        return self.cluster.connect("noonmark", "postgres")

    def fault(self, label, begin, end):
        """The leader goes; another one leads; it comes back."""
        since = time.monotonic()
        time.sleep(CALM)
        lost = self.cluster.leader()
        begin(lost)
        began = time.monotonic()
        heir = self.cluster.leader(other_than=lost)
        until = time.monotonic() + 2 * WITHIN
        while not any(b.moments and b.moments[-1] > began + 1 for b in self.bookers) and time.monotonic() < until:
            time.sleep(0.2)
        time.sleep(CALM)
        pause = longest_pause(self.bookers, since)
        end(lost)
        self.cluster.wait_standbys(2)
        print(f"{label}: {lost} went, {heir} leads; the longest pause was {pause:.1f} s; "
              f"{sum(len(b.acked) for b in self.bookers)} bookings so far", flush=True)
        check(pause <= WITHIN, f"{label}: bookings paused for {pause:.1f} s, not {WITHIN}")

    def partition(self, label, begin, end):
        """One server loses the database, for APART seconds: bookings go on by the other one, and then by both."""
        lost = self.servers[1]
        self.on_both()
        since = time.monotonic()
        time.sleep(CALM)
        begin()
        time.sleep(APART)
        pause = longest_pause(self.bookers, since)
        end()
        until = time.monotonic() + WITHIN
        while self.ready(lost) != 200 and time.monotonic() < until:
            time.sleep(0.5)
        check(self.ready(lost) == 200, f"{label}: the server that was cut off serves again")
        time.sleep(CALM)
        print(f"{label}, {APART} s: the longest pause was {pause:.1f} s; {sum(len(b.acked) for b in self.bookers)} bookings so far", flush=True)
        check(pause <= WITHIN, f"{label}: bookings paused for {pause:.1f} s, not {WITHIN}")

    def on_both(self):
        """Bookers on each server: where all of one have gone to the other, half of them come back."""
        def shared():
            now = [b.server for b in self.bookers]
            for booker in self.bookers[::2] if len(set(now)) == 1 else ():
                booker.leaving = True
            return len(set(now)) > 1
        must(comes(shared), "the bookers do not share the servers")

    @staticmethod
    def ready(server):
        try:
            return Wire(server.address, timeout=5).call("GET", "/readyz").status
        except OSError:
            return None

    def stop(self):
        for booker in self.bookers:
            booker.stopping = True
        for booker in self.bookers:
            booker.join()
        for server in self.servers:
            check(server.process.poll() is None, "no server had to be started again")

    def judge(self):
        acked = {i: what for b in self.bookers for i, what in b.acked.items()}
        unexpected = [u for b in self.bookers for u in b.unexpected]
        check(not unexpected, f"answers other than 201 and 503: {unexpected[:3]}")
        must(len(acked) > 100, f"only {len(acked)} bookings")
        check_database(self, acked, label=f"{len(acked)} bookings")


def test_the_leader_goes():
    folder = tempfile.mkdtemp(prefix="noonmark-ha-")
    with patroni.Cluster(folder) as cluster:
        world = World(cluster, folder, argument("bookers", 8))
        for _ in range(argument("rounds", 1)):
            world.fault("killed", cluster.kill, cluster.start)
            world.fault("cut off", cluster.unplug, cluster.plug)
            cables, nodes = cluster.network, list(patroni.NODES)
            world.partition("a server's cable is pulled", lambda: cables.cable("a2", "down"), lambda: cables.cable("a2", "up"))
            world.partition("a server's packets to the database are lost", lambda: cables.lose(["a2"], nodes), lambda: cables.find(["a2"], nodes))
            world.partition("the database's packets to a server are lost", lambda: cables.lose(nodes, ["a2"]), lambda: cables.find(nodes, ["a2"]))
        world.stop()
        world.judge()
        for server in world.servers:
            server.stop()
    shutil.rmtree(folder)


run(globals())
