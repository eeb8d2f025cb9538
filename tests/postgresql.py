"""A throw-away PostgreSQL for tests: a cluster in a folder of its own, reached by a socket there and nothing else.

The first that asks makes it, and ends it with its process; NOONMARK_TEST_CLUSTER names one that is there already
(tests/run.py makes one for all suites of a run).
"""

import atexit
import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time

import psycopg2

PROGRAMS = "/usr/lib/postgresql/15/bin"
SETTINGS = {"listen_addresses": "''", "max_connections": "300", "shared_buffers": "64MB", "autovacuum_naptime": "5s",
            "log_min_messages": "warning"}
USER = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root: then as the user that Debian's package made


class Cluster:
    """log: the folder to make for what is usually in pg_wal, of segments as small as can be."""

    def __init__(self, folder=None, log=None, **settings):
        self.folder = folder or tempfile.mkdtemp(prefix="noonmark-pg-")
        self.data, self.user = os.path.join(self.folder, "data"), USER
        self.settings, self.count, self.lock = {**SETTINGS, **settings}, 0, threading.Lock()
        self.made = folder is None
        if self.made:
            if self.user:
                shutil.chown(self.folder, self.user)
            words = ("-X", log, "--wal-segsize=1") if log else ()
            self.program("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D", self.data, *words)
            self.start()

    def program(self, name, *words, check=True):
        command = [os.path.join(PROGRAMS, name), *words]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        if check and done.returncode:
            raise RuntimeError(f"{name}: {done.stdout}")
        return done.returncode

    def start(self):
        options = " ".join(f"-c {k}={v}" for k, v in {**self.settings, "unix_socket_directories": self.folder}.items())
        # its output goes to the log, not into the pipe that waits for pg_ctl
        self.program("pg_ctl", "-D", self.data, "-w", "-t", "300", "-l", os.path.join(self.folder, "log"), "-o", options, "start")

    def stop(self, how="fast"):
        self.program("pg_ctl", "-D", self.data, "-w", "-t", "300", "-m", how, "stop", check=False)

    def end(self):
        if self.made and os.path.exists(self.folder):
            self.stop("immediate")
            shutil.rmtree(self.folder, ignore_errors=True)

    def standby(self):
        """Another cluster that follows this one."""
        folder = tempfile.mkdtemp(prefix="noonmark-pg-")
        if self.user:
            shutil.chown(folder, self.user)
        found = Cluster(folder, **self.settings)
        found.made = True
        self.program("pg_basebackup", "-D", found.data, "-d", f"host={self.folder} user=postgres", "-R", "-c", "fast", "-X", "stream")
        found.start()
        return found

    def wait_for(self, leader):
        """Until it has applied what the leader has written."""
        def place(of, sql):
            connection = of.connect()
            with connection.cursor() as cursor:
                cursor.execute(sql)
                found = cursor.fetchone()[0]
            connection.close()
            return int(found)
        there = place(leader, "SELECT pg_current_wal_lsn() - '0/0'")
        while place(self, "SELECT pg_last_wal_replay_lsn() - '0/0'") < there:
            time.sleep(0.05)

    def pid(self):
        with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as f:
            return int(f.readline())

    def url(self, name):
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def connect(self, name="postgres"):
        connection = psycopg2.connect(self.url(name))
        connection.autocommit = True
        return connection

    def is_up(self):
        try:
            self.connect().close()
            return True
        except psycopg2.OperationalError:
            return False

    def make(self):
        """A new database's name."""
        with self.lock:
            self.count += 1
            name = f"n{os.getpid()}_{self.count}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")  # which nobody can be in
        return name

    def drop(self, name):
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, sql, name="postgres"):
        """Retried: two that copy the template at once may be refused."""
        for attempt in range(20):
            connection = self.connect(name)
            try:
                connection.cursor().execute(sql)
                return
            except psycopg2.errors.ObjectInUse:
                if attempt == 19:
                    raise
                time.sleep(0.1)
            finally:
                connection.close()


_shared, _making = [], threading.Lock()


def cluster():
    """The run's cluster, or this process's own."""
    with _making:
        if not _shared:
            _shared.append(Cluster(os.environ.get("NOONMARK_TEST_CLUSTER")))
            atexit.register(_shared[0].end)
        return _shared[0]


@contextlib.contextmanager
def instead(own):
    """That one is the cluster meanwhile, and then it ends."""
    with _making:
        before, _shared[:] = _shared[:], [own]
    try:
        yield own
    finally:
        own.end()
        _shared[:] = before


class Result:
    def __init__(self, rows):
        self.rows = rows

    def fetchall(self):
        return self.rows

    def fetchone(self):
        return self.rows[0] if self.rows else None

    def __iter__(self):
        return iter(self.rows)


class Database:
    """As much of sqlite3's connection as the tests use: ? for parameters, bytes for bytes."""

    def __init__(self, name):
        self.connection = cluster().connect(name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.connection.close()

    def execute(self, sql, parameters=()):
        with self.connection.cursor() as cursor:
            if parameters:
                cursor.execute(sql.replace("%", "%%").replace("?", "%s"), tuple(parameters))
            else:
                cursor.execute(sql)
            rows = cursor.fetchall() if cursor.description else []
        return Result([tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows])
