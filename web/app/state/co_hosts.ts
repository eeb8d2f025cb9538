// Who hosts with whom: asked by one, agreed by the other.
import { ask, client } from "../api";
import type { operations } from "../schema";

export type CoHost = operations["listCoHosts"]["responses"][200]["content"]["application/json"]["items"][number];

export async function listCoHosts(): Promise<CoHost[]> {
	return (await ask(client.GET("/v1/co-hosts"))).items;
}

export function askCoHost(username: string): Promise<CoHost> {
	return ask(client.POST("/v1/co-hosts", { body: { username } }));
}

export function acceptCoHost(id: string): Promise<CoHost> {
	return ask(client.POST("/v1/co-hosts/{id}/accept", { params: { path: { id } } }));
}

export function endCoHost(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/co-hosts/{id}", { params: { path: { id } } }));
}

export function coHostName(it: CoHost): string {
	return [it.first_name, it.last_name].filter(Boolean).join(" ") || "Somebody who has left";
}
