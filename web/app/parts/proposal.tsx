// Back and forth about a booking: the invitee's times to answer, the host's own to wait for, and asking for another time.
import { useState } from "preact/hooks";
import type { Booking } from "../api";
import { acceptProposal, declineProposal, proposeTimes, withdrawProposal } from "../state/bookings";
import { useSaving } from "../state/load";
import { momentText } from "../time/moment";
import { Dialog } from "./dialog";
import { AreaField, Problem } from "./form";
import { FreeTimes, instantOf } from "./free_times";
import { done } from "./undo";

const MOST = 5;
type Props = { booking: Booking; zone: string; changed: (b: Booking) => void };

export function Propose({ booking, zone, close, changed }: Props & { close: () => void }) {
	const [starts, setStarts] = useState<readonly string[]>([]);
	const [note, setNote] = useState("");
	const saving = useSaving();
	const toggle = (start: string) => setStarts((old) => (old.includes(start) ? old.filter((s) => s !== start) : [...old, start].sort()));
	const submit = async (e: Event) => {
		e.preventDefault();
		if (await saving.save(async () => changed(await proposeTimes(booking.id, starts.map(instantOf), note)))) {
			done(`Proposed: ${booking.invitee.name} is asked`);
			close();
		}
	};
	return (
		<Dialog title="Propose other times" close={close}>
			<form onSubmit={submit}>
				<p class="small">Choose up to {MOST}. They are kept until <bdi>{booking.invitee.name}</bdi> answers, and the meeting stays as it is until then.</p>
				<FreeTimes booking={booking} zone={zone} chosen={starts} toggle={toggle} most={MOST} />
				{starts.length > 0 && <ul class="small number" aria-label="Chosen">{starts.map((s) => <li key={s}>{momentText(s, zone)}</li>)}</ul>}
				<AreaField label="Note to the invitee (optional)" value={note} set={setNote} rows={2} error={saving.failure?.at("/note")} />
				<Problem failure={saving.failure} known={["/note"]} />
				<p class="actions">
					<button type="submit" class="button first" disabled={starts.length === 0 || saving.busy}>
						{starts.length === 0 ? "Choose times" : starts.length === 1 ? "Propose this time" : `Propose these ${starts.length} times`}
					</button>
					<button type="button" class="button" onClick={close}>Leave it as it is</button>
				</p>
			</form>
		</Dialog>
	);
}

function Times({ booking, zone, changed }: Props) {
	const saving = useSaving();
	const [start, setStart] = useState("");
	const [reason, setReason] = useState<string>();
	const proposal = booking.proposal;
	if (!proposal) return null;
	const act = (text: string, work: () => Promise<Booking>) => async (e: Event) => {
		e.preventDefault();
		if (await saving.save(async () => changed(await work()))) done(text);
	};
	return (
		<form onSubmit={act("Moved: everybody is told", () => acceptProposal(booking.id, start))}>
			<fieldset class="pick">
				<legend>Choose one to move the meeting</legend>
				{proposal.starts.map((s) => (
					<label key={s} class="check number"><input type="radio" name="proposed" checked={start === s} onChange={() => setStart(s)} /> {momentText(s, zone)}</label>
				))}
			</fieldset>
			{reason !== undefined && <AreaField label="Why none of them (optional)" value={reason} set={setReason} rows={2} error={saving.failure?.at("/reason")} />}
			<Problem failure={saving.failure} known={["/reason"]} />
			<p class="actions">
				<button type="submit" class="button first" disabled={!start || saving.busy}>{start ? "Accept this time" : "Choose a time"}</button>
				{reason === undefined
					? <button type="button" class="button" onClick={() => setReason("")}>None of these</button>
					: <button type="button" class="button" disabled={saving.busy} onClick={act("Declined: the meeting stays", () => declineProposal(booking.id, reason))}>Decline them all</button>}
			</p>
		</form>
	);
}

function Own({ booking, zone, changed }: Props) {
	const saving = useSaving();
	const withdraw = async () => {
		if (await saving.save(async () => changed(await withdrawProposal(booking.id)))) done("Taken back: the meeting stays");
	};
	return (
		<>
			<ul class="number">{booking.proposal?.starts.map((s) => <li key={s}>{momentText(s, zone)}</li>)}</ul>
			<Problem failure={saving.failure} />
			<p class="actions"><button type="button" class="button" disabled={saving.busy} onClick={withdraw}>Take them back</button></p>
		</>
	);
}

export function Proposal(props: Props) {
	const { booking, zone } = props;
	const p = booking.proposal;
	return (
		<>
			{booking.asked_at && <p class="small">You asked <bdi>{booking.invitee.name}</bdi> to choose another time, {momentText(booking.asked_at, zone)}.</p>}
			{p && (
				<section aria-labelledby="proposal">
					<h2 id="proposal">{p.by === "host" ? "You proposed other times" : <><bdi>{booking.invitee.name}</bdi> proposes other times</>}</h2>
					{p.note && <p class="pre">{p.note}</p>}
					{p.by === "host" ? <Own {...props} /> : <Times {...props} />}
					<p class="small number">Kept until {momentText(p.expires_at, zone)}; until then the meeting stays as it is.</p>
				</section>
			)}
		</>
	);
}
