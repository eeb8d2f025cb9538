"""The real server for tests: starts it, speaks to it, and holds every answer against its own OpenAPI document.

    from noonmark import Server, check, run

    def test_something(server):            # `server`: one for the whole file, clock frozen, rate limits off
        host = server.register("ada")
        answer = host.get("/v1/me", status=200)
        check(answer.json["plan"] == "paid", "the plan")

    def test_other():                      # or one of its own
        with Server(rate_limits=True) as server:
            ...

    run(globals())                         # last line: N passed, N failed

The binary is NOONMARK_BINARY, or build/gcc/noonmark.  Arguments of a test file name the tests to run.
NOONMARK_TEST_DATABASE=postgresql runs them on PostgreSQL: each Server has a database of its own (postgresql.py).
"""

import contextlib
import datetime
import email
import email.policy
import http.client
import inspect
import json
import os
import re
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

import jsonschema

from ports import free_port

POSTGRESQL = os.environ.get("NOONMARK_TEST_DATABASE") == "postgresql"
if POSTGRESQL:
    import postgresql

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARY = os.environ.get("NOONMARK_BINARY", os.path.join(ROOT, "build/gcc/noonmark"))
MONDAY = "2026-03-02T08:00:00Z"  # what the frozen clock shows at first
PASSWORD = "correct horse battery"
WAIT_SECONDS = 60  # for what must happen: it costs nothing where it does
LEASE_SECONDS = 10  # of a job that runs
SCOPES = ("account:read", "schedules:read", "schedules:write", "event_types:read", "event_types:write",
          "bookings:read", "bookings:write", "webhooks:read", "webhooks:write")


# ---- tally

class Tally:
    def __init__(self):
        self.passed = self.failed = 0
        self.lock = threading.Lock()
        self.name = ""

    def note(self, holds, what):
        with self.lock:
            if holds:
                self.passed += 1
            else:
                self.failed += 1
                print(f"FAILED {self.name}: {what}", flush=True)


TALLY = Tally()


def check(holds, what):
    """Counts a fact; a test goes on after a failed one."""
    TALLY.note(bool(holds), what)
    return bool(holds)


def same(got, wanted, what):
    return check(got == wanted, f"{what}: {got!r}, not {wanted!r}")


class Failed(AssertionError):
    """What makes the rest of a test pointless."""


def must(holds, what):
    if not holds:
        raise Failed(what)


def until(happens, what):
    """What must happen, waited for; what it gives then.  what: words, or a function that finds them when it did not."""
    end = time.monotonic() + WAIT_SECONDS
    while not (found := happens()):
        must(time.monotonic() < end, f"within {WAIT_SECONDS} s: {what() if callable(what) else what}")
        time.sleep(0.02)
    return found


def run(names, **options):
    """Every test_… of a module, or those named by arguments; ends the process."""
    if not os.access(BINARY, os.X_OK):
        sys.exit(f"there is no program {BINARY}: build it, or name it in NOONMARK_BINARY")
    wanted = [a for a in sys.argv[1:] if a.startswith("test_")]
    tests = [f for n, f in list(names.items()) if n.startswith("test_") and (not wanted or n in wanted)]
    with contextlib.ExitStack() as stack:
        shared = None
        for test in tests:
            TALLY.name = f"{os.path.basename(sys.argv[0])} {test.__name__}"
            try:
                if "server" in inspect.signature(test).parameters:
                    if shared is None or shared.process.poll() is not None:
                        shared = stack.enter_context(Server(**options))
                    test(shared)
                else:
                    test()
                TALLY.note(True, "")
            except Failed as e:
                TALLY.note(False, f"{e} ({where(e)})")
            except Exception as e:  # a test's own mistake is a failure as well
                TALLY.note(False, f"{type(e).__name__}: {e} ({where(e)}) {' '.join(getattr(e, '__notes__', ()))}")
    print(f"{TALLY.passed} passed, {TALLY.failed} failed", flush=True)
    sys.exit(1 if TALLY.failed or not TALLY.passed else 0)


def where(error):
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    return " < ".join(f"{os.path.basename(f.filename)}:{f.lineno}" for f in reversed(frames[-3:]))


def argument(name, default):
    """The number behind --name, for tests with sizes."""
    words = sys.argv[1:]
    for i, word in enumerate(words):
        if word == f"--{name}" and i + 1 < len(words):
            return int(words[i + 1])
        if word.startswith(f"--{name}="):
            return int(word.split("=", 1)[1])
    return default


# ---- the document

