import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { CallRow } from "../api/types";
import type { Names } from "./names";
import type { Row } from "./rows";
import { clock, duration, type Story } from "./story";
import { useRowWords } from "./words";

interface HappenedProps {
  story: Story;
  names: Names;
  now: number;
  call: CallRow;
  /** the applet chosen on the drawing: its rows stand out */
  selected: string | null;
  onSelect: (applet: string | null) => void;
}

const NEAR = 40; // pixels from the end that still count as reading the newest row

/** What happened, in order. The list stays at its end while nobody scrolls back. */
export function Happened({ story, names, now, call, selected, onSelect }: HappenedProps) {
  const { t } = useTranslation("live");
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const count = story.rows.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new row is what moves the view
  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [count]);
  return (
    <div
      className="live-scroll"
      ref={box}
      onScroll={({ currentTarget: b }) => {
        atEnd.current = b.scrollHeight - b.scrollTop - b.clientHeight < NEAR;
      }}
    >
      <table className="live-table">
        <thead>
          <tr>
            <th>{t("time")}</th>
            <th>{t("applet")}</th>
            <th>{t("event")}</th>
            <th className="live-took">{t("took")}</th>
          </tr>
        </thead>
        <tbody>
          {story.rows.map((row) => (
            <Line
              key={row.no}
              row={row}
              name={names.applet(row.applet)}
              names={names}
              now={now}
              call={call}
              chosen={row.applet !== null && row.applet === selected}
              onSelect={onSelect}
            />
          ))}
          {count === 0 && (
            <tr>
              <td colSpan={4} className="quiet">
                {t("nothing_yet")}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

interface LineProps {
  row: Row;
  name: string | null;
  names: Names;
  now: number;
  call: CallRow;
  chosen: boolean;
  onSelect: (applet: string | null) => void;
}

function Line({ row, name, names, now, call, chosen, onSelect }: LineProps) {
  const { t } = useTranslation("live");
  const words = useRowWords(row, names, call);
  const took = row.since !== null ? now - row.since : row.took;
  return (
    <tr data-tone={row.tone} data-chosen={chosen || undefined} data-code={row.code}>
      <td className="figures quiet">{clock(row.at)}</td>
      <td>
        {row.applet !== null && (
          <button type="button" className="live-applet" onClick={() => onSelect(row.applet)}>
            {name ?? t("removed_applet")}
          </button>
        )}
      </td>
      <td className="live-words">{words}</td>
      <td className="live-took figures" data-runs={row.since !== null || undefined}>
        {took !== null && (row.since !== null ? `${Math.floor(took / 1000)} s …` : tookWords(took, row.about, t))}
      </td>
    </tr>
  );
}

function tookWords(ms: number, about: boolean, t: (key: string, params: Record<string, string>) => string): string {
  return about ? t("about", { time: `${Math.max(1, Math.round(ms / 1000))} s` }) : duration(ms);
}
