// Fields: a label, what is wrong with it, and the control; errors are tied to it for screen readers.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Failure } from "../api";
import type { Saving } from "../state/load";

type Told = { label: string; hint?: ComponentChildren; error?: string | undefined; quiet?: boolean };

function Frame({ id, label, hint, error, quiet, children }: Told & { id: string; children: ComponentChildren }) {
	return (
		<div class="field">
			<label for={id} class={quiet ? "quiet" : undefined}>{label}</label>
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
			{error && <p class="error" id={`${id}-error`}>{label} {error}</p>}
			{children}
		</div>
	);
}

function described(id: string, hint: unknown, error: unknown): JSX.HTMLAttributes {
	const ids = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
	return { id, "aria-describedby": ids || undefined, "aria-invalid": error ? true : undefined } as JSX.HTMLAttributes;
}

type TextProps = Told & { value: string; set: (v: string) => void } & Omit<JSX.InputHTMLAttributes, "value" | "label">;

export function TextField({ label, hint, error, quiet, value, set, ...rest }: TextProps) {
	const id = useId();
	return (
		<Frame {...{ id, label, hint, error }} quiet={quiet ?? false}>
			<input type="text" {...rest} {...(described(id, hint, error) as object)} value={value} onInput={(e) => set(e.currentTarget.value)} />
		</Frame>
	);
}

export function AreaField({ label, hint, error, quiet, value, set, rows = 3 }: Told & { value: string; set: (v: string) => void; rows?: number }) {
	const id = useId();
	return (
		<Frame {...{ id, label, hint, error }} quiet={quiet ?? false}>
			<textarea rows={rows} {...(described(id, hint, error) as object)} value={value} onInput={(e) => set(e.currentTarget.value)} />
		</Frame>
	);
}

/** #RRGGBB, chosen or typed; empty is none. */
export function ColorField({ label, hint, error, value, set }: Told & { value: string; set: (v: string) => void }) {
	const id = useId();
	return (
		<Frame {...{ id, label, hint, error }} quiet={false}>
			<div class="joined">
				<input type="color" aria-label={`${label}: choose`} value={/^#[0-9a-f]{6}$/i.test(value) ? value : "#8a5a00"} onInput={(e) => set(e.currentTarget.value)} />
				<input type="text" placeholder="#8A5A00" maxLength={7} {...(described(id, hint, error) as object)} value={value} onInput={(e) => set(e.currentTarget.value)} />
			</div>
		</Frame>
	);
}

/** A whole number; empty is null. */
export function NumberField({ value, set, ...rest }: Omit<TextProps, "value" | "set"> & { value: number | null; set: (v: number | null) => void }) {
	return (
		<TextField {...rest} inputMode="numeric" value={value === null ? "" : String(value)}
			set={(v) => set(v.trim() === "" || Number.isNaN(Number(v)) ? null : Math.trunc(Number(v)))} />
	);
}

export function SelectField({ label, hint, error, quiet, value, set, options }: Told & {
	value: string; set: (v: string) => void; options: readonly (readonly [string, string])[];
}) {
	const id = useId();
	return (
		<Frame {...{ id, label, hint, error }} quiet={quiet ?? false}>
			<select {...(described(id, hint, error) as object)} value={value} onChange={(e) => set(e.currentTarget.value)}>
				{options.map(([code, text]) => <option key={code} value={code}>{text}</option>)}
			</select>
		</Frame>
	);
}

export function CheckField({ label, hint, value, set }: { label: string; hint?: ComponentChildren; value: boolean; set: (v: boolean) => void }) {
	const id = useId();
	return (
		<div class="field">
			<label class="check" for={id}>
				<input id={id} type="checkbox" checked={value} aria-describedby={hint ? `${id}-hint` : undefined} onChange={(e) => set(e.currentTarget.checked)} />
				{label}
			</label>
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
		</div>
	);
}

/** Why a save failed; the first field that is wrong has the focus then, and what is to be read is in sight. */
export function Refused({ children }: { children: ComponentChildren }) {
	const line = useRef<HTMLParagraphElement>(null);
	useEffect(() => {
		const field = line.current?.closest("form")?.querySelector<HTMLElement>("[aria-invalid=true]");
		field?.focus();
		(field ?? line.current)?.scrollIntoView({ block: "center" });
	}, []);
	return <p class="problem" role="alert" ref={line}>{children}</p>;
}

/** The failure of a save where no field shows it, above the buttons. */
export function Problem({ failure, known = [] }: { failure: Failure | undefined; known?: readonly string[] }) {
	if (!failure) return null;
	const errors = failure.problem?.errors ?? [];
	const shown = errors.length > 0 && errors.every((e) => known.some((k) => e.field === k || e.field.startsWith(k + "/")));
	return <Refused>{shown ? "Some fields need another look." : failure.message}</Refused>;
}

export function SaveButton({ saving, children }: { saving: Saving; children: ComponentChildren }) {
	return <button type="submit" class="button first" disabled={saving.busy}>{children}</button>;
}
