// The real server and a real browser for tests of the pages.
//
//     import { Site, check, run } from "./lib.mjs";
//     run({ async "a test"(browser) { await using site … } });
//
// The binary is NOONMARK_BINARY or build/gcc/noonmark; arguments name the tests to run.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(join(ROOT, "web/package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const BINARY = process.env.NOONMARK_BINARY ?? join(ROOT, "build/gcc/noonmark");
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync"];
export const MONDAY = "2026-03-02T08:00:00Z";
export const PASSWORD = "correct horse battery";

const PATIENCE = 60000; // milliseconds until what must come has: waiting costs nothing where it comes
let browser; // one for all tests of a program, with a user-data folder of its own; each page has its own cookies and cache
const opened = new Set();
const tally = { passed: 0, failed: 0, name: "" };

/** Counts a fact; a test goes on after a failed one. */
export function check(holds, what) {
	if (holds) tally.passed++;
	else {
		tally.failed++;
		console.log(`FAILED ${tally.name}: ${what}`);
	}
}

export function same(got, wanted, what) {
	check(got === wanted, `${what}: ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
}

/** What `ask` gives once it is something: for what is on its way. */
export async function until(what, ask) {
	for (const late = Date.now() + PATIENCE;;) {
		const found = await ask();
		if (found) return found;
		if (Date.now() > late) throw new Error(`${what}: not within ${PATIENCE / 1000} s`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** As same(), or as check() by a function, of what a page shows: it may be on its way still, or come part by part. */
export async function shows(ask, wanted, what) {
	const fits = typeof wanted === "function" ? wanted : (it) => it === wanted;
	const late = Date.now() + PATIENCE;
	let got;
	do {
		got = await ask().catch((error) => {
			if (!error.message.includes("context was destroyed")) throw error; // the page is left just now
		});
		if (fits(got)) return check(true, what);
		await new Promise((resolve) => setTimeout(resolve, 50));
	} while (Date.now() < late);
	check(false, `${what}: ${JSON.stringify(got)}${typeof wanted === "function" ? "" : `, not ${JSON.stringify(wanted)}`}`);
}

/** The same of an element's text: all of it, or a part of it by a function. */
export function reads(page, selector, wanted, what) {
	return shows(() => page.locator(selector).first().innerText(), wanted, what);
}

export const has = (part) => (it) => it !== undefined && it.includes(part);
export const begins = (part) => (it) => it !== undefined && it.startsWith(part);

/** On the PostgreSQL that tests/run.py has made, where it has: a new database's settings. */
function databaseOf(folder) {
	const cluster = process.env.NOONMARK_TEST_CLUSTER;
	if (!cluster) return {};
	const name = `web_${folder.split("-").at(-1)}`;
	execFileSync("/usr/lib/postgresql/15/bin/createdb", ["-h", cluster, "-U", "postgres", "-T", "template0", name]); // of a template that nobody can be in
	return { NOONMARK_DATABASE: `postgresql://postgres@/${name}?host=${cluster}` };
}

/** One server with a database of its own and a clock that stands still. */
export class Site {
	static async open({ now = MONDAY, plan = "paid", settings = {} } = {}) {
		const site = new Site();
		site.folder = mkdtempSync(join(tmpdir(), "noonmark-web-"));
		site.clock = join(site.folder, "clock");
		site.setClock(now);
		site.database = databaseOf(site.folder);
		site.process = spawn(BINARY, ["serve"], {
			env: { PATH: process.env.PATH, NOONMARK_LISTEN: "127.0.0.1:0", NOONMARK_METRICS_LISTEN: "", NOONMARK_DATA: join(site.folder, "data"),
				NOONMARK_RATE_LIMITS: "off", NOONMARK_LOG_REQUESTS: "off", NOONMARK_DEFAULT_PLAN: plan, NOONMARK_CLOCK: site.clock,
				...site.database, ...settings },
			stdio: ["ignore", "pipe", "pipe"],
		});
		site.log = "";
		site.process.stderr.on("data", (bytes) => (site.log += bytes));
		site.url = await new Promise((resolve, reject) => {
			site.process.stdout.on("data", (bytes) => {
				const ready = /ready at (\S+)/.exec(String(bytes));
				if (ready) resolve(ready[1]);
			});
			site.process.on("exit", () => reject(new Error(`the server ended: ${site.log}`)));
		});
		return site;
	}

	/** One statement in its database, whichever that is; blob: how it writes bytes, given in hexadecimal. */
	sql(text) {
		const { NOONMARK_DATABASE: url } = this.database;
		if (url) execFileSync("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", text, url]);
		else execFileSync("sqlite3", ["-cmd", ".timeout 60000", join(this.folder, "data/noonmark.db"), text]);
	}

	blob(hexadecimal) {
		return this.database.NOONMARK_DATABASE ? `'\\x${hexadecimal}'::bytea` : `x'${hexadecimal}'`;
	}

	/** The file appears whole: where the server finds none, it takes the real time. */
	setClock(text) {
		writeFileSync(`${this.clock}.new`, text);
		renameSync(`${this.clock}.new`, this.clock);
	}

	async close() {
		if (this.process.exitCode === null && this.process.signalCode === null) {
			const ended = new Promise((resolve) => this.process.on("exit", resolve));
			this.process.kill("SIGTERM");
			await ended;
		}
		rmSync(this.folder, { recursive: true, force: true });
	}

	async api(method, path, { body, token, status } = {}) {
		const answer = await fetch(this.url + path, {
			method,
			headers: { ...(body ? { "Content-Type": "application/json" } : {}), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
			body: body ? JSON.stringify(body) : undefined,
		});
		const text = await answer.text();
		if (status && answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
		return text ? JSON.parse(text) : {};
	}

	/** Every mail so far, the newest last, without soft line ends. */
	mails() {
		const folder = join(this.folder, "data/mail");
		let files = [];
		try {
			files = readdirSync(folder).filter((name) => name.endsWith(".eml")).map((name) => join(folder, name));
		} catch {
			return []; // no mail yet
		}
		const times = new Map(files.map((file) => [file, statSync(file, { bigint: true }).mtimeNs]));
		return files.sort((a, b) => Number(times.get(a) - times.get(b))).map((file) => readFileSync(file, "utf8").replace(/=\r?\n/g, ""));
	}

	/** The mails with a text, by a string or an expression, waited for. */
	mailsWith(part, count = 1, address = "") {
		return until(`${count} mails with ${part}`, () => {
			const found = this.mails().filter((mail) => mail.includes(address) && (part instanceof RegExp ? part.test(mail) : mail.includes(part)));
			return found.length >= count && found;
		});
	}

	/** The code in the newest mail to an address that came after `seen` were there. */
	async code(address, seen = 0) {
		const found = await this.mailsWith(/^Subject: .*\b\d{6}\b/m, seen + 1, address);
		return /^Subject: .*\b(\d{6})\b/m.exec(found.at(-1))[1];
	}

	/** The path of the first link in a mail with an address: to a page of guests, "g", or of a host's answer, "a". */
	async path(page, address) {
		const link = new RegExp(`/${page}/[\\w-]+`);
		return link.exec((await this.mailsWith(link, 1, address))[0])[0];
	}

	async register(username, { time_zone = "Europe/Berlin", first_name = "Ada", last_name = "Lovelace" } = {}) {
		const email = `${username}@example.org`;
		await this.api("POST", "/v1/accounts", { body: { email, password: PASSWORD, username, first_name, last_name, time_zone }, status: 202 });
		const made = await this.api("POST", "/v1/accounts/verify", { body: { email, code: await this.code(email) }, status: 200 });
		return { email, token: made.access_token, username };
	}

	/** An event type with everything that a page can ask. */
	async rich(host) {
		const schedules = await this.api("GET", "/v1/schedules", { token: host.token, status: 200 });
		return this.api("POST", "/v1/event-types", { token: host.token, status: 201, body: {
			code: "mentoring", title: "Mentoring", description: "An hour about your plans.\nBring a question.",
			schedule_id: schedules.items[0].id,
			durations: [{ minutes: 30 }, { minutes: 60, price: { amount: 4950, currency: "EUR" } }],
			locations: [{ kind: "link", value: "https://meet.example.org/ada", label: "Video call" }, { kind: "in_person", value: "St James’s Square 12" }],
			questions: [
				{ label: "What is it about?", kind: "text", required: true },
				{ label: "How did you find me?", kind: "choice", choices: ["A friend", "The web"] },
				{ label: "You may record", kind: "checkbox" },
			],
		} });
	}
}

/** A browser page with cookies of its own, which notes what goes wrong in it. */
export async function open(site, { width = 1280, height = 900, dark = false, script = true, zone = "Europe/Berlin", locale = "en-GB" } = {}) {
	browser ??= await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS, headless: true });
	const context = await browser.newContext({
		viewport: { width, height }, colorScheme: dark ? "dark" : "light", javaScriptEnabled: script, timezoneId: zone, locale,
		baseURL: site.url, reducedMotion: "reduce",
	});
	const page = await context.newPage();
	page.setDefaultTimeout(PATIENCE);
	opened.add(context);
	page.wrong = [];
	page.waiting = new Set();
	page.on("pageerror", (error) => page.wrong.push(String(error)));
	page.on("console", (message) => {
		// a refused form answers 4xx, which browsers log as an error of loading
		if (message.type() === "error" && !/Failed to load resource.*(4\d\d)/.test(message.text())) page.wrong.push(message.text());
	});
	page.on("request", (request) => {
		if (request.isNavigationRequest()) page.leaving = request;
		if (!request.url().endsWith("/favicon.svg")) page.waiting.add(request); // the browser's own wish, which it may drop
		if (!request.url().startsWith(site.url) && !request.url().startsWith("data:")) page.wrong.push(`asks another host: ${request.url()}`);
	});
	page.on("framenavigated", (frame) => {
		if (!page.leaving || frame !== page.mainFrame()) return;
		// what the page before asked for, until it was gone, ends without a word
		for (const request of page.waiting) if (request !== page.leaving) page.waiting.delete(request);
		page.leaving = null;
	});
	for (const end of ["requestfinished", "requestfailed"]) page.on(end, (request) => page.waiting.delete(request));
	page.close = async () => {
		check(page.wrong.length === 0, `errors in the browser: ${page.wrong.join(" | ")}`);
		await context.close();
		opened.delete(context);
	};
	return page;
}

