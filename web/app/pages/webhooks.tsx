// Webhooks: which programs hear of bookings.
import { useState } from "preact/hooks";
import { Empty, Ready, Skeleton } from "../parts/state";
import "../parts/webhooks.css";
import { MakeWebhook } from "../parts/webhook_form";
import { useLoad } from "../state/load";
import { useMe } from "../state/me";
import { useTitle } from "../state/route";
import { listWebhooks, type Webhook } from "../state/webhooks";
import { WebhookDetail } from "./webhook_detail";

const MOST = 10;

function stateText(w: Webhook): string {
	if (!w.active) return "Paused";
	return w.failing_since ? "Failing" : "";
}

function Row({ webhook }: { webhook: Webhook }) {
	const events = webhook.events.length;
	const state = stateText(webhook);
	return (
		<li>
			<div class="main">
				<a class="address" href={`/app/webhooks/${webhook.id}`}><bdi>{webhook.url}</bdi></a>
				<p class="small">{webhook.description && <><bdi>{webhook.description}</bdi> · </>}{events ? `${events} kind${events === 1 ? "" : "s"} of events` : "All events"}</p>
			</div>
			{state && <span class="tag">{state}</span>}
		</li>
	);
}

function List() {
	const loaded = useLoad("webhooks", listWebhooks);
	const [making, setMaking] = useState(false);
	const full = (loaded.data?.length ?? 0) >= MOST;
	return (
		<>
			<header>
				<h1 tabIndex={-1}>Webhooks</h1>
				{!full && <button type="button" class="button" onClick={() => setMaking(true)}>Make a webhook</button>}
			</header>
			<Ready of={loaded} lines={3}>
				{(list) => list.length === 0 ? (
					<Empty title="Programs of yours that hear of bookings will be here">
						<p class="small">When somebody books, moves or cancels, Noonmark tells the address that you name, signed, and tries again until it arrives.</p>
					</Empty>
				) : <ul class="rows">{list.map((w) => <Row key={w.id} webhook={w} />)}</ul>}
			</Ready>
			{full && <p class="small">There are {MOST}, which is the most. Remove one to make another.</p>}
			{making && <MakeWebhook close={() => setMaking(false)} made={(w) => loaded.set((old) => [...(old ?? []), w])} />}
		</>
	);
}

export default function Webhooks({ item }: { item: string }) {
	useTitle("Webhooks");
	const me = useMe();
	if (!me) return <Skeleton lines={6} />;
	return item ? <WebhookDetail key={item} id={item} zone={me.time_zone} /> : <List />;
}
