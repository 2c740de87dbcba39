/**
 * The drawing as data. It changes only by typed operations, each with its inverse; one gesture of the user is one
 * batch. The server keeps the same operations as its log. No React in here.
 */
import { produce } from "immer";
import type { Drawing, Json, PlacedApplet, Seed, Settings, Wire } from "./api/types";

export interface Plan {
  initial: string | null;
  hangup: string | null;
  seeds: Seed[];
  apology: string;
  applets: Record<string, PlacedApplet>;
  /** by `wireId`: an exit has at most one wire */
  wires: Record<string, Wire>;
}

export type PlanField = "initial" | "hangup" | "seeds" | "apology";

/** What an operation says, without the id that it gets when it is done. */
export type Change =
  | { op: "place"; applet: PlacedApplet }
  | { op: "remove"; key: string }
  | { op: "move"; key: string; x: number; y: number }
  | { op: "rename"; key: string; name: string }
  /** Path of names; an item of a list is named by its id. No value: the field goes away. */
  | { op: "set"; key: string; path: string[]; value?: Json }
  | { op: "wire"; source: string; exit: string; target: string | null }
  | { op: "unwire"; source: string; exit: string }
  | { op: "set_plan"; field: PlanField; value: Json };

export type Operation = Change & { id: string };

/** An operation that does not fit the drawing, e.g. names an applet that is gone. */
export class Misfit extends Error {
  constructor(
    readonly change: Change,
    words: string,
  ) {
    super(words);
    this.name = "Misfit";
  }
}

export const wireId = (source: string, exit: string): string => `${source}|${exit}`;

export const newId = (): string => crypto.randomUUID();

export const withIds = (changes: Change[]): Operation[] => changes.map((change) => ({ ...change, id: newId() }));

export const emptyPlan = (): Plan => ({ initial: null, hangup: null, seeds: [], apology: "", applets: {}, wires: {} });

export function fromDrawing(drawing: Drawing): Plan {
  const { initial, hangup, seeds, apology } = drawing.version;
  return {
    initial,
    hangup,
    seeds,
    apology,
    applets: Object.fromEntries(drawing.applets.map((applet) => [applet.key, applet])),
    wires: Object.fromEntries(drawing.wires.map((wire) => [wireId(wire.source, wire.exit), wire])),
  };
}

/** The plan after these changes; all of them or a Misfit and none. */
export function apply(plan: Plan, changes: Change[]): Plan {
  return produce(plan, (draft) => {
    for (const change of changes) applyOne(draft, change);
  });
}

/** The plan after these changes, and the changes that lead back from there. */
export function applyWithInverse(plan: Plan, changes: Change[]): { plan: Plan; inverse: Change[] } {
  let now = plan;
  let inverse: Change[] = [];
  for (const change of changes) {
    const back = invert(now, change);
    now = apply(now, [change]);
    inverse = [...back, ...inverse];
  }
  return { plan: now, inverse };
}

/** What undoes this change, seen from the plan before it. Also fits when the change itself turns out a Misfit. */
export function invert(plan: Plan, change: Change): Change[] {
  switch (change.op) {
    case "place":
      return [{ op: "remove", key: change.applet.key }];
    case "remove":
      return restore(plan, change.key);
    case "move": {
      const applet = plan.applets[change.key];
      return applet ? [{ op: "move", key: applet.key, x: applet.x, y: applet.y }] : [];
    }
    case "rename": {
      const applet = plan.applets[change.key];
      return applet ? [{ op: "rename", key: applet.key, name: applet.name }] : [];
    }
    case "set": {
      const applet = plan.applets[change.key];
      return applet ? [{ op: "set", key: change.key, ...before(applet.settings, change.path) }] : [];
    }
    case "wire":
    case "unwire": {
      const wire = plan.wires[wireId(change.source, change.exit)];
      if (wire) return [{ op: "wire", ...wire }];
      return change.op === "wire" ? [{ op: "unwire", source: change.source, exit: change.exit }] : [];
    }
    case "set_plan":
      return [{ op: "set_plan", field: change.field, value: plan[change.field] as unknown as Json }];
  }
}

function applyOne(plan: Plan, change: Change): void {
  switch (change.op) {
    case "place":
      if (plan.applets[change.applet.key]) throw new Misfit(change, "This applet is on the plan already.");
      plan.applets[change.applet.key] = structuredClone(change.applet);
      return;
    case "remove":
      known(plan, change, change.key);
      delete plan.applets[change.key];
      for (const [id, wire] of Object.entries(plan.wires))
        if (wire.source === change.key || wire.target === change.key) delete plan.wires[id];
      if (plan.initial === change.key) plan.initial = null;
      if (plan.hangup === change.key) plan.hangup = null;
      return;
    case "move": {
      const applet = known(plan, change, change.key);
      applet.x = change.x;
      applet.y = change.y;
      return;
    }
    case "rename":
      known(plan, change, change.key).name = change.name;
      return;
    case "set":
      put(known(plan, change, change.key).settings, change);
      return;
    case "wire":
      known(plan, change, change.source);
      if (change.target !== null) known(plan, change, change.target);
      plan.wires[wireId(change.source, change.exit)] = {
        source: change.source,
        exit: change.exit,
        target: change.target,
      };
      return;
    case "unwire":
      known(plan, change, change.source);
      delete plan.wires[wireId(change.source, change.exit)];
      return;
    case "set_plan":
      if ((change.field === "initial" || change.field === "hangup") && change.value !== null)
        known(plan, change, String(change.value));
      (plan as unknown as Record<PlanField, Json>)[change.field] = structuredClone(change.value);
      return;
  }
}

