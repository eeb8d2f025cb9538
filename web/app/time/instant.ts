// From a wall clock to the instant.  Pure.
import { offsetOf } from "./format";

/** The instant at which a zone's clock shows a date and "HH:MM" (24:00 is the next midnight): the earlier where it
 * shows it twice; where it never does, the time is read with the offset before the gap. */
export function instantOf(date: string, time: string, zone: string): string {
	const wall = Date.parse(`${date}T00:00:00Z`) + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))) * 60000;
	const before = offsetOf(wall - 86400000, zone) * 1000, after = offsetOf(wall + 86400000, zone) * 1000;
	const fits = [before, after].map((offset) => wall - offset).filter((at) => at + offsetOf(at, zone) * 1000 === wall);
	const at = fits.length > 0 ? Math.min(...fits) : wall - before;
	return new Date(at).toISOString().replace(".000", "");
}
