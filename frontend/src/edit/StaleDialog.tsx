import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Change, type Operation, sameThing } from "../plan";
import { useEditing, useEditor } from "./context";
import { useSaying } from "./say";

/** Somebody else changed the draft: what, and what of ours is not saved yet. Nothing goes away without being named. */
export function StaleDialog() {
  const { t } = useTranslation("edit");
  const editor = useEditor();
  const save = useEditing((state) => state.save);
  const say = useSaying();
  const [busy, setBusy] = useState(false);
  if (save.kind !== "stale") return null;

  const mine = editor.saver.pending.flat();
  const theirs = save.since.flatMap((step) => step.operations as unknown as Operation[]);
  const clashing = (operation: Change) =>
    theirs.some((their) => sameThing(their, operation) || sameWire(their, operation));

  const load = async (keep: boolean) => {
    setBusy(true);
    try {
      await editor.loadTheirs(keep);
      const { lost } = editor.state;
      if (lost.length > 0)
        notifications.show({
          color: "orange",
          autoClose: false,
          title: t("stale.lost", { count: lost.length }),
          message: lost.map((operation) => say(operation)).join(" · "),
        });
    } catch {
      notifications.show({ color: "red", message: t("stale.not_loaded") });
    } finally {
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={() => {}} withCloseButton={false} closeOnEscape={false} title={t("stale.title")} size={560}>
      <Stack gap="md">
        {/* The focus goes here, not to a button: this opens while somebody types, and the next Enter must choose nothing. */}
        <Text tabIndex={-1} data-autofocus className="no-ring">
          {t("stale.words")}
        </Text>
        <section>
          <h3 className="stale-head">{t("stale.theirs")}</h3>
          <ul className="stale-list">
            {save.since.map((step) => (
              <li key={step.revision}>
                <b>{step.author ?? t("stale.somebody")}</b>{" "}
                <span className="quiet figures">
                  {new Date(step.at).toLocaleTimeString([], { timeStyle: "short" })}
                </span>
                <div>{(step.operations as unknown as Operation[]).map((operation) => say(operation)).join(" · ")}</div>
              </li>
            ))}
            {save.since.length === 0 && <li>{t("stale.many")}</li>}
          </ul>
        </section>
        <section>
          <h3 className="stale-head">{t("stale.mine")}</h3>
          <ul className="stale-list">
            {mine.map((operation) => (
              <li key={operation.id}>
                {say(operation)}
                {clashing(operation) && (
                  <span className="pill stale-clash" data-tone="amber">
                    {t("stale.clash")}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" color="red" disabled={busy} onClick={() => void load(false)}>
            {t("stale.drop", { count: mine.length })}
          </Button>
          <Button loading={busy} onClick={() => void load(true)}>
            {t("stale.keep")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function sameWire(one: Change, other: Change): boolean {
  const wires = (change: Change) => change.op === "wire" || change.op === "unwire";
  return (
    wires(one) &&
    wires(other) &&
    "exit" in one &&
    "exit" in other &&
    one.source === other.source &&
    one.exit === other.exit
  );
}
