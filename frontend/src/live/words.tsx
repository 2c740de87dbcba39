import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { CallRow } from "../api/types";
import { Tokens } from "../form/Tokens";
import type { Names } from "./names";
import type { Row } from "./rows";

/** A row's event in plain words. */
export function useRowWords(row: Row, names: Names, call: CallRow): ReactNode {
  const { t } = useTranslation("live");
  const p = row.params;
  switch (row.code) {
    case "started": {
      const clid = p.clid || t("withheld");
      if (call.trial || !p.dialled) return t("row.started_trial", { clid });
      return t("row.started", { clid, dialled: p.dialled });
    }
    case "keys":
      return t("row.keys", { count: Number(p.length) });
    case "pressed":
      return (
        <>
          {t("row.pressed")} <strong>{names.exit(row.applet, `key:${p.key}`)}</strong>
        </>
      );
    case "fetched":
      return (
        <>
          {p.label} <strong className="live-status">{p.status}</strong>
        </>
      );
    case "fetched_error":
      return (
        <>
          {p.label}{" "}
          <strong className="live-status">
            {p.status} {t(`fetch_error.${p.error}`, { defaultValue: String(p.error) })}
          </strong>
        </>
      );
    case "dial_ended":
      return t(`row.dial_ended_${p.outcome}`, { to: p.to, defaultValue: String(p.outcome) });
    case "set":
    case "cleared":
      return (
        <>
          {t(`row.${row.code}`, { names: "" })}
          <Tokens text={String(p.names)} />
        </>
      );
    case "hung_up":
      return t(`row.hung_up_${p.by}`, { defaultValue: t("row.hung_up_caller") });
    case "leg":
      return t("row.leg", { status: t(`status.${p.status}`, { defaultValue: String(p.status) }) });
    case "ended":
      return t("row.ended", { why: t(`reason.${p.why}`, { defaultValue: String(p.why) }) });
    case "left":
    case "left_end":
      return t(`row.${row.code}`, { exit: names.exit(row.applet, String(p.exit)) });
    case "moved":
      return t("row.moved", p);
    default:
      return t(`row.${row.code}`, { ...p, defaultValue: row.code });
  }
}
