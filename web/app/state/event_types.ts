// Event types, and the form of one: what is typed, as text where it is typed as text.
import { ask, client, type EventType, Failure, type Schemas } from "../api";

type Body = Schemas["EventTypeRequest"];
export type Change = Schemas["EventTypeChange"];
export type Question = EventType["questions"][number];
export type Place = EventType["locations"][number];
export type Length = { minutes: number | null; amount: string; currency: string };
export type Draft = Omit<EventType, "id" | "durations" | "metadata" | "booking_url" | "version" | "created_at" | "updated_at" | "window" | "limits" | "color"
	| NumberName> & Record<NumberName, number | null> & {
	color: string; durations: Length[]; metadata: string; window: { from: string; until: string }; limits: Record<"day" | "week" | "month", number | null>;
};
export type NumberName = "interval_minutes" | "buffer_before_minutes" | "buffer_after_minutes" | "minimum_notice_minutes" | "horizon_days" | "seats"
	| "confirmation_notice_minutes" | "cancel_notice_minutes" | "reschedule_notice_minutes" | "reconfirm_minutes";

function digits(currency: string): number {
	try {
		return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
	} catch {
		return 2; // the server says what is wrong with it
	}
}

export function priceText(price: { amount: number | null; currency: string | null } | null): string {
	if (!price?.currency || price.amount === null) return "";
	return new Intl.NumberFormat(undefined, { style: "currency", currency: price.currency }).format(price.amount / 10 ** digits(price.currency));
}

export const NEW: Draft = {
	code: "", title: "", description: "", color: "", schedule_id: null, durations: [{ minutes: 30, amount: "", currency: "" }], interval_minutes: null,
	buffer_before_minutes: 0, buffer_after_minutes: 0, minimum_notice_minutes: 240, horizon_days: 60, window: { from: "", until: "" },
	limits: { day: null, week: null, month: null }, seats: 1, confirmation: "never", confirmation_notice_minutes: 1440, cancel_notice_minutes: 0,
	reschedule_notice_minutes: 0, reason_required: false, reminders: null, reconfirm_minutes: null, send_mails: true, locations: [], questions: [], metadata: "{}", co_hosts: [], active: true, hidden: false,
};

export function draftOf(e: EventType): Draft {
	const { id: _, booking_url: _b, version: _v, created_at: _c, updated_at: _u, ...rest } = e;
	return {
		...rest,
		color: e.color ?? "",
		durations: e.durations.map(({ minutes, price }) => ({
			minutes, currency: price?.currency ?? "", amount: price?.amount != null ? (price.amount / 10 ** digits(price.currency ?? "")).toFixed(digits(price.currency ?? "")) : "",
		})),
		window: { from: e.window?.from ?? "", until: e.window?.until ?? "" },
		limits: e.limits ?? { day: null, week: null, month: null },
		metadata: JSON.stringify(e.metadata, null, 2),
	};
}

const wrong = (field: string, message: string) => new Failure(422, {
	type: "", title: "", status: 422, code: "invalid", request_id: "", detail: message, errors: [{ field, message }],
});

function priceOf(d: Length, at: number): { amount: number; currency: string } | null {
	if (!d.amount.trim()) return null;
	const amount = Number(d.amount.trim().replace(",", "."));
	if (!Number.isFinite(amount)) throw wrong(`/durations/${at}/price/amount`, "must be a number like 49.50");
	const currency = d.currency.trim().toUpperCase();
	return { amount: Math.round(amount * 10 ** digits(currency)), currency };
}

function metadataOf(text: string): Body["metadata"] {
	try {
		return JSON.parse(text.trim() || "{}") as Body["metadata"];
	} catch {
		throw wrong("/metadata", "must be a JSON object like {\"team\": \"north\"}");
	}
}

/** What the API takes.  Throws a Failure at the field that is no number or no JSON. */
export function bodyOf(d: Draft): Body {
	const { from, until } = d.window, { day, week, month } = d.limits;
	return {
		...d,
		color: d.color.trim() || null,
		durations: d.durations.map((it, i) => ({ minutes: it.minutes ?? 0, price: priceOf(it, i) })),
		window: from || until ? { from: from || null, until: until || null } : null,
		limits: day !== null || week !== null || month !== null ? d.limits : null,
		buffer_before_minutes: d.buffer_before_minutes ?? 0, buffer_after_minutes: d.buffer_after_minutes ?? 0,
		minimum_notice_minutes: d.minimum_notice_minutes ?? 0, seats: d.seats ?? 1, confirmation_notice_minutes: d.confirmation_notice_minutes ?? 0,
		cancel_notice_minutes: d.cancel_notice_minutes ?? 0, reschedule_notice_minutes: d.reschedule_notice_minutes ?? 0,
		locations: d.locations.map((l) => ({ kind: l.kind, value: l.value || null, label: l.label || null })),
		questions: d.questions.map((q) => ({ ...q, choices: q.kind === "choice" ? q.choices.filter((c) => c.trim()) : [] })),
		metadata: metadataOf(d.metadata),
	};
}

export function getEventType(id: string): Promise<EventType> {
	return ask(client.GET("/v1/event-types/{id}", { params: { path: { id } } }));
}

export async function createEventType(d: Draft): Promise<EventType> {
	return ask(client.POST("/v1/event-types", { body: bodyOf(d) }));
}

export function changeEventType(e: Pick<EventType, "id" | "version">, body: Change): Promise<EventType> {
	return ask(client.PATCH("/v1/event-types/{id}", { params: { path: { id: e.id } }, headers: { "If-Match": `"${e.version}"` }, body }));
}

export function deleteEventType(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/event-types/{id}", { params: { path: { id } } }));
}

/** Takes a deletion back; what could be booked before can be booked again. */
export async function restoreEventType(e: EventType): Promise<EventType> {
	const back = await ask(client.POST("/v1/event-types/{id}/restore", { params: { path: { id: e.id } } }));
	return e.active ? changeEventType(back, { active: true }) : back;
}

/** The plan's limit in words, where that is what refused it. */
export function planText(failure: Failure | undefined): string | undefined {
	if (failure?.problem?.code !== "plan_limit") return undefined;
	const limit = /it is (\d+)/.exec(failure.message)?.[1];
	return `Your plan has room for ${limit ?? "fewer"} active event ${limit === "1" ? "type" : "types"}. Deactivate another one first, or keep this one inactive: it is saved, but cannot be booked.`;
}
