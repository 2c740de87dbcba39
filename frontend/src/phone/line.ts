/**
 * The caller's leg to the payment system, as the payment system's own handset.
 *
 * What is keyed here goes to the payment system and nowhere else: it is in no hook of ours and in no line of the log.
 */

import { secondsToSay } from "./phone";
import type { Act, DialCommand, DialOutcome, PaymentLeg, PhoneEvent } from "./types";

export const TEST_CARD = "4111111111111111";
const CARD = 16;
const LONGEST_CARD = 19;
const SHORTEST_CARD = 12;
const LONGEST_WORDS = 6000; // milliseconds that the payment system's last words may take

export function openLine(command: DialCommand, acts: Act[], now: number): { what: "line" } & PaymentLeg {
  acts.push({ act: "line_open", number: command.to, clid: command.present ?? "" });
  return {
    what: "line",
    command,
    line: null,
    says: "",
    amount: "",
    keyed: "",
    busy: true,
    unknown: false,
    since: now,
    until: null,
    outcome: null,
  };
}

/** A key on the payment line: digits collect, `*` begins again, `#` sends. */
export function lineKey(leg: PaymentLeg, acts: Act[], pressed: string): void {
  if (!leg.line || leg.busy || leg.outcome) return;
  if (pressed === "*") leg.keyed = "";
  else if (pressed === "#") {
    if (leg.keyed.length >= SHORTEST_CARD) send(leg, acts, { do: "card", number: leg.keyed });
  } else if (leg.keyed.length < LONGEST_CARD) {
    leg.keyed += pressed;
    if (leg.keyed.length === CARD) send(leg, acts, { do: "card", number: leg.keyed });
  }
}

/** What happens on the payment line; gives the leg's outcome when it is over at once. */
export function atLine(leg: PaymentLeg, acts: Act[], event: PhoneEvent, now: number): DialOutcome | null {
  switch (event.type) {
    case "line_opened":
      Object.assign(leg, { line: event.line, says: event.says, amount: event.amount, busy: false });
      speak(acts, event.says);
      return null;
    case "line_unknown":
      Object.assign(leg, { unknown: true, busy: false });
      return null;
    case "line_failed":
      return "failed";
    case "line_ends":
      return leg.unknown ? event.outcome : null;
    case "line_do":
      if (leg.line && !leg.busy && !leg.outcome) {
        send(leg, acts, event.does === "test_card" ? { do: "card", number: TEST_CARD } : { do: event.does });
      }
      return null;
    case "line_answered": {
      Object.assign(leg, { busy: false, keyed: "", says: event.says });
      if (/fail/i.test(event.outcome)) return "failed";
      leg.outcome = "talked";
      // The payment system says how it went, then hangs up.
      speak(acts, event.says);
      leg.until = now + Math.min(LONGEST_WORDS, 400 + secondsToSay(event.says) * 1000);
      return null;
    }
    default:
      return null;
  }
}

function speak(acts: Act[], text: string): void {
  if (text) acts.push({ act: "speak", text, language: null, voice: null, seconds: 0 });
}

function send(leg: PaymentLeg, acts: Act[], body: Record<string, unknown>): void {
  if (!leg.line) return;
  leg.busy = true;
  acts.push({ act: "line_do", line: leg.line, body });
}
