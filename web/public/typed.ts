// What was typed stays when the time is changed: in this tab only, until it is sent.
const FIELDS = "input:not([type=hidden]):not(.code), textarea, select";

export function keepTyped(): void {
	const form = document.getElementById("details") as HTMLFormElement | null;
	if (!form) return;
	const key = `typed:${location.pathname}`;
	const fields = [...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(FIELDS)];
	const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}") as Record<string, string>;
	for (const field of fields) {
		const text = kept[field.name];
		if (text && !field.value && field.type !== "checkbox") field.value = text;
	}
	form.addEventListener("input", () => {
		sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(fields.map((field) => [field.name, field.value]))));
	});
	form.addEventListener("submit", () => sessionStorage.removeItem(key));
}