FORMATS = jsonschema.FormatChecker(formats=())


def format_of(name):
    def register(function):
        FORMATS.checks(name)(lambda value: not isinstance(value, str) or bool(function(value)))
        return function
    return register


@format_of("uuid")
def is_uuid(text):
    return re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", text)


@format_of("date-time")
def is_instant(text):
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", text)


@format_of("date")
def is_date(text):
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text)


@format_of("email")
def is_email(text):
    return re.fullmatch(r"[^@\s]+@[^@\s]+", text)


@format_of("uri")
def is_uri(text):
    return re.match(r"https?://[^\s]+$", text)


class Contract:
    """The OpenAPI document, and what it says about an answer."""

    def __init__(self, document):
        self.document = document
        self.operations = []  # (method, pattern, path, operation)
        self.validators = {}
        for path, item in document["paths"].items():
            pattern = re.compile(re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(path)) + "$")
            for method, operation in item.items():
                self.operations.append((method.upper(), pattern, path, operation))
        # words before parameters, as the server's own table has them
        self.operations.sort(key=lambda o: [part.startswith("{") for part in o[2].split("/")])

    def find(self, method, path):
        method = "GET" if method == "HEAD" else method
        path = path.split("?")[0]
        for m, pattern, name, operation in self.operations:
            if m == method and pattern.match(path):
                return name, operation
        return None, None

    def errors_of(self, key, schema, value):
        if key not in self.validators:
            whole = dict(schema, components=self.document["components"])
            self.validators[key] = jsonschema.Draft202012Validator(whole, format_checker=FORMATS)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"[:300]
                for e in self.validators[key].iter_errors(value)]

    def problem(self, answer):
        if answer.headers.get("content-type") != "application/problem+json":
            return f"{answer.status} of type {answer.headers.get('content-type')}"
        if answer.head_only:
            return None
        errors = self.errors_of("problem", {"$ref": "#/components/schemas/Problem"}, answer.json)
        if errors:
            return f"not a problem document: {errors[0]}"
        document = answer.json
        if document["status"] != answer.status or document["type"] != "urn:noonmark:problem:" + document["code"]:
            return f"problem document of another status or type: {document}"
        if document["request_id"] != answer.headers.get("x-request-id"):
            return "request_id is not the X-Request-Id"
        if answer.status in (429, 503) and "retry-after" not in answer.headers:
            return f"{answer.status} without Retry-After"
        return None

    def judge(self, method, path, answer):
        """None, or what is wrong with an answer."""
        if "x-request-id" not in answer.headers:
            return "no X-Request-Id"
        if answer.status == 304:
            sent = {"content-type", "content-length", "x-content-type-options"} & set(answer.headers)
            return "304 with a body" if answer.body else f"304 with {sent}" if sent else None
        if answer.headers.get("x-content-type-options") != "nosniff" and method != "OPTIONS":
            return "no X-Content-Type-Options: nosniff"
        if answer.status >= 400:
            if not path.startswith("/v1/") and answer.headers.get("content-type", "").startswith("text/html"):
                return None
            return self.problem(answer)
        name, operation = self.find(method, path)
        if operation is None:
            return None if method == "OPTIONS" or not path.startswith("/v1/") or path.startswith("/v1/openapi.json") \
                else f"{answer.status}, but the document has no such operation"
        response = operation["responses"].get(str(answer.status))
        if response is None:
            return f"{answer.status} is not in the document"
        content = response.get("content")
        if not content:
            return f"a body where the document has none: {answer.body[:80]!r}" if answer.body else None
        if answer.headers.get("content-type") not in content:
            return f"Content-Type {answer.headers.get('content-type')}"
        if answer.head_only:
            return None
        schema = content[answer.headers["content-type"]]["schema"]
        errors = self.errors_of((name, method, answer.status), schema, answer.json)
        return errors[0] if errors else None


# ---- calling

class Answer:
    def __init__(self, status, headers, body, head_only=False):
        self.status, self.headers, self.body, self.head_only = status, headers, body, head_only

    @property
    def json(self):
        return json.loads(self.body, object_pairs_hook=unique)

    @property
    def code(self):
        return self.json.get("code")

    @property
    def fields(self):
        return [e["field"] for e in self.json.get("errors", [])]

    def __repr__(self):
        return f"{self.status} {self.body[:400].decode(errors='replace')}"


