"""Three PostgreSQL nodes under Patroni with etcd, each in a network namespace of its own on one switch: a small data
centre on one machine, whose cables can be pulled.

    with Cluster(folder) as cluster:
        cluster.leader()            the node that takes writes
        cluster.kill("n1")          everything on the node dies at once, as when its power goes
        cluster.unplug("n1")        its cable is pulled: it lives on, alone
        cluster.plug("n1")          and is put back
        cluster.start("n1")         the node comes back after a kill

Needs root, and Debian's patroni, etcd-server and postgresql.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request

import psycopg2

import postgresql
from noonmark import must

PREFIX = "noonmark-"
SWITCH = PREFIX + "lan"
NODES = {"n1": "10.77.0.11", "n2": "10.77.0.12", "n3": "10.77.0.13"}
APPS = {"a1": "10.77.0.21", "a2": "10.77.0.22"}
CLIENT = {"client": "10.77.0.31"}
SAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../samples/patroni.yml")
LEADER_SECONDS = 90
CLONE_NEWNET = 0x40000000


def ip(*words, check=True):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=check).stdout


def inside(name):
    """The words before a command that is to run in that namespace."""
    return ["ip", "netns", "exec", PREFIX + name]


def enter(path):
    """This thread, and those and the programs that it starts from then on, are in that namespace."""
    fd = os.open(path, os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.setns(fd, CLONE_NEWNET)
    os.close(fd)
    must(not failed, f"setns: {os.strerror(ctypes.get_errno())}")


class Network:
    """The switch, and a cable from it to each host.  A cable is a pair of veth ends, e-NAME at the switch."""

    def __init__(self, hosts):
        self.hosts = hosts

    def open(self):
        self.close()
        ip("netns", "add", SWITCH)
        ip("-n", SWITCH, "link", "add", "br0", "type", "bridge")
        ip("-n", SWITCH, "link", "set", "br0", "up")
        for name, address in self.hosts.items():
            there = PREFIX + name
            ip("netns", "add", there)
            ip("-n", SWITCH, "link", "add", f"e-{name}", "type", "veth", "peer", "name", "eth0", "netns", there)
            ip("-n", SWITCH, "link", "set", f"e-{name}", "master", "br0", "up")
            ip("-n", there, "addr", "add", f"{address}/24", "dev", "eth0")
            for link in ("lo", "eth0"):
                ip("-n", there, "link", "set", link, "up")

    def cable(self, name, state):
        ip("-n", SWITCH, "link", "set", f"e-{name}", state)

    def lose(self, sources, targets):
        """Packets of some hosts to others are lost, one way, until they are found again."""
        for source in sources:
            for target in targets:
                ip("-n", PREFIX + source, "route", "add", "blackhole", f"{self.hosts[target]}/32")

    def find(self, sources, targets):
        for source in sources:
            for target in targets:
                ip("-n", PREFIX + source, "route", "del", "blackhole", f"{self.hosts[target]}/32")

    def close(self):
        for name in [PREFIX + n for n in self.hosts] + [SWITCH]:
            for pid in ip("netns", "pids", name, check=False).split():
                kill(int(pid))
            ip("netns", "del", name, check=False)


def kill(pid, how=signal.SIGKILL):
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass


class Cluster:
    """This process is the client: it is on the network of the nodes while the cluster stands."""

    def __init__(self, folder):
        self.folder, self.network = folder, Network({**NODES, **APPS, **CLIENT})
        self.processes = {}

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        os.chmod(self.folder, 0o755)
        self.network.open()
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        enter(f"/run/netns/{PREFIX}client")
        try:
            for name in NODES:
                self.start(name)
            self.leader()
            self.wait_standbys(2)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        enter(f"/proc/self/fd/{self.home}")
        os.close(self.home)
        self.network.close()
        for process in self.processes.values():
            process.wait()

    # ---- one node

    def start(self, name):
        home = os.path.join(self.folder, name)
        os.makedirs(home, exist_ok=True)
        shutil.chown(home, "postgres", "postgres")
        os.chmod(home, 0o700)
        first = not os.path.exists(f"{home}/etcd")
        peers = ",".join(f"{n}=http://{a}:2380" for n, a in NODES.items())
        self.run(name, "etcd", ["etcd", "--name", name, "--data-dir", f"{home}/etcd",
                                "--listen-peer-urls", f"http://{NODES[name]}:2380",
                                "--initial-advertise-peer-urls", f"http://{NODES[name]}:2380",
                                "--listen-client-urls", f"http://{NODES[name]}:2379",
                                "--advertise-client-urls", f"http://{NODES[name]}:2379",
                                "--enable-v2", "--initial-cluster", peers, "--initial-cluster-state", "new" if first else "existing"])
        with open(SAMPLE, encoding="utf-8") as f:
            text = f.read()
        values = {"NAME": name, "ADDRESS": NODES[name], "DATA": f"{home}/data", "NETWORK": "10.77.0.0/24",
                  "ETCD": ", ".join(f"{a}:2379" for a in NODES.values()), "SOCKETS": home}
        for word, value in values.items():
            text = text.replace(f"@{word}@", value)
        path = os.path.join(home, "patroni.yml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        shutil.chown(path, "postgres", "postgres")
        self.run(name, "patroni", ["patroni", path])

    def run(self, name, what, command):
        with open(os.path.join(self.folder, f"{name}-{what}.log"), "ab") as log:
            self.processes[name, what] = subprocess.Popen(
                [*inside(name), "setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command],
                stdout=log, stderr=log, cwd="/", env={"PATH": f"{postgresql.PROGRAMS}:/usr/bin:/bin", "LANG": "C.UTF-8"})

    def kill(self, name):
        for pid in ip("netns", "pids", PREFIX + name).split():
            kill(int(pid))
        for what in ("etcd", "patroni"):
            self.processes[name, what].wait()

    def unplug(self, name):
        self.network.cable(name, "down")

    def plug(self, name):
        self.network.cable(name, "up")

    # ---- all of them

    def state(self):
        """{name: role} of the nodes that answer, as a client on the network sees them."""
        roles = {}
        for name, address in NODES.items():
            try:
                with urllib.request.urlopen(f"http://{address}:8008/patroni", timeout=2) as answer:
                    found = json.load(answer)
            except OSError as e:
                if getattr(e, "code", None) is None:
                    continue
                found = json.load(e)
            if found.get("state") == "running":
                roles[name] = "leader" if found["role"] in ("master", "primary") else \
                    "sync_standby" if found.get("sync_standby") else "replica"
        return roles

    def wait(self, what, ready, seconds=LEADER_SECONDS):
        until = time.monotonic() + seconds
        while True:
            roles = self.state()
            if ready(roles):
                return roles
            must(time.monotonic() < until, f"{what}: {roles} after {seconds} s; logs in {self.folder}")
            time.sleep(0.5)

    def leader(self, other_than=None):
        def led(roles):
            return [n for n, r in roles.items() if r == "leader" and n != other_than]
        return led(self.wait("no leader", led))[0]

    def wait_standbys(self, count):
        """As many standbys, one of them synchronous: what is acknowledged is on two nodes from then on."""
        self.wait(f"not {count} standbys", lambda r: len(r) == count + 1 and "leader" in r.values() and
                  "sync_standby" in r.values())

    def wait_database(self, database, user):
        """Until each node has it: a standby that has not yet ends a client's search for the leader."""
        for address in NODES.values():
            until = time.monotonic() + LEADER_SECONDS
            while True:
                try:
                    psycopg2.connect(f"postgresql://{user}:{user}@{address}/{database}").close()
                    break
                except psycopg2.OperationalError as e:
                    must(time.monotonic() < until, f"{database} is not on every node: {e}")
                    time.sleep(0.1)

    def connect(self, database, user):
        """To the leader: rows as they are, as the tests' Database gives them."""
        found = object.__new__(postgresql.Database)
        found.connection = psycopg2.connect(self.url(database, user))
        found.connection.autocommit = True
        return found

    @staticmethod
    def url(database, user="noonmark"):
        """All nodes in one address: the client finds the one that takes writes."""
        return (f"postgresql://{user}:{user}@{','.join(NODES.values())}/{database}?target_session_attrs=read-write&connect_timeout=2"
                "&keepalives_idle=5&keepalives_interval=2&keepalives_count=3&tcp_user_timeout=5000")
