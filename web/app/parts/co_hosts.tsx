// Co-hosts: asking somebody, agreeing when asked, ending it; and choosing them for an event type.
import { useState } from "preact/hooks";
import { acceptCoHost, askCoHost, type CoHost, coHostName, endCoHost, listCoHosts } from "../state/co_hosts";
import { useLoad, useSaving } from "../state/load";
import type { FormProps } from "./event_type_lists";
import { Problem, SaveButton, TextField } from "./form";
import { Ready } from "./state";
import { done } from "./undo";

function stateOf(it: CoHost): string {
	if (it.asks) return it.accepted ? "you host in their meetings" : "asks you to host in their meetings";
	return it.accepted ? "hosts with you" : "asked, has not answered yet";
}

function Ask({ asked }: { asked: (it: CoHost) => void }) {
	const [name, setName] = useState("");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		if (await saving.save(async () => asked(await askCoHost(name.trim().toLowerCase())))) {
			done(`${name.trim()} is asked, and finds it here`);
			setName("");
		}
	};
	return (
		<form onSubmit={submit}>
			<TextField label="Ask somebody to host with you" hint="The name of their page here. Their time is taken only once they agree." required value={name} set={setName} error={saving.failure?.at("/username")} autocomplete="off" />
			<Problem failure={saving.failure} known={["/username"]} />
			<p class="actions"><SaveButton saving={saving}>Ask</SaveButton></p>
		</form>
	);
}

export function CoHosts() {
	const loaded = useLoad("co-hosts", listCoHosts);
	const saving = useSaving();
	const put = (it: CoHost) => loaded.set((old) => [...(old ?? []).filter((o) => o.id !== it.id), it]);
	const accept = (it: CoHost) => async () => {
		if (await saving.save(async () => put(await acceptCoHost(it.id)))) done(`You host with ${coHostName(it)}`);
	};
	const end = (it: CoHost) => async () => {
		if (await saving.save(async () => { await endCoHost(it.id); loaded.set((old) => old?.filter((o) => o.id !== it.id)); })) done("Ended; what is booked stays");
	};
	return (
		<section aria-labelledby="co-hosts">
			<h2 id="co-hosts">Co-hosts</h2>
			<Problem failure={saving.failure} />
			<Ready of={loaded} lines={1}>
				{(list) => (
					<ul class="rows">
						{list.map((it) => (
							<li key={it.id}>
								<span class="main"><bdi>{coHostName(it)}</bdi> <span class="small">{stateOf(it)}</span></span>
								{it.asks && !it.accepted && <button type="button" class="button" disabled={saving.busy} onClick={accept(it)}>Agree<span class="quiet"> to host with {coHostName(it)}</span></button>}
								<button type="button" class="button" disabled={saving.busy} onClick={end(it)}>End<span class="quiet"> hosting with {coHostName(it)}</span></button>
							</li>
						))}
					</ul>
				)}
			</Ready>
			<Ask asked={put} />
		</section>
	);
}

/** Those who agreed, for an event type; nothing where there are none. */
export function ChooseCoHosts({ draft, set, failure }: FormProps) {
	const loaded = useLoad("co-hosts", listCoHosts);
	const agreed = (loaded.data ?? []).filter((it) => it.accepted && !it.asks);
	if (!agreed.length) return null;
	return (
		<section aria-labelledby="with">
			<h2 id="with">Who hosts too</h2>
			<fieldset class="scopes">
				<legend class="quiet">Co-hosts</legend>
				<p class="hint">Times are offered when all are free, and booked for all.</p>
				{failure?.at("/co_hosts") && <p class="error">{failure.at("/co_hosts")}</p>}
				{agreed.map((it) => (
					<label key={it.id} class="check">
						<input type="checkbox" checked={draft.co_hosts.includes(it.other_id)}
							onChange={(e) => set({ co_hosts: e.currentTarget.checked ? [...draft.co_hosts, it.other_id] : draft.co_hosts.filter((id) => id !== it.other_id) })} />
						<bdi>{coHostName(it)}</bdi>
					</label>
				))}
			</fieldset>
		</section>
	);
}
