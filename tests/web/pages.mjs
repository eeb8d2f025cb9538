// The public pages in a real browser: the whole job with and without script, and everything that can come between.
import { bookFor } from "./app_lib.mjs";
import { audit, begins, check, has, LOOKS, open, PASSWORD, quiet, reads, run, same, shows, Site } from "./lib.mjs";

async function withSite(test, options) {
	const site = await Site.open(options);
	try {
		await test(site);
	} finally {
		await site.close();
	}
}

const text = (page, selector) => page.locator(selector).first().innerText();

/** Signs up in the browser, as a visitor does. */
async function signUp(site, page, username, script) {
	await page.goto("/");
	await page.getByRole("link", { name: "Sign up" }).first().click();
	await page.fill("#first_name", "Ada");
	await page.fill("#email", "not an address");
	await page.fill("#password", PASSWORD);
	await page.fill("#username", username);
	if (!script) await page.selectOption("#time_zone", "Europe/Berlin");
	await page.getByRole("button", { name: "Sign up" }).click();
	await reads(page, "#email-error", has("ada@example.org"), "the wrong address is told beside its field");
	await shows(() => page.inputValue("#first_name"), "Ada", "what was typed is still there");
	await shows(() => page.getAttribute("#email", "aria-describedby"), "email-error", "the error belongs to the field");
	await page.fill("#email", `${username}@example.org`);
	await page.fill("#password", PASSWORD);
	await page.getByRole("button", { name: "Sign up" }).click();
	await page.fill("#code", "000000");
	await page.getByRole("button", { name: "Confirm" }).click();
	await reads(page, ".problem", begins("That is not the code"), "a wrong code is told");
	await page.fill("#code", await site.code(`${username}@example.org`));
	const entered = page.waitForRequest(/\/app$/);
	await page.getByRole("button", { name: "Confirm" }).click();
	await entered;
}

/** From the month to the page of the booking. */
async function book(site, page, { slot = "10:00", name = "Grace Hopper", email = "grace@example.org", seen = 0 } = {}) {
	await page.getByRole("button", { name: slot, exact: true }).click();
	await page.waitForSelector("#hold");
	await page.fill("#name", name);
	await page.fill("#email", email);
	await page.locator("button.first").click();
	await page.fill("#code", await site.code(email, seen));
	await page.locator("button.first").click();
	await page.waitForURL(/\/b\/.*booked/);
}

async function wholeJob(script) {
	await withSite(async (site) => {
		const host = await open(site, { script });
		await signUp(site, host, "ada", script);
		await host.goto("/");
		check(await host.getByRole("link", { name: "Your calendar", exact: true }).isVisible(), "who is signed in sees it");
		await host.getByRole("button", { name: "Log out" }).click();
		await host.getByRole("link", { name: "Log in" }).first().waitFor(); // and can leave
		host.wrong.length = 0; // the dashboard is tested elsewhere
		await host.close();

		const page = await open(site, { script });
		await page.goto("/ada");
		await page.getByRole("link", { name: "30-minute meeting" }).click();
		await page.locator('.day[data-date="2026-03-05"]').click();
		await page.locator("#day", { hasText: "5 March" }).waitFor();
		await shows(async () => page.url(), has("date=2026-03-05"), "the day is in the address");
		await book(site, page);
		await reads(page, "h1", "You are booked", "the booking is told");
		await reads(page, ".when", has("10:00–10:30"), "with its time");
		await reads(page, ".when", has("Berlin, UTC+1"), "and zone");
		const file = await page.request.get(await page.getByRole("link", { name: "Calendar file" }).getAttribute("href"));
		check((await file.text()).includes("DTSTART:20260305T090000Z"), "the calendar file has the time");
		check((await page.getByRole("link", { name: "Google" }).getAttribute("href")).startsWith("https://calendar.google.com/"), "Google");

		await page.getByRole("link", { name: "Change time" }).click();
		await page.locator('.day[data-date="2026-03-06"]').click();
		await page.locator("#day", { hasText: "6 March" }).waitFor();
		await page.getByRole("button", { name: "14:00", exact: true }).click();
		await page.waitForURL(/moved/);
		await reads(page, ".when", has("6 March 2026"), "moved to another day");
		await page.locator("summary", { hasText: /^(Cancel|Absagen|Annuler|Cancelar)$/ }).click();
		await page.fill("#reason", "I am ill");
		await page.getByRole("button", { name: "Cancel the meeting" }).click();
		await reads(page, "h1", "This meeting was cancelled", "cancelled");
		await reads(page, "dl", has("I am ill"), "with the reason");
		await page.close();
	});
}

