// Messages in a real browser: who is told what, a host's own words, and what an address gets back by mail.
import { bookFor, enter, visit } from "./app_lib.mjs";
import { audit, check, LOOKS, open, run, same, shows, Site } from "./lib.mjs";

async function withSite(test) {
	const site = await Site.open();
	try {
		await test(site);
	} finally {
		await site.close();
	}
}

const button = (page, name) => page.getByRole("button", { name, exact: true });
const said = (page, words) => page.locator(".done", { hasText: words }).waitFor();

run({
	"choices of messages": () => withSite(async (site) => {
		const host = await site.register("ada");
		const page = await enter(site, host);
		await visit(page, "/app/messages");
		await audit(page, "choices");
		const thanks = page.getByLabel("Thanks, an hour after the end: To invitees, by mail");
		check(!(await thanks.isChecked()), "thanks are off");
		await thanks.check();
		await page.getByLabel("Reminders, minutes before the start").fill("30, ten");
		await button(page, "Save").click();
		await page.locator(".error").waitFor();
		await page.getByLabel("Reminders, minutes before the start").fill("30, 10");
		await button(page, "Save").click();
		await said(page, "Saved");
		const saved = await site.api("GET", "/v1/me/notifications", { token: host.token, status: 200 });
		same(JSON.stringify(saved.reminders), "[30,10]", "reminders");
		check(saved.messages.some((m) => m.message === "thanks" && m.on), "thanks are on");
		await button(page, "Undo").click();
		await said(page, "Taken back");
		const back = await site.api("GET", "/v1/me/notifications", { token: host.token, status: 200 });
		check(!back.messages.some((m) => m.message === "thanks" && m.on), "taken back");
		await page.close();
		const phone = await enter(site, host, { width: 390, height: 844, dark: true });
		await visit(phone, "/app/messages");
		await audit(phone, "choices, dark, on a phone", LOOKS);
		check(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the phone");
		await phone.close();
	}),

	"own words, tried before they are kept": () => withSite(async (site) => {
		const host = await site.register("ada");
		const types = await site.api("GET", "/v1/event-types", { token: host.token, status: 200 });
		const page = await enter(site, host);
		await visit(page, `/app/messages/${types.items[0].id}`);
		await page.locator(".subject", { hasText: "Booked for" }).waitFor();
		await page.getByText("What you can insert").click();
		await audit(page, "the editor");
		const text = page.getByLabel("Text", { exact: true });
		await text.fill("Hello {{somebody}}");
		await page.locator(".error", { hasText: "there is no {{somebody}}" }).waitFor();
		await text.fill("Hello {{invitee}} <b>");
		await page.locator(".seen", { hasText: "Hello Alex Example <b>" }).waitFor();
		await button(page, "Save").click();
		await said(page, "Your words are saved");
		await page.reload();
		await page.locator(".seen", { hasText: "Hello Alex Example <b>" }).waitFor();
		await page.getByLabel("Language").selectOption("de");
		await page.locator(".subject", { hasText: "Gebucht für" }).waitFor();
		await page.getByLabel("Language").selectOption("en");
		await button(page, "Back to the usual words").click();
		await said(page, "The usual words are back");
		await page.locator(".seen", { hasText: "Your meeting with" }).waitFor();
		await shows(() => button(page, "Back to the usual words").count(), 0, "nothing to go back from");
		await page.close();
		const phone = await enter(site, host, { width: 390, height: 844, dark: true });
		await visit(phone, `/app/messages/${types.items[0].id}`);
		await phone.locator(".subject").waitFor();
		await audit(phone, "the editor, dark, on a phone", LOOKS);
		check(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is wider than the phone");
		await phone.close();
	}),

	"a new password, without script": () => withSite(async (site) => {
		const host = await site.register("ada");
		const { key } = await site.api("POST", "/v1/api-keys", { token: host.token, status: 201, body: { name: "A program", scopes: ["account:read"] } });
		const seen = site.mails().filter((m) => m.includes(host.email) && /^Subject: .*\b\d{6}\b/m.test(m)).length;
		const page = await open(site, { script: false, width: 390, height: 844 });
		await page.goto("/log-in");
		await page.getByRole("link", { name: "Forgot your password?" }).click();
		await page.getByRole("button", { name: "Send a code" }).click();
		await page.locator(".error").waitFor();
		await page.fill("#email", host.email);
		await page.getByRole("button", { name: "Send a code" }).click();
		const code = await site.code(host.email, seen);
		await page.fill("#code", code === "000000" ? "111111" : "000000");
		await page.fill("#new_password", "another horse battery");
		await page.getByLabel("End all API keys too").check();
		await page.getByRole("button", { name: "Set the password" }).click();
		await page.locator(".error").waitFor();
		check(await page.getByLabel("End all API keys too").isChecked(), "what was ticked stays so");
		await page.fill("#code", code);
		await page.fill("#new_password", "another horse battery");
		await page.getByRole("button", { name: "Set the password" }).click();
		await page.waitForURL(/\/app$/);
		await site.api("POST", "/v1/sessions", { body: { email: host.email, password: "another horse battery" }, status: 200 });
		await site.api("GET", "/v1/me", { token: key, status: 401 });
		await page.close();
	}),

	"a request is answered from its mail, without script": () => withSite(async (site) => {
		const host = await site.register("ada");
		const type = await site.api("POST", "/v1/event-types", { token: host.token, status: 201,
			body: { code: "asked", title: "Asked for", confirmation: "always", minimum_notice_minutes: 0, durations: [{ minutes: 30 }] } });
		const first = await bookFor(site, { type, start: "2026-03-04T10:00:00Z", name: "Ivy", email: "ivy@example.org", zone: "America/New_York", notes: "May I bring <b>Bo</b>?" });
		const second = await bookFor(site, { type, start: "2026-03-04T12:00:00Z", name: "Ida", email: "ida@example.org" });
		const state = async (b) => (await site.api("GET", `/v1/bookings/${b.id}`, { token: host.token, status: 200 })).status;
		const yes = await site.path("a", "ivy@example.org"), no = await site.path("a", "ida@example.org");
		const page = await open(site, { script: false, width: 390, height: 844 });
		await page.goto(yes);
		check((await page.content()).includes("May I bring &lt;b&gt;Bo"), "what was written is text");
		check((await page.locator("main").innerText()).includes("for Ivy"), "the other clock is the invitee's");
		same(await state(first), "pending", "looking changes nothing");
		await page.getByRole("button", { name: "Confirm", exact: true }).click();
		await page.getByRole("heading", { name: "You confirmed this meeting" }).waitFor();
		same(await state(first), "confirmed", "confirmed");
		await shows(() => page.getByRole("button", { name: "Confirm", exact: true }).count(), 0, "answered once");
		await page.goto(no);
		await page.getByText("Reject", { exact: true }).click();
		await page.getByLabel("Reason").fill("On holiday");
		await page.getByRole("button", { name: "Reject the request" }).click();
		await page.getByRole("heading", { name: "You rejected this request" }).waitFor();
		same(await state(second), "rejected", "rejected");
		for (const wrong of [first.manage_url.replace(/.*\/b\//, "/a/"), yes.replace("/a/", "/b/"), `${yes}x`])
			same((await page.goto(wrong)).status(), 404, wrong);
		await page.close();
		const seen = await open(site, { dark: true });
		await seen.goto(yes);
		await audit(seen, "an answered request");
		await seen.close();
	}),

	"where are my bookings": () => withSite(async (site) => {
		const host = await site.register("ada");
		const types = await site.api("GET", "/v1/event-types", { token: host.token, status: 200 });
		await bookFor(site, { type: types.items[0], start: "2026-03-04T10:00:00Z", name: "Ivy", email: "ivy@example.org" });
		const page = await open(site, { dark: true });
		await page.goto("/");
		await page.getByRole("link", { name: "Where are my bookings?" }).click();
		await audit(page, "where are my bookings");
		await page.fill("#email", "ivy@example.org");
		await page.getByRole("button", { name: "Send the links" }).click();
		await page.locator("[role=status]", { hasText: "ivy@example.org" }).waitFor();
		const [mail] = await site.mailsWith("Subject: Your bookings", 1, "To: ivy@example.org");
		const link = /\/b\/[\w.-]+/.exec(mail);
		check(link !== null, "the mail has a link");
		await page.goto(link?.[0] ?? "/");
		await page.getByRole("heading", { name: "Your meeting" }).waitFor();
		await page.close();
	}),
});
