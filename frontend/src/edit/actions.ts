/** What the user's gestures mean as changes of the drawing. Pure: plan in, changes out. */
import type { AppletType, Json, PlacedApplet, Settings } from "../api/types";
import type { Point } from "../canvas/routing";
import { CARD, cardHeight, drawnExits, exitsByItem, type Types } from "../exits";
import { apply, type Change, freeName, newId, type Plan, wireId } from "../plan";

const COLUMN = 300;
const LEAST_GAP = 30;

interface PlaceOptions {
  /** the exit that goes on to the new applet */
  from?: { source: string; exit: string };
  /** the wire it is put into */
  onWire?: string;
}

/** A new applet of this type at a place, wired as asked. The first one on a plan is where the call starts. */
export function place(
  plan: Plan,
  type: AppletType,
  at: Point,
  options: PlaceOptions = {},
): { key: string; changes: Change[] } {
  const key = newId();
  const applet: PlacedApplet = {
    key,
    type: type.type,
    name: freeName(plan, type.title),
    settings: defaults(type.schema),
    settings_version: type.version,
    x: Math.round(at.x),
    y: Math.round(at.y),
  };
  const changes: Change[] = [{ op: "place", applet }];
  const cut = options.onWire ? plan.wires[options.onWire] : undefined;
  if (cut?.target) {
    changes.push({ op: "wire", source: cut.source, exit: cut.exit, target: key });
    const on = drawnExits(type, applet.settings).find((exit) => exit.kind === "normal");
    if (on) changes.push({ op: "wire", source: key, exit: on.name, target: cut.target });
  } else if (options.from) changes.push({ op: "wire", ...options.from, target: key });
  if (Object.keys(plan.applets).length === 0) changes.push({ op: "set_plan", field: "initial", value: key });
  return { key, changes };
}

/**
 * Room for an applet that is put into a wire: where the next one stands now, and that one and what follows in its row
 * one column to the right. Null where the wire is long enough, or does not run to the right.
 */
export function makeRoom(plan: Plan, types: Types, wire: string): { at: Point; changes: Change[] } | null {
  const { source, target } = plan.wires[wire] ?? {};
  const [from, to] = [plan.applets[source ?? ""], plan.applets[target ?? ""]];
  if (!from || !to) return null;
  const gap = to.x - (from.x + CARD.width);
  if (gap < 0 || gap >= CARD.width + 2 * LEAST_GAP) return null;
  const height = (applet: PlacedApplet) => cardHeight(drawnExits(types.get(applet.type), applet.settings).length);
  const bottom = to.y + height(to);
  const row = Object.values(plan.applets).filter(
    (applet) => applet.x >= to.x - 20 && applet.y < bottom && applet.y + height(applet) > to.y,
  );
  const changes = row.map((applet): Change => ({ op: "move", key: applet.key, x: applet.x + COLUMN, y: applet.y }));
  return { at: { x: to.x, y: to.y }, changes };
}

export const sizeOf = (type: AppletType): { w: number; h: number } => ({
  w: CARD.width,
  h: cardHeight(drawnExits(type, defaults(type.schema)).length),
});

/** Copies of applets beside them, with the wires among them. Items of lists get new ids, so exits of items follow. */
export function duplicate(plan: Plan, types: Types, keys: string[]): { keys: string[]; changes: Change[] } {
  const changes: Change[] = [];
  const renamed = new Map<string, string>();
  const exits = new Map<string, string>();
  let now = plan;
  for (const key of keys) {
    const old = plan.applets[key];
    if (!old) continue;
    const fresh = newId();
    renamed.set(key, fresh);
    const type = types.get(old.type);
    const settings = withNewIds(old.settings) as Settings;
    const [before, after] = [exitsByItem(type, old.settings), exitsByItem(type, settings)];
    [...before.values()].forEach((exit, n) => {
      const copy = [...after.values()][n];
      if (copy) exits.set(wireId(key, exit), copy);
    });
    const applet = { ...old, key: fresh, name: freeName(now, old.name), settings, x: old.x + 40, y: old.y + 40 };
    const change: Change = { op: "place", applet };
    now = apply(now, [change]);
    changes.push(change);
  }
  for (const wire of Object.values(plan.wires)) {
    const source = renamed.get(wire.source);
    if (!source || (wire.target !== null && !renamed.has(wire.target))) continue;
    const exit = exits.get(wireId(wire.source, wire.exit)) ?? wire.exit;
    changes.push({
      op: "wire",
      source,
      exit,
      target: wire.target === null ? null : (renamed.get(wire.target) ?? null),
    });
  }
  return { keys: [...renamed.values()], changes };
}

/**
 * Changes of an applet's settings, with what they do to its wires: a wire follows its item when that changes its
 * name (key 1 becomes key 2), and goes with it when it is deleted.
 */
export function settle(plan: Plan, types: Types, key: string, changes: Change[]): Change[] {
  const old = plan.applets[key];
  if (!old) return changes;
  const type = types.get(old.type);
  const next = apply(plan, changes).applets[key];
  const [before, after] = [exitsByItem(type, old.settings), exitsByItem(type, next?.settings ?? {})];
  const kept = new Set(after.values());
  const off: Change[] = [];
  const on: Change[] = [];
  for (const [item, exit] of before) {
    const wire = plan.wires[wireId(key, exit)];
    const now = after.get(item);
    if (!wire || now === exit) continue;
    // An item whose name is only just being typed again keeps its wire under the old name until it has one.
    if (now === undefined && hasItem(next?.settings, item)) continue;
    if (!kept.has(exit) || now !== undefined) off.push({ op: "unwire", source: key, exit });
    if (now !== undefined) on.push({ op: "wire", source: key, exit: now, target: wire.target });
  }
  return [...changes, ...off, ...on];
}

/** The settings a new applet (or a new entry of a list) starts with: every default the schema names. */
export function defaults(schema: Settings, root: Settings = schema): Settings {
  const out: Settings = {};
  for (const [name, field] of Object.entries(record(schema.properties))) {
    const part = resolve(record(field), root);
    if (part.default !== undefined) out[name] = structuredClone(part.default);
    else if (part.type === "object") out[name] = defaults(part, root);
    else if (part.type === "array") out[name] = [];
  }
  return out;
}

/** A schema with its $ref followed; what stands beside the $ref wins. */
export function resolve(schema: Settings, root: Settings): Settings {
  if (typeof schema.$ref !== "string") return schema;
  const name = schema.$ref.replace(/^#\/\$defs\//, "");
  const { $ref: _, ...beside } = schema;
  return { ...record(record(root.$defs)[name]), ...beside };
}

export const record = (value: Json | undefined): Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

function withNewIds(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => withNewIds(item));
  if (typeof value !== "object" || value === null) return value;
  const out = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withNewIds(part)]));
  if (typeof out.id === "string") out.id = newId();
  return out;
}

function hasItem(value: Json | undefined, id: string): boolean {
  if (Array.isArray(value)) return value.some((item) => hasItem(item, id));
  if (typeof value !== "object" || value === null) return false;
  return value.id === id || Object.values(value).some((part) => hasItem(part, id));
}
