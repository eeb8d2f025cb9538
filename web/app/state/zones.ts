// The server's rules of the zones that are shown, asked once for each.
import { ask, client } from "../api";
import { learn } from "../time/zones";

const asked = new Map<string, Promise<void>>();

/** Without an answer the browser's own rules are used. */
export function knowZone(zone: string): Promise<void> {
	let answer = asked.get(zone);
	if (!answer) {
		answer = ask(client.GET("/v1/time-zones/offsets", { params: { query: { time_zone: zone } } })).then(
			(it) => learn(zone, it.offsets),
			() => void asked.delete(zone),
		);
		asked.set(zone, answer);
	}
	return answer;
}

/** What has a zone, with the zone known. */
export async function withZone<T extends { time_zone: string }>(it: T): Promise<T> {
	await knowZone(it.time_zone);
	return it;
}
