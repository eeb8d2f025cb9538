// What can be booked: the list, and making and editing one.
import "../offer.css";
import { useEffect, useState } from "preact/hooks";
import { type EventType, type Failure, type Schedule } from "../api";
import { Dialog } from "../parts/dialog";
import { EventTypeForm } from "../parts/event_type_form";
import { Problem, Refused } from "../parts/form";
import { Qr } from "../parts/qr";
import { Empty, Ready, Skeleton } from "../parts/state";
import { done } from "../parts/undo";
import { type Change, changeEventType, createEventType, bodyOf, deleteEventType, type Draft, draftOf, getEventType, NEW, planText, priceText, restoreEventType } from "../state/event_types";
import { type Loaded, useLoad, useSaving } from "../state/load";
import { useMe } from "../state/me";
import { go, keepHere, useTitle } from "../state/route";
import { listEventTypes, listSchedules } from "../state/schedules";
import { useUnsaved } from "../state/unsaved";
import { lengthText } from "../time/format";

const LIST_OLD = "noonmark:event-types"; // the list, if it is shown, is no longer what the server has

async function copy(link: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(link);
		done("The link is copied");
	} catch {
		done(`The link: ${link}`);
	}
}

function Delete({ type, close, gone }: { type: EventType; close: () => void; gone: () => void }) {
	const saving = useSaving();
	const remove = async () => {
		if (!(await saving.save(() => deleteEventType(type.id)))) return;
		close();
		gone();
		done(`${type.title} is deleted`, async () => {
			await restoreEventType(type);
			dispatchEvent(new Event(LIST_OLD));
		});
	};
	return (
		<Dialog title={`Delete ${type.title}`} close={close}>
			<p>Meetings that are booked stay as they are, and their invitees can still move or cancel them. Its link ends, and the name in it is free again.</p>
			<p class="small">To stop bookings for a while, deactivate it instead.</p>
			<Problem failure={saving.failure} />
			<p class="actions"><button type="button" class="button danger" disabled={saving.busy} onClick={remove}>Delete it</button><button type="button" class="button" onClick={close}>Keep it</button></p>
		</Dialog>
	);
}

function Code({ type, close }: { type: EventType; close: () => void }) {
	return (
		<Dialog title={type.title} close={close}>
			<Qr text={type.booking_url} />
			<p class="number">{type.booking_url}</p>
			<p class="actions"><button type="button" class="button first" onClick={() => void copy(type.booking_url)}>Copy the link</button><button type="button" class="button" onClick={close}>Close</button></p>
		</Dialog>
	);
}

