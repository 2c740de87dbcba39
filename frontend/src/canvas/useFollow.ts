import type { ReactFlowInstance } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { type CardNode, type Drawn, rectOf, type WireEdge } from "./drawn";
import type { LiveState, LiveStore } from "./live";

/** Keeps the applet the call is in, in view: moves the canvas only when it would be outside. */
export function useFollow(
  flow: ReactFlowInstance<CardNode, WireEdge>,
  drawn: Drawn,
  live: LiveStore | undefined,
  follow: boolean,
): void {
  const cards = useRef(drawn);
  cards.current = drawn;
  useEffect(() => {
    if (!live || !follow) return;
    let last: string | null = null;
    const look = (state: LiveState) => {
      const key = Object.keys(state.applets).find((name) => state.applets[name]?.state === "here") ?? null;
      if (key === last) return;
      last = key;
      const node = key ? cards.current.byKey.get(key) : undefined;
      const frame = document.querySelector(".board .react-flow");
      if (!node || !frame) return;
      const rect = rectOf(node);
      const { x, y, zoom } = flow.getViewport();
      const { clientWidth, clientHeight } = frame;
      const [left, top] = [rect.x * zoom + x, rect.y * zoom + y];
      const visible =
        left >= 8 && top >= 8 && left + rect.w * zoom <= clientWidth - 8 && top + rect.h * zoom <= clientHeight - 8;
      if (visible) return;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      void flow.setCenter(rect.x + rect.w / 2, rect.y + rect.h / 2, { zoom, duration: calm ? 0 : 200 });
    };
    look(live.getState());
    return live.subscribe(look);
  }, [flow, live, follow]);
}
