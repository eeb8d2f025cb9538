// Days side by side on a scale of hours: open hours behind, meetings before them.  Places are CSS variables set by script.
import { useEffect, useRef } from "preact/hooks";
import type { CalendarDay, Placed } from "../state/calendar";
import { type Band, bandText, hoursOf, minuteText } from "../time/bands";
import { dateText, language } from "../time/format";

type Now = { date: string; minute: number };

function place(band: Band, hours: { first: number }): Record<string, string> {
	return { "--from": String(band.from - hours.first * 60), "--length": String(band.to - band.from) };
}

function MeetingBox({ at, first }: { at: Placed; first: number }) {
	const { meeting, band, lane, lanes } = at;
	const minutes = band.to - band.from;
	const size = minutes < 40 ? " meeting-short" : "";
	return (
		<li class="meeting-place" style={{ ...place(band, { first }), "--lane": String(lane), "--lanes": String(lanes) }}>
			<a class={`meeting ${meeting.status}${size}`} href={`/app/bookings/${meeting.id}`}>
				<span class="number">{size ? minuteText(band.from) : bandText(band)}</span> <b><bdi>{meeting.invitee_name}</bdi></b> <span class={minutes < 60 ? "quiet" : "meeting-title"}><bdi>{meeting.title}</bdi></span>
				{meeting.status === "pending" && <span class="quiet">, waits for you</span>}
			</a>
		</li>
	);
}

function Column({ day, hours, now }: { day: CalendarDay; hours: { first: number; last: number }; now: Now }) {
	const words = [day.open.length ? `Open ${day.open.map(bandText).join(", ")}.` : "Closed.", day.blocked.length ? `Blocked ${day.blocked.map(bandText).join(", ")}.` : ""];
	return (
		<div class="column-day">
			<p class="quiet">{dateText(day.date, true)}. {words.join(" ")} {day.meetings.length ? "" : "No meetings."}</p>
			{day.open.map((b) => <div key={b.from} class="cal-open" style={place(b, hours)} />)}
			{day.blocked.map((b) => <div key={b.from} class="cal-blocked" style={place(b, hours)} />)}
			{now.date === day.date && now.minute >= hours.first * 60 && now.minute < hours.last * 60 &&
				<div class="cal-now" style={{ "--from": String(now.minute - hours.first * 60) }} />}
			<ul>{day.meetings.map((m) => <MeetingBox key={m.meeting.id} at={m} first={hours.first} />)}</ul>
		</div>
	);
}

function DayName({ date, now, choose }: { date: string; now: Now; choose: (date: string) => void }) {
	const at = new Date(`${date}T00:00:00Z`);
	const lang = language();
	const weekday = new Intl.DateTimeFormat(lang, { weekday: "short", timeZone: "UTC" }).format(at);
	return (
		<button type="button" class="plain day-head" aria-current={date === now.date ? "date" : undefined} onClick={() => choose(date)}>
			<span aria-hidden="true">{weekday}</span> <b class="number" aria-hidden="true">{Number(date.slice(8))}</b><span class="quiet">{dateText(date, true)}</span>
		</button>
	);
}

export function Grid({ days, now, choose }: { days: CalendarDay[]; now: Now; choose: (date: string) => void }) {
	const hours = hoursOf(days.flatMap((d) => [...d.open, ...d.meetings.map((m) => m.band)]));
	const root = useRef<HTMLDivElement>(null);
	useEffect(() => {
		root.current?.style.setProperty("--days", String(days.length));
		root.current?.style.setProperty("--hours", String(hours.last - hours.first));
	});
	return (
		<div class="cal-week" ref={root}>
			<div class="cal-corner" />
			{days.map((d) => <DayName key={d.date} date={d.date} now={now} choose={choose} />)}
			<div class="cal-hours number" aria-hidden="true">
				{Array.from({ length: hours.last - hours.first }, (_, i) => <span key={i}>{minuteText((hours.first + i) * 60)}</span>)}
			</div>
			{days.map((d) => <Column key={d.date} day={d} hours={hours} now={now} />)}
		</div>
	);
}
