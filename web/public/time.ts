// Pure: wall clock texts as the server sends them.

/** "09:30" as the reader's clock shows it. */
export function clockText(time: string, twelve: boolean): string {
	if (!twelve) return time;
	const hour = Number(time.slice(0, 2));
	return `${hour % 12 || 12}${time.slice(2)} ${hour < 12 ? "am" : "pm"}`;
}

export function partOf(time: string): "morning" | "afternoon" | "evening" {
	const hour = Number(time.slice(0, 2));
	return hour < 12 ? "morning" : hour < 17 ? "afternoon" : "evening";
}

/** The instant of a date and "09:30+01:00", as the server takes it: 2026-12-01T08:30:00Z. */
export function startOf(date: string, time: string): string {
	const zone = time.slice(5);
	return new Date(`${date}T${time.slice(0, 5)}:00${zone}`).toISOString().replace(".000", "");
}

/** 9:05 of minutes and seconds. */
export function leftText(seconds: number): string {
	return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
