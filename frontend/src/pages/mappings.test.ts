import { describe, expect, it } from "vitest";
import type { Mapping } from "./kit/types";
import { ranked } from "./mappings";

const mapping = (id: string, priority: number, modified: string, ...destinations: string[]) =>
  ({ id, priority, modified, destinations }) as Mapping;

describe("which mapping counts", () => {
  it("is the highest priority, at a tie the last modified, of those with the destination", () => {
    const all = [
      mapping("old", 5, "2026-01-01T00:00:00Z", "d"),
      mapping("low", 1, "2026-09-01T00:00:00Z", "d"),
      mapping("new", 5, "2026-02-01T00:00:00Z", "d", "e"),
      mapping("other", 9, "2026-02-01T00:00:00Z", "e"),
    ];
    expect(ranked(all, "d").map((m) => m.id)).toEqual(["new", "old", "low"]);
    expect(ranked(all, "x")).toEqual([]);
  });
});
