// A question above the page: focus goes in and comes back, Escape closes.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
	const box = useRef<HTMLDialogElement>(null);
	const id = useId();
	useEffect(() => {
		const dialog = box.current;
		dialog?.showModal();
		return () => dialog?.close();
	}, []);
	return (
		<dialog ref={box} aria-labelledby={id} onClose={close} onClick={(e) => e.target === box.current && close()}>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}
