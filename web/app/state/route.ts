// The address as state: /app, /app/bookings, /app/bookings/ID.
import { useEffect, useState } from "preact/hooks";

export type Route = { page: string; item: string };

function here(): Route {
	const [, , page = "", item = ""] = location.pathname.split("/");
	return { page, item: decodeURIComponent(item) };
}

const listeners = new Set<() => void>();
let shown = location.href;

/** Asked before the address changes; false keeps the reader here (unsaved edits). */
let guard: (() => boolean) | undefined;
export function keepHere(ask: (() => boolean) | undefined): void {
	guard = ask;
}

/** Whether there are edits that leaving would lose. */
export function isKept(): boolean {
	return guard !== undefined;
}

export function go(path: string): void {
	if (guard && !guard()) return;
	guard = undefined;
	history.pushState(null, "", path);
	shown = location.href;
	window.scrollTo(0, 0);
	for (const tell of listeners) tell();
}

export function useRoute(): Route {
	const [route, setRoute] = useState(here);
	useEffect(() => {
		const tell = () => setRoute(here());
		const back = () => {
			if (guard && !guard()) return history.pushState(null, "", shown);
			guard = undefined;
			shown = location.href;
			tell();
		};
		const click = (e: MouseEvent) => {
			const link = (e.target as Element).closest?.("a[href]");
			if (!(link instanceof HTMLAnchorElement) || e.button || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
			if (link.origin !== location.origin || !/^\/app(\/|$)/.test(link.pathname) || link.target || link.download) return;
			e.preventDefault();
			go(link.pathname + link.search);
		};
		listeners.add(tell);
		addEventListener("popstate", back);
		document.addEventListener("click", click);
		return () => {
			listeners.delete(tell);
			removeEventListener("popstate", back);
			document.removeEventListener("click", click);
		};
	}, []);
	return route;
}

/** The title of the page. */
export function useTitle(text: string): void {
	useEffect(() => {
		document.title = `${text} · Noonmark`;
	}, [text]);
}
