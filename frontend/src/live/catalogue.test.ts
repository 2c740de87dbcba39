import { describe, expect, it } from "vitest";
import type { CallEvent } from "../api/types";
import live from "../i18n/en/live.json";
import phone from "../i18n/en/phone.json";
import { begin, step } from "../phone/machine";
import type { DialCommand, DialOutcome, Phone } from "../phone/types";
import { tell } from "./story";

const one = (kind: string, data: CallEvent["data"] = {}): CallEvent[] => [
  { no: 1, at: "2026-11-20T09:00:00Z", kind: "entered", applet: "a", data: {} },
  { no: 2, at: "2026-11-20T09:00:00Z", kind, applet: "a", data },
];
const WAITS = ["gather", "dial", "fetch", "record", "recording", "drain", "take_next"];
const HEARD = ["keys", "silence", "fetched", "played", "answered", "trouble", "speech"];
const KINDS = ["started", "said", "left", "set", "did", "issue", "fault", "ignored", "hung_up", "moved", "stopped"];
const EVENTS = [
  ...WAITS.map((what) => one("asked", { what })),
  ...HEARD.map((what) => one("heard", { what })),
  ...KINDS.map((kind) => one(kind)),
  ...["ended", "leg", "hold", "recording_file", "brand_new"].map((kind) => one(kind)),
  one("asked", { what: "dial", private: true }),
  one("heard", { what: "dial_ended", private: true }),
  one("heard", { what: "fetched", error: "timeout" }),
  one("left", { exit: "next", to: null }),
  one("left", { exit: "rule:1", to: "b" }),
  one("said", { file: "a.wav" }),
  one("set", { name: "A", null: true }),
];

describe("every event has words", () => {
  it("for its row", () => {
    const words = Object.keys(live.row);
    const has = (code: string) => words.some((word) => word === code || word.startsWith(`${code}_`));
    const codes = EVENTS.flatMap((events) => tell(events).rows.map((row) => row.code));
    expect(codes.length).toBeGreaterThan(25);
    expect(codes.filter((code) => !has(code))).toEqual([]);
  });

  it("for its wait, and for every end that engine and phone know", () => {
    expect([...WAITS, "payment"].filter((what) => !(what in live.waits))).toEqual([]);
    const engine = "hung_up left_plan end_of_plan open_exit nobody_on_the_line never_started stopped fault incomplete";
    const own = "missing_applet limit plan caller refused unreachable carried_on nothing_left";
    expect(`${engine} ${own}`.split(" ").filter((why) => !(why in live.reason))).toEqual([]);
  });
});

describe("every note of the phone has words", () => {
  const dial = (command: Partial<DialCommand>): Phone => {
    const full = {
      do: "dial",
      to: "+441",
      present: null,
      via: "phone",
      ring: 5,
      talk: null,
      private: false,
      url: "/u",
    };
    let [call] = begin({ id: "b", answer: "/a", clid: "", dialled: "", revision: 1 }, 0);
    const commands = [{ ...full, ...command } as DialCommand];
    [call] = step(call, { type: "reply", n: 1, document: { call: "c", commands } }, 0);
    return step(call, { type: "tick" }, 2000)[0];
  };

  it("of agents and of the payment line", () => {
    const calls: Phone[] = [
      step(dial({}), { type: "agent", does: "busy" }, 3000)[0],
      step(dial({}), { type: "agent", does: "no_answer" }, 3000)[0],
      step(step(dial({}), { type: "agent", does: "answers" }, 3000)[0], { type: "agent", does: "hangs_up" }, 4000)[0],
      ...(["talked", "busy", "failed"] as DialOutcome[]).map((outcome) => {
        const unknown = step(dial({ private: true }), { type: "line_unknown" }, 3000)[0];
        return step(unknown, { type: "line_ends", outcome }, 4000)[0];
      }),
    ];
    const notes = calls.flatMap((call) => call.log.flatMap((line) => (line.kind === "note" ? [line.code] : [])));
    expect(notes.length).toBeGreaterThan(10);
    expect(notes.filter((code) => !(code in phone.note))).toEqual([]);
  });
});
