// Notifications of the browser: a switch for this device, and the other devices that are told.
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { useLoad } from "../state/load";
import { type Device, type Push, type PushState, readPush, removeDevice, switchOff, switchOn } from "../state/push";
import { dayText } from "../time/format";
import { momentText } from "../time/moment";
import { agentText } from "./sessions";
import { Failed, Ready } from "./state";
import { done } from "./undo";

const WORDS: Record<PushState, string> = {
	on: "This device tells you of new bookings, requests, changes and reminders, also while no page is open, until you log out.",
	off: "Have this device tell you of new bookings, requests, changes and reminders. The browser will ask you first.",
	denied: "This browser was told not to show notifications of this site. Allow them in its settings for the site, then load this page again.",
	unsupported: "This browser cannot show notifications of this site.",
	home: "On an iPhone or iPad, first add the dashboard to the home screen (Share, then Add to Home Screen), and open it from there.",
};

function Row({ device, zone, remove }: { device: Device; zone: string; remove: () => void }) {
	const name = agentText(device.user_agent);
	return (
		<li>
			<div class="main">
				<p><b>{name}</b> {device.current && <span class="tag">this one</span>}</p>
				<p class="small number">Since {dayText(device.created_at, zone)}; {device.sent_at ? `last told ${momentText(device.sent_at, zone)}` : "not told of anything yet"}</p>
			</div>
			{!device.current && <button type="button" class="button" onClick={remove}>Remove<span class="quiet"> {name}</span></button>}
		</li>
	);
}

function Switch({ state, busy, turn }: { state: PushState; busy: boolean; turn: () => void }) {
	return (
		<>
			{(state === "on" || state === "off") && (
				<label class="check">
					<input type="checkbox" role="switch" checked={state === "on"} disabled={busy} onChange={turn} aria-describedby="push-hint" />
					Notify me on this device
				</label>
			)}
			<p class="small" id="push-hint" role="status">{WORDS[state]}</p>
		</>
	);
}

export function PushDevices({ zone }: { zone: string }) {
	const loaded = useLoad<Push>("push", readPush);
	const [busy, setBusy] = useState(false);
	const [failure, setFailure] = useState<Failure | Error>();
	const run = async (work: () => Promise<string | undefined>) => {
		setBusy(true);
		setFailure(undefined);
		let said: string | undefined;
		try {
			said = await work();
		} catch (e) {
			setFailure(e instanceof Error ? e : new Failure(0, undefined));
		}
		await loaded.reload();
		setBusy(false);
		if (said) done(said); // once what is shown agrees
	};
	const turn = (push: Push) => run(async () => {
		if (push.state === "on") {
			await switchOff(push.devices);
			return "This device tells you nothing any more";
		}
		return await switchOn() === "on" ? "This device will tell you" : undefined;
	});
	const remove = (device: Device) => run(async () => {
		await removeDevice(device.id);
		return `${agentText(device.user_agent)} is told no more`;
	});
	return (
		<section aria-labelledby="push">
			<h2 id="push">Your devices</h2>
			{failure && <Failed failure={failure} />}
			<Ready of={loaded} lines={2}>
				{(push) => (
					<>
						<Switch state={push.state} busy={busy} turn={() => void turn(push)} />
						{push.devices.length > 0 && <ul class="rows">{push.devices.map((d) => <Row key={d.id} device={d} zone={zone} remove={() => void remove(d)} />)}</ul>}
					</>
				)}
			</Ready>
		</section>
	);
}
