// One instant in a line: the day and the time in a zone.
import { dayText, wallClock } from "./format";

export function momentText(at: string, zone: string): string {
	return `${dayText(at, zone)}, ${wallClock(at, zone).time}`;
}
