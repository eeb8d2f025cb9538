#!/usr/bin/python3
"""Fill an embedded database with users, event types and bookings, straight into the tables.

    populate.py DATABASE --users 100000 --event-types 5 --bookings 50

The database must have been made by the server (its schema), and no server may run on it.  Every user has the default
schedule, `event-types` event types of 30 minutes and `bookings` bookings in the working hours to come, one a half hour
from a different day on.  Ids are made of numbers, so that a load can name them: see user_id and event_type_id.
"""
import argparse
import sqlite3
import time

HALF_HOUR = 1800


def identifier(kind, number):
    """A UUIDv7 of a number; kind 1: user, 2: schedule, 3: event type, 4: reservation, 5: booking."""
    return (0x019000000000 + kind).to_bytes(6, "big") + b"\x70\x00\x80\x00" + number.to_bytes(6, "big")


def text(identity):
    """An id as the API writes it."""
    h = identity.hex()
    return "-".join((h[:8], h[8:12], h[12:16], h[16:20], h[20:]))


def user_id(number):
    return identifier(1, number)


def event_type_id(number):
    return identifier(3, number)


WEEKLY = '[{"days":["mon","tue","wed","thu","fri"],"start":"09:00","end":"17:00","kind":"available","from":null,"until":null}]'


def working_half_hours(now):
    """Starts of half hours between 9 and 17 UTC of working days from tomorrow on."""
    day = now // 86400 + 1
    while True:
        if (day + 3) % 7 < 5:
            for slot in range(16):
                yield day * 86400 + 9 * 3600 + slot * HALF_HOUR
        day += 1


def accounts(users, now):
    for n in range(users):
        yield (user_id(n), f"user{n}@example.org", f"user-{n}", "User", "UTC", "en", "user", "paid", 1, now, now)


def event_types(users, each, now):
    for n in range(users * each):
        host = n // each
        yield (event_type_id(n), user_id(host), user_id(host), identifier(2, host), f"type-{n % each}", "Meeting", "",
               '[{"minutes":30,"price":null}]', 0, 0, 0, 60, 1, "[]", "[]", "{}", 1, 0, 1, now, now)


def meetings(users, each, types, now):
    """(reservation row, booking row) of every booking; a user's lie apart by a few half hours."""
    starts = []
    source = working_half_hours(now)
    for _ in range(each * 3 + 64):
        starts.append(next(source))
    for user in range(users):
        for n in range(each):
            number = user * each + n
            start = starts[n * 3 + user % 64]
            kind = event_type_id(user * types + n % types)
            yield number, user, kind, start


def fill(path, users, types, each, now):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -500000")
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    indexes = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN "
                         "('reservation', 'booking', 'event_type')").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    db.executemany("INSERT INTO account (id, email, username, first_name, time_zone, language, role, plan, version,"
                   " created_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?)", accounts(users, now))
    db.executemany("INSERT INTO bookable (id, account_id, kind, version) VALUES (?,?,'person',1)",
                   ((user_id(n), user_id(n)) for n in range(users)))
    db.executemany("INSERT INTO schedule (id, account_id, code, name, time_zone, weekly, overrides, is_default, version,"
                   " created_at, updated_at) VALUES (?,?,'default','Working hours','UTC',?,'[]',1,1,?,?)",
                   ((identifier(2, n), user_id(n), WEEKLY, now, now) for n in range(users)))
    db.executemany("INSERT INTO event_type (id, account_id, bookable_id, schedule_id, code, title, description, durations,"
                   " buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days, seats, locations,"
                   " questions, metadata, active, hidden, version, created_at, updated_at)"
                   " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", event_types(users, types, now))
    db.executemany("INSERT INTO reservation (id, bookable_id, event_type_id, starts_at, ends_at, buffer_before_minutes,"
                   " buffer_after_minutes, seats) VALUES (?,?,?,?,?,0,0,1)",
                   ((identifier(4, n), user_id(u), k, s, s + HALF_HOUR) for n, u, k, s in meetings(users, each, types, now)))
    db.executemany("INSERT INTO booking (id, account_id, event_type_id, reservation_id, status, starts_at, ends_at,"
                   " time_zone, language, invitee_name, invitee_email, title, notes, metadata, sequence, version,"
                   " created_at, updated_at) VALUES (?,?,?,?,'confirmed',?,?,'UTC','en','Invitee',?,'Meeting','','{}',0,1,?,?)",
                   ((identifier(5, n), user_id(u), k, identifier(4, n), s, s + HALF_HOUR, f"i{n % 100000}@example.com", now, now)
                    for n, u, k, s in meetings(users, each, types, now)))
    for _, sql in indexes + triggers:
        db.execute(sql)
    db.commit()
    db.execute("PRAGMA journal_mode = WAL")
    db.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("database")
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--event-types", type=int, default=5)
    parser.add_argument("--bookings", type=int, default=50)
    args = parser.parse_args()
    began = time.time()
    fill(args.database, args.users, args.event_types, args.bookings, int(began))
    print(f"{args.users} users, {args.users * args.event_types} event types, {args.users * args.bookings} bookings "
          f"in {time.time() - began:.0f} s")


if __name__ == "__main__":
    main()
