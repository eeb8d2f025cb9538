// What a webhook is: address, what it is for, which events.
import { useState } from "preact/hooks";
import type { Failure } from "../api";
import { type Saving, useSaving } from "../state/load";
import { changeWebhook, EVENTS, type EventName, type Given, makeWebhook, type Webhook } from "../state/webhooks";
import { Dialog } from "./dialog";
import { Problem, SaveButton, SelectField, TextField } from "./form";
import { Secret } from "./secret";

const WHICH = [["all", "All events"], ["some", "Only some"]] as const;

function Events({ chosen, set }: { chosen: readonly EventName[]; set: (events: EventName[]) => void }) {
	return (
		<fieldset class="scopes">
			<legend>Send when a booking is</legend>
			{EVENTS.map(([code, text]) => (
				<label key={code} class="check">
					<input type="checkbox" checked={chosen.includes(code)}
						onChange={(e) => set(e.currentTarget.checked ? [...chosen, code] : chosen.filter((c) => c !== code))} />
					{text}
				</label>
			))}
		</fieldset>
	);
}

function Form({ begin, saving, submit, word, close }: {
	begin: Given; saving: Saving; submit: (given: Given) => void; word: string; close: () => void;
}) {
	const [url, setUrl] = useState(begin.url);
	const [description, setDescription] = useState(begin.description);
	const [which, setWhich] = useState(begin.events.length ? "some" : "all");
	const [events, setEvents] = useState<EventName[]>(begin.events);
	const [none, setNone] = useState(false);
	const wrong: Failure | undefined = saving.failure;
	const send = (e: Event) => {
		e.preventDefault();
		const missing = which === "some" && events.length === 0;
		setNone(missing);
		if (!missing) submit({ url: url.trim(), description: description.trim(), events: which === "all" ? [] : events });
	};
	return (
		<form onSubmit={send} noValidate>
			<TextField label="Address" type="url" hint="An https address of your program. Events are sent there by POST." value={url} set={setUrl}
				error={wrong?.at("/url")} autocomplete="off" placeholder="https://hooks.example.org/noonmark" />
			<TextField label="Description" hint="What it is for, if you like." value={description} set={setDescription} error={wrong?.at("/description")} maxLength={200} autocomplete="off" />
			<SelectField label="Events" value={which} set={setWhich} options={WHICH} error={none ? "are missing: choose one at least" : wrong?.at("/events")} />
			{which === "some" && <Events chosen={events} set={setEvents} />}
			<Problem failure={wrong} known={["/url", "/description", "/events"]} />
			<p class="actions"><SaveButton saving={saving}>{word}</SaveButton><button type="button" class="button" onClick={close}>Not now</button></p>
		</form>
	);
}

export function MakeWebhook({ close, made }: { close: () => void; made: (webhook: Webhook) => void }) {
	const [secret, setSecret] = useState("");
	const saving = useSaving();
	const submit = (given: Given) => void saving.save(async () => {
		const { secret: shown, ...rest } = await makeWebhook(given);
		setSecret(shown);
		made(rest);
	});
	return (
		<Dialog title={secret ? "The webhook is made" : "Make a webhook"} close={close}>
			{secret ? <Secret label="Its secret, by which you verify what comes" value={secret} copied="The secret is copied" close={close} />
				: <Form begin={{ url: "", description: "", events: [] }} saving={saving} submit={submit} word="Make the webhook" close={close} />}
		</Dialog>
	);
}

export function EditWebhook({ webhook, close, changed }: { webhook: Webhook; close: () => void; changed: (webhook: Webhook) => void }) {
	const saving = useSaving();
	const submit = async (given: Given) => {
		if (await saving.save(async () => changed(await changeWebhook(webhook, given)))) close();
	};
	return (
		<Dialog title="Change the webhook" close={close}>
			<Form begin={webhook} saving={saving} submit={(given) => void submit(given)} word="Save" close={close} />
		</Dialog>
	);
}
