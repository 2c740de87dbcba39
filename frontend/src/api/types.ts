/**
 * What the API speaks, by short names. The shapes come from the server's own schema (schema.d.ts, `npm run types`);
 * here only free JSON gets a type that can be walked. Times are ISO 8601 in UTC; ids are UUIDs in text.
 */
import type { components } from "./schema";

type Shapes = components["schemas"];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Settings = { [key: string]: Json };

export type Session = Shapes["Session"];
export type Role = Session["account"]["role"];

// -- applet types, as the catalogue describes them --

/** Fields with a default on the server may be left out by other makers of types, such as tests. */
type Partly<T, Optional extends keyof T> = Omit<T, Optional> & Partial<Pick<T, Optional>>;

export type FixedExit = Partly<Shapes["FixedExit"], "anywhere" | "when" | "short">;
export type ExitPerItem = Partly<Shapes["ItemExit"], "when">;
export type ExitKind = FixedExit["kind"];
export type AppletType = Omit<Shapes["AppletType"], "exits" | "schema"> & {
  exits: (FixedExit | ExitPerItem)[];
  schema: Settings;
};
export type Family = AppletType["family"];

// -- a drawing --

export type PlacedApplet = Omit<Shapes["DrawnApplet"], "settings"> & { settings: Settings };
/** target null: meant to end here */
export type Wire = Shapes["DrawnWire"];
export type VersionFields = Shapes["VersionFields"];
export type Seed = VersionFields["seeds"][number];

export type Problem = Omit<Shapes["Problem"], "params" | "fix" | "also"> & {
  params: Settings;
  fix: Fix | null;
  also: Fix[];
};
export interface Fix {
  label: string;
  operations: Settings[];
}
export type Grade = Problem["grade"];

export interface Drawing {
  version: VersionFields;
  applets: PlacedApplet[];
  wires: Wire[];
}

/** A draft, or a frozen version in the same shape. */
export type Draft = Omit<Shapes["Drawing"], "applets" | "problems"> & {
  applets: PlacedApplet[];
  problems: Problem[];
};

export type OperationsAnswer = Omit<Shapes["Applied"], "problems"> & { problems: Problem[] };
export type OperationsByOthers = Omit<Shapes["LoggedBatch"], "operations"> & { operations: Settings[] };

// -- lists --

export type PlanRow = Shapes["PlanRow"];
export type CallRow = Shapes["CallRow"];
/** kinds may grow; what is not known is shown by its name */
export type CallEvent = Omit<Shapes["CallEvent"], "data" | "kind"> & { kind: string; data: Settings };
export type SourceValue = Shapes["SourceNow"];
export type Waiting = Shapes["Waiting"];
export type CallSnapshot = Omit<Shapes["Snapshot"], "events"> & { events: CallEvent[] };

// -- trying things --

export type Trial = Shapes["TrialOut"];
export type ConnectorTest = Shapes["ConnectorTestOut"];
