/** A plan as React Flow wants it: cards with sizes and sockets known beforehand, wires with their corners. */
import { type Edge, type Node, type NodeHandle, Position } from "@xyflow/react";
import type { Grade, PlacedApplet, Problem } from "../api/types";
import {
  CARD,
  type CardExit,
  cardExits,
  cardHeight,
  inletAt,
  socketAt,
  summary,
  type Types,
  wiresBySource,
} from "../exits";
import { type Plan, wireId } from "../plan";
import type { Point, Rect, WireEnds } from "./routing";

export interface CardData extends Record<string, unknown> {
  applet: PlacedApplet;
  title: string;
  family: string | undefined;
  summary: string;
  exits: CardExit[];
  initial: boolean;
  hangup: boolean;
  grade: Grade | undefined;
  problems: string;
}

export type CardNode = Node<CardData, "applet">;

export interface WireData extends Record<string, unknown> {
  corners: Point[];
  failure: boolean;
}

export type WireEdge = Edge<WireData, "wire">;

const SOCKET = 12;

export interface Drawn {
  nodes: CardNode[];
  byKey: Map<string, CardNode>;
  ends: (WireEnds & { source: string; exit: string; failure: boolean; words: string })[];
}

/** Nodes and wire ends of a plan. Cards whose applet, wires and marks are the same as in `before` keep their identity. */
export function draw(plan: Plan, types: Types, problems: Problem[], before: Drawn | null): Drawn {
  const own = wiresBySource(plan);
  const trouble = problemsByApplet(problems);
  const nodes: CardNode[] = [];
  const byKey = new Map<string, CardNode>();
  const ends: Drawn["ends"] = [];
  for (const applet of Object.values(plan.applets)) {
    const node = cardOf(plan, applet, types, own.get(applet.key) ?? [], trouble.get(applet.key) ?? []);
    const old = before?.byKey.get(applet.key);
    const kept = old && sameCard(old, node) ? old : node;
    nodes.push(kept);
    byKey.set(applet.key, kept);
    kept.data.exits.forEach((exit, n) => {
      const wire = plan.wires[wireId(applet.key, exit.name)];
      const target = wire?.target ? plan.applets[wire.target] : undefined;
      if (!wire || !target) return;
      ends.push({
        id: wireId(applet.key, exit.name),
        source: applet.key,
        exit: exit.name,
        target: target.key,
        failure: exit.kind === "failure",
        words: `${exit.label}: ${applet.name} → ${target.name}`,
        from: at(applet, socketAt(n)),
        to: at(target, inletAt),
      });
    });
  }
  return { nodes, byKey, ends };
}

export const rectOf = (node: CardNode, moved?: Point): Rect => ({
  ...(moved ?? node.position),
  w: CARD.width,
  h: node.height ?? CARD.header,
});

export const at = (place: Point, offset: Point): Point => ({ x: place.x + offset.x, y: place.y + offset.y });

function cardOf(
  plan: Plan,
  applet: PlacedApplet,
  types: Types,
  wires: Plan["wires"][string][],
  trouble: Problem[],
): CardNode {
  const type = types.get(applet.type);
  const exits = cardExits(plan, applet, type, wires);
  const height = cardHeight(exits.length);
  const problems = trouble.map((problem) => problem.words).join("\n");
  return {
    id: applet.key,
    type: "applet",
    position: { x: applet.x, y: applet.y },
    width: CARD.width,
    height,
    measured: { width: CARD.width, height },
    handles: handlesOf(exits),
    ariaLabel: `${applet.name}, ${type?.title ?? applet.type}`,
    domAttributes: { "data-testid": `applet-${applet.name}` } as CardNode["domAttributes"],
    data: {
      applet,
      title: type?.title ?? applet.type,
      family: type?.family,
      summary: summary(type, applet.settings),
      exits,
      initial: plan.initial === applet.key,
      hangup: plan.hangup === applet.key,
      grade: trouble.some((problem) => problem.grade === "error") ? "error" : trouble.length ? "warning" : undefined,
      problems,
    },
  };
}

function handlesOf(exits: CardExit[]): NodeHandle[] {
  const half = SOCKET / 2;
  return [
    {
      id: "in",
      type: "target",
      position: Position.Left,
      x: inletAt.x - half,
      y: inletAt.y - half,
      width: SOCKET,
      height: SOCKET,
    },
    ...exits.map((exit, n): NodeHandle => {
      const socket = socketAt(n);
      return {
        id: exit.name,
        type: "source",
        position: Position.Right,
        x: socket.x - half,
        y: socket.y - half,
        width: SOCKET,
        height: SOCKET,
      };
    }),
  ];
}

function sameCard(one: CardNode, other: CardNode): boolean {
  const [a, b] = [one.data, other.data];
  return (
    a.applet === b.applet &&
    a.family === b.family &&
    a.initial === b.initial &&
    a.hangup === b.hangup &&
    a.grade === b.grade &&
    a.problems === b.problems &&
    a.exits.length === b.exits.length &&
    a.exits.every((exit, n) => {
      const next = b.exits[n];
      return next && exit.name === next.name && exit.state === next.state && exit.orphan === next.orphan;
    })
  );
}

function problemsByApplet(problems: Problem[]): Map<string, Problem[]> {
  const out = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (!problem.applet) continue;
    const list = out.get(problem.applet);
    if (list) list.push(problem);
    else out.set(problem.applet, [problem]);
  }
  return out;
}
