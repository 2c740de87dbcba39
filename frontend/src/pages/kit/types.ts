/** Rows of the pages beside the canvas, as the API gives them. */

export interface SeedRow {
  name: string;
  value: string;
}

export interface Impact {
  destinations: { id: string; name: string; address: string }[];
  mappings: { id: string; live: boolean; priority: number }[];
  calls_live: number;
  calls_past: number;
}

export interface Destination {
  id: string;
  connection: string | null;
  connection_name: string | null;
  kind: "pstn" | "api";
  address: string;
  name: string;
  description: string;
  seeds: SeedRow[];
  mappings: { id: string; priority: number; live_plan: string; live_plan_name: string }[];
}

export interface Mapping {
  id: string;
  destinations: string[];
  live_plan: string;
  live_plan_name: string;
  test_plan: string | null;
  test_plan_name: string | null;
  sources: string[];
  seeds: SeedRow[];
  priority: number;
  modified: string;
}

export interface Connection {
  id: string;
  provider: string;
  name: string;
  active: boolean;
  settings: { own_numbers?: string[]; unsigned?: "refuse" | "retry"; region?: string; [name: string]: unknown };
  fallback: string;
  /** names of the keys that are set; their values are never sent */
  secrets_set: string[];
  addresses: Record<string, string>;
  destinations: number;
}

export interface Secret {
  id: string;
  key: string;
  has_value: boolean;
  is_null: boolean;
  updated: string;
}

export interface PaymentLine {
  id: string;
  number: string;
  name: string;
  caller_ids: string[];
  warnings: string[];
}
