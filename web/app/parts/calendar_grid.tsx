// Day, week and month by FullCalendar, which places things; what they look like and where they lead is ours, on its
// skeleton of styles.  Its zones would be the browser's: it gets wall clocks, as the server's rules make them, for UTC.
import "fullcalendar/skeleton.css";
import { Calendar, type CalendarOptions, type EventDisplayInfo, type EventInput } from "fullcalendar";
import dayGrid from "fullcalendar/daygrid";
import timeGrid from "fullcalendar/timegrid";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { type CalendarDay, type Calendar as Data, colorOf, type Meeting, type View } from "../state/calendar";
import { bandText, hoursOf, minuteText } from "../time/bands";
import { countText, dateText, language, wallClock } from "../time/format";

const VIEWS: Record<View, string> = { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth" };
const SHOWN = 3; // meetings of a day in a month

type Props = { view: View; date: string; zone: string; data: Data; days: CalendarDay[]; wide: boolean; choose: (date: string) => void };

/** What a day has, in words. */
function daySummary(day: CalendarDay | undefined): string {
	if (!day) return "";
	const meetings = day.meetings.length ? countText(day.meetings.length, "meeting") : "no meetings";
	const blocked = day.blocked.length ? `; blocked ${day.blocked.map(bandText).join(", ")}` : "";
	return `${day.open.length ? `open ${day.open.map(bandText).join(", ")}` : "closed"}${blocked}; ${meetings}`;
}

function MeetingLink({ info }: { info: EventDisplayInfo }) {
	const meeting = info.event.extendedProps["meeting"] as Meeting;
	const form = info.view.type === VIEWS.month ? " line-only" : info.isShort ? " meeting-short" : "";
	const room = Date.parse(meeting.end) - Date.parse(meeting.start) >= 3600000;
	return (
		<a class={`meeting ${meeting.status}${form}`} href={`/app/bookings/${meeting.id}`} style={colorOf(meeting)}>
			<span class="number" dir="ltr">{form ? info.timeText.slice(0, 5) : info.timeText}</span> <b><bdi>{meeting.invitee_name}</bdi></b> <span class={room && !form ? "meeting-title" : "quiet"}><bdi>{meeting.title}</bdi></span>
			{meeting.status === "pending" && <span class="quiet">, waits for you</span>}
		</a>
	);
}

function wallOf(at: string | number, zone: string): string {
	const { date, time } = wallClock(at, zone);
	return `${date}T${time}:00Z`;
}

/** From and to on the wall clock; where it is put back in between, as long as it takes. */
function placeOf({ start, end }: { start: string; end: string }, zone: string): { start: string; end: string } {
	const from = wallOf(start, zone), to = wallOf(end, zone);
	return { start: from, end: to > from ? to : new Date(Date.parse(from) + Date.parse(end) - Date.parse(start)).toISOString() };
}

const dateOf = (at: Date) => at.toISOString().slice(0, 10);

function eventsOf({ data, view, wide, zone }: Props): EventInput[] {
	const shade = (kind: string, list: readonly { start: string; end: string }[]) =>
		list.map((it) => ({ ...placeOf(it, zone), display: "background", extendedProps: { kind } }));
	const meetings = data.meetings.map((meeting) => ({ id: meeting.id, ...placeOf(meeting, zone), display: "block", extendedProps: { meeting } }));
	if (view === "month") return wide ? meetings : [];
	return [...shade("cal-open", data.windows), ...shade("cal-blocked", data.one_offs.filter((o) => o.kind === "busy")), ...meetings];
}

const weekdayOf = (date: string) => new Intl.DateTimeFormat(language(), { weekday: "short", timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));

/** What stands at the top of a day: of a month its number, and on a narrow screen how many meetings it has. */
function headsOf({ view, days, wide, choose }: Props): CalendarOptions {
	const of = (at: Date) => days.find((d) => d.date === dateOf(at));
	const number = (date: string) => Number(date.slice(8));
	return {
		navLinks: true,
		navLinkDayClick: (at) => choose(dateOf(at)),
		navLinkHint: (_, at) => `${view === "month" ? "" : `${weekdayOf(dateOf(at))} `}${number(dateOf(at))}, ${dateText(dateOf(at), true)}: ${daySummary(of(at))}`,
		dayHeaderContent: ({ date, view: { type } }) => (type === VIEWS.month ? weekdayOf(dateOf(date)) : <>{weekdayOf(dateOf(date))} <b class="number">{number(dateOf(date))}</b></>),
		dayHeaderClass: ({ isToday }) => (isToday ? "cal-today" : undefined),
		// named by their label alone, which axe takes for empty
		dayHeaderDidMount: ({ el }) => el.querySelector("[aria-hidden]")?.removeAttribute("aria-hidden"),
		dayHeaderInnerClass: "cal-head",
		dayCellTopContent: ({ date }) => <span data-count={(!wide && of(date)?.meetings.length) || undefined}>{number(dateOf(date))}</span>,
		dayCellTopInnerClass: ({ isToday, isOther }) => `cal-date number${isToday ? " cal-today" : ""}${isOther ? " cal-other" : ""}`,
		dayCellDidMount: ({ el }) => el.removeAttribute("aria-label"), // the link to the day says more
		dayCellClass: ({ date }) => (of(date)?.open.length ? "cal-day" : "cal-day cal-closed"),
		moreLinkClick: ({ date }) => {
			choose(dateOf(date));
			return VIEWS.day;
		},
		moreLinkContent: ({ num }) => `${num} more`,
		moreLinkHint: (num) => `${num} more meetings: show the day`,
	};
}

function optionsOf(props: Props): CalendarOptions {
	const { view, date, zone, days } = props;
	const hours = hoursOf(days.flatMap((d) => [...d.open, ...d.meetings.map((m) => m.band)]));
	const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
	return {
		...headsOf(props),
		plugins: [dayGrid, timeGrid], headerToolbar: false, height: "auto", firstDay: 1, fixedWeekCount: false, nowIndicator: true, eventInteractive: false,
		initialView: VIEWS[view], initialDate: date, timeZone: "UTC", now: () => wallOf(Date.now(), zone), locale: language(), direction: document.documentElement.dir === "rtl" ? "rtl" : "ltr",
		allDaySlot: false, slotMinTime: minuteText(hours.first * 60), slotMaxTime: minuteText(hours.last * 60), slotDuration: "01:00",
		eventShortHeight: 42, eventMinHeight: 24, eventTimeFormat: clock, slotHeaderFormat: clock, displayEventEnd: true, dayMaxEvents: SHOWN,
		events: eventsOf(props), eventContent: (info) => (info.event.extendedProps["meeting"] ? <MeetingLink info={info} /> : <></>),
		eventClass: view === "month" ? "cal-line" : "cal-event", backgroundEventClass: ({ event }) => String(event.extendedProps["kind"]),
		slotHeaderClass: "cal-hour number", slotHeaderInnerClass: "cal-hour-text", slotLaneClass: "cal-slot", dayLaneClass: "cal-lane", dayRowClass: "cal-row", dayHeaderRowClass: "cal-heads",
		nowIndicatorLineClass: "cal-now", moreLinkClass: "cal-more small", tableClass: "cal-table",
		// the column of hours is hidden from screen readers, so nothing is the head of a row
		viewDidMount: ({ el }) => {
			const hours = el.querySelector("[role=rowheader]");
			hours?.removeAttribute("role");
			hours?.removeAttribute("aria-label");
		},
	};
}

export function Grid(props: Props) {
	const place = useRef<HTMLDivElement>(null), calendar = useRef<Calendar>();
	const { view, date } = props;
	const options = useMemo(() => optionsOf(props), [view, date, props.zone, props.data, props.wide]);
	useEffect(() => {
		if (!calendar.current && place.current) {
			(calendar.current = new Calendar(place.current, options)).render();
			requestAnimationFrame(() => place.current?.classList.add("cal-measured")); // it measures itself once before it stands still
		} else calendar.current?.resetOptions(options);
		calendar.current?.changeView(VIEWS[view], date);
	}, [options]);
	useEffect(() => () => calendar.current?.destroy(), []);
	return <div class="cal" ref={place} />;
}
