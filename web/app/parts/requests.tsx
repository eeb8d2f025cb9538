// Requests that wait for the host, each with a yes and a no beside it; what runs out first is first.
import { useState } from "preact/hooks";
import { type Booking, Failure } from "../api";
import { confirmBooking, rejectBooking } from "../state/bookings";
import { momentText } from "../time/moment";
import { BookingRow } from "./booking";
import { Failed } from "./state";
import { done } from "./undo";

/** answered: called before the server was asked, so that the row goes at once; settled: after its answer, good or bad. */
export function Requests({ list, zone, answered, settled }: {
	list: readonly Booking[]; zone: string; answered: (b: Booking, yes: boolean) => void; settled: () => Promise<void>;
}) {
	const [failure, setFailure] = useState<Failure>();
	const answer = async (b: Booking, yes: boolean) => {
		setFailure(undefined);
		answered(b, yes);
		try {
			await (yes ? confirmBooking(b.id) : rejectBooking(b.id, ""));
			done(yes ? `Confirmed: ${b.invitee.name} is told` : `Rejected: ${b.invitee.name} is told`);
		} catch (e) {
			setFailure(e instanceof Failure ? e : undefined);
		}
		await settled();
	};
	return (
		<>
			{failure && <Failed failure={failure} />}
			<ul class="rows">
				{list.map((b) => (
					<BookingRow key={b.id} booking={b} zone={zone} more={b.pending_until ? `Answer by ${momentText(b.pending_until, zone)}` : ""}>
						<span class="row">
							<button type="button" class="button first" onClick={() => answer(b, true)}>Confirm<span class="quiet"> {b.invitee.name}</span></button>
							<button type="button" class="button" onClick={() => answer(b, false)}>Reject<span class="quiet"> {b.invitee.name}</span></button>
						</span>
					</BookingRow>
				))}
			</ul>
		</>
	);
}
