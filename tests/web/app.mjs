// The dashboard in a real browser: a newcomer's way through it, what can go wrong, and what everybody must be able to do.
import { createServer } from "node:http";
import { bookFor, busyHost, enter, ready, visit } from "./app_lib.mjs";
import { audit, begins, check, has, LOOKS, open, PASSWORD, quiet, reads, run, same, shows, Site } from "./lib.mjs";

async function withSite(test, options) {
	const site = await Site.open(options);
	try {
		await test(site);
	} finally {
		await site.close();
	}
}

const heading = (page) => page.locator("h1").first().innerText();
const button = (page, name) => page.getByRole("button", { name, exact: true });
const said = (page, words) => page.locator(".done", { hasText: words }).waitFor();

/** Violations of the Content-Security-Policy reach the console as errors, which close() counts. */
async function signUp(site, page, username) {
	await page.clock.setFixedTime(new Date("2026-03-02T08:00:00Z"));
	await page.goto("/sign-up");
	await page.fill("#first_name", "Ada");
	await page.fill("#email", `${username}@example.org`);
	await page.fill("#password", PASSWORD);
	await page.fill("#username", username);
	await page.getByRole("button", { name: "Sign up" }).click();
	await page.fill("#code", await site.code(`${username}@example.org`));
	await page.getByRole("button", { name: "Confirm" }).click();
	await page.waitForURL(/\/app$/);
	await ready(page);
}

async function changeHours(page) {
	await page.getByRole("link", { name: "To your hours" }).click();
	await ready(page);
	const seen = () => page.getByText(/times can be booked/).innerText();
	const before = await seen();
	await page.getByLabel("Monday, from").first().fill("13:00");
	await page.getByLabel("Monday, from").first().press("Tab");
	await button(page, "Save the week").click();
	await said(page, "saved");
	await page.waitForFunction((old) => !document.body.innerText.includes(old), before);
	check(await seen() !== before, `the preview follows the hours: ${before}`);
	await button(page, "Undo").click();
	await said(page, "Taken back");
	await page.getByText(before).waitFor();
}

async function makeEventType(page, title) {
	await visit(page, "/app/event-types/new");
	await page.getByLabel("Title", { exact: true }).fill(title);
	await page.getByLabel("You say yes first").selectOption("always");
	await page.locator("form button.first").first().click();
}

/** A request as an invitee's program makes it. */
async function request(site, username, code, start, name) {
	const type = await site.api("GET", `/v1/users/${username}/event-types/${code}`, { status: 200 });
	return bookFor(site, { type, start, minutes: type.durations[0].minutes, name, email: `${name.split(" ")[0].toLowerCase()}@example.org` });
}

async function confirmMoveCancel(site, page) {
	await request(site, "ada", "coffee", "2026-03-04T10:00:00Z", "Grace Hopper");
	await visit(page, "/app");
	await page.getByRole("heading", { name: "They wait for your answer" }).waitFor();
	await button(page, "Confirm Grace Hopper").click();
	await said(page, "Confirmed");
	await page.getByRole("link", { name: /with Grace Hopper/ }).click();
	await page.locator(".tag", { hasText: "confirmed" }).waitFor();
	await button(page, "Move").click();
	await page.locator("dialog .slot-choice").nth(3).click();
	const time = await page.locator("dialog .slot-choice input:checked + span").innerText();
	await button(page, `Move to ${time}`).click();
	await said(page, "Moved");
	await reads(page, "article time", has(time), "the new time is shown");
	await words(page);
	await button(page, "Cancel the meeting").click();
	await page.getByLabel("Why, for the others (optional)").fill("I am ill");
	await button(page, "Cancel it").click();
	await page.locator(".tag", { hasText: "cancelled" }).waitFor();
	await reads(page, "dl", has("I am ill"), "and why");
}

