/** Where to look first: all of the plan if it can be read so, else the row of cards the call is in, or was last. */
import type { ReactFlowInstance } from "@xyflow/react";
import type { CardNode, WireEdge } from "../canvas/drawn";
import type { Story } from "./story";

const READABLE = 0.55; // below this zoom a card's words are too small

export function frame(flow: ReactFlowInstance<CardNode, WireEdge>, story: Story): void {
  if (flow.getZoom() >= READABLE) return;
  const last = story.current ?? story.visits.at(-1)?.applet;
  const here = last === undefined ? undefined : flow.getNode(last);
  if (!here) return;
  const nodes = flow.getNodes();
  const left = Math.min(...nodes.map((node) => node.position.x));
  const right = Math.max(...nodes.map((node) => node.position.x + (node.width ?? 0)));
  const fits = right - left < innerWidth / READABLE;
  const x = fits ? (left + right) / 2 : here.position.x + (here.width ?? 0) / 2;
  void flow.setCenter(x, here.position.y + (here.height ?? 0) / 2, { zoom: READABLE });
}
