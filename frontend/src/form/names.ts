/** Which data sources, settings and slots there are to choose from: what the server knows, and what was just drawn. */
import type { Draft, Json, Settings } from "../api/types";
import { record, resolve } from "../edit/actions";
import type { Types } from "../exits";
import type { Plan } from "../plan";
import { isRecord } from "./paths";

const ALWAYS = ["CallGuid", "CLID", "DialledNumber"];

export function namesOf(plan: Plan, types: Types, known: Draft["names"]): Draft["names"] {
  const sources = new Set([...ALWAYS, ...plan.seeds.map((seed) => seed.name), ...known.sources]);
  const slots = new Set(known.slots);
  for (const applet of Object.values(plan.applets)) {
    const root = types.get(applet.type)?.schema;
    if (root) collect(root, applet.settings, root, sources, slots);
  }
  for (const slot of slots) sources.add(`IVRSlot|${slot}`);
  const sorted = (names: Iterable<string>) => [...names].filter(Boolean).sort((a, b) => a.localeCompare(b));
  return { sources: sorted(sources), slots: sorted(slots), secrets: sorted(known.secrets) };
}

function collect(
  schema: Settings,
  value: Json | undefined,
  root: Settings,
  sources: Set<string>,
  slots: Set<string>,
): void {
  const part = resolve(schema, root);
  if (typeof value === "string") {
    if (part["x-source"] === "write") sources.add(value);
    if (part["x-source"] === "slot") slots.add(value);
  } else if (Array.isArray(value)) {
    for (const item of value) collect(record(part.items), item, root, sources, slots);
  } else if (isRecord(value)) {
    for (const [name, field] of Object.entries(record(part.properties)))
      collect(record(field), value[name], root, sources, slots);
  }
}
