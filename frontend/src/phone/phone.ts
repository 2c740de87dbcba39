/** A phone before anything happened, and what can be read off one. Pure. */
import type { Begin, Phone } from "./types";

export function newPhone(b: Begin, now: number): Phone {
  return {
    phase: "calling",
    ...b,
    call: null,
    startedAt: now,
    answeredAt: null,
    endedAt: null,
    reason: null,
    todo: [],
    doing: { what: "asking" },
    request: null,
    requests: 0,
    log: [],
    trouble: null,
    unheard: false,
  };
}

/** When `tick` is due next, or null. */
export function due(phone: Phone): number | null {
  if (phone.phase === "ended") return null;
  const times = [phone.request?.retryAt ?? null, "until" in phone.doing ? phone.doing.until : null];
  const known = times.filter((t): t is number => t !== null);
  return known.length ? Math.min(...known) : null;
}

/** Seconds that speech takes, by the same estimate as the server's. */
export function secondsToSay(text: string): number {
  const count = (marks: RegExp) => text.match(marks)?.length ?? 0;
  return text ? Math.round(10 * (text.length / 14 + 0.4 * count(/[.!?]/g) + 0.2 * count(/,/g))) / 10 : 0;
}

/** What tells the server that the caller is gone. */
export function hungUpBody(id: string): Record<string, unknown> {
  return { call: id, status: "completed", by: "caller" };
}

/** What it waits for, and the milliseconds left of how many; null while the plan is at work or speaks. */
export function waitsFor(phone: Phone, now: number): { what: string; left: number | null; of: number | null } | null {
  const doing = phone.doing;
  if (phone.phase !== "up" || !("until" in doing) || doing.what === "saying" || doing.what === "ringing") return null;
  const what = doing.what === "agent" ? (doing.talking ? "talking" : "agent") : doing.what;
  if (doing.until === null) return { what, left: null, of: null };
  const keyed = doing.what === "gathering" && doing.keys ? "between" : what;
  const of = doing.until - doing.since;
  // `now` may be the clock's last tick, from before the wait began.
  return { what: keyed, left: Math.min(of, Math.max(0, doing.until - now)), of };
}

export function note(phone: Phone, at: number, code: string, params: Record<string, string | number>): void {
  phone.log.push({ kind: "note", at, code, params });
}
