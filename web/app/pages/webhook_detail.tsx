// One webhook: what it is, what can be done with it, and its log.
import { useState } from "preact/hooks";
import { Dialog } from "../parts/dialog";
import { Problem, SelectField } from "../parts/form";
import { Secret } from "../parts/secret";
import { Ready } from "../parts/state";
import { done } from "../parts/undo";
import { EditWebhook } from "../parts/webhook_form";
import { WebhookLog } from "../parts/webhook_log";
import { useLoad, useSaving } from "../state/load";
import { go } from "../state/route";
import { changeWebhook, EVENTS, readWebhook, removeWebhook, replayRange, rotateSecret, sendTest, type Webhook } from "../state/webhooks";
import { momentText } from "../time/moment";

const SPANS = [["1", "The last hour"], ["24", "The last day"], ["72", "The last three days"], ["720", "The last 30 days"]] as const;
const PAUSES: Record<Webhook["paused"], string> = {
	no: "", by_owner: "You paused it", failing: "Paused, because every try failed for 72 hours", gone: "Paused, because it answered 410 Gone",
};

function instantText(at: number): string {
	return new Date(at).toISOString().slice(0, 19) + "Z";
}

function Replay({ webhook, close, again }: { webhook: Webhook; close: () => void; again: () => void }) {
	const [hours, setHours] = useState("24");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		const now = Date.now();
		let count = 0;
		if (!await saving.save(async () => { count = await replayRange(webhook.id, instantText(now - Number(hours) * 3600000), instantText(now + 60000)); })) return;
		done(count === 1 ? "1 event is sent again" : `${count} events are sent again`);
		again();
		close();
	};
	return (
		<Dialog title="Send again" close={close}>
			<form onSubmit={submit} noValidate>
				<p>All events of that time that this webhook listens to, also those that arrived. Each keeps its id, so that your program can tell.</p>
				<SelectField label="Of which time" value={hours} set={setHours} options={SPANS} />
				<Problem failure={saving.failure} />
				<p class="actions"><button type="submit" class="button first" disabled={saving.busy}>Send them again</button><button type="button" class="button" onClick={close}>Not now</button></p>
			</form>
		</Dialog>
	);
}

function Rotate({ webhook, close, changed }: { webhook: Webhook; close: () => void; changed: (w: Webhook) => void }) {
	const [secret, setSecret] = useState("");
	const saving = useSaving();
	const rotate = () => void saving.save(async () => {
		const { secret: shown, ...rest } = await rotateSecret(webhook.id);
		setSecret(shown);
		changed(rest);
	});
	return (
		<Dialog title={secret ? "The new secret" : "Make a new secret"} close={close}>
			{secret ? <Secret label="Its new secret" value={secret} copied="The secret is copied" close={close} /> : (
				<>
					<p>For 24 hours both secrets sign what is sent, so that your program can change over.</p>
					<Problem failure={saving.failure} />
					<p class="actions"><button type="button" class="button first" disabled={saving.busy} onClick={rotate}>Make it</button><button type="button" class="button" onClick={close}>Not now</button></p>
				</>
			)}
		</Dialog>
	);
}

function Remove({ webhook, close }: { webhook: Webhook; close: () => void }) {
	const saving = useSaving();
	const remove = async () => {
		if (!await saving.save(() => removeWebhook(webhook.id))) return;
		go("/app/webhooks");
		done("The webhook is removed");
	};
	return (
		<Dialog title="Remove the webhook" close={close}>
			<p>Nothing more is sent to it, and its log goes. This cannot be taken back.</p>
			<Problem failure={saving.failure} />
			<p class="actions"><button type="button" class="button danger" disabled={saving.busy} onClick={() => void remove()}>Remove it</button><button type="button" class="button" onClick={close}>Keep it</button></p>
		</Dialog>
	);
}

function State({ webhook, zone }: { webhook: Webhook; zone: string }) {
	const chosen = webhook.events.length ? EVENTS.filter(([code]) => webhook.events.includes(code)).map(([, text]) => text).join(" · ") : "All events";
	return (
		<>
			<p class="small">{chosen}</p>
			{!webhook.active && <p class="problem">{PAUSES[webhook.paused]}{webhook.paused_at && <span class="number"> ({momentText(webhook.paused_at, zone)})</span>}. Nothing is sent to it.</p>}
			{webhook.active && webhook.failing_since && <p class="problem">Every try has failed since <span class="number">{momentText(webhook.failing_since, zone)}</span>. After 72 hours it is paused.</p>}
			{webhook.rotated_until && Date.parse(webhook.rotated_until) > Date.now() && <p class="small number">The secret before signs as well until {momentText(webhook.rotated_until, zone)}.</p>}
		</>
	);
}

function Found({ webhook, zone, changed }: { webhook: Webhook; zone: string; changed: (w: Webhook) => void }) {
	const [asked, setAsked] = useState<"" | "edit" | "rotate" | "remove" | "replay">("");
	const [turn, setTurn] = useState(0);
	const saving = useSaving();
	const again = () => setTurn((n) => n + 1);
	const close = () => setAsked("");
	const turnTo = async (active: boolean) => {
		if (await saving.save(async () => changed(await changeWebhook(webhook, { active })))) done(active ? "Events are sent again" : "The webhook is paused");
	};
	const test = async () => {
		if (!await saving.save(() => sendTest(webhook.id))) return;
		done("A test is on its way");
		again();
	};
	return (
		<article>
			<p><a href="/app/webhooks">All webhooks</a></p>
			<h1 tabIndex={-1} class="address"><bdi>{webhook.url}</bdi></h1>
			{webhook.description && <p><bdi>{webhook.description}</bdi></p>}
			<State webhook={webhook} zone={zone} />
			<Problem failure={saving.failure} />
			<p class="actions">
				{webhook.active
					? <button type="button" class="button first" disabled={saving.busy} onClick={() => void test()}>Send a test</button>
					: <button type="button" class="button first" disabled={saving.busy} onClick={() => void turnTo(true)}>Resume</button>}
				{webhook.active && <button type="button" class="button" onClick={() => setAsked("replay")}>Send again…</button>}
				<button type="button" class="button" onClick={() => setAsked("edit")}>Change</button>
				{webhook.active && <button type="button" class="button" disabled={saving.busy} onClick={() => void turnTo(false)}>Pause</button>}
				<button type="button" class="button" onClick={() => setAsked("rotate")}>New secret</button>
				<button type="button" class="button danger" onClick={() => setAsked("remove")}>Remove</button>
			</p>
			<WebhookLog webhook={webhook} zone={zone} turn={turn} again={again} />
			{asked === "edit" && <EditWebhook webhook={webhook} close={close} changed={changed} />}
			{asked === "rotate" && <Rotate webhook={webhook} close={close} changed={changed} />}
			{asked === "remove" && <Remove webhook={webhook} close={close} />}
			{asked === "replay" && <Replay webhook={webhook} close={close} again={again} />}
		</article>
	);
}

export function WebhookDetail({ id, zone }: { id: string; zone: string }) {
	const loaded = useLoad<Webhook>(id, () => readWebhook(id));
	return <Ready of={loaded} lines={6}>{(w) => <Found webhook={w} zone={zone} changed={(fresh) => loaded.set(() => fresh)} />}</Ready>;
}
