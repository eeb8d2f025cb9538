// When several people are free at once, as a picture and in words.
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { SelectField } from "../parts/form";
import { daysOf, Picture, Times } from "../parts/people_picture";
import { Empty, Ready, Skeleton } from "../parts/state";
import "../parts/times.css";
import { useLoad } from "../state/load";
import { useMe } from "../state/me";
import { commonTime, knows, type Question } from "../state/people";
import { useTitle } from "../state/route";
import { dateAdd, dateText, lengthText, wallClock, zoneText } from "../time/format";

const DAYS = 14;
const MOST = 20;
const LENGTHS = [15, 30, 45, 60, 90, 120, 180, 240].map((m) => [String(m), lengthText(m)] as const);

/** A name out of what was typed: "Ada", "@ada", or the address of her page. */
function nameOf(typed: string): string {
	return (typed.trim().replace(/\/+$/, "").split("/").at(-1) ?? "").replace(/^@/, "").toLowerCase();
}

function Add({ users, add }: { users: readonly string[]; add: (name: string) => void }) {
	const [typed, setTyped] = useState("");
	const [wrong, setWrong] = useState("");
	const [busy, setBusy] = useState(false);
	const look = async (name: string): Promise<string> => {
		if (!name) return "Type the username of somebody who has a page here.";
		if (users.includes(name)) return `${name} is in the list already.`;
		if (users.length >= MOST) return `At most ${MOST} people at once.`;
		return await knows(name) ? "" : `There is nobody named ${name} here. It is the last part of their page's address.`;
	};
	const submit = async (e: Event) => {
		e.preventDefault();
		const name = nameOf(typed);
		setBusy(true);
		try {
			const told = await look(name);
			setWrong(told);
			if (!told) {
				add(name);
				setTyped("");
			}
		} catch (e2) {
			setWrong(e2 instanceof Failure ? e2.message : "You are offline. What you typed is kept.");
		}
		setBusy(false);
	};
	return (
		<form class="field" onSubmit={submit} noValidate>
			<label for="username">Username</label>
			{wrong && <p class="error" id="username-error" role="alert">{wrong}</p>}
			<div class="joined">
				<input id="username" type="text" value={typed} autocomplete="off" autocapitalize="none" spellcheck={false} placeholder="ada"
					aria-invalid={wrong ? true : undefined} aria-describedby={wrong ? "username-error" : undefined} onInput={(e) => { setTyped(e.currentTarget.value); setWrong(""); }} />
				<button type="submit" class="button" disabled={busy}>Add</button>
			</div>
		</form>
	);
}

function Chips({ users, own, remove }: { users: readonly string[]; own: string; remove: (name: string) => void }) {
	return (
		<ul class="people-chips" aria-label="People">
			{users.map((name) => (
				<li key={name}>
					<bdi>{name === own ? `${name} (you)` : name}</bdi>
					<button type="button" class="people-drop" aria-label={`Remove ${name}`} onClick={() => remove(name)}>
						<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8" /></svg>
					</button>
				</li>
			))}
		</ul>
	);
}

function Found({ question, own }: { question: Question; own: string }) {
	const loaded = useLoad(JSON.stringify(question), () => commonTime(question));
	if (question.users.length === 0) return <Empty title="Nobody is chosen"><p class="small">Add yourself and others: their free time will be here.</p></Empty>;
	return (
		<Ready of={loaded} lines={8}>
			{(answer) => {
				const days = daysOf(answer, question);
				return (
					<>
						{question.users.length === 1 && question.users[0] === own && <p class="note">This is your own free time. Add others to see what you have in common.</p>}
						{answer.common.length === 0 && <Empty title="No time in common here"><p class="small">Look later, or ask for a shorter time.</p></Empty>}
						<section aria-labelledby="picture"><h2 id="picture" class="quiet">Day by day</h2><Picture days={days} /></section>
						{answer.common.length > 0 && <section aria-labelledby="common"><h2 id="common">Free for {lengthText(question.minutes)} or longer</h2><Times days={days} /></section>}
					</>
				);
			}}
		</Ready>
	);
}

function Search({ own, zone }: { own: string; zone: string }) {
	const today = wallClock(Date.now(), zone).date;
	const [users, setUsers] = useState<readonly string[]>([own]);
	const [from, setFrom] = useState(today);
	const [minutes, setMinutes] = useState("30");
	return (
		<>
			<div class="people-ask">
				<Add users={users} add={(name) => setUsers([...users, name])} />
				<SelectField label="At least" value={minutes} set={setMinutes} options={LENGTHS} />
			</div>
			<Chips users={users} own={own} remove={(name) => setUsers(users.filter((u) => u !== name))} />
			<div class="row between">
				<p class="number" aria-live="polite"><b>{dateText(from)} – {dateText(dateAdd(from, DAYS - 1))}</b> <span class="small">{zoneText(zone, Date.parse(`${from}T12:00:00Z`))}</span></p>
				<p class="actions">
					<button type="button" class="button" disabled={from <= today} onClick={() => setFrom(dateAdd(from, -DAYS))}>Earlier</button>
					<button type="button" class="button" onClick={() => setFrom(dateAdd(from, DAYS))}>Later</button>
				</p>
			</div>
			<Found question={{ users, from, days: DAYS, zone, minutes: Number(minutes) }} own={own} />
		</>
	);
}

export default function People(_: { item: string }) {
	useTitle("People");
	const me = useMe();
	return (
		<>
			<h1 tabIndex={-1}>People</h1>
			<p class="small">When several people are free at once. Everybody with a page here can be added.</p>
			{me ? <Search key={me.username + me.time_zone} own={me.username} zone={me.time_zone} /> : <Skeleton lines={6} />}
		</>
	);
}
