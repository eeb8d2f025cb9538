// What happened to a booking, oldest first: each step with who did it, each message with what became of it.
import { type Booking, ask, client } from "../api";
import type { operations } from "../schema";
import { useLoad } from "../state/load";
import { useMe } from "../state/me";
import { momentText } from "../time/moment";
import { ANSWERS } from "./booking_guests";
import { agentText } from "./sessions";
import { Ready } from "./state";

const STEPS: Record<string, string> = {
	"booking.create": "Booked", "booking.confirm": "Confirmed", "booking.reject": "Rejected", "booking.cancel": "Cancelled",
	"booking.reschedule": "Moved", "booking.expire": "Ran out unanswered", "booking.complete": "Over",
	"booking.no_show": "Marked as a no-show", "booking.show": "Marked as held",
	"booking.propose": "Other times proposed", "booking.accept": "Moved to a proposed time", "booking.decline": "Proposed times declined",
	"booking.withdraw": "Proposed times taken back", "booking.lapse": "Proposed times ran out unanswered", "booking.ask": "Asked to choose another time",
	"booking.invite": "Guests invited", "booking.uninvite": "A guest removed", "booking.rsvp": "Answered", "booking.update": "Details changed",
};
const CHANNELS: Record<string, string> = { email: "Mail", push: "Notification" };
const STATES: Record<string, string> = { waiting: "is on its way", sent: "was sent", skipped: "was not needed any more", failed: "could not be sent" };

type Entry = operations["getBookingLog"]["responses"][200]["content"]["application/json"]["items"][number];

/** What a step's `before` and `after` may say. */
type Told = { start?: string; guest?: string; rsvp?: keyof typeof ANSWERS; changed?: string[] };

/** Who: the host by their own id; who books may have no account. */
function who(entry: Entry, booking: Booking, me: string | undefined): string {
	const { actor } = entry, guest = booking.guests.find((g) => g.id === (entry.after as Told | null)?.guest);
	if (!actor || actor === "system") return "";
	if (actor === "guest") return guest?.name || guest?.email || "a guest";
	return actor === me ? "you" : booking.invitee.name;
}

/** What came of it: the times of a move, a guest's answer, which details. */
function what(entry: Entry, zone: string): string {
	const before: Told = entry.before ?? {}, after: Told = entry.after ?? {};
	if (before.start && after.start && before.start !== after.start) return `from ${momentText(before.start, zone)} to ${momentText(after.start, zone)}`;
	if (after.changed) return after.changed.join(", ").replaceAll("_", " ");
	return after.rsvp ? ANSWERS[after.rsvp] : "";
}

function Step({ entry, by, zone }: { entry: Entry; by: string; zone: string }) {
	const more = what(entry, zone);
	return <span class="main">{STEPS[entry.action ?? ""] ?? entry.action}{by && <> by <bdi>{by}</bdi></>}{more && `: ${more}`}</span>;
}

function Message({ entry }: { entry: Entry }) {
	const state = entry.state ?? "";
	return (
		<span class="main">
			{CHANNELS[entry.channel ?? ""] ?? entry.channel} “{entry.message?.replaceAll("_", " ")}” to <bdi>{entry.channel === "push" ? agentText(entry.recipient) : entry.recipient}</bdi> {STATES[state] ?? state}
			{entry.error && <span class="small"> ({entry.error})</span>}
		</span>
	);
}

export function BookingLog({ booking, zone }: { booking: Booking; zone: string }) {
	const me = useMe()?.id;
	const loaded = useLoad(`${booking.id}|${booking.version}`, () => ask(client.GET("/v1/bookings/{id}/log", { params: { path: { id: booking.id } } })));
	return (
		<section aria-labelledby="log">
			<h2 id="log">What happened</h2>
			<Ready of={loaded} lines={2}>
				{(log) => (
					<ol class="rows">
						{log.items.map((entry, i) => (
							<li key={i}>
								{entry.kind === "step" ? <Step entry={entry} by={who(entry, booking, me)} zone={zone} /> : <Message entry={entry} />}
								<span class="small number">{momentText(entry.ended_at ?? entry.at, zone)}</span>
							</li>
						))}
					</ol>
				)}
			</Ready>
		</section>
	);
}
