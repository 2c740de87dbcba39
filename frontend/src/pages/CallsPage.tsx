import { Button, SegmentedControl, Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPhone } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import type { CallRow, PlanRow } from "../api/types";
import { useClock } from "../live/useCall";
import { type Link as Connection, socket } from "../socket";
import { lasted, merged } from "./calls";
import { Empty, Listed, NothingFound, Page, Search } from "./kit/Page";
import { useList, usePaged } from "./kit/resource";
import { Pill } from "./kit/rows";
import { exactly, length, when } from "./kit/times";

/** Live and past calls; the list keeps up by itself. */
export default function CallsPage() {
  const { t } = useTranslation(["pages", "common"]);
  const [params, setParams] = useSearchParams();
  const state = params.get("state") ?? "";
  const plan = params.get("plan") ?? "";
  const [text, setText] = useState(params.get("search") ?? "");
  const [search] = useDebouncedValue(text.trim(), 250);
  const plans = useList<PlanRow>("/plans").data ?? [];
  const filter = { state, plan, search };
  const calls = usePaged<CallRow>("/calls", filter);
  const { heard, link } = useHeardCalls();
  const rows = calls.data && merged(calls.data, heard, filter);
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    setParams(next, { replace: true });
  };
  const filtered = Boolean(state || plan || search);
  const tools = (
    <>
      <Search value={text} onChange={setText} label={t("calls.search")} />
      <SegmentedControl
        aria-label={t("calls.state")}
        value={state}
        onChange={(value) => set("state", value)}
        data={["", "live", "ended"].map((value) => ({ value, label: t(`calls.state_${value || "all"}`) }))}
      />
      <Select
        aria-label={t("calls.plan")}
        placeholder={t("calls.all_plans")}
        data={plans.map((p) => ({ value: p.id, label: p.name }))}
        value={plan || null}
        onChange={(value) => set("plan", value ?? "")}
        clearable
        searchable
        w={220}
      />
      <span className="page-tools-end">
        {link === "open" ? (
          <Pill tone="green">
            <span className="dot" /> {t("calls.keeps_up")}
          </Pill>
        ) : (
          <Pill tone="amber">{t("calls.lost")}</Pill>
        )}
      </span>
    </>
  );
  return (
    <Page title={t("common:nav.calls")} help={t("calls.help")} tools={tools}>
      <Listed
        query={{ ...calls, data: rows }}
        empty={
          filtered ? (
            <NothingFound what={search || t(`calls.state_${state || "all"}`)} />
          ) : (
            <Empty
              icon={<IconPhone size={26} stroke={1.5} />}
              title={t("calls.empty")}
              action={
                <Button component={Link} to="/plans">
                  {t("calls.to_plans")}
                </Button>
              }
            >
              {t("calls.empty_help")}
            </Empty>
          )
        }
      >
        {(found) => (
          <div className="card table-card">
            <CallTable rows={found} />
            {calls.hasNextPage && (
              <button type="button" className="more" onClick={() => void calls.fetchNextPage()}>
                {t("more")}
              </button>
            )}
          </div>
        )}
      </Listed>
    </Page>
  );
}

function CallTable({ rows }: { rows: CallRow[] }) {
  const { t } = useTranslation(["pages", "live"]);
  const navigate = useNavigate();
  const now = useClock(rows.some((row) => row.state === "live"));
  return (
    <table className="table table-open">
      <thead>
        <tr>
          <th>{t("calls.caller")}</th>
          <th>{t("calls.plan")}</th>
          <th>{t("calls.where")}</th>
          <th>{t("calls.started")}</th>
          <th className="end">{t("calls.lasted")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} onClick={() => void navigate(`/calls/${row.id}`)}>
            <td className="figures nowrap">
              <Link className="row-link" to={`/calls/${row.id}`} onClick={(event) => event.stopPropagation()}>
                {row.clid || t("calls.withheld")}
              </Link>
              <div className="quiet small">{row.trial ? t("calls.trial") : t("calls.to", { number: row.dialled })}</div>
            </td>
            <td className="grow">
              {row.plan?.name ?? <span className="quiet">{t("calls.no_plan")}</span>}
              <div className="quiet small">
                {row.version &&
                  (row.version.number === null
                    ? t("calls.revision", { revision: row.version.revision })
                    : t("calls.version", { version: row.version.number }))}
              </div>
            </td>
            <td>
              {row.state === "live" ? (
                <Pill tone="green">
                  <span className="dot" /> {row.at_applet?.name ?? t("calls.live")}
                </Pill>
              ) : (
                <span className="quiet">
                  {t(`live:reason.${row.end_reason || "plan"}`, { defaultValue: row.end_reason })}
                </span>
              )}
            </td>
            <td className="nowrap" title={exactly(row.started_at)}>
              {when(row.started_at)}
            </td>
            <td className="end figures nowrap">{length(lasted(row, now))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Calls as the socket tells of them since this page was opened, and how the socket is. */
function useHeardCalls(): { heard: ReadonlyMap<string, CallRow>; link: Connection } {
  const client = useQueryClient();
  const [heard, setHeard] = useState<ReadonlyMap<string, CallRow>>(new Map());
  const [link, setLink] = useState<Connection>("connecting");
  useEffect(() => {
    let lost = false;
    const unsubscribe = socket.subscribe("calls", (message) => {
      const rows = (message.calls ?? (message.call ? [message.call] : [])) as CallRow[];
      if (rows.length > 0) setHeard((before) => new Map([...before, ...rows.map((row) => [row.id, row] as const)]));
    });
    const unwatch = socket.watch((next) => {
      setLink(next);
      // What happened while the line was down is read again, and what was heard before it is no longer newer.
      if (next === "open" && lost) {
        setHeard(new Map());
        void client.invalidateQueries({ queryKey: ["calls"] });
      }
      lost = next === "lost";
    });
    return () => {
      unsubscribe();
      unwatch();
    };
  }, [client]);
  return { heard, link };
}
