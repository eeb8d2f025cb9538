"""Accounts and sessions: registering, one-time codes, passwords, refresh, signing out, and tokens that are none."""

import base64
import hashlib
import hmac
import json
import sys
import threading
import uuid

from noonmark import PASSWORD, Client, Server, check, must, run, same


def registration(name, **members):
    return {"email": f"{name}@example.org", "password": PASSWORD, "username": name, "first_name": "Test",
            "time_zone": "Europe/Berlin", **members}


def wrong(code):
    return f"{(int(code) + 1) % 1000000:06d}"


def bare(answer):
    """An answer without what every answer has of its own."""
    return answer.status, answer.body, {k: v for k, v in answer.headers.items() if k not in ("x-request-id", "date")}


# ---- registering

def test_registering(server):
    client = server.client()
    answer = client.post("/v1/accounts", registration("ada"), status=202)
    same(answer.json, {"verification_expires_at": "2026-03-02T08:10:00Z"}, "the answer")
    client.post("/v1/sessions", {"email": "ada@example.org", "password": PASSWORD}, status=401)
    code = server.code("ada@example.org")
    check("finishes your registration as ada:" in server.mails("ada@example.org")[0].get_body(("plain",)).get_content(), "the mail names the username")
    tokens = client.post("/v1/accounts/verify", {"email": "ADA@Example.org", "code": code}, status=200).json
    same(tokens["expires_in"], 900, "expires_in")
    same(tokens["account"]["email"], "ada@example.org", "the address")
    me = client.get("/v1/me", headers={"Authorization": "Bearer " + tokens["access_token"]}, status=200)
    same(me.json, tokens["account"], "GET /v1/me")
    same(me.headers["etag"], '"1"', "its ETag")
    # what a new account begins with
    host = Client(server, "Bearer " + tokens["access_token"])
    schedules, types = (host.get(p, status=200).json["items"] for p in ("/v1/schedules", "/v1/event-types"))
    same([s["is_default"] for s in schedules], [True], "one default schedule")
    same(schedules[0]["time_zone"], "Europe/Berlin", "its zone")
    same([(t["active"], t["schedule_id"]) for t in types], [(True, schedules[0]["id"])], "one active event type")
    # the code is spent
    client.post("/v1/accounts/verify", {"email": "ada@example.org", "code": code}, status=422)


def test_five_wrong_codes(server):
    client = server.client()
    client.post("/v1/accounts", registration("five"), status=202)
    code = server.code("five@example.org")
    for i in range(5):
        answer = client.post("/v1/accounts/verify", {"email": "five@example.org", "code": wrong(code)}, status=422)
        same((answer.code, answer.fields), ("otp_wrong", ["/code"]), f"wrong code {i + 1}")
    client.post("/v1/accounts/verify", {"email": "five@example.org", "code": code}, status=422)
    # a new code serves again
    client.post("/v1/accounts", registration("five"), status=202)
    code = server.code("five@example.org", 2)
    client.post("/v1/accounts/verify", {"email": "five@example.org", "code": code}, status=200)


def test_four_wrong_codes_leave_one(server):
    client = server.client()
    client.post("/v1/accounts", registration("four"), status=202)
    code = server.code("four@example.org")
    for _ in range(4):
        client.post("/v1/accounts/verify", {"email": "four@example.org", "code": wrong(code)}, status=422)
    client.post("/v1/accounts/verify", {"email": "four@example.org", "code": code}, status=200)


def test_concurrent_guesses():
    """Twenty guesses at once count as twenty: at most five are tried."""
    with Server() as server:
        server.client().post("/v1/accounts", registration("racing"), status=202)
        code = server.code("racing@example.org")
        answers = []

        def guess(i):
            text = code if i == 19 else f"{(int(code) + 1 + i) % 1000000:06d}"
            answers.append(server.client().post("/v1/accounts/verify", {"email": "racing@example.org", "code": text}))
        for i in range(20):
            thread = threading.Thread(target=guess, args=(i,))
            thread.start()
            if i < 6:
                thread.join()  # five wrong ones have been counted
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join()
        same({a.status for a in answers}, {422}, "statuses")


