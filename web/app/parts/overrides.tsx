// Dates with hours of their own, on a calendar.
import { useState } from "preact/hooks";
import type { Schedule } from "../api";
import { useSaving } from "../state/load";
import { changeSchedule, changeShown, type Override } from "../state/schedules";
import { dateText, wallClock } from "../time/format";
import { clockErrorOf, type Hours, monthAdd, monthWeeks, overlapWithin } from "../time/week";
import { Dialog } from "./dialog";
import { Problem, SaveButton, SelectField } from "./form";
import { HoursRow } from "./hours";
import { done } from "./undo";

type Props = { schedule: Schedule; changed: (s: Schedule) => void };

const hoursText = (it: Override) => (it.intervals.length > 0 ? it.intervals.map((h) => `${h.start}–${h.end}`).join(", ") : "closed");

function monthText(month: string): string {
	return new Intl.DateTimeFormat(document.documentElement.lang || "en", { timeZone: "UTC", month: "long", year: "numeric" }).format(new Date(`${month}-01T00:00:00Z`));
}

/** The schedule with a date's hours changed; undefined gives the date back to the week. */
async function saveDate({ schedule, changed }: Props, date: string, intervals: Hours[] | undefined): Promise<void> {
	const before = schedule.overrides;
	const others = before.filter((it) => it.date !== date);
	const overrides = (intervals ? [...others, { date, intervals }] : others).sort((a, b) => a.date.localeCompare(b.date));
	const next = await changeShown(schedule, { overrides }, changed);
	const text = intervals ? (intervals.length > 0 ? "has hours of its own" : "is closed") : "has the week’s hours again";
	done(`${dateText(date)} ${text}`, async () => changed(await changeSchedule(next, { overrides: before })));
}

function DateDialog({ date, close, ...props }: Props & { date: string; close: () => void }) {
	const there = props.schedule.overrides.find((it) => it.date === date);
	const [kind, setKind] = useState(there && there.intervals.length === 0 ? "closed" : "own");
	const [hours, setHours] = useState<Hours[]>(there?.intervals.length ? there.intervals : [{ start: "09:00", end: "17:00" }]);
	const [sent, setSent] = useState(-1);
	const saving = useSaving();
	const wrong = (i: number) => (hours[i] && clockErrorOf(hours[i])) ?? overlapWithin(hours, i);
	const submit = async (e: Event) => {
		e.preventDefault();
		if (kind === "own" && hours.some((_, i) => wrong(i))) return; // its field says why
		setSent([...props.schedule.overrides.filter((it) => it.date !== date).map((it) => it.date), date].sort().indexOf(date));
		if (await saving.save(() => saveDate(props, date, kind === "week" ? undefined : kind === "closed" ? [] : hours))) close();
	};
	return (
		<Dialog title={dateText(date, true)} close={close}>
			<form onSubmit={submit}>
				<SelectField label="On this date" value={kind} set={setKind}
					options={[["own", "Hours of its own"], ["closed", "Closed"], ...(there ? [["week", "The week’s hours again"] as const] : [])]} />
				{kind === "own" && (
					<ul class="stack">
						{hours.map((h, i) => (
							<li key={i}>
								<HoursRow label={`Hours ${i + 1}`} hours={h} set={(v) => setHours(hours.map((it, at) => (at === i ? v : it)))} error={wrong(i) ?? saving.failure?.at(`/overrides/${sent}/intervals/${i}`)}>
									{hours.length > 1 && <button type="button" class="icon" aria-label={`Remove hours ${i + 1}`} onClick={() => setHours(hours.filter((_, at) => at !== i))}>×</button>}
								</HoursRow>
							</li>
						))}
						<li><button type="button" class="button" onClick={() => setHours([...hours, { start: "", end: "" }])}>Add hours</button></li>
					</ul>
				)}
				<Problem failure={saving.failure} known={["/overrides"]} />
				<p class="actions"><SaveButton saving={saving}>Save the date</SaveButton><button type="button" class="button" onClick={close}>Keep it</button></p>
			</form>
		</Dialog>
	);
}

function Month({ month, today, schedule, pick }: { month: string; today: string; schedule: Schedule; pick: (date: string) => void }) {
	const marks = new Map(schedule.overrides.map((it) => [it.date, it]));
	return (
		<table class="days">
			<thead><tr>{["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((d) => <th key={d} scope="col">{d}</th>)}</tr></thead>
			<tbody>
				{monthWeeks(month).map((week) => (
					<tr key={week[0]}>
						{week.map((date) => {
							const own = marks.get(date);
							return (
								<td key={date}>
									{date.startsWith(month) && (
										<button type="button" class={`day date ${own ? "own" : ""} ${own?.intervals.length === 0 ? "shut" : ""}`} disabled={date < today}
											aria-current={date === today ? "date" : undefined} aria-label={`${dateText(date, true)}${own ? `: ${hoursText(own)}` : ""}`} onClick={() => pick(date)}>
											{Number(date.slice(8))}
										</button>
									)}
								</td>
							);
						})}
					</tr>
				))}
			</tbody>
		</table>
	);
}

export function Overrides(props: Props) {
	const { schedule } = props;
	const today = wallClock(Date.now(), schedule.time_zone).date;
	const [month, setMonth] = useState(today.slice(0, 7));
	const [date, setDate] = useState<string>();
	const saving = useSaving();
	const coming = schedule.overrides.filter((it) => it.date >= today);
	return (
		<div class="beside">
			<div class="month">
				<div class="turn">
					<button type="button" class="icon" aria-label="Earlier month" disabled={month <= today.slice(0, 7)} onClick={() => setMonth(monthAdd(month, -1))}>‹</button>
					<h3 aria-live="polite">{monthText(month)}</h3>
					<button type="button" class="icon" aria-label="Later month" onClick={() => setMonth(monthAdd(month, 1))}>›</button>
				</div>
				<Month month={month} today={today} schedule={schedule} pick={setDate} />
			</div>
			<div>
				{coming.length === 0 && <p class="small">Holidays, a long Tuesday: choose a date, and say when you are free on it instead.</p>}
				<ul class="rows">
					{coming.map((it) => (
						<li key={it.date}>
							<div class="main number"><button type="button" class="plain link" onClick={() => setDate(it.date)}>{dateText(it.date)}</button><p class="small">{hoursText(it)}</p></div>
							<button type="button" class="icon" aria-label={`Remove ${dateText(it.date)}`} title="Back to the week’s hours" disabled={saving.busy}
								onClick={() => void saving.save(() => saveDate(props, it.date, undefined))}>×</button>
						</li>
					))}
				</ul>
				<Problem failure={saving.failure} />
			</div>
			{date && <DateDialog key={date} {...props} date={date} close={() => setDate(undefined)} />}
		</div>
	);
}
