#!/usr/bin/python3
"""Fill a database of PostgreSQL with users, event types and bookings, as populate.py does the embedded one: the same rows
with the same ids, made inside the server.

    populate_postgresql.py URL --users 1000000 --event-types 1 --bookings 20

The schema must be there (a server was started on it once), and no rows.  Indexes and the exclusion constraint are taken
off meanwhile and put back; the constraint takes most of the time, and --without-exclusion leaves it off.
"""
import argparse
import time

import psycopg2

import populate

HEAVY = ("reservation", "booking", "event_type")


def identity(kind, number):
    """SQL for populate.identifier(kind, number)."""
    return f"decode('{0x019000000000 + kind:012x}70008000' || lpad(to_hex({number}), 12, '0'), 'hex')"


def taken_off(cursor):
    """Drops what is not a primary key; returns what brings it back."""
    cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x' AND conrelid = 'reservation'::regclass")
    back = []
    for name, definition in cursor.fetchall():
        cursor.execute(f"ALTER TABLE reservation DROP CONSTRAINT {name}")
        back.append(f"ALTER TABLE reservation ADD CONSTRAINT {name} {definition}")
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s) AND indexname NOT IN "
                   "(SELECT conname FROM pg_constraint)", (list(HEAVY),))
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        back.append(definition)
    return back


def statements(users, types, each, now):
    """In order: each with what it makes."""
    source = populate.working_half_hours(now)
    starts = ",".join(str(next(source)) for _ in range(each * 3 + 64))
    meetings = (f"(SELECT u, n, u * {each}::bigint + n AS number, (ARRAY[{starts}]::bigint[])[n * 3 + u % 64 + 1] AS s, "
                f"{identity(3, f'u * {types} + n % {types}')} AS kind "
                f"FROM generate_series(0, {users} - 1) u, generate_series(0, {each} - 1) n) m")
    yield "accounts", (f"INSERT INTO account (id, email, username, first_name, time_zone, language, role, plan, version, created_at, "
                       f"updated_at) SELECT {identity(1, 'u')}, 'user' || u || '@example.org', 'user-' || u, 'User', 'UTC', 'en', 'user', "
                       f"'paid', 1, {now}, {now} FROM generate_series(0, {users} - 1) u")
    yield "bookables", (f"INSERT INTO bookable (id, account_id, kind, version) SELECT {identity(1, 'u')}, {identity(1, 'u')}, 'person', 1 "
                        f"FROM generate_series(0, {users} - 1) u")
    yield "schedules", (f"INSERT INTO schedule (id, account_id, code, name, time_zone, weekly, overrides, is_default, version, created_at, "
                        f"updated_at) SELECT {identity(2, 'u')}, {identity(1, 'u')}, 'default', 'Working hours', 'UTC', "
                        f"'{populate.WEEKLY}', '[]', 1, 1, {now}, {now} FROM generate_series(0, {users} - 1) u")
    yield "event types", (f"INSERT INTO event_type (id, account_id, bookable_id, schedule_id, code, title, description, durations, "
                          f"buffer_before_minutes, buffer_after_minutes, minimum_notice_minutes, horizon_days, seats, locations, questions, "
                          f"metadata, active, hidden, version, created_at, updated_at) SELECT {identity(3, f'u * {types} + n')}, "
                          f"{identity(1, 'u')}, {identity(1, 'u')}, {identity(2, 'u')}, 'type-' || n, 'Meeting', '', "
                          f"""'[{{"minutes":30,"price":null}}]', 0, 0, 0, 60, 1, '[]', '[]', '{{}}', 1, 0, 1, {now}, {now} """
                          f"FROM generate_series(0, {users} - 1) u, generate_series(0, {types} - 1) n")
    yield "reservations", (f"INSERT INTO reservation (id, bookable_id, event_type_id, starts_at, ends_at, buffer_before_minutes, "
                           f"buffer_after_minutes, seats) SELECT {identity(4, 'number')}, {identity(1, 'u')}, kind, s, "
                           f"s + {populate.HALF_HOUR}, 0, 0, 1 FROM {meetings}")
    yield "bookings", (f"INSERT INTO booking (id, account_id, event_type_id, reservation_id, status, starts_at, ends_at, time_zone, "
                       f"language, invitee_name, invitee_email, title, notes, metadata, sequence, version, created_at, updated_at) "
                       f"SELECT {identity(5, 'number')}, {identity(1, 'u')}, kind, {identity(4, 'number')}, 'confirmed', s, "
                       f"s + {populate.HALF_HOUR}, 'UTC', 'en', 'Invitee', 'i' || number % 100000 || '@example.com', 'Meeting', '', '{{}}', "
                       f"0, 1, {now}, {now} FROM {meetings}")


def disown(url):
    """Nothing in it is sealed: it may be the next server's, whatever its key."""
    with psycopg2.connect(url) as connection:
        connection.cursor().execute("DELETE FROM key_mark")
    connection.close()


def fill(url, users, types, each, now, exclusion=True, tell=lambda what, seconds: None):
    connection = psycopg2.connect(url)
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET maintenance_work_mem = '1GB'")
    back = [sql for sql in taken_off(cursor) if exclusion or "EXCLUDE" not in sql]
    for what, sql in [*statements(users, types, each, now), *(("index", sql) for sql in back), ("statistics", "VACUUM ANALYZE")]:
        began = time.monotonic()
        cursor.execute(sql)
        tell(what, time.monotonic() - began)
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--event-types", type=int, default=1)
    parser.add_argument("--bookings", type=int, default=20)
    parser.add_argument("--without-exclusion", action="store_true")
    args = parser.parse_args()
    fill(args.url, args.users, args.event_types, args.bookings, int(time.time()), not args.without_exclusion,
         lambda what, seconds: print(f"{what:14} {seconds:8.1f} s", flush=True))


if __name__ == "__main__":
    main()
