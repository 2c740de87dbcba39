import { describe, expect, it } from "vitest";
import type { CallEvent, CallRow } from "../api/types";
import { fromSnapshot, hearMessage, nothingYet } from "./watch";

const row = { id: "c", state: "live", at_applet: null } as unknown as CallRow;
const event = (no: number): CallEvent => ({ no, at: "2026-11-20T09:00:00Z", kind: "said", applet: "a", data: {} });
const shot = (seq: number) => ({
  type: "snapshot",
  call: row,
  seq,
  version_id: "v",
  events: Array.from({ length: seq }, (_, i) => event(i + 1)),
  sources: [],
  waiting: null,
});

describe("watching a call", () => {
  it("takes the snapshot, then each event once", () => {
    let known = hearMessage(nothingYet, shot(2));
    known = hearMessage(known, { type: "event", seq: 3, event: event(3) });
    known = hearMessage(known, { type: "event", seq: 3, event: event(3) });
    expect(known.events.map((e) => e.no)).toEqual([1, 2, 3]);
    expect(known).toMatchObject({ seq: 3, gap: false, version: "v" });
  });

  it("notices a missing number, keeps what it knows, and closes the gap", () => {
    const gap = hearMessage(hearMessage(nothingYet, shot(2)), { type: "event", seq: 4, event: event(4) });
    expect(gap).toMatchObject({ gap: true, seq: 2 });
    const three = hearMessage(gap, { type: "event", seq: 3, event: event(3) });
    expect(hearMessage(three, { type: "event", seq: 4, event: event(4) })).toMatchObject({ gap: false, seq: 4 });
  });

  it("learns of a gap from a heartbeat", () => {
    const known = hearMessage(nothingYet, shot(2));
    expect(hearMessage(known, { type: "heartbeat", seq: 2 }).gap).toBe(false);
    expect(hearMessage(known, { type: "heartbeat", seq: 5 }).gap).toBe(true);
    expect(hearMessage(nothingYet, { type: "heartbeat", seq: 5 }).gap).toBe(false);
  });

  it("does not go back to an older snapshot", () => {
    const known = hearMessage(nothingYet, shot(5));
    expect(hearMessage(known, shot(3)).seq).toBe(5);
    expect(fromSnapshot(shot(3) as never).seq).toBe(3);
  });

  it("takes the row, sources and wait that come with or without an event", () => {
    let known = hearMessage(nothingYet, shot(1));
    known = hearMessage(known, { type: "event", call: { ...row, state: "ended" } });
    const waiting = { what: "gather", applet: "a", since: "2026-11-20T09:00:00Z", seconds: 5 };
    known = hearMessage(known, { type: "event", event: event(2), sources: [], waiting });
    expect(known).toMatchObject({ call: { state: "ended" }, seq: 2, waiting });
    expect(hearMessage(known, { type: "event", event: event(3), waiting: null }).waiting).toBeNull();
  });

  it("says why it was refused", () => {
    expect(hearMessage(nothingYet, { type: "refused", code: "not_found" }).refused).toBe("not_found");
  });
});
