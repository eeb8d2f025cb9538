// The form of an event type: everything that the API has, the usual first.
import { useState } from "preact/hooks";
import type { Schedule } from "../api";
import { codeOf } from "../state/code";
import type { Saving } from "../state/load";
import { type Draft, type NumberName, planText } from "../state/event_types";
import { lengthText } from "../time/format";
import { ChooseCoHosts } from "./co_hosts";
import { type FormProps, Lengths, Places, Questions, Reminders } from "./event_type_lists";
import { AreaField, ColorField, CheckField, NumberField, Problem, Refused, SaveButton, SelectField, TextField } from "./form";

const KNOWN = ["/title", "/code", "/description", "/color", "/schedule_id", "/durations", "/locations", "/questions", "/reminders", "/window", "/limits", "/metadata",
	"/interval_minutes", "/buffer_before_minutes", "/buffer_after_minutes", "/minimum_notice_minutes", "/horizon_days", "/seats", "/confirmation_notice_minutes",
	"/cancel_notice_minutes", "/reschedule_notice_minutes", "/reconfirm_minutes"];

/** A number of the draft; minutes are also said in hours. */
function Num({ name, label, hint, draft, set, failure }: FormProps & { name: NumberName; label: string; hint?: string }) {
	const value = draft[name];
	const said = name.endsWith("_minutes") && value !== null && value >= 60 ? lengthText(value) : "";
	return <NumberField label={label} hint={[hint, said].filter(Boolean).join(" ")} value={value} set={(v) => set({ [name]: v })} error={failure?.at(`/${name}`)} />;
}

function What(props: FormProps & { schedules: Schedule[]; base: string; fresh: boolean }) {
	const { draft, set, failure, schedules, base, fresh } = props;
	const follows = fresh && draft.code === codeOf(draft.title);
	return (
		<section aria-labelledby="what">
			<h2 id="what" class="quiet">What it is</h2>
			<TextField label="Title" required value={draft.title} set={(title) => set({ title, ...(follows ? { code: codeOf(title) } : {}) })} error={failure?.at("/title")} />
			<TextField label="Link" required hint={<span class="number">{base}/{draft.code || "…"}</span>} value={draft.code} set={(code) => set({ code })} error={failure?.at("/code")} />
			<AreaField label="Description" hint="Invitees read it before they choose a time." value={draft.description} set={(description) => set({ description })} error={failure?.at("/description")} />
			<div class="fields">
				<SelectField label="Hours" value={draft.schedule_id ?? ""} set={(id) => set({ schedule_id: id || null })} error={failure?.at("/schedule_id")}
					options={[["", "The default schedule"], ...schedules.map((s) => [s.id, s.name] as const)]} />
				<ColorField label="Colour" hint="In lists and calendars." value={draft.color} set={(color) => set({ color })} error={failure?.at("/color")} />
			</div>
		</section>
	);
}

function When(props: FormProps) {
	const { draft, set, failure } = props;
	const limit = (name: "day" | "week" | "month") => (
		<NumberField label={`At most a ${name}`} placeholder="any number" value={draft.limits[name]} set={(v) => set({ limits: { ...draft.limits, [name]: v } })} error={failure?.at(`/limits/${name}`)} />
	);
	return (
		<section aria-labelledby="when">
			<h2 id="when">When it can be booked</h2>
			<div class="fields">
				<Num {...props} name="minimum_notice_minutes" label="Notice, minutes" hint="Not sooner than this from now." />
				<Num {...props} name="horizon_days" label="Days ahead" hint="Empty: without end." />
				<Num {...props} name="interval_minutes" label="Starts every, minutes" hint="Empty: its length." />
				<Num {...props} name="buffer_before_minutes" label="Free before, minutes" />
				<Num {...props} name="buffer_after_minutes" label="Free after, minutes" />
				<Num {...props} name="seats" label="Seats" hint="Who may share one meeting." />
				{limit("day")}{limit("week")}{limit("month")}
				<TextField label="First date" type="date" value={draft.window.from} set={(from) => set({ window: { ...draft.window, from } })} error={failure?.at("/window/from")} />
				<TextField label="Last date" type="date" value={draft.window.until} set={(until) => set({ window: { ...draft.window, until } })} error={failure?.at("/window/until")} />
			</div>
		</section>
	);
}

function Changes(props: FormProps) {
	const { draft, set } = props;
	return (
		<section aria-labelledby="changes">
			<h2 id="changes">Requests and changes</h2>
			<SelectField label="You say yes first" value={draft.confirmation} set={(v) => set({ confirmation: v as Draft["confirmation"] })}
				options={[["never", "Never: booked at once"], ["always", "Always"], ["short_notice", "When it begins soon"]]} />
			<div class="fields">
				{draft.confirmation === "short_notice" && <Num {...props} name="confirmation_notice_minutes" label="Soon is within, minutes" />}
				<Num {...props} name="cancel_notice_minutes" label="Cancel until, minutes before" />
				<Num {...props} name="reschedule_notice_minutes" label="Move until, minutes before" />
				<Num {...props} name="reconfirm_minutes" label="Ask once more, minutes before" hint="Whether it still stands. Empty: not asked." />
			</div>
			<CheckField label="Who cancels or moves must say why" value={draft.reason_required} set={(reason_required) => set({ reason_required })} />
			<Reminders {...props} />
			<CheckField label="Invitees and guests get mails" hint="Without, you tell them yourself: for programs of your own." value={draft.send_mails} set={(send_mails) => set({ send_mails })} />
		</section>
	);
}

export function EventTypeForm({ start, schedules, base, saving, submit, verb, children }: {
	start: Draft; schedules: Schedule[]; base: string; saving: Saving; submit: (d: Draft) => void; verb: string;
	children?: (draft: Draft, dirty: boolean) => preact.ComponentChildren;
}) {
	const [draft, setDraft] = useState(start);
	const set = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }));
	const failure = saving.failure;
	const props = { draft, set, failure };
	const plan = planText(failure);
	const none = failure?.problem?.errors.find((e) => e.field === "/durations")?.message;
	return (
		<form class="sections" onSubmit={(e) => { e.preventDefault(); submit(draft); }}>
			<What {...props} schedules={schedules} base={base} fresh={!start.code} />
			<section aria-labelledby="long"><h2 id="long">How long</h2><Lengths {...props} />{none && <p class="error">Lengths {none}</p>}</section>
			<section aria-labelledby="where"><h2 id="where">Where</h2><Places {...props} /></section>
			<ChooseCoHosts {...props} />
			<section aria-labelledby="asked"><h2 id="asked">What is asked</h2><Questions {...props} /></section>
			<When {...props} />
			<Changes {...props} />
			<section aria-labelledby="shown">
				<h2 id="shown">Who sees it</h2>
				<CheckField label="It can be booked" value={draft.active} set={(active) => set({ active })} />
				{plan && <Refused>{plan}</Refused>}
				<CheckField label="Hidden: only who has the link finds it" value={draft.hidden} set={(hidden) => set({ hidden })} />
				<AreaField label="Data for your programs" hint="A JSON object; shown to you only." value={draft.metadata} set={(metadata) => set({ metadata })} error={failure?.at("/metadata")} />
			</section>
			{!plan && failure?.status !== 412 && <Problem failure={failure} known={KNOWN} />}
			{children?.(draft, JSON.stringify(draft) !== JSON.stringify(start))}
			<p class="actions save"><SaveButton saving={saving}>{verb}</SaveButton><a class="button" href="/app/event-types">Back to the list</a></p>
		</form>
	);
}