/** A guest more, another title, and notes that only the host sees. */
async function words(page) {
	await button(page, "Invite a guest").click();
	await page.getByLabel("Email").fill("gus@example");
	await page.getByLabel("The guest").selectOption("passive");
	await page.locator("dialog form").evaluate((form) => { form.noValidate = true; });
	await button(page, "Send the invitation").click();
	await reads(page, "dialog .error", begins("Email "), "what is wrong with the address");
	await page.getByLabel("Email").fill("gus@example.org");
	await button(page, "Send the invitation").click();
	await said(page, "gus@example.org is invited");
	const guests = page.getByRole("region", { name: "Guests" });
	await shows(() => guests.locator("li .tag").innerText(), "no answer yet", "the guest's answer");
	await button(page, "Change details").click();
	await page.getByLabel("Title").fill("Plans for spring");
	await button(page, "Save and tell everybody").click();
	await said(page, "Changed");
	await page.getByRole("heading", { name: "Plans for spring" }).waitFor();
	await page.getByRole("textbox", { name: "Your notes" }).fill("Owes me a book");
	await button(page, "Keep the notes").click();
	await said(page, "Kept");
	await button(page, "Remove gus@example.org").click();
	await said(page, "not invited any more");
	for (const told of ["Details changed by you: title", "Details changed by you: private notes", "A guest removed by you"])
		await page.locator("#log + ol", { hasText: told }).waitFor();
}

const keysOf = (page) => page.getByRole("region", { name: "API keys" });
const sessionsOf = (page) => page.getByRole("region", { name: "Where you are logged in" });

async function focusIs(page, name, presses = 60) {
	for (let i = 0; i < presses; i++) {
		await page.keyboard.press("Tab");
		if (await page.evaluate((wanted) => document.activeElement?.textContent?.replace(/\s+/g, " ").trim() === wanted, name)) return true;
	}
	return false;
}

const PAGES = ["/app", "/app/bookings", "/app/calendar?view=week", "/app/calendar?view=month", "/app/calendar?view=day", "/app/event-types",
	"/app/availability", "/app/people", "/app/webhooks", "/app/account", "/app/nothing", "/app/bookings/0198c5f0-0000-7000-8000-000000000000"];

/** Both widths, light and dark, on one visit: pages follow the window. */
async function auditAll() {
	await withSite(async (site) => {
		const host = await busyHost(site);
		const page = await enter(site, host);
		const list = await site.api("GET", "/v1/bookings", { token: host.token, status: 200 });
		for (const path of [...PAGES, `/app/bookings/${list.items[0].id}`, `/app/event-types/${host.types.mentoring.id}`]) {
			await visit(page, path);
			for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [390, "dark"], [390, "light"]]) {
				await page.setViewportSize({ width, height: 900 });
				await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
				await ready(page);
				// what width and colours decide is looked at in all four, the rest in two
				const whole = (width === 1280) === (colorScheme === "light");
				await audit(page, `${path} at ${width}, ${colorScheme}`, whole ? undefined : LOOKS);
				const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				check(wide <= 0, `${path} at ${width}: ${wide} pixels too wide`);
			}
		}
		await page.close();
	});
}

