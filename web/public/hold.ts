// How long the chosen time is kept.  Said aloud by the minute, not by the second.
import { leftText } from "./time";

export function watchHold(): void {
	const line = document.getElementById("hold");
	const seconds = Number(line?.dataset["seconds"]);
	if (!line || !seconds) return;
	const end = performance.now() + seconds * 1000;
	line.setAttribute("role", "timer");
	const show = (): void => {
		const left = Math.max(0, (end - performance.now()) / 1000);
		if (left > 0) {
			line.textContent = (line.dataset["left"] ?? "") + leftText(left);
			setTimeout(show, 1000 - ((performance.now() - end) % 1000));
		} else {
			line.setAttribute("role", "status");
			line.textContent = line.dataset["over"] ?? "";
		}
	};
	show();
}
