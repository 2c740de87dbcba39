/**
 * Where wires run: orthogonal, around the cards and never under them. Pure geometry, no DOM.
 * A wire first tries the plain shapes; only where a card is in the way is a path searched on the lines between cards.
 */
import { spread } from "./lanes";

export interface Point {
  x: number;
  y: number;
}

export interface Rect extends Point {
  w: number;
  h: number;
}

export interface WireEnds {
  id: string;
  from: Point;
  to: Point;
  /** what counts as "the same way": wires to one target may share a line */
  target: string;
}

export const STUB = 20; // how far a wire leaves a socket before it turns
export const CLEAR = 9; // how near it may pass a card
const GAP = 20; // how far from a card it runs when it goes around
const BEND = 60; // a bend costs as much as this much length
const WINDOW = 260; // cards further away than this from both ends are not looked at
const MOST_CARDS = 40;

const CELL = 400;
const cell = (i: number, j: number): number => i * 1_000_003 + j;

/** Cards by place, so that a segment is only held against those near it. */
export class Cards {
  private readonly cells = new Map<number, Rect[]>();

  constructor(readonly all: Rect[]) {
    for (const card of all)
      for (let i = Math.floor(card.x / CELL); i <= Math.floor((card.x + card.w) / CELL); i++)
        for (let j = Math.floor(card.y / CELL); j <= Math.floor((card.y + card.h) / CELL); j++) {
          const list = this.cells.get(cell(i, j));
          if (list) list.push(card);
          else this.cells.set(cell(i, j), [card]);
        }
  }

  near(x1: number, y1: number, x2: number, y2: number): Set<Rect> {
    const found = new Set<Rect>();
    for (let i = Math.floor(Math.min(x1, x2) / CELL); i <= Math.floor(Math.max(x1, x2) / CELL); i++)
      for (let j = Math.floor(Math.min(y1, y2) / CELL); j <= Math.floor(Math.max(y1, y2) / CELL); j++)
        for (const card of this.cells.get(cell(i, j)) ?? []) found.add(card);
    return found;
  }

  /** Whether a straight segment comes nearer than `clear` to any card. */
  hits(a: Point, b: Point, clear = CLEAR): boolean {
    const [x1, x2] = [Math.min(a.x, b.x) - clear, Math.max(a.x, b.x) + clear];
    const [y1, y2] = [Math.min(a.y, b.y) - clear, Math.max(a.y, b.y) + clear];
    for (let i = Math.floor(x1 / CELL); i <= Math.floor(x2 / CELL); i++)
      for (let j = Math.floor(y1 / CELL); j <= Math.floor(y2 / CELL); j++) {
        const list = this.cells.get(cell(i, j));
        if (!list) continue;
        for (const c of list) if (c.x < x2 && c.x + c.w > x1 && c.y < y2 && c.y + c.h > y1) return true;
      }
    return false;
  }
}

/** Routes for all wires: each around the cards, and those that would lie on one another side by side. */
export function routeAll(cards: Rect[], wires: WireEnds[]): Map<string, Point[]> {
  return new Router().update(cards, wires);
}

/** Remembers routes: after a change only wires that it touches are looked for again. */
export class Router {
  private cards: Rect[] = [];
  private known = new Map<string, { from: Point; to: Point; corners: Point[] }>();

  update(cards: Rect[], wires: WireEnds[]): Map<string, Point[]> {
    const index = new Cards(cards);
    const touched = new Cards(changed(this.cards, cards));
    const next: typeof this.known = new Map();
    for (const wire of wires) {
      const old = this.known.get(wire.id);
      const same = old && samePoint(old.from, wire.from) && samePoint(old.to, wire.to) && !passes(touched, old.corners);
      next.set(wire.id, same ? old : { from: wire.from, to: wire.to, corners: route(index, wire) });
    }
    this.cards = cards;
    this.known = next;
    return spread(new Map([...next].map(([id, one]) => [id, one.corners])), wires, index);
  }
}

