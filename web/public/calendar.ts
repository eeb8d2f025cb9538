// The month as a grid with arrow keys, and a day's times from the data that came with the page.
import { onSwap, say, swap } from "./swap";
import { clockText, partOf, startOf } from "./time";

type Slots = Record<string, string[]>;

const grid = () => document.querySelector<HTMLTableElement>("table.days");
const cells = () => [...document.querySelectorAll<HTMLElement>("table.days .day")];
const twelve = () => document.getElementById("clock")?.dataset["twelve"] === "1";

function slots(): Slots {
	const data = document.getElementById("slots")?.textContent;
	return data ? (JSON.parse(data) as Slots) : {};
}

function dayTitle(date: string): string {
	const label = document.querySelector(`.day[data-date="${date}"]`)?.getAttribute("aria-label") ?? date;
	return label.slice(0, label.lastIndexOf(", "));
}

function group(name: string, title: string, times: string[][]): HTMLElement[] {
	const head = document.createElement("h3");
	const list = document.createElement("ul");
	head.id = name;
	head.textContent = title;
	list.className = "slots";
	list.setAttribute("aria-labelledby", name);
	for (const [start = "", text = ""] of times) {
		const item = list.appendChild(document.createElement("li"));
		const button = item.appendChild(document.createElement("button"));
		button.className = "slot";
		button.name = "start";
		button.value = start;
		button.textContent = text;
	}
	return [head, list];
}

/** Shows a day of this month; false where its data does not say enough (seats, a clock change to be told). */
function showDay(date: string): boolean {
	const groups = document.getElementById("groups");
	const title = document.getElementById("day");
	const times = slots()[date];
	if (!groups || !title || !times || groups.querySelector("small") || document.getElementById("change")) return false;
	const offset = times[0]?.slice(5);
	const first = Object.values(slots())[0]?.[0]?.slice(5);
	if (offset !== first) return false; // the clocks change within this month: the server says when
	const parts: Record<string, string[][]> = { morning: [], afternoon: [], evening: [] };
	let at = "";
	for (const time of times) {
		at = time.slice(5) || at;
		parts[partOf(time)]?.push([startOf(date, time.slice(0, 5) + at), clockText(time.slice(0, 5), twelve())]);
	}
	groups.replaceChildren(
		...Object.entries(parts).flatMap(([name, list]) => (list.length ? group(name, groups.dataset[name] ?? "", list) : [])),
	);
	title.textContent = dayTitle(date);
	for (const cell of cells()) {
		if (cell.dataset["date"] === date) cell.setAttribute("aria-current", "date");
		else cell.removeAttribute("aria-current");
	}
	return true;
}

function choose(link: HTMLAnchorElement, focusTimes: boolean): void {
	const date = link.dataset["date"] ?? "";
	if (!showDay(date)) return void swap(link.href, true, focusTimes ? "#day" : undefined);
	history.pushState(null, "", link.href);
	say(link.getAttribute("aria-label") ?? "");
	const title = document.getElementById("day");
	if (focusTimes) title?.focus({ preventScroll: true });
	if (innerWidth < 720) title?.scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

function focusCell(cell: HTMLElement | undefined): void {
	if (!cell) return;
	for (const other of cells()) other.tabIndex = -1;
	cell.tabIndex = 0;
	cell.focus();
}

function turn(direction: "prev" | "next", focus: "first" | "last"): void {
	const link = document.querySelector<HTMLAnchorElement>(`.turn a[rel=${direction}]`);
	if (link) void swap(link.href, true).then(() => focusCell(focus === "first" ? cells()[0] : cells().at(-1)));
}

const STEPS: Record<string, number> = { ArrowUp: -7, ArrowDown: 7, ArrowLeft: -1, ArrowRight: 1 };

function key(event: KeyboardEvent): void {
	const all = cells();
	const at = all.indexOf(event.target as HTMLElement);
	if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
	const rtl = document.documentElement.dir === "rtl" && event.key.match(/Left|Right/) ? -1 : 1;
	const step = STEPS[event.key];
	const column = (all[at]?.closest("td") as HTMLTableCellElement).cellIndex;
	if (step) {
		const to = at + step * rtl;
		if (to < 0) turn("prev", "last");
		else if (to >= all.length) turn("next", "first");
		else focusCell(all[to]);
	} else if (event.key === "Home") focusCell(all[Math.max(0, at - column)]);
	else if (event.key === "End") focusCell(all[Math.min(all.length - 1, at + 6 - column)]);
	else if (event.key === "PageUp") turn("prev", "first");
	else if (event.key === "PageDown") turn("next", "first");
	else if (event.key === " " && all[at]?.matches("a")) all[at]?.click();
	else return;
	event.preventDefault();
}

function click(event: MouseEvent): void {
	const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
	if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
	if (link.matches(".day")) choose(link, event.detail === 0);
	else if (link.matches(".turn .step")) void swap(link.href, true, `.turn a[rel=${link.rel}]`);
	else if (link.matches(".durations a")) void swap(link.href, true, ".durations [aria-current]");
	else if (link.matches(".times a.slot")) void swap(link.href, false, `.times a[data-start="${link.dataset["start"]}"]`);
	else if (link.matches(".chosen a")) void swap(link.href, false, "#choices");
	else if (link.matches(".times .button")) void swap(link.href, true, "#day");
	else return;
	event.preventDefault();
}

/** A grid for who moves by arrow keys: one stop for Tab, the days in it by arrows. */
function enhance(): void {
	const table = grid();
	if (!table) return;
	table.setAttribute("role", "grid");
	const current = cells().find((cell) => cell.hasAttribute("aria-current")) ?? cells().find((cell) => cell.matches("a")) ?? cells()[0];
	for (const cell of cells()) cell.tabIndex = cell === current ? 0 : -1;
	table.addEventListener("keydown", key);
}

export function watchCalendar(booking: HTMLElement): void {
	const watch = (it: HTMLElement): void => {
		enhance();
		it.addEventListener("click", click);
	};
	watch(booking);
	onSwap(watch);
}
