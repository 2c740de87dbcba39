/** What happened, row by row: a question and its answer are one row; words are codes with parameters for the catalogue. */
import type { CallEvent } from "../api/types";

export type Tone = "plain" | "good" | "warning" | "bad";

export interface Row {
  /** number of the event the row began with */
  no: number;
  /** milliseconds since the call began */
  at: number;
  applet: string | null;
  code: string;
  params: Record<string, string | number>;
  /** milliseconds; null where nothing was timed */
  took: number | null;
  /** an estimate, as of speech */
  about: boolean;
  /** still going on: milliseconds since the epoch when it began */
  since: number | null;
  tone: Tone;
}

const PLAIN_EXITS = new Set(["next", "success"]);

type Data = Record<string, unknown>;

export class Rows {
  private readonly rows: Row[] = [];
  private open: Row | null = null;
  private openAt = 0;
  private entered = 0;

  told(): Row[] {
    return this.rows;
  }

  add(event: CallEvent, started: number): void {
    const at = Date.parse(event.at);
    const data = event.data as Data;
    const row = (code: string, params: Row["params"] = {}, tone: Tone = "plain"): Row => {
      const made: Row = {
        no: event.no,
        at: at - started,
        applet: event.applet,
        code,
        params,
        took: null,
        about: false,
        since: null,
        tone,
      };
      this.rows.push(made);
      return made;
    };
    switch (event.kind) {
      case "started":
        row("started", { clid: text(data.clid), dialled: text(data.dialled) });
        return;
      case "said": {
        const said = row(data.file ? "played" : "said", { text: text(data.text) || text(data.file) });
        said.took = seconds(data.seconds);
        said.about = true;
        return;
      }
      case "asked":
        this.close(at);
        this.open = row(data.private ? "asked_payment" : `asked_${text(data.what)}`, {
          to: text(data.to),
          label: text(data.label),
          most: number(data.most),
        });
        this.open.since = at;
        this.openAt = at;
        return;
      case "heard":
        this.heard(data, at, row);
        return;
      case "left":
        this.left(event, data, at, row);
        return;
      case "set":
        this.set(event, data, row);
        return;
      case "did":
        row("did", { what: text(data.what) || text(data.effect) });
        return;
      case "issue":
        row("issue", { code: text(data.code), words: text(data.words) }, "warning");
        return;
      case "fault":
        this.close(at);
        row("fault", { why: text(data.why) }, "bad");
        return;
      case "ignored":
        row("ignored", { what: text(data.what) });
        return;
      case "hung_up":
        this.close(at);
        row("hung_up", { by: text(data.by) || "caller" });
        return;
      case "moved":
        this.close(at);
        row("moved", { to: text(data.to), by: text(data.by) });
        return;
      case "stopped":
        this.close(at);
        row("stopped", { by: text(data.by) });
        return;
      case "leg":
        row("leg", { status: text(data.status) });
        return;
      case "hold":
        row("hold");
        return;
      case "ended":
        this.close(at);
        row("ended", { why: text(data.then) || text(data.why) || "end_of_plan" });
        return;
      case "entered":
        this.entered = event.no;
        return;
      default:
        row("other", { kind: event.kind });
    }
  }

  /** The question that is open got no answer of its own: the time ends here. */
  private close(at: number): void {
    if (!this.open) return;
    this.open.took = at - this.openAt;
    this.open.since = null;
    this.open = null;
  }

  private heard(data: Data, at: number, row: (code: string, params?: Row["params"], tone?: Tone) => Row): void {
    const [code, params, tone] = answer(data, this.open);
    const asked = this.open;
    if (!asked) {
      row(code, params, tone);
      return;
    }
    this.close(at);
    Object.assign(asked, { code, params: { ...asked.params, ...params }, tone });
    const took = seconds(data.seconds);
    if (took !== null && code.startsWith("fetched")) asked.took = took;
  }

  private left(event: CallEvent, data: Data, at: number, row: (code: string, params?: Row["params"]) => Row): void {
    this.close(at);
    const exit = text(data.exit);
    const last = this.rows.findLast((r) => r.applet === event.applet && r.code === "keys");
    if (exit.startsWith("key:") && last) {
      // A menu's key is its exit, and may be shown; the keys themselves are never in an event.
      last.code = "pressed";
      last.params = { ...last.params, key: exit.slice(4) };
      return;
    }
    // Going on is what the next row shows; leaving is told where it says something: another way, or the end.
    if (PLAIN_EXITS.has(exit) && text(data.to) !== "" && this.rows.some((r) => r.no > this.entered)) return;
    const made = row("left", { exit });
    made.took = seconds(data.seconds);
    if (!exit) made.code = "left_cut";
    else if (text(data.to) === "") made.code = "left_end";
  }

  /** Data sources set one after another by the same applet are one row. */
  private set(event: CallEvent, data: Data, row: (code: string, params?: Row["params"]) => Row): void {
    const name = `$(${text(data.name)})`;
    const code = data.null ? "cleared" : "set";
    const last = this.rows.at(-1);
    if (last && last.applet === event.applet && last.code === code) {
      last.params = { ...last.params, names: `${last.params.names}, ${name}`, count: number(last.params.count) + 1 };
    } else row(code, { names: name, count: 1 });
  }
}

function answer(data: Data, open: Row | null): [string, Row["params"], Tone] {
  switch (text(data.what)) {
    case "keys":
      return ["keys", { length: number(data.length), ended_by: text(data.ended_by) }, "plain"];
    case "silence":
      return ["silence", {}, "warning"];
    case "fetched":
      if (data.error) return ["fetched_error", { error: text(data.error), status: text(data.status) }, "bad"];
      return ["fetched", { status: text(data.status) }, number(data.status) >= 400 ? "warning" : "good"];
    case "dial_ended":
      if (data.private || open?.code === "asked_payment") return ["payment_over", {}, "plain"];
      return ["dial_ended", { outcome: text(data.outcome) }, data.outcome === "talked" ? "good" : "warning"];
    case "played":
      return ["heard_all", {}, "plain"];
    case "answered":
      return ["answered", {}, "plain"];
    case "trouble":
      return ["trouble", { why: text(data.why) }, "bad"];
    default:
      return ["heard", { what: text(data.what) }, "plain"];
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function seconds(value: unknown): number | null {
  return typeof value === "number" ? value * 1000 : null;
}
