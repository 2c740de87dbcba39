/** Does what the phone's machine asks for: hooks, speech, the payment system's line, and the one timer. No React. */
import { createStore } from "zustand/vanilla";
import { type LineAnswer, openLine, tellLine } from "./handset";
import { begin, step } from "./machine";
import { due, hungUpBody } from "./phone";
import { sign } from "./sign";
import type { Act, Begin, Document, Phone, PhoneEvent } from "./types";
import { Voice } from "./voice";

const HOOK_TIMEOUT = 20_000; // the server answers a hook within a few seconds, or asks to be asked again
const STATUS_TRIES = 4;
const LINE_TRIES = 5;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

export class Runner {
  readonly store;
  readonly voice = new Voice();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly eventUrl: string;
  private statuses: Promise<void> = Promise.resolve();
  private goodbye: { body: string; signature: string } | null = null;
  private readonly aborts = new AbortController();

  constructor(
    start: Begin,
    private readonly key: string,
  ) {
    const [phone, acts] = begin(start, Date.now());
    this.store = createStore<{ phone: Phone }>(() => ({ phone }));
    this.eventUrl = start.answer.replace(/\/answer$/, "/event");
    addEventListener("pagehide", this.leave);
    void this.prepareGoodbye(start.id);
    this.act(acts);
    this.plan();
  }

  dispatch(event: PhoneEvent): void {
    const before = this.store.getState().phone;
    const [phone, acts] = step(before, event, Date.now());
    if (phone !== before) this.store.setState({ phone });
    this.act(acts);
    this.plan();
  }

  /** Hangs up if the call is still on, and lets go of everything. */
  close(): void {
    this.dispatch({ type: "hang_up" });
    clearTimeout(this.timer);
    this.voice.quiet();
    removeEventListener("pagehide", this.leave);
    this.aborts.abort();
  }

  private plan(): void {
    clearTimeout(this.timer);
    const at = due(this.store.getState().phone);
    if (at !== null) this.timer = setTimeout(() => this.dispatch({ type: "tick" }), Math.max(0, at - Date.now()));
  }

  private act(acts: Act[]): void {
    for (const act of acts) {
      if (act.act === "post") void this.post(act.n, act.url, act.body);
      else if (act.act === "status") this.status(act.body);
      else if (act.act === "speak") this.voice.say(act.text, act.language, act.voice);
      else if (act.act === "quiet") this.voice.quiet();
      else if (act.act === "line_open") void this.line(() => openLine(act.number, act.clid));
      else void this.line(() => tellLine(act.line, act.body));
    }
  }

  private async post(n: number, url: string, body: Record<string, unknown>): Promise<void> {
    let answer: Response;
    try {
      answer = await this.send(url, JSON.stringify(body), HOOK_TIMEOUT);
    } catch {
      this.dispatch({ type: "failed", n, status: null, code: "" });
      return;
    }
    const read: unknown = await answer.json().catch(() => null);
    const document = read as Document | null;
    if (answer.ok && Array.isArray(document?.commands)) this.dispatch({ type: "reply", n, document });
    else {
      const code = (read as { error?: { code?: string } } | null)?.error?.code ?? "";
      this.dispatch({ type: "failed", n, status: answer.ok ? 500 : answer.status, code });
    }
  }

  /** Statuses keep their order; one that cannot be delivered after a few tries is left to the server's own clean-up. */
  private status(body: Record<string, unknown>): void {
    this.statuses = this.statuses.then(async () => {
      for (let i = 0; i < STATUS_TRIES; i++) {
        try {
          const answer = await this.send(this.eventUrl, JSON.stringify(body), HOOK_TIMEOUT);
          if (answer.status < 500) return;
        } catch {
          // tried again below
        }
        await pause(500 * 2 ** i);
      }
    });
  }

  private async send(url: string, body: string, timeout: number): Promise<Response> {
    const signature = await sign(this.key, "POST", url, body);
    return fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Phone-Signature": signature },
      body,
      keepalive: true,
      signal: AbortSignal.timeout(timeout),
    });
  }

  private async line(ask: () => Promise<LineAnswer>): Promise<void> {
    for (let i = 0; i < LINE_TRIES && !this.aborts.signal.aborted; i++) {
      try {
        this.dispatch(await ask());
        return;
      } catch {
        await pause(1000);
      }
    }
    this.dispatch({ type: "line_failed" });
  }

  /** Signed beforehand: a page that is being closed has no time to sign. */
  private async prepareGoodbye(id: string): Promise<void> {
    const body = JSON.stringify(hungUpBody(id));
    this.goodbye = { body, signature: await sign(this.key, "POST", this.eventUrl, body) };
  }

  private readonly leave = (): void => {
    if (this.store.getState().phone.phase === "ended" || !this.goodbye) return;
    void fetch(this.eventUrl, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Phone-Signature": this.goodbye.signature },
      body: this.goodbye.body,
      keepalive: true,
    });
  };
}
