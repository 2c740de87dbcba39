/** What the API speaks. Times are ISO 8601 in UTC; ids are UUIDs in text. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Settings = { [key: string]: Json };

export type Role = "owner" | "editor" | "viewer";

export interface Session {
  user: { id: string | number; name: string; email: string };
  account: { id: string; name: string; role: Role; zone: string; language: string; currency?: string };
  csrf: string;
  embedded: boolean;
  sandbox: boolean;
}

// -- applet types, as the catalogue describes them --

export type Family =
  | "speak"
  | "ask"
  | "data"
  | "route"
  | "connect"
  | "pay"
  | "queue"
  | "record"
  | "notify"
  | "bot"
  | "control";
export type ExitKind = "normal" | "failure" | "end";

export interface FixedExit {
  each: false;
  name: string;
  label: string;
  /** the label where room is scarce */
  short?: string;
  kind: ExitKind;
  when?: string;
  anywhere?: boolean;
}

export interface ExitPerItem {
  each: true;
  path: string;
  prefix: string;
  name: string;
  label: string;
  kind: ExitKind;
  when?: string;
}

export interface AppletType {
  type: string;
  title: string;
  family: Family;
  help: string;
  version: number;
  channels: string[];
  summary: string[];
  exits: (FixedExit | ExitPerItem)[];
  uses: string[];
  schema: Settings;
}

// -- a drawing --

export interface PlacedApplet {
  key: string;
  type: string;
  name: string;
  settings: Settings;
  settings_version: number;
  x: number;
  y: number;
}

export interface Wire {
  source: string;
  exit: string;
  /** null: meant to end here */
  target: string | null;
}

export interface Seed {
  id: string;
  name: string;
  value: string;
}

export interface VersionFields {
  initial: string | null;
  hangup: string | null;
  seeds: Seed[];
  apology: string;
}

export type Grade = "error" | "warning";

export interface Problem {
  code: string;
  grade: Grade;
  words: string;
  applet: string | null;
  /** dotted path in the applet's settings */
  field: string | null;
  exit: string | null;
  fix: { label: string; operations: Settings[] } | null;
  params: Settings;
}

export interface Drawing {
  version: VersionFields;
  applets: PlacedApplet[];
  wires: Wire[];
}

export interface Draft extends Drawing {
  plan: string;
  name: string;
  revision: number;
  live_version: number | null;
  changes_since_live: number;
  problems: Problem[];
  names: { sources: string[]; secrets: string[]; slots: string[] };
  role: Role;
}

export interface OperationsAnswer {
  revision: number;
  problems: Problem[];
  changes_since_live?: number;
}

export interface OperationsByOthers {
  revision: number;
  author: string | null;
  at: string;
  operations: Settings[];
}

// -- lists --

export interface PlanRow {
  id: string;
  name: string;
  description: string;
  revision: number;
  live_version: number | null;
  live_version_id: string | null;
  changes_since_live: number;
  status: "Mapped" | "Unmapped";
  problems: { errors: number; warnings: number } | null;
  modified: string;
  modified_by: string | null;
  calls_live: number;
}

export interface CallRow {
  id: string;
  state: "live" | "ended";
  plan: { id: string; name: string };
  version: { id: string; number: number | null; revision: number };
  clid: string;
  dialled: string;
  provider: string;
  trial: boolean;
  started_at: string;
  ended_at: string | null;
  end_reason: string;
  at_applet: { key: string; name: string } | null;
  seconds: number;
}

export interface CallEvent {
  no: number;
  at: string;
  kind: string;
  applet: string | null;
  data: Settings;
}

export interface SourceValue {
  name: string;
  value: string | null;
  length: number;
  sealed: boolean;
  collected: boolean;
  applet: string | null;
  masked: boolean;
}

export interface Waiting {
  what: string;
  applet: string | null;
  since: string;
  seconds: number | null;
}

export interface CallSnapshot {
  call: CallRow;
  seq: number;
  version_id: string;
  events: CallEvent[];
  sources: SourceValue[];
  waiting: Waiting | null;
}

// -- trying things --

export interface Trial {
  call: string;
  key: string;
  answer: string;
  revision: number;
}

export interface ConnectorTest {
  request: { method: string; url: string; headers: { key: string; value: string }[]; body: string };
  status: number | null;
  seconds: number;
  values: { destination: string; value: string | null; issues: string[] }[];
  issues: string[];
  body: string;
  error: string | null;
}
