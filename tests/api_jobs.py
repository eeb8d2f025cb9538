"""What operators see of the job queue: what was given up and why, trying it again, letting go of it; and the figures."""

import email
import email.policy
import json
import re
import time
import urllib.request

from noonmark import Server, booking_body, check, run, same, until
from ports import free_port
from smtp_server import StandIn

TEN, ELEVEN, NOON = "2026-03-03T10:00:00Z", "2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z"


def counts(server):
    rows = server.database().execute("SELECT state, COUNT(*) FROM job WHERE kind = 'booking_mail' AND dedupe_key NOT LIKE '%:reminder%'"
                                     " GROUP BY state")
    return dict(rows.fetchall())


def code_in(message):
    text = email.message_from_bytes(message, policy=email.policy.default).get_body(("plain",)).get_content()
    return re.search(r"^\s*(\d{6})\s*$", text, re.M).group(1)


def left(server):
    """The errors of the jobs that are not done, None where one was not tried yet."""
    return [row[0] for row in server.database().execute("SELECT last_error FROM job WHERE state <> 'done'")]


def scene(server, smtp):
    """An admin and a host, made while mails were files; then the mail server is the one given."""
    admin, host = server.register("boss", "root@example.org"), server.register("ada")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    server.settings["smtp_url"] = smtp.url
    server.restart()
    for client in (admin, host):
        client.close()
    return admin, host, kind


def test_codes_do_not_queue():
    """A mail server that hangs at the mails of bookings, all that are sent at once: a code is on its way all the same."""
    with StandIn(rcpt=[None, None, "250 2.1.5 ok"]) as smtp, Server(admin_email="root@example.org") as server:
        _, host, kind = scene(server, smtp)
        for hour in (10, 11):
            host.post("/v1/bookings", booking_body(kind, f"2026-03-30T{hour}:00:00Z"), status=201)
        until(lambda: sum(command.startswith("RCPT") for command in smtp.commands) == 2, "two mails hang")
        server.client().post("/v1/email-proofs", {"email": "eve@example.org"}, status=201)
        until(lambda: any("eve@example.org" in str(recipient) for _, recipient, _ in smtp.messages), "the code")
        same(len(smtp.messages), 1, "the code alone")
        smtp.close_all()


def test_codes_that_serve_no_more_are_not_sent():
    """Of codes that wait for the mail server only the last one goes, and none that is too old or was used."""
    with StandIn(rcpt="451 4.3.0 later") as smtp, Server(smtp_url=smtp.url) as server:
        client = server.client()
        ids = [client.post("/v1/email-proofs", {"email": "eve@example.org"}, status=201).json["id"] for _ in range(3)]
        until(lambda: all(left(server)), "a try each")
        smtp.replies["rcpt"] = ["250 2.1.5 ok"]
        server.clock("2026-03-02T08:06:00Z")
        until(lambda: not left(server), "the queue is empty")
        same(len(smtp.messages), 1, "mails")
        client.post(f"/v1/email-proofs/{ids[2]}/verify", {"code": code_in(smtp.messages[0][2])}, status=200)
        # asked for, and ten minutes of no mail server
        smtp.replies["rcpt"] = ["451 4.3.0 later"]
        client.post("/v1/email-proofs", {"email": "old@example.org"}, status=201)
        until(lambda: all(left(server)), "its try")
        smtp.replies["rcpt"] = ["250 2.1.5 ok"]
        server.clock("2026-03-02T08:16:00Z")
        until(lambda: not left(server), "the queue is empty")
        same(len(smtp.messages), 1, "nothing for the one who waited too long")


