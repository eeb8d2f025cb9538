// The hours of a week, a row for each weekday.  What was typed stays until it is saved.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Failure, Schedule } from "../api";
import { useSaving } from "../state/load";
import { changeSchedule, getSchedule } from "../state/schedules";
import { dateText, wallClock } from "../time/format";
import { clockErrorOf, datesOf, type Day, DAY_NAMES, DAYS, endingOf, type Entry, entryOf, overlapOf, rulesOf, sharedDates, type Week, weekOf, yearAfter } from "../time/week";
import { Dialog } from "./dialog";
import { CheckField, Problem, SaveButton, SelectField, TextField } from "./form";
import { HoursRow } from "./hours";
import { done } from "./undo";

type Set = (day: Day, entries: Entry[]) => void;

/** The server's words about a rule, at the entries that it was made of. */
function messagesOf(failure: Failure | undefined, keys: number[][]): Map<number, string> {
	const found = new Map<number, string>();
	for (const { field, message } of failure?.problem?.errors ?? []) {
		const at = /^\/weekly\/(\d+)/.exec(field);
		const text = message.replace(/rule \/weekly\/\d+ \(([^)]*)\)/, "$1");
		for (const key of (at && keys[Number(at[1])]) ?? []) if (!found.has(key)) found.set(key, text);
	}
	return found;
}

function Advanced({ label, entry, set }: { label: string; entry: Entry; set: (e: Entry) => void }) {
	return (
		<div class="advanced" role="group" aria-label={label}>
			<SelectField label="What it does" value={entry.kind} set={(kind) => set({ ...entry, kind: kind === "busy" ? "busy" : "available" })}
				options={[["available", "You are free then"], ["busy", "A break: taken away from the day’s hours"]]} />
			<TextField label="First date" type="date" value={entry.from ?? ""} set={(v) => set({ ...entry, from: v || null })} hint="Empty: it holds already" />
			<TextField label="Last date" type="date" value={entry.until ?? ""} set={(v) => set({ ...entry, until: v || null })} hint="Empty: it holds without end" />
		</div>
	);
}

/** From when to when hours hold: "from 2 March 2026 to 2 March 2027". */
function datesText({ from, until }: Pick<Entry, "from" | "until">): string {
	if (!from && !until) return "without end";
	return [from && `from ${dateText(from, true)}`, until && `to ${dateText(until, true)}`].filter(Boolean).join(" ");
}

function EntryRow({ day, entry, dated, error, set, drop }: { day: Day; entry: Entry; dated: boolean; error: string | undefined; set: (e: Entry) => void; drop: () => void }) {
	const [open, setOpen] = useState(false);
	const label = `${DAY_NAMES[day]} ${entry.start}–${entry.end}`;
	return (
		<li>
			<HoursRow label={DAY_NAMES[day]} hours={entry} error={error} set={(h) => set({ ...entry, ...h })}>
				{entry.kind === "busy" && <span class="tag">break</span>}
				{dated && <span class="tag">{datesText(entry)}</span>}
				<button type="button" class="icon" aria-label={`More about ${label}`} aria-expanded={open} title="More" onClick={() => setOpen(!open)}>⋯</button>
				<button type="button" class="icon" aria-label={`Remove ${label}`} title="Remove" onClick={drop}>×</button>
			</HoursRow>
			{open && <Advanced label={label} entry={entry} set={set} />}
		</li>
	);
}

function Copy({ day, week, set, close }: { day: Day; week: Week; set: (w: Week) => void; close: () => void }) {
	const [days, setDays] = useState<Day[]>([]);
	const copy = (e: Event) => {
		e.preventDefault();
		const next = { ...week };
		for (const to of days) next[to] = week[day].map((it) => entryOf(it.start, it.end, it));
		set(next);
		close();
	};
	return (
		<Dialog title={`Copy ${DAY_NAMES[day]} to`} close={close}>
			<form onSubmit={copy}>
				{DAYS.filter((it) => it !== day).map((it) => (
					<CheckField key={it} label={DAY_NAMES[it]} value={days.includes(it)} set={(on) => setDays(on ? [...days, it] : days.filter((d) => d !== it))} />
				))}
				<p class="actions"><button type="submit" class="button first" disabled={days.length === 0}>Copy</button><button type="button" class="button" onClick={close}>Leave it</button></p>
			</form>
		</Dialog>
	);
}

/** Where a day's next hours begin: an hour after the last, when there is room. */
function nextEntry(entries: Entry[], dates: Pick<Entry, "from" | "until">): Entry {
	const last = entries.at(-1);
	const hour = last ? Number(last.end.slice(0, 2)) + 1 : 9;
	if (!last || !(hour < 23) || last.end <= last.start) return entryOf(last ? "" : "09:00", last ? "" : "17:00", dates);
	const two = (n: number) => `${String(n).padStart(2, "0")}:00`;
	return entryOf(two(hour), two(Math.min(hour + 4, 24)), dates);
}

