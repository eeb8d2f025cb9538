// Why a moment is offered or not, in words on the host's clock.
import type { Explanation, Reason } from "../state/schedules";
import { dateText, dayText, timesText, wallClock } from "../time/format";

type Words = (r: Reason, zone: string) => string;
const from = (r: Reason, zone: string) => (r.start && r.end ? ` (${timesText(r.start, r.end, zone)})` : "");
const many = (r: Reason) => (r.limit ? `${r.count ?? r.limit} of ${r.limit}` : "as many as allowed");

const WORDS: Record<Reason["code"], Words> = {
	outside_hours: (r) => `It is outside your hours${r.date ? ` of ${dateText(r.date)}` : ""}.`,
	override_closed: (r) => `${r.date ? dateText(r.date) : "The date"} has hours of its own, and this is not among them.`,
	one_off_busy: (r, zone) => `You blocked that time${from(r, zone)}.`,
	off_grid: (r, zone) => (r.start && r.end ? `No meeting starts at that minute: the nearest starts are ${wallClock(r.start, zone).time} and ${wallClock(r.end, zone).time}.` : "No meeting starts at that minute."),
	past: () => "It is over.",
	notice: (r, zone) => `It is too soon: your minimum notice ends ${r.end ? `${dayText(r.end, zone)}, ${wallClock(r.end, zone).time}` : "later"}.`,
	horizon: (r) => `It is too far ahead${r.date ? `: the last date that can be booked now is ${dateText(r.date)}` : ""}.`,
	window: (r) => `It is outside the dates of this event type${r.date ? ` (${dateText(r.date)})` : ""}.`,
	query_range: () => "It is outside the dates asked for.",
	limit_day: (r) => `That day is full: ${many(r)} meetings.`,
	limit_week: (r) => `That week is full: ${many(r)} meetings.`,
	limit_month: (r) => `That month is full: ${many(r)} meetings.`,
	meeting: (r, zone) => `There is a meeting${from(r, zone)}.`,
	buffer: (r, zone) => `It is too close to something else${from(r, zone)}: your buffer would not be left.`,
	calendar_busy: (r, zone) => `You are busy in a connected calendar${from(r, zone)}.`,
	seats_full: () => "All seats are taken.",
};

export function Reasons({ of, zone }: { of: Explanation; zone: string }) {
	const { date, time } = wallClock(of.at, zone);
	return (
		<div class="why" role="status">
			<h3 class="number">{dateText(date, true)}, {time}</h3>
			{of.offered ? <p>It can be booked.</p> : (
				<ul>
					{of.reasons.map((r, i) => (
						<li key={i}>
							{WORDS[r.code](r, zone)} {r.code === "meeting" && r.id && <a href={`/app/bookings/${r.id}`}>Show it</a>}
						</li>
					))}
				</ul>
			)}
		</div>
	);
}
