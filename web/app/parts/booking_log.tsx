// What happened to a booking, oldest first: when, what, and who did it.
import { type Booking, ask, client } from "../api";
import { useLoad } from "../state/load";
import { useMe } from "../state/me";
import { momentText } from "../time/moment";
import { Ready } from "./state";

const STEPS: Record<string, string> = {
	"booking.create": "Booked", "booking.confirm": "Confirmed", "booking.reject": "Rejected", "booking.cancel": "Cancelled",
	"booking.reschedule": "Moved", "booking.expire": "Ran out unanswered", "booking.complete": "Over",
	"booking.no_show": "Marked as a no-show", "booking.show": "Marked as held",
};

/** Who: the host by their own id; who books may have no account. */
function who(actor: string, booking: Booking, me: string | undefined): string {
	if (actor === "system") return "";
	return actor === me ? "you" : booking.invitee.name;
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
						{log.items.map((step) => (
							<li key={step.number}>
								<span>{STEPS[step.action] ?? step.action}{who(step.actor, booking, me) && <> by <bdi>{who(step.actor, booking, me)}</bdi></>}</span>
								<span class="small number">{momentText(step.at, zone)}</span>
							</li>
						))}
					</ol>
				)}
			</Ready>
		</section>
	);
}
