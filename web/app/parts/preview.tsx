// The next two weeks as invitees see them, and why a moment is not offered.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { EventType, Schedule } from "../api";
import { listSlots } from "../state/bookings";
import { useLoad } from "../state/load";
import { explain, type Explanation } from "../state/schedules";
import { countText, dateAdd, dateText, lengthText, wallClock } from "../time/format";
import { instantOf } from "../time/instant";
import { minutesOf, timeOf } from "../time/week";
import { CheckField, SelectField, TextField } from "./form";
import { Reasons } from "./reasons";
import { Ready, Skeleton } from "./state";
import { ZoneField } from "./zone";

type Free = Map<string, string>; // "2026-03-02 09:30", a half hour, and the first start in it
const two = (n: number) => String(n).padStart(2, "0");
const rowText = (row: number) => `${two(row >> 1)}:${row % 2 ? "30" : "00"}`;

function freeOf(days: { slots: { start: string }[] }[]): Free {
	const free: Free = new Map();
	for (const { start } of days.flatMap((d) => d.slots)) {
		const key = `${start.slice(0, 10)} ${start.slice(11, 14)}${start.slice(14, 16) < "30" ? "00" : "30"}`;
		if (!free.has(key)) free.set(key, start);
	}
	return free;
}

/** The half hours to show: those with starts, and one more at each end. */
function rowsOf(free: Free, whole: boolean): number[] {
	const at = [...free.keys()].map((key) => minutesOf(key.slice(11)) / 30);
	const first = whole ? 0 : Math.max(0, Math.min(18, ...at) - 2), last = whole ? 47 : Math.min(47, Math.max(33, ...at) + 2);
	return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

type GridProps = { dates: string[]; rows: number[]; free: Free; chosen: string; choose: (key: string) => void };

/** One cell is in the order of the Tab key; arrows go from cell to cell. */
function Grid({ dates, rows, free, chosen, choose }: GridProps) {
	const box = useRef<HTMLTableElement>(null);
	const [here, setHere] = useState<[number, number]>([0, 0]);
	const moved = useRef(false);
	const row = Math.min(here[0], rows.length - 1), column = here[1];
	useLayoutEffect(() => {
		if (moved.current) box.current?.querySelector<HTMLElement>("button[tabindex='0']")?.focus();
		moved.current = false;
	}, [here]);
	const key = (e: KeyboardEvent) => {
		const step = ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] } as Record<string, [number, number]>)[e.key];
		if (!step) return;
		e.preventDefault();
		moved.current = true;
		setHere([Math.max(0, Math.min(rows.length - 1, row + step[0])), Math.max(0, Math.min(dates.length - 1, column + step[1]))]);
	};
	return (
		<table class="halves" role="grid" ref={box} onKeyDown={key} aria-label={`Week of ${dateText(dates[0] ?? "")}`}>
			<thead><tr><td />{dates.map((d) => <th key={d} scope="col">{dateText(d).slice(0, 3)}<br />{Number(d.slice(8))}</th>)}</tr></thead>
			<tbody>
				{rows.map((half, r) => (
					<tr key={half}>
						<th scope="row">{half % 2 ? <span class="quiet">{rowText(half)}</span> : rowText(half)}</th>
						{dates.map((date, c) => {
							const name = `${date} ${rowText(half)}`, start = free.get(name);
							return (
								<td key={date} role="gridcell" aria-selected={chosen === name}>
									<button type="button" tabIndex={r === row && c === column ? 0 : -1} class={start ? "open" : undefined} onFocus={() => setHere([r, c])} onClick={() => choose(name)}
										aria-label={`${dateText(date)}, ${rowText(half)}, ${start ? "can be booked" : "not offered"}`} title={`${rowText(half)} ${start ? "can be booked" : "not offered"}`} />
								</td>
							);
						})}
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Why({ type, minutes, zone, host, at, set }: { type: EventType; minutes: number; zone: string; host: string; at: string; set: (at: string) => void }) {
	const [date, setDate] = useState(at ? wallClock(at, zone).date : wallClock(Date.now() + 86400000, zone).date);
	const [time, setTime] = useState(at ? wallClock(at, zone).time : "09:00");
	const told = useLoad<Explanation | undefined>(`${type.id} ${minutes} ${at}`, async () => (at ? explain(type.id, at, minutes) : undefined));
	useEffect(() => {
		if (!at) return;
		setDate(wallClock(at, zone).date);
		setTime(wallClock(at, zone).time);
	}, [at, zone]);
	const bad = Number.isNaN(minutesOf(timeOf(time)));
	const ask = (e: Event) => {
		e.preventDefault();
		if (!bad && date) set(instantOf(date, timeOf(time), zone));
	};
	return (
		<div>
			<h3>Why not?</h3>
			<p class="small">Choose a half hour in the picture, or any minute here.</p>
			<form class="row moment" onSubmit={ask}>
				<TextField label="Date" type="date" required value={date} set={setDate} />
				<TextField label="Time" class="number" inputMode="numeric" value={time} set={setTime} error={bad && time ? "must be like 09:30" : undefined} />
				<button type="submit" class="button">Ask</button>
			</form>
			{at && <Ready of={told} lines={1}>{(it) => it && <Reasons of={it} zone={host} />}</Ready>}
		</div>
	);
}

function Weeks({ type, minutes, zone, schedule }: { type: EventType; minutes: number; zone: string; schedule: Schedule }) {
	const today = wallClock(Date.now(), zone).date;
	const [whole, setWhole] = useState(false);
	const [chosen, setChosen] = useState("");
	const [at, setAt] = useState("");
	const slots = useLoad(`${type.id} ${type.version} ${minutes} ${zone} ${schedule.version}`, () => listSlots(type.id, today, dateAdd(today, 13), zone, minutes));
	return (
		<Ready of={slots} lines={8}>
			{(days) => {
				const free = freeOf(days), rows = rowsOf(free, whole);
				const choose = (key: string) => {
					setChosen(key);
					const start = free.get(key);
					setAt(start ? new Date(start).toISOString().replace(".000", "") : instantOf(key.slice(0, 10), key.slice(11), zone));
				};
				return (
					<>
						<p role="status">{free.size === 0 ? "Nothing can be booked in these two weeks." : `${countText(days.reduce((n, d) => n + d.slots.length, 0), "time")} can be booked, on ${countText(days.length, "day")}.`}</p>
						<div class="fortnight">
							{[0, 7].map((skip) => <Grid key={skip} dates={Array.from({ length: 7 }, (_, i) => dateAdd(today, skip + i))} rows={rows} free={free} chosen={chosen} choose={choose} />)}
						</div>
						<CheckField label="Show the whole day" value={whole} set={setWhole} />
						<Why type={type} minutes={minutes} zone={zone} host={schedule.time_zone} at={at} set={(v) => { setChosen(""); setAt(v); }} />
					</>
				);
			}}
		</Ready>
	);
}

export function Preview({ schedule, types }: { schedule: Schedule; types: EventType[] | undefined }) {
	const [id, setId] = useState("");
	const [minutes, setMinutes] = useState(0);
	const [zone, setZone] = useState(schedule.time_zone);
	if (!types) return <Skeleton lines={8} />;
	const used = types.filter((t) => (t.schedule_id ? t.schedule_id === schedule.id : schedule.is_default));
	const type = used.find((t) => t.id === id) ?? used[0];
	if (!type) return <p class="small">No event type uses these hours yet. <a href="/app/event-types">Choose them in one</a>, and what invitees see will be here.</p>;
	const length = type.durations.find((d) => d.minutes === minutes)?.minutes ?? type.durations[0]?.minutes ?? 30;
	return (
		<>
			<div class="row choices">
				<SelectField label="Event type" value={type.id} set={setId} options={used.map((t) => [t.id, t.title])} />
				{type.durations.length > 1 && <SelectField label="Length" value={String(length)} set={(v) => setMinutes(Number(v))} options={type.durations.map((d) => [String(d.minutes), lengthText(d.minutes)])} />}
				<ZoneField label="Seen from" value={zone} set={setZone} />
			</div>
			<Weeks key={type.id + zone} type={type} minutes={length} zone={zone} schedule={schedule} />
		</>
	);
}