def test_code_expires():
    with Server() as server:
        client = server.client()
        client.post("/v1/accounts", registration("late"), status=202)
        code = server.code("late@example.org")
        server.clock("2026-03-02T08:10:00Z")
        client.post("/v1/accounts/verify", {"email": "late@example.org", "code": code}, status=422)
        client.post("/v1/accounts", registration("intime"), status=202)
        code = server.code("intime@example.org")
        server.clock("2026-03-02T08:19:59Z")
        client.post("/v1/accounts/verify", {"email": "intime@example.org", "code": code}, status=200)


def test_new_code_voids_the_old(server):
    client = server.client()
    client.post("/v1/accounts", registration("again"), status=202)
    old = server.code("again@example.org")
    client.post("/v1/accounts", registration("again"), status=202)
    new = server.code("again@example.org", 2)
    if old != new:
        client.post("/v1/accounts/verify", {"email": "again@example.org", "code": old}, status=422)
    client.post("/v1/accounts/verify", {"email": "again@example.org", "code": new}, status=200)


def test_codes_do_not_serve_elsewhere(server):
    """A code is for its address and purpose."""
    host = server.register("purpose")
    client = server.client()
    had = len(server.mails("purpose@example.org"))
    client.post("/v1/sessions/otp", {"email": "purpose@example.org"}, status=202)
    code = server.code("purpose@example.org", had + 1)
    client.post("/v1/accounts/verify", {"email": "purpose@example.org", "code": code}, status=422)
    client.post("/v1/sessions/otp/verify", {"email": "other@example.org", "code": code}, status=422)
    proof = client.post("/v1/email-proofs", {"email": "purpose@example.org"}, status=201).json
    client.post(f"/v1/email-proofs/{proof['id']}/verify", {"code": code},
                status=(422, 200) if code == server.code("purpose@example.org", had + 2) else 422)
    client.post("/v1/sessions/otp/verify", {"email": "purpose@example.org", "code": code}, status=200)
    host.get("/v1/me", status=200)


def test_known_and_unknown_addresses(server):
    """No answer tells whether an address has an account."""
    server.register("known")
    client = server.client()
    calls = {
        "register": ("/v1/accounts", lambda who, n: registration(f"fresh{n}", email=f"{who}@example.org")),
        "code": ("/v1/sessions/otp", lambda who, n: {"email": f"{who}@example.org"}),
        "password": ("/v1/sessions", lambda who, n: {"email": f"{who}@example.org", "password": "not this one"}),
        "verify": ("/v1/accounts/verify", lambda who, n: {"email": f"{who}@example.org", "code": "000000"}),
        "code verify": ("/v1/sessions/otp/verify", lambda who, n: {"email": f"{who}@example.org", "code": "000000"}),
        "register by a known username": ("/v1/accounts", lambda who, n: registration("known", email=f"{who}@example.org")),
    }
    for name, (path, body) in calls.items():
        answers = []
        for n, who in enumerate(("known", "unknown")):
            answer = client.post(path, body(who, n))
            status, data, headers = bare(answer)
            if data and status >= 400:
                document = json.loads(data)
                document.pop("request_id")
                data = document
            answers.append((status, data, headers))
        same(answers[0], answers[1], f"{name}: known and unknown")
    # the mail tells the one who reads it
    server.settle()
    texts = [m.get_body(("plain",)).get_content() for m in server.mails("known@example.org")]
    check(any("/log-in" in text for text in texts), "a mail to the known address leads to signing in")


def test_registration_changes_no_account(server):
    host = server.register("stays")
    client = server.client()
    client.post("/v1/accounts", registration("intruder", email="stays@example.org", password="another password"),
                status=202)
    for code in ("000000", "123456"):
        client.post("/v1/accounts/verify", {"email": "stays@example.org", "code": code}, status=422)
    same(host.get("/v1/me", status=200).json, host.account, "the account")
    client.post("/v1/sessions", {"email": "stays@example.org", "password": "another password"}, status=401)
    client.post("/v1/sessions", {"email": "stays@example.org", "password": PASSWORD}, status=200)


