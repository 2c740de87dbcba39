import { describe, expect, it } from "vitest";
import type { AppletType, PlacedApplet, Settings } from "../api/types";
import { byType } from "../exits";
import { apply, applyWithInverse, type Change, emptyPlan, type Plan, wireId } from "../plan";
import { defaults, duplicate, makeRoom, place, settle } from "./actions";

const menu: AppletType = {
  type: "menu",
  title: "Menu",
  family: "ask",
  help: "",
  version: 2,
  channels: ["calls"],
  summary: [],
  exits: [
    { each: true, path: "choices", prefix: "key", name: "key", label: "{key} {label}", kind: "normal" },
    { each: false, name: "no_input", label: "No input", kind: "failure" },
  ],
  uses: [],
  schema: {
    $defs: { Prompt: { type: "object", properties: { text: { type: "string", default: "" } } } },
    type: "object",
    properties: {
      prompt: { $ref: "#/$defs/Prompt" },
      choices: { type: "array" },
      seconds: { type: "integer", default: 5 },
      source: { type: "string" },
    },
  },
};
const say: AppletType = {
  ...menu,
  type: "say",
  title: "Say",
  exits: [
    { each: false, name: "failure", label: "Failure", kind: "failure" },
    { each: false, name: "next", label: "Next", kind: "normal" },
  ],
};
const types = byType([menu, say]);

const card = (key: string, type: string, x: number, y: number, settings: Settings = {}): PlacedApplet => ({
  key,
  type,
  name: key,
  settings,
  settings_version: 1,
  x,
  y,
});
const draw = (...changes: Change[]): Plan => apply(emptyPlan(), changes);
const put = (applet: PlacedApplet): Change => ({ op: "place", applet });

describe("placing", () => {
  it("starts with the schema's defaults, and makes the first applet the initial one", () => {
    expect(defaults(menu.schema)).toEqual({ prompt: { text: "" }, choices: [], seconds: 5 });
    const made = place(emptyPlan(), menu, { x: 10.4, y: 20.6 });
    const plan = apply(emptyPlan(), made.changes);
    expect(plan.initial).toBe(made.key);
    expect(plan.applets[made.key]).toMatchObject({ name: "Menu", x: 10, y: 21, settings_version: 2 });
    const second = place(plan, menu, { x: 0, y: 0 });
    expect(apply(plan, second.changes).initial).toBe(made.key);
    expect(apply(plan, second.changes).applets[second.key]?.name).toBe("Menu 2");
  });

  it("goes into a wire by its first normal exit", () => {
    const plan = draw(put(card("a", "say", 0, 0)), put(card("b", "say", 300, 0)), {
      op: "wire",
      source: "a",
      exit: "next",
      target: "b",
    });
    const made = place(plan, say, { x: 0, y: 0 }, { onWire: wireId("a", "next") });
    const { plan: after, inverse } = applyWithInverse(plan, made.changes);
    expect(after.wires[wireId("a", "next")]?.target).toBe(made.key);
    expect(after.wires[wireId(made.key, "next")]?.target).toBe("b");
    expect(apply(after, inverse)).toEqual(plan);
  });

  it("makes room in the row when the wire is short, and leaves other rows alone", () => {
    const plan = draw(
      put(card("a", "say", 0, 0)),
      put(card("b", "say", 300, 0)),
      put(card("c", "say", 600, 40)),
      put(card("below", "say", 300, 400)),
      { op: "wire", source: "a", exit: "next", target: "b" },
    );
    const room = makeRoom(plan, types, wireId("a", "next"));
    expect(room?.at).toEqual({ x: 300, y: 0 });
    const after = apply(plan, room?.changes ?? []);
    expect([after.applets.b?.x, after.applets.c?.x, after.applets.below?.x, after.applets.a?.x]).toEqual([
      600, 900, 300, 0,
    ]);
    const far = apply(plan, [{ op: "move", key: "b", x: 700, y: 0 }]);
    expect(makeRoom(far, types, wireId("a", "next"))).toBeNull();
    const back = apply(plan, [{ op: "move", key: "b", x: -300, y: 0 }]);
    expect(makeRoom(back, types, wireId("a", "next"))).toBeNull();
  });
});

describe("settings and their wires", () => {
  const choices = [
    { id: "one", key: "1", label: "Pay" },
    { id: "two", key: "2", label: "Speak" },
  ];
  const plan = draw(
    put(card("m", "menu", 0, 0, { choices })),
    put(card("x", "say", 300, 0)),
    put(card("y", "say", 300, 200)),
    { op: "wire", source: "m", exit: "key:1", target: "x" },
    { op: "wire", source: "m", exit: "key:2", target: "y" },
  );
  const wiresAfter = (value: Settings[]) => {
    const changes = settle(plan, types, "m", [{ op: "set", key: "m", path: ["choices"], value }]);
    const step = applyWithInverse(plan, changes);
    expect(apply(step.plan, step.inverse)).toEqual(plan);
    return Object.fromEntries(Object.values(step.plan.wires).map((wire) => [wire.exit, wire.target]));
  };
  const [one, two] = choices as unknown as [Settings, Settings];

  it("take a wire along when its item gets another name", () => {
    expect(wiresAfter([{ ...one, key: "5" }, two])).toEqual({ "key:5": "x", "key:2": "y" });
  });

  it("swap when two items swap names", () => {
    expect(
      wiresAfter([
        { ...one, key: "2" },
        { ...two, key: "1" },
      ]),
    ).toEqual({ "key:2": "x", "key:1": "y" });
  });

  it("lose a wire with its item, and only then", () => {
    expect(wiresAfter([two])).toEqual({ "key:2": "y" });
    expect(wiresAfter([{ ...one, key: "" }, two])).toEqual({ "key:1": "x", "key:2": "y" });
    expect(wiresAfter([two, one])).toEqual({ "key:1": "x", "key:2": "y" });
    expect(wiresAfter([{ ...one, label: "Pay now" }, two])).toEqual({ "key:1": "x", "key:2": "y" });
  });

  it("hand an exit over when another item takes the deleted one's name", () => {
    expect(wiresAfter([{ ...two, key: "1" }])).toEqual({ "key:1": "y" });
  });
});

describe("duplicating", () => {
  it("gives new keys and item ids, free names, and keeps the wires among the copies", () => {
    const plan = draw(
      put(card("m", "menu", 0, 0, { choices: [{ id: "one", key: "1" }] })),
      put(card("x", "say", 300, 0)),
      put(card("other", "say", 600, 0)),
      { op: "wire", source: "m", exit: "key:1", target: "x" },
      { op: "wire", source: "x", exit: "next", target: "other" },
      { op: "wire", source: "m", exit: "no_input", target: null },
    );
    const copy = duplicate(plan, types, ["m", "x"]);
    const after = apply(plan, copy.changes);
    const [m, x] = copy.keys as [string, string];
    expect(after.applets[m]?.name).toBe("m 2");
    const choices = after.applets[m]?.settings.choices as Settings[] | undefined;
    expect(choices?.[0]?.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(after.wires[wireId(m, "key:1")]?.target).toBe(x);
    expect(after.wires[wireId(m, "no_input")]?.target).toBeNull();
    expect(after.wires[wireId(x, "next")]).toBeUndefined();
  });
});
