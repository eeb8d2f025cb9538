// Pictures of the dashboard for the README, in docs/img: node tests/web/app_shots.mjs [FOLDER] [PART OF A NAME].
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { busyHost, enter, ready, visit } from "./app_lib.mjs";
import { end, ROOT, Site } from "./lib.mjs";
import { small } from "./png.mjs";

const folder = process.argv[2] ?? join(ROOT, "docs/img"), wanted = process.argv[3] ?? "";
mkdirSync(folder, { recursive: true });
const site = await Site.open();
process.on("exit", () => site.process.kill());
const host = await busyHost(site);
const bookings = await site.api("GET", "/v1/bookings?limit=50", { token: host.token, status: 200 });
const mentoring = bookings.items.find((b) => b.title.includes("Mentoring")) ?? bookings.items[0];

const PAGES = {
	"app-today": "/app",
	"app-bookings": "/app/bookings",
	"app-booking": `/app/bookings/${mentoring.id}`,
	"app-calendar-week": "/app/calendar?view=week",
	"app-calendar-day": "/app/calendar?view=day",
	"app-calendar-month": "/app/calendar?view=month",
	"app-event-types": "/app/event-types",
	"app-event-type": `/app/event-types/${host.types.mentoring.id}`,
	"app-availability": "/app/availability",
	"app-messages": "/app/messages",
	"app-webhooks": "/app/webhooks",
	"app-people": "/app/people",
	"app-account": "/app/account",
};

/** What is done on a page before its picture is taken. */
const BEFORE = {
	async "app-people"(page) {
		for (const name of ["grace", "alan"]) {
			await page.getByLabel("Username", { exact: true }).fill(name);
			await page.getByRole("button", { name: "Add", exact: true }).click();
			await page.getByRole("button", { name: `Remove ${name}` }).waitFor();
		}
		await ready(page);
	},
};

for (const width of [1280, 390]) {
	for (const dark of [false, true]) {
		const page = await enter(site, host, { width, height: width > 400 ? 800 : 844, dark });
		for (const [name, path] of Object.entries(PAGES)) {
			if (!name.includes(wanted)) continue;
			await visit(page, path);
			await BEFORE[name]?.(page);
			await page.evaluate(() => document.activeElement?.blur?.());
			// what fits the screen: pictures of whole pages would be heavy
			writeFileSync(join(folder, `${name}-${width}-${dark ? "dark" : "light"}.png`), small(await page.screenshot({ fullPage: process.env.WHOLE === "1" })));
		}
		await page.close();
	}
}
await site.close();
await end();
