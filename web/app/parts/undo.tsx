// What was just done, and a way back; said once to screen readers.
import { useEffect, useState } from "preact/hooks";

type Done = { text: string; undo?: (() => Promise<unknown>) | undefined };
let tell: ((d: Done | undefined) => void) | undefined;

/** Say that something was done; undo, where given, takes it back. */
export function done(text: string, undo?: () => Promise<unknown>): void {
	tell?.({ text, undo });
}

export function Undo() {
	const [last, setLast] = useState<Done>();
	const [held, setHeld] = useState(false);
	useEffect(() => {
		tell = setLast;
		return () => void (tell = undefined);
	}, []);
	useEffect(() => {
		if (!last || held) return; // it stays while somebody is at it
		const timer = setTimeout(() => setLast(undefined), last.undo ? 12000 : 4000);
		return () => clearTimeout(timer);
	}, [last, held]);
	const back = async () => {
		const work = last?.undo;
		setHeld(false);
		setLast({ text: "Taking it back" });
		try {
			await work?.();
			setLast({ text: "Taken back" });
		} catch (e) {
			setLast({ text: e instanceof Error ? e.message : "That could not be taken back." });
		}
	};
	return (
		<div class="done" role="status" aria-live="polite">
			{last && <p onMouseEnter={() => setHeld(true)} onMouseLeave={() => setHeld(false)} onFocusIn={() => setHeld(true)} onFocusOut={() => setHeld(false)}><span>{last.text}</span>{last.undo && <button type="button" class="plain" onClick={back}>Undo</button>}</p>}
		</div>
	);
}