def test_usernames(server):
    server.register("taken")
    client = server.client()
    answer = client.post("/v1/accounts", registration("taken", email="somebody@example.org"), status=409)
    same(answer.fields, ["/username"], "the field")
    for name in ("admin", "api", "me", "v1", "ab", "-ab", "ab-", "Ab-c", "a_b", "a.b.c", "x" * 33, "äbc", ""):
        answer = client.post("/v1/accounts", registration(name, email="somebody@example.org"), status=400)
        same(answer.fields, ["/username"], f"username {name!r}")
    # two that wait for their codes cannot both get it
    client.post("/v1/accounts", registration("wanted"), status=202)
    code = server.code("wanted@example.org")
    second = client.post("/v1/accounts", registration("wanted", email="second@example.org"), status=(202, 409))
    client.post("/v1/accounts/verify", {"email": "wanted@example.org", "code": code}, status=200)
    if second.status == 202:
        code = server.code("second@example.org")
        client.post("/v1/accounts/verify", {"email": "second@example.org", "code": code}, status=409)


def test_registration_fields(server):
    client = server.client()
    cases = [
        ("/email", {"email": "no address"}), ("/email", {"email": "a@b"}), ("/email", {"email": "a@example.org\n"}),
        ("/email", {"email": "a@example.org\r\nBcc: b@example.org"}), ("/email", {"email": "a b@example.org"}),
        ("/email", {"email": "<a@example.org>"}), ("/email", {"email": "a" * 65 + "@example.org"}),
        ("/email", {"email": "a@" + "b" * 250 + ".org"}), ("/email", {"email": "a@example.org,b@example.org"}),
        ("/password", {"password": "short12"}), ("/password", {"password": "x" * 257}),
        ("/password", {"password": "fields@example.org", "email": "fields@example.org"}),
        ("/first_name", {"first_name": ""}), ("/first_name", {"first_name": "see www.example.org"}),
        ("/first_name", {"first_name": "http://x.example"}), ("/first_name", {"first_name": "a\nb"}),
        ("/first_name", {"first_name": "a\u202eb"}), ("/first_name", {"first_name": "a\u200bb"}),
        ("/first_name", {"first_name": " a"}), ("/first_name", {"first_name": "x" * 81}),
        ("/last_name", {"last_name": "evil.example"}), ("/time_zone", {"time_zone": "Europe/Atlantis"}),
        ("/time_zone", {"time_zone": "../../etc/passwd"}), ("/time_zone", {"time_zone": "x" * 65}),
        ("/role", {"role": "admin"}), ("/plan", {"plan": "paid"}), ("/id", {"id": "1"}),
    ]
    for field, members in cases:
        answer = client.post("/v1/accounts", registration("fields", **members), status=400)
        check(field in answer.fields, f"{members}: names {answer.fields}, not {field}")
    for name in ("email", "password", "username", "first_name"):
        body = registration("fields")
        del body[name]
        same(client.post("/v1/accounts", body, status=400).fields, ["/" + name], f"without {name}")
    check(not server.mails("fields@example.org"), "no mail went out")


def test_passwords(server):
    """No truncation, no NUL, no trimming."""
    long = "p" * 72
    server.register("longpass", password=long + "1")
    client = server.client()
    for password, status in ((long + "1", 200), (long + "2", 401), (long, 401), (long + "1 ", 401)):
        client.post("/v1/sessions", {"email": "longpass@example.org", "password": password}, status=status)
    answer = client.call("POST", "/v1/accounts", b'{"email":"nul@example.org","password":"abcdefgh\\u0000x",'
                         b'"username":"nul-pass","first_name":"N"}', status=400)
    check(answer.code in ("malformed", "invalid"), "a NUL in a password")
    for common in ("password1", "PassWord", "12345678", "iloveyou", "common-pass", "COMMON-PASS@example.org"):
        answer = client.post("/v1/accounts", registration("common-pass", password=common), status=400)
        check("/password" in answer.fields, f"the password {common}: {answer!r}")
    host = server.register("commoner")
    body = {"current_password": PASSWORD, "new_password": "letmein2"}
    host.post("/v1/me/password", {**body, "new_password": "princess"}, status=400)
    host.post("/v1/me/password", {**body, "new_password": "commoner"}, status=400)


