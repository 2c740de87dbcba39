import { describe, expect, it } from "vitest";
import { Cards, type Point, type Rect, Router, route, routeAll, type WireEnds } from "./routing";
import { distanceTo, freePlace, roundedPath, wireUnder } from "./shapes";

const card = (column: number, y: number, h = 105): Rect => ({ x: column * 300, y, w: 236, h });
const wire = (id: string, from: Rect, to: Rect, row = 0, target = id): WireEnds => ({
  id,
  from: { x: from.x + from.w, y: from.y + 89 + row * 24 },
  to: { x: to.x, y: to.y + 25 },
  target,
});

function straight(corners: Point[]): boolean {
  return corners.every((p, i) => {
    const next = corners[i + 1];
    return !next || Math.abs(p.x - next.x) < 0.5 || Math.abs(p.y - next.y) < 0.5;
  });
}

function underCards(cards: Rect[], corners: Point[]): boolean {
  const index = new Cards(cards);
  return corners.some((a, i) => {
    const b = corners[i + 1];
    if (!b) return false;
    const [p, q] = [{ ...a }, { ...b }];
    if (i === 0) p.x += 2;
    if (i === corners.length - 2) q.x -= 2;
    return index.hits(p, q, 0);
  });
}

describe("one wire", () => {
  it("goes straight on to the next column", () => {
    const [a, b] = [card(0, 0), card(1, 0)];
    const corners = route(new Cards([a, b]), wire("w", a, b));
    expect(corners).toHaveLength(4);
    expect(straight(corners)).toBe(true);
    expect(corners[1]?.x).toBe(268);
  });

  it("goes around a card that stands in the way", () => {
    const cards = [card(0, 0), card(1, 0), card(2, 0)];
    const corners = route(new Cards(cards), wire("w", cards[0] as Rect, cards[2] as Rect));
    expect(straight(corners)).toBe(true);
    expect(underCards(cards, corners)).toBe(false);
  });

  it("runs back to an earlier applet around the cards, not under them", () => {
    const cards = [card(0, 0), card(1, 0), card(2, 0), card(0, 300), card(1, 300), card(2, 300)];
    for (const [from, to] of [
      [2, 0],
      [2, 3],
      [5, 0],
      [4, 4],
      [5, 1],
    ] as const) {
      const corners = route(new Cards(cards), wire("w", cards[from] as Rect, cards[to] as Rect));
      expect(straight(corners)).toBe(true);
      expect(underCards(cards, corners)).toBe(false);
      const [first, second] = [corners[0] as Point, corners[1] as Point];
      expect(second.x).toBeGreaterThan(first.x);
      expect((corners.at(-2) as Point).x).toBeLessThan((corners.at(-1) as Point).x);
    }
  });

  it("keeps clear in crowded plans drawn by chance", () => {
    let seed = 7;
    const chance = () => {
      seed = (seed * 1664525 + 1013904223) % 4294967296;
      return seed / 4294967296;
    };
    let under = 0;
    let all = 0;
    for (let round = 0; round < 20; round++) {
      const cards: Rect[] = [];
      for (let n = 0; n < 24; n++) cards.push(card(n % 6, Math.floor(n / 6) * 240 + Math.floor(chance() * 60)));
      for (let n = 0; n < 20; n++) {
        const [a, b] = [cards[Math.floor(chance() * 24)] as Rect, cards[Math.floor(chance() * 24)] as Rect];
        const corners = route(new Cards(cards), wire("w", a, b));
        expect(straight(corners)).toBe(true);
        all += 1;
        if (underCards(cards, corners)) under += 1;
      }
    }
    expect(all).toBe(400);
    expect(under).toBe(0);
  });

  it("still draws something when cards lie on one another", () => {
    const [a, b] = [card(0, 0), { ...card(0, 20), x: 40 }];
    const corners = route(new Cards([a, b]), wire("w", a, b));
    expect(corners.length).toBeGreaterThanOrEqual(2);
    expect(straight(corners)).toBe(true);
  });
});

