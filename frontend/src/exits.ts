/**
 * What an applet's card shows, from the catalogue's data alone: its exits in the form's order, its summary line, its
 * size and where its sockets are. Mirrors `drawn_exits` and `shows` of the server. No DOM, no React.
 */
import type { AppletType, ExitKind, ExitPerItem, Json, PlacedApplet, Settings, Wire } from "./api/types";
import { type Plan, wireId } from "./plan";

export interface DrawnExit {
  name: string;
  label: string;
  /** the label where room is scarce */
  short: string;
  kind: ExitKind;
}

export interface CardExit extends DrawnExit {
  /** wired: leads on; ends: meant to end here; open: nobody has said */
  state: "wired" | "ends" | "open";
  /** the settings no longer have this exit, but a wire still hangs on it */
  orphan: boolean;
}

export type Types = Map<string, AppletType>;

export const byType = (catalogue: AppletType[]): Types => new Map(catalogue.map((type) => [type.type, type]));

/** Whether a `when` ("f", "!f", "f=v", "f=v,w"; several joined by " or " or by " and ") holds on plain settings. */
export function shows(when: string | undefined | null, settings: Settings): boolean {
  if (!when) return true;
  if (when.includes(" or ")) return when.split(" or ").some((part) => shows(part, settings));
  if (when.includes(" and ")) return when.split(" and ").every((part) => shows(part, settings));
  if (when.startsWith("!")) return !truthy(settings[when.slice(1)]);
  const at = when.indexOf("=");
  if (at < 0) return truthy(settings[when]);
  const value = settings[when.slice(0, at)];
  return when
    .slice(at + 1)
    .split(",")
    .includes(value === null || value === undefined ? "None" : String(value));
}

function truthy(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** The exits this applet has with these settings (possibly incomplete), in the form's order. */
export function drawnExits(type: AppletType | undefined, settings: Settings): DrawnExit[] {
  const out: DrawnExit[] = [];
  for (const exit of type?.exits ?? []) {
    if (!shows(exit.when, settings)) continue;
    if (!exit.each) out.push({ name: exit.name, label: exit.label, short: exit.short ?? exit.label, kind: exit.kind });
    else out.push(...exitsOfItems(exit, settings));
  }
  return out;
}

function exitsOfItems(exit: ExitPerItem, settings: Settings): DrawnExit[] {
  const items = lookUp(settings, exit.path);
  if (!Array.isArray(items)) return [];
  return items.flatMap((item) => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return [];
    const name = item[exit.name];
    if (name === undefined || name === null || name === "") return [];
    const filled = exit.label.replace(/\{(\w+)\}/g, (_, key: string) => plain(item[key]));
    const label = filled.trim() || plain(name);
    return [{ name: `${exit.prefix}:${plain(name)}`, label, short: label, kind: exit.kind }];
  });
}

/** For types with an exit per item: which exit each item (by id) has. Used to take wires along when a name changes. */
export function exitsByItem(type: AppletType | undefined, settings: Settings): Map<string, string> {
  const out = new Map<string, string>();
  for (const exit of type?.exits ?? []) {
    if (!exit.each) continue;
    const items = lookUp(settings, exit.path);
    if (!Array.isArray(items)) continue;
    for (const item of items) {
      if (typeof item !== "object" || item === null || Array.isArray(item)) continue;
      const name = item[exit.name];
      if (typeof item.id === "string" && name !== undefined && name !== null && name !== "")
        out.set(item.id, `${exit.prefix}:${plain(name)}`);
    }
  }
  return out;
}

/** The rows of a card: the drawn exits with the state of their wires, then wires whose exit is gone. */
export function cardExits(plan: Plan, applet: PlacedApplet, type: AppletType | undefined, own: Wire[]): CardExit[] {
  const drawn = drawnExits(type, applet.settings);
  const rows: CardExit[] = drawn.map((exit) => {
    const wire = plan.wires[wireId(applet.key, exit.name)];
    const state = wire ? (wire.target === null ? "ends" : "wired") : exit.kind === "end" ? "ends" : "open";
    return { ...exit, state, orphan: false };
  });
  const names = new Set(drawn.map((exit) => exit.name));
  for (const wire of own) {
    if (names.has(wire.exit)) continue;
    const label = wire.exit.replace(/^[a-z_]+:/, "").slice(0, 24);
    rows.push({
      name: wire.exit,
      label,
      short: label,
      kind: "normal",
      state: wire.target === null ? "ends" : "wired",
      orphan: type !== undefined,
    });
  }
  return rows;
}

