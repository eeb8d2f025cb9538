// One's own account: name and address, password, log-ins, API keys, and leaving.
import { useState } from "preact/hooks";
import type { Account as Me } from "../api";
import { ApiKeys } from "../parts/api_keys";
import { CoHosts } from "../parts/co_hosts";
import { Dialog } from "../parts/dialog";
import { CheckField, Problem, SelectField, TextField } from "../parts/form";
import { Sessions } from "../parts/sessions";
import { Skeleton } from "../parts/state";
import { done } from "../parts/undo";
import "../parts/times.css";
import { ZoneField } from "../parts/zone";
import { type AccountChange, changeMe, changePassword, eraseMe, readMe } from "../state/account";
import { LANGUAGES } from "../state/languages";
import { useSaving } from "../state/load";
import { useMe } from "../state/me";
import { useTitle } from "../state/route";
import { useUnsaved } from "../state/unsaved";

const KNOWN = ["/first_name", "/last_name", "/username", "/time_zone", "/language"] as const;

type Draft = { first_name: string; last_name: string; username: string; time_zone: string; language: Me["language"] };

function draftOf(me: Me): Draft {
	return { first_name: me.first_name, last_name: me.last_name ?? "", username: me.username, time_zone: me.time_zone, language: me.language };
}

function changeOf(draft: Draft): AccountChange {
	return { ...draft, last_name: draft.last_name.trim() || null };
}

/** Takes a change back, on whatever version there is by then. */
async function back(before: Draft): Promise<void> {
	const now = await readMe();
	await changeMe(now.version, changeOf(before));
}

function Details({ me }: { me: Me }) {
	const [edits, setEdits] = useState<Partial<Draft>>({});
	const saving = useSaving();
	const draft = { ...draftOf(me), ...edits };
	const edit = <K extends keyof Draft>(name: K) => (value: Draft[K]) => setEdits((old) => ({ ...old, [name]: value }));
	const edited = JSON.stringify(draft) !== JSON.stringify(draftOf(me));
	useUnsaved(edited);
	const submit = async (e: Event) => {
		e.preventDefault();
		const before = draftOf(me);
		if (!await saving.save(() => changeMe(me.version, changeOf(draft)))) return;
		setEdits({});
		done("Saved", async () => { await back(before); setEdits({}); });
	};
	const wrong = saving.failure;
	return (
		<form class="measure" onSubmit={submit} noValidate>
			<div class="two-fields">
				<TextField label="First name" value={draft.first_name} set={edit("first_name")} error={wrong?.at("/first_name")} autocomplete="given-name" maxLength={80} />
				<TextField label="Last name" value={draft.last_name} set={edit("last_name")} error={wrong?.at("/last_name")} autocomplete="family-name" maxLength={80} />
			</div>
			<TextField label="Username" value={draft.username} set={edit("username")} error={wrong?.at("/username")} autocomplete="username" autocapitalize="none" spellcheck={false}
				hint={<>Your page is <span class="number">{location.host}/<b>{draft.username}</b></span>. Links with the old name end when you change it.</>} />
			<ZoneField label="Time zone" hint="In which you read times here and in mails." value={draft.time_zone} set={edit("time_zone")} error={wrong?.at("/time_zone")} />
			<SelectField label="Language" hint="Of your pages and mails." value={draft.language} set={(v) => edit("language")(v as Me["language"])} options={LANGUAGES} error={wrong?.at("/language")} />
			{wrong?.status === 412
				? <div class="problem" role="alert"><p>Your account was changed elsewhere in the meantime. What you typed is kept.</p><p class="actions"><button type="button" class="button" onClick={() => void saving.save(readMe)}>Fetch what is there now</button></p></div>
				: <Problem failure={wrong} known={KNOWN} />}
			<p class="actions">
				<button type="submit" class="button first" disabled={saving.busy || !edited}>Save</button>
				{edited && <button type="button" class="button" onClick={() => { setEdits({}); saving.clear(); }}>Discard</button>}
			</p>
		</form>
	);
}

function Password({ email, changed }: { email: string; changed: () => void }) {
	const [current, setCurrent] = useState("");
	const [fresh, setFresh] = useState("");
	const [endKeys, setEndKeys] = useState(false);
	const [round, setRound] = useState(0);
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		if (!await saving.save(() => changePassword(current, fresh, endKeys))) return;
		setCurrent("");
		setFresh("");
		setRound(round + 1);
		done(`The password is changed; all other log-ins${endKeys ? " and all API keys" : ""} have ended`);
		setEndKeys(false);
		changed();
	};
	return (
		<form class="measure" key={round} onSubmit={submit} noValidate>
			<input class="quiet" type="text" autocomplete="username" value={email} readOnly tabIndex={-1} aria-hidden="true" />
			<div class="two-fields">
				<TextField label="Current password" type="password" value={current} set={setCurrent} error={saving.failure?.at("/current_password")} autocomplete="current-password" />
				<TextField label="New password" type="password" value={fresh} set={setFresh} error={saving.failure?.at("/new_password")} autocomplete="new-password" />
			</div>
			<p class="hint">At least 8 characters. All other log-ins end.</p>
			<CheckField label="End all API keys too: somebody else may have known the password" value={endKeys} set={setEndKeys} />
			<Problem failure={saving.failure} known={["/current_password", "/new_password"]} />
			<p class="actions"><button type="submit" class="button" disabled={saving.busy || !fresh}>Change the password</button></p>
		</form>
	);
}

function Erase({ me }: { me: Me }) {
	const [open, setOpen] = useState(false);
	const [typed, setTyped] = useState("");
	const saving = useSaving();
	const submit = async (e: Event) => {
		e.preventDefault();
		if (typed.trim() === me.username && await saving.save(eraseMe)) location.assign("/");
	};
	return (
		<>
			<p>Your page and everything about you is removed. Meetings to come are cancelled, and everybody who booked one is told.</p>
			<p class="actions"><button type="button" class="button danger" onClick={() => setOpen(true)}>Delete the account</button></p>
			{open && (
				<Dialog title="Delete your account" close={() => setOpen(false)}>
					<form onSubmit={submit} noValidate>
						<p>Meetings to come are cancelled and everybody is told. Your page, event types, hours and keys go. This cannot be taken back.</p>
						<TextField label={`Type ${me.username} to go on`} value={typed} set={setTyped} autocomplete="off" autocapitalize="none" spellcheck={false} />
						<Problem failure={saving.failure} />
						<p class="actions">
							<button type="submit" class="button danger" disabled={saving.busy || typed.trim() !== me.username}>Delete everything</button>
							<button type="button" class="button" onClick={() => setOpen(false)}>Keep it</button>
						</p>
					</form>
				</Dialog>
			)}
		</>
	);
}

export default function Account(_: { item: string }) {
	useTitle("Account");
	const me = useMe();
	const [ended, setEnded] = useState(0); // log-ins and keys are read again once a new password ended some
	return (
		<>
			<h1 tabIndex={-1}>Account</h1>
			{!me ? <Skeleton lines={6} /> : (
				<>
					<p class="small">You log in as <b>{me.email}</b>. Your plan: {me.plan}.</p>
					<Details me={me} />
					<section aria-labelledby="password"><h2 id="password">Password</h2><Password email={me.email} changed={() => setEnded(ended + 1)} /></section>
					<CoHosts />
					<Sessions key={`sessions-${ended}`} zone={me.time_zone} />
					<ApiKeys key={`keys-${ended}`} zone={me.time_zone} />
					<section aria-labelledby="leave"><h2 id="leave">Delete the account</h2><Erase me={me} /></section>
				</>
			)}
		</>
	);
}
