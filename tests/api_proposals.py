#!/usr/bin/python3
"""Back and forth: other times proposed by either side, held until they are answered; and asking for another time."""

import re

from api_life import IVY, TUESDAY, book, is_free, scene, state, step, subjects
from noonmark import Server, booking_body, check, run, same, until

THREE = ["2026-03-04T10:00:00Z", "2026-03-04T14:00:00Z", "2026-03-05T09:00:00Z"]


def propose(client, booking, starts, status=200, **members):
    return step(client, booking, "propose", {"starts": starts, **members}, status)


def held(server, booking):
    """What a proposal of a booking's host reserved, as (start, end)."""
    return server.database().execute(
        "SELECT r.starts_at, r.ends_at FROM hold h JOIN reservation r ON r.id = h.reservation_id"
        " WHERE h.proposal_id IS NOT NULL AND r.event_type_id = ? ORDER BY r.starts_at",
        (bytes.fromhex(booking["event_type"]["id"].replace("-", "")),)).fetchall()


def test_host_proposes_and_invitee_accepts(server):
    host, kind = scene(server)
    b = book(server, kind, TUESDAY, address="ida@example.org", guests=[{"email": "gus@example.org"}])
    mine, calls = server.invitee(b), host.account["email"]
    done = propose(host, b, THREE[::-1], note="A train strike")
    same((done["status"], done["start"], done["sequence"], done["version"]), ("confirmed", TUESDAY, 0, 2), "nothing moved")
    same(done["proposal"], {"by": "host", "starts": THREE, "note": "A train strike", "expires_at": "2026-03-03T08:00:00Z"}, "the proposal")
    same(mine.get(f"/v1/bookings/{b['id']}", status=200).json["proposal"]["starts"], THREE, "the invitee sees it")
    check(not any(is_free(server, kind, s) for s in [TUESDAY, *THREE]), "all of them are held, and the old time too")
    until(lambda: len(subjects(server, "ida@example.org", "Another time proposed")) == 1, "the invitee is told")
    mail = [m for m in server.mails("ida@example.org") if "proposed" in str(m["Subject"])][0]
    words = mail.get_body(("plain",)).get_content()
    check("A train strike" in words and "4 March 2026, 15:00" in words and b["manage_url"] in words, "what, why and where to answer")
    same(subjects(server, calls, "proposed"), [], "who proposes gets no mail")
    step(host, b, "accept", {"start": THREE[1]}, 403)
    step(mine, b, "withdraw", status=403)
    same(step(mine, b, "accept", {"start": "2026-03-04T11:00:00Z"}, 400)["errors"][0]["field"], "/start", "none of them")
    done = step(mine, b, "accept", {"start": THREE[1]})
    same((done["status"], done["start"], done["sequence"], done["proposal"], done["uid"]),
         ("confirmed", THREE[1], 1, None, b["uid"]), "moved: the same booking")
    same([is_free(server, kind, s) for s in [TUESDAY, *THREE]], [True, True, False, True], "only its own time is taken")
    until(lambda: all(len(subjects(server, a, "Moved to")) == 1 for a in ("ida@example.org", calls, "gus@example.org")), "everybody is told once")
    told = [m for m in server.mails(calls) if "Moved to" in str(m["Subject"])][0]
    check("Ivy Invitee accepted" in told.get_body(("plain",)).get_content(), "by whom")
    ics = [p for p in told.walk() if p.get_content_type() == "text/calendar"][0].get_content()
    check("SEQUENCE:1" in ics and "METHOD:REQUEST" in ics and "DTSTART:20260304T140000Z" in ics, "as calendars need it")
    step(mine, b, "accept", {"start": THREE[1]}, 422)
    actions = [s["action"] for s in host.get(f"/v1/bookings/{b['id']}/log", status=200).json["items"] if (s["action"] or "").startswith("booking.")]
    same(actions, ["booking.create", "booking.propose", "booking.accept"], "the log")


