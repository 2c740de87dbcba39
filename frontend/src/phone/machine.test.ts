import { describe, expect, it } from "vitest";
import { begin, GIVE_UP, RING, step } from "./machine";
import { due, secondsToSay, waitsFor } from "./phone";
import type { Act, Command, GatherCommand, Phone, PhoneEvent } from "./types";

const START = 1_000_000;
const GATHER: GatherCommand = {
  do: "gather",
  most: 4,
  least: 1,
  finish: "#",
  first: 5,
  between: 3,
  barge_in: true,
  sealed: false,
  url: "/hooks/wait/1",
};
const say = (text: string, barge_in = false): Command => ({ do: "say", text, seconds: 2, barge_in });

/** A phone with a clock of its own: `wait` jumps to each due time on the way, as the page's timer does. */
class Bench {
  now = START;
  acts: Act[] = [];
  phone: Phone;

  constructor() {
    const b = { id: "b-1", answer: "/hooks/answer", clid: "+447700900123", dialled: "", revision: 7 };
    [this.phone, this.acts] = begin(b, this.now);
  }
  do(event: PhoneEvent): this {
    const [phone, acts] = step(this.phone, event, this.now);
    this.phone = phone;
    this.acts.push(...acts);
    return this;
  }
  wait(seconds: number): this {
    const end = this.now + seconds * 1000;
    for (let next = due(this.phone); next !== null && next <= end; next = due(this.phone)) {
      this.now = Math.max(this.now, next);
      this.do({ type: "tick" });
    }
    this.now = end;
    return this;
  }
  keys(text: string): this {
    for (const key of text) this.do({ type: "key", key });
    return this;
  }
  reply(...commands: Command[]): this {
    return this.do({ type: "reply", n: this.phone.request?.n ?? -1, document: { call: "c-1", commands } });
  }
  answered(...commands: Command[]): this {
    return this.reply(...commands).wait(RING / 1000);
  }
  get posts(): { url: string; body: Record<string, unknown> }[] {
    return this.acts.flatMap((a) => (a.act === "post" ? [{ url: a.url, body: a.body }] : []));
  }
  get last() {
    return this.posts.at(-1);
  }
}

describe("answering", () => {
  it("asks for the first document and rings until it may speak", () => {
    const bench = new Bench();
    expect(bench.posts).toEqual([{ url: "/hooks/answer", body: { from: "+447700900123", to: "", call: "b-1" } }]);
    bench.reply(say("Welcome"), GATHER);
    expect(bench.phone.doing.what).toBe("ringing");
    expect(bench.phone.call).toBe("c-1");
    bench.wait(RING / 1000);
    expect(bench.phone.phase).toBe("up");
    expect(bench.phone.doing.what).toBe("saying");
    expect(bench.acts.at(-1)).toMatchObject({ act: "speak", text: "Welcome", seconds: 2 });
    expect(bench.acts).toContainEqual(
      expect.objectContaining({ act: "status", body: expect.objectContaining({ status: "answered" }) }),
    );
  });

  it("goes on by the estimate and never by speech", () => {
    const bench = new Bench().answered(say("One"), say("Two"), GATHER);
    expect(bench.phone.log.filter((l) => l.kind === "said")).toHaveLength(1);
    bench.wait(1.9);
    expect(bench.phone.log).toHaveLength(1);
    bench.wait(0.1);
    expect(bench.phone.log.map((l) => (l.kind === "said" ? l.text : ""))).toEqual(["One", "Two"]);
    bench.wait(2);
    expect(bench.phone.doing.what).toBe("gathering");
    expect(bench.phone.log).toMatchObject([
      { playing: false, cut: false },
      { playing: false, cut: false },
    ]);
  });

  it("passes over empty speech and estimates where no length is given", () => {
    const bench = new Bench().answered(
      { do: "say", text: "", seconds: 0 },
      { do: "say", text: "Hello there", seconds: null },
      GATHER,
    );
    expect(bench.phone.log).toHaveLength(1);
    bench.wait(secondsToSay("Hello there") - 0.01);
    expect(bench.phone.doing.what).toBe("saying");
    bench.wait(0.02);
    expect(bench.phone.doing.what).toBe("gathering");
  });
});