/** Cards that are new, gone, moved or of another size: both where they were and where they are. */
function changed(before: Rect[], now: Rect[]): Rect[] {
  const name = (card: Rect) => `${card.x} ${card.y} ${card.w} ${card.h}`;
  const [old, fresh] = [new Set(before.map(name)), new Set(now.map(name))];
  return [...before.filter((card) => !fresh.has(name(card))), ...now.filter((card) => !old.has(name(card)))];
}

const samePoint = (a: Point, b: Point): boolean => a.x === b.x && a.y === b.y;

/** Whether a route runs near any of these cards, so that it might run elsewhere now. */
function passes(cards: Cards, corners: Point[]): boolean {
  if (cards.all.length === 0) return false;
  return corners.some((a, i) => {
    const b = corners[i + 1];
    return b !== undefined && cards.hits(a, b, GAP * 2);
  });
}

/** One wire's corners, ends included. `quick`: plain shapes only, for while something is dragged. */
export function route(cards: Cards, wire: WireEnds, quick = false): Point[] {
  const out = { x: wire.from.x + STUB, y: wire.from.y };
  const into = { x: wire.to.x - STUB, y: wire.to.y };
  for (const corners of plainShapes(wire, out, into)) if (free(cards, wire, corners)) return tidy(corners);
  const around = goAround(cards, wire, out, into);
  if (around) return tidy(around);
  const found = quick ? null : search(cards, out, into);
  return tidy(found ? [wire.from, ...found, wire.to] : lastResort(cards, wire, out, into));
}

function plainShapes(wire: WireEnds, out: Point, into: Point): Point[][] {
  const { from, to } = wire;
  if (to.x - from.x < 2 * STUB - 12) return [];
  if (Math.abs(from.y - to.y) < 1) return [[from, to]];
  const middle = (from.x + to.x) / 2;
  return [middle, into.x, out.x].map((x) => [from, { x, y: from.y }, { x, y: to.y }, to]);
}

/** Out, along a free line above or below what is between, and in. */
function goAround(cards: Cards, wire: WireEnds, out: Point, into: Point): Point[] | null {
  const near = cards.near(
    Math.min(out.x, into.x) - 40,
    Math.min(out.y, into.y) - 120,
    Math.max(out.x, into.x) + 40,
    Math.max(out.y, into.y) + 120,
  );
  const lines = new Set<number>();
  for (const card of near) lines.add(card.y - GAP).add(card.y + card.h + GAP);
  const tries = [...lines]
    .map((y) => ({ y, cost: Math.abs(y - out.y) + Math.abs(y - into.y) }))
    .sort((a, b) => a.cost - b.cost);
  for (const { y } of tries.slice(0, 24)) {
    const corners = [wire.from, out, { x: out.x, y }, { x: into.x, y }, into, wire.to];
    if (free(cards, wire, corners)) return corners;
  }
  return null;
}

/** All but the first and last bit, which touch their own cards, must keep clear. */
function free(cards: Cards, wire: WireEnds, corners: Point[]): boolean {
  for (let i = 0; i + 1 < corners.length; i++) {
    let [a, b] = [corners[i] as Point, corners[i + 1] as Point];
    if (a === wire.from) a = { x: a.x + CLEAR + 1, y: a.y };
    if (b === wire.to) b = { x: b.x - CLEAR - 1, y: b.y };
    if (cards.hits(a, b)) return false;
  }
  return true;
}

function lastResort(cards: Cards, wire: WireEnds, out: Point, into: Point): Point[] {
  if (into.x >= out.x) {
    const x = (out.x + into.x) / 2;
    return [wire.from, { x, y: wire.from.y }, { x, y: wire.to.y }, wire.to];
  }
  let low = Math.max(wire.from.y, wire.to.y);
  for (const card of cards.near(into.x, Math.min(wire.from.y, wire.to.y), out.x, low))
    low = Math.max(low, card.y + card.h);
  return [wire.from, out, { x: out.x, y: low + GAP }, { x: into.x, y: low + GAP }, into, wire.to];
}

// -- the search: cheapest way over the lines that run between cards --

type Step = { x: number; y: number; across: boolean; cost: number; guess: number; back: Step | null };

