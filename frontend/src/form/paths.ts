/** Paths in settings: the form counts list entries, operations name them by id. And what a schema says of a value. */
import type { Json, Settings } from "../api/types";

export type Path = (string | number)[];

/** The same path with entries of lists by their id; null when an entry has none. */
export function byId(settings: Settings, path: Path): string[] | null {
  const out: string[] = [];
  let here: Json | undefined = settings;
  for (const step of path) {
    if (Array.isArray(here)) {
      const item: Json | undefined = here[Number(step)];
      const id: Json | undefined = isRecord(item) ? item.id : undefined;
      if (typeof id !== "string") return null;
      out.push(id);
      here = item;
    } else {
      out.push(String(step));
      here = isRecord(here) ? here[String(step)] : undefined;
    }
  }
  return out;
}

/** The value at a path of the form. */
export function at(settings: Json | undefined, path: Path): Json | undefined {
  let here = settings;
  for (const step of path) {
    if (Array.isArray(here)) here = here[Number(step)];
    else if (isRecord(here)) here = here[String(step)];
    else return undefined;
  }
  return here;
}

export function isRecord(value: Json | undefined): value is Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export type Fault = "number" | "whole" | "least" | "most" | "long" | "pattern";

/** Why the server would never take this value, or null. What is merely not filled in yet is no fault. */
export function faultOf(schema: Settings, value: Json | undefined): { fault: Fault; limit?: number } | null {
  if (value === undefined || value === "") return null;
  if (schema.type === "integer" || schema.type === "number") {
    if (typeof value !== "number" || !Number.isFinite(value)) return { fault: "number" };
    if (schema.type === "integer" && !Number.isInteger(value)) return { fault: "whole" };
    if (typeof schema.minimum === "number" && value < schema.minimum) return { fault: "least", limit: schema.minimum };
    if (typeof schema.maximum === "number" && value > schema.maximum) return { fault: "most", limit: schema.maximum };
  }
  if (typeof value === "string") {
    if (typeof schema.maxLength === "number" && [...value].length > schema.maxLength)
      return { fault: "long", limit: schema.maxLength };
    if (typeof schema.pattern === "string" && !new RegExp(schema.pattern, "u").test(value)) return { fault: "pattern" };
  }
  return null;
}

export interface Choice {
  value: string;
  label: string;
  when?: string;
}

/** Fixed choices of a field: an enum, or a oneOf of constants with titles. */
export function choicesOf(schema: Settings): Choice[] | null {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => ({ value: String(value), label: String(value) }));
  const options = Array.isArray(schema.oneOf) ? schema.oneOf : null;
  if (!options?.every((option) => isRecord(option) && "const" in option)) return null;
  return options.filter(isRecord).map((option) => ({
    value: String(option.const),
    label: String(option.title ?? option.const),
    ...(typeof option["x-when"] === "string" ? { when: option["x-when"] } : {}),
  }));
}

/** Every distinct placeholder in some settings: $(Name) or #(Key), in the order met. */
export function placeholdersIn(value: Json | undefined, sign: "$" | "#"): string[] {
  const found = new Set<string>();
  const walk = (part: Json | undefined) => {
    if (typeof part === "string")
      for (const match of part.matchAll(sign === "$" ? /\$\(([^)]+)\)/g : /#\(([^)]+)\)/g))
        found.add(match[1] as string);
    else if (Array.isArray(part)) part.forEach(walk);
    else if (isRecord(part)) Object.values(part).forEach(walk);
  };
  walk(value);
  return [...found];
}
