// Messages: which ones go to whom, and when; each event type's words are on a page of their own.
import "../offer.css";
import "../parts/messages.css";
import { useState } from "preact/hooks";
import { CheckField, Problem, SaveButton, TextField } from "../parts/form";
import { PushDevices } from "../parts/push";
import { Empty, Ready, Skeleton } from "../parts/state";
import { done } from "../parts/undo";
import { WordsEditor } from "../parts/words_editor";
import { useLoad, useSaving } from "../state/load";
import { useMe } from "../state/me";
import { type Choice, type Choices, getChoices, MESSAGES, setChoices } from "../state/messages";
import { useTitle } from "../state/route";
import { listEventTypes } from "../state/schedules";
import { useUnsaved } from "../state/unsaved";

const COLUMNS = [["host", "email", "To you, by mail"], ["host", "push", "To your devices"], ["invitee", "email", "To invitees, by mail"]] as const;

function Cell({ choices, message, column: [to, channel, name], set }: {
	choices: readonly Choice[]; message: Choice["message"]; column: (typeof COLUMNS)[number]; set: (next: Choice) => void;
}) {
	const it = choices.find((c) => c.message === message && c.to === to && c.channel === channel);
	return (
		<td data-label={name}>
			{it && (
				<label class="check"><input type="checkbox" checked={it.on} onChange={(e) => set({ ...it, on: e.currentTarget.checked })} />
					<span class="on-phone" aria-hidden="true">{name}</span><span class="quiet">{MESSAGES[message]}: {name}</span></label>
			)}
		</td>
	);
}

function Table({ choices, set }: { choices: readonly Choice[]; set: (next: Choice[]) => void }) {
	const rows = [...new Set(choices.map((c) => c.message))];
	const put = (next: Choice) => set(choices.map((c) => (c.message === next.message && c.to === next.to && c.channel === next.channel ? next : c)));
	return (
		<table class="choices">
			<thead><tr><th scope="col">Message</th>{COLUMNS.map(([, , name]) => <th key={name} scope="col">{name}</th>)}</tr></thead>
			<tbody>
				{rows.map((message) => (
					<tr key={message}>
						<th scope="row">{MESSAGES[message]}</th>
						{COLUMNS.map((column) => <Cell key={column[2]} {...{ choices, message, column, set: put }} />)}
					</tr>
				))}
			</tbody>
		</table>
	);
}

const minutesText = (list: readonly number[] | null) => (list ?? [1440, 60]).join(", ");

function minutesOf(text: string): number[] {
	return text.split(/[\s,;]+/).filter(Boolean).map((part) => Math.trunc(Number(part)) || 0);
}

function ChoicesForm({ first }: { first: Choices }) {
	const [saved, setSaved] = useState(first);
	const [draft, setDraft] = useState(first);
	const [minutes, setMinutes] = useState(minutesText(first.reminders));
	const saving = useSaving();
	const dirty = JSON.stringify(draft) !== JSON.stringify(saved) || minutes !== minutesText(saved.reminders);
	useUnsaved(dirty);
	const take = (next: Choices) => {
		setSaved(next);
		setDraft(next);
		setMinutes(minutesText(next.reminders));
		saving.clear();
	};
	const submit = async (e: Event) => {
		e.preventDefault();
		const before = saved;
		await saving.save(async () => {
			const next = await setChoices({ ...draft, version: saved.version, reminders: minutesOf(minutes) });
			take(next);
			done("Saved", async () => take(await setChoices({ ...before, version: next.version })));
		});
	};
	return (
		<form class="measure" onSubmit={submit} noValidate>
			<Table choices={draft.messages} set={(messages) => setDraft({ ...draft, messages })} />
			<p class="hint">That something is booked, moved or called off, invitees are always told, unless you switch off all mails to them.</p>
			<TextField label="Reminders, minutes before the start" hint="With commas between, at most five; empty: none. An event type may say otherwise." inputMode="numeric"
				value={minutes} set={setMinutes} error={saving.failure?.at("/reminders")} />
			<CheckField label="Mails to invitees and guests" hint="Switch them off where a product of your own writes to them." value={draft.send_mails} set={(send_mails) => setDraft({ ...draft, send_mails })} />
			{saving.failure?.status === 412
				? <div class="problem" role="alert"><p>This was changed elsewhere in the meantime.</p><p class="actions"><button type="button" class="button" onClick={() => void saving.save(async () => take(await getChoices()))}>Load what is saved</button></p></div>
				: <Problem failure={saving.failure} known={["/reminders"]} />}
			<p class="actions"><SaveButton saving={saving}>Save</SaveButton></p>
		</form>
	);
}

function Overview() {
	const choices = useLoad("choices", getChoices);
	const types = useLoad("types", listEventTypes);
	const me = useMe();
	return (
		<>
			<h1 tabIndex={-1}>Messages</h1>
			<section aria-labelledby="who"><h2 id="who">Who is told what</h2><Ready of={choices} lines={8}>{(c) => <ChoicesForm first={c} />}</Ready></section>
			{me && <PushDevices zone={me.time_zone} />}
			<section aria-labelledby="words">
				<h2 id="words">Your own words</h2>
				<Ready of={types} lines={3}>
					{(list) => list.length > 0
						? <ul class="rows">{list.map((t) => <li key={t.id}><div class="main"><a href={`/app/messages/${t.id}`}><bdi>{t.title}</bdi></a></div></li>)}</ul>
						: <Empty title="Messages have words once there is something to book"><p><a href="/app/event-types/new">Make an event type</a></p></Empty>}
				</Ready>
			</section>
		</>
	);
}

function One({ item }: { item: string }) {
	const types = useLoad("types", listEventTypes);
	const me = useMe();
	return (
		<Ready of={types} lines={8}>
			{(list) => {
				const type = list.find((t) => t.id === item);
				return type && me ? <WordsEditor type={type} language={me.language} /> : <Empty title="There is no such event type"><p><a href="/app/messages">To the messages</a></p></Empty>;
			}}
		</Ready>
	);
}

export default function Messages({ item }: { item: string }) {
	useTitle("Messages");
	const me = useMe();
	if (!me) return <Skeleton lines={6} />;
	return item ? <One key={item} item={item} /> : <Overview />;
}
