// API keys: made with a name, scopes and an end; shown once.
import { useState } from "preact/hooks";
import { type ApiKey, listKeys, makeKey, removeKey } from "../state/account";
import { type Saving, useLoad, useSaving } from "../state/load";
import { dayText } from "../time/format";
import { Dialog } from "./dialog";
import { Problem, SaveButton, SelectField, TextField } from "./form";
import { Secret } from "./secret";
import { Ready } from "./state";
import { done } from "./undo";

const SCOPES = [
	["bookings:read", "See bookings and the calendar"],
	["bookings:write", "Confirm, move and cancel bookings"],
	["event_types:read", "See event types"],
	["event_types:write", "Change event types"],
	["schedules:read", "See hours"],
	["schedules:write", "Change hours"],
	["webhooks:read", "See webhooks and their log"],
	["webhooks:write", "Make and change webhooks, which are told of all bookings"],
	["account:read", "See the account"],
] as const;
const ENDS = [["30", "In 30 days"], ["90", "In 90 days"], ["365", "In a year"], ["", "Never"]] as const;

function Scopes({ chosen, set, error }: { chosen: readonly string[]; set: (scopes: string[]) => void; error: string | undefined }) {
	return (
		<fieldset class="scopes">
			<legend>What it may do</legend>
			{error && <p class="error">{error}</p>}
			{SCOPES.map(([code, text]) => (
				<label key={code} class="check">
					<input type="checkbox" checked={chosen.includes(code)}
						onChange={(e) => set(e.currentTarget.checked ? [...chosen, code] : chosen.filter((c) => c !== code))} />
					{text}
				</label>
			))}
		</fieldset>
	);
}

function Make({ close, made }: { close: () => void; made: (key: ApiKey) => void }) {
	const [name, setName] = useState("");
	const [scopes, setScopes] = useState<string[]>(["bookings:read"]);
	const [days, setDays] = useState("90");
	const [secret, setSecret] = useState("");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		const ends = days ? new Date(Date.now() + Number(days) * 86400000).toISOString().slice(0, 19) + "Z" : null;
		await saving.save(async () => {
			const { key, ...rest } = await makeKey({ name, scopes, expires_at: ends });
			setSecret(key);
			made(rest);
		});
	};
	const wrong = saving.failure;
	return (
		<Dialog title={secret ? "The key is made" : "Make a key"} close={close}>
			{secret ? <Secret label="Your key" value={secret} copied="The key is copied" close={close} /> : (
				<form onSubmit={submit} noValidate>
					<TextField label="Name" hint="What it is for." value={name} set={setName} error={wrong?.at("/name")} maxLength={80} autocomplete="off" />
					<Scopes chosen={scopes} set={setScopes} error={scopes.length === 0 && wrong?.at("/scopes") ? "Choose one at least." : wrong?.at("/scopes")} />
					<SelectField label="It ends" value={days} set={setDays} options={ENDS} error={wrong?.at("/expires_at")} />
					<Problem failure={wrong} known={["/name", "/scopes", "/expires_at"]} />
					<p class="actions"><SaveButton saving={saving}>Make the key</SaveButton><button type="button" class="button" onClick={close}>Not now</button></p>
				</form>
			)}
		</Dialog>
	);
}

function Remove({ item, saving, remove, close }: { item: ApiKey; saving: Saving; remove: () => void; close: () => void }) {
	return (
		<Dialog title={`Remove the key ${item.name}`} close={close}>
			<p>Programs that use it are refused from now on.</p>
			<Problem failure={saving.failure} />
			<p class="actions">
				<button type="button" class="button danger" disabled={saving.busy} onClick={remove}>Remove it</button>
				<button type="button" class="button" onClick={close}>Keep it</button>
			</p>
		</Dialog>
	);
}

function Row({ item, zone, remove }: { item: ApiKey; zone: string; remove: () => void }) {
	const words = SCOPES.filter(([code]) => item.scopes.includes(code)).map(([, text]) => text).join(" · ");
	return (
		<li>
			<div class="main">
				<p><b><bdi>{item.name}</bdi></b> <span class="small number">{item.prefix}…</span></p>
				<p class="small">{words}</p>
				<p class="small number">Made {dayText(item.created_at, zone)}; {item.expires_at ? `ends ${dayText(item.expires_at, zone)}` : "never ends"}</p>
			</div>
			<button type="button" class="button" onClick={remove}>Remove<span class="quiet"> {item.name}</span></button>
		</li>
	);
}

export function ApiKeys({ zone }: { zone: string }) {
	const loaded = useLoad("keys", listKeys);
	const [making, setMaking] = useState(false);
	const [leaving, setLeaving] = useState<ApiKey>();
	const saving = useSaving();
	const remove = async (item: ApiKey) => {
		if (!await saving.save(() => removeKey(item.id))) return;
		loaded.set((old) => old?.filter((k) => k.id !== item.id));
		setLeaving(undefined);
		done("The key is removed");
	};
	return (
		<section aria-labelledby="keys">
			<header><h2 id="keys">API keys</h2><button type="button" class="button" onClick={() => setMaking(true)}>Make a key</button></header>
			<Ready of={loaded} lines={2}>
				{(list) => list.length === 0 ? <p class="small">No keys yet. A key lets a program of yours see or change your bookings. <a href="/v1/openapi.json">What the API can do</a></p>
					: <ul class="rows">{list.map((k) => <Row key={k.id} item={k} zone={zone} remove={() => { saving.clear(); setLeaving(k); }} />)}</ul>}
			</Ready>
			{making && <Make close={() => setMaking(false)} made={(k) => loaded.set((old) => [...(old ?? []), k])} />}
			{leaving && <Remove item={leaving} saving={saving} remove={() => void remove(leaving)} close={() => setLeaving(undefined)} />}
		</section>
	);
}
