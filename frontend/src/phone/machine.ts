/**
 * The phone as a pure state machine: `step(phone, event, now)` gives the next phone and what the world must do.
 *
 * It keeps the caller's side exactly as a telephone provider does: speech runs by its estimated length, a key cuts
 * speech only where the plan allows it, waits for keys are timed here, and a hook that got no answer is sent again.
 */

import { atLine, lineKey, openLine } from "./line";
import { hungUpBody, newPhone, note, secondsToSay } from "./phone";
import type { Act, Begin, Command, DialCommand, DialOutcome, Document, Phone, PhoneEvent } from "./types";

export const RING = 1200;
const RETRIES = [500, 1000, 2000, 3000];
export const GIVE_UP = 90_000;

export function begin(b: Begin, now: number): [Phone, Act[]] {
  const phone = newPhone(b, now);
  const acts: Act[] = [];
  post(phone, acts, now, b.answer, { from: b.clid, to: b.dialled, call: b.id });
  return [phone, acts];
}

export function step(before: Phone, event: PhoneEvent, now: number): [Phone, Act[]] {
  if (before.phase === "ended") return [before, []];
  const phone = structuredClone(before);
  const acts: Act[] = [];
  switch (event.type) {
    case "tick":
      tick(phone, acts, now);
      break;
    case "reply":
      if (phone.request?.n === event.n) reply(phone, acts, event.document, now);
      break;
    case "failed":
      if (phone.request?.n === event.n) failed(phone, acts, event.status, event.code, now);
      break;
    case "key":
      key(phone, acts, event.key, now);
      break;
    case "skip":
      if (phone.doing.what === "saying") {
        finishLine(phone, false);
        acts.push({ act: "quiet" });
        advance(phone, acts, now);
      }
      break;
    case "agent":
      agent(phone, acts, event.does, now);
      break;
    case "stopped":
      end(phone, acts, event.reason, now);
      break;
    case "hang_up":
      hangUp(phone, acts, now);
      break;
    default:
      if (phone.doing.what === "line") {
        const outcome = atLine(phone.doing, acts, event, now);
        if (outcome) dialEnded(phone, acts, phone.doing.command, outcome, phone.doing.since, now);
      }
  }
  return [phone, acts];
}

function tick(phone: Phone, acts: Act[], now: number): void {
  const request = phone.request;
  if (request?.retryAt != null && request.retryAt <= now) {
    request.retryAt = null;
    acts.push({ act: "post", n: request.n, url: request.url, body: request.body });
  }
  const doing = phone.doing;
  if (!("until" in doing) || doing.until === null || doing.until > now) return;
  switch (doing.what) {
    case "ringing":
      phone.phase = "up";
      phone.answeredAt = now;
      acts.push({ act: "status", body: { call: phone.id, status: "answered", at: new Date(now).toISOString() } });
      advance(phone, acts, now);
      break;
    case "saying":
      finishLine(phone, false);
      advance(phone, acts, now);
      break;
    case "gathering":
      if (doing.keys) gathered(phone, acts, "pause", now);
      else post(phone, acts, now, doing.command.url, { input: "silence" });
      break;
    case "holding":
      post(phone, acts, now, doing.url, { input: "again" });
      break;
    case "agent":
      dialEnded(phone, acts, doing.command, doing.talking ? "talked" : "no_answer", doing.since, now);
      break;
    case "line":
      dialEnded(phone, acts, doing.command, doing.outcome ?? "talked", doing.since, now);
      break;
  }
}

function reply(phone: Phone, acts: Act[], document: Document, now: number): void {
  const first = phone.phase === "calling";
  phone.request = null;
  phone.trouble = null;
  phone.call = document.call || phone.call;
  if (document.commands.some((c) => c.do === "carry_on")) {
    // Somebody else moved the call on; what was asked is of no consequence any more.
    end(phone, acts, "carried_on", now);
    return;
  }
  phone.todo = document.commands;
  if (first) phone.doing = { what: "ringing", until: Math.max(now, phone.startedAt + RING) };
  else advance(phone, acts, now);
}

function failed(phone: Phone, acts: Act[], status: number | null, code: string, now: number): void {
  const request = phone.request;
  if (!request) return;
  const hopeless = status !== null && status >= 400 && status < 500 && status !== 408 && status !== 429;
  if (hopeless || now - request.since > GIVE_UP) {
    note(phone, now, hopeless ? "refused" : "unreachable", { code: code || String(status ?? "") });
    end(phone, acts, hopeless ? "refused" : "unreachable", now);
    return;
  }
  request.retryAt = now + (RETRIES[Math.min(request.tries, RETRIES.length - 1)] as number);
  request.tries += 1;
  phone.trouble = status === null ? "no_answer" : "server_error";
}

/** Takes the next command that lasts. Speech before it has been heard when it begins. */
function advance(phone: Phone, acts: Act[], now: number): void {
  for (;;) {
    const command = phone.todo.shift();
    if (!command) {
      end(phone, acts, "nothing_left", now);
      return;
    }
    if (begun(phone, acts, command, now)) return;
  }
}

