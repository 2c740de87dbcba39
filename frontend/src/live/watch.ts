/**
 * What a watcher knows of one call: snapshot first, then numbered events. A number that is missing is asked for again,
 * one that came before is passed over, so nothing is ever guessed and nothing is told twice. Pure.
 */
import type { CallEvent, CallRow, CallSnapshot, SourceValue, Waiting } from "../api/types";

export interface Watched {
  call: CallRow | null;
  version: string | null;
  seq: number;
  events: CallEvent[];
  sources: SourceValue[];
  waiting: Waiting | null;
  refused: string | null;
  /** events are missing after `seq`: they have been asked for */
  gap: boolean;
}

export const nothingYet: Watched = {
  call: null,
  version: null,
  seq: 0,
  events: [],
  sources: [],
  waiting: null,
  refused: null,
  gap: false,
};

export interface CallMessage {
  type: string;
  seq?: number;
  code?: string;
  event?: CallEvent;
  call?: CallRow;
  sources?: SourceValue[];
  waiting?: Waiting | null;
  version_id?: string;
  events?: CallEvent[];
}

export function hearMessage(before: Watched, message: CallMessage): Watched {
  switch (message.type) {
    case "snapshot":
      return fromSnapshot(message as unknown as CallSnapshot, before);
    case "event":
      return hearEvent(before, message);
    case "heartbeat":
      return (message.seq ?? 0) > before.seq && before.version ? { ...before, gap: true } : before;
    case "refused":
      return { ...before, refused: message.code ?? "refused" };
    default:
      return before;
  }
}

/** A snapshot is the whole truth up to its number, unless we know more already. */
export function fromSnapshot(snapshot: CallSnapshot, before: Watched = nothingYet): Watched {
  if (before.version && snapshot.seq < before.seq) return before;
  return {
    call: snapshot.call,
    version: snapshot.version_id,
    seq: snapshot.seq,
    events: snapshot.events,
    sources: snapshot.sources,
    waiting: snapshot.waiting,
    refused: null,
    gap: false,
  };
}

function hearEvent(before: Watched, message: CallMessage): Watched {
  const event = message.event;
  let after = before;
  if (event) {
    if (event.no <= before.seq) return before;
    if (event.no > before.seq + 1) return { ...before, gap: true };
    after = { ...after, events: [...before.events, event], seq: event.no, gap: false };
  }
  if (message.call) after = { ...after, call: { ...after.call, ...message.call } };
  if (message.sources) after = { ...after, sources: message.sources };
  if (message.waiting !== undefined) after = { ...after, waiting: message.waiting };
  return after;
}
