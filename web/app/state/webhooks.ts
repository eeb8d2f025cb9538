// Webhooks: where events are sent, and what became of each.
import { ask, client } from "../api";
import type { operations } from "../schema";

type Answer<Name extends keyof operations, Status extends keyof operations[Name]["responses"]> =
	operations[Name]["responses"][Status] extends { content: { "application/json": infer Body } } ? Body : never;

export type Webhook = Answer<"getWebhook", 200>;
export type WebhookMade = Answer<"createWebhook", 201>;
export type EventName = Webhook["events"][number];
export type Delivery = Answer<"listWebhookDeliveries", 200>["items"][number];
export type DeliveryDetail = Answer<"getWebhookDelivery", 200>;
export type DeliveryPage = Answer<"listWebhookDeliveries", 200>;
export type Given = { url: string; description: string; events: EventName[] };

export const EVENTS: readonly (readonly [EventName, string])[] = [
	["booking.created", "Booked"],
	["booking.requested", "Booked, and waiting for your yes"],
	["booking.confirmed", "Confirmed"],
	["booking.rejected", "Rejected"],
	["booking.rescheduled", "Moved"],
	["booking.cancelled", "Cancelled"],
	["booking.expired", "Ran out unanswered"],
	["booking.completed", "Over"],
	["booking.no_show", "Nobody came"],
	["booking.updated", "Changed in other ways: a proposal, details"],
];

const at = (id: string) => ({ params: { path: { id } } });

export async function listWebhooks(): Promise<Webhook[]> {
	return (await ask(client.GET("/v1/webhooks", { params: { query: { limit: 200 } } }))).items;
}

export function readWebhook(id: string): Promise<Webhook> {
	return ask(client.GET("/v1/webhooks/{id}", at(id)));
}

export function makeWebhook(body: Given): Promise<WebhookMade> {
	return ask(client.POST("/v1/webhooks", { body }));
}

/** Refused with 412 when the webhook is no longer the version that was read. */
export function changeWebhook(webhook: Webhook, body: Partial<Given> & { active?: boolean }): Promise<Webhook> {
	return ask(client.PATCH("/v1/webhooks/{id}", { ...at(webhook.id), body, headers: { "If-Match": `"${webhook.version}"` } }));
}

export function removeWebhook(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/webhooks/{id}", at(id)));
}

export function rotateSecret(id: string): Promise<WebhookMade> {
	return ask(client.POST("/v1/webhooks/{id}/secret", at(id)));
}

export function sendTest(id: string): Promise<unknown> {
	return ask(client.POST("/v1/webhooks/{id}/test", at(id)));
}

/** How many events of a time will be sent again. */
export async function replayRange(id: string, from: string, until: string): Promise<number> {
	return (await ask(client.POST("/v1/webhooks/{id}/replay", { ...at(id), body: { from, until } }))).count;
}

export function listDeliveries(id: string, state: "any" | Delivery["state"], cursor?: string): Promise<DeliveryPage> {
	return ask(client.GET("/v1/webhooks/{id}/deliveries", { params: { path: { id }, query: { limit: 25, state, ...(cursor ? { cursor } : {}) } } }));
}

export function readDelivery(id: string, delivery_id: string): Promise<DeliveryDetail> {
	return ask(client.GET("/v1/webhooks/{id}/deliveries/{delivery_id}", { params: { path: { id, delivery_id } } }));
}

export function replayDelivery(id: string, delivery_id: string): Promise<unknown> {
	return ask(client.POST("/v1/webhooks/{id}/deliveries/{delivery_id}/replay", { params: { path: { id, delivery_id } } }));
}
