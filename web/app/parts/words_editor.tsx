// The words of one event type's messages: written on one side, shown as they would be sent on the other.
import { useEffect, useState } from "preact/hooks";
import { type EventType, Failure } from "../api";
import { useLoad, useSaving } from "../state/load";
import { LANGUAGES } from "../state/languages";
import { type Language, listVariables, listWords, MESSAGES, preview, type Preview, resetWords, saveWords, type Variable, type Words } from "../state/messages";
import { useUnsaved } from "../state/unsaved";
import { AreaField, Problem, SaveButton, SelectField, TextField } from "./form";
import { Ready } from "./state";
import { done } from "./undo";

const READERS = { invitee: "to the invitee", host: "to you", guest: "to guests" } as const;
const keyOf = (w: Words) => `${w.message} ${w.to}`;

/** The mail as it would be, a moment after the last key; what is wrong with the words until they are right again. */
function usePreview(id: string, words: Words): { mail: Preview | undefined; failure: Failure | undefined } {
	const [state, setState] = useState<{ mail?: Preview | undefined; failure?: Failure | undefined }>({});
	useEffect(() => {
		let late = false;
		const timer = setTimeout(() => {
			preview(id, words).then((mail) => !late && setState({ mail }), (failure: unknown) => {
				if (!late) setState((old) => ({ mail: old.mail, failure: failure instanceof Failure ? failure : new Failure(0, undefined) }));
			});
		}, 300);
		return () => {
			late = true;
			clearTimeout(timer);
		};
	}, [id, words.message, words.to, words.language, words.subject, words.text]);
	return { mail: state.mail, failure: state.failure };
}

function Variables({ list }: { list: readonly Variable[] }) {
	return (
		<details>
			<summary>What you can insert</summary>
			<dl class="variables">
				{list.map((v) => <div key={v.name}><dt><code>{`{{${v.name}}}`}</code></dt><dd><bdi>{v.example}</bdi></dd></div>)}
			</dl>
			<p class="hint">Only where there is a reason: <code>{"{{#reason}}Why: {{reason}}{{/reason}}"}</code>. Only where there is none: <code>{"{{^reason}}…{{/reason}}"}</code>.</p>
		</details>
	);
}

function Form({ id, first, variables, changed }: { id: string; first: Words; variables: readonly Variable[]; changed: (w: Words) => void }) {
	const [words, setWords] = useState(first);
	const saving = useSaving();
	const { mail, failure } = usePreview(id, words);
	const dirty = words.subject !== first.subject || words.text !== first.text;
	useUnsaved(dirty);
	const wrong = saving.failure ?? failure;
	const put = (change: Partial<Words>) => {
		saving.clear();
		setWords({ ...words, ...change });
	};
	const submit = async (e: Event) => {
		e.preventDefault();
		await saving.save(async () => {
			changed(await saveWords(id, words));
			done("Your words are saved");
		});
	};
	const reset = () => void saving.save(async () => {
		await resetWords(id, words);
		const before = first;
		const [now] = (await listWords(id, words.language)).filter((w) => keyOf(w) === keyOf(words));
		if (now) changed(now);
		done("The usual words are back", async () => changed(await saveWords(id, before)));
	});
	return (
		<form class="words" onSubmit={submit} noValidate>
			<div>
				<TextField label="Subject" value={words.subject} set={(subject) => put({ subject })} error={wrong?.at("/subject")} maxLength={200} autocomplete="off" />
				<AreaField label="Text" rows={8} hint="What the mail begins with. Title, time, place, people and links follow by themselves." value={words.text} set={(text) => put({ text })} error={wrong?.at("/text")} />
				<Variables list={variables} />
				<Problem failure={wrong} known={["/subject", "/text"]} />
				<p class="actions">
					<SaveButton saving={saving}>Save</SaveButton>
					{first.updated_at && <button type="button" class="button" disabled={saving.busy} onClick={reset}>Back to the usual words</button>}
				</p>
			</div>
			<section aria-labelledby="seen" class="seen">
				<h2 id="seen">As it is read</h2>
				{mail && <><p class="subject"><bdi>{mail.subject}</bdi></p><p class="pre" dir="auto">{mail.text}</p></>}
			</section>
		</form>
	);
}

export function WordsEditor({ type, language: first }: { type: EventType; language: Language }) {
	const [language, setLanguage] = useState(first);
	const [key, setKey] = useState("booked invitee");
	const [turn, setTurn] = useState(0);
	const loaded = useLoad(`${type.id} ${language}`, async () => {
		const [words, variables] = await Promise.all([listWords(type.id, language), listVariables(type.id, language)]);
		return { words, variables };
	});
	const changed = (next: Words) => {
		loaded.set((old) => old && { ...old, words: old.words.map((w) => (keyOf(w) === keyOf(next) ? next : w)) });
		setTurn(turn + 1);
	};
	return (
		<>
			<header><h1 tabIndex={-1}>Words for <bdi>{type.title}</bdi></h1><a href="/app/messages">All messages</a></header>
			<Ready of={loaded} lines={8}>
				{({ words, variables }) => {
					const chosen = words.find((w) => keyOf(w) === key) ?? words[0];
					return chosen && (
						<>
							<div class="two-fields">
								<SelectField label="Message" value={keyOf(chosen)} set={setKey}
									options={words.map((w) => [keyOf(w), `${MESSAGES[w.message]}, ${READERS[w.to]}${w.updated_at ? " (yours)" : ""}`] as const)} />
								<SelectField label="Language" value={language} set={(v) => setLanguage(v as Language)} options={LANGUAGES} />
							</div>
							<Form key={`${keyOf(chosen)} ${language} ${turn}`} id={type.id} first={chosen} variables={variables} changed={changed} />
						</>
					);
				}}
			</Ready>
		</>
	);
}
