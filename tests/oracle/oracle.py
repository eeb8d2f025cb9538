"""What a slot is, by walking every minute: docs/semantics.md turned into code as literally as can be.

Nothing is shared with the engine: another language, Python's zoneinfo for the zones, and no intervals: a question
about a stretch of time is asked of each of its minutes.  Slow and simple on purpose.
"""
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MINUTE = 60
DAY_MINUTES = 1440


def instant(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def text(t):
    return datetime.fromtimestamp(t, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def minute_of_day(hhmm):
    return int(hhmm[:2]) * 60 + int(hhmm[3:])


@lru_cache(maxsize=None)
def zone(name):
    return ZoneInfo(name)


@lru_cache(maxsize=1 << 15)
def wall(name, t):
    """The date and the minute of the day that a clock in the zone shows at t."""
    w = datetime.fromtimestamp(t, zone(name))
    return w.date(), w.hour * 60 + w.minute


def window_minutes(start, end):
    """Minutes after the midnight of the date it belongs to; past 1440 they are the next day's."""
    first, last = minute_of_day(start), minute_of_day(end)
    return set(range(first, last if last > first else last + DAY_MINUTES))


class Case:
    def __init__(self, case):
        self.case = case
        self.schedule = case["schedule"]
        self.zone = self.schedule["time_zone"]
        self.event = case["event"]
        self.query = case["query"]
        self.first = date.fromisoformat(self.query["from"])
        self.last = date.fromisoformat(self.query["to"])
        self.overrides = {date.fromisoformat(o["date"]): o for o in self.schedule.get("overrides", [])}
        self.one_offs = [(o["kind"], instant(o["start"]), instant(o["end"]))
                         for o in self.schedule.get("one_offs", [])]
        self.meetings = [dict(m, start=instant(m["start"]), end=instant(m["end"])) for m in case.get("meetings", [])]
        self.busy = [(instant(b["start"]), instant(b["end"])) for b in case.get("busy", [])]
        self.date_minutes = {}
        self.open_minutes = {}

    def minutes_of(self, d):
        """The open minutes that belong to a date, whether the zone has that date or not."""
        if d not in self.date_minutes:
            found = {"available": set(), "busy": set()}
            if d in self.overrides:
                for i in self.overrides[d].get("intervals", []):
                    found["available"] |= window_minutes(i["start"], i["end"])
            else:
                for rule in self.schedule.get("weekly", []):
                    since, until = rule.get("from"), rule.get("until")
                    if DAYS[d.weekday()] not in rule["days"]:
                        continue
                    if (since and d < date.fromisoformat(since)) or (until and d > date.fromisoformat(until)):
                        continue
                    found[rule.get("kind", "available")] |= window_minutes(rule["start"], rule["end"])
            self.date_minutes[d] = found["available"] - found["busy"]
        return self.date_minutes[d]

    def is_open(self, t):
        """By rules, overrides and available one-offs."""
        if t not in self.open_minutes:
            d, m = wall(self.zone, t)
            self.open_minutes[t] = (m in self.minutes_of(d)
                                    or m + DAY_MINUTES in self.minutes_of(d - timedelta(days=1))
                                    or any(k == "available" and a <= t < b for k, a, b in self.one_offs))
        return self.open_minutes[t]

    def is_taken(self, t):
        return any(k == "busy" and a <= t < b for k, a, b in self.one_offs)

    def is_asked(self, t):
        return self.first <= wall(self.query["time_zone"], t)[0] <= self.last

    def walk(self):
        """Every minute of the query's dates in any zone, and at least a day before."""
        epoch = date(1970, 1, 1)
        start = ((self.first - epoch).days - 2) * DAY_MINUTES * MINUTE
        end = ((self.last - epoch).days + 2) * DAY_MINUTES * MINUTE
        return range(start, end, MINUTE)

    def candidates(self):
        interval = self.event.get("interval_minutes", self.event["duration_minutes"])
        piece = None
        before = None
        for t in self.walk():
            today = wall(self.zone, t)[0]
            if not self.is_open(t):
                piece = None
            elif piece is None or today != before:
                piece = t
            if piece is not None and (t - piece) // MINUTE % interval == 0:
                yield t
            before = today

    def limit_reached(self, s):
        limits = self.event.get("limits", {})
        today = wall(self.zone, s)[0]
        dates = [wall(self.zone, m["start"])[0] for m in self.meetings if m.get("same_event", True)]
        counts = {
            "day": sum(d == today for d in dates),
            "week": sum(d.isocalendar()[:2] == today.isocalendar()[:2] for d in dates),
            "month": sum((d.year, d.month) == (today.year, today.month) for d in dates),
        }
        return any(name in limits and counts[name] >= limits[name] for name in counts)

    def is_joinable(self, m, s, e):
        return (m.get("same_event", True) and m["start"] == s and m["end"] == e
                and m.get("seats_taken", 1) < self.event.get("seats", 1))

    def is_free(self, s, e):
        before = self.event.get("buffer_before_minutes", 0) * MINUTE
        after = self.event.get("buffer_after_minutes", 0) * MINUTE
        for m in self.meetings:
            if self.is_joinable(m, s, e):
                continue
            own_before = m.get("buffer_before_minutes", 0) * MINUTE
            own_after = m.get("buffer_after_minutes", 0) * MINUTE
            if s - before < m["end"] and m["start"] < e + after:
                return False
            if s < m["end"] + own_after and m["start"] - own_before < e:
                return False
        return not any(s - before < b and a < e + after for a, b in self.busy)

    def is_slot(self, s):
        """Of a candidate."""
        e = s + self.event["duration_minutes"] * MINUTE
        now = instant(self.case["now"])
        today = wall(self.zone, s)[0]
        window = self.event.get("window")
        if not self.is_asked(s) or s < now + self.event.get("minimum_notice_minutes", 0) * MINUTE:
            return False
        if "horizon_days" in self.event:
            if today > wall(self.zone, now)[0] + timedelta(days=self.event["horizon_days"]):
                return False
        if window and not date.fromisoformat(window["from"]) <= today <= date.fromisoformat(window["until"]):
            return False
        if not all(self.is_open(t) and not self.is_taken(t) for t in range(s, e, MINUTE)):
            return False
        if not self.is_free(s, e):
            return False
        return not self.limit_reached(s) or any(self.is_joinable(m, s, e) for m in self.meetings)

    def slots(self):
        return [s for s in self.candidates() if self.is_slot(s)]

    def free(self):
        """The free time inside the query's dates as [start, end) pairs, by seconds where a minute is cut."""
        out = []

        def add(a, b):
            if out and out[-1][1] == a:
                out[-1][1] = b
            else:
                out.append([a, b])

        blocks = [(m["start"], m["end"]) for m in self.meetings] + self.busy
        for t, whole in self.asked_minutes():
            if not self.is_open(t) or self.is_taken(t):
                continue
            near = [(a, b) for a, b in blocks if a < t + MINUTE and t < b]
            if not near and whole:
                add(t, t + MINUTE)
                continue
            for second in range(t, t + MINUTE):
                if self.is_asked(second) and not any(a <= second < b for a, b in near):
                    add(second, second + 1)
        return out

    def asked_minutes(self):
        """The minutes of the query's dates; whether a date begins or ends inside of it is told too."""
        for t in self.walk():
            first, last = self.is_asked(t), self.is_asked(t + MINUTE - 1)
            if first or last:
                yield t, first and last

    def asked(self):
        """The query's dates as [start, end) pairs."""
        out = []
        for t, whole in self.asked_minutes():
            pieces = [(t, t + MINUTE)] if whole else [(s, s + 1) for s in range(t, t + MINUTE) if self.is_asked(s)]
            for a, b in pieces:
                if out and out[-1][1] == a:
                    out[-1][1] = b
                else:
                    out.append([a, b])
        return out


def slots(case):
    return [text(s) for s in Case(case).slots()]
