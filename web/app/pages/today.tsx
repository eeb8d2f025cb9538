// What needs the host today: requests first, then the next meetings; for a new host, three next steps.
import { ask, type Booking, client } from "../api";
import { BookingRow } from "../parts/booking";
import { Requests } from "../parts/requests";
import { Ready, Skeleton } from "../parts/state";
import { done } from "../parts/undo";
import { listBookings } from "../state/bookings";
import { useLoad } from "../state/load";
import { listSchedules } from "../state/schedules";
import { useMe } from "../state/me";
import { useTitle } from "../state/route";
import { dateText, wallClock } from "../time/format";
import { endingOf, weekOf } from "../time/week";

type Day = { pending: Booking[]; proposed: Booking[]; next: Booking[]; any: boolean; link: string | undefined; ends: { id: string; name: string; until: string } | undefined };

async function load(): Promise<Day> {
	const from = new Date(Date.now() - 3600000).toISOString().slice(0, 19) + "Z";
	const [pending, proposed, next, all, types, schedules] = await Promise.all([
		listBookings({ status: "pending", order: "pending_until", from, limit: 20 }),
		listBookings({ proposed_by: "invitee", from, limit: 20 }),
		listBookings({ status: "confirmed", from, limit: 5 }),
		listBookings({ limit: 1 }),
		ask(client.GET("/v1/event-types", { params: { query: { limit: 1, active: "true" } } })),
		listSchedules(),
	]);
	const ends = schedules.flatMap(({ id, name, weekly, time_zone }) => {
		const it = endingOf(weekOf(weekly), wallClock(Date.now(), time_zone).date);
		return it ? [{ id, name, until: it.until }] : [];
	})[0];
	return { pending: pending.items, proposed: proposed.items.filter((b) => b.status === "confirmed"), next: next.items, any: all.items.length > 0, link: types.items[0]?.booking_url, ends };
}

function Welcome({ link }: { link: string | undefined }) {
	const copy = async () => {
		await navigator.clipboard?.writeText(link ?? "");
		done("The link is copied");
	};
	return (
		<ol class="three">
			<li><h2>Check your hours</h2><p>Monday to Friday, 9 to 17, to begin with.</p><p><a href="/app/availability">To your hours</a></p></li>
			<li><h2>Share your link</h2><p class="number">{link}</p>{link && <p><button type="button" class="button" onClick={copy}>Copy the link</button></p>}</li>
			<li><h2>Book yourself once</h2><p>See what those who book see.</p>{link && <p><a href={link} target="_blank" rel="noopener">Open your page</a></p>}</li>
		</ol>
	);
}

export default function Today(_: { item: string }) {
	useTitle("Today");
	const me = useMe();
	const loaded = useLoad("today", load);
	return (
		<>
			<h1 tabIndex={-1}>{me ? <>Hello, <bdi>{me.first_name}</bdi></> : "Today"}</h1>
			<Ready of={loaded} lines={5}>
				{(day) => me === undefined ? <Skeleton lines={5} /> : (
					<>
						{!day.any && <Welcome link={day.link} />}
						{day.ends && <p class="note"><bdi>{day.ends.name}</bdi>: hours end on {dateText(day.ends.until, true)}. <a href={`/app/availability/${day.ends.id}`}>Make them longer</a></p>}
						{day.pending.length > 0 && (
							<section aria-labelledby="requests">
								<h2 id="requests">They wait for your answer</h2>
								<Requests list={day.pending} zone={me.time_zone} settled={loaded.reload}
									answered={(b, yes) => loaded.set((old) => old && { ...old, pending: old.pending.filter((p) => p.id !== b.id), next: yes ? [...old.next, b] : old.next })} />
							</section>
						)}
						{day.proposed.length > 0 && (
							<section aria-labelledby="proposed">
								<h2 id="proposed">They propose other times</h2>
								<ul class="rows">{day.proposed.map((b) => <BookingRow key={b.id} booking={b} zone={me.time_zone} />)}</ul>
							</section>
						)}
						<section aria-labelledby="next">
							<h2 id="next">Next meetings</h2>
							{day.next.length > 0 ? <ul class="rows">{day.next.map((b) => <BookingRow key={b.id} booking={b} zone={me.time_zone} />)}</ul>
								: <p class="small">Nobody has booked a time to come. Your next meetings will be here.</p>}
						</section>
					</>
				)}
			</Ready>
		</>
	);
}
