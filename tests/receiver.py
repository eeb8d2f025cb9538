"""An HTTP server on loopback that keeps what it was sent: what webhooks are tested against.

    with Receiver() as receiver:           # receiver.peer: "127.0.0.1:PORT", for NOONMARK_OUTBOUND_ALLOW
        receiver.answer("/in", 503, {"Retry-After": "60"}, b"busy")
        receiver.wait("/in", 2)            # the first two requests to that path
"""

import http.server
import threading
import time

WAIT_SECONDS = 60


class Request:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, {k.lower(): v for k, v in headers}, body


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.owner.take(self, Request(self.path, self.headers.items(), body))


class Receiver:
    def __init__(self):
        self.lock, self.requests, self.answers, self.released = threading.Lock(), [], {}, threading.Event()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads, self.server.owner = True, self
        self.peer = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.peer}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, status=204, headers=None, body=b"", action=None):
        """What requests to a path get from now on; action: "hang" until release, "hold" the answer until then, or "endless" bytes."""
        with self.lock:
            self.answers[path] = (status, headers or {}, body, action)

    def release(self):
        """Those that hang are let go, without an answer, those that were held with it, and none hangs any more."""
        with self.lock:
            self.answers = {path: a for path, a in self.answers.items() if a[3] not in ("hang", "hold")}
            self.released.set()
            self.released = threading.Event()

    def take(self, handler, request):
        with self.lock:
            self.requests.append(request)
            status, headers, body, action = self.answers.get(request.path, (204, {}, b"", None))
            released = self.released
        if action in ("hang", "hold"):
            released.wait()
        if action == "hang":
            handler.close_connection = True
            return
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        if action != "endless" and status != 204:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            handler.wfile.write(body)
            while action == "endless":
                handler.wfile.write(bytes(65536))
        except OSError:
            pass
        handler.close_connection = handler.close_connection or action == "endless"

    def got(self, path):
        with self.lock:
            return [r for r in self.requests if r.path == path]

    def wait(self, path, count, seconds=WAIT_SECONDS):
        until = time.monotonic() + seconds
        while len(self.got(path)) < count and time.monotonic() < until:
            time.sleep(0.01)
        return self.got(path)
