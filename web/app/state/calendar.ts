// One's own calendar: open hours, one-offs and meetings of a range of dates.
import { ask, client } from "../api";
import { type Band, bandsOf, datesFrom, type Interval, weekStart } from "../time/bands";
import { dateAdd } from "../time/format";

export type View = "day" | "week" | "month";
export type Meeting = Interval & { id: string; title: string; status: string; invitee_name: string; color: string | null };
export type OneOff = Interval & { id: string; kind: "available" | "busy" };
export type Calendar = { windows: Interval[]; one_offs: OneOff[]; meetings: Meeting[] };
export type Placed = { meeting: Meeting; band: Band };
export type CalendarDay = { date: string; open: Band[]; blocked: Band[]; meetings: Placed[] };

/** The dates that a view shows: a month has whole weeks. */
export function datesOf(view: View, date: string): string[] {
	if (view === "day") return [date];
	if (view === "week") return datesFrom(weekStart(date), 7);
	const first = weekStart(`${date.slice(0, 7)}-01`), next = monthAdd(date, 1);
	const weeks = Math.ceil((Date.parse(next) - Date.parse(first)) / (7 * 86400000));
	return datesFrom(first, weeks * 7);
}

/** The first of a month some months later. */
export function monthAdd(date: string, months: number): string {
	const at = new Date(`${date.slice(0, 7)}-01T00:00:00Z`);
	at.setUTCMonth(at.getUTCMonth() + months);
	return at.toISOString().slice(0, 10);
}

export function turn(view: View, date: string, by: number): string {
	if (view === "month") return monthAdd(date, by);
	return dateAdd(date, view === "week" ? by * 7 : by);
}

export function getCalendar(dates: readonly string[], zone: string): Promise<Calendar> {
	const from = dates[0] ?? "", to = dates.at(-1) ?? from;
	return ask(client.GET("/v1/calendar", { params: { query: { from, to, time_zone: zone } } }));
}

export function calendarDays(calendar: Calendar, dates: readonly string[], zone: string): CalendarDay[] {
	return dates.map((date) => ({
		date,
		open: bandsOf(date, zone, calendar.windows),
		blocked: bandsOf(date, zone, calendar.one_offs.filter((o) => o.kind === "busy")),
		meetings: calendar.meetings.flatMap((meeting) => bandsOf(date, zone, [meeting]).map((band) => ({ meeting, band }))).sort((a, b) => a.band.from - b.band.from),
	}));
}

/** The event type's colour, for the line at a meeting's beginning. */
export function colorOf(meeting: Meeting): Record<string, string> {
	return meeting.color ? { "--meeting": meeting.color } : {};
}
