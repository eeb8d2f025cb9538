// Something that is shown this once: to be copied and kept.
import { done } from "./undo";

export function Secret({ label, value, copied, close }: { label: string; value: string; copied: string; close: () => void }) {
	const copy = async () => {
		await navigator.clipboard?.writeText(value);
		done(copied);
	};
	return (
		<>
			<p>Copy it now: it is shown this once.</p>
			<div class="field">
				<label for="secret">{label}</label>
				<input id="secret" class="number" readOnly autoFocus value={value} onFocus={(e) => e.currentTarget.select()} />
			</div>
			<p class="actions"><button type="button" class="button first" onClick={copy}>Copy</button><button type="button" class="button" onClick={close}>I have kept it</button></p>
		</>
	);
}
