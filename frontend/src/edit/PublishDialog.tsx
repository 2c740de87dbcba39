import { Button, Checkbox, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { ApiError } from "../api/errors";
import { queryClient } from "../api/queries";
import type { Problem } from "../api/types";
import { useEditing, useEditor } from "./context";
import { ProblemMark } from "./Problems";

interface PublishProps {
  opened: boolean;
  onClose: () => void;
  onDone: (number: number) => void;
  onShow: (applet: string, field: string | null) => void;
}

/** Freezes the draft under a number, with a note. With errors it lists them instead; open exits ask for one tick. */
export function PublishDialog({ opened, onClose, onDone, onShow }: PublishProps) {
  const { t } = useTranslation("edit");
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  const problems = useEditing((state) => state.problems);
  const version = useEditing((state) => (state.liveVersion ?? 0) + 1);
  const [note, setNote] = useState("");
  const [accepted, setAccepted] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const errors = problems.filter((problem) => problem.grade === "error");
  const open = problems.filter((problem) => problem.code === "open_exit");
  const empty = Object.keys(plan.applets).length === 0;

  useEffect(() => {
    if (opened) setRefused(null);
    else setAccepted(false);
  }, [opened]);

  const publish = async () => {
    setBusy(true);
    setRefused(null);
    try {
      const revision = await editor.saver.flush();
      const answer = await api.post<{ number: number }>(`/plans/${editor.id}/publish`, {
        revision,
        note,
        accept_open_exits: accepted,
      });
      editor.published(answer.number);
      setNote("");
      void queryClient.invalidateQueries({ queryKey: ["plans"] });
      onDone(answer.number);
    } catch (error) {
      if (error instanceof ApiError && Array.isArray(error.extra.problems))
        editor.store.setState({ problems: error.extra.problems as Problem[] });
      setRefused(error instanceof ApiError ? error.message : t("publish.unsaved"));
    } finally {
      setBusy(false);
    }
  };

  const blocked = empty || errors.length > 0;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t(blocked ? "publish.not_yet" : "publish.title", { version })}
      size={520}
    >
      <Stack gap="md">
        {empty && <Text>{t("publish.empty")}</Text>}
        {errors.length > 0 && (
          <>
            <Text>{t("publish.has_errors", { count: errors.length })}</Text>
            <ul className="publish-errors">
              {errors.map((problem) => (
                <li key={`${problem.code} ${problem.applet} ${problem.field} ${problem.exit} ${problem.words}`}>
                  <ProblemMark grade="error" />
                  <span>
                    {problem.applet && <b>{plan.applets[problem.applet]?.name} </b>}
                    {problem.words}
                  </span>
                  {problem.applet && (
                    <Button
                      size="compact-sm"
                      variant="light"
                      onClick={() => problem.applet && onShow(problem.applet, problem.field)}
                    >
                      {t("problems.show")}
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </>
        )}
        {!blocked && (
          <>
            <Text c="dimmed">{t("publish.words")}</Text>
            <Textarea
              label={t("publish.note")}
              description={t("publish.note_help")}
              data-autofocus
              autosize
              minRows={2}
              maxLength={2000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
            {open.length > 0 && (
              <div className="publish-open">
                <Checkbox
                  checked={accepted}
                  onChange={(event) => setAccepted(event.target.checked)}
                  label={t("publish.open_exits", { count: open.length })}
                />
                <ul>
                  {open.slice(0, 6).map((problem) => (
                    <li key={`${problem.applet} ${problem.exit}`}>
                      <b>{problem.applet ? plan.applets[problem.applet]?.name : ""}</b> {problem.words}
                    </li>
                  ))}
                  {open.length > 6 && <li>{t("publish.more", { count: open.length - 6 })}</li>}
                </ul>
              </div>
            )}
          </>
        )}
        {refused && (
          <Text c="var(--red-text)" role="alert">
            {refused}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t(blocked ? "common:close" : "common:cancel")}
          </Button>
          {!blocked && (
            <Button loading={busy} disabled={open.length > 0 && !accepted} onClick={() => void publish()}>
              {t("publish.go", { version })}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
