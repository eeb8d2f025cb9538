// One booking: who, when, where, what was said, and what the host can do.
import { useState } from "preact/hooks";
import type { Booking } from "../api";
import { STATUS_WORDS, When } from "../parts/booking";
import { BookingGuests } from "../parts/booking_guests";
import { BookingLog } from "../parts/booking_log";
import { EditDetails, PrivateNotes } from "../parts/booking_words";
import { Dialog } from "../parts/dialog";
import { AreaField, Problem, SaveButton } from "../parts/form";
import { FreeTimes, instantOf } from "../parts/free_times";
import { Proposal, Propose } from "../parts/proposal";
import { Ready } from "../parts/state";
import { done } from "../parts/undo";
import { cancelBooking, confirmBooking, getBooking, markNoShow, moveBooking, rejectBooking, requestReschedule } from "../state/bookings";
import { priceText } from "../state/event_types";
import { useLoad, useSaving } from "../state/load";
import { momentText } from "../time/moment";

type Change = (b: Booking) => void;

function Reason({ title, verb, label, told = "everybody is told", work, close, changed }: {
	title: string; verb: string; label: string; told?: string; work: (reason: string) => Promise<Booking>; close: () => void; changed: Change;
}) {
	const [reason, setReason] = useState("");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		if (await saving.save(async () => changed(await work(reason)))) {
			done(`${title}: ${told}`);
			close();
		}
	};
	return (
		<Dialog title={title} close={close}>
			<form onSubmit={submit}>
				<AreaField label={label} value={reason} set={setReason} error={saving.failure?.at("/reason")} />
				<Problem failure={saving.failure} known={["/reason"]} />
				<p class="actions"><SaveButton saving={saving}>{verb}</SaveButton><button type="button" class="button" onClick={close}>Keep it</button></p>
			</form>
		</Dialog>
	);
}

function Move({ booking, zone, close, changed }: { booking: Booking; zone: string; close: () => void; changed: Change }) {
	const [start, setStart] = useState("");
	const [reason, setReason] = useState("");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		if (await saving.save(async () => changed(await moveBooking(booking.id, instantOf(start), reason)))) {
			done("Moved: everybody is told");
			close();
		}
	};
	return (
		<Dialog title="Move to another time" close={close}>
			<form onSubmit={submit}>
				<FreeTimes booking={booking} zone={zone} chosen={[start]} toggle={setStart} most={1} />
				<AreaField label="Why, for the others (optional)" value={reason} set={setReason} rows={2} />
				<Problem failure={saving.failure} />
				<p class="actions">
					<button type="submit" class="button first" disabled={!start || saving.busy}>{start ? `Move to ${start.slice(11, 16)}` : "Choose a time"}</button>
					<button type="button" class="button" onClick={close}>Keep it</button>
				</p>
			</form>
		</Dialog>
	);
}

function Facts({ b, zone }: { b: Booking; zone: string }) {
	const link = b.location?.kind === "link" ? b.location.value : undefined;
	return (
		<dl>
			<dt>Who</dt>
			<dd><bdi>{b.invitee.name}</bdi>, <a href={`mailto:${b.invitee.email}`}>{b.invitee.email}</a></dd>
			{b.location && <><dt>Where</dt><dd>{link ? <a href={link} rel="noopener noreferrer">{link}</a> : (b.location.value ?? b.location.label)}</dd></>}
			{b.description && <><dt>About</dt><dd class="pre">{b.description}</dd></>}
			{b.answers.map((a) => <><dt key={`q${a.question_id}`}>{a.label}</dt><dd>{a.value}</dd></>)}
			{b.notes && <><dt>Notes</dt><dd class="pre">{b.notes}</dd></>}
			{priceText(b.price) && <><dt>Price</dt><dd class="number">{priceText(b.price)}</dd></>}
			<dt>Event type</dt><dd><a href={`/app/event-types/${b.event_type.id}`}>{b.event_type.title}</a></dd>
			<dt>Booked</dt><dd class="number">{momentText(b.created_at, zone)}</dd>
			{b.cancelled_by && <><dt>Ended by</dt><dd>{b.cancelled_by}{b.cancel_reason ? `: ${b.cancel_reason}` : ""}</dd></>}
		</dl>
	);
}

