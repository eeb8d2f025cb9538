// The service worker at /app/sw.js: shows what the server pushes (src/jobs/booking_push.c) and opens what it is about.
// It keeps nothing and answers no requests.
declare const self: ServiceWorkerGlobalScope;

type Notice = { title: string; body: string; url: string; tag: string; lang: string };

/** What came, or something to show all the same: browsers end subscriptions that stay silent. */
function noticeOf(data: PushMessageData | null): Notice {
	try {
		const { title, body, url, tag, lang } = data?.json() as Record<keyof Notice, unknown>;
		return { title: String(title), body: String(body), url: String(url), tag: String(tag), lang: String(lang) };
	} catch {
		return { title: "Noonmark", body: "", url: "/app", tag: "", lang: "en" };
	}
}

async function show(notice: Notice): Promise<void> {
	const url = /^\/app(\/|$)/.test(notice.url) ? notice.url : "/app";
	// what takes the place of an earlier one is news all the same: without renotify it comes without a sound
	const options: NotificationOptions & { renotify: boolean } = { body: notice.body, tag: notice.tag, renotify: notice.tag !== "", lang: notice.lang, dir: "auto", icon: "/favicon.svg", data: url };
	await self.registration.showNotification(notice.title, options);
}

async function visit(url: string): Promise<void> {
	const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
	const there = windows.find((w) => new URL(w.url).pathname === url);
	await (there ? there.focus() : self.clients.openWindow(url));
}

/** The browser has a new address for us, or none: tell the server, as long as somebody is logged in. */
async function renew(fresh: PushSubscription | null): Promise<void> {
	const { key } = await (await fetch("/v1/push/key")).json() as { key: string };
	const subscription = fresh ?? await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
	const answer = await fetch("/v1/push-subscriptions", {
		method: "POST",
		headers: { "Content-Type": "application/json" },
		body: JSON.stringify(subscription),
	});
	if (!answer.ok) await subscription.unsubscribe();
}

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("push", (e) => e.waitUntil(show(noticeOf(e.data))));
self.addEventListener("notificationclick", (e) => {
	e.notification.close();
	e.waitUntil(visit(e.notification.data as string));
});
self.addEventListener("pushsubscriptionchange", (e) => {
	const change = e as ExtendableEvent & { newSubscription?: PushSubscription | null };
	change.waitUntil(renew(change.newSubscription ?? null));
});

export {};
