// Notifications in a real browser: the switch and its states, the service worker; and the admins' page of jobs.  What a
// browser's push service does is stood in for, as headless ones have none; what it delivers goes through the real worker.
import { bookFor, enter, ready, visit } from "./app_lib.mjs";
import { audit, check, run, same, shows, Site, until } from "./lib.mjs";

const KEYS = { p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", auth: "BTBZMqHH6r4Tts7J_aSIgg" };
const SWITCH = "Notify me on this device";
const said = (page, words) => page.locator(".done", { hasText: words }).waitFor();
const button = (page, name) => page.getByRole("button", { name, exact: true });

/** Runs in the page: a push service that lasts for a tab. */
function standIn({ keys, permission }) {
	const make = (key) => ({
		endpoint: "https://push.example.net/one",
		options: { applicationServerKey: Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)).buffer },
		toJSON: () => ({ endpoint: "https://push.example.net/one", keys }),
		unsubscribe: async () => { sessionStorage.removeItem("push"); return true; },
	});
	PushManager.prototype.getSubscription = async () => { const key = sessionStorage.getItem("push"); return key ? make(key) : null; };
	PushManager.prototype.subscribe = async function (options) {
		sessionStorage.setItem("push", options.applicationServerKey);
		return make(options.applicationServerKey);
	};
	const now = () => sessionStorage.getItem("permission") ?? permission;
	Object.defineProperty(Notification, "permission", { get: now });
	Notification.requestPermission = async () => {
		sessionStorage.setItem("asked", String(Number(sessionStorage.getItem("asked")) + 1));
		sessionStorage.setItem("permission", now() === "denied" ? "denied" : "granted");
		return now();
	};
}

async function withPage(test, { permission = "default", ...options } = {}) {
	const site = await Site.open({ settings: { NOONMARK_ADMIN_EMAIL: "ada@example.org" } });
	try {
		const host = await site.register("ada");
		const page = await enter(site, host, options);
		await page.context().grantPermissions(["notifications"]);
		await page.addInitScript(standIn, { keys: KEYS, permission });
		await test(page, site, host);
		await page.close();
	} finally {
		await site.close();
	}
}

/** Delivers as a push service would, by the browser's own tools, and waits until the worker has shown it: asking for the
 * list while one is on its way to the screen takes it off the list for good. */
async function delivery(page, worker) {
	const cdp = await page.context().newCDPSession(page);
	const found = new Promise((resolve) => cdp.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => registrations[0] && resolve(registrations[0])));
	await cdp.send("ServiceWorker.enable");
	const { registrationId } = await found;
	const origin = new URL(page.url()).origin;
	await worker.evaluate(() => {
		const show = self.registration.showNotification.bind(self.registration);
		self.settled = 0;
		self.registration.showNotification = (...words) => show(...words).finally(() => self.settled++);
	});
	let sent = 0;
	return async (data) => {
		await cdp.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
		sent++;
		await until(`the worker shows ${data}`, () => worker.evaluate((n) => self.settled >= n, sent));
	};
}

/** So many, with pauses: they are asked for while they may be on their way to the screen. */
async function shown(page, count) {
	return until(`${count} notifications`, async () => {
		const list = await page.evaluate(async () => (await (await navigator.serviceWorker.getRegistration("/app/")).getNotifications())
			.map(({ title, body, tag, lang, data, renotify }) => ({ title, body, tag, lang, data, renotify })));
		return list.length === count ? list : new Promise((resolve) => setTimeout(resolve, 500));
	});
}

const devices = (page) => page.evaluate(async () => (await (await fetch("/v1/push-subscriptions")).json()).items);

