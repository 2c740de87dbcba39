/** Wires that would lie on one another run side by side; those to the same applet may share a line. */
import type { Cards, Point, WireEnds } from "./routing";

const LANE = 8;
const PART = 500; // long lines are kept in parts, so that only neighbours are compared
const OFFSETS = [0, 1, 2, 3, -1, -2, -3, 4, -4];

interface Segment {
  wire: string;
  target: string;
  /** index of its first corner */
  at: number;
  upright: boolean;
  /** the line it lies on, and from where to where */
  line: number;
  from: number;
  to: number;
  order: number;
  /** which way further lanes go */
  side: 1 | -1;
}

/** by line and part */
type Taken = Map<number, Segment[]>;

export function spread(routes: Map<string, Point[]>, wires: WireEnds[], cards: Cards): Map<string, Point[]> {
  const targets = new Map(wires.map((wire) => [wire.id, wire.target]));
  const moved = new Map([...routes].map(([id, corners]) => [id, corners.map((p) => ({ ...p }))]));
  for (const upright of [true, false]) {
    const taken: Taken = new Map();
    const segments = [...moved].flatMap(([id, corners]) => inner(id, targets.get(id) ?? "", corners, upright));
    segments.sort((a, b) => a.order - b.order);
    for (const segment of segments) settle(segment, moved.get(segment.wire) as Point[], taken, cards);
  }
  return moved;
}

/** The movable segments of a wire: not the first and last, which hang on their sockets. */
function inner(wire: string, target: string, corners: Point[], upright: boolean): Segment[] {
  const out: Segment[] = [];
  for (let at = 1; at + 2 < corners.length; at++) {
    const [a, b] = [corners[at] as Point, corners[at + 1] as Point];
    if (Math.abs(a.x - b.x) < 0.5 !== upright) continue;
    const before = corners[at - 1] as Point;
    const [from, to] = upright ? [a.y, b.y] : [a.x, b.x];
    const down = upright ? to > from : a.y > before.y;
    // Nested without crossing: going down, the lower exit turns first, and runs above in what follows.
    const order = upright ? (down ? -from : from) : from;
    out.push({
      wire,
      target,
      at,
      upright,
      line: upright ? a.x : a.y,
      from: Math.min(from, to),
      to: Math.max(from, to),
      order,
      side: upright || down ? 1 : -1,
    });
  }
  return out;
}

function settle(segment: Segment, corners: Point[], taken: Taken, cards: Cards): void {
  for (const lane of OFFSETS) {
    const line = segment.line + lane * LANE * segment.side;
    const shifted = { ...segment, line };
    if (clashes(shifted, taken)) continue;
    if (lane !== 0 && cards.hits(...ends(shifted), 3)) continue;
    keep(shifted, taken);
    for (const corner of corners.slice(segment.at, segment.at + 2))
      if (segment.upright) corner.x = line;
      else corner.y = line;
    return;
  }
  keep(segment, taken);
}

function ends(segment: Segment): [Point, Point] {
  const { line, from, to } = segment;
  return segment.upright
    ? [
        { x: line, y: from },
        { x: line, y: to },
      ]
    : [
        { x: from, y: line },
        { x: to, y: line },
      ];
}

function clashes(segment: Segment, taken: Taken): boolean {
  const band = Math.floor(segment.line / LANE);
  for (let near = band - 1; near <= band + 1; near++)
    for (let part = Math.floor(segment.from / PART); part <= Math.floor(segment.to / PART); part++)
      for (const other of taken.get(near * 1_000_003 + part) ?? []) {
        if (other.target === segment.target || Math.abs(other.line - segment.line) >= LANE - 1) continue;
        if (other.from < segment.to + 2 && other.to > segment.from - 2) return true;
      }
  return false;
}

function keep(segment: Segment, taken: Taken): void {
  const band = Math.floor(segment.line / LANE);
  for (let part = Math.floor(segment.from / PART); part <= Math.floor(segment.to / PART); part++) {
    const list = taken.get(band * 1_000_003 + part);
    if (list) list.push(segment);
    else taken.set(band * 1_000_003 + part, [segment]);
  }
}
