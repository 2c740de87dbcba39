/** What a call does, beside the drawing: a store keyed by applet and wire, so that a step redraws two cards, not all. */
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";

export interface LiveMark {
  /** here: the call is in this applet now; failed: it left by a failure, or broke */
  state: "here" | "passed" | "failed";
  /** how long it took, in words: "3.4 s" */
  badge?: string;
  visits?: number;
}

export interface LiveState {
  on: boolean;
  applets: Record<string, LiveMark>;
  /** by wireId */
  wires: Record<string, "taken">;
}

export type LiveStore = StoreApi<LiveState>;

export const noLive: LiveState = { on: false, applets: {}, wires: {} };

export const createLiveStore = (): LiveStore => createStore<LiveState>(() => noLive);

const waiting = new WeakMap<LiveStore, Partial<LiveState>>();

/** Sets the picture, or parts of it; several calls within one frame are one update. Same marks keep their identity. */
export function setLive(store: LiveStore, part: Partial<LiveState>): void {
  const first = !waiting.has(store);
  waiting.set(store, { ...waiting.get(store), ...part });
  if (!first) return;
  nextFrame(() => {
    const next = waiting.get(store);
    waiting.delete(store);
    if (!next) return;
    const now = store.getState();
    if (next.applets) next.applets = keepSame(now.applets, next.applets);
    store.setState(next);
  });
}

export const clearLive = (store: LiveStore): void => setLive(store, noLive);

function keepSame(now: Record<string, LiveMark>, next: Record<string, LiveMark>): Record<string, LiveMark> {
  return Object.fromEntries(
    Object.entries(next).map(([key, mark]) => {
      const old = now[key];
      const same = old && old.state === mark.state && old.badge === mark.badge && old.visits === mark.visits;
      return [key, same ? old : mark];
    }),
  );
}

// A hidden page gets no frames; what happens meanwhile must be there when it is shown again.
function nextFrame(run: () => void): void {
  if (typeof requestAnimationFrame === "undefined" || document.hidden) setTimeout(run, 16);
  else requestAnimationFrame(run);
}

const still = createLiveStore();

export const useLiveMark = (store: LiveStore | undefined, key: string): LiveMark | undefined =>
  useStore(store ?? still, (state) => state.applets[key]);

export const useLiveWire = (store: LiveStore | undefined, wire: string): boolean =>
  useStore(store ?? still, (state) => state.wires[wire] !== undefined);

export const useLiveOn = (store: LiveStore | undefined): boolean => useStore(store ?? still, (state) => state.on);
