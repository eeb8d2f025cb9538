// Pictures of the pages for the README, in docs/img: node tests/web/shots.mjs [FOLDER].
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, open, quiet, ROOT, Site } from "./lib.mjs";
import { small } from "./png.mjs";

const folder = process.argv[2] ?? join(ROOT, "docs/img");
mkdirSync(folder, { recursive: true });
const site = await Site.open();
const host = await site.register("ada");
await site.rich(host);

const types = await site.api("GET", "/v1/event-types", { token: host.token, status: 200 });
await site.api("POST", "/v1/bookings", { token: host.token, status: 201, body: { event_type_id: types.items[0].id, start: "2026-03-05T09:00:00Z",
	duration_minutes: 30, time_zone: "America/New_York", invitee: { name: "Grace Hopper", email: "gracia@example.org" }, guests: [{ email: "alan@example.org", name: "Alan Turing" }] } });
const guest = await site.path("g", "alan@example.org");

async function book(page) {
	const seen = bookings++;
	await page.goto(`/ada/mentoring?date=2026-03-04&time_zone=Asia%2FKolkata`);
	await page.locator(".slot").nth(3 + seen * 2).click();
	await page.fill("#name", "Grace Hopper");
	await page.fill("#email", "grace@example.org");
	await page.getByLabel("What is it about?").fill("Compilers");
	await page.locator("button.first").click();
	await page.waitForSelector("#code");
	await shot(page, "code");
	await page.fill("#code", await site.code("grace@example.org", seen));
	await page.locator("button.first").click();
	await page.waitForURL(/\/b\//);
}

const TAKEN = "2026-03-04T09%3A30%3A00Z"; // what the first of them books
let bookings = 0, suffix = "";
async function shot(page, name) {
	await page.evaluate(() => document.activeElement?.blur?.());
	writeFileSync(join(folder, `${name}-${suffix}.png`), small(await page.screenshot({ fullPage: true })));
}

for (const width of [1280, 390]) {
	for (const dark of [false, true]) {
		suffix = `${width}-${dark ? "dark" : "light"}`;
		const page = await open(site, { width, height: width > 400 ? 800 : 844, dark });
		for (const [name, path] of [["home", "/"], ["reset", "/reset"], ["my-bookings", "/my-bookings"], ["guest", guest], ["sign-up", "/sign-up"], ["log-in", "/log-in"], ["profile", "/ada"],
			["booking", "/ada/mentoring?date=2026-03-04"], ["ask", "/ada/mentoring/ask?time_zone=Asia%2FKolkata"], ["missing", "/no/such/page"]]) {
			await page.goto(path);
			await quiet(page);
			await shot(page, name);
		}
		await page.goto("/ada/mentoring?start=2026-03-30T09%3A00%3A00Z&duration=60&time_zone=Asia%2FKolkata");
		await shot(page, "details");
		await page.goto("/ada/mentoring?date=2026-03-04");
		await page.click("#zone-change");
		await page.fill("#zone-search", "new");
		await shot(page, "zone");
		await book(page);
		await shot(page, "booked");
		await page.goto(`/ada/mentoring?start=${TAKEN}&time_zone=Asia%2FKolkata`);
		await shot(page, "taken");
		await page.goBack();
		await page.goto(page.url().replace("booked", "move"));
		await shot(page, "move");
		await page.close();
	}
}
await site.close();
await end();
