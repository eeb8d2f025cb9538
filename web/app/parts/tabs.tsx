// Tabs over one panel: one stop for Tab, arrow keys between them.
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

export function Tabs<T extends string>({ label, tabs, chosen, choose, children }: {
	label: string; tabs: readonly (readonly [T, string])[]; chosen: T; choose: (tab: T) => void; children: ComponentChildren;
}) {
	const id = useId();
	const list = useRef<HTMLDivElement>(null);
	const key = (e: KeyboardEvent) => {
		const ahead = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight", behind = ahead === "ArrowLeft" ? "ArrowRight" : "ArrowLeft";
		const at = tabs.findIndex(([code]) => code === chosen);
		const to = { [ahead]: (at + 1) % tabs.length, [behind]: (at + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[e.key];
		const next = to === undefined ? undefined : tabs[to];
		if (!next) return;
		e.preventDefault();
		choose(next[0]);
		list.current?.querySelectorAll<HTMLElement>("[role=tab]")[to as number]?.focus();
	};
	return (
		<>
			<div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={key}>
				{tabs.map(([code, name]) => (
					<button key={code} id={`${id}-${code}`} type="button" role="tab" aria-selected={chosen === code} aria-controls={id} tabIndex={chosen === code ? 0 : -1}
						onClick={() => choose(code)}>{name}</button>
				))}
			</div>
			<div id={id} role="tabpanel" class="panel" aria-labelledby={`${id}-${chosen}`}>{children}</div>
		</>
	);
}
