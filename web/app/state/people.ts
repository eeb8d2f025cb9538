// Who is free when: several people's busy times, and what they have in common.
import { ask, client } from "../api";
import { dateAdd } from "../time/format";

export type Interval = { start: string; end: string };
export type Question = { users: readonly string[]; from: string; days: number; zone: string; minutes: number };
export type Answer = { busy: Map<string, Interval[]>; common: Interval[] };

export async function knows(username: string): Promise<boolean> {
	const answer = await client.GET("/v1/users/{username}", { params: { path: { username } } });
	if (answer.response.status === 404 || answer.response.status === 400) return false;
	await ask(Promise.resolve(answer));
	return true;
}

export async function commonTime(q: Question): Promise<Answer> {
	const query = { from: q.from, to: dateAdd(q.from, q.days - 1), time_zone: q.zone };
	if (q.users.length === 0) return { busy: new Map(), common: [] };
	const [common, ...busy] = await Promise.all([
		ask(client.GET("/v1/overlap", {
			params: { query: { ...query, users: [...q.users], duration_minutes: q.minutes } },
			querySerializer: { array: { style: "form", explode: false } },
		})).then((answer) => answer.free),
		...q.users.map((username) => ask(client.GET("/v1/users/{username}/busy", { params: { path: { username }, query } })).then((answer) => answer.busy)),
	]);
	return { common: common ?? [], busy: new Map(q.users.map((name, i) => [name, busy[i] ?? []])) };
}
