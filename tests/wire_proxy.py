"""Between a server and its PostgreSQL: passes the protocol on message by message, and cuts or holds it at a given place.

A place is one of an exchange: the messages from when a connection leaves idleness until it is idle again, which is a
transaction, or what a new connection begins with (`STARTUP`).  An exchange is known by its first statement's text.
"""

import contextlib
import os
import socket
import struct
import threading
import time

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
FRONT, BACK = "front", "back"  # what the server says, what PostgreSQL says
STARTUP = "startup"
PLAIN = (b"BEGIN", b"COMMIT", b"ROLLBACK")  # statements by which no exchange is known
LINGER_NONE = struct.pack("ii", 1, 0)


class Place:
    """After so many whole messages of one direction in an exchange, and so many bytes of the next; or, by a text: before
    the server's statement that begins so, or before the first answer after it.

        family   a text that the exchange's first statement holds, STARTUP, or "" for any
        reset    with a reset rather than an orderly end
        hold     seconds that the bytes wait there, instead of the cut
        loses    the type of a message: after so many of these in the exchange, the next one is left out, instead of the cut
        times    in so many exchanges
    """

    def __init__(self, family, direction, messages=None, extra=0, text=None, reset=False, hold=0, loses=None, times=1):
        self.family, self.direction, self.messages, self.extra, self.text = family, direction, messages, extra, text
        self.reset, self.hold, self.loses, self.times, self.reached = reset, hold, loses, times, threading.Event()

    def __repr__(self):
        what = f"loses a {self.loses}" if self.loses else f"held {self.hold} s" if self.hold else "reset" if self.reset else "cut"
        where = f"at {self.text}" if self.text else f"after {self.messages} messages and {self.extra} bytes"
        return f"{self.family!r} {self.direction} {what} {where}"

    def is_here(self, exchange, direction, length, text, kind):
        """Before a message of that length is passed on, or (0) just after one."""
        if self.direction != direction or (exchange.family is not None and self.family not in exchange.family):
            return False
        if self.text:
            said = [text or b""] if direction == FRONT else exchange.said
            return length > 0 and exchange.family is not None and any(t.startswith(self.text.encode()) for t in said)
        if self.loses:
            return kind == self.loses and self.messages == sum(m[:2] == (direction, kind) for m in exchange.messages)
        if self.messages != exchange.counts[direction]:
            return False
        return self.extra < length and (self.extra or not self.messages) if length else not self.extra


class Exchange:
    def __init__(self, family=None):
        self.family = family  # None: not known yet
        self.counts = {FRONT: 0, BACK: 0}
        self.said = []        # the server's statements
        self.messages = []    # (direction, type, bytes), in the order passed on


