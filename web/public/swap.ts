// Fetches a page of the same kind and takes its #booking in place of ours, so that server and script never disagree.
let asked = 0;

export type Swapped = (booking: HTMLElement) => void;
const watchers: Swapped[] = [];

export function onSwap(watcher: Swapped): void {
	watchers.push(watcher);
}

export function say(text: string): void {
	const line = document.getElementById("said");
	if (line) line.textContent = text;
}

/** Shows the page at `url` without a load; falls back to going there. */
export async function swap(url: string, push: boolean, focus?: string): Promise<void> {
	const turn = ++asked;
	const old = document.getElementById("booking");
	if (!old) return location.assign(url);
	old.classList.add("busy");
	try {
		const answer = await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin", cache: "no-store" }); // without its style: not to be kept as the page
		const page = new DOMParser().parseFromString(await answer.text(), "text/html");
		const fresh = page.getElementById("booking");
		if (turn !== asked) return;
		if (!answer.ok || !fresh) return location.assign(url);
		for (const area of old.querySelectorAll("textarea")) {
			const next = fresh.querySelector<HTMLTextAreaElement>(`#${area.id}`);
			if (next) next.value = area.value;
		}
		old.replaceWith(document.adoptNode(fresh));
		document.title = page.title;
		if (push) history.pushState(null, "", url);
		else history.replaceState(null, "", url);
		for (const watcher of watchers) watcher(fresh);
		if (focus) document.querySelector<HTMLElement>(focus)?.focus();
		if (push) say(document.getElementById("month")?.textContent ?? ""); // in a line that was there before, or it is not heard
	} catch {
		if (turn === asked) location.assign(url);
	}
}

addEventListener("popstate", () => {
	if (document.getElementById("booking")) void swap(location.href, false);
});