function begun(phone: Phone, acts: Act[], command: Command, now: number): boolean {
  switch (command.do) {
    case "say": {
      const text = command.text ?? command.file ?? "";
      if (!text.trim()) return false;
      const seconds = command.seconds ?? secondsToSay(text);
      const language = command.language ?? null;
      const file = !command.text;
      phone.log.push({ kind: "said", at: now, text, file, playing: true, cut: false, language });
      if (!file) acts.push({ act: "speak", text, language, voice: command.voice ?? null, seconds });
      const line = phone.log.length - 1;
      phone.doing = { what: "saying", until: now + seconds * 1000, line, bargeIn: command.barge_in ?? false };
      return true;
    }
    case "gather":
      phone.unheard = false;
      phone.doing = { what: "gathering", command, keys: "", since: now, until: now + command.first * 1000 };
      return true;
    case "dial":
      if (command.private) {
        phone.doing = openLine(command, acts, now);
        note(phone, now, "payment_line", {});
      } else {
        phone.doing = { what: "agent", command, talking: false, since: now, until: now + command.ring * 1000 };
        note(phone, now, "dialling", { to: command.to });
      }
      return true;
    case "drain":
      post(phone, acts, now, command.url, { input: "played" });
      return true;
    case "again":
      phone.doing = { what: "holding", url: command.url, since: now, until: now + command.after * 1000 };
      return true;
    case "hang_up":
      acts.push({ act: "status", body: { call: phone.id, status: "completed", by: "plan" } });
      end(phone, acts, command.reason || "plan", now);
      return true;
    case "refuse":
      note(phone, now, "cannot", { why: command.why });
      post(phone, acts, now, command.url, { input: "trouble", why: command.why });
      return true;
    case "carry_on":
      return false;
  }
}

function key(phone: Phone, acts: Act[], pressed: string, now: number): void {
  if (!/^[0-9*#]$/.test(pressed)) return;
  if (phone.doing.what === "line") {
    lineKey(phone.doing, acts, pressed);
    return;
  }
  if (phone.doing.what === "saying" && phone.doing.bargeIn) bargeIn(phone, acts, now);
  const doing = phone.doing;
  phone.unheard = doing.what !== "gathering";
  if (doing.what !== "gathering") return;
  const { most, finish, between } = doing.command;
  if (finish && pressed === finish) {
    gathered(phone, acts, "finish_key", now);
    return;
  }
  doing.keys += pressed;
  if (doing.keys.length >= most) gathered(phone, acts, "full", now);
  else {
    doing.since = now;
    doing.until = now + between * 1000;
  }
}

/** A key cuts speech when everything up to the wait for keys may be cut, and the wait allows it. */
function bargeIn(phone: Phone, acts: Act[], now: number): void {
  const wait = phone.todo.find((c) => c.do !== "say");
  if (wait?.do !== "gather" || !wait.barge_in) return;
  if (phone.todo.some((c) => c.do === "say" && !c.barge_in)) return;
  cut(phone, acts);
  phone.todo = phone.todo.filter((c) => c.do !== "say");
  advance(phone, acts, now);
}

function gathered(phone: Phone, acts: Act[], endedBy: "full" | "finish_key" | "pause", now: number): void {
  if (phone.doing.what !== "gathering") return;
  const { command, keys } = phone.doing;
  const shown = (command.sealed ? "•".repeat(keys.length) : keys) + (endedBy === "finish_key" ? command.finish : "");
  phone.log.push({ kind: "keyed", at: now, keys: shown });
  post(phone, acts, now, command.url, { input: "keys", digits: keys, ended_by: endedBy });
}

function agent(phone: Phone, acts: Act[], does: "answers" | "busy" | "no_answer" | "hangs_up", now: number): void {
  const doing = phone.doing;
  if (doing.what !== "agent") return;
  if (does === "answers" && !doing.talking) {
    const talk = doing.command.talk;
    phone.doing = { ...doing, talking: true, since: now, until: talk === null ? null : now + talk * 1000 };
    note(phone, now, "agent_answers", {});
  } else if (does === "hangs_up" && doing.talking) {
    dialEnded(phone, acts, doing.command, "talked", doing.since, now);
  } else if ((does === "busy" || does === "no_answer") && !doing.talking) {
    dialEnded(phone, acts, doing.command, does, now, now);
  }
}

function dialEnded(phone: Phone, acts: Act[], command: DialCommand, outcome: DialOutcome, since: number, now: number) {
  const seconds = outcome === "talked" ? Math.round((now - since) / 100) / 10 : 0;
  if (command.private) acts.push({ act: "quiet" });
  note(phone, now, command.private ? "payment_line_over" : `agent_${outcome}`, {});
  post(phone, acts, now, command.url, { input: "dial_ended", outcome, seconds, reason: "" });
}

function hangUp(phone: Phone, acts: Act[], now: number): void {
  const doing = phone.doing;
  if (doing.what === "line" && doing.line && !doing.outcome) {
    acts.push({ act: "line_do", line: doing.line, body: { do: "give_up" } });
  }
  acts.push({ act: "status", body: { ...hungUpBody(phone.id), at: new Date(now).toISOString() } });
  end(phone, acts, "caller", now);
}

function post(phone: Phone, acts: Act[], now: number, url: string, body: Record<string, unknown>): void {
  phone.requests += 1;
  phone.request = { n: phone.requests, url, body, tries: 0, since: now, retryAt: null };
  phone.doing = { what: "asking" };
  acts.push({ act: "post", n: phone.requests, url, body });
}

function finishLine(phone: Phone, wasCut: boolean): void {
  if (phone.doing.what !== "saying") return;
  const line = phone.log[phone.doing.line];
  // What was said to its end stays so, whatever comes after it.
  if (line?.kind === "said" && line.playing) Object.assign(line, { playing: false, cut: wasCut });
}

function cut(phone: Phone, acts: Act[]): void {
  finishLine(phone, true);
  acts.push({ act: "quiet" });
}

function end(phone: Phone, acts: Act[], reason: string, now: number): void {
  if (phone.doing.what === "saying") cut(phone, acts);
  else acts.push({ act: "quiet" });
  Object.assign(phone, {
    phase: "ended",
    endedAt: now,
    reason,
    todo: [],
    request: null,
    trouble: null,
    unheard: false,
  });
  phone.doing = { what: "asking" };
}