class Link:
    """One connection of the server, and its own to PostgreSQL."""

    def __init__(self, proxy, client):
        self.proxy, self.client = proxy, client
        self.server = socket.socket(socket.AF_UNIX)
        self.server.connect(proxy.target)
        self.pending = {FRONT: b"", BACK: b""}
        self.started, self.asked = False, False  # beyond the startup message; about encryption, and not answered yet
        self.syncs = 1                           # answers "ready" that are to come
        self.texts = {}                          # statements by name
        self.exchange = Exchange(STARTUP)
        self.lock = threading.RLock()
        self.over, self.pumps = False, 2

    def start(self):
        for direction, source in ((FRONT, self.client), (BACK, self.server)):
            threading.Thread(target=self.pump, args=(direction, source), daemon=True).start()

    def pump(self, direction, source):
        with contextlib.suppress(OSError):
            while not self.over:
                data = source.recv(65536)
                if not data:
                    break
                self.take(direction, data)
        self.end()
        self.leave()

    def end(self, reset=False):
        """Wakes both pumps, which close the sockets: closed by anybody else, their numbers could be another link's by the
        time that a pump reads."""
        with self.lock:
            if self.over:
                return
            self.over = True
            if reset:
                self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
            for sock, how in ((self.client, socket.SHUT_RD if reset else socket.SHUT_RDWR), (self.server, socket.SHUT_RDWR)):
                with contextlib.suppress(OSError):
                    sock.shutdown(how)
            self.proxy.forget(self)

    def leave(self):
        with self.lock:
            self.pumps -= 1
            if not self.pumps:
                self.client.close()
                self.server.close()

    # ---- messages

    def split(self, direction):
        """Whole messages of what has come: (type, bytes)."""
        data, found = self.pending[direction], []
        while data:
            if direction == BACK and self.asked:
                n, kind = 1, "encryption"
                self.asked = False
            elif direction == FRONT and not self.started:
                if len(data) < 8:
                    break
                n, code = struct.unpack("!II", data[:8])
                kind = "asks" if code in (SSL_REQUEST, GSS_REQUEST) else "startup"
                if len(data) < n:
                    break
                self.started, self.asked = kind == "startup", kind == "asks"
            else:
                n = 1 + struct.unpack("!I", data[1:5])[0] if len(data) >= 5 else 5
                if len(data) < n:
                    break
                kind = chr(data[0])
            found.append((kind, data[:n]))
            data = data[n:]
            if kind == "asks":
                break  # what follows waits for the answer
        self.pending[direction] = data
        return found

    def text_of(self, kind, data):
        """The statement that a message of the server is about, if it is about one."""
        if kind == "Q":
            return data[5:-1]
        if kind == "P":
            name, _, rest = data[5:].partition(b"\0")
            self.texts[name] = rest.partition(b"\0")[0]
            return self.texts[name]
        if kind == "B":
            return self.texts.get(data[5:].partition(b"\0")[2].partition(b"\0")[0], b"")
        return None

    # ---- passing on

    def take(self, direction, data):
        with self.lock:
            self.pending[direction] += data
            found = [(kind, piece, self.text_of(kind, piece) if direction == FRONT else None)
                     for kind, piece in self.split(direction)]
        if direction == FRONT:
            self.begin(text for _, _, text in found)
        ready = b""
        for kind, piece, text in found:
            place = self.proxy.place_at(self, direction, len(piece), text, kind)
            rest = b"" if place and place.loses else piece
            if place and not place.loses:
                self.send(direction, ready + piece[:place.extra])
                ready, rest = b"", piece[place.extra:]
                if self.wait_or_end(place):
                    return
            ready += rest
            last = self.count(direction, kind, piece, text)
            place = self.proxy.place_at(self, direction, 0)
            if last:
                self.finish()  # before the server hears of it, and goes on
            if place:
                self.send(direction, ready)
                ready = b""
                if self.wait_or_end(place):
                    return
        self.send(direction, ready)

    def wait_or_end(self, place):
        if place.hold:
            time.sleep(place.hold)
        else:
            self.end(place.reset)
        return not place.hold

    def send(self, direction, data):
        if data:
            (self.server if direction == FRONT else self.client).sendall(data)

    def begin(self, texts):
        """The exchange that the server's messages are of."""
        with self.lock:
            self.exchange = self.exchange or Exchange()
            for text in texts:
                if self.exchange.family is None and text and not text.startswith(PLAIN):
                    self.exchange.family = text.decode(errors="replace")

    def count(self, direction, kind, piece, text):
        """Whether it was the exchange's last message."""
        with self.lock:
            e = self.exchange
            if e:
                e.counts[direction] += 1
                e.messages.append((direction, kind, len(piece)))
                e.said.extend([text] if text else ())
            if direction == FRONT and kind in "QS":
                self.syncs += 1
            if direction == BACK and kind == "Z":
                self.syncs -= 1
                return self.syncs == 0 and piece[5:] == b"I"
            return False

    def finish(self):
        with self.lock:
            self.proxy.note(self.exchange)
            self.exchange = None


class Proxy:
    """Listens on 127.0.0.1 for what is to reach the cluster's socket."""

    def __init__(self, cluster):
        self.target = os.path.join(cluster.folder, ".s.PGSQL.5432")
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.links, self.places, self.exchanges, self.watching = set(), [], [], False
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, name):
        return f"postgresql://postgres@127.0.0.1:{self.listener.getsockname()[1]}/{name}"

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                client = self.listener.accept()[0]
                try:
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    link = Link(self, client)
                except OSError:
                    client.close()  # it has gone already, or PostgreSQL is away
                    continue
                with self.lock:
                    self.links.add(link)
                link.start()

    def forget(self, link):
        with self.lock:
            self.links.discard(link)

    def close(self):
        self.listener.close()
        self.cut_all()

    def cut_all(self):
        with self.lock:
            links = list(self.links)
        for link in links:
            link.end()

    # ---- places

    def arm(self, place):
        with self.lock:
            self.places.append(place)
        return place

    def calm(self):
        """Nothing is cut any more, until something is armed again."""
        with self.lock:
            self.places.clear()

    def place_at(self, link, direction, length, text=None, kind=None):
        """The place that is reached."""
        exchange = link.exchange
        with self.lock:
            for place in self.places if exchange else ():
                if place.is_here(exchange, direction, length, text, kind):
                    place.times -= 1
                    if not place.times:
                        self.places.remove(place)
                    place.reached.set()
                    return place
        return None

    # ---- what passes

    def note(self, exchange):
        with self.lock:
            if self.watching:
                self.exchanges.append(exchange)

    @contextlib.contextmanager
    def watch(self):
        """The exchanges that end meanwhile."""
        with self.lock:
            self.exchanges, self.watching = [], True
        found = []
        yield found
        with self.lock:
            found.extend(self.exchanges)
            self.watching = False
