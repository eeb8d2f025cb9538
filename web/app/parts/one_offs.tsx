// Single busy or extra times between two instants.
import { useState } from "preact/hooks";
import type { Schedule } from "../api";
import { useSaving } from "../state/load";
import { type Change, changeSchedule, changeShown, type OneOff } from "../state/schedules";
import { dateAdd, dayText, timesText, wallClock } from "../time/format";
import { instantOf } from "../time/instant";
import { minutesOf, timeOf } from "../time/week";
import { Dialog } from "./dialog";
import { Problem, SaveButton, SelectField, TextField } from "./form";
import { done } from "./undo";

type Props = { schedule: Schedule; changed: (s: Schedule) => void };

async function saveAll({ schedule, changed }: Props, list: NonNullable<Change["one_offs"]>, text: string): Promise<void> {
	const before = schedule.one_offs;
	const next = await changeShown(schedule, { one_offs: list }, changed);
	done(text, async () => changed(await changeSchedule(next, { one_offs: before })));
}

function Add({ close, ...props }: Props & { close: () => void }) {
	const zone = props.schedule.time_zone;
	const tomorrow = dateAdd(wallClock(Date.now(), zone).date, 1);
	const [form, setForm] = useState({ kind: "busy" as OneOff["kind"], fromDate: tomorrow, from: "09:00", toDate: tomorrow, to: "17:00" });
	const [wrong, setWrong] = useState<Partial<Record<"from" | "to", string>>>({});
	const saving = useSaving();
	const at = props.schedule.one_offs.length;
	const submit = async (e: Event) => {
		e.preventDefault();
		const from = timeOf(form.from), to = timeOf(form.to);
		const told = { ...(Number.isNaN(minutesOf(from)) ? { from: "must be a time like 09:30" } : {}), ...(Number.isNaN(minutesOf(to)) ? { to: "must be a time like 09:30" } : {}) };
		setWrong(told);
		if (told.from || told.to || !form.fromDate || !form.toDate) return;
		const one = { kind: form.kind, start: instantOf(form.fromDate, from, zone), end: instantOf(form.toDate, to, zone) };
		if (await saving.save(() => saveAll(props, [...props.schedule.one_offs, one], one.kind === "busy" ? "That time is blocked" : "That time is added"))) close();
	};
	return (
		<Dialog title="Block or add time" close={close}>
			<form onSubmit={submit}>
				<SelectField label="What" value={form.kind} set={(v) => setForm({ ...form, kind: v === "busy" ? "busy" : "available" })}
					options={[["busy", "Busy: nobody can book it"], ["available", "Extra: it can be booked too"]]} />
				<div class="pair">
					<TextField label="From, date" type="date" required value={form.fromDate} set={(v) => setForm({ ...form, fromDate: v, toDate: form.toDate < v ? v : form.toDate })} />
					<TextField label="From, time" class="number" inputMode="numeric" value={form.from} set={(from) => setForm({ ...form, from })} error={wrong.from ?? saving.failure?.at(`/one_offs/${at}/start`)} />
					<TextField label="Until, date" type="date" required value={form.toDate} set={(toDate) => setForm({ ...form, toDate })} />
					<TextField label="Until, time" class="number" inputMode="numeric" value={form.to} set={(to) => setForm({ ...form, to })} error={wrong.to ?? saving.failure?.at(`/one_offs/${at}/end`)} />
				</div>
				<Problem failure={saving.failure} known={["/one_offs"]} />
				<p class="actions"><SaveButton saving={saving}>{form.kind === "busy" ? "Block it" : "Add it"}</SaveButton><button type="button" class="button" onClick={close}>Leave it</button></p>
			</form>
		</Dialog>
	);
}

export function OneOffs(props: Props) {
	const [open, setOpen] = useState(false);
	const [past, setPast] = useState(false);
	const saving = useSaving();
	const zone = props.schedule.time_zone;
	const sorted = [...props.schedule.one_offs].sort((a, b) => a.start.localeCompare(b.start));
	const shown = sorted.filter((it) => past || Date.parse(it.end) > Date.now());
	const drop = (one: OneOff) => saving.save(() => saveAll(props, props.schedule.one_offs.filter((it) => it.id !== one.id), "Removed"));
	return (
		<>
			{shown.length === 0 && <p class="small">A visit to the dentist, an extra evening: times that are blocked or added once will be here.</p>}
			<ul class="rows">
				{shown.map((it) => (
					<li key={it.id}>
						<div class="main number">{dayText(it.start, zone)}, {timesText(it.start, it.end, zone)}</div>
						<span class="tag">{it.kind === "busy" ? "busy" : "extra"}</span>
						<button type="button" class="icon" aria-label={`Remove ${dayText(it.start, zone)}, ${timesText(it.start, it.end, zone)}`} disabled={saving.busy} onClick={() => void drop(it)}>×</button>
					</li>
				))}
			</ul>
			<Problem failure={saving.failure} />
			<p class="actions">
				<button type="button" class="button" onClick={() => setOpen(true)}>Block or add time</button>
				{sorted.length > shown.length && <button type="button" class="button" onClick={() => setPast(true)}>Show past ones</button>}
			</p>
			{open && <Add {...props} close={() => setOpen(false)} />}
		</>
	);
}
