/**
 * Saves a draft by itself: batches of operations, one request at a time, each based on the revision before it.
 * A request that got lost is sent again with the same ids (the server knows them and does nothing twice). No React.
 */
import { ApiError } from "./api/errors";
import type { OperationsAnswer, OperationsByOthers } from "./api/types";
import { type Operation, sameThing } from "./plan";

export type SaveState =
  | { kind: "saved" }
  | { kind: "saving" }
  /** the server could not be reached or failed; tried again at `again` (ms since 1970) */
  | { kind: "waiting"; tries: number; again: number; words: string }
  /** somebody else changed the draft; nothing more is sent until `restart` */
  | { kind: "stale"; revision: number; since: OperationsByOthers[] }
  /** signed out or no longer allowed: kept here, not sent */
  | { kind: "stopped"; words: string };

export interface SaverOptions {
  revision: number;
  post: (revision: number, operations: Operation[]) => Promise<OperationsAnswer>;
  onState: (state: SaveState) => void;
  onSaved: (batch: Operation[], answer: OperationsAnswer) => void;
  /** The server will never take this batch (wrong shape, too big). It is out of the queue; the rest goes on. */
  onRefused: (batch: Operation[], error: ApiError) => void;
}

const PAUSE = 350;
const LONGEST_PAUSE = 2000;
const RETRIES = [1000, 2000, 4000, 8000, 15_000];
const MANY = 12; // after a long break gestures are joined, so that catching up does not take a request each

export class Saver {
  private queue: Operation[][] = [];
  private inFlight: Operation[] | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private firstAdded = 0;
  private tries = 0;
  private waiters: { resolve: (revision: number) => void; reject: (error: Error) => void }[] = [];
  state: SaveState = { kind: "saved" };
  revision: number;

  constructor(private readonly options: SaverOptions) {
    this.revision = options.revision;
  }

  /** Batches not known to be saved, oldest first. */
  get pending(): Operation[][] {
    return this.inFlight ? [this.inFlight, ...this.queue] : [...this.queue];
  }

  add(batch: Operation[]): void {
    if (batch.length === 0) return;
    const last = this.queue.at(-1);
    const [one, other] = [last?.[0], batch[0]];
    if (last && one && other && last.length === 1 && batch.length === 1 && sameThing(one, other))
      this.queue[this.queue.length - 1] = [{ ...other, id: one.id }];
    else this.queue.push(batch);
    if (this.state.kind === "stale" || this.state.kind === "stopped" || this.state.kind === "waiting") return;
    this.tell({ kind: "saving" });
    if (this.inFlight) return;
    const now = Date.now();
    if (!this.timer) this.firstAdded = now;
    this.after(Math.max(0, Math.min(PAUSE, this.firstAdded + LONGEST_PAUSE - now)));
  }

  /** Sends now what waits; resolves to the draft's revision when all of it is saved, rejects when it cannot be. */
  flush(): Promise<number> {
    if (this.pending.length === 0) return Promise.resolve(this.revision);
    if (this.state.kind === "stale") return Promise.reject(new Error("stale"));
    if (this.state.kind === "stopped") return Promise.reject(new Error(this.state.words));
    const promise = new Promise<number>((resolve, reject) => this.waiters.push({ resolve, reject }));
    if (!this.inFlight) this.after(0);
    return promise;
  }

  /** After a stale draft was loaded: go on from its revision with what is still to be saved. */
  restart(revision: number, batches: Operation[][]): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.revision = revision;
    this.queue = batches.filter((batch) => batch.length > 0);
    this.inFlight = null;
    this.tries = 0;
    if (this.queue.length > 0) {
      this.tell({ kind: "saving" });
      this.after(0);
    } else {
      this.tell({ kind: "saved" });
      this.settle();
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.fail(new Error("closed"));
  }

  private after(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.send();
    }, ms);
  }

  private async send(): Promise<void> {
    if (this.inFlight || this.state.kind === "stale") return;
    // Ids of a batch that went out before stay together: only so does the server know it again.
    const batch = this.tries === 0 && this.queue.length > MANY ? this.queue.splice(0).flat() : this.queue.shift();
    if (!batch) {
      this.tell({ kind: "saved" });
      this.settle();
      return;
    }
    this.inFlight = batch;
    this.tell({ kind: "saving" });
    try {
      const answer = await this.options.post(this.revision, batch);
      if (this.inFlight !== batch) return;
      this.inFlight = null;
      this.tries = 0;
      this.revision = answer.revision;
      this.options.onSaved(batch, answer);
      if (this.timer === undefined) await this.send();
    } catch (error) {
      if (this.inFlight === batch) this.failed(batch, error);
    }
  }

  private failed(batch: Operation[], thrown: unknown): void {
    this.inFlight = null;
    const error = thrown instanceof ApiError ? thrown : new ApiError(0, "unreachable", String(thrown));
    if (error.status === 409 && error.code === "stale_revision") {
      this.queue.unshift(batch);
      this.tell({
        kind: "stale",
        revision: Number(error.extra.revision ?? this.revision),
        since: (error.extra.operations as OperationsByOthers[] | undefined) ?? [],
      });
      this.fail(new Error("stale"));
    } else if (error.passing) {
      this.queue.unshift(batch);
      const pause = RETRIES[Math.min(this.tries, RETRIES.length - 1)] ?? 15_000;
      this.tries += 1;
      this.tell({ kind: "waiting", tries: this.tries, again: Date.now() + pause, words: error.message });
      this.after(pause);
    } else if (error.status === 401 || error.status === 403 || error.status === 404) {
      this.queue.unshift(batch);
      this.tell({ kind: "stopped", words: error.message });
      this.fail(error);
    } else {
      this.tries = 0;
      this.options.onRefused(batch, error);
      void this.send();
    }
  }

  /** Does not wait for the next try: the user asked, or the browser is online again. */
  retryNow(): void {
    if (this.state.kind === "waiting" || this.state.kind === "stopped") {
      this.tell({ kind: "saving" });
      this.after(0);
    }
  }

  private tell(state: SaveState): void {
    if (this.state.kind === state.kind && state.kind !== "waiting" && state.kind !== "stale") return;
    this.state = state;
    this.options.onState(state);
  }

  private settle(): void {
    for (const waiter of this.waiters.splice(0)) waiter.resolve(this.revision);
  }

  private fail(error: Error): void {
    for (const waiter of this.waiters.splice(0)) waiter.reject(error);
  }
}
