// From and to: two times of day, what is wrong with them, and whether they reach into the next day.
import { useId, useState } from "preact/hooks";
import { endsNextDay, type Hours, timeOf } from "../time/week";

function TimeInput({ label, value, set, wrong, describe }: { label: string; value: string; set: (v: string) => void; wrong: boolean; describe: string | undefined }) {
	const [typed, setTyped] = useState<string>();
	const leave = () => {
		if (typed !== undefined) set(timeOf(typed));
		setTyped(undefined);
	};
	return (
		<input class="time number" type="text" inputMode="numeric" size={5} maxLength={5} aria-label={label} aria-invalid={wrong || undefined}
			aria-describedby={describe} placeholder="09:30" value={typed ?? value} onInput={(e) => setTyped(e.currentTarget.value)} onBlur={leave}
			onKeyDown={(e) => e.key === "Enter" && leave()} />
	);
}

export function HoursRow({ label, hours, set, error, children }: {
	label: string; hours: Hours; set: (h: Hours) => void; error?: string | undefined; children?: preact.ComponentChildren;
}) {
	const id = useId();
	return (
		<>
			<div class="hours">
				<TimeInput label={`${label}, from`} value={hours.start} wrong={Boolean(error)} describe={error && id} set={(start) => set({ ...hours, start })} />
				<span aria-hidden="true">–</span>
				<TimeInput label={`${label}, to`} value={hours.end} wrong={Boolean(error)} describe={error && id} set={(end) => set({ ...hours, end: end === "00:00" ? "24:00" : end })} />
				{endsNextDay(hours) && hours.start !== hours.end && <span class="small">next day</span>}
				{children}
			</div>
			{error && <p class="error" id={id}>{error}</p>}
		</>
	);
}