def unique(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a member twice: {names}")
    return dict(pairs)


class Client:
    """One caller on one connection that is kept open; not to be shared between threads."""

    def __init__(self, server, authorization=None):
        self.server, self.authorization, self.connection = server, authorization, None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def send(self, method, path, body=None, headers=None):
        """The bare exchange; retried once where the server had closed an idle connection before anything was sent."""
        if self.connection and self.connection.sock and select.select([self.connection.sock], [], [], 0)[0]:
            self.close()  # unused for longer than the server keeps one
        for attempt in (0, 1):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(*self.server.address, timeout=WAIT_SECONDS * 2)
            try:
                self.connection.request(method, path, body, headers)
                response = self.connection.getresponse()
                data = response.read()
                if response.will_close:
                    self.close()
                return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, data,
                              method == "HEAD")
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError) as error:
                self.close()
                if attempt or method not in ("GET", "HEAD"):
                    error.add_note(f"{method} {path}, {self.server.state()}")
                    raise
            except Exception as error:
                self.close()
                error.add_note(f"{method} {path}, {self.server.state()}")
                raise
        raise AssertionError("unreachable")

    def call(self, method, path, body=None, headers=None, status=None, judge=True):
        """body: bytes as they are, anything else as JSON.  status: what it must be, one or a tuple."""
        given = dict(headers or {})
        if self.authorization and "Authorization" not in given:
            given["Authorization"] = self.authorization
        given = {k: v for k, v in given.items() if v is not None}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        answer = self.send(method, path, body, given)
        if judge:
            wrong = self.server.contract.judge(method, path, answer)
            must(not wrong, f"{method} {path}: {wrong}: {answer!r}")
            must(answer.status != 500, f"{method} {path} {body!r}: {answer!r}")
        wanted = (status,) if isinstance(status, int) else status
        must(not wanted or answer.status in wanted, f"{method} {path} {(body or b'')[:300]!r}: {answer!r}, not {status}")
        return answer

    def get(self, path, **rest):
        return self.call("GET", path, **rest)

    def post(self, path, body=None, **rest):
        return self.call("POST", path, body, **rest)

    def put(self, path, body=None, **rest):
        return self.call("PUT", path, body, **rest)

    def patch(self, path, body=None, **rest):
        return self.call("PATCH", path, body, **rest)

    def delete(self, path, **rest):
        return self.call("DELETE", path, **rest)


class Host(Client):
    """An account, signed in, with the schedule and event type that it began with."""

    def __init__(self, server, tokens, password):
        super().__init__(server, "Bearer " + tokens["access_token"])
        self.tokens, self.account, self.password = tokens, tokens["account"], password
        self.event_type = self.get("/v1/event-types", status=200).json["items"][0]
        self.schedule = self.get("/v1/schedules", status=200).json["items"][0]

    @property
    def key_client(self):
        """By an API key that may do everything and never expires: for tests that move the clock."""
        if not hasattr(self, "_key_client"):
            self._key_client = Client(self.server, "Bearer " + self.key(SCOPES))
        return self._key_client

    def key(self, scopes, **more):
        body = {"name": "test", "scopes": list(scopes), **more}
        return self.post("/v1/api-keys", body, status=201).json["key"]

    def make_event_type(self, code, **members):
        body = {"code": code, "title": code, "schedule_id": self.schedule["id"], "durations": [{"minutes": 30}],
                **members}
        return self.post("/v1/event-types", body, status=201).json

    def set_hours(self, weekly):
        return self.put(f"/v1/schedules/{self.schedule['id']}/rules", {"weekly": weekly}, status=200).json


