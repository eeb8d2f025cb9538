import { Empty } from "../parts/state";
import { useTitle } from "../state/route";

export default function Missing(_: { item: string }) {
	useTitle("Not found");
	return (
		<Empty title="There is nothing here">
			<p><a href="/app">To today</a></p>
		</Empty>
	);
}
