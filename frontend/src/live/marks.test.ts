import { describe, expect, it } from "vitest";
import type { CallEvent } from "../api/types";
import { picture } from "./marks";
import { tell } from "./story";

const START = Date.parse("2026-11-20T09:00:00Z");
const events = (...rows: [number, string, string | null, CallEvent["data"]?][]): CallEvent[] =>
  rows.map(([s, kind, applet, data], i) => ({
    no: i + 1,
    at: new Date(START + s * 1000).toISOString(),
    kind,
    applet,
    data: data ?? {},
  }));

const CALL = events(
  [0, "entered", "a"],
  [0.184, "left", "a", { exit: "next", to: "b" }],
  [0.184, "entered", "b"],
  [0.2, "asked", "b", { what: "fetch" }],
  [3.2, "heard", "b", { what: "fetched", error: "timeout" }],
  [3.2, "left", "b", { exit: "interface_failure", to: "c" }],
  [3.2, "entered", "c"],
);

describe("a call on the drawing", () => {
  it("is where it is, with the way and the times", () => {
    const drawn = picture(tell(CALL), START + 23_900);
    expect(drawn.applets).toEqual({
      a: { state: "passed", badge: "184 ms", visits: 1 },
      b: { state: "failed", badge: "3.0 s", visits: 1 },
      c: { state: "here", badge: "20 s", visits: 1 },
    });
    expect(drawn.wires).toEqual({ "a|next": "taken", "b|interface_failure": "taken" });
  });

  it("shows for an announcement about how long it is heard, as it is left at once", () => {
    const said = tell(
      events(
        [0, "entered", "a"],
        [0, "said", "a", { text: "Welcome", seconds: 3.4 }],
        [0.01, "left", "a", { exit: "next", to: "b" }],
      ),
    );
    expect(picture(said, START).applets.a?.badge).toBe("≈ 3 s");
  });

  it("is nowhere any more when it is over, and not on before it began", () => {
    const over = tell([...CALL, { ...events([9, "ended", null, { why: "plan" }])[0], no: 8 } as CallEvent]);
    expect(picture(over, START + 60_000).applets.c).toEqual({ state: "passed", badge: "5.8 s", visits: 1 });
    expect(picture(tell([]), START)).toEqual({ on: false, applets: {}, wires: {} });
  });
});