def test_names_look_alike(server):
    """Names are kept composed, and usernames that are taken for each other are not both given."""
    host = server.register("modern-io")
    answer = host.patch("/v1/me", {"first_name": "Zoe\u0308", "last_name": "A\u030angstro\u0308m"}, status=200)
    same((answer.json["first_name"], answer.json["last_name"]), ("Zo\u00eb", "\u00c5ngstr\u00f6m"), "NFC")
    client = server.client()
    for name in ("modern-io", "modem-io", "modern-i0", "m0dern-io"):
        answer = client.post("/v1/accounts", registration("someone", username=name), status=409)
        check("/username" in answer.fields, f"{name}: {answer!r}")
    other = server.register("wallet1")
    other.patch("/v1/me", {"username": "modem-io"}, status=409)
    other.patch("/v1/me", {"username": "vvalletl"}, status=200)  # one's own name, looking the same
    client.post("/v1/accounts", registration("waiting", username="pearl-shop"), status=202)
    client.post("/v1/accounts", registration("someone", username="pear1-sh0p"), status=409)


def test_a_registration_without_a_mail_changes_nothing():
    """Who asks for a known-to-be-waiting address when it had its mails of the hour cannot make its last code his own."""
    with Server(rate_limits=True) as server:
        client, address = server.client(), "victim@example.org"
        body = {"email": address, "password": PASSWORD, "username": "victim", "first_name": "Vic"}
        for count in range(5):
            client.post("/v1/accounts", body, status=202)
            code = server.code(address, count + 1)
        client.post("/v1/accounts", {**body, "password": "somebody else's", "username": "intruder"}, status=202)
        done = client.post("/v1/accounts/verify", {"email": address, "code": code}, status=200).json
        same(done["account"]["username"], "victim", "whose account it is")
        client.post("/v1/sessions", {"email": address, "password": "somebody else's"}, status=401)
        client.post("/v1/sessions", {"email": address, "password": PASSWORD}, status=200)


def test_password_change(server):
    host = server.register("changer")
    other = server.client().post("/v1/sessions", {"email": "changer@example.org", "password": PASSWORD}, status=200).json
    path, new = "/v1/me/password", "another correct horse"
    host.post(path, {"new_password": new}, status=401)
    host.post(path, {"current_password": "wrong one", "new_password": new}, status=401)
    host.post(path, {"current_password": PASSWORD, "new_password": "short"}, status=400)
    host.post(path, {"current_password": PASSWORD, "new_password": new}, status=204)
    host.get("/v1/me", status=200)
    Client(server, "Bearer " + other["access_token"]).get("/v1/me", status=401)
    client = server.client()
    client.post("/v1/sessions", {"email": "changer@example.org", "password": PASSWORD}, status=401)
    client.post("/v1/sessions", {"email": "changer@example.org", "password": new}, status=200)
    # API keys stay, unless they are to end
    key = Client(server, "Bearer " + host.key(["account:read"]))
    host.post(path, {"current_password": new, "new_password": PASSWORD}, status=204)
    key.get("/v1/me", status=200)
    host.post(path, {"current_password": PASSWORD, "new_password": new, "end_api_keys": True}, status=204)
    key.get("/v1/me", status=401)
    same(host.get("/v1/api-keys", status=200).json["items"], [], "keys left")


def audited(server, host):
    with server.database() as database:
        return [row[0] for row in database.execute("SELECT action FROM audit WHERE account_id = ? ORDER BY number",
                                                   (uuid.UUID(host.account["id"]).bytes,))]


def test_sessions_are_audited(server):
    host = server.register("audited")
    client = server.client()
    tokens = client.post("/v1/sessions", {"email": "audited@example.org", "password": PASSWORD}, status=200).json
    client.post("/v1/sessions", {"email": "audited@example.org", "password": "wrong password"}, status=401)
    Client(server, "Bearer " + tokens["access_token"]).delete("/v1/sessions/current", status=204)
    same([a for a in audited(server, host) if a.startswith("session")], ["session.create"] * 2 + ["session.delete"], "audit")


