import { describe, expect, it } from "vitest";
import type { Json, PlacedApplet } from "./api/types";
import {
  apply,
  applyWithInverse,
  type Change,
  emptyPlan,
  freeName,
  fromDrawing,
  Misfit,
  type Plan,
  squeeze,
  valueAt,
  wireId,
} from "./plan";

const applet = (key: string, settings: PlacedApplet["settings"] = {}): PlacedApplet => ({
  key,
  type: "menu",
  name: key,
  settings,
  settings_version: 1,
  x: 0,
  y: 0,
});

const two = (): Plan =>
  apply(emptyPlan(), [
    { op: "place", applet: applet("a", { choices: [{ id: "c1", key: "1", label: "Pay" }], prompt: { text: "Hi" } }) },
    { op: "place", applet: applet("b") },
    { op: "wire", source: "a", exit: "key:1", target: "b" },
    { op: "wire", source: "b", exit: "next", target: null },
    { op: "set_plan", field: "initial", value: "a" },
    { op: "set_plan", field: "hangup", value: "b" },
  ]);

describe("operations", () => {
  it("reads a drawing from the API", () => {
    const plan = fromDrawing({
      version: { initial: "a", hangup: null, seeds: [], apology: "Sorry" },
      applets: [applet("a")],
      wires: [{ source: "a", exit: "next", target: null }],
    });
    expect(plan.applets.a?.name).toBe("a");
    expect(plan.wires[wireId("a", "next")]?.target).toBeNull();
  });

  it("takes wires and marks away with an applet, and brings all of it back", () => {
    const start = two();
    const { plan, inverse } = applyWithInverse(start, [{ op: "remove", key: "b" }]);
    expect(plan.wires).toEqual({});
    expect(plan.hangup).toBeNull();
    expect(plan.initial).toBe("a");
    expect(apply(plan, inverse)).toEqual(start);
  });

  it("keeps one wire per exit and remembers the one it replaced", () => {
    const start = two();
    const { plan, inverse } = applyWithInverse(start, [{ op: "wire", source: "a", exit: "key:1", target: "a" }]);
    expect(Object.values(plan.wires).filter((wire) => wire.exit === "key:1")).toHaveLength(1);
    expect(apply(plan, inverse)).toEqual(start);
  });

  it("names items of lists by id, and makes missing parents", () => {
    const start = two();
    const changes: Change[] = [
      { op: "set", key: "a", path: ["choices", "c1", "label"], value: "Pay now" },
      { op: "set", key: "a", path: ["no_input_prompt", "text"], value: "Hello?" },
    ];
    const { plan, inverse } = applyWithInverse(start, changes);
    expect(valueAt(plan.applets.a?.settings, ["choices", "c1", "label"])).toBe("Pay now");
    expect(valueAt(plan.applets.a?.settings, ["no_input_prompt", "text"])).toBe("Hello?");
    expect(apply(plan, inverse)).toEqual(start);
    expect(Object.keys(apply(plan, inverse).applets.a?.settings ?? {})).not.toContain("no_input_prompt");
  });

  it("takes an item out of a list and puts it back in its place", () => {
    const items = ["x", "y", "z"].map((id) => ({ id, key: id }));
    const start = apply(two(), [{ op: "set", key: "b", path: ["choices"], value: items }]);
    const { plan, inverse } = applyWithInverse(start, [{ op: "set", key: "b", path: ["choices", "y"] }]);
    expect(plan.applets.b?.settings.choices).toHaveLength(2);
    expect(apply(plan, inverse)).toEqual(start);
  });

  it("refuses what does not fit, and leaves the plan as it was", () => {
    const start = two();
    const misfits: Change[] = [
      { op: "place", applet: applet("a") },
      { op: "remove", key: "nobody" },
      { op: "wire", source: "a", exit: "key:1", target: "nobody" },
      { op: "set_plan", field: "initial", value: "nobody" },
      { op: "set", key: "a", path: ["choices", "nobody", "label"], value: "x" },
      { op: "set", key: "a", path: [], value: "x" },
    ];
    for (const misfit of misfits) {
      expect(() => apply(start, [{ op: "move", key: "a", x: 5, y: 5 }, misfit])).toThrow(Misfit);
      expect(start).toEqual(two());
    }
  });

  it("shares what did not change", () => {
    const start = two();
    const after = apply(start, [{ op: "move", key: "a", x: 9, y: 9 }]);
    expect(after.applets.b).toBe(start.applets.b);
    expect(after.wires).toBe(start.wires);
  });
});