function DayRow({ day, week, today, told, set, copy }: { day: Day; week: Week; today: string; told: Map<number, string>; set: Set; copy: () => void }) {
	const entries = week[day], dated = !sharedDates(week);
	const more = () => set(day, [...entries, nextEntry(entries, datesOf(week, today))]);
	const error = (entry: Entry) => clockErrorOf(entry) ?? overlapOf(week, day, entry) ?? told.get(entry.key);
	return (
		<li class="weekday">
			<label class="check"><input type="checkbox" checked={entries.length > 0} onChange={(e) => (e.currentTarget.checked ? more() : set(day, []))} />{DAY_NAMES[day]}</label>
			{entries.length > 0 ? (
				<ul>
					{entries.map((entry) => (
						<EntryRow key={entry.key} day={day} entry={entry} dated={dated} error={error(entry)} set={(e) => set(day, entries.map((it) => (it.key === e.key ? e : it)))}
							drop={() => set(day, entries.filter((it) => it.key !== entry.key))} />
					))}
				</ul>
			) : <p class="small off">Not available</p>}
			<p class="tools">
				<button type="button" class="icon" aria-label={`Add hours on ${DAY_NAMES[day]}`} title="Add hours" onClick={more}>+</button>
				{entries.length > 0 && <button type="button" class="icon word" aria-label={`Copy ${DAY_NAMES[day]} to other days`} title="Copy to other days" onClick={copy}>Copy</button>}
			</p>
		</li>
	);
}

/** Somebody else saved in between: what is typed here can go on top of it, or go. */
export function Elsewhere({ id, keep, drop }: { id: string; keep: (s: Schedule) => void; drop: (s: Schedule) => void }) {
	const fetched = (use: (s: Schedule) => void) => () => void getSchedule(id).then(use, () => undefined);
	return (
		<div class="problem" role="alert">
			<p>These hours were changed elsewhere since you opened them. Your edits are still here.</p>
			<p class="actions">
				<button type="button" class="button" onClick={fetched(keep)}>Keep my edits</button>
				<button type="button" class="button" onClick={fetched(drop)}>Load what is saved</button>
			</p>
		</div>
	);
}

/** How long the hours hold, and what to do when that is not long any more. */
function Dates({ week, today, set }: { week: Week; today: string; set: (w: Week) => void }) {
	const shared = sharedDates(week), ending = endingOf(week, today);
	const extend = () => {
		const longer = (it: Entry) => (ending?.keys.includes(it.key) ? { ...it, until: yearAfter(it.until && it.until > today ? it.until : today) } : it);
		set(Object.fromEntries(DAYS.map((day) => [day, week[day].map(longer)])) as Week);
	};
	return (
		<>
			{ending
				? (
					<div class="note hold" role="status">
						<p>{shared ? "Your hours" : "Some of your hours"} {ending.until < today ? "ended" : "end"} on {dateText(ending.until, true)}: nobody can book you after that.</p>
						<p class="actions"><button type="button" class="button" onClick={extend}>Make them a year longer</button></p>
					</div>
				)
				: shared && <p class="small hold">These hours hold {datesText(shared)}.</p>}
		</>
	);
}

export function WeekEditor({ schedule, changed, unsaved }: { schedule: Schedule; changed: (s: Schedule) => void; unsaved: (yes: boolean) => void }) {
	const [week, setWeek] = useState(() => weekOf(schedule.weekly));
	const [copied, setCopied] = useState<Day>();
	const [sent, setSent] = useState<number[][]>([]);
	const saving = useSaving();
	const today = wallClock(Date.now(), schedule.time_zone).date;
	const { rules, keys } = useMemo(() => rulesOf(week), [week]);
	const dirty = JSON.stringify(rules) !== JSON.stringify(rulesOf(weekOf(schedule.weekly)).rules);
	useEffect(() => unsaved(dirty), [dirty]);
	const edit = (next: Week) => {
		setWeek(next);
		if (saving.failure && saving.failure.status !== 412) saving.clear(); // it was said of other hours
	};
	const take = (next: Schedule) => {
		changed(next);
		setWeek(weekOf(next.weekly));
		saving.clear();
	};
	const save = async (e: Event) => {
		e.preventDefault();
		setSent(keys);
		const before = schedule.weekly;
		await saving.save(async () => {
			const next = await changeSchedule(schedule, { weekly: rules });
			take(next);
			done("Your hours are saved", async () => take(await changeSchedule(next, { weekly: before })));
		});
	};
	return (
		<form onSubmit={save}>
			<Dates week={week} today={today} set={edit} />
			<ul class="week">
				{DAYS.map((day) => <DayRow key={day} day={day} week={week} today={today} told={messagesOf(saving.failure, sent)} set={(d, entries) => edit({ ...week, [d]: entries })} copy={() => setCopied(day)} />)}
			</ul>
			{copied && <Copy day={copied} week={week} set={edit} close={() => setCopied(undefined)} />}
			{saving.failure?.status === 412 ? <Elsewhere id={schedule.id} drop={take} keep={(s) => { changed(s); saving.clear(); }} />
				: <Problem failure={saving.failure} known={["/weekly"]} />}
			<p class="actions save">
				{dirty && <><SaveButton saving={saving}>Save the week</SaveButton><button type="button" class="button" onClick={() => { setWeek(weekOf(schedule.weekly)); saving.clear(); }}>Undo the edits</button></>}
			</p>
		</form>
	);
}