def test_invitee_proposes_and_host_declines(server):
    host, kind = scene(server)
    b = book(server, kind, TUESDAY, address="ike@example.org")
    mine = server.invitee(b)
    same(propose(mine, b, THREE)["proposal"]["by"], "invitee", "by whom")
    until(lambda: subjects(server, host.account["email"], "proposed"), "the host is told")
    done = step(host, b, "decline", {"reason": "I am away that week"})
    same((done["status"], done["start"], done["sequence"], done["version"], done["proposal"]), ("confirmed", TUESDAY, 0, 3, None), "as it was")
    check(all(is_free(server, kind, s) for s in THREE), "the held times are free")
    until(lambda: subjects(server, "ike@example.org", "Declined"), "the invitee is told")
    told = [m for m in server.mails("ike@example.org") if "Declined" in str(m["Subject"])][0].get_body(("plain",)).get_content()
    check("I am away that week" in told and "3 March 2026, 10:00" in told, "why, and that the meeting stays")
    step(host, b, "decline", status=422)
    propose(mine, b, THREE)
    until(lambda: len(subjects(server, host.account["email"], "proposed")) == 2, "proposed again, told again")
    same(step(mine, b, "withdraw")["proposal"], None, "withdrawn")
    check(all(is_free(server, kind, s) for s in THREE), "and free")
    until(lambda: subjects(server, host.account["email"], "Withdrawn"), "the host is told")


def test_one_open_proposal(server):
    host, kind = scene(server)
    b = book(server, kind, TUESDAY)
    propose(host, b, THREE[:2])
    done = propose(server.invitee(b), b, THREE[1:])
    same((done["proposal"]["by"], done["proposal"]["starts"]), ("invitee", THREE[1:]), "a new one replaces the old")
    same([is_free(server, kind, s) for s in THREE], [True, False, False], "and frees what only the old one held")
    propose(host, b, ["2026-03-06T09:00:00Z", THREE[0].replace("10:00", "10:07")], 422)
    same(host.get(f"/v1/bookings/{b['id']}", status=200).json["proposal"]["starts"], THREE[1:], "what fails replaces nothing")


def test_what_can_be_proposed(server):
    host, kind = scene(server)
    b = book(server, kind, TUESDAY)
    other = book(server, kind, THREE[0])
    for starts, status, code in (([], 400, "invalid"), ([THREE[1]] * 2, 400, "invalid"), ([TUESDAY], 400, "invalid"),
                                 ([f"2026-03-05T{h:02}:00:00Z" for h in range(9, 15)], 400, "invalid"), ([THREE[0]], 409, "slot_taken"),
                                 (["2026-03-07T10:00:00Z"], 422, "slot_not_offered"), (["2026-03-02T07:00:00Z"], 422, "slot_not_offered")):
        for client in (host, server.invitee(b)):
            answer = client.post(f"/v1/bookings/{b['id']}/propose", {"starts": starts}, status=status)
            same(answer.code, code, f"{starts}")
    server.client().post(f"/v1/bookings/{b['id']}/propose", {"starts": THREE[1:]}, status=401)
    server.invitee(other).post(f"/v1/bookings/{b['id']}/propose", {"starts": THREE[1:]}, status=404)
    scene(server)[0].post(f"/v1/bookings/{b['id']}/propose", {"starts": THREE[1:]}, status=404)
    step(host, b, "cancel")
    propose(host, b, THREE[1:], 422)


def test_overlapping_times(server):
    """Half an hour later overlaps the meeting itself, and choices overlap each other: only one will be used."""
    host, kind = scene(server, interval_minutes=15, buffer_before_minutes=15, buffer_after_minutes=15)
    b = book(server, kind, TUESDAY)
    starts = [f"2026-03-03T{t}:00Z" for t in ("09:45", "10:15", "10:30", "10:45")]
    propose(host, b, starts)
    rows = [(s - 1772532000, e - 1772532000) for s, e in held(server, b)]  # from the meeting's start at 10
    same(rows, [(-900, 0), (1800, 2700), (2700, 4500)], "held without the meeting, and each until the next")
    stranger = server.slots(kind)
    check(all("09:15" > s[11:16] or s[11:16] >= "11:30" for s in stranger if s.startswith("2026-03-03")), "nothing in between is offered")
    moved = step(server.invitee(b), b, "accept", {"start": starts[1]})
    same(moved["start"], starts[1], "15 minutes later")
    same(held(server, b), [], "nothing is held any more")
    propose(host, moved, [TUESDAY])
    same(step(server.invitee(b), b, "accept", {"start": TUESDAY})["start"], TUESDAY, "and back")


