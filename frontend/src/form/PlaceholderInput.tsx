import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap } from "@codemirror/commands";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  keymap,
  MatchDecorator,
  placeholder,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { useEffect, useRef } from "react";

interface PlaceholderInputProps {
  id?: string;
  value: string;
  onChange: (text: string) => void;
  label: string;
  sources: string[];
  /** given: #(Key) is offered too */
  secrets?: string[];
  lines?: "one" | "many";
  code?: boolean;
  hint?: string;
  readOnly?: boolean;
  invalid?: boolean;
  describedBy?: string;
}

const matcher = (kind: RegExp, className: string) =>
  new MatchDecorator({ regexp: kind, decoration: Decoration.mark({ class: className }) });

function marks(decorator: MatchDecorator): Extension {
  return ViewPlugin.define(
    (view) => ({
      deco: decorator.createDeco(view),
      update(update: ViewUpdate) {
        this.deco = decorator.updateDeco(update, this.deco);
      },
    }),
    { decorations: (plugin) => plugin.deco },
  );
}

/** Text with $(Name) and #(Key) in it, shown as what they are; typing $ or # offers what there is. */
export function PlaceholderInput(props: PlaceholderInputProps) {
  const host = useRef<HTMLDivElement | null>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef(props);
  now.current = props;
  const changing = useRef(new Compartment());
  const { value, readOnly = false, label, lines = "one", code = false, invalid, describedBy, id, hint } = props;

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes later is passed on below
  useEffect(() => {
    if (!host.current) return;
    const one = lines === "one";
    const it = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          marks(matcher(/\$\([^)\n]+\)/g, "token")),
          props.secrets ? marks(matcher(/#\([^)\n]+\)/g, "token-secret")) : [],
          autocompletion({
            override: [(context) => offer(context, now.current)],
            icons: false,
            activateOnTyping: true,
          }),
          keymap.of([...completionKeymap, ...(one ? oneLine : []), ...defaultKeymap]),
          one ? EditorState.transactionFilter.of((tr) => (tr.newDoc.lines > 1 ? [] : tr)) : EditorView.lineWrapping,
          one ? EditorView.clipboardInputFilter.of((text) => text.replace(/\s*\n\s*/g, " ")) : [],
          hint ? placeholder(hint) : [],
          changing.current.of(settled(label, readOnly, invalid, describedBy, id)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && !update.transactions.some((tr) => tr.isUserEvent("from.outside")))
              now.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = it;
    return () => {
      view.current = null;
      it.destroy();
    };
  }, []);

  useEffect(() => {
    const it = view.current;
    if (!it || it.state.doc.toString() === value) return;
    it.dispatch({ changes: { from: 0, to: it.state.doc.length, insert: value }, userEvent: "from.outside" });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({
      effects: changing.current.reconfigure(settled(label, readOnly, invalid, describedBy, id)),
    });
  }, [label, readOnly, invalid, describedBy, id]);

  return (
    <div
      ref={host}
      className="editor"
      data-lines={lines}
      data-code={code || undefined}
      data-invalid={invalid || undefined}
    />
  );
}

const oneLine = [{ key: "Enter", run: () => true }];

function settled(label: string, readOnly: boolean, invalid?: boolean, describedBy?: string, id?: string): Extension {
  return [
    EditorState.readOnly.of(readOnly),
    EditorView.editable.of(!readOnly),
    EditorView.contentAttributes.of({
      "aria-label": label,
      "data-plan-field": "",
      spellcheck: "true",
      ...(id ? { id } : {}),
      ...(invalid ? { "aria-invalid": "true" } : {}),
      ...(describedBy ? { "aria-describedby": describedBy } : {}),
    }),
  ];
}

function offer(context: CompletionContext, { sources, secrets }: PlaceholderInputProps): CompletionResult | null {
  const word = context.matchBefore(/[$#](\([^)\n]*|[\p{L}\p{N}_|]*)$/u);
  if (!word) return null;
  const sign = word.text[0];
  const names = sign === "$" ? sources : secrets;
  if (!names || names.length === 0) return null;
  // What stands behind the cursor up to ")" belongs to the placeholder that is being replaced.
  const rest = /^[^)(\n$#]*\)/.exec(context.state.sliceDoc(context.pos, context.pos + 260));
  const to = word.text.includes("(") && rest ? context.pos + rest[0].length : context.pos;
  return {
    from: word.from,
    to,
    options: names.map((name) => ({ label: `${sign}(${name})`, apply: `${sign}(${name})` })),
    filter: true,
  };
}
