// When a host can be booked: schedules, their week, dates, single times; and what invitees see of it.
import "../offer.css";
import { useState } from "preact/hooks";
import type { Failure, Schedule } from "../api";
import { Dialog } from "../parts/dialog";
import { Problem, Refused, SaveButton, TextField } from "../parts/form";
import { OneOffs } from "../parts/one_offs";
import { Overrides } from "../parts/overrides";
import { Preview } from "../parts/preview";
import { Ready } from "../parts/state";
import { done } from "../parts/undo";
import { WeekEditor } from "../parts/week_editor";
import { ZoneField } from "../parts/zone";
import { codeOf } from "../state/code";
import { type Loaded, useLoad, useSaving } from "../state/load";
import { changeSchedule, changeShown, createSchedule, deleteSchedule, getSchedule, listEventTypes, listSchedules } from "../state/schedules";
import { go, useTitle } from "../state/route";
import { useUnsaved } from "../state/unsaved";
import { browserZone, zoneText } from "../time/format";

type Change = (s: Schedule) => void;

function Make({ close, made, gone }: { close: () => void; made: Change; gone: () => void }) {
	const [name, setName] = useState("");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		const weekly = [{ days: ["mon", "tue", "wed", "thu", "fri"] as ("mon" | "tue" | "wed" | "thu" | "fri")[], start: "09:00", end: "17:00" }];
		await saving.save(async () => {
			const fresh = await createSchedule({ name, code: codeOf(name) || "hours", time_zone: browserZone(), weekly });
			made(fresh);
			done("Made: set its hours", async () => {
				await deleteSchedule(fresh.id);
				gone();
			});
			close();
		});
	};
	return (
		<Dialog title="Make a schedule" close={close}>
			<form onSubmit={submit}>
				<TextField label="Name" value={name} set={setName} required hint="For you: Summer hours, Evenings." error={saving.failure?.at("/name") ?? saving.failure?.at("/code")} />
				<Problem failure={saving.failure} known={["/name", "/code"]} />
				<p class="actions"><SaveButton saving={saving}>Make it</SaveButton><button type="button" class="button" onClick={close}>Leave it</button></p>
			</form>
		</Dialog>
	);
}

function Rename({ schedule, close, changed }: { schedule: Schedule; close: () => void; changed: Change }) {
	const [name, setName] = useState(schedule.name);
	const [code, setCode] = useState(schedule.code);
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		await saving.save(async () => {
			const next = await changeShown(schedule, { name, code }, changed);
			done("Renamed", async () => changed(await changeSchedule(next, { name: schedule.name, code: schedule.code })));
			close();
		});
	};
	return (
		<Dialog title="Rename" close={close}>
			<form onSubmit={submit}>
				<TextField label="Name" value={name} set={setName} required error={saving.failure?.at("/name")} />
				<TextField label="Code" value={code} set={setCode} required hint="For programs: a-z, 0-9 and inner hyphens." error={saving.failure?.at("/code")} />
				<Problem failure={saving.failure} known={["/name", "/code"]} />
				<p class="actions"><SaveButton saving={saving}>Rename</SaveButton><button type="button" class="button" onClick={close}>Keep it</button></p>
			</form>
		</Dialog>
	);
}

/** Why a schedule stays, in words for who looks at it. */
function stays(failure: Failure): string {
	if (failure.at("/is_default")) return "It is the default one: make another schedule the default first.";
	return failure.problem?.errors[0]?.message ?? failure.message;
}

function Delete({ schedule, close, gone }: { schedule: Schedule; close: () => void; gone: () => void }) {
	const saving = useSaving();
	const remove = async () => {
		if (!(await saving.save(() => deleteSchedule(schedule.id)))) return;
		const { name, code, time_zone, weekly, overrides } = schedule;
		const one_offs = schedule.one_offs.map(({ kind, start, end }) => ({ kind, start, end }));
		done(`${name} is deleted`, async () => {
			await createSchedule({ name, code, time_zone, weekly, overrides, one_offs });
			gone();
		});
		gone();
		close();
	};
	return (
		<Dialog title={`Delete ${schedule.name}`} close={close}>
			<p>Its hours, dates and single times go. Meetings stay as they were booked.</p>
			{saving.failure && <Refused>{stays(saving.failure)}</Refused>}
			<p class="actions"><button type="button" class="button danger" disabled={saving.busy} onClick={remove}>Delete it</button><button type="button" class="button" onClick={close}>Keep it</button></p>
		</Dialog>
	);
}

