#!/usr/bin/python3
"""Framing: what must be refused and closed, what must be taken, and the caps, against a real socket.

    tests/http_framing.py [echo_server]
"""

import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "http"))
from client import Answers, Server, Tally, exchange, get, post  # noqa: E402

HOST = b"Host: test.example\r\n"
SMUGGLED = b"GET /hello HTTP/1.1\r\nHost: test.example\r\n\r\n"


def head(*lines, line=b"POST /echo HTTP/1.1", host=HOST):
    return line + b"\r\n" + host + b"".join(entry + b"\r\n" for entry in lines) + b"\r\n"


def chunked(body):
    return head(b"Transfer-Encoding: chunked") + body


# name → bytes; each is followed by a whole request, which must never be answered
REFUSED = {
    "two Content-Lengths, same": head(b"Content-Length: 5", b"Content-Length: 5") + b"hello",
    "two Content-Lengths, different": head(b"Content-Length: 5", b"Content-Length: 6") + b"hello",
    "Content-Length list": head(b"Content-Length: 5, 5") + b"hello",
    "Content-Length list of different": head(b"Content-Length: 5, 6") + b"hello",
    "Content-Length signed": head(b"Content-Length: +5") + b"hello",
    "Content-Length negative": head(b"Content-Length: -5") + b"hello",
    "Content-Length empty": head(b"Content-Length:") + b"hello",
    "Content-Length blank": head(b"Content-Length:   ") + b"hello",
    "Content-Length overflowing": head(b"Content-Length: 18446744073709551621") + b"hello",
    "Content-Length past int64": head(b"Content-Length: 9223372036854775808") + b"hello",
    "Content-Length of 40 digits": head(b"Content-Length: " + b"0" * 39 + b"5") + b"hello",
    "Content-Length hexadecimal": head(b"Content-Length: 0x5") + b"hello",
    "Content-Length with a fraction": head(b"Content-Length: 5.0") + b"hello",
    "Content-Length with a blank inside": head(b"Content-Length: 5 5") + b"hello",
    "Content-Length in quotes": head(b'Content-Length: "5"') + b"hello",
    "Content-Length with Transfer-Encoding": head(b"Content-Length: 5", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "Transfer-Encoding with Content-Length": head(b"Transfer-Encoding: chunked", b"Content-Length: 5") + b"0\r\n\r\n",
    "Transfer-Encoding unknown": head(b"Transfer-Encoding: gzip") + b"hello",
    "Transfer-Encoding identity": head(b"Transfer-Encoding: identity"),
    "Transfer-Encoding prefixed": head(b"Transfer-Encoding: xchunked") + b"0\r\n\r\n",
    "Transfer-Encoding with a letter behind": head(b"Transfer-Encoding: chunkedx") + b"0\r\n\r\n",
    "Transfer-Encoding gzip, chunked": head(b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n",
    "Transfer-Encoding chunked, gzip": head(b"Transfer-Encoding: chunked, gzip") + b"0\r\n\r\n",
    "Transfer-Encoding chunked, chunked": head(b"Transfer-Encoding: chunked, chunked") + b"0\r\n\r\n",
    "Transfer-Encoding twice": head(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "Transfer-Encoding twice, one identity": head(b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
    "Transfer-Encoding empty": head(b"Transfer-Encoding:") + b"0\r\n\r\n",
    "Transfer-Encoding in quotes": head(b'Transfer-Encoding: "chunked"') + b"0\r\n\r\n",
    "Transfer-Encoding with a parameter": head(b"Transfer-Encoding: chunked;q=1") + b"0\r\n\r\n",
    "Transfer-Encoding with vertical tab": head(b"Transfer-Encoding: \x0bchunked") + b"0\r\n\r\n",
    "Transfer-Encoding on HTTP/1.0": head(b"Transfer-Encoding: chunked", line=b"POST /echo HTTP/1.0") + b"0\r\n\r\n",
    "blank before the colon": head(b"Content-Length : 5") + b"hello",
    "tab before the colon": head(b"Content-Length\t: 5") + b"hello",
    "blank before the colon of Transfer-Encoding": head(b"Transfer-Encoding : chunked") + b"0\r\n\r\n",
    "blank inside a name": head(b"Content Length: 5") + b"hello",
    "leading blank on the first field": head(b"A: b", host=b" Host: test.example\r\n"),
    "leading blank on the request line": head(line=b" GET /echo HTTP/1.1"),
    "folded value": head(b"A: b\r\n c"),
    "folded value by tab": head(b"A: b\r\n\tc"),
    "folded empty value": head(b"A:\r\n b"),
    "folded Transfer-Encoding": head(b"Transfer-Encoding:\r\n chunked") + b"0\r\n\r\n",
    "name completed by a fold": head(b"Transfer-\r\n Encoding: chunked") + b"0\r\n\r\n",
    "fold that hides a field": head(b"A: b\r\n Content-Length: 5") + b"hello",
    "fold at the very start": head(b"A: b", host=b" x\r\nHost: test.example\r\n"),
    "bare LF after the request line": b"GET /echo HTTP/1.1\n" + HOST + b"\r\n",
    "bare LF after a field": b"GET /echo HTTP/1.1\r\nHost: test.example\n\r\n",
    "bare LF at the end": b"GET /echo HTTP/1.1\r\nHost: test.example\r\n\n",
    "bare LFs everywhere": b"GET /echo HTTP/1.1\nHost: test.example\n\n",
    "bare LF inside a value": head(b"A: b\nContent-Length: 5") + b"hello",
    "bare CR inside a value": head(b"A: b\rContent-Length: 5") + b"hello",
    "bare CR in the request line": head(line=b"GET /echo\rX HTTP/1.1"),
    "bare CR after a field": b"GET /echo HTTP/1.1\r\nHost: test.example\r\r\n\r\n",
    "CR CR LF at the end": b"GET /echo HTTP/1.1\r\nHost: test.example\r\n\r\r\n",
    "NUL in the path": head(line=b"GET /ec\0ho HTTP/1.1"),
    "NUL in a value": head(b"A: b\0c"),
    "NUL in a name": head(b"A\0B: c"),
    "NUL in the query": head(line=b"GET /echo?a=\0 HTTP/1.1"),
    "control character in a value": head(b"A: b\x01c"),
    "escape in a value": head(b"A: \x1b[31m"),
    "DEL in a value": head(b"A: b\x7fc"),
    "no Host": head(host=b""),
    "no Host, with fields": head(b"A: b", host=b""),
    "two Hosts, same": head(HOST.strip()),
    "two Hosts, different": head(b"Host: other.example"),
    "Host empty": head(host=b"Host:\r\n"),
    "Host with a path": head(host=b"Host: test.example/x\r\n"),
    "Host with a user": head(host=b"Host: a@test.example\r\n"),
    "Host with a blank": head(host=b"Host: test example\r\n"),
    "Host list": head(host=b"Host: a.example, b.example\r\n"),
    "Host with a port that is none": head(host=b"Host: test.example:http\r\n"),
    "Host with an open bracket": head(host=b"Host: [::1\r\n"),
    "two Authorizations, same": head(b"Authorization: Bearer a", b"authorization: Bearer a"),
    "two Authorizations, different": head(b"Authorization: Bearer a", b"Authorization: Bearer b"),
    "two Content-Types": head(b"Content-Type: application/json", b"Content-Type: text/plain", b"Content-Length: 2") + b"{}",
    "two Idempotency-Keys": head(b"Idempotency-Key: a", b"Idempotency-Key: b"),
    "field without colon": head(b"Content-Length"),
    "field without name": head(b": value"),
    "field of only a colon": head(b":"),
    "field name in brackets": head(b"(comment): x"),
    "field name not ASCII": head(b"N\xc3\xa4me: x"),
    "chunk size overflows 64 bits": chunked(b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    "chunk size of 17 digits": chunked(b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
    "chunk size of zeros without end": chunked(b"0" * 40 + b"5\r\nhello\r\n0\r\n\r\n"),
    "chunk size with 0x": chunked(b"0x5\r\nhello\r\n0\r\n\r\n"),
    "chunk size signed": chunked(b"+5\r\nhello\r\n0\r\n\r\n"),
    "chunk size negative": chunked(b"-5\r\nhello\r\n0\r\n\r\n"),
    "chunk size with a blank before": chunked(b" 5\r\nhello\r\n0\r\n\r\n"),
    "chunk size with a blank behind": chunked(b"5 \r\nhello\r\n0\r\n\r\n"),
    "chunk size with underscore": chunked(b"1_0\r\nhello\r\n0\r\n\r\n"),
    "chunk size empty": chunked(b"\r\nhello\r\n0\r\n\r\n"),
    "chunk size empty, and nothing else": chunked(b"\r\n\r\n"),
    "chunk size empty, with an extension": chunked(b";a\r\n\r\n"),
    "chunk size of no digit": chunked(b"g\r\nhello\r\n0\r\n\r\n"),
    "chunk line ended by LF": chunked(b"5\nhello\r\n0\r\n\r\n"),
    "chunk line ended by CR and a letter": chunked(b"5\rXhello\r\n0\r\n\r\n"),
    "chunk extension with LF": chunked(b"5;a\nhello\r\n0\r\n\r\n"),
    "chunk extension with CR": chunked(b"5;a\rb\r\nhello\r\n0\r\n\r\n"),
    "chunk data too long": chunked(b"5\r\nhelloX\r\n0\r\n\r\n"),
    "chunk data too long by one": chunked(b"5\r\nhelloX\n0\r\n\r\n"),
    "chunk data ended by LF": chunked(b"5\r\nhello\n0\r\n\r\n"),
    "chunk data without end": chunked(b"5\r\nhello0\r\n\r\n"),
    "last chunk ended by LF": chunked(b"5\r\nhello\r\n0\n\r\n"),
    "trailers ended by CR and a letter": chunked(b"5\r\nhello\r\n0\r\n\rX"),
    "trailers ended by LF": chunked(b"5\r\nhello\r\n0\r\n\n"),
    "trailer ended by LF": chunked(b"5\r\nhello\r\n0\r\nA: b\n\r\n"),
    "trailer folded": chunked(b"5\r\nhello\r\n0\r\nA: b\r\n c\r\n\r\n"),
    "trailer without colon": chunked(b"5\r\nhello\r\n0\r\nAbc\r\n\r\n"),
    "trailer without name": chunked(b"5\r\nhello\r\n0\r\n: b\r\n\r\n"),
    "trailer with NUL": chunked(b"5\r\nhello\r\n0\r\nA: \0\r\n\r\n"),
    "trailers without end": chunked(b"0\r\n" + b"A: bcdefgh\r\n" * 2000),
    "trailers too long": chunked(b"0\r\n" + b"A: bcdefgh\r\n" * 800 + b"\r\n"),
    "chunk extensions without end": chunked(b"1;" + b"a" * 5000 + b"\r\nx\r\n0\r\n\r\n"),
    "encoded slash": head(line=b"GET /echo%2fx HTTP/1.1"),
    "encoded slash in capitals": head(line=b"GET /echo%2Fx HTTP/1.1"),
    "encoded NUL": head(line=b"GET /echo%00 HTTP/1.1"),
    "encoded line end": head(line=b"GET /echo%0d%0aX: y HTTP/1.1"),
    "encoded line feed": head(line=b"GET /echo%0a HTTP/1.1"),
    "encoded backslash": head(line=b"GET /echo%5cx HTTP/1.1"),
    "backslash": head(line=b"GET /echo\\x HTTP/1.1"),
    "percent without digits": head(line=b"GET /echo% HTTP/1.1"),
    "percent with one digit": head(line=b"GET /echo%4 HTTP/1.1"),
    "percent with no digits": head(line=b"GET /echo%zz HTTP/1.1"),
    "overlong UTF-8 dot": head(line=b"GET /%c0%ae%c0%ae/echo HTTP/1.1"),
    "lone continuation byte": head(line=b"GET /%80 HTTP/1.1"),
    "surrogate": head(line=b"GET /%ed%a0%80 HTTP/1.1"),
    "raw byte above 0x7f": head(line=b"GET /\xff HTTP/1.1"),
    "dot segment": head(line=b"GET /./echo HTTP/1.1"),
    "dot-dot segment": head(line=b"GET /x/../echo HTTP/1.1"),
    "dot-dot at the end": head(line=b"GET /x/.. HTTP/1.1"),
    "dot-dot encoded": head(line=b"GET /x/%2e%2e/echo HTTP/1.1"),
    "dot-dot half encoded": head(line=b"GET /x/.%2E/echo HTTP/1.1"),
    "fragment": head(line=b"GET /echo#x HTTP/1.1"),
    "fragment behind the query": head(line=b"GET /echo?a#x HTTP/1.1"),
    "target without slash": head(line=b"GET echo HTTP/1.1"),
    "target empty": head(line=b"GET  HTTP/1.1"),
    "target of two parts": head(line=b"GET /echo /hello HTTP/1.1"),
    "two blanks before the target": head(line=b"GET  /echo HTTP/1.1"),
    "two blanks before the version": head(line=b"GET /echo  HTTP/1.1"),
    "tab before the target": head(line=b"GET\t/echo HTTP/1.1"),
    "blank behind the version": head(line=b"GET /echo HTTP/1.1 "),
    "absolute target on another host": head(line=b"GET http://other.example/echo HTTP/1.1"),
    "absolute target with a user": head(line=b"GET http://a@test.example/echo HTTP/1.1"),
    "absolute target of another scheme": head(line=b"GET ftp://test.example/echo HTTP/1.1"),
    "authority as target": head(line=b"GET test.example:80 HTTP/1.1"),
    "asterisk with GET": head(line=b"GET * HTTP/1.1"),
    "HTTP/0.9": b"GET /echo\r\n\r\n",
    "HTTP/1.2": head(line=b"GET /echo HTTP/1.2"),
    "HTTP/2.0": head(line=b"GET /echo HTTP/2.0"),
    "HTTP/1.10": head(line=b"GET /echo HTTP/1.10"),
    "HTTP/01.1": head(line=b"GET /echo HTTP/01.1"),
    "http/1.1": head(line=b"GET /echo http/1.1"),
    "ICE/1.1": head(line=b"GET /echo ICE/1.1"),
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS hello": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
    "expectation unknown": head(b"Expect: 200-ok", b"Content-Length: 5") + b"hello",
    "expectation twice": head(b"Expect: 100-continue", b"Expect: 100-continue", b"Content-Length: 5") + b"hello",
    "empty lines, two": b"\r\n\r\n" + head(line=b"GET /echo HTTP/1.1"),
}

METHODS = ["TRACE", "CONNECT", "PROPFIND", "MKCOL", "LOCK", "PURGE", "LINK", "get", "Get", "GETT", "G", "BREW", "M-SEARCH"]

TAKEN = {
    "plain": (get("/echo"), "path=/echo\n"),
    "one empty line first": (b"\r\n" + get("/echo"), "path=/echo\n"),
    "decoded once": (get("/a%2541%20b%C3%A4"), "nothing is served"),
    "percent sign stays": (get("/echo?a=%2541"), "query=a=%2541\n"),
    "query kept raw": (get("/echo?x=1&y=a%20b+c"), "query=x=1&y=a%20b+c\n"),
    "query with question marks": (get("/echo?a?b"), "query=a?b\n"),
    "empty query": (get("/echo?"), "query=\n"),
    "absolute target": (get("http://test.example/echo?q"), "path=/echo\nquery=q\n"),
    "absolute target in capitals": (get("HTTP://TEST.example/echo"), "path=/echo\n"),
    "absolute https target": (get("https://test.example/echo"), "path=/echo\n"),
    "blanks around a value": (get("/echo", "A: \t b c \t"), "A: b c\n"),
    "empty value": (get("/echo", "A:"), "A: \n"),
    "tab inside a value": (get("/echo", "A: b\tc"), "A: b\tc\n"),
    "obs-text in a value": (get("/echo", "A: \xe4"), "A: "),
    "Content-Length with zeros": (get("/echo", "Content-Length: 000000005", method="POST") + b"hello", "body=5\nhello"),
    "Content-Length 0": (get("/echo", "Content-Length: 0", method="POST"), "has_body=1"),
    "Content-Length on GET": (get("/echo", "Content-Length: 2") + b"hi", "body=2\nhi"),
    "DELETE with a body": (get("/echo", "Content-Length: 2", method="DELETE") + b"hi", "method=DELETE"),
    "PATCH": (get("/echo", "Content-Length: 2", method="PATCH") + b"hi", "method=PATCH"),
    "PUT": (get("/echo", "Content-Length: 2", method="PUT") + b"hi", "method=PUT"),
    "OPTIONS": (get("/echo", method="OPTIONS"), "method=OPTIONS"),
    "OPTIONS *": (get("*", method="OPTIONS"), "nothing is served"),
    "IPv6 host": (b"GET /echo HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "host=[::1]:8080\n"),
    "host with port": (b"GET /echo HTTP/1.1\r\nHost: a-b.example:80\r\n\r\n", "host=a-b.example:80\n"),
    "Transfer-Encoding in capitals": (head(b"TRANSFER-ENCODING: Chunked") + b"5\r\nhello\r\n0\r\n\r\n", "body=5\nhello"),
    "chunks": (chunked(b"2\r\nhe\r\n003\r\nllo\r\n0\r\n\r\n"), "body=5\nhello"),
    "chunk size in capitals": (chunked(b"A\r\n0123456789\r\n0\r\n\r\n"), "body=10\n0123456789"),
    "chunk extension": (chunked(b'5;a=b;c="d"\r\nhello\r\n0\r\n\r\n'), "body=5\nhello"),
    "no chunk at all": (chunked(b"0\r\n\r\n"), "body=0\n"),
    "trailers dropped": (chunked(b"5\r\nhello\r\n0\r\nX-Evil: 1\r\nHost: b\r\n\r\n"), "body=5\nhello"),
    "CRLF as data": (chunked(b"4\r\n\r\n\r\n\r\n0\r\n\r\n"), "body=4\n\r\n\r\n"),
    "Content-Encoding identity": (get("/echo", "Content-Encoding: identity", "Content-Length: 2", method="POST") + b"hi", "body=2"),
    "unknown Upgrade ignored": (get("/echo", "Connection: Upgrade", "Upgrade: websocket"), "path=/echo\n"),
    "X-Forwarded-For of a stranger": (get("/echo", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https"), "address=127.0.0.1\nsecure=0"),
}


def refused(tally, server):
    for name, data in REFUSED.items():
        for pieces in (False, True):
            label = f"{name}, {'byte by byte' if pieces else 'at once'}"
            if pieces and len(data) > 500:
                continue
            answers = exchange(server, data + SMUGGLED, pieces)
            statuses = [answer.status for answer in answers]
            good = len(statuses) == 1 and 400 <= statuses[0] <= 431
            if tally.check(good, f"{label}: {statuses}"):
                answer = answers[0]
                tally.check(answer.headers.get("connection") == "close", f"{label}: no Connection: close")
                tally.check(answer.headers.get("content-type") == "application/problem+json", f"{label}: no problem")
                tally.check(len(answer.headers.get("x-request-id", "")) == 16, f"{label}: no request id")
                if name.startswith("fold"):
                    tally.check(b"must not be folded" in answer.body, f"{label}: {answer.body!r}")
    for method in METHODS:
        answers = exchange(server, get("/echo", method=method) + SMUGGLED)
        tally.check([a.status for a in answers] in ([405], [400]) and len(answers) == 1, f"method {method}")
    for coding in ("gzip", "deflate", "br", "gzip, gzip", ""):
        answers = exchange(server, head(f"Content-Encoding: {coding}".encode(), b"Content-Length: 5") + b"hello" + SMUGGLED)
        tally.check([a.status for a in answers] == [415], f"Content-Encoding {coding!r}")
    counters = server.counters()
    tally.check(counters["requests"] == 1, f"something refused reached the handler: {counters}")


def taken(tally, server):
    for name, (data, wants) in TAKEN.items():
        for pieces in (False, True):
            answers = exchange(server, data + get("/hello", close=True), pieces)
            good = len(answers) == 2 and wants.encode() in answers[0].body and answers[1].body == b"hello\n"
            tally.check(good, f"{name}, {'pieces' if pieces else 'whole'}: {[(a.status, a.body[:200]) for a in answers]}")


def splits(tally, server):
    """A valid request cut in two at every position gives the same answer."""
    whole = head(b"Transfer-Encoding: chunked", b"X-A: b") + b"5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nT: u\r\n\r\n"
    whole += get("/hello", close=True)
    expected = None
    for cut in range(len(whole) + 1):
        with server.connect() as sock:
            sock.sendall(whole[:cut])
            # the second part leaves only when the first has been read
            if cut % 8 == 0:
                server.counters()
            sock.sendall(whole[cut:])
            got = [(answer.status, answer.body) for answer in Answers(sock).rest()]
        expected = expected or got
        tally.check(got == expected and len(got) == 2, f"cut at {cut}: {got}")
    tally.check(expected and b"body=8\nhelloabc" in expected[0][1], "the split request is understood")


def sized_head(size):
    """A head of exactly `size` bytes, in fields of at most 8000."""
    start = b"GET /hello HTTP/1.1\r\nHost: test.example\r\nConnection: close\r\n"
    left = size - len(start) - 2
    fields = b""
    while left > 0:
        n = left if left <= 8000 else min(8000, left - 100)
        fields += b"X: " + b"a" * (n - 5) + b"\r\n"
        left -= n
    return start + fields + b"\r\n"


def caps(tally, server):
    def status(data):
        answers = exchange(server, data)
        return answers[0].status if len(answers) == 1 else [a.status for a in answers]

    for size, wants in ((32767, 200), (32768, 200), (32769, 431), (100000, 431)):
        data = sized_head(size)
        assert len(data) == size
        tally.check(status(data) == wants, f"head of {size} bytes")
    for line, wants in ((8191, 404), (8192, 404), (8193, 414), (40000, 414)):
        path = "/" + "a" * (line - len("GET / HTTP/1.1"))
        tally.check(status(get(path, close=True)) == wants, f"request line of {line} bytes")
    for line, wants in ((8191, 200), (8192, 200), (8193, 431)):
        tally.check(status(get("/hello", "X: " + "a" * (line - 3), close=True)) == wants, f"field of {line} bytes")
    for fields, wants in ((99, 200), (100, 200), (101, 431), (2000, 431)):
        more = [f"X{i}: y" for i in range(fields - 2)]
        tally.check(status(get("/hello", *more, close=True)) == wants, f"{fields} fields")
    for size, wants in ((65535, 200), (65536, 200), (65537, 413), (10 << 20, 413)):
        body = b"x" * size
        tally.check(status(post("/echo", body, "Connection: close")) == wants, f"body of {size} bytes")
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:1000], body[1000:]))
        request = get("/echo", "Transfer-Encoding: chunked", "Connection: close", method="POST") + chunks + b"0\r\n\r\n"
        tally.check(status(request) == wants, f"chunked body of {size} bytes")
    for size, wants in (((1 << 20) - 1, 200), (1 << 20, 200), ((1 << 20) + 1, 413)):
        tally.check(status(post("/upload", b"x" * size, "Connection: close")) == wants, f"upload of {size} bytes")
    announced = get("/echo", "Content-Length: 999999999999999999", method="POST")
    tally.check(status(announced) == 413, "a huge announced body is refused without reading it")
    chunk = get("/echo", "Transfer-Encoding: chunked", method="POST") + b"fffffffffffffff\r\n"
    tally.check(status(chunk) == 413, "a huge announced chunk is refused without reading it")


def pipelining(tally, server):
    mix = ["/hello", "/wait/30", "/size/3000", "/echo", "/wait/1", "/hello", "/copy/200000", "/tag", "/wait/5", "/hello"] * 5
    with server.connect() as sock:
        sock.sendall(b"".join(get(path) for path in mix) + get("/hello", close=True))
        answers = Answers(sock).rest()
    tally.check(len(answers) == len(mix) + 1, f"pipelined: {len(answers)} answers")
    for path, answer in zip(mix, answers):
        good = answer.status == 200 and {
            "/size/3000": len(answer.body) == 3000,
            "/copy/200000": len(answer.body) == 200000,
            "/echo": b"path=/echo" in answer.body,
            "/tag": answer.body == b"tagged\n",
            "/hello": answer.body == b"hello\n",
        }.get(path, answer.body == f"waited {path.split('/')[-1]} ms\n".encode())
        tally.check(good, f"pipelined {path}: {answer.status} {answer.body[:50]!r}")
    ids = {answer.headers["x-request-id"] for answer in answers}
    tally.check(len(ids) == len(answers), "request ids repeat")
    with server.connect() as sock:
        body = b"POST /hello HTTP/1.1\r\n\r\n"
        sock.sendall(post("/echo", body) * 100 + get("/hello", close=True))
        answers = Answers(sock).rest()
    tally.check(len(answers) == 101 and all(a.body.endswith(body) for a in answers[:100]), "pipelined bodies")
    with server.connect() as sock:
        sock.sendall(get("/hello", close=True) + SMUGGLED)
        tally.check(len(Answers(sock).rest()) == 1, "a request behind Connection: close is answered")


def answers_shape(tally, server):
    for path, length in (("/hello", "6"), ("/size/3000", "3000"), ("/wait/1", "12")):
        with server.connect() as sock:
            sock.sendall(get(path, method="HEAD") + get("/hello", close=True))
            reader = Answers(sock)
            first, second = reader.next(head_only=True), reader.next()
        tally.check(first.headers["content-length"] == length and second.body == b"hello\n", f"HEAD {path}")
    for status, has in ((200, True), (204, False), (304, False), (404, True)):
        answer = exchange(server, get(f"/status/{status}", close=True))[0]
        tally.check(("content-length" in answer.headers) == has and (answer.body == b"body\n") == has, f"status {status}")
    refused_head = exchange(server, head(b"Content-Length: x", line=b"HEAD /hello HTTP/1.1"))
    tally.check(refused_head and refused_head[0].status == 400, "a refused HEAD is answered")
    answers = exchange(server, get("/tag", 'If-None-Match: "x", W/"v1"', close=True))
    tally.check(answers[0].status == 304 and answers[0].headers["etag"] == '"v1"', "If-None-Match")
    answers = exchange(server, get("/split", close=True))
    tally.check(answers[0].status == 500 and "x-injected" not in answers[0].headers, "a line end in a header is not sent")
    dates = [exchange(server, get("/hello", close=True))[0].headers["date"] for _ in range(2)]
    tally.check(all(len(date) == 29 and date.endswith(" GMT") for date in dates), f"Date: {dates}")


def versions(tally, server):
    with server.connect() as sock:
        sock.sendall(b"GET /hello HTTP/1.0\r\n\r\n" + SMUGGLED)
        tally.check([a.status for a in Answers(sock).rest()] == [200], "HTTP/1.0 closes")
    with server.connect() as sock:
        sock.sendall(b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /hello HTTP/1.0\r\n\r\n")
        answers = Answers(sock).rest()
    connection = [a.headers.get("connection") for a in answers]
    tally.check(connection == ["keep-alive", "close"], f"HTTP/1.0 keep-alive: {connection}")
    answers = exchange(server, b"GET /echo HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n")
    tally.check([a.status for a in answers] == [400], "two Hosts on HTTP/1.0")
    with server.connect() as sock:
        sock.sendall(get("/wait/50"))
        sock.shutdown(socket.SHUT_WR)
        tally.check([a.status for a in Answers(sock).rest()] == [200], "a half-closed client gets its answer")


def expectations(tally, server):
    with server.connect() as sock:
        sock.sendall(get("/echo", "Content-Length: 5", "Expect: 100-continue", method="POST"))
        reader = Answers(sock)
        first = reader.next()
        sock.sendall(b"hello" + get("/hello", close=True))
        rest = reader.rest()
    tally.check(first.status == 100 and [a.status for a in rest] == [200, 200], "100 Continue")
    with server.connect() as sock:
        sock.sendall(get("/echo", "Content-Length: 5", "Expect: 100-Continue", "Connection: close", method="POST") + b"hello")
        tally.check([a.status for a in Answers(sock).rest()] == [200], "no 100 when the body is there already")
    with server.connect() as sock:
        sock.sendall(get("/echo", "Content-Length: 70000", "Expect: 100-continue", method="POST"))
        tally.check([a.status for a in Answers(sock).rest()] == [413], "too large is said instead of 100")
    with server.connect() as sock:
        sock.sendall(b"POST /echo HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
        tally.check([a.status for a in Answers(sock).rest()] == [200], "HTTP/1.0 gets no 100")


def files(tally, server):
    for accepts, coding, body in (
        (None, None, b"identity identity identity"),
        ("gzip", "gzip", b"gzip gzip"),
        ("gzip, br", "br", b"brbr"),
        ("br;q=0, gzip", "gzip", b"gzip gzip"),
        ("*", "br", b"brbr"),
        ("*;q=0, identity", None, b"identity identity identity"),
        ("deflate", None, b"identity identity identity"),
    ):
        more = [f"Accept-Encoding: {accepts}"] if accepts else []
        answer = exchange(server, get("/files/a-1f2e.js", *more, close=True))[0]
        good = answer.body == body and answer.headers.get("content-encoding") == coding
        tally.check(good and answer.headers["vary"] == "Accept-Encoding", f"file, Accept-Encoding {accepts}")
        tally.check("immutable" in answer.headers["cache-control"] and answer.headers["x-content-type-options"] == "nosniff", "file fields")
        tag = f"If-None-Match: {answer.headers['etag']}"
        again = exchange(server, get("/files/a-1f2e.js", *more, tag, close=True))[0]
        tally.check(again.status == 304 and again.headers["etag"] == answer.headers["etag"], f"file again, {accepts}")
    answer = exchange(server, get("/files/robots.txt", close=True))[0]
    tally.check("immutable" not in answer.headers["cache-control"], "a file whose name stays is revalidated")


def forwarded(tally):
    cases = {
        ("X-Forwarded-For: 9.9.9.9",): "9.9.9.9",
        ("X-Forwarded-For: 1.1.1.1, 9.9.9.9",): "9.9.9.9",
        ("X-Forwarded-For: 9.9.9.9, 10.1.2.3",): "9.9.9.9",
        ("X-Forwarded-For: 9.9.9.9", "X-Forwarded-For: 8.8.8.8"): "8.8.8.8",
        ("X-Forwarded-For: 9.9.9.9", "X-Forwarded-For: 10.0.0.1"): "9.9.9.9",
        ("X-Forwarded-For: 10.0.0.7",): "10.0.0.7",
        ("X-Forwarded-For: evil",): "127.0.0.1",
        ("X-Forwarded-For: 9.9.9.9, evil",): "127.0.0.1",
        ("X-Forwarded-For: 9.9.9.9, 8.8.8.8:4711",): "8.8.8.8",
        ("X-Forwarded-For: 2001:db8::1",): "2001:db8::1",
        ("X-Forwarded-For: [2001:db8::1]:80",): "2001:db8::1",
        ("X-Forwarded-For:",): "127.0.0.1",
        (): "127.0.0.1",
    }
    with Server(trusted="127.0.0.1,10.0.0.0/8") as server:
        for fields, wants in cases.items():
            answer = exchange(server, get("/echo", *fields, close=True))[0]
            tally.check(f"\naddress={wants}\n".encode() in answer.body, f"{fields}: {answer.body[:120]!r}")
        answer = exchange(server, get("/echo", "X-Forwarded-Proto: https", close=True))[0]
        tally.check(b"secure=1" in answer.body, "X-Forwarded-Proto of a trusted proxy")
        answers = exchange(server, b"GET /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n , 1.2.3.4\r\n\r\n")
        tally.check([a.status for a in answers] == [400], "X-Forwarded-For by a folded line")


def main():
    tally = Tally()
    with Server() as server:
        for test in (refused, taken, splits, caps, pipelining, answers_shape, versions, expectations, files):
            tally.run(test, server)
        tally.check(server.stop() == "drained", "the server ends well")
    tally.run(forwarded)
    tally.finish()


if __name__ == "__main__":
    main()
