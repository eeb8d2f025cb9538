// The typed client: paths and shapes are those of schema.d.ts, which is made from the server's OpenAPI document.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";
import { isKept } from "./state/route";

export type Schemas = components["schemas"];
export type Account = Schemas["Account"];
export type Booking = Schemas["Booking"];
export type EventType = Schemas["EventType"];
export type Schedule = Schemas["Schedule"];
export type Problem = Schemas["Problem"];

export const client = createClient<paths>({ baseUrl: "", credentials: "same-origin" });

const ENDED = "You are not logged in any more. Log in in another tab, then save again: what you typed is kept.";
const UNREACHED = { network: "You are offline. What you typed is kept.", server: "The server cannot be reached. What you typed is kept." } as const;

/** What went wrong, in words for the reader, with a message for each field (JSON pointers). */
export class Failure extends Error {
	constructor(
		readonly status: number,
		readonly problem: Problem | undefined,
		readonly offline = false,
	) {
		super(problem?.detail ?? (offline ? UNREACHED[navigator.onLine ? "server" : "network"] : "The server did not answer."));
	}
	/** The message of a field or of anything below it. */
	at(pointer: string): string | undefined {
		return this.problem?.errors.find((e) => e.field === pointer || e.field.startsWith(pointer + "/"))?.message;
	}
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of a call, or a Failure.  A session that has ended leads to the log-in page and back, but not away from edits. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
	let answer: Answer<T>;
	try {
		answer = await call;
	} catch {
		throw new Failure(0, undefined, true);
	}
	if (answer.response.ok) return answer.data as T;
	const problem = answer.error as Problem | undefined;
	if (problem?.code !== "unauthorized") throw new Failure(answer.response.status, problem);
	if (!isKept()) location.assign("/log-in?next=" + encodeURIComponent(location.pathname));
	throw new Failure(401, { ...problem, detail: ENDED });
}
