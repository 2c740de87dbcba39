import { autocompletion } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { xml } from "@codemirror/lang-xml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { Button } from "@mantine/core";
import type { TFunction } from "i18next";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { ApiError } from "../api/errors";
import type { PlacedApplet, Settings } from "../api/types";
import { useEditor } from "../edit/context";
import type { Change } from "../plan";

const colours = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: "var(--blue-text)" },
  { tag: tags.attributeName, color: "var(--green-text)" },
  { tag: [tags.attributeValue, tags.processingInstruction], color: "var(--amber-text)" },
  { tag: tags.comment, color: "var(--quiet)" },
]);

/** The Data Connector as its Interaction Definition: the server reads and writes it, what is applied is one step. */
export default function ConnectorXml({ applet }: { applet: PlacedApplet }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const host = useRef<HTMLDivElement | null>(null);
  const view = useRef<EditorView | null>(null);
  const [text, setText] = useState("");
  const [written, setWritten] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const dirty = written !== null && text !== written;

  useEffect(() => {
    if (!host.current) return;
    const it = new EditorView({
      parent: host.current,
      state: EditorState.create({
        extensions: [
          lineNumbers(),
          history(),
          xml(),
          autocompletion(),
          syntaxHighlighting(colours),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.lineWrapping,
          EditorState.readOnly.of(!editor.mayEdit),
          EditorView.contentAttributes.of({ "aria-label": t("connector.xml_label") }),
          EditorView.updateListener.of((update) => update.docChanged && setText(update.state.doc.toString())),
        ],
      }),
    });
    view.current = it;
    return () => it.destroy();
  }, [editor, t]);

  // The form changed (undo, another tab): an untouched definition follows it.
  const untouched = useRef(true);
  untouched.current = !dirty;
  useEffect(() => {
    let current = true;
    api
      .post<{ xml: string }>("/connector-xml", { settings: applet.settings })
      .then((answer) => {
        if (!current || !untouched.current) return;
        put(view.current, answer.xml);
        setWritten(answer.xml);
        setError(null);
      })
      .catch((thrown: Error) => current && setError(thrown.message));
    return () => {
      current = false;
    };
  }, [applet.settings]);

  const apply = async () => {
    setBusy(true);
    setError(null);
    try {
      const { settings } = await api.post<{ settings: Settings }>("/connector-xml", {
        xml: text,
        settings: applet.settings, // entries that stay keep their ids
      });
      const changes: Change[] = Object.entries(settings)
        .filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(applet.settings[name]))
        .map(([name, value]) => ({ op: "set", key: applet.key, path: [name], value }));
      setWritten(text);
      editor.run(changes);
    } catch (thrown) {
      setError(said(thrown, t));
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="xml">
      <p className="quiet">{t("connector.xml_help")}</p>
      <div ref={host} className="editor" data-lines="many" data-code data-tall />
      {error && (
        <p className="field-note" data-grade="error" role="alert">
          {error}
        </p>
      )}
      {editor.mayEdit && (
        <div className="many-do">
          <Button loading={busy} disabled={!dirty} onClick={() => void apply()}>
            {t("connector.apply")}
          </Button>
          <Button variant="default" disabled={!dirty} onClick={() => put(view.current, written ?? "")}>
            {t("connector.revert")}
          </Button>
          {!dirty && written !== null && <span className="quiet">{t("connector.same")}</span>}
        </div>
      )}
    </div>
  );
}

/** Every place the server could not read, with its line. */
function said(thrown: unknown, t: TFunction<"form">): string {
  const lines = thrown instanceof ApiError ? thrown.extra.lines : null;
  if (Array.isArray(lines) && lines.length > 0)
    return (lines as { words: string; line: number }[])
      .map(({ words, line }) => (line > 0 ? t("connector.line", { line, words }) : words))
      .join("\n");
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function put(view: EditorView | null, text: string): void {
  view?.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}
