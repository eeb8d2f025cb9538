// Where one is logged in, each log-in with a way to end it.
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { endSession, listSessions, type Session } from "../state/account";
import { useLoad } from "../state/load";
import { momentText } from "../time/moment";
import { Failed, Ready } from "./state";
import { done } from "./undo";

const BROWSERS = [[/Edg\//, "Edge"], [/OPR\//, "Opera"], [/Firefox\//, "Firefox"], [/Chrome\//, "Chrome"], [/Safari\//, "Safari"], [/curl\//, "curl"]] as const;
const SYSTEMS = [[/iPhone|iPad/, "iOS"], [/Android/, "Android"], [/Windows/, "Windows"], [/Mac OS X/, "macOS"], [/Linux/, "Linux"]] as const;

/** "Firefox on Linux" of what a browser says about itself. */
export function agentText(agent: string | null): string {
	if (!agent) return "An unnamed program";
	const browser = BROWSERS.find(([sign]) => sign.test(agent))?.[1];
	const system = SYSTEMS.find(([sign]) => sign.test(agent))?.[1];
	if (!browser) return agent.slice(0, 60);
	return system ? `${browser} on ${system}` : browser;
}

function Row({ session, zone, end }: { session: Session; zone: string; end: () => void }) {
	const name = agentText(session.user_agent);
	return (
		<li>
			<div class="main">
				<p><b>{name}</b> {session.current && <span class="tag">this one</span>}</p>
				<p class="small number">Logged in {momentText(session.created_at, zone)}; last used {momentText(session.last_used_at, zone)}</p>
			</div>
			{!session.current && <button type="button" class="button" onClick={end}>End<span class="quiet"> {name}, since {momentText(session.created_at, zone)}</span></button>}
		</li>
	);
}

export function Sessions({ zone }: { zone: string }) {
	const loaded = useLoad("sessions", listSessions);
	const [failure, setFailure] = useState<Failure>();
	const end = async (session: Session) => {
		setFailure(undefined);
		loaded.set((old) => old?.filter((s) => s.id !== session.id));
		try {
			await endSession(session.id);
			done(`${agentText(session.user_agent)} is logged out`);
		} catch (e) {
			setFailure(e instanceof Failure ? e : undefined);
			await loaded.reload();
		}
	};
	return (
		<section aria-labelledby="sessions">
			<h2 id="sessions">Where you are logged in</h2>
			{failure && <Failed failure={failure} />}
			<Ready of={loaded} lines={2}>
				{(list) => <ul class="rows">{[...list].sort((a, b) => Number(b.current) - Number(a.current) || b.last_used_at.localeCompare(a.last_used_at)).map((s) => <Row key={s.id} session={s} zone={zone} end={() => void end(s)} />)}</ul>}
			</Ready>
		</section>
	);
}
