// Times for people: always in a named zone, in the reader's language.  Pure: the clock is an argument.

import { learnedOffset } from "./zones";

/** The page's language, in the reader's own variety of it: en-GB for a page in English. */
export function language(): string {
	const page = document.documentElement.lang || "en";
	return navigator.languages.find((l) => l.split("-")[0] === page.split("-")[0]) ?? page;
}
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
	const key = `${language()}|${zone}|${JSON.stringify(options)}`;
	let made = formats.get(key);
	if (!made) formats.set(key, (made = new Intl.DateTimeFormat(language(), { timeZone: zone, ...options })));
	return made;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of an instant: "2026-03-02" and "14:30". */
export function wallClock(at: string | number, zone: string): { date: string; time: string } {
	const instant = new Date(at).getTime(), offset = learnedOffset(instant, zone);
	if (offset !== undefined) {
		const wall = new Date(instant + offset * 1000).toISOString();
		return { date: wall.slice(0, 10), time: wall.slice(11, 16) };
	}
	let clock = clocks.get(zone);
	if (!clock) {
		clock = new Intl.DateTimeFormat("en-CA", {
			timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
		});
		clocks.set(zone, clock);
	}
	const parts = clock.formatToParts(new Date(at));
	const of = (type: string) => parts.find((p) => p.type === type)?.value ?? "";
	return { date: `${of("year")}-${of("month")}-${of("day")}`, time: `${of("hour")}:${of("minute")}` };
}

/** A range that reads from left to right also among words that do not. */
export function ranged(text: string): string {
	return document.documentElement.dir === "rtl" ? `\u2066${text}\u2069` : text;
}

/** 14:00–14:30, with the end's date when that is another. */
export function timesText(start: string, end: string, zone: string): string {
	const a = wallClock(start, zone), b = wallClock(end, zone);
	const range = ranged(`${a.time}–${b.time}`);
	return a.date === b.date ? range : `${range} (${dateText(b.date)})`;
}

/** Mon, 2 March 2026 of a date without a zone. */
export function dateText(date: string, long = false): string {
	return format("UTC", { weekday: long ? "long" : "short", day: "numeric", month: "long", year: "numeric" }).format(new Date(`${date}T00:00:00Z`));
}

export function dayText(at: string, zone: string): string {
	return dateText(wallClock(at, zone).date);
}

/** Seconds east of UTC at an instant. */
export function offsetOf(at: string | number, zone: string): number {
	const { date, time } = wallClock(at, zone);
	const minute = Math.floor(new Date(at).getTime() / 60000) * 60000;
	return Math.round((Date.parse(`${date}T${time}:00Z`) - minute) / 1000);
}

/** Berlin, UTC+1. */
export function zoneText(zone: string, at: string | number = Date.now()): string {
	const city = zone === "UTC" ? "" : zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
	const offset = offsetText(offsetOf(at, zone));
	return city ? `${city}, ${offset}` : offset;
}

export function offsetText(seconds: number): string {
	if (!seconds) return "UTC";
	const minutes = Math.abs(Math.round(seconds / 60));
	const rest = minutes % 60 ? `:${String(minutes % 60).padStart(2, "0")}` : "";
	return `UTC${seconds < 0 ? "−" : "+"}${Math.floor(minutes / 60)}${rest}`;
}

/** 30 minutes, 1 hour, 1 h 30 min. */
export function lengthText(minutes: number): string {
	const h = Math.floor(minutes / 60), m = minutes % 60;
	if (!h) return m === 1 ? "1 minute" : `${m} minutes`;
	if (!m) return h === 1 ? "1 hour" : `${h} hours`;
	return `${h} h ${m} min`;
}

/** A date some days later. */
/** "1 day", "2 days". */
export function countText(n: number, one: string): string {
	return `${n} ${one}${n === 1 ? "" : "s"}`;
}

export function dateAdd(date: string, days: number): string {
	return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86400000).toISOString().slice(0, 10);
}

export function browserZone(): string {
	return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
