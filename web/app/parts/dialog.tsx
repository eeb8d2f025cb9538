// A question above the page: focus goes in and comes back, Escape closes, and so does a click beside it.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** Whether the pointer is beside the box: its own border is the box's, and so is what began in it, as marking words does. */
function isBeside(box: HTMLElement | null, e: MouseEvent): boolean {
	const { left, right, top, bottom } = box?.getBoundingClientRect() ?? new DOMRect();
	return e.target === box && (e.clientX < left || e.clientX > right || e.clientY < top || e.clientY > bottom);
}

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
	const box = useRef<HTMLDialogElement>(null);
	const outside = useRef(false);
	const id = useId();
	useEffect(() => {
		const dialog = box.current;
		dialog?.showModal();
		return () => dialog?.close();
	}, []);
	return (
		<dialog ref={box} aria-labelledby={id} onClose={close} onPointerDown={(e) => { outside.current = isBeside(box.current, e); }}
			onClick={(e) => outside.current && isBeside(box.current, e) && close()}>
			<h2 id={id}>{title}</h2>
			{children}
		</dialog>
	);
}
