/** What the server tells a browser phone to do, and what the phone keeps of a call. Times are milliseconds since the epoch. */

export interface Say {
  do: "say";
  text: string | null;
  file?: string | null;
  seconds: number | null;
  barge_in?: boolean;
  language?: string | null;
  voice?: string | null;
}
export interface GatherCommand {
  do: "gather";
  most: number;
  least: number;
  finish: string;
  first: number;
  between: number;
  barge_in: boolean;
  sealed: boolean;
  url: string;
}
export interface DialCommand {
  do: "dial";
  to: string;
  present: string | null;
  via: string;
  ring: number;
  talk: number | null;
  private: boolean;
  url: string;
}
export type Command =
  | Say
  | GatherCommand
  | DialCommand
  | { do: "drain"; url: string }
  | { do: "again"; after: number; url: string }
  | { do: "carry_on" }
  | { do: "refuse"; why: string; url: string }
  | { do: "hang_up"; reason?: string };

/** The server's answer to a hook: what to do, in order; the last one waits or hangs up. */
export interface Document {
  call: string;
  commands: Command[];
}

export type Line =
  | { kind: "said"; at: number; text: string; file: boolean; playing: boolean; cut: boolean; language: string | null }
  | { kind: "keyed"; at: number; keys: string }
  | { kind: "note"; at: number; code: string; params: Record<string, string | number> };

export type Doing =
  | { what: "ringing"; until: number }
  | { what: "saying"; until: number; line: number; bargeIn: boolean }
  | { what: "gathering"; command: GatherCommand; keys: string; since: number; until: number }
  | { what: "holding"; url: string; since: number; until: number }
  | { what: "agent"; command: DialCommand; talking: boolean; since: number; until: number | null }
  | ({ what: "line" } & PaymentLeg)
  | { what: "asking" };

/** The caller's leg to the payment system. `keyed` never leaves this object but to the payment system itself. */
export interface PaymentLeg {
  command: DialCommand;
  line: string | null;
  says: string;
  amount: string;
  keyed: string;
  busy: boolean;
  unknown: boolean;
  since: number;
  until: number | null;
  outcome: DialOutcome | null;
}

export type DialOutcome = "talked" | "busy" | "no_answer" | "rejected" | "cancelled" | "failed";

/** The one hook under way. It is sent again, unchanged, until it is answered: the server gives the same reply twice. */
export interface Request {
  n: number;
  url: string;
  body: Record<string, unknown>;
  tries: number;
  since: number;
  retryAt: number | null;
}

export interface Phone {
  phase: "calling" | "up" | "ended";
  id: string;
  answer: string;
  clid: string;
  dialled: string;
  revision: number;
  /** The server's id of the call, known from its first answer: its live view is under this id. */
  call: string | null;
  startedAt: number;
  answeredAt: number | null;
  endedAt: number | null;
  reason: string | null;
  todo: Command[];
  doing: Doing;
  request: Request | null;
  requests: number;
  log: Line[];
  trouble: string | null;
  /** A key was pressed while nobody listened. */
  unheard: boolean;
}

export interface Begin {
  id: string;
  answer: string;
  clid: string;
  dialled: string;
  revision: number;
}

export type PhoneEvent =
  | { type: "tick" }
  | { type: "reply"; n: number; document: Document }
  | { type: "failed"; n: number; status: number | null; code: string }
  | { type: "key"; key: string }
  | { type: "skip" }
  | { type: "agent"; does: "answers" | "busy" | "no_answer" | "hangs_up" }
  | { type: "line_opened"; line: string; says: string; amount: string }
  | { type: "line_unknown" }
  | { type: "line_failed" }
  | { type: "line_do"; does: "test_card" | "declined" | "give_up" | "fail" }
  | { type: "line_answered"; outcome: string; says: string }
  | { type: "line_ends"; outcome: DialOutcome }
  | { type: "stopped"; reason: string }
  | { type: "hang_up" };

/** What the world around the phone must do now. */
export type Act =
  | { act: "post"; n: number; url: string; body: Record<string, unknown> }
  | { act: "status"; body: Record<string, unknown> }
  | { act: "speak"; text: string; language: string | null; voice: string | null; seconds: number }
  | { act: "quiet" }
  | { act: "line_open"; number: string; clid: string }
  | { act: "line_do"; line: string; body: Record<string, unknown> };
