/**
 * The story of a call, derived from its events alone: where it is, the way it came, how long each applet took, and what
 * happened in rows. The same events give the same story, so a reload in the middle of a call changes nothing.
 */
import type { CallEvent, SourceValue } from "../api/types";
import { wireId } from "../plan";
import { type Row, Rows } from "./rows";

export interface Visit {
  applet: string;
  /** milliseconds since the epoch */
  from: number;
  to: number | null;
  exit: string | null;
  next: string | null;
}

/** How often a call went through an applet and how long it stayed, in milliseconds; `since` while it is there.
 * `spoken`: about how long what it said takes to be heard; an announcement is left at once and heard on. */
export interface Stay {
  visits: number;
  total: number;
  spoken: number;
  since: number | null;
}

export interface StoryWait {
  what: string;
  applet: string | null;
  /** when it was asked, and the milliseconds the caller is still about to hear speech before time runs */
  since: number;
  speaking: number;
  seconds: number | null;
}

export interface Story {
  /** number of the last event told */
  seq: number;
  started: number | null;
  ended: { at: number; why: string } | null;
  current: string | null;
  visits: Visit[];
  /** wires taken, by `wireId`, and how often */
  way: Map<string, number>;
  /** exits by which the call left, by `wireId`, also those that lead nowhere */
  exits: Map<string, number>;
  stays: Map<string, Stay>;
  wait: StoryWait | null;
  callerGone: boolean;
  /** what is still known of data sources when their values are gone: name, length, who wrote them last */
  sources: SourceValue[];
  rows: Row[];
}

export function time(iso: string): number {
  return Date.parse(iso);
}

export function tell(events: readonly CallEvent[]): Story {
  const story: Story = {
    seq: 0,
    started: null,
    ended: null,
    current: null,
    visits: [],
    way: new Map(),
    exits: new Map(),
    stays: new Map(),
    wait: null,
    callerGone: false,
    sources: [],
    rows: [],
  };
  const rows = new Rows();
  for (const event of events) {
    if (event.no <= story.seq) continue;
    story.seq = event.no;
    hear(story, event);
    rows.add(event, story.started ?? time(event.at));
  }
  story.rows = rows.told();
  return story;
}

function hear(story: Story, event: CallEvent): void {
  const at = time(event.at);
  const data = event.data as Record<string, string | number | boolean | null | undefined>;
  story.started ??= at;
  switch (event.kind) {
    case "entered":
      if (!event.applet) return;
      leave(story, at, null, null);
      story.current = event.applet;
      story.wait = null;
      story.visits.push({ applet: event.applet, from: at, to: null, exit: null, next: null });
      arrive(story, event.applet, at);
      return;
    case "left": {
      const exit = typeof data.exit === "string" ? data.exit : null;
      const to = typeof data.to === "string" ? data.to : null;
      const from = event.applet ?? story.current;
      leave(story, at, exit, to);
      if (from && exit) {
        count(story.exits, wireId(from, exit));
        if (to) count(story.way, wireId(from, exit));
      }
      story.wait = null;
      return;
    }
    case "asked":
      story.wait = {
        what: String(data.private ? "payment" : (data.what ?? "")),
        applet: event.applet ?? story.current,
        since: at,
        speaking: typeof data.speaking === "number" ? data.speaking * 1000 : 0,
        seconds: typeof data.seconds === "number" ? data.seconds : null,
      };
      return;
    case "said": {
      const stay = event.applet ? story.stays.get(event.applet) : undefined;
      if (event.applet && stay && typeof data.seconds === "number") {
        story.stays.set(event.applet, { ...stay, spoken: stay.spoken + data.seconds * 1000 });
      }
      return;
    }
    case "set":
      write(story, event);
      return;
    case "heard":
      story.wait = null;
      return;
    case "hung_up":
      story.callerGone = true;
      story.wait = null;
      return;
    case "moved":
    case "stopped":
    case "fault":
      story.wait = null;
      return;
    case "ended":
      leave(story, at, null, null);
      story.ended = { at, why: String(data.why ?? "") };
      story.wait = null;
  }
}

function write(story: Story, event: CallEvent): void {
  const { name, length, sealed, collected } = event.data;
  if (typeof name !== "string") return;
  const same = (other: SourceValue) => other.name.toLowerCase() === name.toLowerCase();
  const source: SourceValue = {
    name: story.sources.find(same)?.name ?? name,
    value: null,
    length: typeof length === "number" ? length : 0,
    sealed: sealed === true,
    collected: collected === true,
    applet: event.applet,
    masked: false,
  };
  story.sources = [...story.sources.filter((other) => !same(other)), source];
}

function arrive(story: Story, applet: string, at: number): void {
  const stay = story.stays.get(applet) ?? { visits: 0, total: 0, spoken: 0, since: null };
  story.stays.set(applet, { ...stay, visits: stay.visits + 1, since: at });
}

/** Closes the visit that is open, if there is one. */
function leave(story: Story, at: number, exit: string | null, next: string | null): void {
  const visit = story.visits.at(-1);
  if (!visit || visit.to !== null) return;
  Object.assign(visit, { to: at, exit, next });
  story.current = null;
  const stay = story.stays.get(visit.applet);
  if (stay?.since != null) {
    story.stays.set(visit.applet, { ...stay, total: stay.total + (at - stay.since), since: null });
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** Milliseconds spent in an applet up to `now`. */
export function spent(stay: Stay, now: number): number {
  return stay.total + (stay.since === null ? 0 : Math.max(0, now - stay.since));
}

/** Milliseconds left of a wait whose time runs, or null while nothing runs out. */
export function leftOf(wait: StoryWait, now: number): number | null {
  if (wait.seconds === null) return null;
  return Math.min(wait.seconds * 1000, Math.max(0, wait.since + wait.speaking + wait.seconds * 1000 - now));
}

/** 0 ms, 184 ms, 6.1 s, 20 s, 2:05 */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return `${Math.floor(ms / 60_000)}:${String(Math.floor((ms % 60_000) / 1000)).padStart(2, "0")}`;
}

/** Time since the call began: 0:47.31 */
export function clock(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 10));
  const minutes = Math.floor(all / 6000);
  const seconds = Math.floor((all % 6000) / 100);
  return `${minutes}:${String(seconds).padStart(2, "0")}.${String(all % 100).padStart(2, "0")}`;
}
