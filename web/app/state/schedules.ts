// Schedules, and what they offer.
import { ask, client, type EventType, Failure, type Schedule, type Schemas } from "../api";
import { withZone } from "./zones";

export type Change = Schemas["ScheduleChange"];
export type OneOff = Schedule["one_offs"][number];
export type Override = Schedule["overrides"][number];

/** All of something that comes in pages. */
async function all<T>(page: (cursor?: string) => Promise<{ items: T[]; next_cursor: string | null }>): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | null | undefined;
	do {
		const next = await page(cursor ?? undefined);
		items.push(...next.items);
		cursor = next.next_cursor;
	} while (cursor);
	return items;
}

export async function listSchedules(): Promise<Schedule[]> {
	const list = await all((cursor) => ask(client.GET("/v1/schedules", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } })));
	return Promise.all(list.map(withZone));
}

export function getSchedule(id: string): Promise<Schedule> {
	return ask(client.GET("/v1/schedules/{id}", { params: { path: { id } } })).then(withZone);
}

/** Refused with 412 when it is no longer the version that the change was made from. */
export function changeSchedule(s: Pick<Schedule, "id" | "version">, body: Change): Promise<Schedule> {
	return ask(client.PATCH("/v1/schedules/{id}", { params: { path: { id: s.id } }, headers: { "If-Match": `"${s.version}"` }, body })).then(withZone);
}

/** The same for what is done at once: when it was changed elsewhere, what is there now is shown and the reader asked anew. */
export async function changeShown(s: Schedule, body: Change, changed: (s: Schedule) => void): Promise<Schedule> {
	try {
		const next = await changeSchedule(s, body);
		changed(next);
		return next;
	} catch (e) {
		if (!(e instanceof Failure) || e.status !== 412 || !e.problem) throw e;
		changed(await getSchedule(s.id));
		throw new Failure(412, { ...e.problem, detail: "It was changed elsewhere in the meantime, and is shown here as it is now. Look at it, then do it again." });
	}
}

export function createSchedule(body: Schemas["ScheduleRequest"]): Promise<Schedule> {
	return ask(client.POST("/v1/schedules", { body })).then(withZone);
}

export function deleteSchedule(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/schedules/{id}", { params: { path: { id } } }));
}

export function listEventTypes(): Promise<EventType[]> {
	return all((cursor) => ask(client.GET("/v1/event-types", { params: { query: { limit: 200, ...(cursor ? { cursor } : {}) } } })));
}

export function explain(id: string, at: string, minutes: number) {
	return ask(client.GET("/v1/event-types/{id}/explain", { params: { path: { id }, query: { at, duration_minutes: minutes } } }));
}
export type Explanation = Awaited<ReturnType<typeof explain>>;
export type Reason = Explanation["reasons"][number];
