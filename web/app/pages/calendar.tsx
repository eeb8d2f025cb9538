// Day, week and month: open hours, what blocks them, and meetings.
import { useEffect, useState } from "preact/hooks";
import { Grid } from "../parts/calendar_grid";
import { Agenda } from "../parts/calendar_agenda";
import { Ready, Skeleton } from "../parts/state";
import "../parts/times.css";
import { calendarDays, datesOf, getCalendar, turn, type View } from "../state/calendar";
import { useLoad } from "../state/load";
import { useMe } from "../state/me";
import { useTitle } from "../state/route";
import { dateText, language, wallClock, zoneText } from "../time/format";

const VIEWS = [["day", "Day"], ["week", "Week"], ["month", "Month"]] as const;
const WIDE = "(min-width: 900px)";

function useWide(): boolean {
	const [wide, setWide] = useState(() => matchMedia(WIDE).matches);
	useEffect(() => {
		const query = matchMedia(WIDE), look = () => setWide(query.matches);
		query.addEventListener("change", look);
		return () => query.removeEventListener("change", look);
	}, []);
	return wide;
}

function titleOf(view: View, dates: readonly string[], date: string): string {
	const lang = language();
	const at = (d: string) => new Date(`${d}T00:00:00Z`);
	if (view === "day") return dateText(date, true);
	if (view === "month") return new Intl.DateTimeFormat(lang, { month: "long", year: "numeric", timeZone: "UTC" }).format(at(date));
	const range = new Intl.DateTimeFormat(lang, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
	return range.formatRange(at(dates[0] ?? date), at(dates.at(-1) ?? date));
}

function asked(today: string): { view: View; date: string } {
	const query = new URLSearchParams(location.search);
	const date = query.get("date") ?? "";
	const right = /^\d{4}-\d\d-\d\d$/.test(date) && !Number.isNaN(Date.parse(date));
	return { view: VIEWS.find(([code]) => code === query.get("view"))?.[0] ?? "week", date: right ? date : today };
}

type Place = { view: View; date: string };

function Controls({ at, title, today, set }: { at: Place; title: string; today: string; set: (at: Place) => void }) {
	const step = (by: number) => () => set({ ...at, date: turn(at.view, at.date, by) });
	const unit = at.view;
	return (
		<div class="row between cal-controls">
			<p class="actions">
				<button type="button" class="button" onClick={step(-1)} aria-label={`Earlier ${unit}`}>Earlier</button>
				<button type="button" class="button" onClick={() => set({ ...at, date: today })}>Today</button>
				<button type="button" class="button" onClick={step(1)} aria-label={`Later ${unit}`}>Later</button>
			</p>
			<p class="number cal-range" aria-live="polite"><b>{title}</b></p>
			<div class="tabs" role="group" aria-label="Show a">
				{VIEWS.map(([code, name]) => <button key={code} type="button" aria-pressed={at.view === code} onClick={() => set({ ...at, view: code })}>{name}</button>)}
			</div>
		</div>
	);
}

function Legend() {
	return (
		<ul class="legend small" aria-hidden="true">
			<li><span class="cal-key open-key" /> open</li>
			<li><span class="cal-key meeting confirmed" /> meeting</li>
			<li><span class="cal-key meeting pending" /> waits for you</li>
			<li><span class="cal-key blocked-key" /> blocked</li>
		</ul>
	);
}

function Planner({ zone }: { zone: string }) {
	const clock = wallClock(Date.now(), zone);
	const [at, setAt] = useState<Place>(() => asked(clock.date));
	const wide = useWide();
	const dates = datesOf(at.view, at.date);
	const loaded = useLoad(`${dates[0]}|${dates.length}|${zone}`, () => getCalendar(dates, zone));
	useEffect(() => history.replaceState(history.state, "", `/app/calendar?view=${at.view}&date=${at.date}`), [at]);
	const choose = (date: string) => setAt({ view: "day", date });
	return (
		<>
			<Controls at={at} title={titleOf(at.view, dates, at.date)} today={clock.date} set={setAt} />
			<Ready of={loaded} lines={8}>
				{(calendar) => {
					const days = calendarDays(calendar, dates, zone), month = at.view === "month";
					const list = month ? days.filter((d) => d.date.startsWith(at.date.slice(0, 7))) : days;
					return (
						<>
							{(wide || at.view !== "week") && <Grid view={at.view} date={at.date} zone={zone} data={calendar} days={days} wide={wide} choose={choose} />}
							{!wide && at.view !== "day" && <Agenda days={list} today={clock.date} all={!month} />}
							{!month && (wide || at.view === "day") && <Legend />}
						</>
					);
				}}
			</Ready>
		</>
	);
}

export default function CalendarPage(_: { item: string }) {
	useTitle("Calendar");
	const me = useMe();
	return (
		<>
			<header><h1 tabIndex={-1}>Calendar</h1>{me && <p class="small">Times in {zoneText(me.time_zone)}. <a href="/app/availability">Change your hours</a></p>}</header>
			{me ? <Planner key={me.time_zone} zone={me.time_zone} /> : <Skeleton lines={8} />}
		</>
	);
}