function search(cards: Cards, out: Point, into: Point): Point[] | null {
  const [left, right] = [Math.min(out.x, into.x) - WINDOW, Math.max(out.x, into.x) + WINDOW];
  const [top, bottom] = [Math.min(out.y, into.y) - WINDOW, Math.max(out.y, into.y) + WINDOW];
  const middle = { x: (out.x + into.x) / 2, y: (out.y + into.y) / 2 };
  const distance = (c: Rect) => Math.abs(c.x + c.w / 2 - middle.x) + Math.abs(c.y + c.h / 2 - middle.y);
  const obstacles = [...cards.near(left, top, right, bottom)].sort((a, b) => distance(a) - distance(b));
  const xs = new Set([out.x, into.x, Math.round(middle.x)]);
  const ys = new Set([out.y, into.y]);
  for (const c of obstacles.slice(0, MOST_CARDS)) {
    xs.add(c.x - GAP).add(c.x + c.w + GAP);
    ys.add(c.y - GAP).add(c.y + c.h + GAP);
  }
  const columns = [...xs].sort((a, b) => a - b);
  const rows = [...ys].sort((a, b) => a - b);
  const guess = (x: number, y: number) => Math.abs(x - into.x) + Math.abs(y - into.y);
  const name = (x: number, y: number, across: boolean) => `${x} ${y} ${across}`;
  const best = new Map<string, number>();
  const open: Step[] = [{ ...out, across: true, cost: 0, guess: guess(out.x, out.y), back: null }];
  for (let rounds = 0; open.length > 0 && rounds < 2500; rounds++) {
    const here = takeCheapest(open);
    if (here.x === into.x && here.y === into.y && here.across) return walkBack(here);
    const [i, j] = [columns.indexOf(here.x), rows.indexOf(here.y)];
    for (const [di, dj] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const [x, y] = [columns[i + di], rows[j + dj]];
      if (x === undefined || y === undefined || cards.hits(here, { x, y })) continue;
      const across = di !== 0;
      // Arriving at the end against the wire's direction would fold it back on itself.
      if (x === into.x && y === into.y && di < 0) continue;
      if (!here.back && di < 0) continue;
      const cost = here.cost + Math.abs(x - here.x) + Math.abs(y - here.y) + (across === here.across ? 0 : BEND);
      const id = name(x, y, across);
      if (cost >= (best.get(id) ?? Number.POSITIVE_INFINITY)) continue;
      best.set(id, cost);
      open.push({ x, y, across, cost, guess: cost + guess(x, y), back: here });
      // The last bit runs into the card from the left, so coming down onto the end costs one more bend.
      if (x === into.x && y === into.y && !across)
        open.push({ x, y, across: true, cost: cost + BEND, guess: cost + BEND, back: here });
    }
  }
  return null;
}

function takeCheapest(open: Step[]): Step {
  let at = 0;
  for (let i = 1; i < open.length; i++) if ((open[i] as Step).guess < (open[at] as Step).guess) at = i;
  const step = open[at] as Step;
  const last = open.pop() as Step;
  if (at < open.length) open[at] = last;
  return step;
}

function walkBack(end: Step): Point[] {
  const out: Point[] = [];
  for (let step: Step | null = end; step; step = step.back) out.unshift({ x: step.x, y: step.y });
  return out;
}

/** Without repeated points and points in the middle of a straight line. */
export function tidy(corners: Point[]): Point[] {
  const out: Point[] = [];
  for (const p of corners) {
    const [a, b] = [out.at(-2), out.at(-1)];
    if (b && Math.abs(b.x - p.x) < 0.5 && Math.abs(b.y - p.y) < 0.5) continue;
    if (
      a &&
      b &&
      ((Math.abs(a.x - b.x) < 0.5 && Math.abs(b.x - p.x) < 0.5) ||
        (Math.abs(a.y - b.y) < 0.5 && Math.abs(b.y - p.y) < 0.5))
    )
      out[out.length - 1] = p;
    else out.push(p);
  }
  return out;
}