def test_dead_letters():
    with StandIn(rcpt="550 5.1.1 nobody of that name") as smtp, Server(admin_email="root@example.org") as server:
        admin, host, kind = scene(server, smtp)
        for start in (TEN, ELEVEN, NOON):
            host.post("/v1/bookings", booking_body(kind, start, notes="a secret between us"), status=201)
        until(lambda: counts(server).get("dead") == 6, "six dead mails")
        page = admin.get("/v1/admin/jobs?limit=4", status=200).json
        rest = admin.get(f"/v1/admin/jobs?limit=4&cursor={page['next_cursor']}", status=200).json
        dead = page["items"] + rest["items"]
        same((len(page["items"]), len(rest["items"]), rest["next_cursor"]), (4, 2, None), "pages")
        same(len({j["id"] for j in dead}), 6, "each once")
        for job in dead:
            same((job["kind"], job["state"], job["tries"], job["username"]), ("booking_mail", "dead", 1, "ada"), "the job")
            check("nobody of that name" in job["last_error"] and job["done_at"], f"why: {job}")
        check("secret" not in json.dumps(dead) and "payload" not in json.dumps(dead), "what it carries is not shown")
        same(admin.get("/v1/admin/jobs?state=waiting", status=200).json["items"], [], "nothing waits")
        same(admin.get("/v1/admin/jobs?kind=code_mail", status=200).json["items"], [], "of another kind")
        kinds = admin.get("/v1/admin/jobs/kinds", status=200).json["items"]
        same([(k["kind"], k["dead"]) for k in kinds], [("booking_mail", 6)], "kinds")
        # still refused: given up again; then taken
        admin.post(f"/v1/admin/jobs/{dead[0]['id']}/retry", status=202)
        until(lambda: counts(server).get("dead") == 6 and any(j["tries"] == 2 for j in admin.get("/v1/admin/jobs").json["items"]), "dead again")
        smtp.replies["rcpt"] = ["250 2.1.5 ok"]
        admin.post(f"/v1/admin/jobs/{dead[0]['id']}/retry", status=202)
        until(lambda: len(smtp.messages) == 1, "one is sent")
        until(lambda: counts(server).get("dead") == 5, "and recorded")
        admin.post(f"/v1/admin/jobs/{dead[0]['id']}/retry", status=409)
        admin.delete(f"/v1/admin/jobs/{dead[0]['id']}", status=409)
        # one is let go of, and forgotten
        admin.delete(f"/v1/admin/jobs/{dead[1]['id']}", status=204)
        row = server.database().execute("SELECT state, payload FROM job WHERE id = ?",
                                        (bytes.fromhex(dead[1]["id"].replace("-", "")),)).fetchone()
        same(row, ("done", "{}"), "discarded")
        # the rest together
        same(admin.post("/v1/admin/jobs/retry", {"kind": "booking_mail"}, status=200).json, {"retried": 4, "more": False}, "all of a kind")
        until(lambda: len(smtp.messages) == 5, "all are sent")
        until(lambda: "dead" not in counts(server), "none is dead")
        same(admin.get("/v1/admin/jobs/kinds", status=200).json["items"], [], "no kinds")
        actions = [r[0] for r in server.database().execute("SELECT action FROM audit WHERE action LIKE 'job.%' ORDER BY number")]
        same(actions, ["job.retry", "job.retry", "job.discard", "job.retry_kind"], "what admins did is kept")


def test_waiting_and_given_back_tries():
    """A job that ran out of tries has all of them again after a retry."""
    with StandIn(rcpt="451 4.7.1 later") as smtp, Server(admin_email="root@example.org") as server:
        admin, host, kind = scene(server, smtp)
        host.post("/v1/bookings", booking_body(kind, TEN), status=201)
        waiting = until(lambda: (j := admin.get("/v1/admin/jobs?state=waiting").json["items"]) and len(j) == 2 and
                        all(x["last_error"] for x in j) and j, "both wait")
        check(all(j["state"] == "waiting" and "later" in j["last_error"] and j["done_at"] is None for j in waiting), f"{waiting}")
        same(sorted(j["due_at"] for j in waiting), [j["due_at"] for j in waiting], "the next first")
        one = waiting[0]["id"]
        admin.post(f"/v1/admin/jobs/{one}/retry", status=409)
        for _ in range(15):
            due, = server.database().execute("SELECT MAX(due_at) FROM job WHERE state = 'waiting' AND tries > 0").fetchone()
            server.clock(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due)))
            server.settle()
        same(counts(server), {"dead": 2}, "given up after the last try")
        key = server.database().execute("SELECT tries FROM job WHERE state = 'dead'").fetchall()
        same(key, [(16,), (16,)], "after all tries")
        admin = server.client("Bearer " + server.client().post(
            "/v1/sessions", {"email": "root@example.org", "password": admin.password}, status=200).json["access_token"])
        admin.post(f"/v1/admin/jobs/{one}/retry", status=202)
        row = until(lambda: (j := admin.get("/v1/admin/jobs?state=waiting").json["items"]) and j[0]["tries"] == 17 and j[0],
                    "tried again, and waits")
        check(row["id"] == one, "the one that was retried")


def test_figures():
    port = free_port()
    with StandIn(rcpt="550 no") as smtp, Server(admin_email="root@example.org", metrics_listen=f"127.0.0.1:{port}") as server:
        admin, host, kind = scene(server, smtp)
        host.post("/v1/bookings", booking_body(kind, "2026-03-30T10:00:00Z"), status=201)
        until(lambda: counts(server).get("dead") == 2, "dead mails")
        server.clock("2026-03-02T08:00:20Z")

        def figures():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                lines = [line.split(" ") for line in answer.read().decode().splitlines() if line[0] != "#"]
            found = {name: float(value) for name, value in lines}
            return found if found.get("noonmark_jobs_dead") == 2 else None

        found = until(figures, "the figures of the queue")
        same(found['noonmark_jobs_due{lane="own"}'], 0, "a reminder is planned, not due")
        same(found['noonmark_jobs_overdue_seconds{lane="own"}'], 0, "and not late")
        same(found['noonmark_job_late_seconds_count{lane="mail"}'], 2, "two mails were taken")
        same(found['noonmark_job_late_seconds_bucket{lane="mail",le="+Inf"}'], 2, "in the buckets")
        same(found["noonmark_jobs_dead_total"], 2, "given up since the start")


run(globals())
