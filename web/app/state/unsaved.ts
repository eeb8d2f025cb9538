// Edits that are not saved yet: leaving the page asks first.
import { useEffect } from "preact/hooks";
import { keepHere } from "./route";

export function useUnsaved(edited: boolean): void {
	useEffect(() => {
		if (!edited) return;
		const leave = (e: BeforeUnloadEvent) => e.preventDefault();
		keepHere(() => confirm("What you changed here is not saved. Leave it?"));
		addEventListener("beforeunload", leave);
		return () => {
			keepHere(undefined);
			removeEventListener("beforeunload", leave);
		};
	}, [edited]);
}
