// The dashboard: one shell, a page for each address.  Pages are fetched when they are first opened.
import "./app.css";
import { render } from "preact";
import { lazy, Suspense } from "preact/compat";
import { Shell } from "./parts/shell";
import { Skeleton } from "./parts/state";
import { Undo } from "./parts/undo";
import { useRoute } from "./state/route";

const PAGES = {
	"": lazy(() => import("./pages/today")),
	bookings: lazy(() => import("./pages/bookings")),
	people: lazy(() => import("./pages/people")),
	calendar: lazy(() => import("./pages/calendar")),
	account: lazy(() => import("./pages/account")),
	"event-types": lazy(() => import("./pages/event_types")),
	availability: lazy(() => import("./pages/availability")),
} as const;

const Missing = lazy(() => import("./pages/missing"));

function App() {
	const route = useRoute();
	const Page = PAGES[route.page as keyof typeof PAGES] ?? Missing;
	return (
		<Shell page={route.page}>
			<Suspense fallback={<Skeleton lines={6} />}>
				<Page key={route.page} item={route.item} />
			</Suspense>
			<Undo />
		</Shell>
	);
}

const root = document.getElementById("app");
if (root) render(<App />, root);