describe("keys", () => {
  it("end when full", () => {
    const bench = new Bench().answered(GATHER).keys("44170");
    expect(bench.last).toEqual({ url: "/hooks/wait/1", body: { input: "keys", digits: "4417", ended_by: "full" } });
    expect(bench.phone.unheard).toBe(true);
  });

  it("end with the finish key, which is not a digit", () => {
    const bench = new Bench().answered(GATHER).keys("44#");
    expect(bench.last?.body).toEqual({ input: "keys", digits: "44", ended_by: "finish_key" });
    expect(bench.phone.log.at(-1)).toMatchObject({ kind: "keyed", keys: "44#" });
  });

  it("take # as a digit where the wait has no finish key", () => {
    const bench = new Bench().answered({ ...GATHER, most: 1, finish: "" }).keys("#");
    expect(bench.last?.body).toEqual({ input: "keys", digits: "#", ended_by: "full" });
  });

  it("end by the pause between keys, counted from each key", () => {
    const bench = new Bench().answered(GATHER).wait(4).keys("1").wait(2.5).keys("2").wait(2.9);
    expect(bench.phone.doing.what).toBe("gathering");
    bench.wait(0.2);
    expect(bench.last?.body).toEqual({ input: "keys", digits: "12", ended_by: "pause" });
  });

  it("are silence when none came, counted from the end of speech", () => {
    const bench = new Bench().answered(say("Key it", true), GATHER).wait(6.9);
    expect(bench.phone.doing.what).toBe("gathering");
    bench.wait(0.2);
    expect(bench.last?.body).toEqual({ input: "silence" });
  });

  it("cut speech that may be cut, and count", () => {
    const bench = new Bench().answered(say("A", true), say("B", true), GATHER).keys("7");
    expect(bench.phone.doing).toMatchObject({ what: "gathering", keys: "7" });
    expect(bench.acts.at(-1)).toEqual({ act: "quiet" });
    expect(bench.phone.log).toMatchObject([{ kind: "said", text: "A", cut: true }]);
  });

  it("are not heard during speech that may not be cut, now or later in the document", () => {
    const bench = new Bench().answered(say("A"), GATHER).keys("7");
    expect(bench.phone.doing.what).toBe("saying");
    expect(bench.phone.unheard).toBe(true);
    const later = new Bench().answered(say("A", true), say("B", false), GATHER).keys("7");
    expect(later.phone.doing.what).toBe("saying");
    const deaf = new Bench().answered(say("A", true), { ...GATHER, barge_in: false }).keys("7");
    expect(deaf.phone.doing.what).toBe("saying");
  });

  it("are bullets in the log when collected securely, and are what they are in the hook", () => {
    const bench = new Bench().answered({ ...GATHER, sealed: true }).keys("4929");
    expect(bench.phone.log.at(-1)).toMatchObject({ keys: "••••" });
    expect(bench.last?.body.digits).toBe("4929");
  });

  it("other than a telephone's are ignored", () => {
    expect(new Bench().answered(GATHER).do({ type: "key", key: "a" }).phone.doing).toMatchObject({ keys: "" });
  });
});

