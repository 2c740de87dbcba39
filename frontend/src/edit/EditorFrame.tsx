import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { clearLive, createLiveStore } from "../canvas/live";
import type { Board } from "../canvas/PlanCanvas";
import { useEditing, useEditor } from "./context";
import { EditBar } from "./EditBar";
import { EditCanvas } from "./EditCanvas";
import { Problems } from "./Problems";
import { RefusedNote } from "./RefusedNote";
import { StaleDialog } from "./StaleDialog";
import { useKeys } from "./useKeys";

const FormColumn = lazy(() => import("../form/FormColumn"));
const PhoneOverlay = lazy(() => import("../phone/PhoneOverlay"));

/** The page of an open draft: bar, palette, canvas with its problems, and the form or the phone at the right. */
export function EditorFrame() {
  const { t } = useTranslation("edit");
  const editor = useEditor();
  const name = useEditing((state) => state.name);
  const [phone, setPhone] = useState(false);
  const live = useMemo(createLiveStore, []);
  const board = useRef<Board | null>(null);
  useKeys(editor);

  const show = useCallback(
    (applet: string, field: string | null) => {
      editor.goTo(applet, field);
      board.current?.show(applet);
    },
    [editor],
  );
  const hangUp = useCallback(() => {
    setPhone(false);
    clearLive(live);
  }, [live]);

  return (
    <div className="page">
      <title>{`${name} · ${t("title")}`}</title>
      <EditBar calling={phone} onCall={() => setPhone(true)} onShow={show} />
      <div className="edit">
        <main className="edit-main">
          <div className="edit-row">
            <EditCanvas
              live={live}
              onBoard={(it) => {
                board.current = it;
              }}
            />
          </div>
          <Problems onShow={show} />
        </main>
        <aside className="edit-side" aria-label={t(phone ? "phone" : "form")}>
          <Suspense fallback={null}>
            {phone ? (
              <PhoneOverlay
                plan={editor.id}
                name={name}
                ready={() => editor.saver.flush()}
                live={live}
                onClose={hangUp}
                onSelect={(applet) => editor.select([applet])}
              />
            ) : (
              <FormColumn />
            )}
          </Suspense>
        </aside>
      </div>
      <StaleDialog />
      <RefusedNote />
    </div>
  );
}