run({
	async "the switch and the worker"() {
		await withPage(async (page, site, host) => {
			await visit(page, "/app/messages");
			const toggle = page.getByRole("switch", { name: SWITCH });
			check(!await toggle.isChecked(), "off at first");
			same(await page.evaluate(() => sessionStorage.getItem("asked")), null, "nobody is asked before a click");
			await toggle.click();
			await said(page, "This device will tell you");
			check(await toggle.isChecked(), "on");
			same(await page.evaluate(() => sessionStorage.getItem("asked")), "1", "asked once");
			const [device] = await devices(page);
			same(device.current, true, "the server knows");
			same(await page.evaluate(() => sessionStorage.getItem("push")), (await site.api("GET", "/v1/push/key")).key, "by the server's key");
			await audit(page, "notifications, on");
			await page.reload();
			await ready(page);
			check(await toggle.isChecked(), "still on after a reload");

			const worker = await until("a worker", () => page.context().serviceWorkers()[0]);
			same(new URL(worker.url()).pathname, "/app/sw.js", "the worker's address");
			const deliver = await delivery(page, worker);
			const notice = { title: "New booking", body: "From <b>Ivy</b>", url: "/app/bookings/1", tag: "1", lang: "de" };
			await deliver(JSON.stringify(notice));
			const [first] = await shown(page, 1);
			same(JSON.stringify(first), JSON.stringify({ title: "New booking", body: "From <b>Ivy</b>", tag: "1", lang: "de", data: "/app/bookings/1", renotify: true }), "shown as it came");
			await deliver(JSON.stringify({ ...notice, title: "Moved" }));
			same((await shown(page, 1))[0].title, "Moved", "a newer one replaces it");
			await deliver(JSON.stringify({ ...notice, url: "https://evil.example/app", tag: "2" }));
			same((await shown(page, 2)).find((n) => n.tag === "2").data, "/app", "never to another site");
			await deliver("not JSON");
			await shown(page, 3);

			const opened = await worker.evaluate(async () => {
				const paths = [];
				self.clients.openWindow = async (path) => { paths.push(path); return null; };
				const notification = (await self.registration.getNotifications()).find((n) => n.tag === "1");
				const click = new NotificationEvent("notificationclick", { notification });
				self.dispatchEvent(click);
				for (let i = 0; paths.length === 0 && i < 600; i++) await new Promise((resolve) => setTimeout(resolve, 100));
				return paths;
			});
			same(opened.join(), "/app/bookings/1", "a click opens the booking");
			await shown(page, 2);

			// the browser's service gives it another address
			await worker.evaluate(async (keys) => {
				const change = new ExtendableEvent("pushsubscriptionchange");
				change.newSubscription = { toJSON: () => ({ endpoint: "https://push.example.net/two", keys }), unsubscribe: async () => true };
				self.dispatchEvent(change);
			}, KEYS);
			await page.waitForFunction(async () => (await (await fetch("/v1/push-subscriptions")).json()).items.length === 2);

			await visit(page, "/app/messages");
			await toggle.click();
			await said(page, "nothing any more");
			same((await devices(page)).length, 0, "the server tells this browser no more");
			same(await page.evaluate(() => sessionStorage.getItem("push")), null, "nor does its service");
			check(!await toggle.isChecked(), "off");
			const other = { endpoint: "https://push.example.net/three", keys: KEYS };
			await site.api("POST", "/v1/push-subscriptions", { token: host.token, body: other, status: 201 });
			await visit(page, "/app/messages");
			await page.locator("section", { hasText: SWITCH }).getByRole("button", { name: "Remove" }).click();
			await said(page, "is told no more");
			same((await devices(page)).length, 0, "another device is removed");
		});
	},

	async "denied and unable"() {
		await withPage(async (page) => {
			await visit(page, "/app/messages");
			await page.getByText("was told not to show notifications").waitFor();
			same(await page.getByRole("switch").count(), 0, "no switch that would do nothing");
			await page.addInitScript(() => delete window.PushManager);
			await visit(page, "/app/messages");
			await page.getByText("This browser cannot show notifications").waitFor();
			await audit(page, "notifications, unable");
		}, { permission: "denied", width: 390, height: 844, dark: true });
	},

	async "jobs, for admins"() {
		await withPage(async (page, site, host) => {
			await visit(page, "/app/jobs");
			await page.getByText("Nothing was given up").waitFor();
			const types = await site.api("GET", "/v1/event-types", { token: host.token, status: 200 });
			await bookFor(site, { type: types.items[0], start: "2026-03-04T09:00:00Z", name: "Ivy Invitee", email: "ivy@example.org", minutes: types.items[0].durations[0].minutes });
			for (const i of [1, 2, 3]) // of codes that serve no more: once they are tried again they are done
				site.sql(`INSERT INTO job (id, account_id, kind, lane, dedupe_key, payload, state, due_at, tries, last_error, created_at, done_at)
					SELECT ${site.blob(`0190b5a47c1e7c399d522a6f4e8b000${i}`)}, id, 'code_mail', 'mail', 'dead:${i}', '{"template":"account_exists","email":"secret@example.org","otp_id":"0190b5a4-7c1e-7c39-9d52-2a6f4e8b1c07","language":"en"}', 'dead', 1772438400, 8, '550 no such mailbox ${i}', 1772438400, 1772438400 FROM account LIMIT 1`);
			await page.reload();
			await ready(page);
			const rows = page.locator("section", { hasText: "Given up" }).locator(".rows > li");
			same(await rows.count(), 3, "three");
			check((await page.locator("body").innerText()).includes("550 no such mailbox 2"), "why");
			check(!(await page.locator("body").innerText()).includes("secret"), "not what it carries");
			await audit(page, "jobs");
			await page.getByRole("button", { name: /^Discard .* mailbox 1$/ }).click();
			await audit(page, "the question");
			await button(page, "Discard it").click();
			await said(page, "Discarded");
			await shows(() => rows.count(), 2, "two are left");
			await page.getByRole("button", { name: /^Try all 2 again/ }).click();
			await said(page, "2 are tried again");
			await page.getByText("Nothing was given up").waitFor();
			check(await page.getByRole("link", { name: "Jobs" }).isVisible(), "a link for admins");
			page.wrong = page.wrong.filter((text) => !text.includes("400"));
		});
	},
});
