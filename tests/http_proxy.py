#!/usr/bin/python3
"""The smuggling set through a proxy: nginx in front, one kept connection behind it.

Whatever the proxy passes on, the server must frame as the proxy did; else the next visitor, who shares the connection,
gets the answer to something smuggled, or the server answers what no visitor asked.

    tests/http_proxy.py [echo_server]
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "http"))
from client import Answers, Server, Tally, get, wait_until  # noqa: E402
from ports import free_port  # noqa: E402
from http_framing import REFUSED, TAKEN, chunked, head  # noqa: E402

BEHIND = get("/hello", close=True)
INSIDE = get("/hello")

CONFIGURATION = """
worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    upstream behind {{ server {behind}; keepalive 1; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $http_host; proxy_request_buffering {buffering};
            proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
}}
"""


class Proxy:
    """nginx before a server, as a context."""

    def __init__(self, server, buffering):
        self.folder = tempfile.mkdtemp(prefix="noonmark-proxy-")
        self.address = ("127.0.0.1", free_port())
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            behind = "%s:%d" % server.address
            file.write(CONFIGURATION.format(folder=self.folder, behind=behind, port=self.address[1], buffering=buffering))
        command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", self.folder, "-c", path]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def __enter__(self):
        if not wait_until(self.answers):
            raise RuntimeError("nginx did not start")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self):
        try:
            return self.ask("/hello").body == b"hello\n"
        except OSError:
            return False

    def ask(self, path):
        with socket.create_connection(self.address, 5) as sock:
            sock.sendall(get(path, close=True))
            return Answers(sock).next()

    def attack(self, data):
        """Send it and take what comes, until the proxy closes or is silent; how many answers were the server's."""
        got = b""
        with socket.create_connection(self.address, 5) as sock:
            sock.settimeout(3)
            try:
                sock.sendall(data)
                while piece := sock.recv(65536):
                    got += piece
            except OSError:
                pass
        return got.count(b"X-Request-Id: ")


def through(tally, buffering):
    cases = {name: data + BEHIND for name, data in REFUSED.items()}
    cases.update({name: case[0] + BEHIND for name, case in TAKEN.items()})
    cases["a request as body"] = head(b"Content-Length: %d" % len(INSIDE)) + INSIDE + BEHIND
    cases["a request as chunk"] = chunked(b"%x\r\n%s\r\n0\r\n\r\n" % (len(INSIDE), INSIDE)) + BEHIND
    del cases["HTTP/0.9"]  # nginx answers it, without a head
    with Server(trusted="127.0.0.1") as server, Proxy(server, buffering) as proxy:
        before = server.counters()["finished"]
        seen = 1  # the question for the counters
        for number, (name, data) in enumerate(cases.items()):
            seen += proxy.attack(data) + 1
            answer = proxy.ask(f"/echo?visitor={number}")
            wants = f"query=visitor={number}\n".encode()
            tally.check(answer and wants in answer.body, f"{name}, buffering {buffering}: the next visitor gets another's answer")
        answered = server.counters()["finished"] - before
        tally.check(answered == seen, f"{answered} answers of the server, {seen} seen by visitors, buffering {buffering}")
        answer = proxy.ask("/echo")
        tally.check(b"address=127.0.0.1\n" in answer.body, "the client's address comes by the proxy")
        counters = server.counters()
        tally.check(counters["accepted"] < len(cases), f"connections behind the proxy are shared: {counters['accepted']}")


def main():
    tally = Tally()
    for buffering in ("on", "off"):
        tally.run(through, buffering)
    tally.finish()


if __name__ == "__main__":
    main()
