// What bookings tell: which messages go to whom, and in whose words.
import { ask, client, type Schemas } from "../api";

export type Choices = Schemas["Notifications"];
export type Choice = Choices["messages"][number];
export type Words = Schemas["Template"];
export type Preview = { subject: string; text: string; html: string };
export type Variable = { name: string; example: string };
export type Language = Words["language"];
export type Key = Pick<Words, "message" | "to" | "language">;

export const MESSAGES: Record<Choice["message"], string> = {
	booked: "Booked", requested: "Somebody asks for a time", confirmed: "Confirmed", rejected: "Not confirmed", expired: "Not answered in time",
	rescheduled: "Moved", cancelled: "Cancelled", reminder: "Reminder", reconfirm: "Does it still stand?", starting: "It begins now",
	thanks: "Thanks, an hour after the end", no_show: "Did not come", proposed: "Other times are proposed", accepted: "A proposed time is taken",
	proposal_declined: "A proposal is declined", proposal_withdrawn: "A proposal is withdrawn", proposal_expired: "A proposal ran out",
	choose_another: "Please choose another time", details: "Details changed", co_host: "Another host", co_host_left: "A host less", uninvited: "Invitation withdrawn",
	guest_declined: "A guest declines",
};

export function getChoices(): Promise<Choices> {
	return ask(client.GET("/v1/me/notifications"));
}

/** Refused with 412 when they are no longer the version that was read. */
export function setChoices({ version, ...body }: Choices): Promise<Choices> {
	return ask(client.PUT("/v1/me/notifications", { body, headers: { "If-Match": `"${version}"` } }));
}

export async function listWords(id: string, language: Language): Promise<Words[]> {
	return (await ask(client.GET("/v1/event-types/{id}/templates", { params: { path: { id }, query: { language } } }))).items;
}

export async function listVariables(id: string, language: Language): Promise<Variable[]> {
	return (await ask(client.GET("/v1/event-types/{id}/templates/variables", { params: { path: { id }, query: { language } } }))).items;
}

export function preview(id: string, { updated_at: _, ...words }: Words): Promise<Preview> {
	return ask(client.POST("/v1/event-types/{id}/templates/preview", { params: { path: { id } }, body: words }));
}

export function saveWords(id: string, { updated_at: _, ...words }: Words): Promise<Words> {
	return ask(client.PUT("/v1/event-types/{id}/templates", { params: { path: { id } }, body: words }));
}

export function resetWords(id: string, { message, to, language }: Key): Promise<unknown> {
	return ask(client.DELETE("/v1/event-types/{id}/templates", { params: { path: { id }, query: { message, to, language } } }));
}
