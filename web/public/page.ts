// The public pages are complete without this: every step is a link or a form.  Here they get quicker: the reader's zone
// and clock are found, months come without a page load, days without a request, arrow keys walk the calendar.
import { watchCalendar } from "./calendar";
import { watchHold } from "./hold";
import { keepTyped } from "./typed";
import { detectZone, watchZone } from "./zone";

const booking = document.getElementById("booking");

const zoneField = document.querySelector<HTMLSelectElement>("form[data-zone] select[name=time_zone]");
if (zoneField && !zoneField.form?.querySelector("[aria-invalid]")) {
	const zone = detectZone();
	if ([...zoneField.options].some((option) => option.value === zone)) zoneField.value = zone;
}
if (booking) {
	watchCalendar(booking);
	watchZone(booking);
}
watchHold();
keepTyped();

// A form is sent once, however often it is pressed; what comes back is another page.
document.addEventListener("submit", (event) => {
	const form = event.target as HTMLFormElement;
	if (form.dataset["sent"]) event.preventDefault();
	else if (form.method === "post") form.dataset["sent"] = "1";
});
addEventListener("pageshow", () => {
	for (const form of document.forms) delete form.dataset["sent"];
});
