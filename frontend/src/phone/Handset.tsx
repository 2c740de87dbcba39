import { ActionIcon, Tooltip } from "@mantine/core";
import {
  IconLock,
  IconPhone,
  IconPhoneOff,
  IconPlayerSkipForward,
  IconVolume,
  IconVolumeOff,
  IconWifiOff,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useStore } from "zustand";
import { useClock } from "../live/useCall";
import { length } from "../pages/kit/times";
import { Keypad, useKeyboard } from "./Keypad";
import { AgentLeg, PaymentLine } from "./legs";
import { waitsFor } from "./phone";
import type { Runner } from "./runner";
import type { Line, Phone } from "./types";

interface HandsetProps {
  runner: Runner;
  name: string;
  /** what to show when the call is over: calling again */
  again: ReactNode;
}

/** The phone itself: who, how long, what was said and keyed, what it waits for, keys, hang up. */
export function Handset({ runner, name, again }: HandsetProps) {
  const { t } = useTranslation(["phone", "live"]);
  const phone = useStore(runner.store, (state) => state.phone);
  const now = useClock(phone.phase !== "ended");
  const [muted, setMuted] = useState(runner.voice.muted);
  const body = useRef<HTMLDivElement>(null);
  const on = phone.phase !== "ended";
  const press = (key: string) => runner.dispatch({ type: "key", key });
  const { listening, onKeyDown } = useKeyboard(body, on, press);
  const mute = () => {
    runner.voice.mute(!muted);
    setMuted(!muted);
  };
  const since = phone.answeredAt ?? phone.startedAt;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys pressed anywhere on the phone are the keypad's
    <div className="phone" ref={body} tabIndex={-1} onKeyDown={onKeyDown} data-listening={listening || undefined}>
      <header className="phone-head">
        <span className="phone-icon" data-on={on || undefined}>
          {on ? <IconPhone size={17} stroke={1.9} /> : <IconPhoneOff size={17} stroke={1.9} />}
        </span>
        <strong className="clip-line">{name}</strong>
        <Tooltip label={t(muted ? "unmute" : "mute")}>
          <ActionIcon aria-label={t("mute")} aria-pressed={muted} onClick={mute} size={26}>
            {muted ? <IconVolumeOff size={17} stroke={1.6} /> : <IconVolume size={17} stroke={1.6} />}
          </ActionIcon>
        </Tooltip>
        <span className="phone-time figures" data-on={on || undefined}>
          {length(((phone.endedAt ?? now) - since) / 1000)}
        </span>
      </header>
      <div className="phone-sub">
        <span>{t("runs", { revision: phone.revision })}</span>
        {phone.call && (
          <Link to={`/calls/${phone.call}`} target="_blank">
            {t("watch")}
          </Link>
        )}
      </div>
      <Log lines={phone.log} />
      {phone.trouble && on && (
        <p className="phone-trouble" role="alert">
          <IconWifiOff size={16} stroke={1.8} /> {t(`trouble.${phone.trouble}`)}
        </p>
      )}
      <div className="phone-now">
        {phone.doing.what === "agent" && on && <AgentLeg leg={phone.doing} runner={runner} />}
        {phone.doing.what === "line" && on && <PaymentLine leg={phone.doing} runner={runner} />}
        <Now phone={phone} now={now} onSkip={() => runner.dispatch({ type: "skip" })} />
      </div>
      {on ? (
        <>
          <Keypad onPress={press} />
          <button type="button" className="hang-up" onClick={() => runner.dispatch({ type: "hang_up" })}>
            {t("hang_up")}
          </button>
          <p className="phone-hint">{t(phone.unheard ? "unheard" : listening ? "keyboard" : "keyboard_off")}</p>
        </>
      ) : (
        again
      )}
    </div>
  );
}

/** The log, at its newest line: also when what stands below it takes more room. */
function Log({ lines }: { lines: Line[] }) {
  const { t } = useTranslation("phone");
  const list = useRef<HTMLOListElement>(null);
  const count = lines.length;
  useEffect(() => {
    const toEnd = () => {
      list.current?.scrollTo({ top: list.current.scrollHeight });
    };
    const watch = new ResizeObserver(toEnd);
    if (list.current) watch.observe(list.current);
    return () => watch.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new line is what moves the view
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [count]);
  return (
    <ol className="phone-log" ref={list} aria-label={t("log")} aria-live="polite">
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever added
        <li key={i} className={`phone-${line.kind}`} data-playing={(line.kind === "said" && line.playing) || undefined}>
          {line.kind === "said" && (
            <>
              {line.file ? t("file", { text: line.text }) : line.text}
              {line.cut && <span className="phone-cut"> {t("cut")}</span>}
            </>
          )}
          {line.kind === "keyed" && <span className="figures">{[...line.keys].join(" ")}</span>}
          {line.kind === "note" && (
            <>
              {line.code === "payment_line" && <IconLock size={13} stroke={1.8} />}
              {t(`note.${line.code}`, line.params)}
            </>
          )}
        </li>
      ))}
    </ol>
  );
}

/** What the phone is doing or waiting for, with the time that is left. */
function Now({ phone, now, onSkip }: { phone: Phone; now: number; onSkip: () => void }) {
  const { t } = useTranslation(["phone", "live"]);
  if (phone.phase === "ended") {
    const why = phone.reason ?? "plan";
    return <p className="phone-state">{t("ended", { why: t(`live:reason.${why}`, { defaultValue: why }) })}</p>;
  }
  const wait = waitsFor(phone, now);
  if (!wait) {
    const what = phone.doing.what;
    const words = what === "ringing" || phone.phase === "calling" ? "rings" : what === "saying" ? "speaks" : "at_work";
    return (
      <p className="phone-state">
        {t(words)}
        {what === "saying" && (
          <button type="button" className="phone-skip" onClick={onSkip}>
            {t("skip")} <IconPlayerSkipForward size={13} stroke={1.8} />
          </button>
        )}
      </p>
    );
  }
  const doing = phone.doing;
  const to = doing.what === "agent" || doing.what === "line" ? doing.command.to : "";
  const keyed = doing.what === "gathering" ? (doing.command.sealed ? "•".repeat(doing.keys.length) : doing.keys) : "";
  return (
    <div className="phone-state" data-waits={wait.what}>
      <span>
        {t(`waits.${wait.what}`, { to })}
        {keyed && <strong className="figures"> {[...keyed].join(" ")}</strong>}
      </span>
      {wait.left !== null && wait.of !== null && (
        <>
          <span className="figures">{Math.ceil(wait.left / 1000)} s</span>
          <span className="phone-left" style={{ transform: `scaleX(${wait.of ? wait.left / wait.of : 0})` }} />
        </>
      )}
    </div>
  );
}
