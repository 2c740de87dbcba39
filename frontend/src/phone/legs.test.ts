import { describe, expect, it } from "vitest";
import { lineKey, openLine, TEST_CARD } from "./line";
import { begin, RING, step } from "./machine";
import { due } from "./phone";
import type { Act, DialCommand, Phone, PhoneEvent } from "./types";

const DIAL: DialCommand = {
  do: "dial",
  to: "+442079460001",
  present: "+441632960100",
  via: "phone",
  ring: 15,
  talk: null,
  private: false,
  url: "/hooks/dialled",
};
const PAYMENT: DialCommand = { ...DIAL, to: "+441632960900", present: "+441632960701", talk: 600, private: true };

function dialling(command: DialCommand) {
  let now = 0;
  let [phone, acts]: [Phone, Act[]] = begin({ id: "b", answer: "/a", clid: "", dialled: "", revision: 1 }, now);
  const run = (event: PhoneEvent) => {
    const [next, more] = step(phone, event, now);
    phone = next;
    acts = [...acts, ...more];
  };
  const wait = (seconds: number) => {
    const end = now + seconds * 1000;
    for (let next = due(phone); next !== null && next <= end; next = due(phone)) {
      now = Math.max(now, next);
      run({ type: "tick" });
    }
    now = end;
  };
  run({ type: "reply", n: 1, document: { call: "c", commands: [command] } });
  wait(RING / 1000);
  const posts = () => acts.flatMap((a) => (a.act === "post" ? [a.body] : []));
  const toLine = () => acts.flatMap((a) => (a.act === "line_do" ? [a.body] : []));
  return { run, wait, posts, toLine, acts: () => acts, phone: () => phone };
}

describe("an agent's telephone", () => {
  it("answers, talks and hangs up", () => {
    const call = dialling(DIAL);
    call.wait(4);
    call.run({ type: "agent", does: "answers" });
    call.wait(60);
    call.run({ type: "agent", does: "hangs_up" });
    expect(call.posts().at(-1)).toEqual({ input: "dial_ended", outcome: "talked", seconds: 60, reason: "" });
  });

  it("is busy, or does not answer", () => {
    const busy = dialling(DIAL);
    busy.run({ type: "agent", does: "busy" });
    expect(busy.posts().at(-1)).toMatchObject({ outcome: "busy", seconds: 0 });
    const alone = dialling(DIAL);
    alone.wait(14.9);
    expect(alone.phone().doing.what).toBe("agent");
    alone.wait(0.2);
    expect(alone.posts().at(-1)).toMatchObject({ outcome: "no_answer", seconds: 0 });
  });

  it("cannot hang up before it answered, nor be busy while it talks", () => {
    const call = dialling(DIAL);
    call.run({ type: "agent", does: "hangs_up" });
    expect(call.phone().doing.what).toBe("agent");
    call.run({ type: "agent", does: "answers" });
    call.run({ type: "agent", does: "busy" });
    expect(call.phone().doing).toMatchObject({ what: "agent", talking: true });
  });

  it("is cut off when the talk's time is up", () => {
    const call = dialling({ ...DIAL, talk: 30 });
    call.run({ type: "agent", does: "answers" });
    call.wait(31);
    expect(call.posts().at(-1)).toMatchObject({ outcome: "talked", seconds: 30 });
  });
});

describe("the payment system's line", () => {
  const opened: PhoneEvent = { type: "line_opened", line: "L1", says: "Key your card number", amount: "82.40 GBP" };

  it("is opened with the number and the caller id the plan presents", () => {
    const call = dialling(PAYMENT);
    expect(call.acts().at(-1)).toEqual({ act: "line_open", number: "+441632960900", clid: "+441632960701" });
  });

  it("gets the card, and nobody else does", () => {
    const call = dialling(PAYMENT);
    call.run(opened);
    for (const key of TEST_CARD) call.run({ type: "key", key });
    expect(call.toLine()).toEqual([{ do: "card", number: TEST_CARD }]);
    call.run({ type: "line_answered", outcome: "PAID", says: "Thank you." });
    call.wait(6);
    expect(call.posts().at(-1)).toMatchObject({ input: "dial_ended", outcome: "talked" });
    expect(JSON.stringify([call.posts(), call.phone()])).not.toContain(TEST_CARD);
    expect(JSON.stringify(call.phone().log.map((l) => ({ ...l, at: 0 })))).not.toMatch(/\d{4}/);
  });

  it("says how it went before it hangs up", () => {
    const call = dialling(PAYMENT);
    call.run(opened);
    call.run({ type: "line_do", does: "declined" });
    call.run({ type: "line_answered", outcome: "DECLINED", says: "Your card was declined." });
    expect(call.phone().doing).toMatchObject({ what: "line", says: "Your card was declined.", keyed: "" });
    call.wait(1);
    expect(call.phone().doing.what).toBe("line");
    call.wait(2);
    expect(call.posts().at(-1)).toMatchObject({ outcome: "talked" });
  });

  it("fails as a leg when the line fails", () => {
    const call = dialling(PAYMENT);
    call.run(opened);
    call.run({ type: "line_do", does: "fail" });
    call.run({ type: "line_answered", outcome: "FAILED", says: "" });
    expect(call.posts().at(-1)).toMatchObject({ outcome: "failed", seconds: 0 });
    const dead = dialling(PAYMENT);
    dead.run({ type: "line_failed" });
    expect(dead.posts().at(-1)).toMatchObject({ outcome: "failed" });
  });

  it("lets the tester choose when no pretend payment system has that number", () => {
    const call = dialling(PAYMENT);
    call.run({ type: "line_ends", outcome: "talked" });
    expect(call.phone().doing.what).toBe("line");
    call.run({ type: "line_unknown" });
    call.run({ type: "line_ends", outcome: "busy" });
    expect(call.posts().at(-1)).toMatchObject({ outcome: "busy" });
  });

  it("is given up when the caller hangs up", () => {
    const call = dialling(PAYMENT);
    call.run(opened);
    call.run({ type: "hang_up" });
    expect(call.toLine()).toEqual([{ do: "give_up" }]);
    expect(call.phone().phase).toBe("ended");
  });

  it("takes a shorter card with #, begins again with *, and sends once", () => {
    const acts: Act[] = [];
    const leg = openLine(PAYMENT, acts, 0);
    lineKey(leg, acts, "4");
    expect(leg.keyed).toBe("");
    Object.assign(leg, { line: "L1", busy: false });
    for (const key of "99*378282246310005#") lineKey(leg, acts, key);
    lineKey(leg, acts, "#");
    expect(acts.filter((a) => a.act === "line_do")).toEqual([
      { act: "line_do", line: "L1", body: { do: "card", number: "378282246310005" } },
    ]);
  });
});
