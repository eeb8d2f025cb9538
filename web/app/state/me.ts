// Who is signed in: fetched once, shared by all pages.
import { useEffect, useState } from "preact/hooks";
import { type Account, ask, client } from "../api";
import { withZone } from "./zones";

let current: Account | undefined;
let asked: Promise<void> | undefined;
const listeners = new Set<(a: Account) => void>();

export function setMe(a: Account): void {
	current = a;
	for (const tell of listeners) tell(a);
}

export async function loadMe(): Promise<Account> {
	asked ??= ask(client.GET("/v1/me")).then(withZone).then(setMe, (e) => {
		asked = undefined;
		throw e;
	});
	await asked;
	return current as Account;
}

export function useMe(): Account | undefined {
	const [me, setState] = useState(current);
	useEffect(() => {
		listeners.add(setState);
		setState(current); // it may have come since this was drawn
		loadMe().catch(() => undefined);
		return () => void listeners.delete(setState);
	}, []);
	return me;
}