def test_limits_count_one(server):
    """Five times on a day with room for one meeting: only one will be used."""
    host, kind = scene(server, limits={"day": 1, "week": None, "month": None})
    b = book(server, kind, TUESDAY)
    starts = [f"2026-03-04T{h:02}:00:00Z" for h in range(9, 14)]
    propose(host, b, starts)
    check(not is_free(server, kind, "2026-03-04T16:00:00Z"), "the day counts as full meanwhile")
    same(step(server.invitee(b), b, "accept", {"start": starts[4]})["start"], starts[4], "accepted")


def test_shared_seats(server):
    host, kind = scene(server, seats=2)
    b = book(server, kind, TUESDAY)
    book(server, kind, THREE[0], address="ida@example.org")
    propose(host, b, [THREE[0]])
    book(server, kind, THREE[0], status=409, address="ike@example.org")
    moved = step(server.invitee(b), b, "accept", {"start": THREE[0]})
    same(moved["start"], THREE[0], "the held seat is taken")
    book(server, kind, THREE[0], status=409, address="ike@example.org")
    step(host, moved, "cancel")
    book(server, kind, THREE[0], address="ike@example.org")


def test_proposal_lapses():
    with Server() as server:
        host, kind = scene(server)
        b = book(server, kind, "2026-03-05T10:00:00Z")
        propose(host, b, ["2026-03-06T10:00:00Z"])
        server.clock("2026-03-03T07:59:59Z")
        check(not is_free(server, kind, "2026-03-06T10:00:00Z"), "held to the last second")
        server.clock("2026-03-03T08:00:00Z")
        check(is_free(server, kind, "2026-03-06T10:00:00Z"), "and no longer")
        step(server.invitee(b), b, "accept", {"start": "2026-03-06T10:00:00Z"}, (410, 422))  # as it runs out, or has
        until(lambda: subjects(server, IVY, "Not answered") and subjects(server, host.account["email"], "Not answered"), "both are told")
        after = host.get(f"/v1/bookings/{b['id']}", status=200).json
        same((after["status"], after["start"], after["proposal"], after["sequence"]), ("confirmed", "2026-03-05T10:00:00Z", None, 0), "as it was")
        same(server.database().execute("SELECT COUNT(*) FROM proposal").fetchone()[0], 0, "nothing is left")


def test_two_hours_before(server):
    host, kind = scene(server)
    b = book(server, kind, "2026-03-02T16:00:00Z")
    same(propose(host, b, ["2026-03-02T13:00:00Z", TUESDAY])["proposal"]["expires_at"], "2026-03-02T11:00:00Z", "2 hours before the first of them")
    same(propose(host, b, [TUESDAY])["proposal"]["expires_at"], "2026-03-02T14:00:00Z", "2 hours before the meeting itself")


def test_promised_notice_holds():
    """What was offered in time can be accepted later, though it would be too short notice by then."""
    with Server() as server:
        host, kind = scene(server, minimum_notice_minutes=1440)
        b = book(server, kind, "2026-03-05T10:00:00Z")
        propose(host, b, ["2026-03-03T10:00:00Z"])
        server.clock("2026-03-02T16:00:00Z")
        same(step(server.invitee(b), b, "accept", {"start": "2026-03-03T10:00:00Z"})["start"], "2026-03-03T10:00:00Z", "held is held")


