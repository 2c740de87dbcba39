import { describe, expect, it } from "vitest";
import type { CallEvent } from "../api/types";
import { wireId } from "../plan";
import { clock, duration, leftOf, spent, tell } from "./story";

const START = Date.parse("2026-11-20T09:00:00.000Z");

/** Events from `[seconds, kind, applet, data]`. */
function events(...rows: [number, string, string | null, CallEvent["data"]?][]): CallEvent[] {
  return rows.map(([seconds, kind, applet, data], i) => ({
    no: i + 1,
    at: new Date(START + seconds * 1000).toISOString(),
    kind,
    applet,
    data: data ?? {},
  }));
}

const PAYING = events(
  [0, "started", null, { clid: "+447700900123", dialled: "+441632960100" }],
  [0, "entered", "welcome"],
  [0, "said", "welcome", { text: "Welcome", seconds: 3.4 }],
  [0.01, "left", "welcome", { exit: "next", to: "ask", seconds: 0.01 }],
  [0.01, "entered", "ask"],
  [0.01, "asked", "ask", { what: "gather", seconds: 5, most: 8 }],
  [14.91, "heard", "ask", { what: "keys", length: 8, ended_by: "full" }],
  [14.91, "set", "ask", { name: "IVRSlot|Account", length: 8, collected: true }],
  [14.91, "left", "ask", { exit: "next", to: "look", seconds: 14.9 }],
  [14.91, "entered", "look"],
  [14.92, "asked", "look", { what: "fetch", seconds: 10, label: "GET billing.sandbox/v2/accounts/••••" }],
  [15.05, "heard", "look", { what: "fetched", status: 200, error: "", seconds: 0.096 }],
  [15.05, "set", "look", { name: "Balance", length: 5 }],
  [15.05, "set", "look", { name: "Code", length: 3 }],
  [15.05, "left", "look", { exit: "success", to: "menu", seconds: 0.14 }],
  [15.05, "entered", "menu"],
  [15.05, "asked", "menu", { what: "gather", seconds: 5, most: 1 }],
  [21.15, "heard", "menu", { what: "keys", length: 1, ended_by: "full" }],
  [21.15, "left", "menu", { exit: "key:1", to: "pay", seconds: 6.1 }],
  [21.15, "entered", "pay"],
  [21.15, "asked", "pay", { what: "dial", private: true, seconds: 600, to: "payment line" }],
);

describe("the way a call came", () => {
  it("is where it is now, what it waits for, and the wires it took", () => {
    const story = tell(PAYING);
    expect(story.current).toBe("pay");
    expect(story.wait).toEqual({ what: "payment", applet: "pay", since: START + 21150, speaking: 0, seconds: 600 });
    expect([...story.way.keys()]).toEqual(["welcome|next", "ask|next", "look|success", wireId("menu", "key:1")]);
    expect(story.ended).toBeNull();
  });

  it("takes the time each applet took from when it came and went", () => {
    const { stays } = tell(PAYING);
    expect(stays.get("ask")).toEqual({ visits: 1, total: 14900, spoken: 0, since: null });
    const pay = stays.get("pay");
    expect(pay && spent(pay, START + 41_150)).toBe(20_000);
  });

  it("counts the time of a wait from when the caller has heard everything", () => {
    const { wait } = tell(events([0, "asked", "a", { what: "gather", seconds: 5, speaking: 4 }]));
    if (!wait) throw new Error("no wait");
    expect([0, 4, 7, 60].map((s) => leftOf(wait, START + s * 1000))).toEqual([5000, 5000, 2000, 0]);
  });

  it("knows of data sources by name, length and last writer when the values are gone", () => {
    const { sources } = tell([
      ...PAYING,
      { ...(PAYING[7] as CallEvent), no: 22, applet: "retry", data: { name: "ivrslot|account", length: 4 } },
    ]);
    expect(sources.map((s) => [s.name, s.length, s.applet])).toEqual([
      ["Balance", 5, "look"],
      ["Code", 3, "look"],
      ["IVRSlot|Account", 4, "retry"],
    ]);
  });

  it("counts loops: wires and visits", () => {
    const loop = tell(
      events(
        [0, "entered", "a"],
        [1, "left", "a", { exit: "next", to: "b" }],
        [1, "entered", "b"],
        [3, "left", "b", { exit: "no_input", to: "a" }],
        [3, "entered", "a"],
        [4, "left", "a", { exit: "next", to: "b" }],
        [4, "entered", "b"],
      ),
    );
    expect(loop.way.get(wireId("a", "next"))).toBe(2);
    expect(loop.way.get(wireId("b", "no_input"))).toBe(1);
    expect(loop.stays.get("a")).toEqual({ visits: 2, total: 2000, spoken: 0, since: null });
    expect(loop.stays.get("b")).toEqual({ visits: 2, total: 2000, spoken: 0, since: START + 4000 });
    expect(loop.visits).toHaveLength(4);
  });

  it("goes to the hang-up applet without a wire, and ends", () => {
    const story = tell([
      ...PAYING,
      ...events(
        [30, "hung_up", null, { by: "caller" }],
        [30, "entered", "result"],
        [30.5, "left", "result", { exit: "success", to: null }],
        [30.5, "ended", null, { why: "caller" }],
      ).map((e, i) => ({ ...e, no: PAYING.length + 1 + i })),
    ]);
    expect(story.callerGone).toBe(true);
    expect(story.stays.get("pay")).toEqual({ visits: 1, total: 8850, spoken: 0, since: null });
    expect(story.exits.has(wireId("result", "success"))).toBe(true);
    expect(story.way.has(wireId("result", "success"))).toBe(false);
    expect(story).toMatchObject({ current: null, wait: null, ended: { at: START + 30500, why: "caller" } });
  });

  it("is the same whether told at once, twice over or with repeats", () => {
    const twice = [...PAYING.slice(0, 9), ...PAYING.slice(4)];
    expect(tell(twice)).toEqual(tell(PAYING));
  });
});

