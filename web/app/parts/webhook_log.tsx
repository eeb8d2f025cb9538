// The log of a webhook: each event, what became of it, and sending it again.
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { useLoad, useSaving } from "../state/load";
import { type Delivery, type DeliveryDetail, type DeliveryPage, EVENTS, listDeliveries, readDelivery, replayDelivery, type Webhook } from "../state/webhooks";
import { momentText } from "../time/moment";
import { Dialog } from "./dialog";
import { Problem } from "./form";
import { Failed, Ready } from "./state";
import { done } from "./undo";

const STATES: Record<Delivery["state"], string> = { waiting: "Waiting", delivered: "Delivered", failed: "Failed" };
const TABS = [["any", "All"], ["waiting", "Waiting"], ["delivered", "Delivered"], ["failed", "Failed"]] as const;

function nameOf(type: Delivery["type"]): string {
	return type === "webhook.test" ? "A test" : EVENTS.find(([code]) => code === type)?.[1] ?? type;
}

function triesText(n: number): string {
	return n === 1 ? "1 try" : `${n} tries`;
}

/** What is known of the last try, in one line. */
function outcome(d: Delivery, zone: string): string {
	const parts = [STATES[d.state]];
	if (d.status) parts.push(`answered ${d.status}`);
	if (d.milliseconds !== null && d.tried_at) parts.push(`${d.milliseconds} ms`);
	if (d.attempts > 1) parts.push(triesText(d.attempts));
	if (d.next_try_at && d.attempts) parts.push(`next try ${momentText(d.next_try_at, zone)}`);
	return parts.join(" · ");
}

function Detail({ webhook, id, zone, close, again }: { webhook: Webhook; id: string; zone: string; close: () => void; again: () => void }) {
	const loaded = useLoad<DeliveryDetail>(id, () => readDelivery(webhook.id, id));
	const saving = useSaving();
	const replay = async () => {
		if (!await saving.save(() => replayDelivery(webhook.id, id))) return;
		done("It is sent again");
		again();
		close();
	};
	return (
		<Dialog title="One delivery" close={close}>
			<Ready of={loaded} lines={4}>
				{(d) => (
					<div class="delivery">
						<p><b>{nameOf(d.type)}</b> <span class="small number">{momentText(d.created_at, zone)}</span></p>
						<p class="small number">{outcome(d, zone)}</p>
						{d.error && !d.status && <p class="problem">{d.error}</p>}
						{d.response && <><h3 class="small">What it answered</h3><pre class="sent" tabIndex={0}>{d.response}</pre></>}
						<h3 class="small">What is sent</h3>
						<pre class="sent" tabIndex={0} aria-label="What is sent">{JSON.stringify(d.body, null, 2)}</pre>
					</div>
				)}
			</Ready>
			<Problem failure={saving.failure} />
			<p class="actions">
				<button type="button" class="button first" disabled={saving.busy || !webhook.active} onClick={() => void replay()}>Send it again</button>
				<button type="button" class="button" onClick={close}>Close</button>
			</p>
		</Dialog>
	);
}

function Row({ delivery, zone, open }: { delivery: Delivery; zone: string; open: () => void }) {
	return (
		<li>
			<div class="main">
				<p><b>{nameOf(delivery.type)}</b> <span class="small number">{momentText(delivery.created_at, zone)}</span></p>
				<p class="small number">{outcome(delivery, zone)}</p>
				{delivery.error && !delivery.status && <p class="small">{delivery.error}</p>}
			</div>
			<button type="button" class="button" onClick={open}>Details<span class="quiet"> of {nameOf(delivery.type)}, {momentText(delivery.created_at, zone)}</span></button>
		</li>
	);
}

export function WebhookLog({ webhook, zone, turn, again }: { webhook: Webhook; zone: string; turn: number; again: () => void }) {
	const [tab, setTab] = useState<(typeof TABS)[number][0]>("any");
	const [opened, setOpened] = useState("");
	const [failure, setFailure] = useState<Failure>();
	const loaded = useLoad<DeliveryPage>(`${tab}|${turn}`, () => listDeliveries(webhook.id, tab));
	const more = async (cursor: string) => {
		setFailure(undefined);
		try {
			const next = await listDeliveries(webhook.id, tab, cursor);
			loaded.set((old) => ({ items: [...(old?.items ?? []), ...next.items], next_cursor: next.next_cursor }));
		} catch (e) {
			setFailure(e instanceof Failure ? e : undefined);
		}
	};
	return (
		<section aria-labelledby="log">
			<header><h2 id="log">Log</h2><button type="button" class="button" onClick={again}>Look again</button></header>
			<div class="tabs" role="tablist" aria-label="Which deliveries">
				{TABS.map(([code, name]) => (
					<button key={code} type="button" role="tab" aria-selected={tab === code} onClick={() => setTab(code)}>{name}</button>
				))}
			</div>
			<Ready of={loaded} lines={4}>
				{(page) => (
					<>
						{page.items.length === 0 && <p class="small">{tab === "any" ? "Nothing was sent yet. Send a test, or wait for a booking." : "None."}</p>}
						<ul class="rows">{page.items.map((d) => <Row key={d.id} delivery={d} zone={zone} open={() => setOpened(d.id)} />)}</ul>
						{failure && <Failed failure={failure} />}
						{page.next_cursor && <p class="actions"><button type="button" class="button" onClick={() => void more(page.next_cursor as string)}>Show more</button></p>}
					</>
				)}
			</Ready>
			{opened && <Detail webhook={webhook} id={opened} zone={zone} close={() => setOpened("")} again={again} />}
		</section>
	);
}
