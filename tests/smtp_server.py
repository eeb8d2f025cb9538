"""Mail servers for tests: Debian's OpenSMTPD with a configuration of its own, and a stand-in that answers as told.

    with SmtpServer() as smtp:              # real: delivers into a Maildir in a temporary folder
        ...NOONMARK_SMTP_URL = smtp.url...
        mails = smtp.wait_for(2)            # Mail(to, path, raw, message), in the order of their arrival
        smtp.stop(); ...; smtp.start()      # the same port; what was delivered stays

    with StandIn(rcpt="451 4.7.1 later") as smtp:
        ...
        smtp.messages                       # (sender, recipient, bytes exactly as they came)

OpenSMTPD wants root, and works in paths that are compiled in; so it gets a mount namespace of its own where those are
empty, and several run side by side.  It delivers as the user nobody.  Mail to REFUSED gets a 550.
"""

import base64
import collections
import contextlib
import email
import email.policy
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

from ports import free_port

REFUSED = "refused@example.org"
START_SECONDS = 60
SILENCE = 60  # seconds without an answer
Mail = collections.namedtuple("Mail", "to path raw message")

CONFIGURATION = """
table people {{ "@" = "nobody" }}
listen on 127.0.0.1 port {port} hostname mail.test
action "keep" maildir "{folder}/mail/%{{rcpt}}" virtual <people>
match from any for rcpt-to "{refused}" reject
match from any for any action "keep"
"""
NAMESPACE = """
mount --make-rprivate /
mount --bind "$0/spool" /var/spool
mount -t tmpfs -o mode=755 none /run
exec /usr/sbin/smtpd -d -f "$0/smtpd.conf"
"""


class Unavailable(Exception):
    """This machine cannot run OpenSMTPD now; the text says why."""


class SmtpServer:
    def __init__(self):
        if os.geteuid() != 0:
            raise Unavailable("OpenSMTPD wants root")
        if not os.path.exists("/usr/sbin/smtpd"):
            raise Unavailable("the package opensmtpd is missing")
        if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0:
            raise Unavailable("mount namespaces are not allowed here")
        self.folder = tempfile.mkdtemp(prefix="noonmark-smtpd-")
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.process = None
        os.chmod(self.folder, 0o755)
        os.mkdir(self.folder + "/spool")  # the queue outlives a stop
        os.mkdir(self.folder + "/mail")
        shutil.chown(self.folder + "/mail", "nobody")
        with open(self.folder + "/smtpd.conf", "w") as f:
            f.write(CONFIGURATION.format(port=self.port, folder=self.folder, refused=REFUSED))
        os.chmod(self.folder + "/smtpd.conf", 0o600)

    def start(self):
        with open(self.folder + "/log", "a") as log:
            self.process = subprocess.Popen(["unshare", "-m", "sh", "-c", NAMESPACE, self.folder],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                    if s.recv(3) == b"220":
                        return self
            except OSError:
                time.sleep(0.02)
        self.end()
        raise Unavailable("OpenSMTPD does not start: " + self.log())

    def stop(self):
        """Once nothing is in its queue: what it delivered and has not noted yet, it would deliver again."""
        queue, deadline = self.folder + "/spool/smtpd/queue", time.monotonic() + START_SECONDS
        while any(files for _, _, files in os.walk(queue)) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.end()

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(START_SECONDS)
        self.process = None

    def close(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *unused):
        self.close()

    def log(self):
        with open(self.folder + "/log") as f:
            return f.read()

    def mails(self, to=None):
        """What was delivered, to everybody or to one address, oldest first."""
        found = []
        for address in os.listdir(self.folder + "/mail"):
            if to and address != to:
                continue
            new = f"{self.folder}/mail/{address}/new"
            for name in os.listdir(new) if os.path.isdir(new) else []:
                found.append((os.stat(f"{new}/{name}").st_mtime_ns, address, f"{new}/{name}"))
        return [self.read(address, path) for _, address, path in sorted(found)]

    @staticmethod
    def read(address, path):
        with open(path, "rb") as f:
            raw = f.read()
        return Mail(address, path, raw, email.message_from_bytes(raw, policy=email.policy.default))

    def wait_for(self, count, to=None, seconds=START_SECONDS):
        """The delivered mails once there are `count`, or what there is after `seconds`."""
        deadline = time.monotonic() + seconds
        while len(mails := self.mails(to)) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return mails


class StandIn:
    """Speaks SMTP as far as a client of ours goes.  Each stage answers with the reply given for it: greeting, ehlo,
    mail, rcpt, data, end (of the message), auth; a list is used up one by one.  None: no answer at all; "close": the
    connection is closed instead.
        tls       (certificate, key): offers STARTTLS, or speaks TLS from the start with implicit=True
        login     (user, password): wants AUTH before MAIL
        mails     closes the connection, without a word, after so many mails
        stored    called with the number of messages so far, after one was kept and before that is said
    """

    FINE = {"greeting": "220 stand-in", "mail": "250 2.1.0 ok", "rcpt": "250 2.1.5 ok", "data": "354 go on",
            "end": "250 2.0.0 queued as 1", "auth": "235 2.7.0 welcome"}

    def __init__(self, tls=None, implicit=False, login=None, mails=None, stored=None, **replies):
        self.tls, self.implicit, self.login, self.limit = tls, implicit, login, mails
        self.stored = stored
        self.replies = {stage: [text] if not isinstance(text, list) else list(text) for stage, text in replies.items()}
        self.messages, self.commands, self.connections = [], [], 0
        self.listener = socket.socket()  # nobody else gets its port meanwhile; who connects is refused
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"smtp{'s' if implicit else ''}://127.0.0.1:{self.port}"
        self.open, self.closing = [], False

    def __enter__(self):
        self.listener.listen(200)
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()
        return self

    def __exit__(self, *unused):
        self.closing = True
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepting.join()
        self.listener.close()
        self.close_all()

    def close_all(self):
        """The connections: who waits for an answer gets none."""
        for s in self.open:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)  # who reads from it closes it: its number may be another's at once

    def accept(self):
        while not self.closing:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.open.append(s)
            threading.Thread(target=self.talk, args=(s,), daemon=True).start()

    def reply_of(self, stage):
        replies = self.replies.get(stage, [self.FINE.get(stage, "250 ok")])
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def talk(self, s):
        try:
            Session(self, s).run()
        except (OSError, ValueError):
            pass
        finally:
            s.close()