run({
	async "a newcomer"() {
		await withSite(async (site) => {
			const page = await open(site);
			await signUp(site, page, "ada");
			await shows(() => heading(page), "Hello, Ada", "the dashboard greets");
			await shows(() => page.locator(".three li").count(), 3, "with three next steps");
			await changeHours(page);
			await makeEventType(page, "Coffee");
			await page.locator(".problem", { hasText: "plan" }).waitFor();
			await shows(() => page.locator(".problem").evaluate((it) => it.getBoundingClientRect().top > 0 && it.getBoundingClientRect().bottom < innerHeight), true, "why not is in sight");
			check(await page.getByLabel("Title", { exact: true }).inputValue() === "Coffee", "what the plan refuses is still there");
			await page.getByRole("checkbox", { name: "It can be booked" }).uncheck();
			await page.locator("form button.first").first().click();
			await page.waitForURL(/\/app\/event-types$/);
			await page.getByRole("link", { name: "Coffee", exact: true }).waitFor();
			await page.close();
		}, { plan: "free" });
	},

	async "a booking from request to its end"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			const schedules = await site.api("GET", "/v1/schedules", { token: host.token, status: 200 });
			await site.api("POST", "/v1/event-types", { token: host.token, status: 201,
				body: { code: "coffee", title: "Coffee", schedule_id: schedules.items[0].id, durations: [{ minutes: 30 }], confirmation: "always" } });
			const page = await enter(site, host);
			await confirmMoveCancel(site, page);
			await page.close();
		});
	},

	async "proposals"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			const made = await request(site, "ada", "30min", "2026-03-04T10:00:00Z", "Grace Hopper");
			const asInvitee = (path, body) => fetch(`${site.url}/v1/bookings/${made.id}/${path}`, { method: "POST", body: JSON.stringify(body),
				headers: { "Content-Type": "application/json", Authorization: `Token ${made.manage_url.split("/").at(-1)}` } });
			const page = await enter(site, host);
			await visit(page, `/app/bookings/${made.id}`);
			await button(page, "Propose other times").click();
			for (const n of [1, 3, 4]) await page.locator("dialog .slot-choice").nth(n).click();
			await page.getByLabel("Note to the invitee (optional)").fill("A train strike");
			await audit(page, "choosing times to propose");
			await button(page, "Propose these 3 times").click();
			await said(page, "Grace Hopper is asked");
			await page.getByRole("heading", { name: "You proposed other times" }).waitFor();
			await button(page, "Take them back").click();
			await said(page, "Taken back");
			await asInvitee("propose", { starts: ["2026-03-05T10:00:00Z", "2026-03-06T10:00:00Z"], note: "Later in the week?" });
			await visit(page, "/app");
			await page.getByRole("region", { name: "They propose other times" }).getByRole("link", { name: /Grace Hopper/ }).click();
			await page.getByText("Later in the week?").waitFor();
			await audit(page, "an invitee's proposal");
			await page.getByRole("radio", { name: "Fri, 6 March" }).check();
			await button(page, "Accept this time").click();
			await said(page, "Moved");
			await reads(page, "article time", has("6 March"), "the new time is shown");
			await asInvitee("propose", { starts: ["2026-03-09T10:00:00Z"] });
			await page.reload();
			await ready(page);
			await button(page, "None of these").click();
			await page.getByLabel("Why none of them (optional)").fill("A holiday");
			await button(page, "Decline them all").click();
			await said(page, "Declined");
			await button(page, "Ask for another time").click();
			await page.getByLabel("Why, for the invitee (optional)").fill("A clash");
			await button(page, "Ask").click();
			await page.getByText("You asked Grace Hopper to choose another time").waitFor();
			await shows(() => page.getByRole("button", { name: "Ask for another time" }).count(), 0, "asked once");
			await page.close();
		});
	},

	async "lists and search"() {
		await withSite(async (site) => {
			const host = await busyHost(site);
			const page = await enter(site, host);
			await visit(page, "/app/bookings");
			await shows(() => page.locator(".rows > li").count(), 10, "confirmed ones to come");
			await page.getByRole("tab", { name: "Upcoming" }).focus();
			await page.keyboard.press("ArrowRight");
			await page.locator("[role=tab]:focus", { hasText: "Requests" }).waitFor();
			await page.locator(".rows > li", { hasText: "Tony Hoare" }).waitFor();
			await shows(() => page.locator(".rows > li").count(), 2, "requests");
			await page.getByRole("link", { name: /Tony Hoare/ }).click();
			await page.locator("article").waitFor();
			await page.goBack();
			await page.getByRole("tab", { name: "Requests", selected: true }).waitFor(); // the way back leads to the same list
			await page.locator(".rows > li", { hasText: "Tony Hoare" }).waitFor();
			await reads(page, ".rows > li", has("Answer by"), "until when");
			await button(page, "Reject Tony Hoare").click();
			await said(page, "Rejected: Tony Hoare is told");
			await page.waitForFunction(() => document.querySelectorAll(".rows > li").length === 1);
			await page.getByRole("tab", { name: "Upcoming" }).click();
			await page.getByRole("searchbox").fill("hamilton");
			await button(page, "Search").click();
			await page.waitForFunction(() => document.querySelectorAll(".rows > li").length === 1);
			await reads(page, ".rows", has("Margaret Hamilton"), "found by a part of the name");
			await page.getByRole("searchbox").fill("nobody at all");
			await button(page, "Search").click();
			await page.getByText("Nothing fits that search").waitFor();
			await page.getByRole("searchbox").fill("");
			await button(page, "Search").click();
			await page.locator(".rows > li").first().waitFor();

			site.setClock("2026-03-07T08:00:00Z");
			await page.clock.setFixedTime(new Date("2026-03-07T08:00:00Z"));
			await page.reload(); // the access has not ended: the session is renewed by its use
			await ready(page);
			await page.getByRole("tab", { name: "Past" }).click();
			await page.locator(".rows > li", { hasText: "Radia Perlman" }).waitFor();
			check((await page.locator(".rows > li").first().innerText()).includes("Radia Perlman"), "past meetings: the last first");
			check((await page.locator(".rows > li").last().innerText()).includes("Grace Hopper"), "and the oldest last");
			await page.close();
		});
	},

	async "the calendar"() {
		await withSite(async (site) => {
			const host = await busyHost(site);
			const page = await enter(site, host, { zone: "America/New_York" }); // the account's zone counts
			await visit(page, "/app/calendar");
			await shows(() => page.locator(".cal .meeting").count(), 9, "the week's meetings");
			await shows(() => page.locator(".cal-open").count(), 5, "open on five days");
			await shows(() => page.locator(".cal-blocked").count(), 1, "one blocked stretch");
			const box = await page.locator(".meeting", { hasText: "Katherine" }).boundingBox(), column = await page.locator("[role=gridcell][data-date='2026-03-03']").boundingBox();
			check(Math.abs(box.y - column.y) <= 2 && box.x >= column.x && box.x + box.width <= column.x + column.width + 1, "09:00 on Tuesday stands at its place");
			same(await page.locator(".meeting", { hasText: "Katherine" }).evaluate((it) => getComputedStyle(it).borderInlineStartColor), "rgb(47, 111, 106)", "in its event type's colour");
			await page.getByRole("link", { name: "Fri 6, Friday, 6 March 2026: open 09:00–17:00; blocked 13:00–17:00; 1 meeting" }).waitFor();
			await button(page, "Later week").click();
			await page.locator(".meeting", { hasText: "Donald Knuth" }).waitFor();
			await shows(() => page.locator(".cal .meeting").count(), 2, "the next week's");
			await button(page, "Month").click();
			await page.locator(".cal .line-only", { hasText: "Margaret" }).waitFor();
			await shows(() => page.locator(".cal .meeting").count(), 12, "the month's");
			await page.getByRole("link", { name: /^17, Tuesday/ }).focus();
			await page.keyboard.press("Enter");
			await page.waitForURL(/view=day&date=2026-03-17$/); // a day opens by keyboard
			await page.locator(".cal .meeting", { hasText: "Margaret" }).waitFor();
			await button(page, "Today").click();
			await button(page, "Day").click();
			await page.locator(".meeting", { hasText: "Alan Turing" }).click();
			await page.waitForURL(/\/app\/bookings\//);
			await page.goBack();
			await page.locator(".meeting", { hasText: "Alan Turing" }).waitFor();
			await shows(async () => page.url(), has("view=day"), "the way back leads to the same day");
			await page.close();
		});
	},

	/** Zones change by law, and browsers learn it late: what the server says counts, for what is shown and what is typed. */
	async "a browser with old zones"() {
		await withSite(async (site) => {
			const host = await busyHost(site);
			const page = await enter(site, host);
			await page.route("**/v1/time-zones/offsets?*", (route) => route.fulfill({ json: { time_zone: "Europe/Berlin",
				offsets: [{ from: "2025-01-01T00:00:00Z", to: "2030-01-01T00:00:00Z", offset_minutes: 180 }] } }));
			await visit(page, "/app/bookings");
			check((await page.locator(".rows li", { hasText: "Grace Hopper" }).innerText()).includes("15:00–15:30 (Berlin, UTC+3)"), "a meeting on the server's clock");
			await visit(page, "/app/calendar?view=day");
			await page.locator(".cal .meeting", { hasText: "15:00 Grace Hopper" }).waitFor();
			await visit(page, "/app/availability");
			await button(page, "Block or add time").click();
			await page.getByLabel("Until, time").fill("11:00");
			await button(page, "Block it").click();
			await said(page, "That time is blocked");
			const made = (await site.api("GET", `/v1/schedules/${host.schedule_id}`, { token: host.token, status: 200 })).one_offs[0];
			same(`${made.start} ${made.end}`, "2026-03-03T06:00:00Z 2026-03-03T08:00:00Z", "what is typed is meant on it as well");
			await page.close();
		});
	},

	async "people"() {
		await withSite(async (site) => {
			const host = await busyHost(site);
			const page = await enter(site, host);
			await visit(page, "/app/people");
			const add = async (name) => {
				await page.getByLabel("Username", { exact: true }).fill(name);
				await button(page, "Add").click();
			};
			await add("nobody-here");
			await page.locator("#username-error", { hasText: "nobody named nobody-here" }).waitFor();
			await add("grace");
			await button(page, "Remove grace").waitFor();
			await add("alan");
			await button(page, "Remove alan").waitFor();
			await page.waitForFunction(() => document.querySelectorAll(".picture-day .lane-all").length > 0 && document.querySelector(".picture-day")?.querySelectorAll(".lane").length === 4);
			const overlap = await site.api("GET", "/v1/overlap?users=ada,grace,alan&from=2026-03-02&to=2026-03-15&time_zone=Europe/Berlin&duration_minutes=30", { status: 200 });
			await shows(() => page.locator(".strip.common .band").count(), overlap.free.length, "each common stretch is drawn");
			const first = await page.locator("section[aria-labelledby=common] .rows li").first().innerText();
			check(first.includes("2 March") && first.includes("15:30–17:00"), `and written: ${first}`);
			await button(page, "Later").click();
			await page.getByText("16 March 2026").first().waitFor();
			await button(page, "Remove grace").click();
			await page.waitForFunction(() => document.querySelector(".picture-day")?.querySelectorAll(".lane").length === 3);
			await page.close();
		});
	},

	async "the account"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			await site.register("grace");
			const page = await enter(site, host), other = await enter(site, host);
			await visit(page, "/app/account");
			await page.getByLabel("Username", { exact: true }).fill("grace");
			await page.getByLabel("First name", { exact: true }).fill("Augusta");
			await button(page, "Save").click();
			await page.locator(".error").first().waitFor();
			same(await page.getByLabel("First name", { exact: true }).inputValue(), "Augusta", "a refused save keeps what was typed");
			await page.getByLabel("Username", { exact: true }).fill("augusta");
			await page.getByRole("button", { name: /Time zone/ }).click();
			await page.getByRole("searchbox").fill("kolk");
			await page.getByRole("button", { name: /Kolkata/ }).click();
			await button(page, "Save").click();
			await said(page, "Saved");
			const me = await site.api("GET", "/v1/me", { token: host.token, status: 200 });
			same(`${me.username} ${me.first_name} ${me.time_zone}`, "augusta Augusta Asia/Kolkata", "saved");
			await button(page, "Undo").click();
			await said(page, "Taken back");
			same((await site.api("GET", "/v1/me", { token: host.token, status: 200 })).username, "ada", "taken back");

			await page.getByLabel("Current password").fill("not the password");
			await page.getByLabel("New password").fill("another battery horse");
			await button(page, "Change the password").click();
			await reads(page, ".error", "Current password is not your password", "a wrong password is told at its field");
			await shows(() => page.evaluate(() => document.activeElement?.getAttribute("autocomplete")), "current-password", "which has the focus");

			await shows(() => sessionsOf(page).locator("li").count(), 3, "three log-ins");
			for (let left = 2; left > 0; left--) {
				await sessionsOf(page).getByRole("button").first().click();
				await said(page, "logged out"); // for some seconds
				await page.waitForFunction((n) => document.querySelectorAll("section[aria-labelledby=sessions] li").length === n, left);
			}
			await page.getByLabel("Current password").fill(PASSWORD);
			await button(page, "Change the password").click();
			await said(page, "The password is changed");
			await quiet(page);
			await other.goto("/app");
			await other.waitForURL(/log-in/);
			await other.close();
			await page.close();
		});
	},

	async "a version that is no longer there"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			const page = await enter(site, host);
			await visit(page, "/app/account");
			await page.getByLabel("First name", { exact: true }).fill("Augusta");
			await site.api("PATCH", "/v1/me", { token: host.token, body: { last_name: "King" }, status: 200 });
			await button(page, "Save").click();
			await button(page, "Fetch what is there now").click();
			await page.waitForFunction(() => [...document.querySelectorAll("input")].some((it) => it.value === "King")); // what came from elsewhere
			await shows(() => page.locator(".problem").count(), 0, "the problem is gone");
			same(await page.getByLabel("First name", { exact: true }).inputValue(), "Augusta", "beside what was typed");
			await button(page, "Save").click();
			await said(page, "Saved");
			await page.close();
		});
	},

	async "co-hosts"() {
		await withSite(async (site) => {
			const [host, other] = [await site.register("ada"), await site.register("grace", { first_name: "Grace", last_name: "" })];
			const [page, theirs] = [await enter(site, host), await enter(site, other)];
			await visit(page, "/app/account");
			await page.getByLabel("Ask somebody to host with you").fill("nobody");
			await button(page, "Ask").click();
			await page.locator("#co-hosts ~ form .error").waitFor();
			await page.getByLabel("Ask somebody to host with you").fill("grace");
			await button(page, "Ask").click();
			await said(page, "grace is asked");
			await visit(theirs, "/app/account");
			await button(theirs, "Agree to host with Ada Lovelace").click();
			await said(theirs, "You host with Ada Lovelace");
			const types = await site.api("GET", "/v1/event-types", { token: host.token, status: 200 });
			await visit(page, `/app/event-types/${types.items[0].id}`);
			await page.getByLabel("Grace").check();
			await page.getByRole("button", { name: /^Save/ }).first().click();
			await said(page, "Saved");
			const saved = await site.api("GET", `/v1/event-types/${types.items[0].id}`, { token: host.token, status: 200 });
			same(saved.co_hosts.length, 1, "a co-host");
			await page.close();
			await theirs.close();
		});
	},

	async "API keys"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			const page = await enter(site, host);
			await visit(page, "/app/account");
			await button(page, "Make a key").click();
			await button(page, "Make the key").click();
			await page.locator("dialog .error").first().waitFor();
			await page.getByLabel("Name", { exact: true }).fill("Report");
			await page.getByLabel("See bookings and the calendar").uncheck();
			await button(page, "Make the key").click();
			await reads(page, "dialog .error", "Choose one at least.", "a key that may do nothing");
			await page.getByLabel("See bookings and the calendar").check();
			await button(page, "Make the key").click();
			const key = await page.getByLabel("Your key").inputValue();
			await site.api("GET", "/v1/bookings", { token: key, status: 200 });
			const refused = await fetch(`${site.url}/v1/schedules`, { headers: { Authorization: `Bearer ${key}` } });
			same(refused.status, 403, "only what its scopes say");
			await button(page, "I have kept it").click();
			check(!(await keysOf(page).innerText()).includes(key), "shown once");
			await button(page, "Remove Report").click();
			await button(page, "Remove it").click();
			await said(page, "removed");
			same((await fetch(`${site.url}/v1/bookings`, { headers: { Authorization: `Bearer ${key}` } })).status, 401, "a removed key is refused");
			await page.close();
		});
	},

	async "webhooks"() {
		const heard = [];
		let answer = 500;
		const receiver = createServer((request, response) => {
			let body = "";
			request.on("data", (part) => (body += part)).on("end", () => {
				heard.push(JSON.parse(body).type);
				response.writeHead(answer).end("<b>no</b>");
			});
		});
		await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
		receiver.unref();
		const peer = `127.0.0.1:${receiver.address().port}`;
		await withSite(async (site) => {
			const host = await site.register("ada");
			const page = await enter(site, host);
			await visit(page, "/app/webhooks");
			await page.getByText("will be here").waitFor();
			await button(page, "Make a webhook").click();
			await page.getByLabel("Address").fill("http://hooks.example.org/");
			await page.getByLabel("Events", { exact: true }).selectOption("some");
			await button(page, "Make the webhook").click();
			await page.getByText("choose one at least").waitFor();
			await page.getByLabel("Cancelled", { exact: true }).check();
			await button(page, "Make the webhook").click();
			await page.getByText("Address must begin with https://").waitFor();
			await page.getByLabel("Address").fill(`http://${peer}/in`);
			await button(page, "Make the webhook").click();
			const secret = await page.getByLabel("Its secret").inputValue();
			check(/^whsec_.{44}$/.test(secret), `a secret: ${secret}`);
			await audit(page, "the secret");
			await button(page, "I have kept it").click();
			check(!(await page.locator("body").innerText()).includes(secret), "shown once");
			await page.getByRole("link", { name: `http://${peer}/in` }).click();
			await ready(page);
			await button(page, "Send a test").click();
			await said(page, "on its way");
			const row = page.locator("section .rows li").first();
			const logged = async (words) => {
				await shows(async () => {
					await button(page, "Look again").click();
					await ready(page);
					return row.innerText();
				}, has(words), `the log says ${words}`);
			};
			await logged("answered 500");
			await row.getByRole("button", { name: "Details" }).click();
			await page.locator("dialog pre", { hasText: "<b>no</b>" }).waitFor();
			await page.locator("dialog pre", { hasText: "webhook.test" }).waitFor();
			await audit(page, "one delivery");
			answer = 200;
			await button(page, "Send it again").click();
			await said(page, "sent again");
			await logged("Delivered");
			await button(page, "New secret").click();
			await button(page, "Make it").click();
			await shows(() => page.getByLabel("Its new secret").inputValue(), (it) => it && it !== secret, "another secret");
			await button(page, "I have kept it").click();
			await page.getByText("signs as well until").waitFor();
			await button(page, "Send again…").click();
			await button(page, "Send them again").click();
			await said(page, "0 events are sent again");
			await button(page, "Pause").click();
			await page.getByText("You paused it").waitFor();
			await button(page, "Resume").click();
			await page.getByText("You paused it").waitFor({ state: "detached" });
			await button(page, "Change").click();
			await page.getByLabel("Description").fill("The website");
			await button(page, "Save").click();
			await page.getByText("The website").waitFor();
			await button(page, "Remove").click();
			await button(page, "Remove it").click();
			await page.waitForURL(/webhooks$/);
			await page.getByText("will be here").waitFor();
			same(heard.join(), "webhook.test,webhook.test", "what came");
			await page.close();
		}, { settings: { NOONMARK_OUTBOUND_ALLOW: peer } });
	},

	async "a session that ends"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			const page = await enter(site, host);
			await visit(page, "/app/account");
			await page.getByLabel("First name", { exact: true }).fill("Augusta");
			const cookies = await page.context().cookies();
			await page.context().clearCookies();
			await button(page, "Save").click();
			await page.locator(".problem", { hasText: "Log in in another tab" }).waitFor();
			same(await page.getByLabel("First name", { exact: true }).inputValue(), "Augusta", "what was typed is kept");
			await page.context().addCookies(cookies);
			await button(page, "Save").click();
			await said(page, "Saved");
			await page.context().clearCookies();
			await page.getByRole("link", { name: "Bookings" }).click();
			await page.waitForURL(/log-in\?next=%2Fapp%2Fbookings$/); // nothing is lost by that
			await page.close();
		});
	},

	async "a failed save keeps the edits"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			const page = await enter(site, host);
			await page.getByRole("link", { name: "Account" }).click();
			await ready(page);
			await page.route("**/v1/me", (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue()));
			await page.getByLabel("First name", { exact: true }).fill("Augusta");
			await button(page, "Save").click();
			await page.locator(".problem", { hasText: "kept" }).waitFor();
			same(await page.getByLabel("First name", { exact: true }).inputValue(), "Augusta", "kept");
			page.once("dialog", (dialog) => dialog.dismiss());
			await page.getByRole("link", { name: "Calendar" }).click();
			same(await heading(page), "Account", "leaving asks first");
			page.once("dialog", (dialog) => dialog.dismiss());
			await page.goBack();
			await page.waitForURL(/account$/);
			same(await page.getByLabel("First name", { exact: true }).inputValue(), "Augusta", "going back asks as well");
			await page.unroute("**/v1/me");
			await button(page, "Save").click();
			await said(page, "Saved");
			page.wrong = page.wrong.filter((text) => !text.includes("ERR_FAILED"));

			await quiet(page);
			await page.context().setOffline(true);
			await page.getByText("You are offline").waitFor();
			await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
			await shows(() => page.getByText("You are offline").evaluate((it) => it.getBoundingClientRect().top >= 0), true, "it is seen wherever one is");
			await page.getByRole("link", { name: "Account" }).focus();
			await page.context().setOffline(false);
			await page.waitForFunction(() => !document.body.innerText.includes("You are offline"));
			await page.close();
		});
	},

	async "pages without their data"() {
		await withSite(async (site) => {
			const host = await site.register("ada");
			const page = await enter(site, host);
			for (const path of PAGES.filter((it) => !it.endsWith("nothing"))) {
				await page.route("**/v1/**", (route) => route.abort());
				await page.goto(path);
				await button(page, "Try again").first().waitFor();
				await reads(page, "[role=alert]", begins("The server cannot be reached."), `${path} says what is wrong`);
				await page.unroute("**/v1/**");
				await button(page, "Try again").first().click();
				await page.waitForFunction(() => !document.querySelector("[role=alert], [aria-busy=true]") && document.querySelector("h1"));
			}
			let free;
			const held = new Promise((resolve) => (free = resolve));
			await page.route("**/v1/**", async (route) => held.then(() => route.continue()));
			await page.goto("/app/bookings");
			await page.locator("[aria-busy=true] .bone").first().waitFor(); // what takes long is seen to load
			free();
			await page.getByText("Meetings to come will be here.").waitFor();
			await page.unroute("**/v1/**");

			await page.route("**/assets/part-people-*", (route) => route.abort());
			await page.getByRole("link", { name: "People", exact: true }).click();
			await page.getByText("could not be fetched whole").waitFor();
			await page.unroute("**/assets/part-people-*");
			await button(page, "Load it again").click();
			await page.getByRole("heading", { name: "People" }).waitFor();
			page.wrong = page.wrong.filter((text) => !/ERR_FAILED|dynamically imported/.test(text));
			await page.close();
		});
	},

	async "by keyboard alone"() {
		await withSite(async (site) => {
			const host = await busyHost(site);
			const page = await enter(site, host);
			check(await focusIs(page, "Confirm Barbara Liskov"), "the first request is reached");
			check(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== "none"), "and the focus is seen");
			await page.keyboard.press("Enter");
			await said(page, "Confirmed");
			await visit(page, "/app");
			check(await focusIs(page, "Code review with Barbara Liskov"), "its link is reached");
			await page.keyboard.press("Enter");
			await page.waitForURL(/\/app\/bookings\//);
			await page.locator("article").waitFor();
			await page.waitForFunction(() => document.activeElement?.matches("h1")); // where the eye goes
			check(await focusIs(page, "Cancel the meeting"), "what can be done is reached");
			await page.keyboard.press("Enter");
			await page.locator("dialog").waitFor();
			await page.locator("dialog textarea").fill("I am ill");
			await page.locator("dialog textarea").hover();
			await page.mouse.down();
			await page.mouse.move(2, 2); // words are marked to beyond the box
			await page.mouse.up();
			await page.locator("dialog h2").click();
			await page.locator("dialog").click({ position: { x: 4, y: 4 } });
			same(await page.locator("dialog textarea").inputValue(), "I am ill", "what is typed stays");
			await page.mouse.click(2, 2);
			await page.waitForFunction(() => !document.querySelector("dialog")); // a click beside it is as Escape
			await button(page, "Cancel the meeting").click();
			await page.locator("dialog").waitFor();
			await page.keyboard.press("Escape");
			await page.waitForFunction(() => !document.querySelector("dialog"));
			await shows(() => page.evaluate(() => document.activeElement?.textContent), "Cancel the meeting", "focus comes back");
			await page.close();
		});
	},

	async "deleting the account"() {
		await withSite(async (site) => {
			const host = await busyHost(site);
			const page = await enter(site, host);
			await visit(page, "/app/account");
			await button(page, "Delete the account").click();
			check(await button(page, "Delete everything").isDisabled(), "not without the name");
			await page.getByLabel("Type ada to go on").fill("ada");
			await audit(page, "the dialog");
			await button(page, "Delete everything").click();
			await page.waitForURL((url) => url.pathname === "/");
			same((await fetch(`${site.url}/v1/users/ada`)).status, 404, "gone");
			await page.close();
		});
	},

	async "every page"() { await auditAll(); },
});
