// Data of a page: loading, there, or failed; with a way to set it at once (optimistic) and to fetch it anew.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../api";

export type Loaded<T> = {
	data: T | undefined;
	failure: Failure | undefined;
	reload: () => Promise<void>;
	set: (change: (old: T | undefined) => T | undefined) => void;
};

/** Fetches when `key` changes.  Answers that come after a newer question are dropped. */
export function useLoad<T>(key: string, fetcher: () => Promise<T>): Loaded<T> {
	const [state, setState] = useState<{ data?: T | undefined; failure?: Failure | undefined }>({});
	const turn = useRef(0);
	const latest = useRef(fetcher);
	latest.current = fetcher;
	const reload = useCallback(async () => {
		const mine = ++turn.current;
		try {
			const data = await latest.current();
			if (mine === turn.current) setState({ data });
		} catch (e) {
			const failure = e instanceof Failure ? e : new Failure(0, undefined);
			if (mine === turn.current) setState((old) => ({ data: old.data, failure }));
		}
	}, []);
	useEffect(() => {
		setState({});
		void reload();
	}, [key]);
	const set = useCallback((change: (old: T | undefined) => T | undefined) => setState((old) => ({ data: change(old.data) })), []);
	return { data: state.data, failure: state.failure, reload, set };
}

export type Saving = {
	busy: boolean;
	failure: Failure | undefined;
	/** Runs it; true when it worked.  A failure is kept for the form, which keeps what was typed. */
	save: (work: () => Promise<unknown>) => Promise<boolean>;
	clear: () => void;
};

export function useSaving(): Saving {
	const [state, setState] = useState<{ busy: boolean; failure?: Failure | undefined }>({ busy: false });
	const save = useCallback(async (work: () => Promise<unknown>) => {
		setState({ busy: true });
		try {
			await work();
			setState({ busy: false });
			return true;
		} catch (e) {
			setState({ busy: false, failure: e instanceof Failure ? e : new Failure(0, undefined) });
			return false;
		}
	}, []);
	return { busy: state.busy, failure: state.failure, save, clear: useCallback(() => setState({ busy: false }), []) };
}