/** Ends the browser, without which a program that opened pages does not end. */
export async function end() {
	await browser?.close();
}

/** Until every request has its answer and the page has drawn it: no fixed wait, as "networkidle" is. */
export async function quiet(page) {
	const late = Date.now() + PATIENCE;
	for (let still = 0; still < 2; still = page.waiting.size === 0 ? still + 1 : 0) {
		if (Date.now() > late) throw new Error(`no answer to ${[...page.waiting].map((it) => it.url()).join(", ")}`);
		await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
	}
}

/** What another colour scheme or width can break. */
export const LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable"];

/** axe: every violation is a failure; `only` names the rules where not all are wanted. */
export async function audit(page, name, only) {
	await page.waitForLoadState(); // all of it
	if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(AXE);
	const result = await page.evaluate((rules) => globalThis.axe.run(document,
		{ resultTypes: ["violations"], ...(rules ? { runOnly: rules } : { rules: { "target-size": { enabled: true } } }) }), only);
	const said = result.violations.map((it) => `${it.id} (${it.nodes.map((node) => node.target.join(" ")).join("; ")})`);
	check(said.length === 0, `${name}: ${said.join(" | ")}`);
}

export async function run(tests) {
	const wanted = process.argv.slice(2);
	for (const [name, test] of Object.entries(tests)) {
		if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
		tally.name = name;
		const started = performance.now();
		try {
			await test();
		} catch (error) {
			check(false, error.stack);
			for (const context of opened)
				for (const page of context.pages()) console.log(`${page.url()}: ${(await page.locator("main").innerText().catch(String)).slice(0, 400)}`);
		}
		for (const context of opened) await context.close(); // of a test that failed
		opened.clear();
		if (process.env.VERBOSE) console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
	}
	await end();
	console.log(`${tally.passed} passed, ${tally.failed} failed`);
	process.exitCode = tally.failed ? 1 : 0;
}