function known(plan: Plan, change: Change, key: string): PlacedApplet {
  const applet = plan.applets[key];
  if (!applet) throw new Misfit(change, "The applet is no longer on the plan.");
  return applet;
}

function restore(plan: Plan, key: string): Change[] {
  const applet = plan.applets[key];
  if (!applet) return [];
  const back: Change[] = [{ op: "place", applet }];
  for (const wire of Object.values(plan.wires))
    if (wire.source === key || wire.target === key) back.push({ op: "wire", ...wire });
  if (plan.initial === key) back.push({ op: "set_plan", field: "initial", value: key });
  if (plan.hangup === key) back.push({ op: "set_plan", field: "hangup", value: key });
  return back;
}

// -- settings by path --

/** The value at a path in settings; undefined where there is none. */
export function valueAt(settings: Json | undefined, path: string[]): Json | undefined {
  let here: Json | undefined = settings;
  for (const step of path) {
    if (Array.isArray(here)) here = here.find((item) => isObject(item) && item.id === step);
    else if (isObject(here)) here = Object.hasOwn(here, step) ? here[step] : undefined;
    else return undefined;
  }
  return here;
}

function put(settings: Settings, change: Extract<Change, { op: "set" }>): void {
  const { path, value } = change;
  const last = path.at(-1);
  if (last === undefined) throw new Misfit(change, "The change names no field.");
  let here: Json = settings;
  for (const step of path.slice(0, -1)) {
    let next = valueAt(here, [step]);
    if (next === undefined || next === null) {
      if (!isObject(here)) throw new Misfit(change, "The entry is no longer in the list.");
      next = {};
      here[step] = next;
    }
    here = next;
  }
  if (Array.isArray(here)) {
    const at = here.findIndex((item) => isObject(item) && item.id === last);
    if (value === undefined) at >= 0 && here.splice(at, 1);
    else if (at >= 0) here[at] = structuredClone(value);
    else here.push(structuredClone(value));
  } else if (isObject(here)) {
    if (value === undefined) delete here[last];
    else here[last] = structuredClone(value);
  } else throw new Misfit(change, "The field is not there.");
}

/** The change that restores what `put` at this path will alter: the shortest path whose parent exists. */
function before(settings: Settings, path: string[]): { path: string[]; value?: Json } {
  let here: Json = settings;
  for (let depth = 0; depth < path.length; depth++) {
    const part = path.slice(0, depth + 1);
    const next = valueAt(here, part.slice(-1));
    // An item taken out of a list comes back in its place only with the whole list.
    if (Array.isArray(here) && depth === path.length - 1) return { path: path.slice(0, depth), value: here };
    if (next === undefined) return { path: part };
    if (depth === path.length - 1 || next === null) return { path: part, value: next };
    here = next;
  }
  return { path };
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// -- questions --

/** A name nobody on this plan has yet: "Menu", "Menu 2", ... */
export function freeName(plan: Plan, wanted: string, except?: string): string {
  const taken = new Set(
    Object.values(plan.applets)
      .filter((applet) => applet.key !== except)
      .map((applet) => applet.name.trim().toLowerCase()),
  );
  const base = wanted.trim();
  if (!taken.has(base.toLowerCase())) return base;
  const stem = base.replace(/ \d+$/, "");
  for (let n = 2; ; n++) if (!taken.has(`${stem} ${n}`.toLowerCase())) return `${stem} ${n}`;
}

/** Joins changes that only repeat themselves: the last `move`, `rename` or `set` of the same thing stands for all. */
export function squeeze<C extends Change>(changes: C[]): C[] {
  const out: C[] = [];
  for (const change of changes) {
    const last = out.at(-1);
    if (last && sameThing(last, change)) out[out.length - 1] = { ...change, ...("id" in last ? { id: last.id } : {}) };
    else out.push(change);
  }
  return out;
}

/** Whether two changes set the same single thing, so that the later one makes the earlier one pointless. */
export function sameThing(one: Change, other: Change): boolean {
  if (one.op !== other.op) return false;
  if (one.op === "set" && other.op === "set")
    return one.key === other.key && one.path.join("\0") === other.path.join("\0");
  if (one.op === "set_plan" && other.op === "set_plan") return one.field === other.field;
  if ((one.op === "move" && other.op === "move") || (one.op === "rename" && other.op === "rename"))
    return one.key === other.key;
  return false;
}
