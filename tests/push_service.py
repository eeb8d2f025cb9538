"""A push service on the loopback and browsers that it serves, for tests: what arrives is decrypted and its sender's proof
verified by Debian's python3-cryptography, from the RFCs alone.

    with PushService() as service, Server(outbound_allow=service.peer) as server:
        browser = Browser(service)
        host.post("/v1/push-subscriptions", browser.subscription)
        message = browser.wait(1)[0]        # Message(headers, token, text): JSON of the plain text
        browser.answers = [(429, {"Retry-After": "30"}), 201]      # in turn; the last one stays
"""

import base64
import collections
import hashlib
import hmac
import http.server
import json
import secrets
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Message = collections.namedtuple("Message", "headers claims text")


def plain(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def coded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def point_of(key):
    return key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def hkdf(salt, secret, info, length):
    return hmac.digest(hmac.digest(salt, secret, hashlib.sha256), info + b"\1", hashlib.sha256)[:length]


class Browser:
    """One subscription.  Its service answers with `answers`, in turn; the last one stays."""

    def __init__(self, service):
        self.service, self.key, self.auth = service, ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        self.path = "/push/" + secrets.token_urlsafe(24)
        self.requests, self.answers = [], [201]
        service.browsers[self.path] = self

    @property
    def subscription(self):
        return {"endpoint": self.service.url + self.path, "expirationTime": None,
                "keys": {"p256dh": coded(point_of(self.key)), "auth": coded(self.auth)}}

    def decrypt(self, body):
        """RFC 8291 and RFC 8188, one record."""
        salt, size, id_length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21:21 + id_length], body[21 + id_length:]
        assert id_length == 65 and len(body) <= 4096 and len(sealed) <= size == 4096, "the head"
        shared = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = hkdf(self.auth, shared, b"WebPush: info\0" + point_of(self.key) + sender, 32)
        key = hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, secret, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(key).decrypt(nonce, sealed, None)
        text = padded.rstrip(b"\0")
        assert text.endswith(b"\2"), "the delimiter of the last record"
        return text[:-1].decode()

    def claims(self, authorization, public):
        """RFC 8292: what the sender claims, once its signature is found right."""
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        assert scheme == "vapid" and parts["k"] == public, f"Authorization: {authorization}"
        head, claims, signature = parts["t"].split(".")
        assert json.loads(plain(head)) == {"typ": "JWT", "alg": "ES256"}, "the token's head"
        r, s = plain(signature)[:32], plain(signature)[32:]
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(public))
        key.verify(encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big")), f"{head}.{claims}".encode(),
                   ec.ECDSA(hashes.SHA256()))
        return json.loads(plain(claims))

    def read(self, request):
        headers, body = request
        return Message(headers, self.claims(headers["authorization"], self.service.public), json.loads(self.decrypt(body)))

    def messages(self):
        return [self.read(r) for r in list(self.requests)]

    def wait(self, count, seconds=60):
        """The messages once there are `count`, or what there is after `seconds`."""
        until = time.monotonic() + seconds
        while len(self.requests) < count and time.monotonic() < until:
            time.sleep(0.02)
        return self.messages()


class PushService:
    def __init__(self):
        self.browsers, self.public, self.unknown = {}, None, []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                browser = service.browsers.get(self.path)
                if not browser:
                    service.unknown.append(self.path)
                    return self.reply(404, {})
                browser.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
                answer = browser.answers.pop(0) if len(browser.answers) > 1 else browser.answers[0]
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                return self.reply(status, headers)

            def reply(self, status, headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.peer = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.peer}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *unused):
        self.server.shutdown()
        self.server.server_close()


__all__ = ["Browser", "InvalidSignature", "Message", "PushService", "coded", "plain", "point_of"]
