/** One call being watched: socket messages and the first picture over HTTP, put together. No React. */
import { createStore } from "zustand/vanilla";
import { api } from "../api/client";
import { ApiError } from "../api/errors";
import type { CallSnapshot } from "../api/types";
import { type Link, socket } from "../socket";
import { type CallMessage, fromSnapshot, hearMessage, nothingYet, type Watched } from "./watch";

export interface CallView {
  watched: Watched;
  link: Link;
  error: ApiError | null;
  /** when something was last heard from the server, by this machine's clock */
  heardAt: number;
  /** this machine's clock minus the server's, in milliseconds; 0 while nobody knows better */
  skew: number;
}

const GAP_PATIENCE = 4000;
const SKEW_TOLD = 2000; // below this, clocks agree: the difference is the way the message took

export function watchCall(id: string) {
  const store = createStore<CallView>(() => ({
    watched: nothingYet,
    link: socket.link,
    error: null,
    heardAt: Date.now(),
    skew: 0,
  }));
  const topic = `call:${id}`;
  let askedFrom = -1;
  let gapTimer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  const load = async () => {
    try {
      const snapshot = await api.get<CallSnapshot>(`/calls/${id}`);
      if (over) return;
      const before = store.getState().watched;
      store.setState({ watched: fromSnapshot(snapshot, before), error: null, heardAt: Date.now() });
    } catch (error) {
      if (!over && error instanceof ApiError) store.setState({ error });
    }
  };

  const hear = (message: CallMessage) => {
    const before = store.getState();
    const watched = hearMessage(before.watched, message);
    const heardAt = Date.now();
    const skew = message.event ? skewBy(before.skew, heardAt - Date.parse(message.event.at)) : before.skew;
    store.setState({ watched, heardAt, skew, error: watched.version ? null : before.error });
    if (!watched.gap) {
      clearTimeout(gapTimer);
      return;
    }
    if (askedFrom === watched.seq) return;
    // Missing numbers are asked for once; if they do not come, the whole picture is.
    askedFrom = watched.seq;
    socket.catchUp(topic, watched.seq);
    clearTimeout(gapTimer);
    gapTimer = setTimeout(() => void load(), GAP_PATIENCE);
  };

  const unsubscribe = socket.subscribe(topic, (message) => hear(message as unknown as CallMessage));
  const unwatch = socket.watch((link) => store.setState({ link }));
  void load();

  return {
    store,
    reload: load,
    stop: () => {
      over = true;
      clearTimeout(gapTimer);
      unsubscribe();
      unwatch();
    },
  };
}

/** The smallest difference seen is nearest to the clocks' own: the rest is the way. */
function skewBy(known: number, seen: number): number {
  if (Math.abs(seen) < SKEW_TOLD) return 0;
  return known === 0 ? seen : Math.min(known, seen);
}
