// The dashboard: one shell, a page for each address.  Pages are fetched when they are first opened.
import "./app.css";
import { type ComponentChildren, render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import { Shell } from "./parts/shell";
import { Failed, Guarded, Skeleton } from "./parts/state";
import { Undo } from "./parts/undo";
import { useLoad } from "./state/load";
import { loadMe } from "./state/me";
import { useRoute } from "./state/route";

const PAGES = {
	"": lazy(() => import("./pages/today")),
	bookings: lazy(() => import("./pages/bookings")),
	webhooks: lazy(() => import("./pages/webhooks")),
	people: lazy(() => import("./pages/people")),
	calendar: lazy(() => import("./pages/calendar")),
	jobs: lazy(() => import("./pages/jobs")),
	account: lazy(() => import("./pages/account")),
	"event-types": lazy(() => import("./pages/event_types")),
	messages: lazy(() => import("./pages/messages")),
	availability: lazy(() => import("./pages/availability")),
} as const;

const Missing = lazy(() => import("./pages/missing"));

/** After a change of address the focus goes where the eye goes: to the page's heading, once it is there. */
function useHeading(address: string): void {
	const first = useRef(true);
	useEffect(() => {
		if (first.current) return void (first.current = false);
		const before = document.activeElement;
		let frames = 300, frame = 0;
		const look = () => {
			const now = document.activeElement;
			if ((now !== before && now !== document.body) || !frames--) return;
			const heading = document.querySelector<HTMLElement>(".page h1");
			if (heading) heading.focus({ preventScroll: true });
			else frame = requestAnimationFrame(look);
		};
		frame = requestAnimationFrame(look);
		return () => cancelAnimationFrame(frame);
	}, [address]);
}

/** The pages begin at once, but without knowing whose they are none gets far. */
function Known({ children }: { children: ComponentChildren }) {
	const me = useLoad("me", loadMe);
	return me.failure ? <Failed failure={me.failure} again={() => void me.reload()} /> : <>{children}</>;
}

function App() {
	const route = useRoute();
	useHeading(`${route.page}/${route.item}`);
	const Page = PAGES[route.page as keyof typeof PAGES] ?? Missing;
	return (
		<Shell page={route.page}>
			<Guarded key={route.page}>
				<Known>
					<Suspense fallback={<Skeleton lines={6} />}>
						<Page key={route.page} item={route.item} />
					</Suspense>
				</Known>
			</Guarded>
			<Undo />
		</Shell>
	);
}

const root = document.getElementById("app");
if (root) render(<App />, root);
