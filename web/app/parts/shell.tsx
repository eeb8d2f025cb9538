// What stands around every page: the mark, where one can go, who is signed in.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useMe } from "../state/me";

const PLACES = [
	["", "Today"],
	["bookings", "Bookings"],
	["calendar", "Calendar"],
	["event-types", "Event types"],
	["availability", "Availability"],
	["messages", "Messages"],
	["people", "People"],
	["webhooks", "Webhooks"],
	["account", "Account"],
] as const;

function Offline() {
	const [offline, setOffline] = useState(!navigator.onLine);
	useEffect(() => {
		const look = () => setOffline(!navigator.onLine);
		addEventListener("online", look);
		addEventListener("offline", look);
		return () => {
			removeEventListener("online", look);
			removeEventListener("offline", look);
		};
	}, []);
	return <div role="status" class="offline">{offline && <p>You are offline. What you change is not saved until you are back.</p>}</div>;
}

export function Shell({ page, children }: { page: string; children: ComponentChildren }) {
	const me = useMe();
	const list = useRef<HTMLUListElement>(null);
	// on a phone the places are one line that can be wider than the screen
	useEffect(() => {
		const current = list.current?.querySelector<HTMLElement>("[aria-current]");
		if (list.current && current) list.current.scrollLeft = current.offsetLeft - (list.current.clientWidth - current.clientWidth) / 2;
	}, [page, me?.role]);
	return (
		<>
			<nav class="places" aria-label="Dashboard">
				<ul ref={list}>
					{PLACES.map(([code, name]) => (
						<li key={code}>
							<a href={code ? `/app/${code}` : "/app"} aria-current={page === code ? "page" : undefined}>{name}</a>
						</li>
					))}
					{me?.role === "admin" && <li><a href="/app/jobs" aria-current={page === "jobs" ? "page" : undefined}>Jobs</a></li>}
					{me && <li class="own-page"><a href={`/${me.username}`}>Your page</a></li>}
				</ul>
			</nav>
			<div class="page">
				<Offline />
				{children}
			</div>
		</>
	);
}