function Head({ schedule, before, changed, gone }: { schedule: Schedule; before: Schedule | undefined; changed: Change; gone: () => void }) {
	const [open, setOpen] = useState<"rename" | "delete">();
	const saving = useSaving();
	const zone = (time_zone: string) => void saving.save(async () => {
		const next = await changeShown(schedule, { time_zone }, changed);
		done(`Your hours are now on the clock of ${zoneText(time_zone)}`, async () => changed(await changeSchedule(next, { time_zone: schedule.time_zone })));
	});
	const first = () => void saving.save(async () => {
		await changeShown(schedule, { is_default: true }, changed);
		gone();
		done(`New event types use ${schedule.name}`, before && (async () => {
			await changeSchedule(await getSchedule(before.id), { is_default: true });
			gone();
		}));
	});
	return (
		<>
			<div class="row schedule">
				<ZoneField label="Time zone" value={schedule.time_zone} set={(v) => v !== schedule.time_zone && zone(v)} />
				<button type="button" class="button" onClick={() => setOpen("rename")}>Rename</button>
				{!schedule.is_default && <button type="button" class="button" disabled={saving.busy} onClick={first}>Make it the default</button>}
				<button type="button" class="button" onClick={() => setOpen("delete")}>Delete</button>
			</div>
			<Problem failure={saving.failure} />
			{open === "rename" && <Rename schedule={schedule} close={() => setOpen(undefined)} changed={changed} />}
			{open === "delete" && <Delete schedule={schedule} close={() => setOpen(undefined)} gone={gone} />}
		</>
	);
}

function One({ schedule, loaded }: { schedule: Schedule; loaded: Loaded<Schedule[]> }) {
	const types = useLoad("types", listEventTypes);
	const [unsaved, setUnsaved] = useState(false);
	const changed = (next: Schedule) => loaded.set((old) => old?.map((s) => (s.id === next.id ? next : s)));
	useUnsaved(unsaved);
	const fresh = () => void getSchedule(schedule.id).then(changed, () => undefined);
	return (
		<>
			<Head schedule={schedule} before={loaded.data?.find((s) => s.is_default)} changed={changed} gone={() => void loaded.reload()} />
			<section aria-labelledby="week"><h2 id="week">Every week</h2><WeekEditor schedule={schedule} changed={changed} unsaved={setUnsaved} /></section>
			<section aria-labelledby="dates"><h2 id="dates">Single dates</h2><Overrides schedule={schedule} changed={changed} /></section>
			<section aria-labelledby="once"><h2 id="once">Blocked and extra time</h2><OneOffs schedule={schedule} changed={changed} /></section>
			<section aria-labelledby="seen">
				<header><h2 id="seen">What invitees see</h2><button type="button" class="button" onClick={fresh}>Look again</button></header>
				{unsaved && <p class="note">The week’s edits count when they are saved.</p>}
				<Preview key={schedule.time_zone} schedule={schedule} types={types.data} />
			</section>
		</>
	);
}

export default function Availability({ item }: { item: string }) {
	useTitle("Availability");
	const loaded = useLoad("schedules", listSchedules);
	const [making, setMaking] = useState(false);
	const made = (s: Schedule) => {
		loaded.set((old) => [...(old ?? []), s]);
		go(`/app/availability/${s.id}`);
	};
	return (
		<>
			<header><h1 tabIndex={-1}>Availability</h1><button type="button" class="button" onClick={() => setMaking(true)}>Make a schedule</button></header>
			{making && <Make close={() => setMaking(false)} made={made} gone={() => void loaded.reload()} />}
			<Ready of={loaded} lines={10}>
				{(list) => {
					const one = list.find((s) => s.id === item) ?? list.find((s) => s.is_default) ?? list[0];
					return (
						<>
							<nav class="tabs" aria-label="Schedules">
								{list.map((s) => <a key={s.id} href={`/app/availability/${s.id}`} aria-current={s.id === one?.id ? "page" : undefined}><bdi>{s.name}</bdi>{s.is_default && list.length > 1 ? " (default)" : ""}</a>)}
							</nav>
							{one ? <One key={one.id} schedule={one} loaded={loaded} /> : <p>Make a schedule: it says when you can be booked.</p>}
						</>
					);
				}}
			</Ready>
		</>
	);
}
