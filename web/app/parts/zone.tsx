// A zone, chosen by searching for its city; each with its offset at this moment.
import { useEffect, useId, useState } from "preact/hooks";
import { ask, client } from "../api";
import { offsetText, zoneText } from "../time/format";
import { Dialog } from "./dialog";
import { Ready } from "./state";
import { useLoad } from "../state/load";

type Zone = { name: string; offset_minutes: number };
const SHOWN = 40;

function listZones(): Promise<Zone[]> {
	return ask(client.GET("/v1/time-zones")).then((answer) => answer.time_zones);
}

function plain(text: string): string {
	return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[_/]/g, " ").toLowerCase();
}

/** Those whose city begins with what was typed come first. */
function fitting(zones: readonly Zone[], typed: string): Zone[] {
	const wanted = plain(typed.trim());
	const found = zones.filter((z) => plain(z.name).includes(wanted) || offsetText(z.offset_minutes * 60).toLowerCase() === wanted);
	const begins = (z: Zone) => plain(z.name.slice(z.name.lastIndexOf("/") + 1)).startsWith(wanted);
	return [...found.filter(begins), ...found.filter((z) => !begins(z))].slice(0, SHOWN);
}

function Choices({ choose }: { choose: (zone: string) => void }) {
	const id = useId();
	const [typed, setTyped] = useState("");
	const zones = useLoad("zones", listZones);
	return (
		<>
			<label class="quiet" for={id}>Search for a city or an offset</label>
			<input id={id} class="search" type="search" autoFocus placeholder="City or UTC+1" value={typed} onInput={(e) => setTyped(e.currentTarget.value)} />
			<Ready of={zones} lines={5}>
				{(list) => {
					const found = fitting(list, typed);
					return (
						<>
							<p class="quiet" role="status">{typed ? `${found.length} found` : ""}</p>
							{found.length === 0 && <p class="small">No zone has that name. Try a large city nearby.</p>}
							<ul class="cities">
								{found.map((z) => (
									<li key={z.name}>
										<button type="button" onClick={() => choose(z.name)}>{z.name.replaceAll("_", " ").replace("/", " · ")} <span>{offsetText(z.offset_minutes * 60)}</span></button>
									</li>
								))}
							</ul>
						</>
					);
				}}
			</Ready>
		</>
	);
}

export function ZoneField({ label, hint, error, value, set }: {
	label: string; hint?: string; error?: string | undefined; value: string; set: (zone: string) => void;
}) {
	const id = useId();
	const [open, setOpen] = useState(false);
	const [now, setNow] = useState(Date.now);
	useEffect(() => setNow(Date.now()), [value]);
	return (
		<div class="field">
			<label for={id}>{label}</label>
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
			{error && <p class="error" id={`${id}-error`}>{label} {error}</p>}
			<button id={id} type="button" class="button chosen number" aria-haspopup="dialog" aria-describedby={hint ? `${id}-hint` : undefined} onClick={() => setOpen(true)}>
				<span>{zoneText(value, now)}</span><span class="small">Change</span>
			</button>
			{open && (
				<Dialog title={label} close={() => setOpen(false)}>
					<Choices choose={(zone) => { set(zone); setOpen(false); }} />
				</Dialog>
			)}
		</div>
	);
}
