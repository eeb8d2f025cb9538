// Bookings: lists by state with search, and one booking with what can be done about it.
import { useEffect, useState } from "preact/hooks";
import type { Booking } from "../api";
import { BookingRow } from "../parts/booking";
import { Requests } from "../parts/requests";
import { Empty, Failed, Ready, Skeleton } from "../parts/state";
import { Tabs } from "../parts/tabs";
import { type Page, listBookings, type Query } from "../state/bookings";
import { useLoad } from "../state/load";
import { useMe } from "../state/me";
import { useTitle } from "../state/route";
import { Failure } from "../api";
import { BookingDetail } from "./booking_detail";

const TABS = [
	["upcoming", "Upcoming", "Meetings to come will be here."],
	["pending", "Requests", "Requests that wait for your answer will be here."],
	["past", "Past", "Meetings that are over will be here."],
	["cancelled", "Cancelled", "What was called off will be here."],
] as const;
type Tab = (typeof TABS)[number][0];
const NAMES = TABS.map(([code, name]) => [code, name] as const);

function instantText(at: number): string {
	return new Date(at).toISOString().slice(0, 19) + "Z";
}

function queryOf(tab: Exclude<Tab, "past">, search: string): Query {
	const now = instantText(Date.now());
	const more = search.trim() ? { search: search.trim() } : {};
	if (tab === "upcoming") return { from: now, status: "confirmed", ...more };
	return { status: tab, ...(tab === "pending" ? { order: "pending_until" as const } : {}), ...more };
}

const OVER: readonly Booking["status"][] = ["confirmed", "completed", "no_show"];
const SPAN_DAYS = 90;

/** Meetings that are over, the last first: the list comes by start, so it is fetched backwards, 90 days at a time. */
async function listPast(search: string, before: string): Promise<Page> {
	const more = search.trim() ? { search: search.trim() } : {};
	const items: Booking[] = [];
	let to = before, from = "", left: Booking | undefined;
	do {
		from = instantText(Date.parse(to) - SPAN_DAYS * 86400000);
		let cursor: string | undefined;
		do {
			const page = await listBookings({ ...more, from, to, limit: 200, ...(cursor ? { cursor } : {}) });
			items.push(...page.items.filter((b) => OVER.includes(b.status)));
			cursor = page.next_cursor ?? undefined;
		} while (cursor);
		left = (await listBookings({ ...more, to: from, limit: 1 })).items[0];
		to = from;
	} while (left && items.length === 0);
	return { items: items.sort((x, y) => y.start.localeCompare(x.start)), next_cursor: left ? from : null };
}

function fetchPage(tab: Tab, search: string, cursor?: string): Promise<Page> {
	if (tab === "past") return listPast(search, cursor ?? instantText(Date.now()));
	return listBookings({ ...queryOf(tab, search), ...(cursor ? { cursor } : {}) });
}

function List({ tab, search, zone }: { tab: Tab; search: string; zone: string }) {
	const loaded = useLoad<Page>(`${tab}|${search}`, () => fetchPage(tab, search));
	const [failure, setFailure] = useState<Failure>();
	const more = async (cursor: string) => {
		setFailure(undefined);
		try {
			const next = await fetchPage(tab, search, cursor);
			loaded.set((old) => ({ items: [...(old?.items ?? []), ...next.items], next_cursor: next.next_cursor }));
		} catch (e) {
			setFailure(e instanceof Failure ? e : undefined);
		}
	};
	return (
		<Ready of={loaded} lines={6}>
			{(page) => (
				<>
					{page.items.length === 0 && (
						<Empty title={search ? "Nothing fits that search" : TABS.find(([code]) => code === tab)?.[2] ?? ""}>
							{!search && tab === "upcoming" && <p><a href="/app/event-types">Share a link</a></p>}
						</Empty>
					)}
					{tab === "pending"
						? <Requests list={page.items} zone={zone} settled={loaded.reload} answered={(b) => loaded.set((old) => old && { ...old, items: old.items.filter((p) => p.id !== b.id) })} />
						: <ul class="rows">{page.items.map((b) => <BookingRow key={b.id} booking={b} zone={zone} />)}</ul>}
					{failure && <Failed failure={failure} />}
					{page.next_cursor && <p class="actions"><button type="button" class="button" onClick={() => void more(page.next_cursor as string)}>Show more</button></p>}
				</>
			)}
		</Ready>
	);
}

function Lists({ zone }: { zone: string }) {
	const asked = new URLSearchParams(location.search);
	const [tab, setTab] = useState<Tab>(TABS.find(([code]) => code === asked.get("tab"))?.[0] ?? "upcoming");
	const [search, setSearch] = useState(asked.get("q") ?? "");
	const [typed, setTyped] = useState(search);
	// the way back from a booking leads to the same list
	useEffect(() => history.replaceState(history.state, "", `/app/bookings?${new URLSearchParams({ tab, ...(search ? { q: search } : {}) })}`), [tab, search]);
	return (
		<>
			<header>
				<h1 tabIndex={-1}>Bookings</h1>
				<form role="search" class="row" onSubmit={(e) => { e.preventDefault(); setSearch(typed); }}>
					<label class="quiet" for="search">Search by name, address or title</label>
					<input id="search" class="search" type="search" placeholder="Name, address or title" value={typed}
						onInput={(e) => { setTyped(e.currentTarget.value); if (!e.currentTarget.value) setSearch(""); }} />
					<button type="submit" class="button">Search</button>
				</form>
			</header>
			<Tabs label="Which bookings" tabs={NAMES} chosen={tab} choose={setTab}><List tab={tab} search={search} zone={zone} /></Tabs>
		</>
	);
}

export default function Bookings({ item }: { item: string }) {
	useTitle("Bookings");
	const me = useMe();
	if (!me) return <Skeleton lines={6} />;
	return item ? <BookingDetail key={item} id={item} zone={me.time_zone} /> : <Lists zone={me.time_zone} />;
}
