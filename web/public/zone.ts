// The reader's zone and clock: found, kept in a cookie so that the next first answer is right already, and changeable.
import { onSwap, swap } from "./swap";

const COOKIE = "noonmark_view";
const SHOWN = 60;

// Browsers still give some places the names they had: old and new, in the same region or below America/.
const RENAMED = new Map(
	("Asia/Calcutta Kolkata,Asia/Katmandu Kathmandu,Asia/Rangoon Yangon,Asia/Saigon Ho_Chi_Minh,Europe/Kiev Kyiv,Atlantic/Faeroe Faroe," +
		"Africa/Asmera Asmara,America/Godthab Nuuk,America/Buenos_Aires Argentina/Buenos_Aires,America/Catamarca Argentina/Catamarca," +
		"America/Cordoba Argentina/Cordoba,America/Jujuy Argentina/Jujuy,America/Mendoza Argentina/Mendoza,America/Coral_Harbour Atikokan," +
		"America/Indianapolis Indiana/Indianapolis,America/Louisville Kentucky/Louisville,Pacific/Enderbury Kanton,Pacific/Ponape Pohnpei," +
		"Pacific/Truk Chuuk")
		.split(",")
		.map((pair): [string, string] => {
			const [old = "", fresh = ""] = pair.split(" ");
			return [old, old.slice(0, old.indexOf("/") + 1) + fresh];
		}),
);

export function detectZone(): string {
	const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
	return RENAMED.get(zone) ?? zone;
}

function detectTwelve(): boolean {
	return new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions().hour12 ?? false;
}

function preference(): string | undefined {
	return document.cookie.split("; ").find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1);
}

function prefer(zone: string, twelve: boolean): void {
	document.cookie = `${COOKIE}=${zone}|${twelve ? 12 : 24}; Path=/; SameSite=Lax; Max-Age=31536000`;
}

function withParameters(values: Record<string, string>): string {
	const url = new URL(location.href);
	for (const [name, value] of Object.entries(values)) url.searchParams.set(name, value);
	url.searchParams.delete("zones");
	return url.pathname + url.search;
}

function offsetText(zone: string, now: Date): string {
	const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(now);
	return (parts.find((part) => part.type === "timeZoneName")?.value ?? "").replace("GMT", "UTC").replace("-", "−");
}

function cityOf(zone: string): string {
	return zone.slice(zone.lastIndexOf("/") + 1).replaceAll("_", " ");
}

function zones(): string[] {
	const known = (Intl as unknown as { supportedValuesOf?(key: string): string[] }).supportedValuesOf?.("timeZone") ?? [];
	return [...new Set([...known.map((zone) => RENAMED.get(zone) ?? zone), "UTC"])];
}

function plain(text: string): string {
	return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replaceAll("_", " ");
}

/** A dialog: type a part of a city's name, choose. */
function pick(place: HTMLElement, choose: (zone: string) => void): void {
	const dialog = document.body.appendChild(document.createElement("dialog"));
	const label = dialog.appendChild(document.createElement("label"));
	const input = dialog.appendChild(document.createElement("input"));
	const found = dialog.appendChild(document.createElement("p"));
	const list = dialog.appendChild(document.createElement("ul"));
	const back = dialog.appendChild(document.createElement("button"));
	const all = zones();
	const now = new Date();
	const own = detectZone();
	label.textContent = place.dataset["search"] ?? "";
	label.htmlFor = input.id = "zone-search";
	label.className = "hint";
	dialog.setAttribute("aria-label", label.textContent);
	input.type = "search";
	input.className = "search";
	input.autocomplete = "off";
	found.className = "hint";
	found.setAttribute("role", "status");
	list.className = "cities";
	back.textContent = place.dataset["back"] ?? "";
	back.className = "button";
	back.addEventListener("click", () => dialog.close());
	const show = (): void => {
		const wanted = plain(input.value.trim());
		const match = all.filter((zone) => plain(zone).includes(wanted));
		if (!wanted) match.sort((a, b) => Number(b === own) - Number(a === own));
		found.textContent = (place.dataset["found"] ?? "") + match.length;
		list.replaceChildren(
			...match.slice(0, SHOWN).map((zone) => {
				const item = document.createElement("li");
				const button = item.appendChild(document.createElement("button"));
				button.append(cityOf(zone));
				button.appendChild(document.createElement("span")).textContent = offsetText(zone, now);
				button.addEventListener("click", () => {
					dialog.close();
					choose(zone);
				});
				return item;
			}),
		);
	};
	input.addEventListener("input", show);
	input.addEventListener("keydown", (event) => {
		const first = list.querySelector("button");
		if (event.key === "Enter" && input.value) first?.click();
		else if (event.key === "ArrowDown") first?.focus();
		else return;
		event.preventDefault();
	});
	dialog.addEventListener("close", () => {
		dialog.remove();
		document.getElementById("zone-change")?.focus();
	});
	show();
	dialog.showModal();
}

export function watchZone(booking: HTMLElement): void {
	const watch = (it: HTMLElement): void => {
		const place = it.querySelector<HTMLElement>("#zone");
		const clock = it.querySelector<HTMLAnchorElement>("#clock");
		if (!place || !clock) return;
		const twelve = clock.dataset["twelve"] === "1";
		place.querySelector("#zone-change")?.addEventListener("click", (event) => {
			if (!("showModal" in document.createElement("dialog"))) return;
			event.preventDefault();
			pick(place, (zone) => {
				prefer(zone, twelve);
				void swap(withParameters({ time_zone: zone }), true, "#zone-change");
			});
		});
		clock.addEventListener("click", (event) => {
			event.preventDefault();
			prefer(place.dataset["zone"] ?? detectZone(), !twelve);
			void swap(withParameters({ clock: twelve ? "24" : "12" }), true, "#clock");
		});
	};
	watch(booking);
	onSwap(watch);
	if (preference() || new URLSearchParams(location.search).has("time_zone")) return;
	const zone = detectZone();
	const twelve = detectTwelve();
	const shown = document.getElementById("zone")?.dataset["zone"];
	prefer(zone, twelve);
	if (shown !== zone || twelve) void swap(withParameters(twelve ? { time_zone: zone, clock: "12" } : { time_zone: zone }), false);
}
