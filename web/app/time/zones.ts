// Zones as the server means them: a browser's own rules are as old as the browser.  Of a zone that was not learned, and
// of times beyond what was, the browser's rules hold.
export type Offset = { from: string; to: string; offset_minutes: number };

const learned = new Map<string, { from: number; to: number; seconds: number }[]>();

export function learn(zone: string, offsets: readonly Offset[]): void {
	learned.set(zone, offsets.map((it) => ({ from: Date.parse(it.from), to: Date.parse(it.to), seconds: it.offset_minutes * 60 })));
}

/** Seconds east of UTC, where the server told. */
export function learnedOffset(at: number, zone: string): number | undefined {
	return learned.get(zone)?.find((it) => it.from <= at && at < it.to)?.seconds;
}
