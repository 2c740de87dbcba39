import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import { createStore } from "zustand/vanilla";
import type { Problem } from "../api/types";
import { inletAt, socketAt, type Types } from "../exits";
import type { Plan } from "../plan";
import type { EditHandlers, Routes } from "./board";
import { at, type CardNode, type Drawn, draw, rectOf, type WireEdge } from "./drawn";
import { Cards, type Point, Router, route } from "./routing";

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

interface Look {
  drawn: CardNode;
  selected: boolean;
  place: Point | undefined;
  stop: boolean;
}
type Shown = Look & { node: CardNode };

type Places = ReadonlyMap<string, Point>;
const home: Places = new Map();
const none: Routes = new Map();

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

  const router = useRef(new Router());
  const routes = useMemo(
    () =>
      router.current.update(
        drawn.nodes.map((node) => rectOf(node)),
        drawn.ends,
      ),
    [drawn],
  );
  // Wires that follow a drag have a store of their own: new edges on every frame would cost a look at all of them.
  const [loose] = useState(() => createStore<Routes>(() => none));

  const nodeCache = useRef(new Map<string, Shown>());
  const nodes = useMemo(() => {
    const chosen = new Set(selected);
    const cache = new Map<string, Shown>();
    // The whole canvas is one stop of the tab key; from card to card one travels with the arrows.
    const first = plan.initial && drawn.byKey.has(plan.initial) ? plan.initial : drawn.nodes[0]?.id;
    const stop = selected.at(-1) ?? first;
    const out = drawn.nodes.map((node) => {
      const key = { drawn: node, selected: chosen.has(node.id), place: dragged.get(node.id), stop: node.id === stop };
      const old = nodeCache.current.get(node.id);
      const entry = old && sameKey(old, key) ? old : { ...key, node: shown(key) };
      cache.set(node.id, entry);
      return entry.node;
    });
    nodeCache.current = cache;
    return out;
  }, [drawn, selected, dragged, plan.initial]);

  const edgeCache = useRef(new Map<string, WireEdge>());
  const edges = useMemo(() => {
    const cache = new Map<string, WireEdge>();
    const out = drawn.ends.map((end) => {
      const corners = routes.get(end.id) ?? [end.from, end.to];
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
  }, [drawn, routes, selectedWire, pointedWire]);

  const now = useRef({ plan, selected, dragged, drawn });
  now.current = { plan, selected, dragged, drawn };

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
        loose.setState(places.size === 0 ? none : follow(now.current.drawn, places), true);
      }
      if (choice) onSelect([...chosen]);
    },
    [onMove, onSelect, loose],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange<WireEdge>[]) => {
      for (const change of changes) if (change.type === "select") onSelectWire?.(change.selected ? change.id : null);
    },
    [onSelectWire],
  );

  return { drawn, nodes, edges, routes, loose, onNodesChange, onEdgesChange };
}

/** While cards are dragged, only their own wires follow, in plain shapes. */
function follow(drawn: Drawn, dragged: Places): Routes {
  const cards = new Cards(drawn.nodes.map((node) => rectOf(node, dragged.get(node.id))));
  const out = new Map<string, Point[]>();
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

const sameKey = (a: Look, b: Look): boolean =>
  a.drawn === b.drawn && a.selected === b.selected && a.place === b.place && a.stop === b.stop;

function shown({ drawn, selected, place, stop }: Look): CardNode {
  const domAttributes = { ...drawn.domAttributes, tabIndex: stop ? 0 : -1 } as CardNode["domAttributes"];
  return { ...drawn, selected, position: place ?? drawn.position, domAttributes };
}

function sameCorners(one: Point[] | undefined, other: Point[]): boolean {
  return (
    one !== undefined && one.length === other.length && one.every((p, i) => p.x === other[i]?.x && p.y === other[i]?.y)
  );
}
