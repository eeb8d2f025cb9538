// A host with a life, and a browser logged in as that host, for tests and pictures of the dashboard.
import { MONDAY, open, PASSWORD, quiet } from "./lib.mjs";

/** Proves an address and books; the answer to the booking. */
export async function bookFor(site, { type, start, minutes = 30, name, email, zone = "Europe/Berlin", ...rest }) {
	const proof = await site.api("POST", "/v1/email-proofs", { body: { email }, status: 201 });
	const { email_proof } = await site.api("POST", `/v1/email-proofs/${proof.id}/verify`, { body: { code: await site.code(email) }, status: 200 });
	return site.api("POST", "/v1/bookings", { status: 201, body: {
		event_type_id: type.id, start, duration_minutes: minutes, time_zone: zone, invitee: { name, email }, email_proof, ...rest,
	} });
}

const GUESTS = [
	["intro", "2026-03-02T12:00:00Z", 30, "Grace Hopper", "America/New_York"],
	["intro", "2026-03-02T14:00:00Z", 30, "Alan Turing", "Europe/London"],
	["mentoring", "2026-03-03T08:00:00Z", 60, "Katherine Johnson", "America/New_York"],
	["intro", "2026-03-03T10:30:00Z", 30, "Edsger Dijkstra", "Europe/Amsterdam"],
	["review", "2026-03-04T09:00:00Z", 45, "Barbara Liskov", "America/Los_Angeles"],
	["mentoring", "2026-03-04T13:00:00Z", 60, "Anita Borg", "America/Chicago"],
	["intro", "2026-03-05T08:30:00Z", 30, "Niklaus Wirth", "Europe/Zurich"],
	["intro", "2026-03-05T13:30:00Z", 30, "Radia Perlman", "Europe/Berlin"],
	["review", "2026-03-06T10:00:00Z", 45, "Tony Hoare", "Europe/London"],
	["mentoring", "2026-03-10T09:00:00Z", 60, "Frances Allen", "Asia/Kolkata"],
	["intro", "2026-03-12T11:00:00Z", 30, "Donald Knuth", "America/Los_Angeles"],
	["intro", "2026-03-17T14:00:00Z", 30, "Margaret Hamilton", "America/New_York"],
];

/** Ada with three more event types, a dozen bookings, two colleagues and a blocked hour. */
export async function busyHost(site) {
	const host = await site.register("ada");
	const schedules = await site.api("GET", "/v1/schedules", { token: host.token, status: 200 });
	const schedule_id = schedules.items[0].id;
	const make = (body) => site.api("POST", "/v1/event-types", { token: host.token, status: 201, body: { schedule_id, minimum_notice_minutes: 60, ...body } });
	const types = {
		intro: await make({ code: "intro", title: "Getting to know", description: "Half an hour to see whether we fit.", durations: [{ minutes: 30 }], color: "#8a5a00" }),
		mentoring: await make({ code: "mentoring", title: "Mentoring", description: "An hour about your plans.", color: "#2f6f6a", durations: [{ minutes: 60, price: { amount: 4950, currency: "EUR" } }],
			questions: [{ label: "What is it about?", kind: "text", required: false }] }),
		review: await make({ code: "review", title: "Code review", durations: [{ minutes: 45 }], interval_minutes: 15, confirmation: "always", color: "#6b4ea0" }),
	};
	for (const [type, start, minutes, name, zone] of GUESTS) {
		const email = `${name.toLowerCase().replace(" ", ".")}@example.org`;
		await bookFor(site, { type: types[type], start, minutes, name, email, zone });
	}
	await site.api("POST", `/v1/schedules/${schedule_id}/one-offs`, { token: host.token, status: 201, body: { kind: "busy", start: "2026-03-06T12:00:00Z", end: "2026-03-06T16:00:00Z" } });
	await colleagues(site);
	return { ...host, types, schedule_id };
}

async function colleagues(site) {
	for (const [username, first_name, zone] of [["grace", "Grace", "America/New_York"], ["alan", "Alan", "Europe/London"]])
		await site.register(username, { first_name, last_name: "", time_zone: zone });
}

/** A page of the dashboard's browser, logged in; its clock is the server's. */
export async function enter(site, host, options) {
	const page = await open(site, options);
	page.setDefaultTimeout(20000);
	await page.clock.setFixedTime(new Date(options?.now ?? MONDAY));
	await page.goto("/log-in");
	await page.fill("#email", host.email);
	await page.fill("#password", PASSWORD);
	await page.getByRole("button", { name: "Log in", exact: true }).click();
	await page.waitForURL(/\/app$/);
	await ready(page);
	return page;
}

/** Until nothing loads any more. */
export async function ready(page) {
	await page.waitForSelector(".page h1, .page h2");
	await quiet(page);
	await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
}

export async function visit(page, path) {
	await page.goto(path);
	try {
		await ready(page);
	} catch (error) {
		throw new Error(`${path} is not ready: ${(await page.locator("body").innerText()).slice(0, 300)} ${page.wrong.join(" | ")}`, { cause: error });
	}
}
