import { Button } from "@mantine/core";
import { IconPhoneOff, IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { ApiError } from "../api/errors";
import { catalogueQuery, versionQuery } from "../api/queries";
import { Bar } from "../app/Bar";
import { Waiting } from "../app/Shell";
import { Trouble } from "../app/Trouble";
import { createLiveStore, setLive } from "../canvas/live";
import { type Board, PlanCanvas } from "../canvas/PlanCanvas";
import { byType } from "../exits";
import { useMay } from "../pages/kit/resource";
import { length } from "../pages/kit/times";
import { fromDrawing } from "../plan";
import { EndCall } from "./EndCall";
import { frame } from "./frame";
import { Happened } from "./Happened";
import { picture } from "./marks";
import { namesOf } from "./names";
import { Sources } from "./Sources";
import { Splitter } from "./Splitter";
import { useCall } from "./useCall";
import { WaitLine } from "./WaitLine";
import "./live.css";

/** One call, live or past: where it is, the way it came, what happened and what is known. */
export default function LivePage() {
  const { id = "" } = useParams();
  const { t } = useTranslation(["live", "pages"]);
  const may = useMay();
  const live = useCall(id);
  const { watched, story, now, stale } = live;
  const call = watched.call;
  const drawing = useQuery({ ...versionQuery(watched.version ?? ""), enabled: watched.version !== null });
  const catalogue = useQuery(catalogueQuery);
  const types = useMemo(() => byType(catalogue.data ?? []), [catalogue.data]);
  const plan = useMemo(() => (drawing.data ? fromDrawing(drawing.data) : null), [drawing.data]);
  const names = useMemo(() => namesOf(plan, types), [plan, types]);
  const [marks] = useState(createLiveStore);
  const [selected, setSelected] = useState<string | null>(null);
  const [ending, setEnding] = useState(false);
  const [board, setBoard] = useState<Board | null>(null);
  const framed = useRef(false);
  useEffect(() => {
    if (!board || framed.current || story.seq === 0) return;
    framed.current = true;
    frame(board.flow, story);
  }, [board, story]);
  useEffect(() => setLive(marks, picture(story, now)), [marks, story, now]);
  useEffect(() => {
    if (call) document.title = `${call.clid || t("withheld")} · ${call.plan?.name ?? ""}`;
  }, [call, t]);

  const trouble = watched.refused
    ? new ApiError(404, watched.refused, "")
    : !watched.version
      ? live.error
      : (drawing.error ?? catalogue.error);
  if (trouble) {
    const again = () => {
      live.reload();
      void drawing.refetch();
    };
    return (
      <div className="page">
        <Bar crumbs={[[t("calls"), "/calls"]]} title="" />
        <Trouble error={live.error ?? trouble} again={again} />
      </div>
    );
  }
  if (!call || !plan || !catalogue.data) {
    return (
      <div className="page">
        <Bar crumbs={[[t("calls"), "/calls"]]} title="" />
        <Waiting />
      </div>
    );
  }
  const on = call.state === "live" && !story.ended;
  const seconds = ((story.ended?.at ?? now) - (story.started ?? Date.parse(call.started_at))) / 1000;
  const state = (
    <>
      {on && !stale && (
        <span className="pill" data-tone="green">
          <span className="live-dot" /> {t("live")}
        </span>
      )}
      {on && stale && (
        <span className="pill" data-tone="amber">
          <IconPlugConnectedX size={14} /> {t("not_live")}
        </span>
      )}
      {!on && <span className="pill">{t("ended")}</span>}
      {call.version && (
        <span className="pill">
          {call.version.number === null
            ? t("draft", { revision: call.version.revision })
            : t("version", { version: call.version.number })}
        </span>
      )}
      <span className="pill figures">{length(seconds)}</span>
    </>
  );
  return (
    <div className="page live">
      <Bar crumbs={[[t("calls"), "/calls"]]} title={call.plan?.name ?? t("pages:calls.no_plan")} state={state}>
        {call.plan && (
          <Button component={Link} to={`/plans/${call.plan.id}`} variant="subtle" color="gray">
            {t("open_plan")}
          </Button>
        )}
        {on && may.call && (
          <Button variant="default" leftSection={<IconPhoneOff size={16} />} onClick={() => setEnding(true)}>
            {t("end_call")}
          </Button>
        )}
      </Bar>
      <Banner live={live} />
      <main className="live-canvas">
        <PlanCanvas
          mode="live"
          plan={plan}
          types={types}
          live={marks}
          selected={selected}
          onSelect={setSelected}
          follow={on && !stale}
          onReady={setBoard}
        />
      </main>
      <Splitter />
      <div className="live-below">
        <section className="live-happened" aria-label={t("what_happened")}>
          <header className="live-head">
            <h2>{t("what_happened")}</h2>
            {on && !stale ? (
              <span className="pill figures" data-tone="green">
                <span className="live-dot" /> {t("live_event", { no: story.seq })}
              </span>
            ) : (
              <span className="pill figures">{t("over_event", { no: story.seq })}</span>
            )}
            <WaitLine story={story} names={names} now={now} call={call} />
            <span className="live-line quiet figures">
              {t(call.trial ? "line_trial" : "line", {
                clid: call.clid || t("withheld"),
                dialled: call.dialled || call.provider,
              })}
            </span>
          </header>
          <Happened story={story} names={names} now={now} call={call} selected={selected} onSelect={setSelected} />
        </section>
        <Sources sources={on ? watched.sources : story.sources} names={names} over={!on} onSelect={setSelected} />
      </div>
      {ending && <EndCall id={call.id} onClose={() => setEnding(false)} />}
    </div>
  );
}

/** A picture that may be old says so, in words and colour. */
function Banner({ live }: { live: ReturnType<typeof useCall> }) {
  const { t } = useTranslation("live");
  const { stale, link, watched, heardAt } = live;
  if (link === "signed_out" || link === "refused") return <Strip tone="red">{t("signed_out")}</Strip>;
  if (!stale || link === "connecting") return null;
  if (watched.gap && link === "open") return <Strip tone="amber">{t("gap")}</Strip>;
  const time = new Date(heardAt).toLocaleTimeString("en-GB");
  return <Strip tone="amber">{t("stale", { time })}</Strip>;
}

function Strip({ tone, children }: { tone: string; children: string }) {
  return (
    <div className="live-strip" data-tone={tone} role="status">
      <IconPlugConnectedX size={16} stroke={1.8} /> {children}
    </div>
  );
}
