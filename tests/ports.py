"""Ports for tests.  Several suites run at once, and what a port was looked for is often bound only later, or bound again
after a restart: so each process has a block of them that no other is given, below those that the system hands out by
itself (from 32768 on)."""

import errno
import os
import socket
import threading

FIRST, BLOCK, BLOCKS = 20000, 64, 190

_lock, _held, _given = threading.Lock(), [], [0]


def _block():
    """The first port of this process's block, which is its own as long as it holds a name that only one can have."""
    if not _held:
        for i in range(BLOCKS):
            number, name = (os.getpid() + i) % BLOCKS, socket.socket(socket.AF_UNIX)
            try:
                name.bind(f"\0noonmark-test-ports-{number}")
            except OSError as e:
                name.close()
                if e.errno != errno.EADDRINUSE:
                    raise
                continue
            _held.extend((name, FIRST + number * BLOCK))
            break
    return _held[1]


def free_port():
    """One of 127.0.0.1 that nobody listens on; the next ones given are others."""
    with _lock:
        for _ in range(BLOCK):
            port = _block() + _given[0] % BLOCK
            _given[0] += 1
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was left a moment ago will do
                try:
                    s.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
    raise RuntimeError("every port of this process's block is in use")
