import { useTitle } from "../state/route";

export default function Missing(_: { item: string }) {
	useTitle("Not found");
	return (
		<>
			<h1 tabIndex={-1}>There is nothing here</h1>
			<p>The address may be mistyped, or what was here is gone. <a href="/app">To today</a></p>
		</>
	);
}
