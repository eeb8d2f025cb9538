#!/usr/bin/python3
"""The schema in sql/: every table and column says what it is for, the text is portable, foreign keys have indexes."""
import pathlib
import re
import sqlite3
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TYPES = {"BLOB", "TEXT", "BIGINT"}
CONSTRAINTS = ("UNIQUE", "PRIMARY", "CHECK", "FOREIGN", "CONSTRAINT", "EXCLUDE")
NOT_PORTABLE = r"\b(AUTOINCREMENT|WITHOUT\s+ROWID|STRICT|DEFERRABLE|PRAGMA|SERIAL|JSONB|BYTEA|TIMESTAMP|COLLATE|GLOB)\b"


def for_engine(text, engine):
    """The lines of one engine; lines of none keep their place as empty ones."""
    ours, lines = True, []
    for line in text.splitlines():
        mark = re.match(r"-- engine: (\w+)\s*$", line)
        if mark:
            ours = mark[1] in ("any", engine)
        lines.append(line if ours and not mark else "")
    return lines


def shared(text):
    """The lines outside of every engine's block."""
    return for_engine(text, "none")


def columns(lines):
    """(table, column, type, comment, line number) of every column that the text makes."""
    table = None
    for number, line in enumerate(lines, 1):
        code, _, comment = line.partition("--")
        start = re.match(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", code)
        added = re.match(r"ALTER TABLE (\w+) ADD COLUMN (\w+)\s+(\w+)", code)
        inside = re.match(r"\s+\"?(\w+)\"?(?:\s+(\w+))?", code)
        if start:
            table = start[1]
        elif added:
            yield added[1], added[2], added[3], comment.strip(), number
        elif code.startswith(")"):
            table = None
        elif table and inside and inside[1].upper() not in CONSTRAINTS:
            yield table, inside[1], inside[2], comment.strip(), number


def tables(lines):
    """(table, whether a comment with its name stands above it, line number)."""
    for number, line in enumerate(lines, 1):
        start = re.match(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", line)
        if not start:
            continue
        above = number - 1
        while above and lines[above - 1].startswith("--"):
            above -= 1
        first = lines[above] if above < number - 1 else ""
        yield start[1], first.startswith(f"-- {start[1]}: "), number


def lint(text):
    """What is wrong with one migration's text."""
    wrong = []
    for table, described, number in tables(for_engine(text, "sqlite")):
        if not described:
            wrong.append(f"{number}: table {table} has no comment \"-- {table}: what it is\" above it")
    for table, column, kind, comment, number in columns(for_engine(text, "sqlite")):
        if len(comment) < 3:
            wrong.append(f"{number}: column {table}.{column} has no comment on its line")
        if kind not in TYPES:
            wrong.append(f"{number}: column {table}.{column} has type {kind}: both engines have {', '.join(sorted(TYPES))}")
    for number, line in enumerate(shared(text), 1):
        found = re.search(NOT_PORTABLE, line.partition("--")[0], re.IGNORECASE)
        if found:
            wrong.append(f"{number}: {found[0]} is not for both engines: put it into a block of one")
    if re.search(r"^\s*(BEGIN|COMMIT|ROLLBACK|END)\s*(TRANSACTION)?\s*;", "\n".join(shared(text)), re.M | re.I):
        wrong.append("a migration must not begin or end a transaction: all run in one")
    return wrong


def compare(database, texts):
    """The parser above must have seen every column that the database has."""
    seen = {(c[0], c[1]) for text in texts for c in columns(for_engine(text, "sqlite"))}
    made = set()
    for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"):
        made |= {(table, row[1]) for row in database.execute(f"PRAGMA table_info({table})")}
    return [f"column {t}.{c} was not checked" for t, c in sorted(made - seen)]


def foreign_keys(database):
    """A foreign key's columns lead an index, or each delete of a parent reads the whole child."""
    wrong = []
    for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        indexes, keys = [], {}
        for index in database.execute(f"PRAGMA index_list({table})").fetchall():
            indexes.append([row[2] for row in database.execute(f"PRAGMA index_info({index[1]})").fetchall()])
        for key in database.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            keys.setdefault((key[0], key[2]), set()).add(key[3])
        for (_, parent), columns in keys.items():
            if not any(set(index[:len(columns)]) == columns for index in indexes):
                wrong.append(f"{table}.{', '.join(sorted(columns))} refers to {parent}, and no index begins with it")
    return wrong


def build(texts):
    database = sqlite3.connect(":memory:")
    for text in texts:
        database.executescript("\n".join(for_engine(text, "sqlite")))
    return database


BAD = [
    ("-- a: what\nCREATE TABLE a (\n\tid BLOB PRIMARY KEY, -- the id\n\tb TEXT NOT NULL\n);", "a.b has no comment"),
    ("CREATE TABLE a (\n\tid BLOB PRIMARY KEY -- the id\n);", "table a has no comment"),
    ("-- b: what\nCREATE TABLE a (\n\tid BLOB PRIMARY KEY -- the id\n);", "table a has no comment"),
    ("-- a: what\nCREATE TABLE a (\n\tid JSON PRIMARY KEY -- the id\n);", "type JSON"),
    ("-- a: what\nCREATE TABLE a (\n\tid BLOB PRIMARY KEY -- the id\n) STRICT;", "STRICT is not"),
    ("ALTER TABLE a ADD COLUMN c TEXT;", "a.c has no comment"),
    ("COMMIT;", "begin or end a transaction"),
]
GOOD = ("-- a: what\nCREATE TABLE a (\n\tid BLOB PRIMARY KEY, -- the id\n\tb TEXT, -- the text, (in) words\n\tUNIQUE (b)\n)\n"
        "-- engine: sqlite\nSTRICT\n-- engine: any\n;")


def cases():
    """(name, what is wrong) of every check."""
    for text, want in BAD:
        found = lint(text)
        yield f"the check for \"{want}\"", [] if any(want in w for w in found) else [f"found {found}"]
    yield "the check of a good text", lint(GOOD)
    database = sqlite3.connect(":memory:")
    database.executescript("CREATE TABLE p (id BLOB PRIMARY KEY); CREATE TABLE c (p BLOB REFERENCES p (id))")
    yield "the check of foreign keys", [] if foreign_keys(database) else ["found nothing"]
    database.executescript("DROP TABLE c; DROP TABLE p; CREATE TABLE p (a BLOB, b BLOB, PRIMARY KEY (a, b));"
                           "CREATE TABLE c (x BLOB, y BLOB, FOREIGN KEY (x, y) REFERENCES p (a, b)); CREATE INDEX i ON c (x)")
    yield "the check of foreign keys of two columns", [] if foreign_keys(database) else ["found nothing"]
    yield "the check that all columns were seen", [] if compare(database, [GOOD]) else ["found nothing"]
    files = sorted((ROOT / "sql").glob("*.sql"))
    texts = [f.read_text() for f in files]
    for file, text in zip(files, texts):
        yield f"sql/{file.name}", lint(text)
    database = build(texts)
    yield "every column was checked", compare(database, texts)
    yield "foreign keys have indexes", foreign_keys(database)
    yield "there are migrations", [] if files else ["none found"]


def main():
    passed = failed = 0
    for name, wrong in cases():
        passed += not wrong
        failed += bool(wrong)
        for line in wrong:
            print(f"FAIL {name}: {line}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