function Row({ type, loaded }: { type: EventType; loaded: Loaded<EventType[]> }) {
	const [open, setOpen] = useState<"code" | "delete">();
	const saving = useSaving();
	const put = (next: EventType) => loaded.set((old) => old?.map((it) => (it.id === next.id ? next : it)));
	const change = (body: Change, back: Change, text: string) => () => void saving.save(async () => {
		const next = await changeEventType(type, body).catch(async (e: Failure) => {
			if (e.status === 412) put(await getEventType(type.id)); // changed elsewhere: pressed again, it works
			throw e;
		});
		put(next);
		done(text, async () => put(await changeEventType(next, back)));
	});
	const plan = planText(saving.failure);
	const swatch = (el: SVGSVGElement | null) => el?.style.setProperty("color", type.color ?? "var(--edge)");
	return (
		<li>
			<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true" ref={swatch}><circle cx="6" cy="6" r="6" fill="currentColor" /></svg>
			<div class="main">
				<a href={`/app/event-types/${type.id}`}><bdi>{type.title}</bdi></a>{" "}
				{!type.active && <span class="tag">not active</span>} {type.hidden && <span class="tag">hidden</span>}
				<p class="small number">{type.durations.map((d) => [lengthText(d.minutes), priceText(d.price)].filter(Boolean).join(", ")).join(" · ")}</p>
				<p class="small"><a href={type.booking_url} target="_blank" rel="noopener">{type.booking_url.replace(/^https?:\/\//, "")}</a></p>
			</div>
			<p class="actions tight">
				<button type="button" class="button" aria-label={`Copy link of ${type.title}`} onClick={() => void copy(type.booking_url)}>Copy link</button>
				<button type="button" class="button" aria-label={`QR code of ${type.title}`} onClick={() => setOpen("code")}>QR code</button>
				<button type="button" class="button" aria-label={`${type.active ? "Deactivate" : "Activate"} ${type.title}`} disabled={saving.busy}
					onClick={change({ active: !type.active }, { active: type.active }, type.active ? "It cannot be booked now" : "It can be booked now")}>{type.active ? "Deactivate" : "Activate"}</button>
				<button type="button" class="button" aria-label={`${type.hidden ? "Show" : "Hide"} ${type.title}`} disabled={saving.busy}
					onClick={change({ hidden: !type.hidden }, { hidden: type.hidden }, type.hidden ? "It is in your list again" : "Only who has the link finds it")}>{type.hidden ? "Show" : "Hide"}</button>
				<button type="button" class="button" aria-label={`Delete ${type.title}`} onClick={() => setOpen("delete")}>Delete</button>
			</p>
			{plan ? <Refused>{plan}</Refused> : <Problem failure={saving.failure} />}
			{open === "code" && <Code type={type} close={() => setOpen(undefined)} />}
			{open === "delete" && <Delete type={type} close={() => setOpen(undefined)} gone={() => void loaded.reload()} />}
		</li>
	);
}

function List() {
	const loaded = useLoad("types", listEventTypes);
	useEffect(() => {
		const look = () => void loaded.reload();
		addEventListener(LIST_OLD, look);
		return () => removeEventListener(LIST_OLD, look);
	}, []);
	return (
		<>
			<header><h1 tabIndex={-1}>Event types</h1><a class="button first" href="/app/event-types/new">Make an event type</a></header>
			<Ready of={loaded} lines={6}>
				{(types) => types.length > 0 ? <ul class="rows types">{types.map((t) => <Row key={t.id} type={t} loaded={loaded} />)}</ul>
					: <Empty title="What can be booked will be here"><p>A first talk, a lesson, an hour of advice: each has a link of its own.</p></Empty>}
			</Ready>
		</>
	);
}

/** Tells the page whether there are edits: inside the form, where the draft is. */
function Edits({ dirty }: { dirty: boolean }) {
	useUnsaved(dirty);
	return null;
}

const baseOf = (username: string | undefined) => `${location.host}/${username ?? ""}`;

function Make({ schedules, all }: { schedules: Schedule[]; all: EventType[] }) {
	const me = useMe();
	const saving = useSaving();
	const [made, setMade] = useState("");
	useEffect(() => {
		if (!made) return;
		keepHere(undefined);
		go("/app/event-types");
	}, [made]);
	const submit = (draft: Draft) => void saving.save(async () => {
		const next = await createEventType(draft);
		done(`${next.title} is made`, async () => {
			await deleteEventType(next.id);
			dispatchEvent(new Event(LIST_OLD));
		});
		setMade(next.id);
	});
	return (
		<>
			<h1 tabIndex={-1}>Make an event type</h1>
			{all.length === 0 && <p class="small">A title, a link and a length are enough; the rest can stay as it is.</p>}
			<EventTypeForm start={NEW} schedules={schedules} base={baseOf(me?.username)} saving={saving} submit={submit} verb="Make it">
				{(_, dirty) => <Edits dirty={dirty && !made} />}
			</EventTypeForm>
		</>
	);
}

function Elsewhere({ keep, drop }: { keep: () => void; drop: () => void }) {
	return (
		<div class="problem" role="alert">
			<p>It was changed elsewhere since you opened it. Your edits are still here.</p>
			<p class="actions"><button type="button" class="button" onClick={keep}>Save mine over it</button><button type="button" class="button" onClick={drop}>Load what is saved</button></p>
		</div>
	);
}

function Edit({ first, schedules }: { first: EventType; schedules: Schedule[] }) {
	const me = useMe();
	const [type, setType] = useState(first);
	const [form, setForm] = useState({ turn: 0, start: draftOf(first) });
	const saving = useSaving();
	const take = (next: EventType) => {
		setType(next);
		setForm((old) => ({ turn: old.turn + 1, start: draftOf(next) }));
		saving.clear();
	};
	const saveOver = (version: number, draft: Draft) => saving.save(async () => {
		const next = await changeEventType({ id: type.id, version }, bodyOf(draft));
		const before = bodyOf(draftOf(type));
		take(next);
		done(`${next.title} is saved`, async () => take(await changeEventType(next, before)));
	});
	const fresh = (use: (t: EventType) => void) => void getEventType(type.id).then(use, () => undefined);
	return (
		<>
			<header>
				<h1 tabIndex={-1}><bdi>{type.title}</bdi></h1>
				<p class="row"><a href={type.booking_url} target="_blank" rel="noopener">See it as invitees do</a><a href={`/app/messages/${type.id}`}>Words of its messages</a></p>
			</header>
			<EventTypeForm key={form.turn} start={form.start} schedules={schedules} base={baseOf(me?.username)} saving={saving} submit={(d) => void saveOver(type.version, d)} verb="Save">
				{(draft, dirty) => (
					<>
						<Edits dirty={dirty} />
						{saving.failure?.status === 412 && <Elsewhere keep={() => fresh((t) => void saveOver(t.version, draft))} drop={() => fresh(take)} />}
					</>
				)}
			</EventTypeForm>
		</>
	);
}

function One({ item }: { item: string }) {
	const loaded = useLoad(item, async () => {
		const [types, schedules] = await Promise.all([listEventTypes(), listSchedules()]);
		return { types, schedules };
	});
	return (
		<Ready of={loaded} lines={10}>
			{({ types, schedules }) => {
				if (item === "new") return <Make schedules={schedules} all={types} />;
				const type = types.find((t) => t.id === item);
				return type ? <Edit first={type} schedules={schedules} /> : <Empty title="There is no such event type"><p><a href="/app/event-types">To all event types</a></p></Empty>;
			}}
		</Ready>
	);
}

export default function EventTypes({ item }: { item: string }) {
	useTitle("Event types");
	const me = useMe();
	if (!me) return <Skeleton lines={6} />;
	return item ? <One key={item} item={item} /> : <List />;
}
