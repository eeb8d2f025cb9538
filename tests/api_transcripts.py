"""The transcripts of tests/api/*.http against a fresh server each, its clock frozen at Monday 2026-03-02T08:00:00Z.
A route of the OpenAPI document that no transcript calls with success fails the run.

A transcript is a list of steps with empty lines between:

    # words about it
    @code code ada@example.org            the one-time code of the last mail to that address, as {{code}}
    @token ivy {{url}}                    the token at the end of a link, as {{ivy}}
    @clock 2026-03-03T08:00:00Z           moves the clock
    @dead job                             puts a job that was given up into the queue, its id as {{job}}
    @guest token gus@example.org          the token of the invitation mailed to that address
    POST /v1/sessions                     a request: method and path, headers, an empty line, the body
    Authorization: Bearer {{token}}

    {"email": "ada@example.org"}
    => 200                                what must come: status, headers, an empty line, members
    ETag: "1"

    {"access_token": "<token>", "account": {"email": "ada@example.org"}}

Members not named may be anything; "*" is any value, "<name>" any value that is kept as {{name}}; lists match whole.
"""

import glob
import json
import os
import re
import time
import uuid

from noonmark import ROOT, Server, check, must, run


class Step:
    def __init__(self, line, number):
        self.method, self.path = line.split(" ", 1)
        self.number, self.headers, self.body, self.status, self.wanted_headers, self.wanted = number, {}, "", None, {}, ""


def parse(text, name):
    """Steps and directives, in order."""
    steps, step, part = [], None, None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        if line.startswith("@"):
            steps.append(line[1:].split())
        elif re.match(r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /", line):
            step, part = Step(line.strip(), number), "headers"
            steps.append(step)
        elif line.startswith("=> "):
            step.status, part = int(line[3:]), "wanted_headers"
        elif not line.strip():
            part = {"headers": "body", "wanted_headers": "wanted"}.get(part, part)
        elif part in ("headers", "wanted_headers"):
            field, _, value = line.partition(": ")
            getattr(step, part)[field] = value
        elif part:
            setattr(step, part, getattr(step, part) + line + "\n")
        else:
            must(False, f"{name}:{number}: what is that?")
    return steps


class Player:
    def __init__(self, server, name):
        self.server, self.name, self.values, self.called = server, name, {"base": server.base}, set()
        self.client = server.client()

    def filled(self, text):
        def value(match):
            must(match.group(1) in self.values, f"{self.name}: nothing is known as {match.group(1)}")
            return str(self.values[match.group(1)])
        return re.sub(r"\{\{([a-z0-9_]+)\}\}", value, text)

    def direct(self, words):
        if words[0] == "clock":
            self.server.clock(words[1])
        elif words[0] == "dead":
            self.values[words[1]] = self.dead_job()
        elif words[0] == "token":
            self.values[words[1]] = self.filled(words[2]).rsplit("/", 1)[1]
        elif words[0] == "guest":
            self.values[words[1]] = self.server.guest_link(words[2]).rsplit("/", 1)[1]
        else:
            must(words[0] == "code", f"{self.name}: no directive @{words[0]}")
            had = self.values.get("codes of " + words[2], 0)
            self.values[words[1]] = self.server.code(words[2], had + 1)
            self.values["codes of " + words[2]] = len(self.server.mails(words[2]))

    def dead_job(self):
        """By the database itself: no call makes one in a moment."""
        with self.server.database(write=True) as database:
            stamp = len(self.values)
            job = uuid.UUID(int=0x0190b5a47c1e7c399d522a6f4e8b0000 + stamp)
            database.execute("INSERT INTO job (id, kind, lane, dedupe_key, payload, state, due_at, tries, last_error, created_at, done_at)"
                             " VALUES (?, 'code_mail', 'mail', ?, '{}', 'dead', 1772438400, 8, 'no', 1772438400, 1772438400)",
                             (job.bytes, f"dead:{job}"))
        return str(job)

    def play(self, step):
        label = f"{self.name}:{step.number} {step.method} {step.path}"
        headers = {k: self.filled(v) for k, v in step.headers.items()}
        body = self.filled(step.body).encode() if step.body else None
        answer = self.client.call(step.method, self.filled(step.path), body, headers)
        must(answer.status == step.status, f"{label}: {answer!r}, not {step.status}")
        if answer.status < 400:
            path, operation = self.server.contract.find(step.method, self.filled(step.path))
            if operation and step.method != "HEAD":
                self.called.add(operation["operationId"])
        for field, value in step.wanted_headers.items():
            self.match(label, field, answer.headers.get(field.lower()), self.filled(value))
        if step.wanted:
            self.match(label, "", answer.json, json.loads(self.filled(step.wanted)))

    def match(self, label, where, got, wanted):
        if isinstance(wanted, str) and re.fullmatch(r"<[a-z0-9_]+>", wanted):
            self.values[wanted[1:-1]] = got
        elif isinstance(wanted, dict) and isinstance(got, dict):
            for name, value in wanted.items():
                if check(name in got, f"{label}: {where}/{name} is missing"):
                    self.match(label, f"{where}/{name}", got[name], value)
        elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
            for i, value in enumerate(wanted):
                self.match(label, f"{where}/{i}", got[i], value)
        else:
            check(wanted == "*" or got == wanted, f"{label}: {where} is {str(got)[:300]!r}, not {wanted!r}")


def test_transcripts():
    called, document = set(), set()
    names = sorted(glob.glob(os.path.join(ROOT, "tests/api/*.http")))
    must(names, "there are no transcripts")
    for path in names:
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as f:
            steps = parse(f.read(), name)
        began = time.monotonic()
        with Server(mail_from="noonmark@example.net", admin_email="root@example.org") as server:
            player = Player(server, name)
            for step in steps:
                if isinstance(step, Step):
                    player.play(step)
                else:
                    player.direct(step)
            document |= {o["operationId"] for _, _, _, o in server.contract.operations}
        called |= player.called
        print(f"{name}: {len(steps)} steps in {time.monotonic() - began:.1f} s", flush=True)
    for operation in sorted(document):
        check(operation in called, f"no transcript calls {operation} with success")


run(globals())
