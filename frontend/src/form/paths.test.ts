import { describe, expect, it } from "vitest";
import type { Settings } from "../api/types";
import { byType } from "../exits";
import { apply, emptyPlan } from "../plan";
import { namesOf } from "./names";
import { at, byId, choicesOf, faultOf, placeholdersIn } from "./paths";

const settings: Settings = {
  prompt: { text: "Hi $(Name), $(Name|x) #(Key)" },
  rules: [{ id: "r1", label: "One" }, { label: "no id" }],
};

describe("paths", () => {
  it("name entries of lists by their id", () => {
    expect(byId(settings, ["rules", 0, "label"])).toEqual(["rules", "r1", "label"]);
    expect(byId(settings, ["rules", 1, "label"])).toBeNull();
    expect(byId(settings, ["not", "there"])).toEqual(["not", "there"]);
    expect(at(settings, ["rules", 0, "label"])).toBe("One");
    expect(at(settings, ["rules", 7, "label"])).toBeUndefined();
  });
});

describe("what a schema says of a value", () => {
  it("tells what can never be right from what is not filled in yet", () => {
    const seconds = { type: "integer", minimum: 1, maximum: 60 };
    expect(faultOf(seconds, 61)).toEqual({ fault: "most", limit: 60 });
    expect(faultOf(seconds, 0)).toEqual({ fault: "least", limit: 1 });
    expect(faultOf(seconds, 1.5)).toEqual({ fault: "whole" });
    expect(faultOf(seconds, Number.NaN)).toEqual({ fault: "number" });
    expect(faultOf(seconds, 60)).toBeNull();
    expect(faultOf(seconds, undefined)).toBeNull();
    expect(faultOf({ type: "string", maxLength: 3, minLength: 1 }, "")).toBeNull();
    expect(faultOf({ type: "string", maxLength: 3 }, "four")).toEqual({ fault: "long", limit: 3 });
    expect(faultOf({ type: "string", pattern: "^a+$" }, "b")).toEqual({ fault: "pattern" });
  });

  it("finds fixed choices with their conditions", () => {
    expect(choicesOf({ enum: ["GET", "POST"] })).toEqual([
      { value: "GET", label: "GET" },
      { value: "POST", label: "POST" },
    ]);
    expect(choicesOf({ oneOf: [{ const: "a", title: "A", "x-when": "b" }] })).toEqual([
      { value: "a", label: "A", when: "b" },
    ]);
    expect(choicesOf({ type: "string" })).toBeNull();
  });
});

describe("names", () => {
  it("finds placeholders, each once", () => {
    expect(placeholdersIn(settings, "$")).toEqual(["Name", "Name|x"]);
    expect(placeholdersIn(settings, "#")).toEqual(["Key"]);
  });

  it("offers what applets write, slots and seeds beside what the server knows", () => {
    const type = {
      type: "t",
      title: "T",
      family: "data" as const,
      help: "",
      version: 1,
      channels: [],
      summary: [],
      exits: [],
      uses: [],
      schema: {
        properties: {
          to: { type: "string", "x-source": "write" },
          from: { type: "string", "x-source": "read" },
          slot: { type: "string", "x-source": "slot" },
          rows: { type: "array", items: { properties: { name: { type: "string", "x-source": "write" } } } },
        },
      },
    };
    const applet = {
      key: "a",
      type: "t",
      name: "A",
      settings_version: 1,
      x: 0,
      y: 0,
      settings: { to: "Out", from: "In", slot: "Order", rows: [{ name: "Row" }] },
    };
    const plan = apply(emptyPlan(), [
      { op: "place", applet },
      { op: "set_plan", field: "seeds", value: [{ id: "s", name: "Seed", value: "" }] },
    ]);
    const names = namesOf(plan, byType([type]), { sources: ["Known"], slots: [], secrets: ["Key"] });
    expect(names.sources).toEqual([
      "CallGuid",
      "CLID",
      "DialledNumber",
      "IVRSlot|Order",
      "Known",
      "Out",
      "Row",
      "Seed",
    ]);
    expect(names.slots).toEqual(["Order"]);
    expect(names.secrets).toEqual(["Key"]);
  });
});
