/** Which mapping a call to a destination takes: highest priority, at a tie the one modified last. Pure. */
import type { Mapping } from "./kit/types";

export function ranked(mappings: readonly Mapping[], destination: string): Mapping[] {
  return mappings
    .filter((mapping) => mapping.destinations.includes(destination))
    .sort((a, b) => b.priority - a.priority || Date.parse(b.modified) - Date.parse(a.modified));
}
