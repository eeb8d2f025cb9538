// A page's states besides the good one: loading (nothing below 300 ms), failed, empty.
import { Component, type ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../api";
import type { Loaded } from "../state/load";

export function Skeleton({ lines = 4 }: { lines?: number }) {
	const [late, setLate] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => setLate(true), 300);
		return () => clearTimeout(timer);
	}, []);
	return (
		<div class="skeleton" aria-busy="true" role="status">
			<span class="quiet">{late ? "Loading" : ""}</span>
			{late && Array.from({ length: lines }, (_, i) => <div key={i} class="bone" />)}
		</div>
	);
}

export function Failed({ failure, again }: { failure: Failure | Error; again?: () => void }) {
	return (
		<div class="problem" role="alert">
			<p>{failure.message}</p>
			{again && <p class="actions"><button type="button" class="button" onClick={again}>Try again</button></p>}
		</div>
	);
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
	return (
		<div class="empty">
			<h2>{title}</h2>
			{children}
		</div>
	);
}

/** Shows data when it is there, and what is so until then. */
export function Ready<T>({ of, lines, children }: { of: Loaded<T>; lines?: number; children: (data: T) => ComponentChildren }) {
	return (
		<>
			{of.failure && <Failed failure={of.failure} again={() => void of.reload()} />}
			{of.data !== undefined ? children(of.data) : !of.failure && <Skeleton lines={lines ?? 4} />}
		</>
	);
}

/** What of a page cannot be shown: its script did not arrive, or has a fault.  Loading anew helps with the first. */
export class Guarded extends Component<{ children: ComponentChildren }, { broken: boolean }> {
	override state = { broken: false };
	override componentDidCatch(): void {
		this.setState({ broken: true });
	}
	override render() {
		if (!this.state.broken) return this.props.children;
		return (
			<div class="problem" role="alert">
				<p>This page could not be fetched whole.</p>
				<p class="actions"><button type="button" class="button" onClick={() => location.reload()}>Load it again</button></p>
			</div>
		);
	}
}
