"""Random slot cases, made where mistakes live: at clock changes, on dates a zone skips or repeats, at midnight,
around the edges of windows, meetings and limits.  The same seed gives the same cases."""
import random
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import oracle

# a zone and a date near which it does something unusual
SPECIAL = [
    ("Pacific/Apia", "2011-12-30"),  # skipped
    ("Pacific/Kwajalein", "1993-08-21"),  # skipped
    ("Pacific/Kiritimati", "1994-12-31"),  # skipped
    ("Pacific/Kanton", "1994-12-31"),
    ("America/St_Johns", "2006-10-29"),  # back from 00:01 to 23:01
    ("America/St_Johns", "2007-03-11"),
    ("America/St_Johns", "1988-04-03"),  # two hours
    ("America/St_Johns", "1988-10-30"),
    ("Australia/Lord_Howe", "2026-10-04"),  # half an hour
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Antarctica/Troll", "2026-10-25"),
    ("Africa/Monrovia", "1972-01-07"),  # an offset with seconds, until that day
    ("Africa/Monrovia", "1971-06-15"),
    ("Africa/Monrovia", "1970-02-20"),
    ("America/Sao_Paulo", "2017-10-15"),  # no midnight
    ("America/Sao_Paulo", "2018-02-17"),  # midnight twice
    ("America/Havana", "2026-11-01"),
    ("America/Santiago", "2026-09-06"),
    ("America/Asuncion", "2023-10-01"),
    ("Asia/Beirut", "2026-03-29"),
    ("Asia/Gaza", "2026-03-28"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-30"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Europe/Dublin", "2026-10-25"),  # summer is standard
    ("Europe/Lisbon", "1992-09-27"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/London", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/Nuuk", "2023-03-26"),
    ("America/Scoresbysund", "2024-03-31"),
    ("America/Caracas", "2016-05-01"),
    ("America/Caracas", "2007-12-09"),
    ("America/Juneau", "1983-10-30"),
    ("Asia/Pyongyang", "2018-05-05"),
    ("Asia/Kathmandu", "1986-01-01"),
    ("Antarctica/Casey", "2020-10-04"),
    ("Antarctica/Casey", "2010-03-05"),
    ("Asia/Kolkata", "2026-02-28"),
    ("Pacific/Chatham", "2026-04-05"),
    ("Asia/Anadyr", "2010-03-28"),
    ("UTC", "2028-02-29"),
    ("Europe/Paris", "2199-12-20"),
    ("America/Los_Angeles", "2087-03-09"),
]
SOME_ZONES = ["UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin",
              "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe", "Asia/Tokyo", "Pacific/Niue", "Africa/Monrovia"]


