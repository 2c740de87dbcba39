/** Wires as SVG paths, and what lies under the pointer. */
import type { Point, Rect } from "./routing";

/** A path through the corners, each rounded by at most `radius`. */
export function roundedPath(corners: Point[], radius = 8): string {
  const first = corners[0];
  const last = corners.at(-1);
  if (!first || !last) return "";
  let path = `M${round(first.x)},${round(first.y)}`;
  for (let i = 1; i + 1 < corners.length; i++) {
    const [a, b, c] = [corners[i - 1] as Point, corners[i] as Point, corners[i + 1] as Point];
    const [into, out] = [length(a, b), length(b, c)];
    const r = Math.min(radius, into / 2, out / 2);
    const p = towards(b, a, r, into);
    const q = towards(b, c, r, out);
    path += `L${round(p.x)},${round(p.y)}Q${round(b.x)},${round(b.y)} ${round(q.x)},${round(q.y)}`;
  }
  return `${path}L${round(last.x)},${round(last.y)}`;
}

export function distanceTo(corners: Point[], p: Point): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i + 1 < corners.length; i++) {
    const [a, b] = [corners[i] as Point, corners[i + 1] as Point];
    const x = clamp(p.x, Math.min(a.x, b.x), Math.max(a.x, b.x));
    const y = clamp(p.y, Math.min(a.y, b.y), Math.max(a.y, b.y));
    best = Math.min(best, Math.hypot(p.x - x, p.y - y));
  }
  return best;
}

/** The wire nearest to the pointer, if it is near enough to be meant. */
export function wireUnder(routes: Map<string, Point[]>, p: Point, within = 16): string | null {
  let found: string | null = null;
  let best = within;
  for (const [id, corners] of routes) {
    const distance = distanceTo(corners, p);
    if (distance <= best) {
      best = distance;
      found = id;
    }
  }
  return found;
}

export const inside = (rect: Rect, p: Point, margin = 0): boolean =>
  p.x >= rect.x - margin &&
  p.x <= rect.x + rect.w + margin &&
  p.y >= rect.y - margin &&
  p.y <= rect.y + rect.h + margin;

export function boundsOf(rects: Rect[]): Rect | null {
  const first = rects[0];
  if (!first) return null;
  let [x1, y1, x2, y2] = [first.x, first.y, first.x + first.w, first.y + first.h];
  for (const r of rects) {
    x1 = Math.min(x1, r.x);
    y1 = Math.min(y1, r.y);
    x2 = Math.max(x2, r.x + r.w);
    y2 = Math.max(y2, r.y + r.h);
  }
  return { x: x1, y: y1, w: x2 - x1, h: y2 - y1 };
}

/** The free place nearest to `wanted` for a card of this size: on it, else further down, else in the next column. */
export function freePlace(cards: Rect[], wanted: Point, w: number, h: number, grid = 20): Point {
  const blocked = (p: Point) =>
    cards.some((c) => p.x < c.x + c.w + 24 && p.x + w + 24 > c.x && p.y < c.y + c.h + 16 && p.y + h + 16 > c.y);
  const start = { x: snap(wanted.x, grid), y: snap(wanted.y, grid) };
  for (let column = 0; column < 8; column++)
    for (let row = 0; row < 40; row++) {
      const p = { x: start.x + column * 300, y: start.y + row * grid };
      if (!blocked(p)) return p;
    }
  return start;
}

export const snap = (value: number, grid = 20): number => Math.round(value / grid) * grid;

const round = (value: number): number => Math.round(value * 10) / 10;
const length = (a: Point, b: Point): number => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));

function towards(from: Point, to: Point, by: number, all: number): Point {
  if (all === 0) return from;
  return { x: from.x + ((to.x - from.x) * by) / all, y: from.y + ((to.y - from.y) * by) / all };
}
