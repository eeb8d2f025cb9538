"""What the mail tests share: mail_tool as a process, hostile text, and what must be left of it."""

import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.path.join(os.environ.get("O", os.path.join(ROOT, "build/gcc")), "tests/mail/mail_tool")
REQUEST = {
    "from": "book@app.test", "from_name": "Noonmark", "to": "ana@example.org", "to_name": "Ana",
    "message_id": "<booked.1@app.test>", "title": "Intro call", "host_name": "Ada Lovelace", "invitee_name": "Ana",
    "now": "2026-03-02T08:00:00Z", "start": "2026-04-02T08:00:00Z", "end": "2026-04-02T08:30:00Z",
}

# pieces that have broken writers of mail and calendars
NASTY = [
    "a", "Zoë", " ", "  ", "\\", "\\n", ";", ",", ":", '"', "'", "^", "^n", "^'", "^^", "\n", "\r", "\r\n", "\r\n ",
    "\t", "\x01", "\x1b[31m", "\x7f", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff",
    "\u200b", "\u200d", "\U0001f600", "漢字かな", "\nEND:VEVENT\nBEGIN:VEVENT\n", "\r\nBcc: x@evil.example",
    "\n.\n", "\r.\r\n", "\r\n.\r\n", "\nSubject: other", "=?UTF-8?Q?x?=", "=", "=20", "--=_a", "BEGIN:VALARM",
    "mailto:x@evil.example", "%0d%0a", "{{x}}", "<b>", "</script>", "&amp;", "x" * 80, "é" * 60, ".", "From ",
]
INVISIBLE = [(0xad, 0xad), (0x61c, 0x61c), (0x180e, 0x180e), (0x200b, 0x200b), (0x200e, 0x200f), (0x202a, 0x202e),
             (0x2060, 0x206f), (0xfeff, 0xfeff), (0xfff9, 0xfffb), (0xe0000, 0xe007f)]
LINE_ENDS = "\n\r\x85\u2028\u2029"


def is_control(c):
    return ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or c in LINE_ENDS


def is_invisible(c):
    return any(first <= ord(c) <= last for first, last in INVISIBLE)


def cut(text, size):
    """At most so many bytes, whole characters."""
    return text.encode()[:size].decode("utf-8", "ignore")


def line_of(text, size=10**6):
    """What must be left of text where only one line fits."""
    out = ""
    for c in text:
        if is_control(c):
            out += " " if out and not out.endswith(" ") else ""
        elif not is_invisible(c):
            out += c
    return cut(out.strip(" \t\r\n"), size).strip(" \t\r\n")


def text_of(text, size=10**6):
    """What must be left of text of several lines."""
    text = text.replace("\r\n", "\n")
    out = "".join("\n" if c in LINE_ENDS else c for c in text)
    return cut("".join(c for c in out if c in "\n\t" or not (is_control(c) or is_invisible(c))), size)


def hostile(random):
    """Some text for a field; JSON carries no NUL and no malformed bytes: those are the unit tests'."""
    out = "".join(random.choice(NASTY) for _ in range(random.randrange(9)))
    if random.random() < 0.2:
        out += "".join(chr(random.choice([random.randrange(1, 0x250), random.randrange(0x2000, 0x2100)])) for _ in range(9))
    return out


class Tool:
    """mail_tool, asked one thing at a time."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([TOOL, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        self.process.stdout.close()
        code = self.process.wait(20)
        if code:
            raise RuntimeError(f"mail_tool ended with {code}")

    def ask(self, op, **fields):
        """The answer as a dict; fields over REQUEST."""
        request = REQUEST | fields | {"op": op}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def send(self, **fields):
        return self.ask("send", **fields)
