import "./edit.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useParams } from "react-router";
import { catalogueQuery, draftQuery } from "../api/queries";
import { Waiting } from "../app/Shell";
import { Trouble } from "../app/Trouble";
import { EditorContext } from "./context";
import { EditorFrame } from "./EditorFrame";
import { type Editor, openEditor } from "./editor";

/** /plans/<id>: the draft of a plan, to be drawn. */
export default function EditorPage() {
  const { id = "" } = useParams();
  return <OpenPlan key={id} id={id} />;
}

function OpenPlan({ id }: { id: string }) {
  const draft = useQuery(draftQuery(id));
  const catalogue = useQuery(catalogueQuery);
  const [editor, setEditor] = useState<Editor | null>(null);

  // Made once from the first answer: from then on the editor knows more than the query does.
  if (!editor && draft.data && catalogue.data) setEditor(openEditor(id, draft.data, catalogue.data));

  useEffect(() => {
    if (!editor) return;
    const { saver } = editor;
    const leave = (event: BeforeUnloadEvent) => {
      if (saver.pending.length === 0) return;
      void saver.flush().catch(() => {});
      event.preventDefault();
    };
    const hidden = () => document.visibilityState === "hidden" && void saver.flush().catch(() => {});
    const online = () => saver.retryNow();
    addEventListener("beforeunload", leave);
    addEventListener("online", online);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      removeEventListener("beforeunload", leave);
      removeEventListener("online", online);
      document.removeEventListener("visibilitychange", hidden);
      // Leaving by a link inside the page loses nothing: what waits is sent, and retried while the page lives.
      void saver.flush().catch(() => {});
    };
  }, [editor]);

  const error = draft.error ?? catalogue.error;
  if (!editor && error)
    return (
      <Trouble
        error={error}
        again={() => {
          void draft.refetch();
          void catalogue.refetch();
        }}
      />
    );
  if (!editor) return <Waiting />;
  return (
    <EditorContext.Provider value={editor}>
      <EditorFrame />
    </EditorContext.Provider>
  );
}