def test_me(server):
    host = server.register("myself")
    answer = host.patch("/v1/me", {"first_name": "Grace", "time_zone": "Asia/Kolkata"}, status=200)
    same((answer.json["first_name"], answer.json["time_zone"], answer.json["version"]), ("Grace", "Asia/Kolkata", 2), "PATCH")
    same(answer.headers["etag"], '"2"', "ETag")
    host.patch("/v1/me", {"first_name": "Stale"}, headers={"If-Match": '"1"'}, status=412)
    host.patch("/v1/me", {"last_name": None}, headers={"If-Match": '"2"'}, status=200)
    same(host.get("/v1/me").json["last_name"], None, "null clears")
    for member in ("email", "role", "plan", "id", "version", "password_hash", "created_at"):
        answer = host.patch("/v1/me", {member: "admin"}, status=400)
        same(answer.fields, ["/" + member], f"PATCH {member}")
    server.register("occupied")
    same(host.patch("/v1/me", {"username": "occupied"}, status=409).fields, ["/username"], "a username in use")
    host.patch("/v1/me", {"username": "api"}, status=400)
    host.patch("/v1/me", {"first_name": None}, status=400)
    host.patch("/v1/me", {"time_zone": "Moon/Base"}, status=400)


def test_erasing(server):
    host = server.register("leaver")
    key = Client(server, "Bearer " + host.key(["account:read"]))
    key.get("/v1/me", status=200)
    host.delete("/v1/me", status=204)
    host.get("/v1/me", status=401)
    key.get("/v1/me", status=401)
    server.client().post("/v1/sessions", {"email": "leaver@example.org", "password": PASSWORD}, status=401)
    server.client().get("/v1/users/leaver", status=404)
    server.register("leaver")  # address and name are free again
    with server.database() as database:
        found = database.execute("SELECT COUNT(*) FROM account WHERE email = 'leaver@example.org'").fetchone()
        same(found[0], 1, "accounts of that address")


def test_admin():
    with Server(admin_email="Root@example.org", default_plan="free") as server:
        same(server.register("boss", "root@example.org").account["role"], "admin", "role of the admin's address")
        other = server.register("worker")
        same((other.account["role"], other.account["plan"]), ("user", "free"), "role and plan of others")


# ---- sessions

