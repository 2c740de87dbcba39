/** The payment system's own handset in the page. It speaks to the payment system only, never to our hooks. */
import type { PhoneEvent } from "./types";

export type LineAnswer = Extract<PhoneEvent, { type: "line_opened" | "line_unknown" | "line_answered" }>;

interface Opened {
  line: string;
  amount: string | number;
  currency: string;
  says: string;
}

export async function openLine(number: string, clid: string): Promise<LineAnswer> {
  const answer = await tell("/sandbox/line/open", { number, clid });
  if (!answer.ok) return { type: "line_unknown" };
  const { line, amount, currency, says } = (await answer.json()) as Opened;
  return { type: "line_opened", line, says, amount: [amount, currency].filter(Boolean).join(" ") };
}

export async function tellLine(line: string, body: Record<string, unknown>): Promise<LineAnswer> {
  const answer = await tell(`/sandbox/line/${encodeURIComponent(line)}`, body);
  // Told twice after a cut connection: it is over, and how it went is for the plan to find out.
  if (!answer.ok) return { type: "line_answered", outcome: "", says: "" };
  const { outcome, says } = (await answer.json()) as { outcome?: string; says?: string };
  return { type: "line_answered", outcome: outcome ?? "", says: says ?? "" };
}

async function tell(url: string, body: unknown): Promise<Response> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    keepalive: true,
    signal: AbortSignal.timeout(10_000),
  });
  if (answer.status >= 500) throw new Error(`the payment line answered ${answer.status}`);
  return answer;
}
