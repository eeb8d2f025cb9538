// The lists inside an event type: lengths, places, questions, reminders.
import type { ComponentChildren } from "preact";
import type { Failure } from "../api";
import type { Draft, Length, Place, Question } from "../state/event_types";
import { lengthText } from "../time/format";
import { AreaField, CheckField, NumberField, SelectField, TextField } from "./form";

export type FormProps = { draft: Draft; set: (change: Partial<Draft>) => void; failure: Failure | undefined };

function without<T>(list: readonly T[], at: number): T[] {
	return list.filter((_, i) => i !== at);
}
function swapped<T>(list: readonly T[], at: number, by: number): T[] {
	const next = [...list];
	const [it] = next.splice(at, 1);
	if (it !== undefined) next.splice(at + by, 0, it);
	return next;
}
function replaced<T>(list: readonly T[], at: number, by: T): T[] {
	return list.map((it, i) => (i === at ? by : it));
}

function Item({ name, at, count, move, drop, children }: {
	name: string; at: number; count: number; move?: (by: number) => void; drop?: (() => void) | undefined; children: ComponentChildren;
}) {
	return (
		<li class="item">
			<div class="fields">{children}</div>
			<p class="tools">
				{move && <button type="button" class="icon" aria-label={`Move ${name} up`} title="Up" disabled={at === 0} onClick={() => move(-1)}>↑</button>}
				{move && <button type="button" class="icon" aria-label={`Move ${name} down`} title="Down" disabled={at === count - 1} onClick={() => move(1)}>↓</button>}
				{drop && <button type="button" class="icon" aria-label={`Remove ${name}`} title="Remove" onClick={drop}>×</button>}
			</p>
		</li>
	);
}

export function Lengths({ draft, set, failure }: FormProps) {
	const list = draft.durations;
	const put = (at: number, it: Length) => set({ durations: replaced(list, at, it) });
	return (
		<>
			<p class="small">The first is the one that invitees see chosen. Without a price nothing is said about money.</p>
			<ol class="items lengths">
				{list.map((d, i) => (
					<Item key={i} name={`length ${i + 1}`} at={i} count={list.length} move={list.length > 1 ? (by) => set({ durations: swapped(list, i, by) }) : undefined}
						drop={list.length > 1 ? () => set({ durations: without(list, i) }) : undefined}>
						<NumberField label="Minutes" value={d.minutes} set={(minutes) => put(i, { ...d, minutes })} error={failure?.at(`/durations/${i}/minutes`)} />
						<TextField label="Price" inputMode="decimal" placeholder="none" value={d.amount} set={(amount) => put(i, { ...d, amount, currency: d.currency || "EUR" })} error={failure?.at(`/durations/${i}/price/amount`)} />
						<TextField label="Currency" maxLength={3} placeholder="EUR" value={d.currency} set={(currency) => put(i, { ...d, currency })} error={failure?.at(`/durations/${i}/price/currency`)} />
					</Item>
				))}
			</ol>
			<p><button type="button" class="button" onClick={() => set({ durations: [...list, { minutes: 60, amount: "", currency: list[0]?.currency ?? "" }] })}>Add a length</button></p>
		</>
	);
}

const PLACES: readonly (readonly [Place["kind"], string, string])[] = [
	["link", "Video link", "https://…"], ["in_person", "In person", "Address"], ["phone", "Phone", "Number; empty: you call them"], ["other", "Something else", "What they should know"],
];

export function Places({ draft, set, failure }: FormProps) {
	const list = draft.locations;
	const put = (at: number, it: Place) => set({ locations: replaced(list, at, it) });
	return (
		<>
			<p class="small">{list.length > 1 ? "The invitee chooses one." : list.length === 0 ? "No place is said. Add one or several to choose from." : ""}</p>
			<ol class="items">
				{list.map((l, i) => (
					<Item key={i} name={`place ${i + 1}`} at={i} count={list.length} move={(by) => set({ locations: swapped(list, i, by) })} drop={() => set({ locations: without(list, i) })}>
						<SelectField label="How" value={l.kind} set={(kind) => put(i, { ...l, kind: kind as Place["kind"] })} options={PLACES.map(([code, name]) => [code, name])} />
						<TextField label="Where" value={l.value ?? ""} placeholder={PLACES.find(([code]) => code === l.kind)?.[2]} set={(value) => put(i, { ...l, value })} error={failure?.at(`/locations/${i}/value`)} />
						<TextField label="Name for invitees" value={l.label ?? ""} placeholder="optional" set={(label) => put(i, { ...l, label })} error={failure?.at(`/locations/${i}/label`)} />
					</Item>
				))}
			</ol>
			<p><button type="button" class="button" onClick={() => set({ locations: [...list, { kind: "link", value: "", label: "" }] })}>Add a place</button></p>
		</>
	);
}

const KINDS: readonly (readonly [Question["kind"], string])[] = [
	["text", "A line"], ["long_text", "A longer text"], ["choice", "One of several"], ["checkbox", "Yes or no"], ["phone", "A phone number"], ["number", "A number"],
];

export function Questions({ draft, set, failure }: FormProps) {
	const list = draft.questions;
	const put = (at: number, it: Question) => set({ questions: replaced(list, at, it) });
	return (
		<>
			<p class="small">Name and email are always asked.</p>
			<ol class="items">
				{list.map((q, i) => (
					<Item key={q.id ?? i} name={`question ${i + 1}`} at={i} count={list.length} move={(by) => set({ questions: swapped(list, i, by) })} drop={() => set({ questions: without(list, i) })}>
						<TextField label="Question" value={q.label} set={(label) => put(i, { ...q, label })} error={failure?.at(`/questions/${i}/label`)} />
						<SelectField label="Answer" value={q.kind} set={(kind) => put(i, { ...q, kind: kind as Question["kind"] })} options={KINDS} error={failure?.at(`/questions/${i}/kind`)} />
						<CheckField label="Must be answered" value={q.required} set={(required) => put(i, { ...q, required })} />
						{q.kind === "choice" && <AreaField label="Choices" hint="One on each line." value={q.choices.join("\n")} set={(v) => put(i, { ...q, choices: v.split("\n") })} error={failure?.at(`/questions/${i}/choices`)} />}
					</Item>
				))}
			</ol>
			<p><button type="button" class="button" onClick={() => set({ questions: [...list, { id: null, label: "", kind: "text", required: false, choices: [] }] })}>Add a question</button></p>
		</>
	);
}

export function Reminders({ draft, set, failure }: FormProps) {
	const list = draft.reminders;
	return (
		<>
			<SelectField label="Reminders by mail" value={list === null ? "usual" : list.length === 0 ? "never" : "own"}
				set={(v) => set({ reminders: v === "usual" ? null : v === "never" ? [] : [1440, 60] })}
				options={[["usual", "The usual: a day and an hour before"], ["own", "At times of its own"], ["never", "None"]]} />
			{list && list.length > 0 && (
				<ol class="items">
					{list.map((minutes, i) => (
						<Item key={i} name={`reminder ${i + 1}`} at={i} count={list.length} drop={() => set({ reminders: without(list, i) })}>
							<NumberField label="Minutes before" hint={lengthText(minutes)} value={minutes} set={(v) => set({ reminders: replaced(list, i, v ?? 0) })} error={failure?.at(`/reminders/${i}`)} />
						</Item>
					))}
					<li><button type="button" class="button" onClick={() => set({ reminders: [...list, 15] })}>Add a reminder</button></li>
				</ol>
			)}
		</>
	);
}
