"""What the HTTP tests share: the test server, raw sockets, and a tally."""

import os
import signal
import socket
import subprocess
import sys
import time
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = 60  # seconds until what must happen has
DEFAULT_SERVER = os.path.join(ROOT, "build/gcc/tests/http/echo_server")


class Tally:
    """Counts what passed and what failed, and says what failed."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, holds, what):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print("FAILED:", what)
        return holds

    def run(self, test, *arguments):
        """A test that ends in an exception has failed; the next one runs all the same."""
        try:
            test(self, *arguments)
        except (OSError, ValueError, KeyError, IndexError, RuntimeError):
            self.check(False, f"{test.__name__}: {traceback.format_exc()}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


class Server:
    """echo_server with options, as a context."""

    def __init__(self, **options):
        path = sys.argv[1] if len(sys.argv) > 1 else DEFAULT_SERVER
        arguments = [f"{name}={value}" for name, value in options.items()]
        self.process = subprocess.Popen([path, *arguments], stdout=subprocess.PIPE, text=True)
        words = self.process.stdout.readline().split()
        if not words or words[0] != "ready":
            raise RuntimeError(f"{path} did not start")
        host, port = words[1].rsplit(":", 1)
        self.address = (host.strip("[]"), int(port))
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        killed = self.process.poll() == -signal.SIGKILL
        if self.stop() is None and not killed and not self.ended and kind is None:
            raise RuntimeError(f"the server ended with {self.process.returncode}")

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        """End it; what it said last, or None when it did not end well."""
        if self.ended:
            return None
        if self.process.poll() is None:
            self.terminate()
        try:
            said, _ = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            return None
        if self.process.returncode != 0 or not said.strip():
            return None
        self.ended = True
        return said.strip().splitlines()[-1]

    def connect(self, timeout=PATIENCE, receive_buffer=None):
        sock = socket.socket(socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(timeout)
        sock.connect(self.address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def counters(self):
        with self.connect() as sock:
            sock.sendall(get("/counters", close=True))
            answer = Answers(sock).next()
        return {name: int(value) for name, value in (line.split("=") for line in answer.body.decode().split())}

    def memory_kib(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class Answers:
    """Answers as they come on one connection, in order."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""

    def more(self):
        piece = self.sock.recv(65536)
        self.data += piece
        return bool(piece)

    def next(self, head_only=False):
        """The next answer, or None at the end of the connection.  A reset raises."""
        while b"\r\n\r\n" not in self.data:
            if not self.more():
                if self.data:
                    raise ValueError(f"half an answer: {self.data[:200]!r}")
                return None
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        if not lines[0].startswith("HTTP/1.1 "):
            raise ValueError(f"not a status line: {lines[0]!r}")
        status = int(lines[0].split(" ")[1])
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        if head_only or status in (100, 204, 304):
            length = 0
        while len(self.data) < length:
            if not self.more():
                raise ValueError("the body ends early")
        body, self.data = self.data[:length], self.data[length:]
        return Answer(status, headers, body)

    def rest(self):
        """All answers until the connection ends."""
        found = []
        while (answer := self.next()) is not None:
            found.append(answer)
        return found


def get(path, *headers, close=False, method="GET", version="1.1"):
    lines = [f"{method} {path} HTTP/{version}", "Host: test.example", *headers]
    if close:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def post(path, body, *headers):
    return get(path, f"Content-Length: {len(body)}", *headers, method="POST") + body


def exchange(server, data, pieces=False, timeout=PATIENCE):
    """Send bytes, at once or one by one, and take every answer until the server closes.

    When it does not close as it should, the last answer has the status 0.
    """
    with server.connect(timeout) as sock:
        try:
            if pieces:
                for i in range(len(data)):
                    sock.sendall(data[i : i + 1])
            else:
                sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        reader, answers = Answers(sock), []
        try:
            while (answer := reader.next()) is not None:
                answers.append(answer)
        except (OSError, ValueError) as error:
            answers.append(Answer(0, {}, repr(error).encode()))
        return answers


def wait_until(holds):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()
