// The rules of a schedule as rows of weekdays, and back.  Pure.
import type { Schedule } from "../api";
import { dateAdd } from "./format";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
export const DAY_NAMES: Record<Day, string> = {
	mon: "Monday", tue: "Tuesday", wed: "Wednesday", thu: "Thursday", fri: "Friday", sat: "Saturday", sun: "Sunday",
};

export type Rule = Schedule["weekly"][number];
export type Hours = { start: string; end: string };
export type Entry = Omit<Rule, "days"> & { key: number };
export type Week = Record<Day, Entry[]>;

let keys = 0;

export function entryOf(start: string, end: string, more: Partial<Omit<Rule, "days">> = {}): Entry {
	return { kind: "available", from: null, until: null, ...more, start, end, key: ++keys };
}

type Dates = Pick<Rule, "from" | "until">;

/** The same date a year later; of 29 February the day before. */
export function yearAfter(date: string): string {
	const year = String(Number(date.slice(0, 4)) + 1);
	return date.endsWith("-02-29") ? `${year}-02-28` : year + date.slice(4);
}

/** How long new hours hold: as long as the week's others, else a year, as the API has it. */
export function datesOf(week: Week, today: string): Dates {
	const other = DAYS.flatMap((day) => week[day]).find((it) => it.kind === "available");
	return other ? { from: other.from, until: other.until } : { from: today, until: yearAfter(today) };
}

/** The dates that all entries share; undefined when they differ, or when there are none. */
export function sharedDates(week: Week): Dates | undefined {
	const [first, ...rest] = DAYS.flatMap((day) => week[day]);
	return first && rest.every((it) => it.from === first.from && it.until === first.until) ? { from: first.from, until: first.until } : undefined;
}

const SOON_DAYS = 60;

/** Weekdays whose last hours end soon, or have ended: the first such date, and the entries. */
export function endingOf(week: Week, today: string): { until: string; keys: number[] } | undefined {
	const keys: number[] = [];
	let until = "";
	for (const day of DAYS) {
		const open = week[day].filter((it) => it.kind === "available");
		if (open.length === 0 || open.some((it) => !it.until || it.until > dateAdd(today, SOON_DAYS))) continue;
		const last = open.map((it) => it.until as string).sort().at(-1) as string;
		keys.push(...open.filter((it) => it.until === last).map((it) => it.key));
		until = !until || last < until ? last : until;
	}
	return until ? { until, keys } : undefined;
}

/** Each rule on each of its days. */
export function weekOf(rules: readonly Rule[]): Week {
	const week: Week = { mon: [], tue: [], wed: [], thu: [], fri: [], sat: [], sun: [] };
	for (const { days, ...rule } of rules) for (const day of days) week[day].push(entryOf(rule.start, rule.end, rule));
	for (const day of DAYS) week[day].sort((a, b) => a.start.localeCompare(b.start));
	return week;
}

const same = (a: Omit<Rule, "days">, b: Omit<Rule, "days">) =>
	a.start === b.start && a.end === b.end && a.kind === b.kind && a.from === b.from && a.until === b.until;

/** The rules of a week, alike days together; and for each rule the keys of the entries it was made of. */
export function rulesOf(week: Week): { rules: Rule[]; keys: number[][] } {
	const rules: Rule[] = [], made: number[][] = [];
	for (const day of DAYS) {
		for (const { key, ...entry } of week[day]) {
			const at = rules.findIndex((rule) => same(rule, entry) && !rule.days.includes(day));
			if (at < 0) {
				rules.push({ days: [day], ...entry });
				made.push([key]);
			} else {
				rules[at]?.days.push(day);
				made[at]?.push(key);
			}
		}
	}
	return { rules, keys: made };
}

/** "9", "930" or "9:30" as 09:30; what is no time of day stays as it was typed. */
export function timeOf(typed: string): string {
	const found = /^\s*(\d{1,2})[:.h]?(\d{2})?\s*$/.exec(typed);
	if (!found) return typed.trim();
	const hour = Number(found[1]), minute = Number(found[2] ?? 0);
	return hour * 60 + minute > 1440 || minute > 59 ? typed.trim() : `${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}`;
}

export function minutesOf(time: string): number {
	const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
	return /^\d\d:[0-5]\d$/.test(time) && minutes <= 1440 ? minutes : NaN;
}

/** What is wrong with what was typed; what is empty still is not wrong yet. */
export function clockErrorOf({ start, end }: Hours): string | undefined {
	return [start, end].some((it) => it !== "" && Number.isNaN(minutesOf(it))) ? "must be times like 09:30" : undefined;
}

/** Whether hours end on the day after they begin. */
export function endsNextDay({ start, end }: Hours): boolean {
	return minutesOf(end) <= minutesOf(start);
}

/** Minutes from the week's start; the end may lie in the next week. */
function span(day: Day, hours: Hours): [number, number] {
	const at = DAYS.indexOf(day) * 1440;
	return [at + minutesOf(hours.start), at + minutesOf(hours.end) + (endsNextDay(hours) ? 1440 : 0)];
}

const overlapText = (other: string) => `overlaps ${other}: change one of them, or make one of both`;
const datesMeet = (a: Entry, b: Entry) => !(a.until && b.from && a.until < b.from) && !(b.until && a.from && b.until < a.from);

/** What an entry overlaps, in words; of one kind only, as busy ones are there to lie over others. */
export function overlapOf(week: Week, day: Day, entry: Entry): string | undefined {
	const [from, to] = span(day, entry);
	for (const other of DAYS) {
		for (const it of week[other]) {
			if (it.key === entry.key || it.kind !== entry.kind || !datesMeet(it, entry)) continue;
			const [a, b] = span(other, it);
			if ([-10080, 0, 10080].some((turn) => from < b + turn && a + turn < to))
				return overlapText(`${other === day ? "" : `${DAY_NAMES[other]} `}${it.start}–${it.end}`);
		}
	}
	return undefined;
}

/** The same of one date's hours. */
export function overlapWithin(hours: readonly Hours[], at: number): string | undefined {
	const one = hours[at];
	if (!one) return undefined;
	const [from, to] = span("mon", one);
	const other = hours.find((it, i) => i !== at && from < span("mon", it)[1] && span("mon", it)[0] < to);
	return other && overlapText(`${other.start}–${other.end}`);
}

/** The weeks of a month from Monday, "2026-03": dates, those of other months too. */
export function monthWeeks(month: string): string[][] {
	const first = new Date(`${month}-01T00:00:00Z`);
	const at = first.getTime() - ((first.getUTCDay() + 6) % 7) * 86400000;
	const weeks: string[][] = [];
	for (let w = 0; w < 6; w++) {
		const week = Array.from({ length: 7 }, (_, d) => new Date(at + (w * 7 + d) * 86400000).toISOString().slice(0, 10));
		if (w === 0 || (week[0] as string).startsWith(month)) weeks.push(week);
	}
	return weeks;
}

export function monthAdd(month: string, n: number): string {
	const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + n;
	return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, "0")}`;
}
