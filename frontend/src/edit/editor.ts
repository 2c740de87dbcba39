/** One open draft: the drawing, what was done to it, what is chosen, and its saving. No React in here. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { api } from "../api/client";
import type { ApiError, FieldError } from "../api/errors";
import type { Draft, OperationsAnswer, Problem } from "../api/types";
import { Saver, type SaveState } from "../autosave";
import { byType, type Types } from "../exits";
import { type Gesture, type History, noHistory, record, takeAgain, takeBack } from "../history";
import { apply, applyWithInverse, type Change, fromDrawing, Misfit, type Operation, type Plan, withIds } from "../plan";

export interface Refused {
  words: string;
  /** of which applet, and what the server says of which field of it */
  fields: { applet: string | null; path: string; message: string }[];
  n: number;
}

export interface EditorState {
  plan: Plan;
  name: string;
  role: Draft["role"];
  revision: number;
  liveVersion: number | null;
  changes: number;
  names: Draft["names"];
  problems: Problem[];
  history: History;
  save: SaveState;
  selected: string[];
  wire: string | null;
  /** a field to be shown and focused; `n` makes asking twice ask twice */
  focus: { applet: string; field: string | null; n: number } | null;
  refused: Refused | null;
  /** own changes that no longer fitted after somebody else's were loaded */
  lost: Operation[];
}

export interface RunOptions {
  /** typing on: belongs to the step before, if that was in the same field just now */
  joins?: boolean;
}

export class Editor {
  readonly store: StoreApi<EditorState>;
  readonly saver: Saver;
  private base: Plan;

  constructor(
    readonly id: string,
    draft: Draft,
    readonly types: Types,
    private readonly load: () => Promise<Draft> = () => api.get<Draft>(`/plans/${id}/draft`),
    post: (revision: number, operations: Operation[]) => Promise<OperationsAnswer> = (revision, operations) =>
      api.post<OperationsAnswer>(`/plans/${id}/operations`, { revision, operations }),
  ) {
    this.base = fromDrawing(draft);
    this.store = createStore<EditorState>(() => ({
      ...fresh(draft),
      plan: this.base,
      history: noHistory,
      save: { kind: "saved" },
      selected: [],
      wire: null,
      focus: null,
      refused: null,
      lost: [],
    }));
    this.saver = new Saver({
      revision: draft.revision,
      post,
      onState: (save) => this.store.setState({ save }),
      onSaved: (batch, answer) => this.saved(batch, answer),
      onRefused: (batch, error) => this.refuse(batch, error),
    });
  }

  get state(): EditorState {
    return this.store.getState();
  }

  get mayEdit(): boolean {
    return this.state.role !== "viewer";
  }

  /** Does one gesture: all changes or none. False when they do not fit the drawing. */
  run(changes: Change[], options: RunOptions = {}): boolean {
    if (changes.length === 0 || !this.mayEdit) return false;
    const { plan, history } = this.state;
    let step: { plan: Plan; inverse: Change[] };
    try {
      step = applyWithInverse(plan, changes);
    } catch (error) {
      if (error instanceof Misfit) return false;
      throw error;
    }
    const gesture: Gesture = { forward: changes, backward: step.inverse, at: Date.now() };
    this.store.setState({
      plan: step.plan,
      history: record(history, gesture, options.joins ?? false),
      ...this.kept(step.plan),
    });
    this.saver.add(withIds(changes));
    return true;
  }

  undo(): void {
    const taken = takeBack(this.state.history);
    if (taken) this.replay(taken.gesture.backward, taken.history);
  }

  redo(): void {
    const taken = takeAgain(this.state.history);
    if (taken) this.replay(taken.gesture.forward, taken.history);
  }

  select(selected: string[]): void {
    const now = this.state.selected;
    if (selected.length === now.length && selected.every((key, n) => key === now[n])) return;
    this.store.setState({ selected, ...(selected.length > 0 ? { wire: null } : {}) });
  }

  selectWire(wire: string | null): void {
    if (wire !== this.state.wire) this.store.setState({ wire, ...(wire ? { selected: [] } : {}) });
  }

