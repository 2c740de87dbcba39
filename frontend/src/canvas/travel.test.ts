import { describe, expect, it } from "vitest";
import type { PlacedApplet } from "../api/types";
import { byType } from "../exits";
import { apply, emptyPlan } from "../plan";
import { draw } from "./drawn";
import { neighbour } from "./travel";

const type = {
  type: "say",
  title: "Say",
  family: "speak" as const,
  help: "",
  version: 1,
  channels: [],
  summary: [],
  exits: [{ each: false as const, name: "next", label: "Next", kind: "normal" as const }],
  uses: [],
  schema: {},
};

const card = (key: string, x: number, y: number): PlacedApplet => ({
  key,
  type: "say",
  name: key,
  settings: {},
  settings_version: 1,
  x,
  y,
});

describe("travelling by keyboard", () => {
  const plan = apply(emptyPlan(), [
    { op: "place", applet: card("a", 0, 0) },
    { op: "place", applet: card("b", 300, 0) },
    { op: "place", applet: card("c", 0, 300) },
    { op: "place", applet: card("d", 300, 300) },
    { op: "wire", source: "a", exit: "next", target: "d" },
  ]);
  const drawn = draw(plan, byType([type]), [], null);

  it("follows wires first, then looks for the nearest card", () => {
    expect(neighbour(drawn, "a", "right")).toBe("d");
    expect(neighbour(drawn, "d", "left")).toBe("a");
    expect(neighbour(drawn, "c", "right")).toBe("d");
    expect(neighbour(drawn, "d", "up")).toBe("b");
    expect(neighbour(drawn, "a", "down")).toBe("c");
    expect(neighbour(drawn, "a", "up")).toBeNull();
  });

  it("keeps a card's identity while nothing about it changes", () => {
    const moved = draw(apply(plan, [{ op: "move", key: "a", x: 5, y: 5 }]), byType([type]), [], drawn);
    expect(moved.byKey.get("c")).toBe(drawn.byKey.get("c"));
    expect(moved.byKey.get("a")).not.toBe(drawn.byKey.get("a"));
    const unwired = draw(apply(plan, [{ op: "unwire", source: "a", exit: "next" }]), byType([type]), [], drawn);
    expect(unwired.byKey.get("a")?.data.exits[0]?.state).toBe("open");
    expect(unwired.byKey.get("d")).toBe(drawn.byKey.get("d"));
  });
});