describe("what happened", () => {
  const rows = tell(PAYING).rows;
  const at = (code: string, applet: string) => rows.find((r) => r.code === code && r.applet === applet);

  it("has a question and its answer in one row, with the time it took", () => {
    expect(at("keys", "ask")).toMatchObject({ params: { length: 8, ended_by: "full" }, took: 14900, since: null });
    expect(at("fetched", "look")).toMatchObject({
      params: { status: "200", label: "GET billing.sandbox/v2/accounts/••••" },
      took: 96,
      tone: "good",
    });
    expect(rows.some((r) => r.code === "asked_gather")).toBe(false);
  });

  it("knows a menu's key by its exit", () => {
    expect(at("pressed", "menu")?.params.key).toBe("1");
    expect(at("pressed", "ask")).toBeUndefined();
  });

  it("leaves out going on where the rows around it say it, and tells every other way", () => {
    expect(rows.filter((r) => r.code.startsWith("left"))).toEqual([]);
    const ways = tell(
      events(
        [0, "entered", "a"],
        [0, "left", "a", { exit: "rule:1", to: "b", seconds: 0 }],
        [0, "entered", "b"],
        [0, "left", "b", { exit: "next", to: "c", seconds: 0 }],
        [0, "entered", "c"],
        [0, "said", "c", { text: "Bye" }],
        [0, "left", "c", { exit: "next", to: null, seconds: 0 }],
      ),
    );
    expect(ways.rows.map((r) => [r.applet, r.code])).toEqual([
      ["a", "left"],
      ["b", "left"],
      ["c", "said"],
      ["c", "left_end"],
    ]);
  });

  it("shows what goes on still going on", () => {
    expect(rows.at(-1)).toMatchObject({ code: "asked_payment", since: START + 21150, took: null });
  });

  it("has speech as an estimate and several data sources in one row", () => {
    expect(at("said", "welcome")).toMatchObject({ took: 3400, about: true, params: { text: "Welcome" } });
    expect(at("set", "look")).toMatchObject({ params: { names: "$(Balance), $(Code)", count: 2 } });
  });

  it("says so when an applet was left against its will", () => {
    const { rows } = tell(events([0, "entered", "a"], [2, "left", "a", { exit: null, to: "b", seconds: 2 }]));
    expect(rows).toMatchObject([{ code: "left_cut", took: 2000 }]);
  });

  it("ends a question that was never answered, and says bad things as such", () => {
    const { rows } = tell(
      events(
        [0, "entered", "a"],
        [0, "asked", "a", { what: "fetch", label: "GET x" }],
        [4, "heard", "a", { what: "fetched", status: null, error: "timeout" }],
        [4, "entered", "b"],
        [4, "asked", "b", { what: "gather" }],
        [6, "hung_up", null, { by: "caller" }],
        [6, "fault", "b", { why: "limit" }],
        [6, "brand_new", null, {}],
      ),
    );
    expect(rows.map((r) => [r.code, r.tone, r.took])).toEqual([
      ["fetched_error", "bad", 4000],
      ["asked_gather", "plain", 2000],
      ["hung_up", "plain", null],
      ["fault", "bad", null],
      ["other", "plain", null],
    ]);
  });

  it("takes an agent's outcome, and none from the payment line", () => {
    const agent = tell(
      events(
        [0, "asked", "c", { what: "dial", to: "+44" }],
        [20, "heard", "c", { what: "dial_ended", outcome: "busy" }],
      ),
    );
    expect(agent.rows).toMatchObject([
      { code: "dial_ended", params: { outcome: "busy" }, tone: "warning", took: 20000 },
    ]);
    const paid = tell(
      events(
        [0, "asked", "c", { what: "dial", private: true }],
        [20, "heard", "c", { what: "dial_ended", private: true }],
      ),
    );
    expect(paid.rows).toMatchObject([{ code: "payment_over", took: 20000 }]);
  });
});

describe("times in words", () => {
  it("are short", () => {
    expect([0, 184, 6100, 20_000, 125_000].map(duration)).toEqual(["0 ms", "184 ms", "6.1 s", "20 s", "2:05"]);
    expect([41_200, 67_000, -5].map(clock)).toEqual(["0:41.20", "1:07.00", "0:00.00"]);
  });
});