ALWAYS = [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00", "from": None, "until": None}]


def booking_body(event_type, start, invitee="Ivy Invitee", address="ivy@example.org", **members):
    return {"event_type_id": event_type["id"], "start": start, "time_zone": "Europe/Berlin",
            "duration_minutes": event_type["durations"][0]["minutes"],
            "invitee": {"name": invitee, "email": address}, **members}


class Server:
    """`noonmark serve` in a temporary folder.

        clock        the frozen time; None: the system's
        rate_limits  off unless said
        settings     further NOONMARK_… settings by lower-case name: smtp_url="smtp://…"
        folder       a data folder that is to stay
        wrap         words before the command
        environment  further variables
        database     a setting, which no Server of another folder shares; the engine of the run unless said
    """

    of_folder = {}  # databases by folder: a Server on another's folder goes on with its database

    def __init__(self, clock=MONDAY, rate_limits=False, folder=None, wrap=(), environment=None, binary=None, **settings):
        self.temporary = tempfile.mkdtemp(prefix="noonmark-")
        self.folder = folder or os.path.join(self.temporary, "data")
        self.log_path = os.path.join(self.temporary, "log")
        self.clock_path = os.path.join(self.temporary, "clock") if clock else None
        self.wrap, self.environment, self.binary = list(wrap), environment or {}, binary or BINARY
        self.settings = {"rate_limits": "on" if rate_limits else "off", "default_plan": "paid", "metrics_listen": "",
                         "threads": "2", **settings}
        self.database_name = None
        known = Server.of_folder.get(self.folder)
        if POSTGRESQL and ("database" not in settings or known and settings["database"] == postgresql.cluster().url(known)):
            self.database_name = known or postgresql.cluster().make()
            Server.of_folder[self.folder] = self.database_name
            self.settings["database"] = postgresql.cluster().url(self.database_name)
        self.address, self.process, self._contract = ("127.0.0.1", free_port()), None, None
        self.ready_seconds, self.orphans, self.arrived = None, False, []
        if clock:
            self.clock(clock)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if self.database_name and self.folder.startswith(self.temporary):
            postgresql.cluster().drop(self.database_name)
        shutil.rmtree(self.temporary, ignore_errors=True)

    def clock(self, text, settled=True):
        """Moves it.  settled: once nothing is at work, as what a jump finds under way loses its lease and runs twice."""
        known = self.database_name or not self.settings.get("database")
        if settled and known and not self.orphans and self.process and self.process.poll() is None:
            self.settle()
        self.orphans = False
        with open(self.clock_path + ".new", "w", encoding="ascii") as f:
            f.write(text)
        os.replace(self.clock_path + ".new", self.clock_path)

    def now(self):
        """What the frozen clock shows, in seconds."""
        with open(self.clock_path, encoding="ascii") as f:
            return int(datetime.datetime.fromisoformat(f.read().strip().replace("Z", "+00:00")).timestamp())

    def settle(self):
        """Until nothing is left to do now.  What failed waits for longer than a lease lasts, and is not waited for."""
        now = self.now()
        with contextlib.closing(self.database()) as database:
            until(lambda: database.execute(
                "SELECT (SELECT COUNT(*) FROM job WHERE state = 'waiting' AND due_at <= CASE WHEN tries > 0 THEN ? ELSE ? END)"
                " + (SELECT COUNT(*) FROM webhook WHERE due_at <= ? OR busy_until > ?)",
                (now + LEASE_SECONDS, now, now, now)).fetchone() == (0,),
                lambda: f"what is due is done: {self.log()[-600:]}")

    def start(self):
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "NOONMARK_DATA": self.folder,
                       "NOONMARK_LISTEN": f"{self.address[0]}:{self.address[1]}"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        environment.update({f"NOONMARK_{k.upper()}": str(v) for k, v in self.settings.items()})
        if self.clock_path:
            environment["NOONMARK_CLOCK"] = self.clock_path
        environment.update(self.environment)
        self.orphans = self.process is not None and self.process.returncode != 0
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([*self.wrap, self.binary, "serve"], stdout=subprocess.PIPE, stderr=log,
                                            env=environment, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"^Noonmark is ready at http://.*:(\d+)$", line)
        must(found, f"the server did not start: {line!r} {self.log()[-600:]}")
        self.ready_seconds = time.monotonic() - began
        self.address = (self.address[0], int(found.group(1)))
        return self

    def stop(self):
        """SIGTERM; the exit status, or None when it had to be killed."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self, seconds=WAIT_SECONDS):
        if not self.process:
            return None
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = None
        self.process.stdout.close()
        return status

    def wait_for_end(self, seconds):
        """Whether the process ended by itself; its pipe stays open until it is waited for."""
        until = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        return self.process.poll() is not None

    def kill(self):
        self.process.kill()
        self.wait()

    def restart(self):
        self.stop()
        return self.start()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def state(self):
        """For whoever looks into a failure."""
        ended = self.process.poll() if self.process else "not started"
        return "the server runs" if ended is None else f"the server ended: {ended}, {self.log()[-1500:]}"

    @property
    def base(self):
        return f"http://{self.address[0]}:{self.address[1]}"

    @property
    def contract(self):
        if self._contract is None:
            answer = Client(self).send("GET", "/v1/openapi.json", None, {})
            must(answer.status == 200, f"no OpenAPI document: {answer!r}")
            self._contract = Contract(answer.json)
        return self._contract

    def client(self, authorization=None):
        return Client(self, authorization)

    def connect(self, timeout=WAIT_SECONDS):
        sock = socket.create_connection(self.address, timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def database(self, write=False):
        if self.database_name:
            return postgresql.Database(self.database_name)
        return sqlite3.connect(f"file:{self.database_path}?mode={'rw' if write else 'ro'}", uri=True, timeout=10)

    def tables(self):
        with contextlib.closing(self.database()) as database:
            return sorted(name for (name,) in database.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'" if self.database_name
                else "SELECT name FROM sqlite_schema WHERE type = 'table'"))

    @property
    def database_path(self):
        return os.path.join(self.folder, "noonmark.db")

    # ---- mails

    def mail_paths(self):
        """In the order of their arrival: those seen before come first, and of those seen together what was written first."""
        folder = os.path.join(self.folder, "mail")
        with contextlib.suppress(FileNotFoundError):
            new = {os.path.join(folder, n) for n in os.listdir(folder) if n.endswith(".eml")} - set(self.arrived)
            self.arrived = self.arrived + sorted(new, key=lambda p: (os.stat(p).st_mtime_ns, p))
        return self.arrived

    def mails(self, to=None):
        """Parsed, in the order of their arrival, which is any where several were on their way at once."""
        found = []
        for path in self.mail_paths():
            with open(path, "rb") as f:
                message = email.message_from_binary_file(f, policy=email.policy.default)
            if to is None or to.lower() in str(message["To"]).lower():
                found.append(message)
        return found

    def wait_mails(self, to, count):
        """At least `count` mails to an address, waited for."""
        return until(lambda: len(found := self.mails(to)) >= count and found,
                     lambda: f"{len(self.mails(to))} mails to {to}, not {count}: {self.log()[-400:]}")

    def wait_subject(self, to, part, count=1):
        """The mails to an address with these words in their subjects, once there are `count`."""
        return until(lambda: len(found := [m for m in self.mails(to) if part in str(m["Subject"])]) >= count and found,
                     lambda: f"{count} of {part!r} to {to}: {[str(m['Subject']) for m in self.mails(to)]}")

    def last_found(self, to, pattern, first=0):
        """What a pattern's group is in the last mail to somebody where it is found; not in the mails before `first`."""
        def look():
            texts = [m.get_body(("plain",)).get_content() for m in self.mails(to)[first:]]
            return [found.group(1) for found in (re.search(pattern, t, re.M) for t in texts) if found]
        return until(look, lambda: f"no {pattern} in the mails to {to}")[-1]

    def code(self, to, count=1):
        """The one-time code of the last mail that has one, from the `count`th on: others may come between."""
        return self.last_found(to, r"^\s*(\d{6})\s*$", count - 1)

    # ---- steps that every test begins with

    def register(self, name, address=None, password=PASSWORD, time_zone="UTC", language="en", **members):
        address = address or f"{name}@example.org"
        had = len(self.mails(address))
        client = self.client()
        client.post("/v1/accounts", {"email": address, "password": password, "username": name, "first_name": "Test",
                                     "last_name": "Host", "time_zone": time_zone, **members},
                    headers={"Accept-Language": language}, status=202)
        tokens = client.post("/v1/accounts/verify", {"email": address, "code": self.code(address, had + 1)},
                             status=200).json
        client.close()
        return Host(self, tokens, password)

    def prove(self, address):
        had = len(self.mails(address))
        client = self.client()
        proof = client.post("/v1/email-proofs", {"email": address}, status=201).json
        code = self.code(address, had + 1)
        answer = client.post(f"/v1/email-proofs/{proof['id']}/verify", {"code": code}, status=200)
        client.close()
        return answer.json["email_proof"]

    def invitee(self, booking):
        """A client with the invitee's own token."""
        return self.client("Token " + booking["manage_url"].rsplit("/", 1)[1])

    def guest_link(self, address):
        """The guest's own page, of the last mail that has one."""
        return self.last_found(address, r"(http\S+/g/[\w-]+)")

    def guest(self, address):
        """A client with a guest's own token."""
        return self.client("Token " + self.guest_link(address).rsplit("/", 1)[1])

    def slots(self, event_type, first="2026-03-02", last="2026-03-06", time_zone="UTC", minutes=None):
        minutes = minutes or event_type["durations"][0]["minutes"]
        query = urllib.parse.urlencode({"from": first, "to": last, "time_zone": time_zone, "duration_minutes": minutes})
        client = self.client()
        answer = client.get(f"/v1/event-types/{event_type['id']}/slots?{query}", status=200).json
        client.close()
        return [slot["start"] for d in answer["days"] for slot in d["slots"]]
