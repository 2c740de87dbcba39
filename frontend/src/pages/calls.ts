/** A list of calls that keeps up with what happens: rows read from the server, and rows heard since. Pure. */
import type { CallRow } from "../api/types";

export interface CallFilter {
  state: string;
  plan: string;
  search: string;
}

/**
 * The rows to show. What was heard is newer than what was read. A call nobody read yet joins the list only where the
 * filter can be judged here: a search is the server's business.
 */
export function merged(read: readonly CallRow[], heard: ReadonlyMap<string, CallRow>, filter: CallFilter): CallRow[] {
  const known = new Set(read.map((row) => row.id));
  const rows = read.map((row) => heard.get(row.id) ?? row);
  if (!filter.search) rows.push(...[...heard.values()].filter((row) => !known.has(row.id)));
  return rows
    .filter((row) => !filter.state || row.state === filter.state)
    .filter((row) => !filter.plan || row.plan?.id === filter.plan)
    .sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
}

/** Seconds a call has lasted; a live one runs on with the clock. */
export function lasted(row: CallRow, now: number): number {
  return row.state === "ended" ? row.seconds : Math.max(row.seconds, (now - Date.parse(row.started_at)) / 1000);
}
