import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Problem } from "../api/types";
import { inletAt, socketAt, type Types } from "../exits";
import type { Plan } from "../plan";
import type { EditHandlers } from "./board";
import { at, type CardNode, type Drawn, draw, rectOf, type WireEdge } from "./drawn";
import { Cards, type Point, route, routeAll } from "./routing";

interface Options {
  plan: Plan;
  types: Types;
  problems: Problem[];
  selected: string[];
  onSelect: (keys: string[]) => void;
  selectedWire: string | null;
  onSelectWire?: (wire: string | null) => void;
  pointedWire: string | null;
  onMove?: EditHandlers["move"];
}

type Places = ReadonlyMap<string, Point>;
const home: Places = new Map();

/**
 * Nodes and edges for React Flow. The plan is the truth; only places while dragging are kept here, and become one
 * gesture when the drag ends.
 */
export function useDrawing(options: Options) {
  const { plan, types, problems, selected, onSelect, selectedWire, onSelectWire, pointedWire, onMove } = options;
  const [dragged, setDragged] = useState<Places>(home);
  const before = useRef<Drawn | null>(null);

  const drawn = useMemo(() => {
    const next = draw(plan, types, problems, before.current);
    before.current = next;
    return next;
  }, [plan, types, problems]);

  const routes = useMemo(
    () =>
      routeAll(
        drawn.nodes.map((node) => rectOf(node)),
        drawn.ends,
      ),
    [drawn],
  );
  const shownRoutes = useMemo(
    () => (dragged.size === 0 ? routes : follow(drawn, routes, dragged)),
    [drawn, routes, dragged],
  );

  const nodeCache = useRef(
    new Map<string, { drawn: CardNode; selected: boolean; place: Point | undefined; node: CardNode }>(),
  );
  const nodes = useMemo(() => {
    const chosen = new Set(selected);
    const cache = new Map<string, { drawn: CardNode; selected: boolean; place: Point | undefined; node: CardNode }>();
    const out = drawn.nodes.map((node) => {
      const isChosen = chosen.has(node.id);
      const place = dragged.get(node.id);
      const old = nodeCache.current.get(node.id);
      const same = old && old.drawn === node && old.selected === isChosen && old.place === place;
      const entry = same
        ? old
        : {
            drawn: node,
            selected: isChosen,
            place,
            node: { ...node, selected: isChosen, position: place ?? node.position },
          };
      cache.set(node.id, entry);
      return entry.node;
    });
    nodeCache.current = cache;
    return out;
  }, [drawn, selected, dragged]);

  const edgeCache = useRef(new Map<string, WireEdge>());
  const edges = useMemo(() => {
    const cache = new Map<string, WireEdge>();
    const out = drawn.ends.map((end) => {
      const corners = shownRoutes.get(end.id) ?? [end.from, end.to];
      const isChosen = end.id === selectedWire || end.id === pointedWire;
      const old = edgeCache.current.get(end.id);
      const same =
        old && old.selected === isChosen && old.target === end.target && sameCorners(old.data?.corners, corners);
      const edge: WireEdge = same
        ? old
        : {
            id: end.id,
            type: "wire",
            source: end.source,
            sourceHandle: end.exit,
            target: end.target,
            targetHandle: "in",
            selected: isChosen,
            ariaLabel: end.words,
            data: { corners, failure: end.failure },
          };
      cache.set(end.id, edge);
      return edge;
    });
    edgeCache.current = cache;
    return out;
  }, [drawn, shownRoutes, selectedWire, pointedWire]);

  const now = useRef({ plan, selected, dragged });
  now.current = { plan, selected, dragged };

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      const chosen = new Set(now.current.selected);
      const places = new Map(now.current.dragged);
      let choice = false;
      let moving = false;
      const moves: { key: string; x: number; y: number }[] = [];
      for (const change of changes) {
        if (change.type === "select") {
          choice = true;
          if (change.selected) chosen.add(change.id);
          else chosen.delete(change.id);
        } else if (change.type === "position" && onMove) {
          if (change.dragging && change.position) {
            moving = true;
            places.set(change.id, change.position);
            continue;
          }
          // The end of a drag, or an arrow key: from here on it is the plan's place.
          const place = change.position ?? places.get(change.id);
          moving = moving || places.delete(change.id);
          const applet = now.current.plan.applets[change.id];
          if (place && applet && (place.x !== applet.x || place.y !== applet.y))
            moves.push({ key: change.id, x: Math.round(place.x), y: Math.round(place.y) });
        }
      }
      if (moves.length > 0) onMove?.(moves);
      if (moving) {
        now.current.dragged = places;
        setDragged(places.size === 0 ? home : places);
      }
      if (choice) onSelect([...chosen]);
    },
    [onMove, onSelect],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange<WireEdge>[]) => {
      for (const change of changes) if (change.type === "select") onSelectWire?.(change.selected ? change.id : null);
    },
    [onSelectWire],
  );

  return { drawn, nodes, edges, routes: shownRoutes, onNodesChange, onEdgesChange };
}

/** While cards are dragged, only their own wires follow, in plain shapes. */
function follow(drawn: Drawn, routes: Map<string, Point[]>, dragged: Places): Map<string, Point[]> {
  const cards = new Cards(drawn.nodes.map((node) => rectOf(node, dragged.get(node.id))));
  const out = new Map(routes);
  for (const end of drawn.ends) {
    const [source, target] = [dragged.get(end.source), dragged.get(end.target)];
    if (!source && !target) continue;
    const n = drawn.byKey.get(end.source)?.data.exits.findIndex((exit) => exit.name === end.exit) ?? 0;
    const from = source ? at(source, socketAt(n)) : end.from;
    const to = target ? at(target, inletAt) : end.to;
    out.set(end.id, route(cards, { ...end, from, to }, true));
  }
  return out;
}

function sameCorners(one: Point[] | undefined, other: Point[]): boolean {
  return (
    one !== undefined && one.length === other.length && one.every((p, i) => p.x === other[i]?.x && p.y === other[i]?.y)
  );
}
