// The account: its row, password, log-ins and API keys.
import { type Account, ask, client, type Schemas } from "../api";
import { setMe } from "./me";
import { withZone } from "./zones";

export type Session = Schemas["Session"];
export type ApiKey = Schemas["ApiKey"];
export type AccountChange = Schemas["AccountChange"];
export type NewKey = { name: string; scopes: string[]; expires_at: string | null };

/** Refused with 412 when the account is no longer the version that was read. */
export async function changeMe(version: number, body: AccountChange): Promise<Account> {
	const changed = await withZone(await ask(client.PATCH("/v1/me", { body, headers: { "If-Match": `"${version}"` } })));
	setMe(changed);
	return changed;
}

export async function readMe(): Promise<Account> {
	const me = await withZone(await ask(client.GET("/v1/me")));
	setMe(me);
	return me;
}

export function changePassword(current: string, fresh: string, endKeys: boolean): Promise<unknown> {
	return ask(client.POST("/v1/me/password", { body: { current_password: current || null, new_password: fresh, end_api_keys: endKeys } }));
}

export function eraseMe(): Promise<unknown> {
	return ask(client.DELETE("/v1/me"));
}

/** Everything of a list, page by page. */
async function all<T>(page: (cursor?: string) => Promise<{ items: T[]; next_cursor: string | null }>): Promise<T[]> {
	const items: T[] = [];
	let cursor: string | undefined;
	do {
		const next = await page(cursor);
		items.push(...next.items);
		cursor = next.next_cursor ?? undefined;
	} while (cursor);
	return items;
}

export function listSessions(): Promise<Session[]> {
	return all((cursor) => ask(client.GET("/v1/sessions", { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } })));
}

export function endSession(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/sessions/{id}", { params: { path: { id } } }));
}

export function listKeys(): Promise<ApiKey[]> {
	return all((cursor) => ask(client.GET("/v1/api-keys", { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } })));
}

export function makeKey(body: NewKey): Promise<ApiKey & { key: string }> {
	return ask(client.POST("/v1/api-keys", { body }));
}

export function removeKey(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/api-keys/{id}", { params: { path: { id } } }));
}
