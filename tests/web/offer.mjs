// The dashboard's availability and event types in a real browser.
import { audit, begins, check, has, MONDAY, open, PASSWORD, reads, run, same, shows, Site } from "./lib.mjs";

/** A host who is logged in, at a page of the dashboard; the browser's clock is the server's. */
async function at(path, test, options = {}) {
	const site = await Site.open(options);
	try {
		const host = await site.register("ada");
		const page = await open(site, options);
		await page.clock.setFixedTime(new Date(options.later ?? MONDAY));
		await page.goto("/log-in");
		await page.fill("#email", host.email);
		await page.fill("#password", PASSWORD);
		await page.locator("form button.first").first().click();
		await page.waitForURL(/\/app/);
		await page.goto(path);
		await test(page, site, host);
		await page.close();
	} finally {
		await site.close();
	}
}

const schedule = async (site, host) => (await site.api("GET", "/v1/schedules", { token: host.token, status: 200 })).items[0];
const said = (page, text) => page.locator(".done", { hasText: text }).waitFor();
const button = (page, name) => page.getByRole("button", { name, exact: true });
async function wide(page, name) {
	check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: nothing lies beside the screen`);
	await audit(page, name);
}

async function week(page, site, host) {
	await button(page, "Add hours on Monday").click();
	await page.getByLabel("Monday, from").nth(1).fill("16");
	await page.getByLabel("Monday, to").nth(1).fill("1930");
	await page.getByLabel("Monday, to").nth(1).blur();
	await shows(() => page.getByLabel("Monday, from").nth(1).inputValue(), "16:00", "a short time is read");
	await reads(page, ".error", has("overlaps 16:00–19:30"), "an overlap is told at the field");
	await button(page, "Save the week").click();
	await page.locator(".problem").waitFor();
	same(await page.getByLabel("Monday, to").nth(1).inputValue(), "19:30", "what was typed is kept when it is refused");
	await page.getByLabel("Monday, from").nth(1).fill("25:99");
	await page.getByLabel("Monday, from").nth(1).blur();
	await reads(page, ".error", "must be times like 09:30", "what is no time is told as that");
	same(await page.locator(".error").count(), 1, "and overlaps nothing");
	await page.getByLabel("Monday, from").nth(1).fill("22:00");
	await page.getByLabel("Monday, to").nth(1).fill("02:00");
	await page.getByLabel("Monday, to").nth(1).blur();
	await page.getByText("next day").waitFor(); // hours past midnight say so
	await button(page, "Copy Monday to other days").click();
	await page.getByRole("dialog").getByLabel("Saturday").check();
	await button(page, "Copy").click();
	await button(page, "Save the week").click();
	await said(page, "Your hours are saved");
	const days = (it, start) => it.weekly.filter((rule) => rule.start === start).flatMap((rule) => rule.days).join();
	same(days(await schedule(site, host), "22:00"), "mon,sat", "the night is saved on both days");
	await button(page, "Undo").click();
	await said(page, "Taken back");
	same(days(await schedule(site, host), "22:00"), "", "undo takes it back");
}

async function elsewhere(page, site, host) {
	const it = await schedule(site, host);
	await page.getByLabel("Monday, from").fill("08:00");
	await page.getByLabel("Monday, from").blur();
	await site.api("PATCH", `/v1/schedules/${it.id}`, { token: host.token, body: { name: "Hours" }, status: 200 });
	await button(page, "Save the week").click();
	await page.getByText("changed elsewhere").waitFor();
	await button(page, "Keep my edits").click();
	await page.getByText("changed elsewhere").waitFor({ state: "detached" });
	same(await page.getByLabel("Monday, from").inputValue(), "08:00", "the edit is still there");
	await button(page, "Save the week").click();
	await said(page, "Your hours are saved");
	await site.api("PATCH", `/v1/schedules/${it.id}`, { token: host.token, body: { time_zone: "Asia/Tokyo" }, status: 200 });
	await page.getByRole("button", { name: /^Thursday, .*\b5\b.* 2026/ }).click();
	await page.getByLabel("On this date").selectOption("closed");
	await button(page, "Save the date").click();
	await page.getByText("shown here as it is now").waitFor();
	await page.getByText("Tokyo, UTC+9").first().waitFor();
	await button(page, "Save the date").click();
	await said(page, "is closed");
	const now = await schedule(site, host);
	check(now.name === "Hours" && now.weekly.some((rule) => rule.start === "08:00" && rule.days.join() === "mon"), "both changes are kept");
}

async function single(page, site, host) {
	await page.getByRole("button", { name: /^Thursday, .*\b5\b.* 2026/ }).click();
	await button(page, "Add hours").click();
	await page.getByLabel("Hours 2, from").fill("10");
	await page.getByLabel("Hours 2, to").fill("12");
	await page.getByLabel("Hours 2, to").blur();
	await page.locator("dialog .error", { hasText: "overlaps 09:00–17:00" }).waitFor();
	await button(page, "Save the date").click();
	same((await schedule(site, host)).overrides.length, 0, "hours of a date that overlap are not saved");
	await button(page, "Remove hours 2").click();
	await shows(() => page.locator("dialog .error").count(), 0, "one of them is gone");
	await page.getByLabel("On this date").selectOption("closed");
	await button(page, "Save the date").click();
	await said(page, "is closed");
	same((await schedule(site, host)).overrides[0].date, "2026-03-05", "the date is closed");
	await button(page, "Block or add time").click();
	await page.getByLabel("Until, time").fill("08:00");
	await button(page, "Block it").click();
	await reads(page, "dialog .error", has("after start"), "an end before the start is told at its field");
	await page.getByLabel("Until, time").fill("11:00");
	await button(page, "Block it").click();
	await said(page, "That time is blocked");
	await button(page, "Undo").click();
	await said(page, "Taken back");
	same((await schedule(site, host)).one_offs.length, 0, "undo takes the block away");
	await button(page, "Block or add time").click();
	await page.getByLabel("Until, time").fill("11:00");
	await button(page, "Block it").click();
	await said(page, "That time is blocked");
	const one = (await schedule(site, host)).one_offs[0];
	same(`${one.start} ${one.end}`, "2026-03-03T08:00:00Z 2026-03-03T10:00:00Z", "on the schedule's clock");
	await page.getByLabel("Date", { exact: true }).fill("2026-03-05");
	await page.getByLabel("Time", { exact: true }).fill("10:00");
	await button(page, "Ask").click();
	await page.locator(".why", { hasText: "has hours of its own" }).waitFor();
	await page.getByRole("button", { name: /^Tue, .* 10:30, not offered/ }).first().click();
	await page.locator(".why", { hasText: "You blocked that time (09:00–11:00)" }).waitFor();
	await page.keyboard.press("ArrowDown");
	await page.locator("[aria-label*='11:00']:focus").waitFor();
	await page.keyboard.press("Enter");
	await page.locator(".why", { hasText: "It can be booked" }).waitFor();
}

async function ending(page, site, host) {
	await page.getByText("hours end on Tuesday, 2 March 2027").waitFor();
	await page.getByRole("link", { name: "Make them longer" }).click();
	await page.getByText("Your hours end on Tuesday, 2 March 2027").waitFor();
	await button(page, "Make them a year longer").click();
	await page.getByText("These hours hold from Monday, 2 March 2026 to Thursday, 2 March 2028").waitFor();
	await button(page, "Save the week").click();
	await said(page, "Your hours are saved");
	same((await schedule(site, host)).weekly[0].until, "2028-03-02", "they hold a year longer");
}

async function several(page, site, host) {
	await button(page, "Make a schedule").click();
	await page.getByLabel("Name").fill("Summer hours");
	await button(page, "Make it").click();
	await said(page, "Made");
	await page.waitForURL(/availability\/./);
	await button(page, "Undo").click();
	await said(page, "Taken back");
	await page.getByText("Summer hours").waitFor({ state: "detached" });
	await button(page, "Make a schedule").click();
	await page.getByLabel("Name").fill("Summer hours");
	await button(page, "Make it").click();
	await said(page, "Made");
	await page.getByText("No event type uses these hours yet").waitFor();
	await button(page, "Make it the default").click();
	await said(page, "New event types use Summer hours");
	await page.getByText("Summer hours (default)").waitFor();
	await button(page, "Undo").click();
	await said(page, "Taken back");
	await button(page, "Make it the default").waitFor();
	await button(page, "Delete").click();
	await button(page, "Delete it").click();
	await said(page, "Summer hours is deleted");
	await page.getByRole("link", { name: "Summer hours" }).waitFor({ state: "detached" }); // another one is shown
	await button(page, "Delete").click();
	await button(page, "Delete it").click();
	await reads(page, "dialog .problem", has("make another schedule the default first"), "why it stays is said");
	same((await site.api("GET", "/v1/schedules", { token: host.token })).items.length, 1, "the default one is still there");
}

async function types(page, site, host) {
	await page.getByRole("link", { name: "Make an event type" }).click();
	await page.getByLabel("Title").fill("Erstes Gespräch");
	await shows(() => page.getByLabel("Link", { exact: true }).inputValue(), "erstes-gesprach", "a link is proposed");
	await page.getByLabel("Price").fill("49,5");
	await button(page, "Add a question").click();
	await page.getByLabel("Question", { exact: true }).fill("Which one?");
	await page.getByLabel("Answer", { exact: true }).selectOption("choice");
	await button(page, "Make it").click();
	await page.locator(".problem").waitFor();
	await reads(page, ".error", begins("Choices"), "what is wrong stands at its field");
	await page.getByLabel("Choices").fill("This\nThat");
	await button(page, "Make it").click();
	await said(page, "Erstes Gespräch is made");
	const made = (await site.api("GET", "/v1/event-types?code=erstes-gesprach", { token: host.token })).items[0];
	same(JSON.stringify([made.durations[0].price, made.questions[0].choices]), '[{"amount":4950,"currency":"EUR"},["This","That"]]', "all of it is saved");
	await wide(page, "event types");
	await button(page, "Hide Erstes Gespräch").click();
	await said(page, "Only who has the link finds it");
	await button(page, "Undo").click();
	await said(page, "Taken back");
	same((await site.api("GET", `/v1/event-types/${made.id}`, { token: host.token })).hidden, false, "undo shows it again");
	await button(page, "QR code of Erstes Gespräch").click();
	await page.getByRole("img", { name: /QR code of .*erstes-gesprach/ }).waitFor();
	await page.keyboard.press("Escape");
	await button(page, "Delete Erstes Gespräch").click();
	await page.getByText("Meetings that are booked stay").waitFor();
	await button(page, "Delete it").click();
	await said(page, "Erstes Gespräch is deleted");
	await button(page, "Undo").click();
	await said(page, "Taken back");
	await page.getByRole("link", { name: "Erstes Gespräch", exact: true }).waitFor();
	same((await site.api("GET", "/v1/users/ada/event-types/erstes-gesprach")).id, made.id, "undo brings the same one back, to be booked");
}

run({
	"the week": () => at("/app/availability", week),
	"hours that end soon": () => at("/app", ending, { later: "2027-01-15T10:00:00Z" }),
	"changed elsewhere": () => at("/app/availability", elsewhere),
	"single dates and times, and why not": () => at("/app/availability", single),
	"several schedules": () => at("/app/availability", several),
	"event types": () => at("/app/event-types", types),
	"on a phone": () => at("/app/availability", async (page) => {
		await page.locator(".fortnight").waitFor();
		await wide(page, "availability");
		await page.goto("/app/event-types/new");
		await page.locator("form.sections").waitFor();
		await wide(page, "an event type");
	}, { width: 390, height: 844, dark: true }),
});
