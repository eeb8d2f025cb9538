// A booking in a list, and its words.
import type { Booking } from "../api";
import { dayText, timesText, zoneText } from "../time/format";

export const STATUS_WORDS: Record<Booking["status"], string> = {
	pending: "waits for you", confirmed: "confirmed", rejected: "rejected", cancelled: "cancelled", expired: "expired",
	completed: "held", no_show: "no-show",
};

/** When, on the host's clock, and on the invitee's where that is another. */
export function When({ booking, zone }: { booking: Booking; zone: string }) {
	const theirs = booking.invitee.time_zone;
	const same = timesText(booking.start, booking.end, theirs) === timesText(booking.start, booking.end, zone);
	return (
		<>
			<p class="number"><time dateTime={booking.start}>{dayText(booking.start, zone)}, {timesText(booking.start, booking.end, zone)}</time> <span class="nowrap">({zoneText(zone, booking.start)})</span></p>
			{!same && <p class="small number">{booking.invitee.name}: {dayText(booking.start, theirs)}, {timesText(booking.start, booking.end, theirs)} <span class="nowrap">({zoneText(theirs, booking.start)})</span></p>}
		</>
	);
}

/** What is to be told beside it: where it stands, or that somebody proposes other times. */
function tagOf(booking: Booking): string {
	if (booking.proposal) return booking.proposal.by === "invitee" ? "other times proposed" : "you proposed other times";
	return booking.status === "confirmed" ? "" : STATUS_WORDS[booking.status];
}

export function BookingRow({ booking, zone, more, children }: { booking: Booking; zone: string; more?: string; children?: preact.ComponentChildren }) {
	return (
		<li>
			<div class="main">
				<a href={`/app/bookings/${booking.id}`}><bdi>{booking.title}</bdi> with <bdi>{booking.invitee.name}</bdi></a>
				<When booking={booking} zone={zone} />
				{more && <p class="small number">{more}</p>}
			</div>
			{tagOf(booking) && (!children || booking.proposal) && <span class="tag">{tagOf(booking)}</span>}
			{children}
		</li>
	);
}
