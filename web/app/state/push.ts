// Web push on this device: what the browser allows, what the server knows, and switching it on and off.
import { ask, client, type Schemas } from "../api";

export type Device = Schemas["PushSubscription"];
/** home: this browser can only once the dashboard is on the home screen (iOS). */
export type PushState = "unsupported" | "home" | "denied" | "off" | "on";
export type Push = { state: PushState; devices: Device[] };

const SCOPE = "/app/";

function able(): PushState | undefined {
	if (window.isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) return undefined;
	return /iPhone|iPad/.test(navigator.userAgent) ? "home" : "unsupported";
}

async function subscriptionNow(): Promise<PushSubscription | null> {
	const registration = await navigator.serviceWorker.getRegistration(SCOPE);
	return await registration?.pushManager.getSubscription() ?? null;
}

export async function readPush(): Promise<Push> {
	const { items: devices } = await ask(client.GET("/v1/push-subscriptions"));
	const cannot = able() ?? (Notification.permission === "denied" ? "denied" : undefined);
	if (cannot) return { state: cannot, devices };
	const here = await subscriptionNow() && Notification.permission === "granted" && devices.some((d) => d.current);
	return { state: here ? "on" : "off", devices };
}

/** The worker, once it runs: before, a browser does not subscribe. */
async function worker(): Promise<ServiceWorkerRegistration> {
	const registration = await navigator.serviceWorker.register("/app/sw.js", { scope: SCOPE });
	const coming = registration.installing ?? registration.waiting;
	if (!registration.active && coming)
		await new Promise<void>((resolve) => coming.addEventListener("statechange", () => registration.active && resolve()));
	return registration;
}

function sameKey(have: ArrayBuffer | null | undefined, wanted: string): boolean {
	const text = String.fromCharCode(...new Uint8Array(have ?? new ArrayBuffer(0)));
	return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") === wanted;
}

/** To be called by a click: the browser may ask.  The state after it. */
export async function switchOn(): Promise<PushState> {
	if (await Notification.requestPermission() !== "granted") return Notification.permission === "denied" ? "denied" : "off";
	const { key } = await ask(client.GET("/v1/push/key"));
	const { pushManager } = await worker();
	const old = await pushManager.getSubscription();
	if (old && !sameKey(old.options.applicationServerKey, key)) await old.unsubscribe();
	const subscription = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
	const { endpoint, keys } = subscription.toJSON();
	await ask(client.POST("/v1/push-subscriptions", { body: { endpoint: endpoint ?? "", keys: { p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" } } }));
	return "on";
}

export function removeDevice(id: string): Promise<unknown> {
	return ask(client.DELETE("/v1/push-subscriptions/{id}", { params: { path: { id } } }));
}

export async function switchOff(devices: readonly Device[]): Promise<void> {
	for (const device of devices.filter((d) => d.current)) await removeDevice(device.id);
	await (await subscriptionNow())?.unsubscribe();
}
