import { describe, expect, it } from "vitest";
import { type Gesture, noHistory, record, takeAgain, takeBack } from "./history";

const typed = (value: string, at: number, path = ["label"]): Gesture => ({
  forward: [{ op: "set", key: "a", path, value }],
  backward: [{ op: "set", key: "a", path, value: `before ${value}` }],
  at,
});

describe("history", () => {
  it("makes one step of typing on in a field, and a new one after a pause or in another field", () => {
    let history = record(noHistory, typed("W", 0), true);
    history = record(history, typed("We", 200), true);
    expect(history.done).toHaveLength(1);
    expect(history.done[0]?.forward).toMatchObject([{ value: "We" }]);
    expect(history.done[0]?.backward).toMatchObject([{ value: "before W" }]);
    history = record(history, typed("Wel", 5000), true);
    history = record(history, typed("x", 5100, ["key"]), true);
    expect(history.done).toHaveLength(3);
  });

  it("goes back and forth, and forgets what was undone when something new is done", () => {
    let history = record(record(noHistory, typed("a", 0), false), typed("b", 1), false);
    const back = takeBack(history);
    expect(back?.gesture.forward).toMatchObject([{ value: "b" }]);
    history = back?.history ?? noHistory;
    expect(takeAgain(history)?.gesture.forward).toMatchObject([{ value: "b" }]);
    history = record(history, typed("c", 9000), false);
    expect(takeAgain(history)).toBeNull();
    expect(takeBack(noHistory)).toBeNull();
  });

  it("does not grow without end", () => {
    let history = noHistory;
    for (let n = 0; n < 700; n++) history = record(history, typed(String(n), n * 5000), true);
    expect(history.done).toHaveLength(500);
  });
});