/** Wires by the applet they leave, for `cardExits` of a whole plan in one pass. */
export function wiresBySource(plan: Plan): Map<string, Wire[]> {
  const out = new Map<string, Wire[]>();
  for (const wire of Object.values(plan.wires)) {
    const own = out.get(wire.source);
    if (own) own.push(wire);
    else out.set(wire.source, [wire]);
  }
  return out;
}

// -- the summary line --

/** What the applet does here: the first of its templates whose {paths} all have something to say, and whose
 *  condition holds: `[kind=file] {file}`. */
export function summary(type: AppletType | undefined, settings: Settings): string {
  for (const conditional of type?.summary ?? []) {
    const [, when, template = conditional] = /^\[([^\]]+)\] (.*)$/.exec(conditional) ?? [];
    if (!shows(when, settings)) continue;
    let full = true;
    const line = template.replace(/\{([^}|]+)(\|count)?\}/g, (_, path: string, count?: string) => {
      const value = lookUp(settings, path);
      const words = count ? (Array.isArray(value) && value.length > 0 ? String(value.length) : "") : plain(value);
      if (!words) full = false;
      return words;
    });
    if (full) return inShort(oneOf(template, line).replace(/\s+/g, " ").trim());
  }
  return "";
}

/** A line that begins with a count: "1 rule", not "1 rules". */
function oneOf(template: string, line: string): string {
  return /^\{[^}|]+\|count\}/.test(template) ? line.replace(/^1 ((?:data )?[a-z]+?)s\b/, "1 $1") : line;
}

const ROOM = 33; // about so many letters stand in a card's line

/** An address that is too long loses its scheme and then its middle: where it leads says more than how it begins. */
function inShort(line: string): string {
  return line.replace(/https?:\/\/(\S+)/, (_, rest: string) => {
    const room = ROOM - (line.length - rest.length - 8);
    if (rest.length <= room) return rest;
    const cut = rest.indexOf("/", rest.length - room + 10);
    const tail = cut > 0 ? rest.slice(cut) : rest.slice(rest.lastIndexOf("/"));
    const host = rest.split(/[./]/)[0] ?? "";
    return tail.length < rest.length && tail.length > 1 ? `${host}…${tail}` : rest;
  });
}

export interface Piece {
  kind: "text" | "source" | "secret";
  text: string;
}

/** Text cut into words, $(Name) and #(Key). Key text runs to the first ")". */
export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(/([$#])\(([^)]*)\)/g)) {
    if (match.index > from) out.push({ kind: "text", text: text.slice(from, match.index) });
    out.push({ kind: match[1] === "$" ? "source" : "secret", text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) out.push({ kind: "text", text: text.slice(from) });
  return out;
}

function lookUp(settings: Settings, path: string): Json | undefined {
  let here: Json | undefined = settings;
  for (const step of path.split(".")) {
    if (typeof here !== "object" || here === null) return undefined;
    here = Array.isArray(here) ? here[Number(step)] : here[step];
  }
  return here;
}

function plain(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? "" : String(value);
}

// -- the card's measures --

export const CARD = { width: 236, header: 50, summary: 24, row: 24, padding: 7, inlet: 25 } as const;

export const cardHeight = (exits: number): number => CARD.header + CARD.summary + CARD.padding + CARD.row * exits;

/** Where the n-th exit's socket is, from the card's top left corner. */
export const socketAt = (n: number): { x: number; y: number } => ({
  x: CARD.width,
  y: CARD.header + CARD.summary + 3 + CARD.row * n + CARD.row / 2,
});

/** Where wires come in. */
export const inletAt = { x: 0, y: CARD.inlet } as const;
