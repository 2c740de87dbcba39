/** What a call's story puts on the drawing: where it is, the way it came, how long it stayed. Pure. */
import type { LiveMark, LiveState } from "../canvas/live";
import { duration, type Story, spent } from "./story";

const AT_ONCE = 100;

export function picture(story: Story, now: number): LiveState {
  const applets: Record<string, LiveMark> = {};
  for (const [key, stay] of story.stays) {
    const state = story.current === key && !story.ended ? "here" : "passed";
    const ms = spent(stay, now);
    // A clock that runs shows whole seconds: tenths that flicker say nothing.
    const heard = stay.since === null && ms < AT_ONCE && stay.spoken > 0;
    const badge = heard
      ? `≈ ${Math.round(stay.spoken / 1000)} s`
      : stay.since === null
        ? duration(ms)
        : `${Math.floor(ms / 1000)} s`;
    applets[key] = { state, badge, visits: stay.visits };
  }
  for (const row of story.rows) {
    const mark = row.applet === null ? undefined : applets[row.applet];
    if (mark && row.tone === "bad" && mark.state !== "here") mark.state = "failed";
  }
  return {
    on: story.seq > 0,
    applets,
    wires: Object.fromEntries([...story.way.keys()].map((wire) => [wire, "taken"])),
  };
}