def instant_text(t):
    return datetime.fromtimestamp(t, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_text(minute):
    return "%02d:%02d" % divmod(minute, 60)


@lru_cache(maxsize=None)
def zone_names():
    import zoneinfo
    return sorted(n for n in zoneinfo.available_timezones()
                  if n not in ("localtime", "posixrules") and not n.startswith(("posix/", "right/")))


@lru_cache(maxsize=None)
def changes(name, year):
    """The dates of a year on which the zone's offset changes."""
    z = ZoneInfo(name)
    days = [datetime(year, 1, 1, tzinfo=timezone.utc) + timedelta(days=i) for i in range(366)]
    return [a.date() for a, b in zip(days, days[1:]) if a.astimezone(z).utcoffset() != b.astimezone(z).utcoffset()]


class Maker:
    def __init__(self, seed, days):
        self.random = random.Random(seed)
        self.days = days

    def chance(self, p):
        return self.random.random() < p

    def place(self):
        r = self.random
        if self.chance(0.5):
            name, text = r.choice(SPECIAL)
            return name, date.fromisoformat(text)
        name = r.choice(zone_names())
        year = r.choice([r.randint(1971, 2037), r.randint(2020, 2030), r.randint(2038, 2190)])
        found = changes(name, year)
        if found:
            return name, r.choice(found)
        return name, date(year, r.randint(1, 12), r.randint(1, 28))

    def window(self):
        r = self.random
        whole = ("00:00", "24:00")
        known = [whole, ("22:00", "02:00"), ("23:00", "00:00"), ("23:30", "00:30"), ("00:00", "00:01"), ("01:00", "03:30"),
                 ("02:00", "03:00"), ("23:59", "00:02"), ("09:00", "17:00"), ("12:00", "12:00")]
        start, end = r.choice(known)
        if start == end or self.chance(0.6):
            start = clock_text(r.choice([r.randrange(0, 1440), r.randrange(0, 96) * 15]))
            end = clock_text(r.choice([r.randrange(0, 1440), r.randrange(1, 97) * 15]))
        return (start, end) if start != end else whole

    def near(self, base, spread):
        return base + timedelta(days=self.random.randint(-spread, spread))

    def rule(self, base):
        r = self.random
        start, end = self.window()
        rule = {"days": r.sample(oracle.DAYS, r.choice([1, 3, 5, 7, 7, 7, 7])), "start": start, "end": end}
        if self.chance(0.25):
            rule["kind"] = r.choice(["busy", "busy", "available"])
        if self.chance(0.2):
            rule["from"] = self.near(base, 3).isoformat()
        if self.chance(0.2):
            rule["until"] = self.near(base, 3).isoformat()
        return rule

    def one_off(self, base):
        start = base + self.random.randrange(-2 * 288, 3 * 288) * 300
        return {"kind": self.random.choice(["available", "busy", "busy"]), "start": instant_text(start),
                "end": instant_text(start + self.random.choice([1, 5, 30, 60, 95, 600]) * 60)}

    def schedule(self, name, base, start):
        r = self.random
        schedule = {"time_zone": name, "weekly": [self.rule(base) for _ in range(r.choice([0, 1, 1, 1, 1, 2, 2, 3, 5]))]}
        if self.chance(0.3):
            dates = {self.near(base, 2) for _ in range(r.randint(1, 3))}
            schedule["overrides"] = [{"date": d.isoformat(), "intervals": [
                dict(zip(("start", "end"), self.window())) for _ in range(r.choice([0, 1, 1, 2]))]} for d in dates]
            r.shuffle(schedule["overrides"])
        if self.chance(0.4):
            schedule["one_offs"] = [self.one_off(start) for _ in range(r.randint(1, 4))]
        return schedule

    def event(self, base):
        r = self.random
        duration = r.choice([1, 5, 15, 20, 25, 30, 30, 30, 45, 60, 60, 60, 90, 240, 1440, 1500])
        event = {"duration_minutes": duration}
        if self.chance(0.4):
            event["interval_minutes"] = r.choice([1, 7, 10, 15, 30, 40, 60, 120, 1441])
        for name in ("buffer_before_minutes", "buffer_after_minutes"):
            if self.chance(0.3):
                event[name] = r.choice([0, 1, 5, 10, 15, 30, 60, 1440])
        if self.chance(0.3):
            event["minimum_notice_minutes"] = r.choice([0, 1, 30, 60, 240, 1440, 2880])
        if self.chance(0.2):
            event["horizon_days"] = r.choice([0, 1, 2, 5, 40, 41, 100])
        if self.chance(0.2):
            first = self.near(base, 2)
            event["window"] = {"from": first.isoformat(), "until": (first + timedelta(days=r.randint(0, 3))).isoformat()}
        if self.chance(0.3):
            event["limits"] = {k: r.randint(1, 4) for k in r.sample(["day", "week", "month"], r.randint(1, 3))}
        if self.chance(0.3):
            event["seats"] = r.choice([1, 2, 3, 5])
        return event

    def moment(self, case, start):
        """A time that a candidate may have, or any."""
        r = self.random
        event = case["event"]
        step = event.get("interval_minutes", event["duration_minutes"]) * 60
        rules = case["schedule"]["weekly"]
        t = start + r.randrange(-86400, 2 * 86400)
        if rules and self.chance(0.7):
            minute = oracle.minute_of_day(r.choice(rules)["start"])
            local = datetime.fromtimestamp(t, ZoneInfo(case["schedule"]["time_zone"]))
            t = int((local.replace(hour=minute // 60, minute=minute % 60, second=0)).timestamp())
            t += r.randrange(0, 1 + 36000 // step) * step
        elif self.chance(0.7):
            t -= t % 300
        return t

    def meeting(self, case, start):
        r = self.random
        t = self.moment(case, start)
        if "limits" in case["event"] and self.chance(0.4):
            t += r.randint(-20, 20) * 86400  # counts all the same
        length = case["event"]["duration_minutes"] * 60 if self.chance(0.7) else r.choice([60, 299, 900, 3600, 7200])
        meeting = {"start": instant_text(t), "end": instant_text(t + length)}
        for name in ("buffer_before_minutes", "buffer_after_minutes"):
            if self.chance(0.3):
                meeting[name] = r.choice([0, 5, 15, 30, 60])
        if self.chance(0.3):
            meeting["same_event"] = self.chance(0.6)
        if case["event"].get("seats", 1) > 1 or self.chance(0.1):
            meeting["seats_taken"] = r.randint(1, 5)
        return meeting

    def busy(self, case, start):
        t = self.moment(case, start) + self.random.choice([0, 0, 1, -1, 17])
        return {"start": instant_text(t), "end": instant_text(t + self.random.choice([1, 60, 900, 1799, 3600, 86400]))}

    def case(self, name):
        r = self.random
        zone, base = self.place()
        asked = zone if self.chance(0.3) else r.choice(SOME_ZONES + [r.choice(zone_names())])
        first = self.near(base, 1)
        last = first + timedelta(days=r.randint(0, self.days - 1))
        start = int(datetime(base.year, base.month, base.day, tzinfo=timezone.utc).timestamp())
        now = start + r.randrange(-3 * 86400, 86400) if self.chance(0.4) else start - 40 * 86400
        case = {"name": name, "now": instant_text(max(0, now)),
                "query": {"from": first.isoformat(), "to": last.isoformat(), "time_zone": asked},
                "schedule": self.schedule(zone, base, start), "event": self.event(base)}
        case["meetings"] = [self.meeting(case, start) for _ in range(r.choice([0, 0, 1, 2, 4, 8]))]
        case["busy"] = [self.busy(case, start) for _ in range(r.choice([0, 0, 1, 3]))]
        return case


def make(seed, n, days):
    maker = Maker(seed, days)
    return [maker.case("random-%d-%d" % (seed, i)) for i in range(n)]
