import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "./api/errors";
import type { OperationsAnswer } from "./api/types";
import { Saver, type SaveState } from "./autosave";
import { type Operation, withIds } from "./plan";

const move = (x: number): Operation[] => withIds([{ op: "move", key: "a", x, y: 0 }]);
const rename = (name: string): Operation[] => withIds([{ op: "rename", key: "a", name }]);

function setUp(answer?: (revision: number, ops: Operation[], call: number) => Promise<OperationsAnswer>) {
  const sent: { revision: number; ops: Operation[] }[] = [];
  const states: SaveState["kind"][] = [];
  const saved: Operation[][] = [];
  const refused: ApiError[] = [];
  const saver = new Saver({
    revision: 5,
    post: async (revision, ops) => {
      sent.push({ revision, ops });
      return answer ? answer(revision, ops, sent.length) : { revision: revision + 1, problems: [] };
    },
    onState: (state) => states.push(state.kind),
    onSaved: (batch) => saved.push(batch),
    onRefused: (_, error) => refused.push(error),
  });
  return { saver, sent, states, saved, refused };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("saving", () => {
  it("waits for a pause, then sends each gesture on the revision before it", async () => {
    const { saver, sent, states } = setUp();
    saver.add(move(1));
    saver.add(rename("B"));
    await vi.advanceTimersByTimeAsync(300);
    expect(sent).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(sent.map((s) => [s.revision, s.ops[0]?.op])).toEqual([
      [5, "move"],
      [6, "rename"],
    ]);
    expect(states).toEqual(["saving", "saved"]);
    expect(saver.revision).toBe(7);
  });

  it("joins what only repeats itself before it went out", async () => {
    const { saver, sent } = setUp();
    for (const name of ["W", "We", "Wel"]) saver.add(rename(name));
    await vi.advanceTimersByTimeAsync(500);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.ops).toMatchObject([{ op: "rename", name: "Wel" }]);
  });

  it("does not wait for ever while somebody types", async () => {
    const { saver, sent } = setUp();
    for (let n = 0; n < 12; n++) {
      saver.add(rename(`name ${n}`));
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(sent.length).toBeGreaterThan(0);
  });

  it("has one request in flight", async () => {
    let release = () => {};
    const { saver, sent } = setUp(
      (revision, _ops, call) =>
        new Promise((resolve) => {
          const done = () => resolve({ revision: revision + 1, problems: [] });
          if (call === 1) release = done;
          else done();
        }),
    );
    saver.add(move(1));
    await vi.advanceTimersByTimeAsync(400);
    saver.add(rename("B"));
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toHaveLength(1);
    expect(saver.pending).toHaveLength(2);
    release();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toHaveLength(2);
    expect(saver.pending).toHaveLength(0);
  });

  it("sends again with the same ids after the network or the server failed", async () => {
    const { saver, sent, states } = setUp(async (revision, _ops, call) => {
      if (call === 1) throw new ApiError(0, "unreachable", "no network");
      if (call === 2) throw new ApiError(500, "server_error", "oh");
      return { revision: revision + 1, problems: [] };
    });
    saver.add(move(1));
    await vi.advanceTimersByTimeAsync(400);
    saver.add(rename("while waiting"));
    expect(saver.state.kind).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1000);
    expect(saver.state.kind).toBe("waiting");
    await vi.advanceTimersByTimeAsync(2000);
    expect(sent).toHaveLength(4);
    expect(sent[1]?.ops).toEqual(sent[0]?.ops);
    expect(sent[2]?.ops).toEqual(sent[0]?.ops);
    expect(states.at(-1)).toBe("saved");
  });

  it("stops at a stale revision, keeps everything, and goes on from where it is told", async () => {
    const since = [{ revision: 6, author: "Jo", at: "2026-11-14T09:12:00Z", operations: [] }];
    const { saver, sent } = setUp(async (revision, _ops, call) => {
      if (call === 1) throw new ApiError(409, "stale_revision", "stale", [], { revision: 6, operations: since });
      return { revision: revision + 1, problems: [] };
    });
    saver.add(move(1));
    const flushed = expect(saver.flush()).rejects.toThrow("stale");
    await vi.advanceTimersByTimeAsync(400);
    await flushed;
    saver.add(rename("B"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent).toHaveLength(1);
    expect(saver.state).toMatchObject({ kind: "stale", revision: 6, since });
    expect(saver.pending).toHaveLength(2);
    saver.restart(6, saver.pending);
    await vi.advanceTimersByTimeAsync(0);
    expect(sent.slice(1).map((s) => s.revision)).toEqual([6, 7]);
    expect(saver.state.kind).toBe("saved");
  });

  it("drops a batch the server will never take, says so, and saves the rest", async () => {
    const { saver, sent, refused } = setUp(async (revision, _ops, call) => {
      if (call === 1) throw new ApiError(400, "invalid", "too long", [{ path: "x", code: "max", message: "no" }]);
      return { revision: revision + 1, problems: [] };
    });
    saver.add(rename("far too long"));
    saver.add(move(3));
    await vi.advanceTimersByTimeAsync(400);
    expect(refused).toHaveLength(1);
    expect(sent).toHaveLength(2);
    expect(saver.state.kind).toBe("saved");
  });

  it("keeps changes when signed out, and sends them after signing in again", async () => {
    const { saver, sent } = setUp(async (revision, _ops, call) => {
      if (call === 1) throw new ApiError(401, "signed_out", "Signed out");
      return { revision: revision + 1, problems: [] };
    });
    saver.add(move(1));
    await vi.advanceTimersByTimeAsync(400);
    expect(saver.state.kind).toBe("stopped");
    saver.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(sent).toHaveLength(2);
    expect(saver.state.kind).toBe("saved");
  });

  it("flushes at once and says which revision it led to", async () => {
    const { saver } = setUp();
    expect(await saver.flush()).toBe(5);
    saver.add(move(1));
    const flushed = saver.flush();
    await vi.advanceTimersByTimeAsync(0);
    expect(await flushed).toBe(6);
  });

  it("catches up in one request after a long break", async () => {
    const { saver, sent } = setUp();
    for (let n = 0; n < 30; n++) saver.add(n % 2 ? move(n) : rename(`n${n}`));
    await vi.advanceTimersByTimeAsync(400);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.ops).toHaveLength(30);
  });
});
