// Days as lines of time: intervals cut at the midnights of a zone, as minutes on the wall clock.  Pure.
import { dateAdd, offsetOf, ranged, wallClock } from "./format";

export type Interval = { start: string; end: string };
/** Minutes since midnight, half-open: at most 1440. */
export type Band = { from: number; to: number };

/** The instant of a date's first minute in a zone, in ms; where midnight is skipped, the first that is there. */
export function dayStart(date: string, zone: string): number {
	const wall = Date.parse(`${date}T00:00:00Z`);
	let at = wall - offsetOf(wall, zone) * 1000;
	at = wall - offsetOf(at, zone) * 1000;
	return wallClock(at, zone).date < date ? at + 3600000 : at;
}

function minuteOf(at: number, date: string, zone: string): number {
	const wall = wallClock(at, zone);
	if (wall.date < date) return 0;
	if (wall.date > date) return 1440;
	return Number(wall.time.slice(0, 2)) * 60 + Number(wall.time.slice(3));
}

/** What of the intervals lies on a date. */
export function bandsOf(date: string, zone: string, intervals: readonly Interval[]): Band[] {
	const bands: Band[] = [];
	for (const i of intervals) {
		const from = minuteOf(Date.parse(i.start), date, zone), to = minuteOf(Date.parse(i.end), date, zone);
		if (to > from) bands.push({ from, to });
	}
	return bands;
}

/** The rest of the day. */
export function complement(bands: readonly Band[]): Band[] {
	const free: Band[] = [];
	let from = 0;
	for (const b of [...bands].sort((a, c) => a.from - c.from)) {
		if (b.from > from) free.push({ from, to: b.from });
		from = Math.max(from, b.to);
	}
	if (from < 1440) free.push({ from, to: 1440 });
	return free;
}

/** 09:00 of 540; the end of the day is 24:00. */
export function minuteText(minute: number): string {
	return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
}

export function bandText(b: Band): string {
	return ranged(`${minuteText(b.from)}–${minuteText(b.to)}`);
}

/** The hours that matter: those of all bands, whole, at least 9 to 17. */
export function hoursOf(bands: readonly Band[]): { first: number; last: number } {
	let first = 9, last = 17;
	for (const b of bands) {
		first = Math.min(first, Math.floor(b.from / 60));
		last = Math.max(last, Math.ceil(b.to / 60));
	}
	return { first, last };
}

export function weekStart(date: string): string {
	const day = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
	return dateAdd(date, -day);
}

export function datesFrom(date: string, days: number): string[] {
	return Array.from({ length: days }, (_, i) => dateAdd(date, i));
}
