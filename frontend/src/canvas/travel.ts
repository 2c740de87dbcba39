/** From card to card by keyboard: along the wires, or to the nearest one in a direction. */
import { type CardNode, type Drawn, rectOf } from "./drawn";

export type Direction = "right" | "left" | "up" | "down";

export const directions: Record<string, Direction> = {
  ArrowRight: "right",
  ArrowLeft: "left",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** Right: what the first wired exit leads to. Left: what leads here. Else, and up and down: the nearest card there. */
export function neighbour(drawn: Drawn, from: string, direction: Direction): string | null {
  if (direction === "right") {
    const on = drawn.ends.find((end) => end.source === from && end.target !== from);
    if (on) return on.target;
  }
  if (direction === "left") {
    const back = drawn.ends.find((end) => end.target === from && end.source !== from);
    if (back) return back.source;
  }
  return nearest(drawn, from, direction);
}

function nearest(drawn: Drawn, from: string, direction: Direction): string | null {
  const here = drawn.byKey.get(from);
  if (!here) return null;
  const middle = (node: CardNode) => {
    const rect = rectOf(node);
    return { x: rect.x + rect.w / 2, y: rect.y + rect.h / 2 };
  };
  const start = middle(here);
  let best: string | null = null;
  let cost = Number.POSITIVE_INFINITY;
  for (const node of drawn.nodes) {
    if (node.id === from) continue;
    const there = middle(node);
    const [dx, dy] = [there.x - start.x, there.y - start.y];
    const ahead = { right: dx, left: -dx, down: dy, up: -dy }[direction];
    const aside = Math.abs(direction === "right" || direction === "left" ? dy : dx);
    if (ahead < 20) continue;
    const price = ahead + 2 * aside;
    if (price < cost) {
      cost = price;
      best = node.id;
    }
  }
  return best;
}
