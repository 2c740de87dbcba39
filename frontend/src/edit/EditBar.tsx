import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp, IconCheck, IconPhone } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Bar } from "../app/Bar";
import { useEditing, useEditor } from "./context";
import { PublishDialog } from "./PublishDialog";

interface EditBarProps {
  calling: boolean;
  onCall: () => void;
  onShow: (applet: string, field: string | null) => void;
}

/** Name and state of the draft, undo and redo, and the two things one wants from a plan: to call it, to publish it. */
export function EditBar({ calling, onCall, onShow }: EditBarProps) {
  const { t } = useTranslation("edit");
  const editor = useEditor();
  const name = useEditing((state) => state.name);
  const history = useEditing((state) => state.history);
  const errors = useEditing((state) => state.problems.filter((problem) => problem.grade === "error").length);
  const empty = useEditing((state) => Object.keys(state.plan.applets).length === 0);
  const [publishing, setPublishing] = useState(false);
  const publishNo = empty ? t("publish.empty") : errors > 0 ? t("publish.has_errors", { count: errors }) : null;
  return (
    <Bar
      crumbs={[[t("plans"), "/plans"]]}
      title={name}
      state={
        <>
          <SavePill />
          <DraftPill />
        </>
      }
    >
      {editor.mayEdit ? (
        <>
          <Tooltip label={t("undo")}>
            <ActionIcon aria-label={t("undo")} disabled={history.done.length === 0} onClick={() => editor.undo()}>
              <IconArrowBackUp size={18} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("redo")}>
            <ActionIcon aria-label={t("redo")} disabled={history.undone.length === 0} onClick={() => editor.redo()}>
              <IconArrowForwardUp size={18} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
          <Button
            color="green"
            leftSection={<IconPhone size={16} stroke={1.8} />}
            disabled={calling || empty}
            onClick={onCall}
            ml={6}
          >
            {t("call")}
          </Button>
          {/* Not merely disabled: a press says why, and leads to what is wrong. */}
          <Tooltip label={publishNo ?? t("publish.help")} multiline maw={280}>
            <Button
              data-unready={publishNo !== null || undefined}
              variant={publishNo === null ? "filled" : "default"}
              onClick={() => setPublishing(true)}
            >
              {t("publish.button")}
            </Button>
          </Tooltip>
          <PublishDialog
            opened={publishing}
            onClose={() => setPublishing(false)}
            onShow={(applet, field) => {
              setPublishing(false);
              onShow(applet, field);
            }}
            onDone={(number) => {
              setPublishing(false);
              notifications.show({ color: "green", message: t("publish.done", { number }) });
            }}
          />
        </>
      ) : (
        <span className="pill">{t("viewing")}</span>
      )}
    </Bar>
  );
}

function SavePill() {
  const { t } = useTranslation("edit");
  const editor = useEditor();
  const save = useEditing((state) => state.save);
  if (!editor.mayEdit) return null;
  switch (save.kind) {
    case "saved":
      return (
        <span className="pill" data-tone="green" role="status">
          <IconCheck size={14} stroke={2} />
          {t("save.saved")}
        </span>
      );
    case "saving":
      return (
        <span className="pill" role="status">
          {t("save.saving")}
        </span>
      );
    case "waiting":
      return (
        <Tooltip label={save.words}>
          <button type="button" className="pill" data-tone="amber" onClick={() => editor.saver.retryNow()}>
            <IconAlertTriangle size={14} stroke={1.8} />
            {t("save.waiting")}
          </button>
        </Tooltip>
      );
    case "stale":
      return (
        <span className="pill" data-tone="amber" role="status">
          <IconAlertTriangle size={14} stroke={1.8} />
          {t("save.stale")}
        </span>
      );
    case "stopped":
      return (
        <Tooltip label={save.words}>
          <button type="button" className="pill" data-tone="red" onClick={() => editor.saver.retryNow()}>
            <IconAlertTriangle size={14} stroke={1.8} />
            {t("save.stopped")}
          </button>
        </Tooltip>
      );
  }
}

function DraftPill() {
  const { t } = useTranslation("edit");
  const live = useEditing((state) => state.liveVersion);
  const count = useEditing((state) => state.changes);
  return (
    <span className="pill figures">
      {live === null
        ? t("draft.never")
        : count === 0
          ? t("draft.same", { version: live })
          : t("draft.changes", { count, version: live })}
    </span>
  );
}
