import { describe, expect, it } from "vitest";
import type { CallRow } from "../api/types";
import { lasted, merged } from "./calls";

const row = (id: string, minute: number, state: "live" | "ended" = "live", plan = "p") =>
  ({
    id,
    state,
    plan: { id: plan, name: plan },
    started_at: `2026-11-20T09:${String(minute).padStart(2, "0")}:00Z`,
    seconds: 7,
  }) as CallRow;

describe("a list of calls that keeps up", () => {
  const none = { state: "", plan: "", search: "" };

  it("takes what was heard for what was read, and puts new calls first", () => {
    const heard = new Map([
      ["a", row("a", 1, "ended")],
      ["c", row("c", 3)],
    ]);
    const rows = merged([row("b", 2), row("a", 1)], heard, none);
    expect(rows.map((r) => `${r.id} ${r.state}`)).toEqual(["c live", "b live", "a ended"]);
  });

  it("keeps to its filter: an ended call leaves the live ones, another plan's never joins", () => {
    const heard = new Map([
      ["a", row("a", 1, "ended")],
      ["x", row("x", 5, "live", "q")],
    ]);
    expect(merged([row("b", 2), row("a", 1)], heard, { ...none, state: "live", plan: "p" }).map((r) => r.id)).toEqual([
      "b",
    ]);
  });

  it("lets no unknown call into a search", () => {
    expect(merged([], new Map([["a", row("a", 1)]]), { ...none, search: "0123" })).toEqual([]);
  });

  it("knows how long a call lasts", () => {
    const now = Date.parse("2026-11-20T09:02:30Z");
    expect(lasted(row("a", 2), now)).toBe(30);
    expect(lasted(row("a", 2, "ended"), now)).toBe(7);
  });
});