def test_password_sessions(server):
    server.register("logger")
    client = server.client()
    for body in ({"email": "logger@example.org", "password": "wrong password"},
                 {"email": "nobody@example.org", "password": PASSWORD}):
        same(client.post("/v1/sessions", body, status=401).code, "bad_credentials", "code")
    tokens = client.post("/v1/sessions", {"email": "LOGGER@example.org", "password": PASSWORD},
                         headers={"User-Agent": "tests/1"}, status=200).json
    host = Client(server, "Bearer " + tokens["access_token"])
    sessions = host.get("/v1/sessions", status=200).json["items"]
    same(sorted(s["current"] for s in sessions), [False, True], "two sessions, one of them this")
    same([s["user_agent"] for s in sessions if s["current"]], ["tests/1"], "its user agent")
    other = [s["id"] for s in sessions if not s["current"]][0]
    host.delete(f"/v1/sessions/{other}", status=204)
    host.delete(f"/v1/sessions/{other}", status=404)
    same(len(host.get("/v1/sessions").json["items"]), 1, "sessions left")
    host.delete("/v1/sessions/current", status=204)
    host.get("/v1/me", status=401)
    client.post("/v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]}, status=401)


def test_code_sessions(server):
    server.register("coded")
    client = server.client()
    had = len(server.mails("coded@example.org"))
    client.post("/v1/sessions/otp", {"email": "coded@example.org"}, status=202)
    code = server.code("coded@example.org", had + 1)
    client.post("/v1/sessions/otp/verify", {"email": "coded@example.org", "code": wrong(code)}, status=422)
    tokens = client.post("/v1/sessions/otp/verify", {"email": "coded@example.org", "code": code}, status=200).json
    same(tokens["account"]["username"], "coded", "who")
    client.post("/v1/sessions/otp/verify", {"email": "coded@example.org", "code": code}, status=422)
    client.post("/v1/sessions/otp", {"email": "stranger@example.org"}, status=202)
    server.settle()
    check(not server.mails("stranger@example.org"), "an unknown address gets no mail")


def test_refresh(server):
    host = server.register("rotate")
    client = server.client()

    def refresh(token, status):
        return client.post("/v1/sessions/refresh", {"refresh_token": token}, status=status)
    first = host.tokens["refresh_token"]
    second = refresh(first, 200).json
    check(second["refresh_token"] != first, "a new refresh token")
    third = refresh(second["refresh_token"], 200).json
    access = Client(server, "Bearer " + third["access_token"])
    access.get("/v1/me", status=200)
    # the one before was used already: the session ends, with everything it gave
    refresh(second["refresh_token"], 401)
    access.get("/v1/me", status=401)
    refresh(third["refresh_token"], 401)
    for token in ("", "nr_", "nr_" + "A" * 43, host.tokens["access_token"][:90], "x" * 100):
        refresh(token, (400, 401))
    refresh("x" * 101, 400)


def test_old_refresh_token_ends_the_session(server):
    """Also one from further back than the last."""
    host = server.register("older")
    client = server.client()
    token, all_tokens = host.tokens["refresh_token"], []
    for _ in range(3):
        all_tokens.append(token)
        last = client.post("/v1/sessions/refresh", {"refresh_token": token}, status=200).json
        token = last["refresh_token"]
    client.post("/v1/sessions/refresh", {"refresh_token": all_tokens[0]}, status=401)
    Client(server, "Bearer " + last["access_token"]).get("/v1/me", status=(200, 401))


def test_concurrent_refresh(server):
    host = server.register("parallel")
    answers = []

    def refresh():
        answers.append(server.client().post("/v1/sessions/refresh", {"refresh_token": host.tokens["refresh_token"]}).status)
    threads = [threading.Thread(target=refresh) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(sorted(set(answers)), [200, 401], "statuses")
    same(answers.count(200), 1, "one swap only")


def test_times_of_sessions():
    with Server() as server:
        host = server.register("timer")
        refresh = host.tokens["refresh_token"]
        server.clock("2026-03-02T08:14:59Z")
        host.get("/v1/me", status=200)
        server.clock("2026-03-02T08:15:00Z")
        host.get("/v1/me", status=401)
        client = server.client()
        server.clock("2026-04-01T07:59:59Z")
        refresh = client.post("/v1/sessions/refresh", {"refresh_token": refresh}, status=200).json["refresh_token"]
        server.clock("2026-05-01T07:59:59Z")
        client.post("/v1/sessions/refresh", {"refresh_token": refresh}, status=401)
        # at most 180 days in all, however often it is used
        tokens = client.post("/v1/sessions", {"email": "timer@example.org", "password": PASSWORD}, status=200).json
        for date in ("2026-05-20", "2026-06-10", "2026-07-01", "2026-07-22", "2026-08-12", "2026-09-02", "2026-09-23",
                     "2026-10-14", "2026-10-28"):
            server.clock(date + "T07:59:59Z")
            answer = client.post("/v1/sessions/refresh", {"refresh_token": tokens["refresh_token"]})
            if date < "2026-10-28":
                must(answer.status == 200, f"{date}: {answer!r}")
                tokens = answer.json
        same(answer.status, 401, "181 days after the log-in")


# ---- tokens

def encode(data):
    if not isinstance(data, bytes):
        data = json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def tokens_that_are_none(good):
    head, claims, mac = good.split(".")
    header, payload = decode(head), decode(claims)
    def signed(h, p, key, digest=hashlib.sha256):
        text = f"{encode(h)}.{encode(p)}"
        return f"{text}.{encode(hmac.new(key, text.encode(), digest).digest())}"
    yield from ("", " ", ".", "..", "...", head, f"{head}.{claims}", f"{head}.{claims}.", f".{claims}.{mac}", f"{head}..{mac}")
    yield from (good + ".", good + "A", good[:-1], good[1:], good + "=", good[:20] + "\t" + good[20:], good.upper(), good.replace(".", " "),
                good.replace(".", ".."), f"{good}.{mac}", good.replace("-", "+"), f"{head}.{claims}.{mac}{mac}")
    for alg in ("none", "None", "NONE", "", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256", None, 256):
        yield f"{encode(dict(header, alg=alg))}.{claims}."
        yield f"{encode(dict(header, alg=alg))}.{claims}.{mac}"
    for extra in ({"jku": "http://127.0.0.1/keys"}, {"x5u": "http://127.0.0.1/"}, {"jwk": {"kty": "oct", "k": "AA"}},
                  {"kid": "../../dev/null"}, {"kid": "2"}, {"kid": "' OR 1=1"}, {"crit": ["exp"]}, {"typ": "at+jwt"}, {"b64": False}):
        yield signed({**header, **extra}, payload, b"")
        yield f"{encode({**header, **extra})}.{claims}.{mac}"
    for key in (b"", b"secret", b"\0" * 32, mac.encode(), head.encode()):
        yield signed(header, payload, key)
    yield signed(dict(header, alg="HS512"), payload, b"", hashlib.sha512)
    for change in ({"sub": "019cad8f-aee0-719a-ae7c-928000abdfe1"}, {"exp": payload["exp"] + 86400}, {"exp": "never"},
                   {"sid": None}, {"role": "admin"}, {"iat": 0}):
        yield f"{head}.{encode({**payload, **change})}.{mac}"
    for i in range(0, len(mac), 9):
        yield f"{head}.{claims}.{mac[:i]}{'A' if mac[i] != 'A' else 'B'}{mac[i + 1:]}"
    # four bits of the last character are no part of the digest: they must be zero
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    yield good[:-1] + alphabet[alphabet.index(good[-1]) ^ 1]
    yield "A" * 2000
    yield f"{head}.{'A' * 5000}.{mac}"
    yield "nm_" + "A" * 43
    yield "nr_" + "A" * 43
    yield "nc_" + "A" * 43


def test_forged_tokens(server):
    host = server.register("forged")
    good = host.tokens["access_token"]
    host.get("/v1/me", status=200)
    number = 0
    for token in tokens_that_are_none(good):
        if token == good:
            continue
        number += 1
        answer = server.client("Bearer " + token).get("/v1/me")
        check(answer.status == 401, f"token {number} {token[:60]!r}: {answer!r}")
        check(answer.headers.get("www-authenticate", "").startswith("Bearer"), f"token {number}: WWW-Authenticate")
    check(number >= 40, f"{number} tokens")
    for value in ("", "Bearer", "Basic " + encode(b"a:b"), good, "Token " + good, "bearer" + good,
                  f"Bearer {good} {good}", f"Bearer {good},Bearer {good}", "Token ", "Token " + "A" * 43, "Digest x"):
        answer = server.client().get("/v1/me", headers={"Authorization": value})
        check(answer.status == 401, f"Authorization {value[:50]!r}: {answer!r}")
    host.get("/v1/me", status=200)
    server.client("bEaReR " + good).get("/v1/me", status=200)  # RFC 9110 11.1: the scheme has no case
    server.client("Bearer " + host.tokens["refresh_token"]).get("/v1/me", status=401)


def test_keys_of_another_server(server):
    host = server.register("foreign")
    with Server() as other:
        Client(other, host.authorization).get("/v1/me", status=401)


def test_nothing_readable_is_stored(server):
    host = server.register("hashes")
    key = host.key(["account:read"])
    proof = server.prove("hashes@example.org")
    with server.database() as database:
        dump = "\n".join(str(row) for table in server.tables() for row in database.execute(f"SELECT * FROM {table}"))
    for name, secret in (("access token", host.tokens["access_token"]), ("refresh token", host.tokens["refresh_token"]),
                         ("API key", key), ("email proof", proof), ("password", PASSWORD)):
        check(secret not in dump, f"the {name} is in the database")
    codes = {server.code("hashes@example.org")}
    payloads = [r[0] for r in server.database().execute("SELECT payload FROM job WHERE kind = 'code_mail'")]
    check(payloads and not any(f'"{code}"' in payload for payload in payloads for code in codes), "codes are sealed in jobs")


run(globals())