function Actions({ b, zone, changed }: { b: Booking; zone: string; changed: Change }) {
	const [open, setOpen] = useState<"move" | "propose" | "ask" | "cancel" | "reject" | "words">();
	const saving = useSaving();
	const begun = Date.parse(b.start) <= Date.now();
	const act = (text: string, work: () => Promise<Booking>) => async () => {
		if (await saving.save(async () => changed(await work()))) done(text);
	};
	const living = b.status === "pending" || b.status === "confirmed";
	return (
		<>
			<Problem failure={saving.failure} />
			<p class="actions">
				{b.status === "pending" && !begun && <button type="button" class="button first" disabled={saving.busy} onClick={act("Confirmed: everybody is told", () => confirmBooking(b.id))}>Confirm</button>}
				{b.status === "pending" && <button type="button" class="button" onClick={() => setOpen("reject")}>Reject</button>}
				{living && !begun && <button type="button" class="button" onClick={() => setOpen("move")}>Move</button>}
				{living && !begun && <button type="button" class="button" onClick={() => setOpen("propose")}>Propose other times</button>}
				{living && !begun && !b.asked_at && <button type="button" class="button" onClick={() => setOpen("ask")}>Ask for another time</button>}
				{living && !begun && <button type="button" class="button" onClick={() => setOpen("words")}>Change details</button>}
				{living && !begun && <button type="button" class="button danger" onClick={() => setOpen("cancel")}>Cancel the meeting</button>}
				{begun && (b.status === "confirmed" || b.status === "completed") && <button type="button" class="button" onClick={act("Noted", () => markNoShow(b.id, false))}>They did not come</button>}
				{b.status === "no_show" && <button type="button" class="button" onClick={act("Taken back", () => markNoShow(b.id, true))}>They did come</button>}
			</p>
			{open === "move" && <Move booking={b} zone={zone} close={() => setOpen(undefined)} changed={changed} />}
			{open === "propose" && <Propose booking={b} zone={zone} close={() => setOpen(undefined)} changed={changed} />}
			{open === "ask" && <Reason title="Ask for another time" verb="Ask" told={`${b.invitee.name} is asked`} label="Why, for the invitee (optional)" work={(r) => requestReschedule(b.id, r)} close={() => setOpen(undefined)} changed={changed} />}
			{open === "words" && <EditDetails booking={b} close={() => setOpen(undefined)} changed={changed} />}
			{open === "cancel" && <Reason title="Cancel the meeting" verb="Cancel it" label="Why, for the others (optional)" work={(r) => cancelBooking(b.id, r)} close={() => setOpen(undefined)} changed={changed} />}
			{open === "reject" && <Reason title="Reject the request" verb="Reject it" label="Why, for the invitee (optional)" work={(r) => rejectBooking(b.id, r)} close={() => setOpen(undefined)} changed={changed} />}
		</>
	);
}

export function BookingDetail({ id, zone }: { id: string; zone: string }) {
	const loaded = useLoad(id, () => getBooking(id));
	if (loaded.failure?.status === 404) return <><h1 tabIndex={-1}>There is no such booking</h1><p><a href="/app/bookings">To all bookings</a></p></>;
	return (
		<Ready of={loaded} lines={6}>
			{(b) => (
				<article>
					<p><a href="/app/bookings">All bookings</a></p>
					<header><h1 tabIndex={-1}><bdi>{b.title}</bdi></h1><span class="tag">{STATUS_WORDS[b.status]}</span></header>
					<When booking={b} zone={zone} />
					<Actions b={b} zone={zone} changed={(next) => loaded.set(() => next)} />
					<Proposal key={b.version} booking={b} zone={zone} changed={(next) => loaded.set(() => next)} />
					<Facts b={b} zone={zone} />
					<BookingGuests booking={b} changed={(next) => loaded.set(() => next)} />
					<PrivateNotes booking={b} changed={(next) => loaded.set(() => next)} />
					<BookingLog booking={b} zone={zone} />
				</article>
			)}
		</Ready>
	);
}
