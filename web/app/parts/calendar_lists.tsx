// The calendar as a month and, for narrow screens, as a list of days.
import type { CalendarDay, Placed } from "../state/calendar";
import { bandText } from "../time/bands";
import { dateText, language } from "../time/format";

const SHOWN = 3;

function MonthCell({ day, month, today, choose }: { day: CalendarDay; month: string; today: string; choose: (date: string) => void }) {
	const more = day.meetings.length - SHOWN;
	const states = [day.open.length ? "" : "cal-closed", day.date.startsWith(month) ? "" : "cal-other"].filter(Boolean).join(" ");
	return (
		<td class={states || undefined}>
			<button type="button" class="plain month-day number" aria-current={day.date === today ? "date" : undefined} onClick={() => choose(day.date)}>
				<span aria-hidden="true">{Number(day.date.slice(8))}</span>
				<span class="quiet">{dateText(day.date, true)}, {day.meetings.length ? `${day.meetings.length} ${day.meetings.length === 1 ? "meeting" : "meetings"}` : day.open.length ? "no meetings" : "closed"}</span>
				{day.meetings.length > 0 && <span class="cal-count" aria-hidden="true">{day.meetings.length}</span>}
			</button>
			<ul>
				{day.meetings.slice(0, more > 0 ? SHOWN - 1 : SHOWN).map((m) => (
					<li key={m.meeting.id}>
						<a class={`meeting line-only ${m.meeting.status}`} href={`/app/bookings/${m.meeting.id}`}><span class="number">{bandText(m.band).slice(0, 5)}</span> <bdi>{m.meeting.invitee_name}</bdi></a>
					</li>
				))}
				{more > 0 && <li><button type="button" class="plain small" onClick={() => choose(day.date)}>{more + 1} more<span class="quiet"> on {dateText(day.date, true)}</span></button></li>}
			</ul>
		</td>
	);
}

export function Month({ days, month, today, choose }: { days: CalendarDay[]; month: string; today: string; choose: (date: string) => void }) {
	const weeks = Array.from({ length: days.length / 7 }, (_, i) => days.slice(i * 7, i * 7 + 7));
	const lang = language();
	const name = (date: string, weekday: "short" | "long") => new Intl.DateTimeFormat(lang, { weekday, timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));
	return (
		<table class="cal-month">
			<caption class="quiet">Meetings of the month</caption>
			<thead><tr>{days.slice(0, 7).map((d) => <th key={d.date} scope="col" abbr={name(d.date, "long")}>{name(d.date, "short")}</th>)}</tr></thead>
			<tbody>
				{weeks.map((week) => <tr key={week[0]?.date}>{week.map((d) => <MonthCell key={d.date} day={d} month={month} today={today} choose={choose} />)}</tr>)}
			</tbody>
		</table>
	);
}

function AgendaRow({ at }: { at: Placed }) {
	return (
		<li>
			<a class={`meeting ${at.meeting.status}`} href={`/app/bookings/${at.meeting.id}`}>
				<span class="number">{bandText(at.band)}</span> <b><bdi>{at.meeting.invitee_name}</bdi></b> <span class="meeting-title"><bdi>{at.meeting.title}</bdi></span>
				{at.meeting.status === "pending" && <span class="small"> waits for you</span>}
			</a>
		</li>
	);
}

/** Day by day; days without meetings say when they are open. */
export function Agenda({ days, today, all }: { days: CalendarDay[]; today: string; all: boolean }) {
	const shown = all ? days : days.filter((d) => d.meetings.length > 0);
	return (
		<div class="agenda">
			{shown.length === 0 && <p class="small">No meetings here.</p>}
			{shown.map((d) => (
				<section key={d.date}>
					<h2 aria-current={d.date === today ? "date" : undefined}>{dateText(d.date)}</h2>
					<p class="small number">{d.open.length ? `Open ${d.open.map(bandText).join(", ")}` : "Closed"}{d.blocked.length > 0 && `; blocked ${d.blocked.map(bandText).join(", ")}`}</p>
					{d.meetings.length > 0 && <ul>{d.meetings.map((m) => <AgendaRow key={m.meeting.id} at={m} />)}</ul>}
				</section>
			))}
		</div>
	);
}
