// Who else is invited to a booking, what they answered, and inviting or removing them.
import { useState } from "preact/hooks";
import type { Booking } from "../api";
import { addGuests, type Guest, removeGuest } from "../state/bookings";
import { useSaving } from "../state/load";
import { Dialog } from "./dialog";
import { Problem, SaveButton, SelectField, TextField } from "./form";
import { done } from "./undo";

type Change = (b: Booking) => void;

export const ANSWERS: Record<Guest["rsvp"], string> = { needs_action: "no answer yet", accepted: "accepted", declined: "declined", tentative: "perhaps" };
const ROLES: Record<Guest["role"], string> = { active: "takes part", passive: "is only told", co_host: "hosts too" };

function Invite({ booking, close, changed }: { booking: Booking; close: () => void; changed: Change }) {
	const [email, setEmail] = useState("");
	const [name, setName] = useState("");
	const [role, setRole] = useState<Guest["role"]>("active");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		if (await saving.save(async () => changed(await addGuests(booking.id, [{ email: email.trim(), name: name.trim() || null, role }])))) {
			done(`${email.trim()} is invited`);
			close();
		}
	};
	return (
		<Dialog title="Invite a guest" close={close}>
			<form onSubmit={submit}>
				<TextField label="Email" type="email" required value={email} set={setEmail} error={saving.failure?.at("/guests/0/email")} />
				<TextField label="Name (optional)" value={name} set={setName} error={saving.failure?.at("/guests/0/name")} />
				<SelectField label="The guest" value={role} set={(v) => setRole(v as Guest["role"])} options={Object.entries(ROLES)} />
				<Problem failure={saving.failure} known={["/guests/0/email", "/guests/0/name"]} />
				<p class="actions"><SaveButton saving={saving}>Send the invitation</SaveButton><button type="button" class="button" onClick={close}>Leave it</button></p>
			</form>
		</Dialog>
	);
}

export function BookingGuests({ booking, changed }: { booking: Booking; changed: Change }) {
	const [open, setOpen] = useState(false);
	const saving = useSaving();
	const living = (booking.status === "pending" || booking.status === "confirmed") && Date.parse(booking.start) > Date.now();
	const remove = (g: Guest) => async () => {
		if (await saving.save(async () => changed(await removeGuest(booking.id, g.id)))) done(`${g.name ?? g.email} is not invited any more`);
	};
	if (!living && booking.guests.length === 0) return null;
	return (
		<section aria-labelledby="guests">
			<h2 id="guests">Guests</h2>
			<Problem failure={saving.failure} />
			<ul class="rows">
				{booking.guests.map((g) => (
					<li key={g.id}>
						<span class="main"><bdi>{g.name ?? g.email}</bdi> <span class="small">{g.name ? `${g.email}, ` : ""}{ROLES[g.role]}</span></span>
						<span class="tag">{ANSWERS[g.rsvp]}</span>
						{living && <button type="button" class="button" disabled={saving.busy} aria-label={`Remove ${g.name ?? g.email}`} onClick={remove(g)}>Remove</button>}
					</li>
				))}
			</ul>
			{living && <p class="actions"><button type="button" class="button" onClick={() => setOpen(true)}>Invite a guest</button></p>}
			{open && <Invite booking={booking} close={() => setOpen(false)} changed={changed} />}
		</section>
	);
}
