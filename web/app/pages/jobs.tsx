// The job queue, for admins: what was given up and why, to try again or let go of; and what will be tried by itself.
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { Dialog } from "../parts/dialog";
import { Problem } from "../parts/form";
import { Empty, Failed, Ready, Skeleton } from "../parts/state";
import { done } from "../parts/undo";
import { discardJob, type Job, type JobKind, listJobs, listKinds, type Page, retryJob, retryKind, type Shown } from "../state/jobs";
import { type Loaded, useLoad, useSaving } from "../state/load";
import { useMe } from "../state/me";
import { useTitle } from "../state/route";
import { momentText } from "../time/moment";

const KINDS: Record<string, string> = {
	code_mail: "Mail with a code",
	note_mail: "Mail with a visitor's note",
	booking_mail: "Mail about a booking",
	booking_push: "Notification about a booking",
	booking_follow: "What is told at its time, like reminders",
	booking_expiry: "End of an unanswered request",
	proposal_expiry: "End of an unanswered proposal",
	webhook_mail: "Mail about a webhook that was paused",
};
const kindText = (kind: string) => KINDS[kind] ?? kind.replaceAll("_", " ");
const triesText = (n: number) => n === 1 ? "1 try" : `${n} tries`;

function Row({ job, zone, retry, discard }: { job: Job; zone: string; retry: () => void; discard: () => void }) {
	const dead = job.state === "dead";
	return (
		<li>
			<div class="main">
				<p><b>{kindText(job.kind)}</b> {job.username && <span class="small">for <bdi>{job.username}</bdi></span>}</p>
				{job.last_error && <p><bdi>{job.last_error}</bdi></p>}
				<p class="small number">
					Caused {momentText(job.created_at, zone)}; {triesText(job.tries)}; {job.done_at ? `given up ${momentText(job.done_at, zone)}` : `next ${momentText(job.due_at, zone)}`}
				</p>
			</div>
			{dead && (
				<p class="actions">
					<button type="button" class="button" onClick={retry}>Try again<span class="quiet"> {kindText(job.kind)}: {job.last_error}</span></button>
					<button type="button" class="button" onClick={discard}>Discard<span class="quiet"> {kindText(job.kind)}: {job.last_error}</span></button>
				</p>
			)}
		</li>
	);
}

function Discard({ job, gone, close }: { job: Job; gone: () => void; close: () => void }) {
	const saving = useSaving();
	const discard = async () => {
		if (!await saving.save(() => discardJob(job.id))) return;
		gone();
		done("Discarded");
	};
	return (
		<Dialog title="Discard it" close={close}>
			<p>{kindText(job.kind)}{job.username ? <> for <bdi>{job.username}</bdi></> : ""}: it will not be done, and what it carries is forgotten.</p>
			<Problem failure={saving.failure} />
			<p class="actions">
				<button type="button" class="button danger" disabled={saving.busy} onClick={() => void discard()}>Discard it</button>
				<button type="button" class="button" onClick={close}>Keep it</button>
			</p>
		</Dialog>
	);
}

/** A whole kind at once, where there is more than one of it. */
function Kinds({ list, retry }: { list: readonly JobKind[]; retry: (kind: JobKind) => void }) {
	const many = list.filter((k) => k.dead > 1);
	if (many.length === 0) return null;
	return (
		<p class="actions">
			{many.map((k) => <button key={k.kind} type="button" class="button" onClick={() => retry(k)}>Try all {k.dead} again: {kindText(k.kind)}</button>)}
		</p>
	);
}

function More({ loaded, shown }: { loaded: Loaded<Page>; shown: Shown }) {
	const saving = useSaving();
	const cursor = loaded.data?.next_cursor;
	if (!cursor) return null;
	const more = () => saving.save(async () => {
		const next = await listJobs(shown, cursor);
		loaded.set((old) => ({ items: [...(old?.items ?? []), ...next.items], next_cursor: next.next_cursor }));
	});
	return (
		<>
			<Problem failure={saving.failure} />
			<p class="actions"><button type="button" class="button" disabled={saving.busy} onClick={() => void more()}>More</button></p>
		</>
	);
}

function Dead({ zone }: { zone: string }) {
	const loaded = useLoad("dead", () => listJobs("dead"));
	const kinds = useLoad("kinds", listKinds);
	const [leaving, setLeaving] = useState<Job>();
	const [failure, setFailure] = useState<Failure>();
	const drop = (id: string) => loaded.set((old) => old && { ...old, items: old.items.filter((j) => j.id !== id) });
	const all = () => Promise.all([loaded.reload(), kinds.reload()]);
	const run = async (work: () => Promise<string>) => {
		setFailure(undefined);
		try {
			done(await work());
		} catch (e) {
			setFailure(e instanceof Failure ? e : new Failure(0, undefined));
		}
		await all();
	};
	const one = (job: Job) => run(async () => { await retryJob(job.id); return "It is tried again"; });
	const many = (kind: JobKind) => run(async () => `${await retryKind(kind.kind)} are tried again`);
	return (
		<section aria-labelledby="dead">
			<h2 id="dead">Given up</h2>
			<p class="small">These failed for good, or ran out of tries. Kept for 30 days.</p>
			{failure && <Failed failure={failure} />}
			{kinds.data && <Kinds list={kinds.data} retry={(k) => void many(k)} />}
			<Ready of={loaded} lines={4}>
				{(page) => page.items.length === 0 ? <Empty title="Nothing was given up" />
					: <ul class="rows">{page.items.map((j) => <Row key={j.id} job={j} zone={zone} retry={() => void one(j)} discard={() => setLeaving(j)} />)}</ul>}
			</Ready>
			<More loaded={loaded} shown="dead" />
			{leaving && <Discard job={leaving} close={() => setLeaving(undefined)} gone={() => { drop(leaving.id); setLeaving(undefined); void kinds.reload(); }} />}
		</section>
	);
}

function Waiting({ zone }: { zone: string }) {
	const loaded = useLoad("waiting", () => listJobs("waiting"));
	return (
		<section aria-labelledby="waiting">
			<h2 id="waiting">Will be tried again</h2>
			<Ready of={loaded} lines={2}>
				{(page) => page.items.length === 0 ? <p class="small">Nothing waits for another try.</p>
					: <ul class="rows">{page.items.map((j) => <Row key={j.id} job={j} zone={zone} retry={() => undefined} discard={() => undefined} />)}</ul>}
			</Ready>
			<More loaded={loaded} shown="waiting" />
		</section>
	);
}

export default function Jobs(_: { item: string }) {
	useTitle("Jobs");
	const me = useMe();
	return (
		<>
			<h1 tabIndex={-1}>Jobs</h1>
			<p class="small">Mails, notifications and other work behind the pages, of everybody here.</p>
			{!me ? <Skeleton lines={6} /> : me.role !== "admin" ? <p>Only admins see this.</p> : <><Dead zone={me.time_zone} /><Waiting zone={me.time_zone} /></>}
		</>
	);
}