describe("wires together", () => {
  const overlap = (one: Point[], other: Point[]) =>
    one.some((a, i) => {
      const b = one[i + 1];
      return (
        b &&
        a.x === b.x &&
        other.some((c, j) => {
          const d = other[j + 1];
          if (!d || c.x !== d.x || Math.abs(c.x - a.x) > 2) return false;
          return Math.min(a.y, b.y) < Math.max(c.y, d.y) - 2 && Math.max(a.y, b.y) > Math.min(c.y, d.y) + 2;
        })
      );
    });

  it("run side by side to different applets, and on one line to the same", () => {
    const cards = [card(0, 0, 177), card(1, 0), card(1, 200), card(1, 400)];
    const [from, one, two] = cards as [Rect, Rect, Rect, Rect];
    const apart = routeAll(cards, [wire("a", from, one, 3), wire("b", from, two, 0)]);
    expect(overlap(apart.get("a") as Point[], apart.get("b") as Point[])).toBe(false);
    const together = routeAll(cards, [wire("a", from, two, 0, "two"), wire("b", from, two, 1, "two")]);
    expect(overlap(together.get("a") as Point[], together.get("b") as Point[])).toBe(true);
    for (const corners of [...apart.values(), ...together.values()]) expect(straight(corners)).toBe(true);
  });

  it("are quick enough for a plan of a thousand applets", () => {
    const cards = Array.from({ length: 1000 }, (_, n) => card(n % 25, Math.floor(n / 25) * 240));
    const wires = cards.slice(0, -1).map((c, n) => wire(`w${n}`, c, cards[n + 1] as Rect));
    const start = performance.now();
    expect(routeAll(cards, wires).size).toBe(999);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});

describe("shapes", () => {
  it("rounds corners by at most half of what is there", () => {
    expect(roundedPath([])).toBe("");
    const path = roundedPath([
      { x: 0, y: 0 },
      { x: 50, y: 0 },
      { x: 50, y: 6 },
      { x: 90, y: 6 },
    ]);
    expect(path).toBe("M0,0L47,0Q50,0 50,3L50,3Q50,6 53,6L90,6");
  });

  it("finds the wire under the pointer", () => {
    const routes = new Map([
      [
        "a",
        [
          { x: 0, y: 0 },
          { x: 100, y: 0 },
        ],
      ],
      [
        "b",
        [
          { x: 0, y: 40 },
          { x: 100, y: 40 },
        ],
      ],
    ]);
    expect(wireUnder(routes, { x: 50, y: 30 })).toBe("b");
    expect(wireUnder(routes, { x: 50, y: 20 }, 10)).toBeNull();
    expect(distanceTo(routes.get("a") as Point[], { x: 103, y: 4 })).toBe(5);
  });

  it("finds a free place for a card", () => {
    const taken = [card(0, 0), card(0, 140)];
    const place = freePlace(taken, { x: 4, y: 3 }, 236, 105);
    expect(place.x).toBe(0);
    expect(place.y).toBeGreaterThanOrEqual(260);
    expect(freePlace([], { x: 11, y: 29 }, 236, 105)).toEqual({ x: 20, y: 20 });
  });
});

describe("a router that remembers", () => {
  it("runs under no more cards than one that looks at everything again, whatever is moved", () => {
    let seed = 11;
    const chance = () => {
      seed = (seed * 1664525 + 1013904223) % 4294967296;
      return seed / 4294967296;
    };
    const cards = Array.from({ length: 30 }, (_, n) => card(n % 6, Math.floor(n / 6) * 240));
    const pairs = Array.from({ length: 45 }, () => [Math.floor(chance() * 30), Math.floor(chance() * 30)] as const);
    const wires = () => pairs.map(([a, b], n) => wire(`w${n}`, cards[a] as Rect, cards[b] as Rect, 0, `t${b}`));
    const router = new Router();
    router.update(cards, wires());
    for (let n = 0; n < 12; n++) {
      const at = Math.floor(chance() * 30);
      const old = cards[at] as Rect;
      cards[at] = { ...old, x: old.x + Math.round(chance() * 100 - 50), y: old.y + Math.round(chance() * 100 - 50) };
      const found = router.update([...cards], wires());
      for (const corners of found.values()) expect(straight(corners)).toBe(true);
      const before = [...found.values()].filter((corners) => underCards(cards, corners)).length;
      const anew = [...routeAll(cards, wires()).values()].filter((corners) => underCards(cards, corners)).length;
      expect(before).toBeLessThanOrEqual(anew);
    }
  });

  it("leaves alone what a change does not touch", () => {
    const cards = Array.from({ length: 1000 }, (_, n) => card(n % 25, Math.floor(n / 25) * 240));
    const wires = cards.slice(0, -1).map((c, n) => wire(`w${n}`, c, cards[n + 1] as Rect));
    const router = new Router();
    const first = router.update(cards, wires);
    const moved = cards.map((c, n) => (n === 500 ? { ...c, y: c.y + 60 } : c));
    const second = router.update(moved, wires);
    expect(second.get("w10")).toEqual(first.get("w10"));
    expect(second.size).toBe(999);
  });
});
