import { describe, expect, it } from "vitest";
import type { AppletType } from "./api/types";
import { CARD, cardExits, cardHeight, drawnExits, exitsByItem, pieces, shows, socketAt, summary } from "./exits";
import { apply, emptyPlan, wireId } from "./plan";

const menu: AppletType = {
  type: "menu",
  title: "Menu",
  family: "ask",
  help: "",
  version: 1,
  channels: ["calls"],
  summary: ["“{prompt.text}”", "{choices|count} options", "No prompt yet"],
  exits: [
    { each: true, path: "choices", prefix: "key", name: "key", label: "{key}  {label}", kind: "normal" },
    { each: false, name: "no_input", label: "Applet when nothing was keyed", short: "No input", kind: "failure" },
    { each: false, name: "done", label: "Done", kind: "end", when: "store" },
  ],
  uses: [],
  schema: {},
};

describe("when", () => {
  it("reads as the server does", () => {
    expect(shows(undefined, {})).toBe(true);
    expect(shows("to_source", { to_source: true })).toBe(true);
    expect(shows("to_source", { to_source: false })).toBe(false);
    expect(shows("rows", { rows: [] })).toBe(false);
    expect(shows("!to_source", {})).toBe(true);
    expect(shows("kind=date,time", { kind: "time" })).toBe(true);
    expect(shows("kind=date", { kind: "time" })).toBe(false);
    expect(shows("again=true", { again: true })).toBe(true);
    expect(shows("again=false", { again: false })).toBe(true);
    expect(shows("a or b", { b: 1 })).toBe(true);
    expect(shows("a or b", {})).toBe(false);
    expect(shows("!a and !b", {})).toBe(true);
    expect(shows("!a and !b", { b: true })).toBe(false);
  });
});

describe("exits", () => {
  const settings = {
    choices: [
      { id: "c1", key: "1", label: "Pay" },
      { id: "c2", key: "", label: "nothing yet" },
      { id: "c3", key: "2", label: "" },
    ],
  };

  it("come from the items, in the form's order, then the fixed ones that show", () => {
    expect(drawnExits(menu, settings)).toEqual([
      { name: "key:1", label: "1  Pay", short: "1  Pay", kind: "normal" },
      { name: "key:2", label: "2", short: "2", kind: "normal" },
      { name: "no_input", label: "Applet when nothing was keyed", short: "No input", kind: "failure" },
    ]);
    expect(drawnExits(menu, { store: "Key" }).map((exit) => exit.name)).toEqual(["no_input", "done"]);
    expect(drawnExits(menu, { choices: "broken" })).toHaveLength(1);
    expect(drawnExits(undefined, settings)).toEqual([]);
  });

  it("know which item they belong to", () => {
    expect([...exitsByItem(menu, settings)]).toEqual([
      ["c1", "key:1"],
      ["c3", "key:2"],
    ]);
  });

  it("show how they are wired, and what hangs on an exit that is gone", () => {
    const applet = { key: "a", type: "menu", name: "Menu", settings, settings_version: 1, x: 0, y: 0 };
    const plan = apply(emptyPlan(), [
      { op: "place", applet },
      { op: "wire", source: "a", exit: "key:1", target: "a" },
      { op: "wire", source: "a", exit: "no_input", target: null },
      { op: "wire", source: "a", exit: "key:9", target: "a" },
    ]);
    const rows = cardExits(plan, applet, menu, Object.values(plan.wires));
    expect(rows.map((row) => [row.name, row.state, row.orphan])).toEqual([
      ["key:1", "wired", false],
      ["key:2", "open", false],
      ["no_input", "ends", false],
      ["key:9", "wired", true],
    ]);
    expect(plan.wires[wireId("a", "key:9")]).toBeDefined();
    expect(cardExits(plan, applet, undefined, Object.values(plan.wires)).every((row) => !row.orphan)).toBe(true);
  });
});

describe("the summary line", () => {
  it("takes the first template that has something to say", () => {
    expect(summary(menu, { prompt: { text: "Pay or speak?" } })).toBe("“Pay or speak?”");
    expect(summary(menu, { choices: [{ id: "c" }] })).toBe("1 option");
    expect(summary(menu, {})).toBe("No prompt yet");
    const router = { ...menu, summary: ["{rules|count} rules on $({rules.0.source})", "no rules yet"] };
    expect(summary(router, { rules: [{ source: "Code" }, { source: "x" }] })).toBe("2 rules on $(Code)");
    expect(summary(router, { rules: [{ source: "Code" }] })).toBe("1 rule on $(Code)");
    expect(summary(router, { rules: [] })).toBe("no rules yet");
    const modes = {
      ...menu,
      summary: ["[secure or named] to $({source})", "[!kind or kind=slot] slot {slot}", "nothing"],
    };
    expect(summary(modes, { named: true, source: "A", slot: "B" })).toBe("to $(A)");
    expect(summary(modes, { named: false, source: "A", slot: "B" })).toBe("slot B");
    expect(summary(modes, { kind: "text", slot: "B" })).toBe("nothing");
    expect(summary(undefined, {})).toBe("");
  });

  it("shortens addresses in their middle", () => {
    const fetch = { ...menu, summary: ["{method} {url}"] };
    const line = (url: string) => summary(fetch, { method: "GET", url });
    expect(line("http://pay.sandbox/v1/sessions")).toBe("GET pay.sandbox/v1/sessions");
    expect(line("http://billing.sandbox/v2/accounts/$(Account)")).toBe("GET billing…/accounts/$(Account)");
    expect(line("https://pay.example.org/v1/sessions/$(Session)/result")).toBe("GET pay…/$(Session)/result");
    expect(line("https://no-slash-but-very-long-host-name.example.org")).toContain("no-slash");
  });

  it("is cut into words and values", () => {
    expect(pieces("GET $(A|B) with #(Key)!")).toEqual([
      { kind: "text", text: "GET " },
      { kind: "source", text: "$(A|B)" },
      { kind: "text", text: " with " },
      { kind: "secret", text: "#(Key)" },
      { kind: "text", text: "!" },
    ]);
    expect(pieces("$(open")).toEqual([{ kind: "text", text: "$(open" }]);
    expect(pieces("")).toEqual([]);
  });
});

describe("the card's measures", () => {
  it("need no DOM", () => {
    expect(cardHeight(2)).toBe(129);
    expect(socketAt(0)).toEqual({ x: CARD.width, y: 89 });
    expect(socketAt(1).y - socketAt(0).y).toBe(CARD.row);
    expect(socketAt(1).y).toBeLessThan(cardHeight(2));
  });
});
