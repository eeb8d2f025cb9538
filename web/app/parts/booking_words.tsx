// What the host writes on a booking: details, of which everybody is told, and notes of their own.
import { useState } from "preact/hooks";
import type { Booking } from "../api";
import { updateBooking } from "../state/bookings";
import { useSaving } from "../state/load";
import { Dialog } from "./dialog";
import { AreaField, Problem, SaveButton, SelectField, TextField } from "./form";
import { done } from "./undo";

type Change = (b: Booking) => void;
type Place = NonNullable<Booking["location"]>;

const KINDS: readonly (readonly [string, string])[] = [["", "As agreed"], ["in_person", "In person"], ["phone", "By phone"], ["link", "Online"], ["other", "Elsewhere"]];
const FIELDS = ["/title", "/description", "/location/value", "/location"];

export function EditDetails({ booking, close, changed }: { booking: Booking; close: () => void; changed: Change }) {
	const [title, setTitle] = useState(booking.title);
	const [about, setAbout] = useState(booking.description);
	const [kind, setKind] = useState<string>(booking.location?.kind ?? "");
	const [value, setValue] = useState(booking.location?.value ?? "");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		const location = kind ? { kind: kind as Place["kind"], value: value.trim() || null, label: booking.location?.label ?? null } : null;
		if (await saving.save(async () => changed(await updateBooking(booking, { title: title.trim(), description: about, location })))) {
			done("Changed: everybody is told");
			close();
		}
	};
	return (
		<Dialog title="Change the details" close={close}>
			<form onSubmit={submit}>
				<TextField label="Title" required value={title} set={setTitle} error={saving.failure?.at("/title")} />
				<AreaField label="About the meeting, for everybody" value={about} set={setAbout} error={saving.failure?.at("/description")} />
				<SelectField label="Where" value={kind} set={setKind} options={KINDS} />
				{kind && <TextField label={kind === "link" ? "Link" : "Place or number"} value={value} set={setValue} error={saving.failure?.at("/location/value") ?? saving.failure?.at("/location")} />}
				<Problem failure={saving.failure} known={FIELDS} />
				<p class="actions"><SaveButton saving={saving}>Save and tell everybody</SaveButton><button type="button" class="button" onClick={close}>Leave it</button></p>
			</form>
		</Dialog>
	);
}

export function PrivateNotes({ booking, changed }: { booking: Booking; changed: Change }) {
	const [text, setText] = useState(booking.private_notes ?? "");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		if (await saving.save(async () => changed(await updateBooking(booking, { private_notes: text })))) done("Kept");
	};
	return (
		<section aria-labelledby="private">
			<h2 id="private">Your notes</h2>
			<form onSubmit={submit}>
				<AreaField label="Your notes" hint="Only you see them." quiet value={text} set={setText} error={saving.failure?.at("/private_notes")} />
				<Problem failure={saving.failure} known={["/private_notes"]} />
				{text !== (booking.private_notes ?? "") && <p class="actions"><SaveButton saving={saving}>Keep the notes</SaveButton></p>}
			</form>
		</section>
	);
}
