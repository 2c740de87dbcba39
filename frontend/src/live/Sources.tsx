import { IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { SourceValue } from "../api/types";
import type { Names } from "./names";

interface SourcesProps {
  sources: SourceValue[];
  names: Names;
  over: boolean;
  onSelect: (applet: string | null) => void;
}

const MOST_BULLETS = 12;

/** The call's data sources: value, and where it came from. Values live as long as the call. */
export function Sources({ sources, names, over, onSelect }: SourcesProps) {
  const { t } = useTranslation("live");
  return (
    <section className="live-sources" aria-label={t("sources")}>
      <div className="live-scroll">
        <table className="live-table">
          <thead>
            <tr>
              <th>{t("source")}</th>
              <th>{t("value")}</th>
              <th>{t("from")}</th>
            </tr>
          </thead>
          <tbody>
            {sources.map((source) => (
              <tr key={source.name}>
                <td>
                  <span className="token">{source.name}</span>
                </td>
                <td className="figures live-value">
                  <Value source={source} over={over} />
                </td>
                <td>
                  {source.applet === null ? (
                    <span className="quiet">{t("seed")}</span>
                  ) : (
                    <button type="button" className="live-applet" onClick={() => onSelect(source.applet)}>
                      {names.applet(source.applet) ?? t("removed_applet")}
                    </button>
                  )}
                </td>
              </tr>
            ))}
            {sources.length === 0 && (
              <tr>
                <td colSpan={3} className="quiet">
                  {over ? t("gone_help") : t("no_sources")}
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Value({ source, over }: { source: SourceValue; over: boolean }) {
  const { t } = useTranslation("live");
  const length = source.length ?? 0;
  const bullets = "•".repeat(Math.min(length, MOST_BULLETS)) || "•";
  if (over) {
    return (
      <span className="quiet" title={t("gone_help")}>
        {length > 0 ? t("gone_length", { count: length }) : t("gone")}
      </span>
    );
  }
  if (source.sealed) {
    return (
      <span title={t("hidden_length", { count: length })}>
        <IconLock size={13} stroke={1.8} /> {bullets} <span className="quiet">{length}</span>
      </span>
    );
  }
  if (source.value !== null) {
    if (source.value === "") return <span className="quiet">“”</span>;
    return <span title={source.masked ? t("masked_length", { count: length }) : undefined}>{source.value}</span>;
  }
  if (length > 0) return <span title={t("no_right")}>{bullets}</span>;
  return <span className="quiet">{t("null")}</span>;
}
