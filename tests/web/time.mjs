// The browser's time code on the engine's cases: each expected slot, on the clocks of the invitee and of the host; and
// the week of the dashboard, there and back.
import { createRequire } from "node:module";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { check, ROOT, run, same } from "./lib.mjs";

// what the texts ask of a browser
globalThis.document = { documentElement: { lang: "en" } };
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"] }, configurable: true });
const { build } = createRequire(join(ROOT, "web/package.json"))("esbuild");

/** A module of web/app/time as this program can run it. */
async function load(name) {
	const folder = mkdtempSync(join(tmpdir(), "noonmark-time-")), outfile = join(folder, `${name}.mjs`);
	try {
		await build({ entryPoints: [join(ROOT, `web/app/time/${name}.ts`)], bundle: true, format: "esm", outfile, logLevel: "error" });
		return await import(pathToFileURL(outfile).href);
	} finally {
		rmSync(folder, { recursive: true });
	}
}
const format = await load("format"), instant = await load("instant"), week = await load("week");
const CASES = readFileSync(join(ROOT, "tests/cases/slots.jsonl"), "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
const MINUTE = 60000;

/** Whether this program's zones are as new as the system's, of which the cases were made: zones change by law. */
function isCurrent(at, zone) {
	const shown = execFileSync("date", ["-d", at, "+%Y-%m-%d %H:%M:%S"], { env: { ...process.env, TZ: zone } }).toString().trim();
	return shown === new Date(at).toLocaleString("sv-SE", { timeZone: zone });
}

/** Whether a slot's date and every minute of it are open by a plain schedule, on the wall clock alone. */
function openAt(it, at) {
	const zone = it.schedule.time_zone;
	return Array.from({ length: it.event.duration_minutes }, (_, i) => {
		const clock = format.wallClock(Date.parse(at) + i * MINUTE, zone);
		const names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
		const weekday = (date) => names[new Date(`${date}T00:00:00Z`).getUTCDay()];
		const minutes = week.minutesOf(clock.time);
		return it.schedule.weekly.some((rule) => {
			const from = week.minutesOf(rule.start), to = week.minutesOf(rule.end), next = week.endsNextDay(rule);
			const today = rule.days.includes(weekday(clock.date)) && minutes >= from && (next || minutes < to);
			return today || (next && rule.days.includes(weekday(format.dateAdd(clock.date, -1))) && minutes < to);
		});
	}).every(Boolean);
}

const isPlain = ({ schedule }) => !schedule.overrides?.length && !schedule.one_offs?.length && (schedule.weekly ?? []).length > 0
	&& schedule.weekly.every((rule) => (rule.kind ?? "available") === "available" && !rule.from && !rule.until);

run({
	async "the invitee's date is one of those asked for"() {
		for (const it of CASES) {
			const { from, to, time_zone: zone } = it.query;
			const wrong = it.expect.slots.filter((at) => {
				const { date } = format.wallClock(at, zone);
				return (date < from || date > to) && isCurrent(at, zone);
			});
			check(wrong.length === 0, `${it.name}: ${wrong.join(" ")} not in ${from}–${to} of ${zone}`);
		}
	},
	async "every minute of a slot is open on the host's clock"() {
		let seen = 0;
		for (const it of CASES.filter(isPlain)) {
			const slots = it.expect.slots.slice(0, 40);
			seen += slots.length;
			const wrong = slots.filter((at) => !openAt(it, at) && isCurrent(at, it.schedule.time_zone));
			check(wrong.length === 0, `${it.name}: closed at ${wrong.join(" ")}`);
		}
		check(seen > 500, `only ${seen} slots are of plain schedules`);
	},
	async "from a wall clock back to the instant"() {
		for (const it of CASES) {
			for (const zone of new Set([it.query.time_zone, it.schedule.time_zone])) {
				const wrong = it.expect.slots.slice(0, 60).filter((at) => {
					const { date, time } = format.wallClock(at, zone);
					const back = instant.instantOf(date, time, zone);
					const other = format.wallClock(back, zone); // a repeated hour gives the earlier instant of the same wall clock
					return back !== at && !(Date.parse(back) < Date.parse(at) && other.date === date && other.time === time);
				});
				check(wrong.length === 0, `${it.name} in ${zone}: ${wrong.join(" ")}`);
			}
		}
	},
	async "offsets and texts on the days of a change"() {
		const berlin = "Europe/Berlin";
		same(instant.instantOf("2026-03-29", "03:00", berlin), "2026-03-29T01:00:00Z", "after the gap");
		same(instant.instantOf("2026-03-29", "02:30", berlin), "2026-03-29T01:30:00Z", "inside the gap, with the offset before it");
		same(instant.instantOf("2026-10-25", "02:30", berlin), "2026-10-25T00:30:00Z", "the earlier of two");
		same(instant.instantOf("2026-12-31", "24:00", berlin), "2026-12-31T23:00:00Z", "midnight at the end");
		same(format.zoneText("America/New_York", "2026-07-01T00:00:00Z"), "New York, UTC−4", "summer");
		same(format.zoneText("Asia/Kolkata", "2026-07-01T00:00:00Z"), "Kolkata, UTC+5:30", "half an hour");
		same(format.timesText("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", berlin), "02:30–02:30", "an hour that is shown twice");
		same(format.timesText("2026-03-02T22:30:00Z", "2026-03-02T23:30:00Z", berlin), "23:30–00:30 (Tue, March 3, 2026)", "past midnight");
		same(format.lengthText(90), "1 h 30 min", "a length");
	},
	async "the rules of a week, there and back"() {
		for (const it of CASES) {
			const rules = (it.schedule.weekly ?? []).map((rule) => ({ kind: "available", from: null, until: null, ...rule }));
			const lines = (list) => list.flatMap(({ days, ...rule }) => days.map((day) => [day, rule.start, rule.end, rule.kind, rule.from, rule.until].join(" "))).sort().join("\n");
			const made = week.rulesOf(week.weekOf(rules));
			same(lines(made.rules), lines(rules), it.name);
			same(made.keys.flat().length, rules.flatMap((rule) => rule.days).length, `${it.name}: a key for each day of each rule`);
		}
	},
	async "how long hours hold"() {
		const of = (rules) => week.weekOf(rules.map((rule) => ({ start: "09:00", end: "17:00", kind: "available", from: null, until: null, ...rule })));
		same(week.yearAfter("2026-03-02"), "2027-03-02", "a year");
		same(week.yearAfter("2028-02-29"), "2029-02-28", "from a leap day");
		same(JSON.stringify(week.datesOf(of([]), "2026-03-02")), '{"from":"2026-03-02","until":"2027-03-02"}', "the first hours hold for a year");
		same(JSON.stringify(week.datesOf(of([{ days: ["tue"], until: "2026-05-01" }]), "2026-03-02")), '{"from":null,"until":"2026-05-01"}', "more hours hold as long as the others");
		same(week.endingOf(of([{ days: ["mon"], until: "2026-05-02" }]), "2026-03-02"), undefined, "61 days are not soon");
		same(week.endingOf(of([{ days: ["mon", "tue"], until: "2026-05-01" }]), "2026-03-02")?.until, "2026-05-01", "60 days are");
		same(week.endingOf(of([{ days: ["mon"], until: "2026-04-01" }, { days: ["mon"], from: "2026-04-02" }]), "2026-03-02"), undefined, "others follow");
		same(week.endingOf(of([{ days: ["mon"], until: "2026-04-01", kind: "busy" }]), "2026-03-02"), undefined, "a break may end");
		const ended = of([{ days: ["mon"], until: "2026-01-31" }, { days: ["tue"] }]);
		same(JSON.stringify(week.endingOf(ended, "2026-03-02")), JSON.stringify({ until: "2026-01-31", keys: [ended.mon[0].key] }), "over on one day");
		same(week.sharedDates(ended), undefined, "days differ");
	},
	async "overlaps and typed times"() {
		const of = (rules) => week.weekOf(rules.map((rule) => ({ kind: "available", from: null, until: null, ...rule })));
		const told = (rules, day, at) => {
			const made = of(rules);
			return week.overlapOf(made, day, made[day][at]);
		};
		check(told([{ days: ["mon"], start: "09:00", end: "12:00" }, { days: ["mon"], start: "11:00", end: "13:00" }], "mon", 0)?.includes("11:00–13:00"), "the same day");
		check(told([{ days: ["sun"], start: "22:00", end: "02:00" }, { days: ["mon"], start: "01:00", end: "03:00" }], "mon", 0)?.includes("Sunday 22:00"), "from Sunday night");
		same(told([{ days: ["mon"], start: "09:00", end: "12:00" }, { days: ["mon"], start: "12:00", end: "13:00" }], "mon", 0), undefined, "touching is no overlap");
		same(told([{ days: ["mon"], start: "09:00", end: "12:00" }, { days: ["mon"], start: "10:00", end: "11:00", kind: "busy" }], "mon", 0), undefined, "a break lies over hours");
		for (const [typed, time] of [["9", "09:00"], ["930", "09:30"], ["9:30", "09:30"], ["24", "24:00"], ["1730", "17:30"], ["25:00", "25:00"], ["noon", "noon"]])
			same(week.timeOf(typed), time, typed);
		same(week.monthWeeks("2026-02").length, 5, "February from a Sunday");
		same(week.monthAdd("2026-12", 1), "2027-01", "over the year");
	},
});
