import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { ApiError } from "../api/errors";
import type { Link } from "../socket";
import { type CallView, watchCall } from "./callWatch";
import { type Story, tell } from "./story";
import { nothingYet, type Watched } from "./watch";

export interface LiveCall {
  watched: Watched;
  story: Story;
  link: Link;
  error: ApiError | null;
  /** Nothing here is known to be true at this moment: no running clock, no "live". */
  stale: boolean;
  heardAt: number;
  /** the server's clock, standing still while stale or over */
  now: number;
  reload: () => void;
}

const nobody = createStore<CallView>(() => ({
  watched: nothingYet,
  link: "connecting",
  error: null,
  heardAt: 0,
  skew: 0,
}));

/** A call as it is now, and its story. `id` null: none yet. */
export function useCall(id: string | null): LiveCall {
  const [watch, setWatch] = useState<ReturnType<typeof watchCall> | null>(null);
  useEffect(() => {
    if (!id) return;
    const begun = watchCall(id);
    setWatch(begun);
    return () => {
      begun.stop();
      setWatch(null);
    };
  }, [id]);
  const view = useStore(watch?.store ?? nobody);
  const { watched, link, error, heardAt, skew } = view;
  const story = useMemo(() => tell(watched.events), [watched.events]);
  const ended = story.ended !== null || watched.call?.state === "ended";
  const stale = !ended && (link !== "open" || watched.gap);
  const clock = useClock(!ended && !stale && watched.version !== null);
  const last = watched.events.at(-1);
  const now = Math.max((stale ? heardAt : clock) - skew, last ? Date.parse(last.at) : 0);
  return { watched, story, link, error, stale, heardAt, now, reload: () => void watch?.reload() };
}

/** This machine's clock, four times a second while it runs. */
export function useClock(runs: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!runs) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}
