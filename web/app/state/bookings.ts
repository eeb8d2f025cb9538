// Bookings and what a host does with them.
import { ask, type Booking, client } from "../api";

export type Query = { status?: Booking["status"]; order?: "start" | "pending_until"; proposed_by?: "host" | "invitee"; search?: string; from?: string; to?: string; cursor?: string; limit?: number };
export type Page = { items: Booking[]; next_cursor: string | null };

export function listBookings(query: Query): Promise<Page> {
	return ask(client.GET("/v1/bookings", { params: { query } }));
}

export function getBooking(id: string): Promise<Booking> {
	return ask(client.GET("/v1/bookings/{id}", { params: { path: { id } } }));
}

export function confirmBooking(id: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/confirm", { params: { path: { id } }, body: {} }));
}

export function rejectBooking(id: string, reason: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/reject", { params: { path: { id } }, body: { reason: reason || null } }));
}

export function cancelBooking(id: string, reason: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/cancel", { params: { path: { id } }, body: { reason: reason || null } }));
}

export function moveBooking(id: string, start: string, reason: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/reschedule", { params: { path: { id } }, body: { start, reason: reason || null } }));
}

export function proposeTimes(id: string, starts: string[], note: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/propose", { params: { path: { id } }, body: { starts, note: note || null } }));
}

export function acceptProposal(id: string, start: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/accept", { params: { path: { id } }, body: { start } }));
}

export function declineProposal(id: string, reason: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/decline", { params: { path: { id } }, body: { reason: reason || null } }));
}

export function withdrawProposal(id: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/withdraw", { params: { path: { id } }, body: {} }));
}

export function requestReschedule(id: string, reason: string): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/request-reschedule", { params: { path: { id } }, body: { reason: reason || null } }));
}

export function markNoShow(id: string, showed: boolean): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/no-show", { params: { path: { id } }, body: { showed } }));
}

export type Guest = Booking["guests"][number];
export type NewGuest = { email: string; name: string | null; role: Guest["role"] };

export function addGuests(id: string, guests: NewGuest[]): Promise<Booking> {
	return ask(client.POST("/v1/bookings/{id}/guests", { params: { path: { id } }, body: { guests } }));
}

export function removeGuest(id: string, guest: string): Promise<Booking> {
	return ask(client.DELETE("/v1/bookings/{id}/guests/{guest}", { params: { path: { id, guest } } }));
}

export type Words = { title?: string; description?: string; location?: Booking["location"]; private_notes?: string };

export function updateBooking(b: Booking, body: Words): Promise<Booking> {
	return ask(client.PATCH("/v1/bookings/{id}", { params: { path: { id: b.id } }, headers: { "If-Match": `"${b.version}"` }, body }));
}

export type SlotDay = { date: string; slots: { start: string }[] };

/** Free times of an event type between two dates, in a zone. */
export async function listSlots(id: string, from: string, to: string, zone: string, minutes: number): Promise<SlotDay[]> {
	const answer = await ask(client.GET("/v1/event-types/{id}/slots", {
		params: { path: { id }, query: { from, to, time_zone: zone, duration_minutes: minutes } },
	}));
	return answer.days;
}