describe("round trips", () => {
  // A small generator of our own: the same seed draws the same plan, so that a failure can be looked at again.
  const random = (seed: number) => () => {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return seed / 4294967296;
  };

  function someChange(plan: Plan, chance: () => number, n: number): Change {
    const keys = Object.keys(plan.applets);
    const any = <T>(list: T[]): T => list[Math.floor(chance() * list.length)] as T;
    const key = any(keys);
    const exits = ["next", "failure", "key:1", "rule:r"];
    const values: Json[] = ["text", 7, true, null, [{ id: "i1", label: "one" }], { text: "deep", file: "" }];
    const fields = [
      ["label"],
      ["prompt"],
      ["prompt", "text"],
      ["choices"],
      ["choices", "i1", "label"],
      ["choices", "i1"],
    ];
    if (keys.length < 2 || chance() < 0.2) return { op: "place", applet: applet(`k${n}`, { label: "x" }) };
    switch (Math.floor(chance() * 8)) {
      case 0:
        return { op: "remove", key };
      case 1:
        return { op: "move", key, x: Math.floor(chance() * 900), y: Math.floor(chance() * 900) };
      case 2:
        return { op: "rename", key, name: `Name ${n}` };
      case 3:
      case 4: {
        const path = any(fields);
        return chance() < 0.3 ? { op: "set", key, path } : { op: "set", key, path, value: any(values) };
      }
      case 5:
        return { op: "wire", source: key, exit: any(exits), target: chance() < 0.2 ? null : any(keys) };
      case 6:
        return { op: "unwire", source: key, exit: any(exits) };
      default:
        return { op: "set_plan", field: chance() < 0.5 ? "initial" : "hangup", value: chance() < 0.3 ? null : key };
    }
  }

  it("every batch can be taken back, step by step, to the very same plan", () => {
    let done = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const chance = random(seed);
      const past: { before: Plan; inverse: Change[] }[] = [];
      let plan = emptyPlan();
      for (let n = 0; n < 40; n++) {
        const batch = [someChange(plan, chance, n)];
        try {
          const step = applyWithInverse(plan, batch);
          past.push({ before: plan, inverse: step.inverse });
          plan = step.plan;
        } catch (error) {
          expect(error).toBeInstanceOf(Misfit);
        }
      }
      done += past.length;
      for (const { before, inverse } of past.reverse()) {
        plan = apply(plan, inverse);
        expect(plan).toEqual(before);
      }
      expect(plan).toEqual(emptyPlan());
    }
    expect(done).toBeGreaterThan(1500);
  });

  it("a batch of several comes back as one, and its inverse can be taken back too", () => {
    const start = two();
    const batch: Change[] = [
      { op: "place", applet: applet("c") },
      { op: "wire", source: "a", exit: "key:1", target: "c" },
      { op: "wire", source: "c", exit: "next", target: "b" },
      { op: "remove", key: "b" },
    ];
    const there = applyWithInverse(start, batch);
    const back = applyWithInverse(there.plan, there.inverse);
    expect(back.plan).toEqual(start);
    expect(apply(back.plan, back.inverse)).toEqual(there.plan);
  });
});

describe("small things", () => {
  it("finds a free name", () => {
    const plan = apply(emptyPlan(), [
      { op: "place", applet: { ...applet("a"), name: "Menu" } },
      { op: "place", applet: { ...applet("b"), name: "menu 2" } },
    ]);
    expect(freeName(plan, "Menu")).toBe("Menu 3");
    expect(freeName(plan, "Menu 2")).toBe("Menu 3");
    expect(freeName(plan, "Menu", "a")).toBe("Menu");
    expect(freeName(plan, "Sorry")).toBe("Sorry");
  });

  it("joins repetitions and keeps the first id", () => {
    const set = (value: string, id: string) => ({ op: "set" as const, key: "a", path: ["label"], value, id });
    expect(squeeze([set("a", "1"), set("ab", "2"), set("abc", "3")])).toEqual([set("abc", "1")]);
    const other = { op: "set" as const, key: "a", path: ["key"], value: "x", id: "4" };
    expect(squeeze([set("a", "1"), other, set("b", "5")])).toHaveLength(3);
  });
});