def test_requests():
    """A request that waits: proposing answers it with other times, accepting confirms, whoever accepts."""
    with Server() as server:
        host, kind = scene(server, confirmation="always")
        b = book(server, kind, TUESDAY)
        done = propose(host, b, THREE)
        same((done["status"], done["proposal"]["expires_at"]), ("pending", b["pending_until"]), "no longer than the request itself")
        done = step(server.invitee(b), b, "accept", {"start": THREE[0]})
        same((done["status"], done["pending_until"], done["start"]), ("confirmed", None, THREE[0]), "both said yes")
        b = book(server, kind, TUESDAY)
        propose(server.invitee(b), b, THREE[1:])
        same(step(host, b, "accept", {"start": THREE[2]})["status"], "confirmed", "the host's yes confirms")
        for ending, free in (("confirm", False), ("reject", True), ("cancel", True)):
            b = book(server, kind, TUESDAY)
            propose(host, b, [THREE[1]])
            done = step(host, b, ending)
            same((done["proposal"], is_free(server, kind, THREE[1]), is_free(server, kind, TUESDAY)), (None, True, free), f"{ending} ends the proposal")
            step(server.invitee(b), b, "accept", {"start": THREE[1]}, 422)
            if ending == "confirm":
                step(host, b, "cancel")
        b = book(server, kind, TUESDAY)
        propose(host, b, [THREE[1]])
        server.clock(b["pending_until"])
        until(lambda: state(host, b) == "expired", "the request expires")
        check(is_free(server, kind, THREE[1]), "and its proposal with it")


def test_rescheduling_ends_it(server):
    host, kind = scene(server)
    b = book(server, kind, TUESDAY)
    propose(host, b, THREE)
    done = step(server.invitee(b), b, "reschedule", {"start": THREE[0]})
    same((done["start"], done["proposal"]), (THREE[0], None), "to one of the held times, by the other way")
    check(is_free(server, kind, THREE[1]), "the others are free")
    same(held(server, done), [], "nothing is held")


def test_cutoffs_and_reasons():
    with Server() as server:
        host, kind = scene(server, reschedule_notice_minutes=180, reason_required=True)
        b = book(server, kind, "2026-03-02T13:00:00Z")
        mine = server.invitee(b)
        same(propose(mine, b, [TUESDAY], 422)["errors"][0]["field"], "/note", "why")
        propose(mine, b, [TUESDAY], note="Ill")
        propose(host, b, [TUESDAY, THREE[0]])
        server.clock("2026-03-02T10:00:01Z")
        propose(mine, b, [TUESDAY], 422, note="Ill")
        step(mine, b, "accept", {"start": TUESDAY}, 422)
        same(step(mine, b, "decline")["proposal"], None, "declining is never too late")
        same(propose(host, b, [TUESDAY])["proposal"]["by"], "host", "the host may")


def test_holds_of_proposals_are_nobodys(server):
    host, kind = scene(server)
    b = book(server, kind, TUESDAY)
    propose(host, b, [THREE[0]])
    for (raw,) in server.database().execute("SELECT id FROM hold WHERE proposal_id IS NOT NULL").fetchall():
        text = raw.hex()
        server.client().delete(f"/v1/holds/{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}", status=404)


def test_ask_for_another_time(server):
    host, kind = scene(server)
    b = book(server, kind, TUESDAY, address="isa@example.org")
    step(server.invitee(b), b, "request-reschedule", status=403)
    done = step(host, b, "request-reschedule", {"reason": "A clash"})
    same((done["status"], done["start"], done["sequence"], done["asked_at"], done["asked_reason"]),
         ("confirmed", TUESDAY, 0, "2026-03-02T08:00:00Z", "A clash"), "asked, and nothing else")
    until(lambda: subjects(server, "isa@example.org", "choose another time"), "the invitee is told")
    told = [m for m in server.mails("isa@example.org") if "choose another" in str(m["Subject"])][0].get_body(("plain",)).get_content()
    check("A clash" in told and b["manage_url"] + "?move=1" in told, "why, and where")
    same(step(host, b, "request-reschedule", {"reason": "Again"})["version"], done["version"], "a repeat changes nothing")
    moved = step(server.invitee(b), b, "reschedule", {"start": THREE[0]})
    same((moved["asked_at"], moved["asked_reason"]), (None, None), "done with")
    server.settle()
    same(len(subjects(server, "isa@example.org", "choose another time")), 1, "told once")
    step(host, b, "cancel")
    step(host, b, "request-reschedule", status=422)