describe("other waits", () => {
  it("drains: tells when all has been heard", () => {
    const bench = new Bench().answered(say("Bye"), { do: "drain", url: "/d" });
    expect(bench.last?.url).toBe("/hooks/answer");
    bench.wait(2);
    expect(bench.last).toEqual({ url: "/d", body: { input: "played" } });
  });

  it("holds: asks again after what is said and the seconds asked for", () => {
    const bench = new Bench().answered(say("One moment"), { do: "again", after: 1, url: "/a?heard=1" }).wait(2.9);
    expect(bench.phone.doing.what).toBe("holding");
    bench.wait(0.2);
    expect(bench.last).toEqual({ url: "/a?heard=1", body: { input: "again" } });
  });

  it("hangs up when the plan does, after the last word", () => {
    const bench = new Bench().answered(say("Goodbye"), { do: "hang_up", reason: "" });
    expect(bench.phone.phase).toBe("up");
    bench.wait(2);
    expect(bench.phone).toMatchObject({ phase: "ended", reason: "plan", endedAt: bench.now });
    expect(due(bench.phone)).toBeNull();
  });

  it("says what it cannot do, so that the plan can go on", () => {
    const bench = new Bench().answered({ do: "refuse", why: "It does not record.", url: "/r" });
    expect(bench.last).toEqual({ url: "/r", body: { input: "trouble", why: "It does not record." } });
    expect(bench.phone.log.at(-1)).toMatchObject({ code: "cannot", params: { why: "It does not record." } });
  });

  it("shows what it waits for and for how long, first and between keys", () => {
    const bench = new Bench().answered(say("A", true), GATHER);
    expect(waitsFor(bench.phone, bench.now)).toBeNull();
    bench.wait(3);
    expect(waitsFor(bench.phone, bench.now)).toEqual({ what: "gathering", left: 4000, of: 5000 });
    bench.keys("1").wait(1);
    expect(waitsFor(bench.phone, bench.now)).toEqual({ what: "between", left: 2000, of: 3000 });
  });

  it("jumps over an announcement", () => {
    const bench = new Bench().answered(say("Long"), GATHER).do({ type: "skip" });
    expect(bench.phone.doing.what).toBe("gathering");
    expect(bench.phone.log[0]).toMatchObject({ playing: false, cut: false });
    expect(bench.acts.at(-1)).toEqual({ act: "quiet" });
  });

  it("hears the last words to their end before the plan hangs up", () => {
    const bench = new Bench().answered(say("Goodbye"), { do: "hang_up", reason: "" }).wait(3);
    expect(bench.phone.phase).toBe("ended");
    expect(bench.phone.log[0]).toMatchObject({ playing: false, cut: false });
    const cut = new Bench().answered(say("Goodbye"), { do: "hang_up", reason: "" }).do({ type: "hang_up" });
    expect(cut.phone.log[0]).toMatchObject({ playing: false, cut: true });
  });

  it("ends when somebody else ended the call, and takes no late reply", () => {
    const bench = new Bench().answered(say("A"), GATHER).do({ type: "stopped", reason: "stopped" });
    expect(bench.phone).toMatchObject({ phase: "ended", reason: "stopped" });
    expect(bench.acts.at(-1)).toEqual({ act: "quiet" });
    const asking = new Bench().answered({ ...GATHER, most: 1 }).keys("1");
    const n = asking.phone.request?.n ?? -1;
    asking.do({ type: "hang_up" }).do({ type: "reply", n, document: { call: "c-1", commands: [say("late")] } });
    expect(asking.phone.log.some((l) => l.kind === "said")).toBe(false);
  });

  it("tells the server that the caller hung up", () => {
    const bench = new Bench().answered(GATHER).do({ type: "hang_up" });
    expect(bench.acts.find((a) => a.act === "status" && a.body.status === "completed")).toMatchObject({
      body: { call: "b-1", status: "completed", by: "caller" },
    });
    expect(bench.phone.reason).toBe("caller");
  });
});

describe("trouble", () => {
  it("sends the same hook again until it is answered", () => {
    const bench = new Bench().answered({ ...GATHER, most: 1 }).keys("1");
    const first = bench.last;
    const n = bench.phone.request?.n ?? -1;
    bench.do({ type: "failed", n, status: null, code: "" });
    expect(bench.phone.trouble).toBe("no_answer");
    bench.wait(0.6);
    expect(bench.posts.slice(-2)).toEqual([first, first]);
    bench.do({ type: "failed", n, status: 503, code: "" }).wait(1.1);
    expect(bench.phone.trouble).toBe("server_error");
    bench.reply(say("There you are"), GATHER);
    expect(bench.phone).toMatchObject({ phase: "up", trouble: null });
  });

  it("ends at once when refused", () => {
    const bench = new Bench();
    bench.do({ type: "failed", n: 1, status: 403, code: "bad_signature" });
    expect(bench.phone).toMatchObject({ phase: "ended", reason: "refused" });
    expect(bench.phone.log.at(-1)).toMatchObject({ code: "refused", params: { code: "bad_signature" } });
  });

  it("gives up in the end", () => {
    const bench = new Bench();
    for (let i = 0; i < 100 && bench.phone.phase !== "ended"; i++) {
      bench.do({ type: "failed", n: bench.phone.request?.n ?? -1, status: null, code: "" }).wait(3);
    }
    expect(bench.phone.reason).toBe("unreachable");
    expect(bench.now - START).toBeGreaterThan(GIVE_UP);
  });

  it("ignores an answer to a request that is over", () => {
    const bench = new Bench().answered(GATHER);
    const before = bench.phone;
    bench.do({ type: "reply", n: 1, document: { call: "x", commands: [{ do: "hang_up" }] } });
    expect(bench.phone).toEqual(before);
  });
});
