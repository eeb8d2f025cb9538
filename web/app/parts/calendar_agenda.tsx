// The calendar as a list of days, for narrow screens.
import { type CalendarDay, colorOf, type Placed } from "../state/calendar";
import { bandText } from "../time/bands";
import { dateText } from "../time/format";

function AgendaRow({ at }: { at: Placed }) {
	return (
		<li>
			<a class={`meeting ${at.meeting.status}`} href={`/app/bookings/${at.meeting.id}`} style={colorOf(at.meeting)}>
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
