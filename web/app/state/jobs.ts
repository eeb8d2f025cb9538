// The job queue, for admins: what was given up, what will be tried again.
import { ask, client, type Schemas } from "../api";

export type Job = Schemas["Job"];
export type JobKind = Schemas["JobKind"];
export type Shown = "dead" | "waiting";
export type Page = { items: Job[]; next_cursor: string | null };

export function listJobs(state: Shown, cursor?: string): Promise<Page> {
	return ask(client.GET("/v1/admin/jobs", { params: { query: { state, limit: 50, ...(cursor ? { cursor } : {}) } } }));
}

export function listKinds(): Promise<JobKind[]> {
	return ask(client.GET("/v1/admin/jobs/kinds")).then((answer) => answer.items);
}

export function retryJob(id: string): Promise<unknown> {
	return ask(client.POST("/v1/admin/jobs/{id}/retry", { params: { path: { id } } }));
}

export function discardJob(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/admin/jobs/{id}", { params: { path: { id } } }));
}

/** All of a kind, however many: the server takes a thousand at once. */
export async function retryKind(kind: string): Promise<number> {
	for (let sum = 0;;) {
		const answer = await ask(client.POST("/v1/admin/jobs/retry", { body: { kind } }));
		sum += answer.retried;
		if (!answer.more) return sum;
	}
}
