// A picture of free time: for each day a line for each person, and below them what they have in common.
import { type Band, bandsOf, bandText, complement, datesFrom, hoursOf } from "../time/bands";
import { dateText } from "../time/format";
import type { Answer, Question } from "../state/people";

type Hours = { first: number; last: number };
type Line = { name: string; bands: Band[]; common: boolean };
type Day = { date: string; lines: Line[] };

/** The days with the lines of each; free is what is not busy. */
export function daysOf(answer: Answer, q: Question): Day[] {
	return datesFrom(q.from, q.days).map((date) => ({
		date,
		lines: [
			...q.users.map((name) => ({ name, common: false, bands: complement(bandsOf(date, q.zone, answer.busy.get(name) ?? [])) })),
			{ name: q.users.length > 1 ? "All of them" : "Free", common: true, bands: bandsOf(date, q.zone, answer.common) },
		],
	}));
}

function Strip({ bands, hours, common }: { bands: Band[]; hours: Hours; common: boolean }) {
	const width = (hours.last - hours.first) * 60, left = hours.first * 60;
	return (
		<svg class={common ? "strip common" : "strip"} viewBox={`0 0 ${width} 24`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
			<rect class="ground" x="0" y={common ? 0 : 4} width={width} height={common ? 24 : 16} />
			{bands.map((b) => <rect key={b.from} class="band" x={b.from - left} y={common ? 0 : 4} width={b.to - b.from} height={common ? 24 : 16} />)}
			{Array.from({ length: hours.last - hours.first - 1 }, (_, i) => <line key={i} class="hour" x1={(i + 1) * 60} x2={(i + 1) * 60} y1="0" y2="24" />)}
		</svg>
	);
}

function Scale({ hours }: { hours: Hours }) {
	const marks = Array.from({ length: hours.last - hours.first }, (_, i) => hours.first + i);
	return (
		<div class="lane lane-scale" aria-hidden="true">
			<span />
			<span class="marks number">{marks.map((h) => <span key={h}>{String(h).padStart(2, "0")}</span>)}</span>
		</div>
	);
}

export function Picture({ days }: { days: Day[] }) {
	const open = days.filter((d) => d.lines.some((l) => l.bands.length > 0));
	const hours = hoursOf(open.flatMap((d) => d.lines.flatMap((l) => l.bands)));
	const closed = days.length - open.length;
	return (
		<figure class="picture">
			<Scale hours={hours} />
			{open.map((d) => (
				<div key={d.date} class="picture-day">
					<h3>{dateText(d.date)}</h3>
					{d.lines.map((l) => (
						<div key={l.name + String(l.common)} class={l.common ? "lane lane-all" : "lane"}>
							<span class="lane-name"><bdi>{l.name}</bdi></span>
							<Strip bands={l.bands} hours={hours} common={l.common} />
							<span class="quiet">{l.bands.length ? l.bands.map(bandText).join(", ") : "not free"}</span>
						</div>
					))}
				</div>
			))}
			{closed > 0 && <figcaption class="small">{closed === 1 ? "One day is" : `${closed} days are`} left out: nobody is free then.</figcaption>}
		</figure>
	);
}

/** The common time in words. */
export function Times({ days }: { days: Day[] }) {
	const found = days.map((d) => ({ date: d.date, bands: d.lines.at(-1)?.bands ?? [] })).filter((d) => d.bands.length > 0);
	return (
		<ul class="rows">
			{found.map((d) => (
				<li key={d.date}>
					<span class="day-name">{dateText(d.date)}</span>
					<span class="number main">{d.bands.map(bandText).join("  ")}</span>
				</li>
			))}
		</ul>
	);
}
