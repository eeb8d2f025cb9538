// The free times of an event type, two weeks at a time: one to move to, or several to choose from.
import { useState } from "preact/hooks";
import type { Booking } from "../api";
import { listSlots, type SlotDay } from "../state/bookings";
import { useLoad } from "../state/load";
import { dateAdd, dateText, wallClock } from "../time/format";
import { Ready } from "./state";

/** An instant as the API takes it, from one with an offset. */
export function instantOf(start: string): string {
	return new Date(start).toISOString().replace(".000", "");
}

export function FreeTimes({ booking, zone, chosen, toggle, most }: {
	booking: Booking; zone: string; chosen: readonly string[]; toggle: (start: string) => void; most: number;
}) {
	const today = wallClock(Date.now(), zone).date;
	const [from, setFrom] = useState(today);
	const days = useLoad<SlotDay[]>(from, () => listSlots(booking.event_type.id, from, dateAdd(from, 13), zone, booking.duration_minutes));
	return (
		<>
			<p class="row between">
				<button type="button" class="button" disabled={from <= today} onClick={() => setFrom(dateAdd(from, -14))}>Earlier</button>
				<button type="button" class="button" onClick={() => setFrom(dateAdd(from, 14))}>Later</button>
			</p>
			<Ready of={days} lines={3}>
				{(list) => (
					<fieldset class="pick">
						<legend>Free times</legend>
						{list.length === 0 && <p class="small">Nothing is free in these two weeks.</p>}
						{list.map((d) => (
							<div key={d.date}>
								<h3>{dateText(d.date)}</h3>
								<div class="slots">
									{d.slots.map((s) => (
										<label key={s.start} class="slot-choice">
											<input type={most === 1 ? "radio" : "checkbox"} name="start" value={s.start} checked={chosen.includes(s.start)}
												disabled={most > 1 && chosen.length >= most && !chosen.includes(s.start)} onChange={() => toggle(s.start)} />
											<span class="number">{s.start.slice(11, 16)}</span>
										</label>
									))}
								</div>
							</div>
						))}
					</fieldset>
				)}
			</Ready>
		</>
	);
}
