import { type KeyboardEvent, type PointerEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const KEPT = "live.below";
const [LEAST, MOST, STEP] = [20, 75, 5]; // per cent of the window's height

/** The edge between drawing and list, moved by pointer or arrow keys; the page keeps its place. */
export function Splitter() {
  const { t } = useTranslation("live");
  const [share, setShare] = useState(kept);
  useEffect(() => {
    document.documentElement.style.setProperty("--live-below", `${share}%`);
    try {
      localStorage.setItem(KEPT, String(share));
    } catch {
      // no storage: it holds for this page
    }
  }, [share]);
  const move = (event: PointerEvent<HTMLElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    setShare(within(100 - (event.clientY / innerHeight) * 100));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: STEP, ArrowDown: -STEP }[event.key];
    if (!step) return;
    event.preventDefault();
    setShare(within(share + step));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that is moved is no <hr>
    <div
      className="live-splitter"
      role="separator"
      aria-orientation="horizontal"
      aria-label={t("resize")}
      aria-valuenow={Math.round(share)}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
      onKeyDown={onKeyDown}
    />
  );
}

const within = (share: number): number => Math.min(MOST, Math.max(LEAST, share));

function kept(): number {
  try {
    return within(Number(localStorage.getItem(KEPT)) || 34);
  } catch {
    return 34;
  }
}
