import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../api/errors";
import type { Draft, PlacedApplet } from "../api/types";
import type { Operation } from "../plan";
import { Editor } from "./editor";

const card = (key: string, settings: PlacedApplet["settings"] = {}): PlacedApplet => ({
  key,
  type: "say",
  name: key,
  settings,
  settings_version: 1,
  x: 0,
  y: 0,
});

const draft = (revision: number, applets: PlacedApplet[]): Draft => ({
  plan: "p",
  version_id: "v",
  state: "draft",
  number: null,
  name: "Plan",
  revision,
  live_version: null,
  changes_since_live: 0,
  version: { initial: null, hangup: null, seeds: [], apology: "" },
  applets,
  wires: [],
  problems: [],
  names: { sources: [], secrets: [], slots: [] },
  role: "editor",
});

type Post = (revision: number, operations: Operation[]) => Promise<{ revision: number; problems: [] }>;
const fine: Post = async (revision) => ({ revision: revision + 1, problems: [] });

function open(post: Post = fine, next: Draft = draft(9, [card("a")])) {
  return new Editor("p", draft(3, [card("a"), card("b")]), new Map(), async () => next, post);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an open draft", () => {
  it("does, undoes and does again, and saves each as operations", async () => {
    const sent: string[] = [];
    const editor = open(async (revision, operations) => {
      sent.push(operations.map((operation) => operation.op).join());
      return { revision: revision + 1, problems: [] };
    });
    expect(editor.run([{ op: "wire", source: "a", exit: "next", target: "b" }])).toBe(true);
    const wired = editor.state.plan;
    editor.undo();
    expect(editor.state.plan.wires).toEqual({});
    editor.redo();
    expect(editor.state.plan).toEqual(wired);
    await vi.advanceTimersByTimeAsync(3000);
    expect(sent).toEqual(["wire", "unwire", "wire"]);
    expect(editor.state.save.kind).toBe("saved");
    expect(editor.state.changes).toBe(3);
  });

  it("keeps only what is still there chosen", () => {
    const editor = open();
    editor.select(["a", "b"]);
    editor.run([{ op: "remove", key: "b" }]);
    expect(editor.state.selected).toEqual(["a"]);
    editor.removeSelected();
    expect(Object.keys(editor.state.plan.applets)).toEqual([]);
    expect(editor.run([{ op: "remove", key: "b" }])).toBe(false);
  });

  it("lets a viewer change nothing", () => {
    const editor = new Editor("p", { ...draft(1, [card("a")]), role: "viewer" }, new Map(), undefined, fine);
    expect(editor.run([{ op: "remove", key: "a" }])).toBe(false);
    expect(editor.state.plan.applets.a).toBeDefined();
  });

  it("puts unsaved changes on top of somebody else's, and names those that no longer fit", async () => {
    let stale = true;
    const revisions: number[] = [];
    const editor = open(async (revision) => {
      if (stale) throw new ApiError(409, "stale_revision", "stale", [], { revision: 9, operations: [] });
      revisions.push(revision);
      return { revision: revision + 1, problems: [] };
    });
    editor.run([{ op: "rename", key: "a", name: "Mine" }]);
    editor.run([{ op: "rename", key: "b", name: "Gone" }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(editor.state.save.kind).toBe("stale");
    expect(editor.state.plan.applets.b?.name).toBe("Gone");
    stale = false;
    await editor.loadTheirs(true);
    expect(editor.state.plan.applets.a?.name).toBe("Mine");
    expect(editor.state.lost).toMatchObject([{ op: "rename", key: "b", name: "Gone" }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(revisions).toEqual([9]);
    expect(editor.state.save.kind).toBe("saved");
  });

  it("drops its own changes only when told to", async () => {
    const editor = open(async () => {
      throw new ApiError(409, "stale_revision", "stale", [], { revision: 9, operations: [] });
    });
    editor.run([{ op: "rename", key: "a", name: "Mine" }]);
    await vi.advanceTimersByTimeAsync(500);
    await editor.loadTheirs(false);
    expect(editor.state.plan.applets.a?.name).toBe("a");
    expect(editor.saver.pending).toEqual([]);
    expect(editor.state.revision).toBe(9);
  });

  it("takes back what the server refuses, keeps the rest, and says which field", async () => {
    let calls = 0;
    const editor = open(async (revision) => {
      calls += 1;
      if (calls === 1)
        throw new ApiError(400, "invalid", "Too long", [
          { path: "operations.0.value", code: "too_long", message: "At most 5.", applet: "a", field: "text" },
        ]);
      return { revision: revision + 1, problems: [] };
    });
    editor.run([{ op: "set", key: "a", path: ["text"], value: "far too long" }]);
    editor.run([{ op: "move", key: "b", x: 50, y: 60 }]);
    await vi.advanceTimersByTimeAsync(500);
    expect(editor.state.plan.applets.a?.settings.text).toBeUndefined();
    expect(editor.state.plan.applets.b?.x).toBe(50);
    expect(editor.state.refused?.fields).toEqual([{ applet: "a", path: "text", message: "At most 5." }]);
    expect(editor.state.save.kind).toBe("saved");
  });

  it("makes one step of typing", () => {
    const editor = open();
    for (const value of ["H", "He", "Hey"])
      editor.run([{ op: "set", key: "a", path: ["text"], value }], { joins: true });
    editor.undo();
    expect(editor.state.plan.applets.a?.settings.text).toBeUndefined();
  });
});