class Session:
    def __init__(self, server, s):
        self.server, self.sent = server, 0
        self.secure = self.known = False
        self.sender = self.recipient = None
        if server.implicit:
            s = self.wrap(s)
        self.use(s)

    def wrap(self, s):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.server.tls)
        self.secure = True
        s = context.wrap_socket(s, server_side=True)
        self.server.open.append(s)
        return s

    def use(self, s):
        self.socket, self.file = s, s.makefile("rb")

    def say(self, text):
        if text is None:
            time.sleep(SILENCE)
        if text in (None, "close"):
            raise OSError
        self.socket.sendall(text.encode() + b"\r\n")

    def answer(self, stage):
        text = self.server.reply_of(stage)
        self.say(text)
        return text and text[0] in "23"

    def run(self):
        if not self.answer("greeting"):
            return
        while line := self.file.readline():
            if not line.endswith(b"\r\n"):
                raise ValueError("a line without CR LF")
            text = line[:-2].decode()
            self.server.commands.append(text)
            if text.upper() == "QUIT":
                self.say("221 bye")
                return
            getattr(self, "on_" + text.split(" ")[0].split(":")[0].lower(), self.on_unknown)(text)
            if self.server.limit and self.sent >= self.server.limit:
                self.socket.close()
                return

    def on_unknown(self, text):
        self.say("500 what?")

    def on_ehlo(self, text):
        if "ehlo" in self.server.replies:
            self.answer("ehlo")
            return
        words = ["stand-in", "8BITMIME", "SIZE 10000000"]
        if self.server.tls and not self.secure:
            words.append("STARTTLS")
        if self.server.login and (self.secure or not self.server.tls):
            words.append("AUTH PLAIN")
        self.say("\r\n".join(f"250{' ' if i == len(words) - 1 else '-'}{word}" for i, word in enumerate(words)))

    on_helo = on_ehlo

    def on_starttls(self, text):
        self.say("220 go")
        self.use(self.wrap(self.socket))

    def on_auth(self, text):
        words = text.split(" ")
        if len(words) < 3:
            self.say("334 ")
            words.append(self.file.readline().strip().decode())
        given = base64.b64decode(words[2]).decode().split("\0")[1:]
        if self.server.login and tuple(given) == self.server.login:
            self.known = bool(self.answer("auth"))
        else:
            self.say("535 5.7.8 wrong user or password")

    def on_mail(self, text):
        if self.server.login and not self.known:
            self.say("530 5.7.0 log in first")
        elif self.answer("mail"):
            self.sender = text[text.index("<") + 1:text.index(">")]

    def on_rcpt(self, text):
        if self.answer("rcpt"):
            self.recipient = text[text.index("<") + 1:text.index(">")]

    def on_data(self, text):
        if not self.answer("data"):
            return
        raw = b""
        while not raw.endswith(b"\r\n.\r\n"):
            piece = self.file.readline()
            if not piece:
                raise ValueError("the message has no end")
            raw += piece
        reply = self.server.reply_of("end")
        if reply and reply[0] == "2":  # kept before it is said, as a client may look at once
            self.server.messages.append((self.sender, self.recipient, raw[:-3]))
            self.sent += 1
            if self.server.stored:
                self.server.stored(len(self.server.messages))
        self.say(reply)
