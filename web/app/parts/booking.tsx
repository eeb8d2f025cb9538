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
			<p class="number"><time dateTime={booking.start}>{dayText(booking.start, zone)}, {timesText(booking.start, booking.end, zone)}</time> ({zoneText(zone, booking.start)})</p>
			{!same && <p class="small number">{booking.invitee.name}: {dayText(booking.start, theirs)}, {timesText(booking.start, booking.end, theirs)} ({zoneText(theirs, booking.start)})</p>}
		</>
	);
}

export function BookingRow({ booking, zone, children }: { booking: Booking; zone: string; children?: preact.ComponentChildren }) {
	return (
		<li>
			<div class="main">
				<a href={`/app/bookings/${booking.id}`}><bdi>{booking.title}</bdi> with <bdi>{booking.invitee.name}</bdi></a>
				<When booking={booking} zone={zone} />
			</div>
			{booking.status !== "confirmed" && !children && <span class="tag">{STATUS_WORDS[booking.status]}</span>}
			{children}
		</li>
	);
}
