import { ActionIcon, Button, TextInput, Tooltip } from "@mantine/core";
import { IconPhone, IconX } from "@tabler/icons-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { ApiError } from "../api/errors";
import type { Trial } from "../api/types";
import { clearLive, type LiveStore, setLive } from "../canvas/live";
import { picture } from "../live/marks";
import { useCall } from "../live/useCall";
import { Handset } from "./Handset";
import { Runner } from "./runner";
import { canSign } from "./sign";
import "./phone.css";

interface PhoneOverlayProps {
  plan: string;
  name: string;
  /** Saves what is unsaved and gives the draft's revision. */
  ready: () => Promise<number>;
  live: LiveStore;
  onClose: () => void;
  onSelect?: (applet: string) => void;
}

type Stage = { is: "saving" | "starting" } | { is: "broken"; words: string } | { is: "on"; runner: Runner };

const CLID_KEPT = "phone.clid";
const CLID = "+447700900123"; // a number nobody has, kept for examples

/** A phone beside the canvas that calls the draft as it is shown, the moment it opens. */
export default function PhoneOverlay({ plan, name, ready, live, onClose }: PhoneOverlayProps) {
  const { t } = useTranslation("phone");
  const [stage, setStage] = useState<Stage>({ is: "saving" });
  const [clid, setClid] = useState(keptClid);
  const runner = stage.is === "on" ? stage.runner : null;
  const current = useRef({ ready, clid });
  current.current = { ready, clid };

  const [calls, setCalls] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `calls` is the wish to call again
  useEffect(() => {
    let over = false;
    let mine: Runner | null = null;
    const call = async () => {
      if (!canSign()) {
        setStage({ is: "broken", words: t("cannot_sign") });
        return;
      }
      setStage({ is: "saving" });
      let revision: number;
      try {
        revision = await current.current.ready();
      } catch (error) {
        if (!over) setStage({ is: "broken", words: t("unsaved", { why: wordsOf(error) }) });
        return;
      }
      if (over) return;
      setStage({ is: "starting" });
      try {
        const from = current.current.clid.replace(/[\s().-]/g, "");
        const trial = await api.post<Trial>(`/plans/${plan}/trials`, { revision, clid: from });
        if (over) return;
        mine = new Runner(
          { id: trial.call, answer: trial.answer, clid: from, dialled: "", revision: trial.revision },
          trial.key,
        );
        setStage({ is: "on", runner: mine });
      } catch (error) {
        if (!over) setStage({ is: "broken", words: wordsOf(error) });
      }
    };
    void call();
    return () => {
      over = true;
      mine?.close();
    };
  }, [plan, calls, t]);

  useMarks(runner, live);
  const again = useCallback(() => {
    keepClid(current.current.clid);
    setCalls((n) => n + 1);
  }, []);
  const from = (
    <form
      className="phone-again"
      onSubmit={(event) => {
        event.preventDefault();
        again();
      }}
    >
      <Tooltip label={t("from_help")}>
        <TextInput
          aria-label={t("from")}
          value={clid}
          onChange={(event) => setClid(event.currentTarget.value)}
          leftSection={<IconPhone size={15} stroke={1.6} />}
          type="tel"
        />
      </Tooltip>
      <Button type="submit" color="green">
        {t("again")}
      </Button>
    </form>
  );
  return (
    <aside className="phone-column" aria-label={t("title")}>
      <ActionIcon className="phone-close" aria-label={t("close")} onClick={onClose}>
        <IconX size={18} stroke={1.6} />
      </ActionIcon>
      {stage.is === "on" && <Handset runner={stage.runner} name={name} again={from} />}
      {stage.is === "broken" && (
        <Shell>
          <div className="phone-broken" role="alert">
            <strong>{t("cannot_start")}</strong>
            <p>{stage.words}</p>
          </div>
          {canSign() && from}
        </Shell>
      )}
      {(stage.is === "saving" || stage.is === "starting") && (
        <Shell>
          <p className="phone-quiet" aria-live="polite">
            {t(stage.is)}
          </p>
        </Shell>
      )}
    </aside>
  );
}

function Shell({ children }: { children: ReactNode }) {
  return <div className="phone">{children}</div>;
}

/** Puts the call on the canvas as it goes, and takes it off again; and hangs up when somebody else ended the call. */
function useMarks(runner: Runner | null, live: LiveStore): void {
  const [call, setCall] = useState<string | null>(null);
  useEffect(() => {
    setCall(runner?.store.getState().phone.call ?? null);
    return runner?.store.subscribe(({ phone }) => setCall(phone.call));
  }, [runner]);
  const { story, now, stale } = useCall(call);
  useEffect(() => {
    if (call) setLive(live, picture(story, now));
    else clearLive(live);
  }, [call, story, now, live]);
  useEffect(() => () => clearLive(live), [live]);
  const ended = stale ? undefined : story.ended?.why;
  useEffect(() => {
    if (ended === "stopped") runner?.dispatch({ type: "stopped", reason: "stopped" });
  }, [ended, runner]);
}

function wordsOf(error: unknown): string {
  if (error instanceof ApiError && error.fields.length) return error.fields.map((f) => f.message).join(" ");
  return error instanceof Error ? error.message : String(error);
}

function keptClid(): string {
  try {
    return localStorage.getItem(CLID_KEPT) || CLID;
  } catch {
    return CLID;
  }
}

function keepClid(clid: string): void {
  try {
    localStorage.setItem(CLID_KEPT, clid);
  } catch {
    // no storage: the number holds for this page
  }
}