def test_requests_by_their_end():
    with Server() as server:
        host, kind = scene(server, confirmation="always")
        late = book(server, kind, "2026-03-05T10:00:00Z")       # until Tuesday 8:00
        server.clock("2026-03-02T09:00:00Z")
        later = book(server, kind, "2026-03-04T10:00:00Z", address="ida@example.org")  # until Tuesday 9:00
        soon = book(server, kind, "2026-03-02T15:00:00Z", address="ike@example.org")   # until today 13:00
        ask = "/v1/bookings?status=pending&order=pending_until"
        same([b["id"] for b in host.get(ask, status=200).json["items"]], [soon["id"], late["id"], later["id"]], "what runs out first")
        seen, cursor = [], ""
        while cursor is not None:
            page = host.get(ask + "&limit=1" + (f"&cursor={cursor}" if cursor else ""), status=200).json
            seen += [b["id"] for b in page["items"]]
            cursor = page["next_cursor"]
        same(seen, [soon["id"], late["id"], later["id"]], "page by page")
        by_start = host.get("/v1/bookings?status=pending", status=200).json["items"]
        same([b["id"] for b in by_start], [soon["id"], later["id"], late["id"]], "else by start")
        same(sorted(host.get(ask).json["items"], key=lambda b: b["start"]), by_start, "and the same is said of each")
        same(host.get("/v1/bookings?order=pending_until", status=400).fields, ["/order"], "only for requests")


def everything(server):
    database = server.database()
    return {table: sorted(map(repr, database.execute(f"SELECT * FROM {table}").fetchall())) for table in server.tables()}


def test_mailed_links_change_nothing():
    """Who opens the links of a mail, as scanners do, does nothing by it: they only show."""
    with Server() as server:
        host, kind = scene(server, confirmation="always")
        b = book(server, kind, TUESDAY, guests=[{"email": "gus@example.org"}])
        step(host, b, "confirm")
        propose(host, b, THREE[:1])
        step(server.invitee(b), b, "decline")
        propose(server.invitee(b), b, THREE[1:])
        step(host, b, "request-reschedule")
        pending, lost = book(server, kind, THREE[0]), book(server, kind, "2026-03-06T09:00:00Z")
        propose(host, pending, ["2026-03-06T11:00:00Z"])
        step(host, lost, "reject")
        server.settle()
        links = set()
        for mail in server.mails():
            for part in mail.walk():
                if part.get_content_maintype() == "text":
                    links |= set(re.findall(re.escape(server.base) + r"[^\s\"<>]*", part.get_content().replace("&amp;", "&")))
        check(any("?move=1" in link for link in links) and len(links) >= 6, f"links of all kinds: {len(links)}")
        before, client = everything(server), server.client()
        for link in sorted(links | {link + "?propose=1" for link in links if "/b/" in link and "?" not in link}):
            for method in ("HEAD", "GET"):
                answer = client.send(method, link[len(server.base):], headers={"Accept": "text/html"})
                check(answer.status in (200, 303), f"{method} {link}: {answer.status}")
        after = everything(server)
        same([table for table in before if before[table] != after[table]], [], "tables that were changed")


def test_erasure_frees_all(server):
    host = server.register("leaver")
    kind = host.make_event_type("talk", minimum_notice_minutes=0)
    proof = server.prove("iris@example.org")
    b = server.client().post("/v1/bookings", booking_body(kind, TUESDAY, email_proof=proof, address="iris@example.org"), status=201).json
    host.post(f"/v1/bookings/{b['id']}/propose", {"starts": THREE, "note": "private words"}, status=200)
    host.delete("/v1/me", status=204)
    rows = server.database().execute("SELECT COUNT(*) FROM proposal WHERE note = 'private words'").fetchone()
    same(rows[0], 0, "the words are gone, and what was held")


if __name__ == "__main__":
    run(globals())