/** Two browsers on one time: the second gets it taken, and alternatives with everything typed. */
async function race(script) {
	await withSite(async (site) => {
		await site.rich(await site.register("ada"));
		const first = await open(site, { script }), second = await open(site, { script });
		for (const page of [first, second]) await page.goto("/ada/mentoring?date=2026-03-05&time_zone=Europe%2FBerlin");
		await first.getByRole("button", { name: "10:00", exact: true }).click();
		await first.waitForSelector("#hold");
		await second.getByRole("button", { name: "10:00", exact: true }).click();
		await reads(second, ".problem", "Somebody just took 10:00. These are free:", "the loser is told");
		await shows(() => second.locator(".wide .slot").count(), 3, "with three alternatives");

		// both hold nothing and book the same: the loser's typing is kept
		await second.goto("/ada/mentoring?start=2026-03-05T10%3A00%3A00Z&time_zone=Europe%2FBerlin");
		await second.fill("#name", "Grace Hopper");
		await second.fill("#email", "grace@example.org");
		await second.getByLabel("What is it about?").fill("Compilers");
		await second.getByLabel("You may record").check();
		await second.fill("#notes", "Hello <b>there</b>");
		await second.locator("button.first").click();
		await second.waitForSelector("#code");
		const code = await site.code("grace@example.org");
		site.setClock("2026-03-02T08:11:00Z"); // the hold ends …
		await first.goto("/ada/mentoring?date=2026-03-05&time_zone=Europe%2FBerlin");
		await first.getByRole("button", { name: "11:00", exact: true }).click(); // … and another takes the time
		await first.waitForSelector("#hold");
		await second.fill("#code", code);
		await second.locator("button.first").click();
		await reads(second, ".problem", has("not the code"), "the code had ended as well");
		await second.getByRole("button", { name: "Send a new code" }).click();
		await reads(second, ".problem", "Somebody just took 11:00. These are free:", "taken meanwhile");
		await shows(() => second.inputValue("#name"), "Grace Hopper", "the name is still there");
		await shows(() => second.inputValue("#notes"), "Hello <b>there</b>", "the notes too");
		await shows(() => second.getByLabel("You may record").isChecked(), true, "and the box");
		await second.locator(".wide .slot").first().click();
		await second.waitForSelector("#code");
		await second.fill("#code", await site.code("grace@example.org", 1));
		await second.locator("button.first").click();
		await second.waitForURL(/\/b\//);
		await reads(second, "dl", has("Compilers"), "booked with the answer");
		await first.close();
		await second.close();
	});
}

async function lateLoss() {
	await withSite(async (site) => {
		const host = await site.register("ada");
		const page = await open(site);
		await page.goto("/ada/30min?start=2026-03-05T09%3A00%3A00Z&time_zone=Europe%2FBerlin");
		await page.fill("#name", "Grace Hopper");
		await page.fill("#email", "grace@example.org");
		await page.locator("button.first").click();
		const code = await site.code("grace@example.org");
		await page.waitForSelector("#code");
		// the hold is given back and the host books the time: the code is right, the time is gone
		await site.api("DELETE", `/v1/holds/${await page.inputValue("input[name=hold]")}`, { status: 204 });
		const types = await site.api("GET", "/v1/event-types", { token: host.token });
		await site.api("POST", "/v1/bookings", { token: host.token, status: 201, body: { event_type_id: types.items[0].id,
			start: "2026-03-05T09:00:00Z", duration_minutes: 30, time_zone: "UTC", invitee: { name: "Tim", email: "tim@example.org" } } });
		await page.fill("#code", code);
		await page.locator("button.first").click();
		await reads(page, ".problem", "Somebody just took 10:00. These are free:", "taken at the last step");
		await shows(() => page.inputValue("#name"), "Grace Hopper", "what was typed is there");
		await page.locator(".wide .slot").first().click();
		await page.waitForURL(/\/b\/.*booked/);
		await reads(page, "h1", "You are booked", "one click later it is booked, without another code");
		await page.close();
	});
}

async function zones() {
	await withSite(async (site) => {
		await site.register("ada");
		const page = await open(site, { zone: "Asia/Kolkata" });
		await page.goto("/ada/30min?date=2026-03-04");
		await page.waitForFunction(() => document.querySelector(".zone-name")?.textContent === "Kolkata, UTC+5:30");
		await reads(page, ".slot", "13:30", "the reader's zone is found");
		await page.click("#zone-change");
		await page.fill("#zone-search", "atlantis");
		await reads(page, "dialog p.hint", "Time zones found: 0", "a place that is not there");
		await page.getByRole("button", { name: "Back", exact: true }).click();
		await shows(() => page.locator("dialog").count(), 0, "a way out without a keyboard");
		await page.click("#zone-change");
		await page.fill("#zone-search", "new yo");
		await page.keyboard.press("Enter");
		await page.waitForFunction(() => document.querySelector(".zone-name")?.textContent === "New York, UTC−5");
		await shows(() => page.evaluate(() => document.activeElement?.id), "zone-change", "the focus is back");
		const seen = await text(page, ".slot");
		await page.click("#clock");
		await page.waitForFunction(() => document.querySelector(".slot")?.textContent.includes("am"));
		await page.reload();
		await reads(page, ".slot", has("am"), "zone and clock stay");
		same(seen.slice(0, 2), "03", "New York's morning");
		await page.goto("/ada/30min?date=2026-03-04&time_zone=Europe%2FBerlin&clock=24"); // somebody's link
		await page.locator(".turn a[rel=next]").click();
		await page.locator("#month", { hasText: "April 2026" }).waitFor();
		await reads(page, ".zone-name", begins("Berlin"), "a zone in the address goes before one's own");
		await reads(page, ".slot", "09:00", "and so does the clock");
		await page.close();
		const plain = await open(site, { script: false });
		await plain.goto("/ada/30min?date=2026-03-04");
		await plain.click("#zone-change");
		await plain.selectOption("#time_zone", "Asia/Tokyo");
		await plain.getByRole("button", { name: "Show these times" }).click();
		await reads(plain, ".zone-name", "Tokyo, UTC+9", "without script by a list");
		await reads(plain, "#day", "Wednesday, 4 March 2026", "on the same day");
		await plain.click("#clock");
		await reads(plain, ".slot", has("am"), "and the clock by a link");
		await plain.close();
	});
}

async function clockChange() {
	await withSite(async (site) => {
		await site.register("ada");
		const page = await open(site);
		await page.goto("/ada/30min?date=2026-03-27");
		await reads(page, ".zone-name", "Berlin, UTC+1", "before the change");
		await page.locator('.day[data-date="2026-03-30"]').click();
		await page.locator("#day", { hasText: "30 March" }).waitFor();
		await page.locator(".zone-name", { hasText: "Berlin, UTC+2" }).waitFor();
		await reads(page, "#change", has("The clocks in Berlin go forward"), "the change is told");
		same(await page.locator(".slot").first().getAttribute("value"), "2026-03-30T07:00:00Z", "9 o'clock by the new offset");
		await page.goto("/ada/30min?date=2026-03-27&time_zone=America%2FNew_York");
		await reads(page, ".slot", "04:00", "New York has changed already, Berlin not yet");
		await page.close();
	}, { now: "2026-03-20T08:00:00Z" });
}

async function expiredHold() {
	await withSite(async (site) => {
		await site.register("ada");
		const page = await open(site);
		await page.goto("/ada/30min?date=2026-03-05");
		await page.getByRole("button", { name: "10:00", exact: true }).click();
		await page.waitForFunction(() => /Kept for you for (10:00|\d:\d\d)/.test(document.getElementById("hold")?.textContent ?? ""));
		await page.fill("#name", "Grace Hopper");
		site.setClock("2026-03-02T08:11:00Z");
		await page.fill("#email", "grace@example.org");
		await page.locator("button.first").click();
		await page.waitForSelector("#code");
		await shows(() => page.locator("#hold").isVisible(), true, "still free: it is kept again");
		await page.fill("#code", await site.code("grace@example.org"));
		await page.locator("button.first").click();
		await page.waitForURL(/\/b\//);
		await page.goto("/ada/30min?start=2026-03-05T09%3A00%3A00Z");
		await reads(page, ".problem", "Somebody just took 10:00. These are free:", "a link to a taken time");
		check(!(await page.locator("#name").isVisible()), "nothing is asked before there is a time");
		await page.locator(".wide .slot").first().click();
		await page.waitForSelector("#name");
		await reads(page, ".when", has("09:00"), "another one is one click away");
		await page.close();
	});
}

async function keyboard() {
	await withSite(async (site) => {
		await site.register("ada");
		const page = await open(site);
		const press = async (...keys) => {
			for (const key of keys) await page.keyboard.press(key);
		};
		await page.goto("/ada/30min?date=2026-03-04");
		await press("Tab");
		same(await page.evaluate(() => document.activeElement.className), "skip", "first the way to the content");
		await press("Enter");
		for (let i = 0; i < 12 && !(await page.evaluate(() => document.activeElement.matches(".day"))); i++) await press("Tab");
		same(await page.evaluate(() => document.activeElement.textContent), "4", "one stop in the calendar: the chosen day");
		await press("ArrowDown", "ArrowRight");
		same(await page.evaluate(() => document.activeElement.textContent), "12", "arrows walk");
		await press("Home");
		same(await page.evaluate(() => document.activeElement.textContent), "9", "Home is Monday");
		await press("End");
		same(await page.evaluate(() => document.activeElement.textContent), "15", "End is Sunday");
		await page.evaluate(() => { globalThis.line = document.getElementById("said"); });
		await press("PageDown");
		await page.locator("#month", { hasText: "April 2026" }).waitFor();
		await page.waitForFunction(() => document.activeElement.matches(".day"));
		await reads(page, "#said", "April 2026", "the month is said");
		check(await page.evaluate(() => globalThis.line.isConnected), "in a line that readers of screens know already");
		await press("PageUp");
		await page.locator("#month", { hasText: "March 2026" }).waitFor();
		await page.waitForFunction(() => document.activeElement.textContent === "1");
		await press("ArrowDown", "ArrowLeft", "ArrowLeft", "Enter");
		await page.locator("#day", { hasText: "6 March" }).waitFor();
		same(await page.evaluate(() => document.activeElement.id), "day", "the focus goes to the times");
		await reads(page, "#said", has("6 March"), "and it is said");
		await press("Tab", "Tab", "Enter");
		await page.waitForSelector("#name");
		await reads(page, ".when", has("09:30"), "the second time");
		await page.focus("#name");
		await page.keyboard.type("Grace Hopper");
		await press("Tab");
		await page.keyboard.type("grace@example.org");
		await press("Enter");
		await page.waitForSelector("#code");
		await shows(() => page.evaluate(() => document.activeElement.id), "code", "the code has the focus");
		await page.keyboard.type(await site.code("grace@example.org"));
		await press("Enter");
		await page.waitForURL(/\/b\//);
		await page.close();
	});
}

async function mobile() {
	await withSite(async (site) => {
		await site.rich(await site.register("ada"));
		await nothingToBook(site);
		for (const width of [360, 390]) {
			const page = await open(site, { width, height: 740 });
			for (const path of ["/", "/sign-up", "/log-in", "/ada", "/bob", "/ada/mentoring?date=2026-03-04", "/ada/mentoring?date=2026-03-04&zones=1",
				"/ada/mentoring?start=2026-03-05T09%3A00%3A00Z", "/ada/mentoring/ask", "/nothing/at/all"]) {
				await page.goto(path);
				check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${path} fits ${width} pixels`);
				const small = await page.evaluate(() => [...document.querySelectorAll("a, button, input, select, summary")]
					.filter((it) => it.offsetParent && !it.matches(".skip, .default, p a, [type=checkbox], [type=hidden]") && it.getBoundingClientRect().height < 43.5)
					.map((it) => it.outerHTML.slice(0, 80)));
				same(small.join(), "", `${path}: targets of 44 pixels`);
			}
			await page.close();
		}
		const zoomed = await open(site, { width: 640, height: 450 }); // 1280 at 200 %
		await zoomed.goto("/ada/mentoring?date=2026-03-04");
		check(await zoomed.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "200 % zoom");
		await zoomed.close();
	});
}

/** No language of ours is written from right to left yet: the layout is ready for one. */
async function rightToLeft() {
	await withSite(async (site) => {
		await site.rich(await site.register("ada"));
		const page = await open(site, { width: 360, height: 740 });
		await page.addInitScript(() => document.addEventListener("DOMContentLoaded", () => (document.documentElement.dir = "rtl")));
		const within = (what) => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth).then((it) => check(it, `${what} fits`));
		await page.goto("/ada/mentoring?date=2026-03-04");
		await within("the month");
		const x = (date) => page.locator(`.day[data-date="${date}"]`).boundingBox().then((box) => box.x);
		check(await x("2026-03-03") > await x("2026-03-04"), "the days run from the right");
		await page.focus('.day[data-date="2026-03-04"]');
		await page.keyboard.press("ArrowLeft");
		same(await page.evaluate(() => document.activeElement.dataset.date), "2026-03-05", "and so do the arrows");
		await page.goto("/ada/mentoring?start=2026-03-05T09%3A00%3A00Z");
		await within("the form");
		const order = await page.evaluate(() => {
			const text = document.querySelector(".when time b:last-of-type").firstChild;
			const left = (at) => {
				const range = document.createRange();
				range.setStart(text, at);
				range.setEnd(text, at + 1);
				return range.getBoundingClientRect().left;
			};
			return left(0) < left(6);
		});
		check(order, "10:00 stands before 10:30, as a range is read");
		await page.close();
	});
}

/** A name as long as names can be, and nothing to book. */
async function nothingToBook(site) {
	const bob = await site.register("bob", { first_name: "Bartholomäus", last_name: "Donaudampfschifffahrtsgesellschaftskapitän" });
	const types = await site.api("GET", "/v1/event-types", { token: bob.token, status: 200 });
	await site.api("PATCH", `/v1/event-types/${types.items[0].id}`, { token: bob.token, status: 200, body: { active: false } });
}

/** On paper: what was booked, without what can be pressed. */
async function printed() {
	await withSite(async (site) => {
		const host = await site.register("ada");
		const type = (await site.api("GET", "/v1/event-types", { token: host.token })).items[0];
		const made = await site.api("POST", "/v1/bookings", { token: host.token, status: 201, body: { event_type_id: type.id,
			start: "2026-03-05T09:00:00Z", duration_minutes: 30, time_zone: "UTC", invitee: { name: "Tim", email: "tim@example.org" } } });
		const page = await open(site, { dark: true });
		await page.goto(`/b/${new URL(made.manage_url).pathname.split("/").at(-1)}`);
		await page.emulateMedia({ media: "print" });
		await reads(page, ".when", has("5 March 2026"), "when is on the paper");
		await shows(() => page.locator("button:visible, summary:visible, .button:visible, nav:visible").count(), 0, "nothing to press");
		same(await page.evaluate(() => getComputedStyle(document.querySelector("h1")).color), "rgb(0, 0, 0)", "black on white, whatever the screen has");
		same(await page.evaluate(() => getComputedStyle(document.querySelector("dt")).color), "rgb(95, 91, 84)", "and no grey that was made for a dark ground");
		await page.close();
	});
}

async function accessible() {
	await withSite(async (site) => {
		await site.rich(await site.register("ada"));
		await nothingToBook(site);
		for (const dark of [false, true]) {
			const page = await open(site, { dark });
			const look = (name) => audit(page, `${name}, ${dark ? "dark" : "light"}`, dark ? LOOKS : undefined);
			for (const path of ["/", "/sign-up", "/log-in", "/reset", "/my-bookings", "/docs", "/ada", "/bob", "/ada/mentoring?date=2026-03-04",
				"/ada/mentoring?date=2026-03-04&zones=1", "/ada/mentoring?start=2026-03-05T09%3A00%3A00Z&time_zone=Asia%2FKolkata",
				"/ada/mentoring?month=2026-09", "/ada/mentoring/ask", "/ada/mentoring/ask?sent=1", "/nothing/at/all"]) {
				await page.goto(path);
				await quiet(page);
				await look(path);
			}
			await page.goto("/ada/mentoring?start=2026-03-05T09%3A00%3A00Z");
			await page.locator("button.first").click();
			await page.waitForSelector(".problem");
			await look("details with errors");
			await page.goto("/ada/mentoring/ask");
			await page.locator("button.first").click();
			await page.waitForSelector(".problem");
			await look("a note with errors");
			await page.goto("/sign-up");
			await page.locator("button.first").click();
			await page.waitForSelector(".problem");
			await look("a sign-up with errors");
			for (const [path, name] of [["/log-in", "Send me a code instead"], ["/reset", "Send a code"]]) {
				await page.goto(path);
				await page.fill("#email", "carl@example.org");
				await page.getByRole("button", { name }).click();
				await page.waitForSelector("#code");
				await look(`${path}, the code`);
			}
			await page.goto("/ada/mentoring?date=2026-03-04");
			await page.click("#zone-change");
			await look("the zone dialog");
			await page.keyboard.press("Escape");
			await page.goto("/ada/30min?date=2026-03-04");
			const email = `${dark ? "dark" : "light"}@example.org`;
			await page.locator(".slot").first().click();
			await page.fill("#name", "Grace Hopper");
			await page.fill("#email", email);
			await page.locator("button.first").click();
			await page.waitForSelector("#code");
			await look("the code");
			await page.fill("#code", await site.code(email));
			await page.locator("button.first").click();
			await page.waitForURL(/\/b\//);
			await look("booked");
			const address = page.url().split("?")[0];
			for (const change of ["move", "propose"]) {
				await page.goto(`${address}?${change}=1`);
				await look(change);
			}
			await page.goto(address);
			await page.locator("summary", { hasText: /^(Cancel|Absagen|Annuler|Cancelar)$/ }).click();
			await page.getByRole("button", { name: "Cancel the meeting" }).click();
			await page.locator("h1", { hasText: "cancelled" }).waitFor();
			await look("cancelled");
			await page.close();
		}
	});
}

async function logIn() {
	await withSite(async (site) => {
		await site.register("ada");
		for (const script of [true, false]) {
			const page = await open(site, { script });
			await page.goto("/app/account"); // as a mail has it
			await page.waitForURL(/\/log-in/);
			await page.fill("#email", "ada@example.org");
			await page.fill("#password", "wrong password");
			await page.getByRole("button", { name: "Log in" }).click();
			await reads(page, ".problem", "That address and password do not belong together.", "a wrong password");
			await shows(() => page.inputValue("#email"), "ada@example.org", "the address is still there");
			const seen = script ? 1 : 2; // codes that came before
			await page.getByRole("button", { name: "Send me a code instead" }).click();
			await page.fill("#code", await site.code("ada@example.org", seen));
			const entered = page.waitForRequest(/\/app\/account$/);
			await page.getByRole("button", { name: "Confirm" }).click();
			await entered;
			page.wrong.length = 0;
			await page.goto("/log-in?next=//example.org/app"); // nobody is led elsewhere
			await page.fill("#email", "ada@example.org");
			await page.fill("#password", PASSWORD);
			const again = page.waitForRequest(/\/app$/);
			await page.getByRole("button", { name: "Log in" }).click();
			await again;
			page.wrong.length = 0;
			await page.close();
		}
	});
}

/** Who is signed in with an address has proved it: no code. */
async function signedIn() {
	await withSite(async (site) => {
		await site.register("ada");
		await site.register("bob", { first_name: "Bob", last_name: "Hope" });
		const page = await open(site);
		await page.goto("/log-in");
		await page.fill("#email", "bob@example.org");
		await page.fill("#password", PASSWORD);
		const entered = page.waitForRequest(/\/app$/);
		await page.getByRole("button", { name: "Log in" }).click();
		await entered;
		await page.goto("/ada/30min?date=2026-03-05");
		await page.getByRole("button", { name: "10:00", exact: true }).click();
		await page.waitForSelector("#name");
		await shows(() => page.inputValue("#name"), "Bob Hope", "the name is known");
		await shows(() => page.inputValue("#email"), "bob@example.org", "and the address");
		await page.locator("button.first").click();
		await page.waitForURL(/\/b\/.*booked/);
		await reads(page, "h1", "You are booked", "booked without a code");
		page.wrong.length = 0;
		await page.close();
	});
}

async function answers() {
	await withSite(async (site) => {
		const host = await site.register("ada");
		await site.rich(host);
		const get = (path, headers = {}) => fetch(site.url + path, { headers: { Accept: "text/html", ...headers }, redirect: "manual" });
		const first = await get("/ada/mentoring");
		const page = await first.text();
		check(first.headers.get("content-security-policy").includes("default-src 'none'"), "a strict policy");
		same(first.headers.get("cache-control"), "no-cache", "public pages may be kept and are checked");
		same((await get("/ada/mentoring", { "If-None-Match": first.headers.get("etag") })).status, 304, "a page that is known");
		check((await (await get("/Ada/Mentoring")).text()).includes('href="/ada"'), "an address in capitals is the same one");
		let weight = Buffer.byteLength(page);
		for (const [, path] of page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
			const answer = await fetch(site.url + path, { headers: { "Accept-Encoding": "br" } });
			weight += Number(answer.headers.get("content-length"));
			check(answer.headers.get("cache-control").includes("immutable"), `${path} is kept for ever`);
		}
		check(weight < 30 << 10, `the booking page weighs ${weight} bytes`);
		check(!page.includes('rel="stylesheet"') && page.includes("<style>:root"), "the first answer is enough to draw it");
		check(!(await (await get("/ada/mentoring", { "Sec-Fetch-Dest": "empty" })).text()).includes("<style>"), "what the script takes a part of is without it");
		same((await get("/ada/mentoring?utm_source=x&date=nonsense&duration=7&month=1")).status, 200, "what is not known is no failure");
		same((await get("/nobody")).status, 404, "no such host");
		same((await get("/b/nothing")).status, 404, "no such booking");
		check((await (await get("/nobody")).text()).includes("There is nothing here"), "told as a page");
		same((await get("/b/nothing", { Accept: "application/json" })).headers.get("content-type"), "text/html; charset=utf-8", "pages are pages");
		const body = new URLSearchParams({ step: "hold", start: "2026-03-05T09:00:00Z" });
		const post = (headers) => fetch(`${site.url}/ada/mentoring`, { method: "POST", body, headers, redirect: "manual" });
		same((await post({ Origin: "https://evil.example" })).status, 403, "a form of another site");
		same((await post({ Origin: site.url })).status, 303, "a form of ours");
		const before = await site.api("GET", "/v1/bookings", { token: host.token });
		same(before.items.length, 0, "looking booked nothing");
		for (const [language, word] of [["de", "Wer sind Sie?"], ["fr", "Qui êtes-vous"], ["es", "¿Quién es usted?"]]) {
			const answer = await (await get("/ada/mentoring?start=2026-03-05T10%3A00%3A00Z", { "Accept-Language": language })).text();
			check(answer.includes(word) && answer.includes(`lang="${language}"`), `in ${language}`);
		}
		check((await (await get("/ada", { "Accept-Language": "de" })).text()).includes("49,50 EUR"), "a price as it is written there");
		same((await get("/robots.txt")).status, 200, "robots.txt");
		same((await get("/favicon.svg")).headers.get("content-type"), "image/svg+xml", "the mark");
	});
}

async function nothingFree() {
	await withSite(async (site) => {
		await site.register("ada");
		const page = await open(site);
		await page.goto("/ada/30min?month=2026-09");
		await reads(page, "#day", has("No time is free in September 2026"), "an empty month says so");
		await page.goto("/ada/30min");
		await reads(page, "#month", "May 2026", "the first month that has something is shown");
		await page.goto("/ada/30min?month=2026-04");
		await page.locator(".times .button").click();
		await page.locator("#month", { hasText: "May 2026" }).waitFor();
		check(await page.locator(".slot").first().isVisible(), "the next free day is one click away");
		await page.goto("/ada/30min?month=2027-09"); // later than can be booked
		await page.locator(".times .button", { hasText: "Next free day: Fri, 1 May 2026" }).click();
		await page.locator("#month", { hasText: "May 2026" }).waitFor();
		await page.close();
	}, { now: "2026-04-30T14:00:00Z" });
}

/** No time suits: a note to the host, from the month and from one without times. */
async function noTime(script) {
	await withSite(async (site) => {
		await site.register("ada");
		const page = await open(site, { script });
		const send = async (words) => {
			await page.goto("/ada/30min/ask?time_zone=Asia%2FKolkata");
			await page.fill("#name", "Grace Hopper");
			await page.fill("#email", "Grace@example.org");
			await page.fill("#text", words);
			await page.getByRole("button", { name: "Send the note" }).click();
			await page.waitForURL(/sent=1/);
		};
		await page.goto("/ada/30min?month=2026-09&time_zone=Asia%2FKolkata");
		check(await page.getByRole("link", { name: "No time suits?" }).isVisible(), "an empty month has the link");
		await page.goto("/ada/30min?date=2026-03-04&time_zone=Asia%2FKolkata");
		await page.getByRole("link", { name: "No time suits?" }).click();
		await page.waitForURL(/\/ada\/30min\/ask/);
		same(await page.locator("meta[name=robots]").getAttribute("content"), "noindex", "not for search engines");
		await reads(page, "form.details > .hint", has("Kolkata, UTC+5:30"), "the zone in words");
		await page.focus("#name");
		for (const words of ["Grace Hopper", "nobody", "é".repeat(600)]) { // by keyboard; 1,200 bytes are too many
			await page.keyboard.insertText(words);
			await page.keyboard.press("Tab");
		}
		await page.keyboard.press("Enter");
		await page.waitForSelector(".problem");
		await shows(() => page.getAttribute("#email", "aria-describedby"), "email-error email-hint", "the address is told wrong");
		await shows(() => page.getAttribute("#text", "aria-describedby"), "text-error", "and the note too long");
		await shows(() => page.locator("#name-error").count(), 0, "the name is right");
		await shows(() => page.inputValue("#name"), "Grace Hopper", "the name is still there");
		await shows(() => page.inputValue("#text"), "é".repeat(600), "and the note");
		await reads(page, "form.details > .hint", has("Kolkata"), "and the zone");
		await page.fill("#text", "");
		await page.getByRole("button", { name: "Send the note" }).click();
		await reads(page, "#text-error", begins("Enter what would suit you"), "an empty note is told");

		await send("Any morning\nSee https://evil.example/x");
		await reads(page, "h2", "Ada Lovelace has your note", "thanks");
		const [mail] = await site.mailsWith("finds no time for");
		check(/^To: .*ada@example\.org/m.test(mail), "the mail goes to the host");
		check(/^Reply-To: .*Grace@example\.org/m.test(mail), "an answer to the visitor");
		check(/^Subject: Note: Grace Hopper finds no time for 30-minute meeting/m.test(mail), "the subject");
		check(mail.includes("> Any morning\r\n> See https://evil.example/x"), "the words are quoted");
		check(mail.includes("The address was not proved."), "that anybody may have written it is told");
		check(mail.includes("Kolkata, UTC+5:30"), "the zone in words");
		const links = [...mail.matchAll(/href=3D"([^"]*)"/g)].map((it) => it[1]);
		same(links.join(), `${site.url}/ada/30min`, "the one link is the host's own page");

		await send("Once more");
		await reads(page, "h2", "Ada Lovelace has your note", "who writes again is told the same");
		site.setClock("2026-03-02T09:00:00Z");
		await send("An hour later");
		const both = await site.mailsWith("finds no time for", 2);
		same(both.length, 2, "one note an address within an hour");
		check(!both.some((it) => it.includes("Once more")), "the second is dropped");
		await page.getByRole("link", { name: "Back to the times" }).click();
		await page.waitForURL((url) => url.pathname === "/ada/30min");
		await page.goto("/ada/nothing/ask");
		await reads(page, "h1", "There is nothing here", "no such event type");
		await page.close();
	});
}

/** The code of a sign-up that has ended, or that nobody got: a new one, for a registration that still waits. */
async function newCode(script) {
	await withSite(async (site) => {
		const page = await open(site, { script });
		await page.goto("/sign-up");
		await page.fill("#first_name", "Ada");
		await page.fill("#email", "ada@example.org");
		await page.fill("#password", PASSWORD);
		await page.fill("#username", "ada");
		await page.getByRole("button", { name: "Sign up" }).click();
		await page.fill("#code", "000000");
		const first = await site.code("ada@example.org");
		site.setClock("2026-03-02T08:09:00Z");
		await page.getByRole("button", { name: "Send a new code" }).click();
		await page.waitForFunction(() => document.querySelector("#code")?.value === "");
		const second = await site.code("ada@example.org", 1);
		site.setClock("2026-03-02T08:18:00Z"); // later than the first would have lived
		if (first !== second) {
			await page.fill("#code", first);
			await page.getByRole("button", { name: "Confirm" }).click();
			await reads(page, ".problem", begins("That is not the code"), "the first code is void");
		}
		await page.fill("#code", second);
		const entered = page.waitForRequest(/\/app$/);
		await page.getByRole("button", { name: "Confirm" }).click();
		await entered;
		page.wrong.length = 0;
		const mails = site.mails().length;
		const again = (email) => fetch(`${site.url}/sign-up/again`, { method: "POST", body: new URLSearchParams({ email }), headers: { Origin: site.url } });
		const [known, unknown] = [await again("ada@example.org"), await again("bob@example.org")];
		same(known.status, unknown.status, "an address that is known and one that is not: the same status");
		same((await known.text()).replaceAll("ada@", "bob@"), await unknown.text(), "and the same page");
		same(site.mails().length, mails, "and no mail");
		await page.close();
	});
}

/** A guest's own page: opening it changes nothing, one button answers, and another one changes the answer. */
async function guest(script) {
	await withSite(async (site) => {
		const host = await site.register("ada");
		const types = await site.api("GET", "/v1/event-types", { token: host.token, status: 200 });
		const booking = await site.api("POST", "/v1/bookings", { token: host.token, status: 201, body: { event_type_id: types.items[0].id, start: "2026-03-05T09:00:00Z",
			duration_minutes: 30, time_zone: "Europe/Berlin", invitee: { name: "Grace Hopper", email: "grace@example.org" }, guests: [{ email: "alan@example.org", name: "Alan" }] } });
		const rsvp = async () => (await site.api("GET", `/v1/bookings/${booking.id}`, { token: host.token, status: 200 })).guests[0].rsvp;
		const path = await site.path("g", "alan@example.org");
		const page = await open(site, { script, width: 390 });
		await page.goto(path);
		await reads(page, ".when", has("5 March 2026"), "which meeting");
		same(await rsvp(), "needs_action", "opening it is no answer");
		if (script) await audit(page, "a guest's page");
		for (const [name, wanted] of [["accepted", "accepted"], ["tentative", "tentative"], ["declined", "declined"]]) {
			await page.locator(`button[value=${name}]`).click();
			await page.locator(`button[value=${name}][aria-pressed=true]`).waitFor();
			same(await rsvp(), wanted, `the host sees ${wanted}`);
		}
		await page.close();
	});
}

/** Other times on the invitee's page: the host's to take or decline, one's own chosen over days and months. */
async function proposals(script) {
	await withSite(async (site) => {
		const host = await site.register("ada");
		const types = await site.api("GET", "/v1/event-types", { token: host.token, status: 200 });
		const bookings = [];
		for (const start of ["2026-03-05T09:00:00Z", "2026-03-06T09:00:00Z"])
			bookings.push(await bookFor(site, { type: types.items[0], start, name: "Grace Hopper", email: `grace${bookings.length}@example.org` }));
		const [one, two] = bookings;
		const path = (booking) => new URL(booking.manage_url).pathname;
		const state = (booking) => site.api("GET", `/v1/bookings/${booking.id}`, { token: host.token, status: 200 });
		const propose = (booking, starts) => site.api("POST", `/v1/bookings/${booking.id}/propose`, { token: host.token, status: 200, body: { starts, note: "A train strike" } });
		const page = await open(site, { script });

		await propose(one, ["2026-03-09T09:00:00Z", "2026-03-10T13:30:00Z"]);
		await page.goto(path(one));
		if (script) await audit(page, "the host's proposal");
		await reads(page, ".talk", has("A train strike"), "why");
		await page.locator("summary", { hasText: "None of these" }).click();
		await page.fill("#decline-reason", "Neither suits");
		await page.getByRole("button", { name: "Decline these times" }).click();
		await page.waitForFunction(() => !document.querySelector(".talk"));
		same((await state(one)).start, "2026-03-05T09:00:00Z", "declined: it stays");
		await propose(one, ["2026-03-09T09:00:00Z", "2026-03-10T13:30:00Z"]);
		await page.goto(path(one));
		const late = await open(site, { script }); // the same page in another window, which stays open
		await late.goto(path(one));
		await page.getByRole("button", { name: "Tue, 10 March 2026, 14:30–15:00" }).click();
		await page.waitForURL(/moved/);
		await reads(page, ".when", has("10 March 2026"), "one button moves it");
		await late.getByRole("button", { name: "Mon, 9 March 2026, 10:00–10:30" }).click();
		await reads(late, ".problem", "That is not possible any more. Look at your meeting as it stands now.", "what is answered already");
		await late.close();

		await site.api("POST", `/v1/bookings/${two.id}/request-reschedule`, { token: host.token, status: 200, body: { reason: "A clash" } });
		await page.goto(path(two));
		await reads(page, ".talk", has("A clash"), "the host's wish");
		await page.getByRole("link", { name: "Choose another time" }).click();
		await reads(page, "h1", "Choose a new time", "leads to the times");
		await page.goto(path(two));
		await page.getByRole("link", { name: "Propose other times" }).click();
		await page.locator(".times .slot").first().waitFor();
		await page.waitForLoadState();
		same(await page.locator(".times .slot", { hasText: "10:00" }).count(), 0, "its own time is no other");
		const choose = async (name, n) => {
			await page.locator(".times").getByRole("link", { name, exact: true }).click();
			await page.waitForFunction((wanted) => document.querySelectorAll(".chosen li").length === wanted, n);
		};
		await choose("11:00", 1);
		if (!script) {
			await page.click("#zone-change");
			await page.selectOption("#time_zone", "Asia/Tokyo");
			await page.getByRole("button", { name: "Show these times" }).click();
			await reads(page, ".zone-name", "Tokyo, UTC+9", "another zone");
			await reads(page, "#day", "Friday, 6 March 2026", "on the same day");
			await reads(page, ".chosen li", has("19:00–19:30"), "what was chosen is still chosen");
			await page.goto(`${path(two)}?move=1&zones=1`);
			await page.selectOption("#time_zone", "Asia/Tokyo");
			await page.getByRole("button", { name: "Show these times" }).click();
			await reads(page, "h1", "Choose a new time", "nor is moving left");
			await page.goto(`${path(two)}?propose=1&chosen=2026-03-06T10:00:00Z`);
		}
		await page.locator(".turn a[rel=next]").click();
		await page.locator("#month", { hasText: "April" }).waitFor();
		await page.locator('.day[data-date="2026-04-08"]').click();
		await page.locator("#day", { hasText: "8 April" }).waitFor();
		if (script) await page.fill("#note", "Mornings are better");
		for (const [i, time] of ["09:00", "09:30", "10:00", "10:30"].entries()) await choose(time, i + 2);
		await shows(() => page.locator(".times a.slot").count(), 4, "five are chosen: no sixth");
		if (script) await audit(page, "five chosen times");
		await page.getByRole("link", { name: "Remove: Wed, 8 April 2026, 10:30–11:00" }).click();
		await page.waitForFunction(() => document.querySelectorAll(".chosen li").length === 4);
		if (script) await shows(() => page.inputValue("#note"), "Mornings are better", "what was typed is still there");
		else await page.fill("#note", "Mornings are better");
		await site.api("POST", "/v1/holds", { status: 201, body: { event_type_id: types.items[0].id, start: "2026-04-08T07:30:00Z", duration_minutes: 30 } });
		await page.getByRole("button", { name: "Propose these times" }).click();
		await reads(page, ".problem", "One of the times has just been taken. Choose another.", "one was taken meanwhile");
		await shows(() => page.locator(".chosen li").count(), 3, "the others are still chosen");
		await shows(() => page.inputValue("#note"), "Mornings are better", "and the note is there");
		await page.getByRole("button", { name: "Propose these times" }).click();
		await page.waitForURL((url) => !url.search && !url.pathname.endsWith("/propose"));
		await reads(page, ".talk", begins("You proposed other times"), "proposed");
		const made = (await state(two)).proposal;
		same(JSON.stringify([made.by, made.note, made.starts]), JSON.stringify(["invitee", "Mornings are better",
			["2026-03-06T10:00:00Z", "2026-04-08T07:00:00Z", "2026-04-08T08:00:00Z"]]), "what the host gets");
		await page.getByRole("button", { name: "Take them back" }).click();
		await page.waitForFunction(() => !document.querySelector(".talk"));
		same((await state(two)).proposal, null, "taken back");
		await page.close();
	});
}

/** What the host asks of who changes something: a reason, and in time. */
async function terms() {
	await withSite(async (site) => {
		const host = await site.register("ada");
		const schedules = await site.api("GET", "/v1/schedules", { token: host.token, status: 200 });
		const type = await site.api("POST", "/v1/event-types", { token: host.token, status: 201, body: { code: "strict", title: "Strict", schedule_id: schedules.items[0].id,
			durations: [{ minutes: 30 }], reason_required: true, reschedule_notice_minutes: 1440, confirmation: "always" } });
		const made = await bookFor(site, { type, start: "2026-03-05T09:00:00Z", name: "Grace Hopper", email: "grace@example.org" });
		const page = await open(site, { script: false });
		const path = new URL(made.manage_url).pathname;
		await page.goto(path);
		await reads(page, "h1", "Your request is with Ada Lovelace", "a request says so");
		await site.api("POST", `/v1/bookings/${made.id}/confirm`, { token: host.token, status: 200 });
		await page.goto(`${path}?move=1&date=2026-03-06`);
		await page.fill("#reason", "   ");
		await page.getByRole("button", { name: "10:00", exact: true }).click();
		await reads(page, "#reason-error", (it) => it.length > 0, "the reason is missing");
		await page.fill("#reason", "I am away");
		await page.getByRole("button", { name: "10:00", exact: true }).click();
		await page.waitForURL(/moved/);
		await site.api("POST", `/v1/bookings/${made.id}/confirm`, { token: host.token, status: 200 });
		const refused = await bookFor(site, { type, start: "2026-03-10T09:00:00Z", name: "Alan Turing", email: "alan@example.org" });
		await site.api("POST", `/v1/bookings/${refused.id}/reject`, { token: host.token, status: 200, body: { reason: "A holiday" } });
		await page.goto(new URL(refused.manage_url).pathname);
		await reads(page, "h1", "Ada Lovelace cannot take this meeting", "a rejected request says so");
		await reads(page, "dl", has("A holiday"), "and why");
		await page.getByRole("link", { name: "Book another time" }).waitFor(); // with a way to book again
		await shows(() => page.getByRole("link", { name: "Change time" }).count(), 0, "and nothing to change");
		site.setClock("2026-03-05T10:00:00Z");
		await page.goto(path);
		await shows(() => page.getByRole("link", { name: "Change time" }).count(), 0, "too late to move");
		await shows(() => page.getByRole("link", { name: "Propose other times" }).count(), 0, "or to propose");
		check(await page.locator("summary", { hasText: "Cancel" }).isVisible(), "not to cancel");
		await reads(page, ".no-print", has("It is too late to change the time here."), "and says so");
		await page.goto(`${path}?propose=1`);
		await reads(page, "h1", "Your meeting", "not by its address either");
		await page.close();
	});
}

await run({
	"the whole job": () => wholeJob(true),
	"the whole job without script": () => wholeJob(false),
	"logging in": logIn,
	"who is signed in": signedIn,
	"a race": () => race(true),
	"a race without script": () => race(false),
	"the time gone at the last step": lateLoss,
	"zones and clocks": zones,
	"a day when clocks change": clockChange,
	"a hold that ends": expiredHold,
	"keyboard only": keyboard,
	"small screens": mobile,
	"right to left": rightToLeft,
	"on paper": printed,
	"axe": accessible,
	"answers": answers,
	"nothing free": nothingFree,
	"no time suits": () => noTime(true),
	"no time suits without script": () => noTime(false),
	"a new code": () => newCode(true),
	"a new code without script": () => newCode(false),
	"a guest": () => guest(true),
	"a guest without script": () => guest(false),
	"proposals": () => proposals(true),
	"proposals without script": () => proposals(false),
	"terms of changing": terms,
});