  /** Opens an applet's form at a field. */
  goTo(applet: string, field: string | null): void {
    if (!this.state.plan.applets[applet]) return;
    this.store.setState({
      selected: [applet],
      wire: null,
      focus: { applet, field, n: (this.state.focus?.n ?? 0) + 1 },
    });
  }

  removeSelected(): void {
    const { plan, selected, wire } = this.state;
    const gone: Change[] = selected.filter((key) => plan.applets[key]).map((key) => ({ op: "remove", key }));
    const cut = wire ? plan.wires[wire] : undefined;
    if (gone.length > 0) this.run(gone);
    else if (cut) this.run([{ op: "unwire", source: cut.source, exit: cut.exit }]);
    this.store.setState({ wire: null });
  }

  /** After "somebody else changed this plan": loads theirs and, if wanted, puts what is not saved yet on top. */
  async loadTheirs(keepMine: boolean): Promise<void> {
    const draft = await this.load();
    const mine = this.saver.pending;
    this.base = fromDrawing(draft);
    const { plan, kept, lost } = replayed(this.base, keepMine ? mine : []);
    this.store.setState({ ...fresh(draft), plan, lost, history: noHistory, refused: null, ...this.kept(plan) });
    this.saver.restart(draft.revision, kept);
  }

  published(number: number): void {
    this.store.setState({ liveVersion: number, changes: 0 });
  }

  private replay(changes: Change[], history: History): void {
    try {
      const plan = apply(this.state.plan, changes);
      this.store.setState({ plan, history, ...this.kept(plan) });
      this.saver.add(withIds(changes));
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      // Somebody else's change stands in its way: this step can no longer be taken back.
      this.store.setState({ history });
    }
  }

  private saved(batch: Operation[], answer: OperationsAnswer): void {
    this.base = replayed(this.base, [batch]).plan;
    const { changes } = this.state;
    this.store.setState({
      revision: answer.revision,
      problems: answer.problems,
      changes: changes + 1,
    });
  }

  private refuse(batch: Operation[], error: ApiError): void {
    const { plan } = replayed(this.base, this.saver.pending);
    const fields = error.fields.map((field) => refusedField(field, batch));
    const n = (this.state.refused?.n ?? 0) + 1;
    this.store.setState({ plan, history: noHistory, refused: { words: error.message, fields, n }, ...this.kept(plan) });
  }

  private kept(plan: Plan): Pick<EditorState, "selected" | "wire"> {
    const { selected, wire } = this.state;
    const still = selected.filter((key) => plan.applets[key]);
    return {
      selected: still.length === selected.length ? selected : still,
      wire: wire && plan.wires[wire] ? wire : null,
    };
  }
}

export const openEditor = (id: string, draft: Draft, catalogue: Parameters<typeof byType>[0]): Editor =>
  new Editor(id, draft, byType(catalogue));

function fresh(draft: Draft) {
  return {
    name: draft.name,
    role: draft.role,
    revision: draft.revision,
    liveVersion: draft.live_version,
    changes: draft.changes_since_live,
    names: draft.names,
    problems: draft.problems,
  };
}

function replayed(base: Plan, batches: Operation[][]): { plan: Plan; kept: Operation[][]; lost: Operation[] } {
  let plan = base;
  const kept: Operation[][] = [];
  const lost: Operation[] = [];
  for (const batch of batches) {
    const fitting: Operation[] = [];
    for (const operation of batch) {
      try {
        plan = apply(plan, [operation]);
        fitting.push(operation);
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        lost.push(operation);
      }
    }
    kept.push(fitting);
  }
  return { plan, kept, lost };
}

/** The server names applet and field; where it does not, the path in the request does: "operations.0.value". */
function refusedField(field: FieldError, batch: Operation[]): Refused["fields"][number] {
  const [, at, ...rest] = field.path.split(".");
  const operation = batch[Number(at)];
  const key = operation && "key" in operation ? operation.key : operation?.op === "place" ? operation.applet.key : null;
  const path = operation?.op === "set" ? operation.path.join(".") : rest.join(".");
  return { applet: field.applet ?? key, path: field.field ?? path, message: field.message };
}
