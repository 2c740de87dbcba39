import { IconAlertTriangleFilled, IconFlag, IconPhoneOff } from "@tabler/icons-react";
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { type CSSProperties, type MouseEvent, memo, useContext } from "react";
import { useTranslation } from "react-i18next";
import { type CardExit, inletAt, socketAt } from "../exits";
import { Tokens } from "../form/Tokens";
import { BoardContext } from "./board";
import type { CardNode } from "./drawn";
import { AppletTile } from "./icons";
import { useLiveMark, useLiveOn } from "./live";

export const AppletCard = memo(function AppletCard({ data, selected }: NodeProps<CardNode>) {
  const { t } = useTranslation("canvas");
  const { live, mode, far, openMenu } = useContext(BoardContext);
  const { applet, exits } = data;
  const mark = useLiveMark(live, applet.key);
  const dimmed = useLiveOn(live) && mode === "live" && !mark;
  const gone = data.family === undefined;
  const onMenu = (event: MouseEvent) => openMenu?.(event, { kind: "applet", key: applet.key });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the node around it has the role and takes the keys
    <div
      className="card"
      data-selected={selected || undefined}
      data-live={mark?.state}
      data-dimmed={dimmed || undefined}
      data-gone={gone || undefined}
      data-far={far || undefined}
      style={{ "--family": `var(--${data.family ?? "gone"})` } as CSSProperties}
      onContextMenu={onMenu}
    >
      {far ? (
        <FarSockets exits={exits} />
      ) : (
        <Handle type="target" id="in" position={Position.Left} className="inlet" style={{ top: inletAt.y }} />
      )}
      {(data.initial || data.hangup) && !far && (
        <span className="card-mark">
          {data.initial ? <IconFlag size={11} stroke={2.2} /> : <IconPhoneOff size={11} stroke={2.2} />}
          {t(data.initial ? (data.hangup ? "mark.both" : "mark.initial") : "mark.hangup")}
        </span>
      )}
      {mark?.badge && !far && <span className="card-badge figures">{mark.badge}</span>}
      <div className="card-head">
        <AppletTile type={applet.type} family={data.family} />
        {!far && (
          <div className="card-words">
            <div className="card-name">{applet.name || t("unnamed")}</div>
            <div className="card-type">{gone ? t("gone.type", { type: applet.type }) : data.title}</div>
          </div>
        )}
        {data.grade && !far && (
          <IconAlertTriangleFilled className="card-alert" data-grade={data.grade} size={15} aria-label={data.problems}>
            <title>{data.problems}</title>
          </IconAlertTriangleFilled>
        )}
      </div>
      {!far && <div className="card-summary">{gone ? t("gone.kept") : <Tokens text={data.summary} />}</div>}
      {!far && exits.map((exit, n) => <ExitRow key={exit.name} exit={exit} n={n} applet={applet.key} />)}
    </div>
  );
});

/** From far nobody wires: bare marks in place of sockets, where React Flow measures the ends of wires. */
function FarSockets({ exits }: { exits: CardExit[] }) {
  return (
    <>
      <i className="far target" data-handleid="in" data-handlepos="left" style={{ top: inletAt.y, left: 0 }} />
      {exits.map((exit, n) => (
        <i
          key={exit.name}
          className="far source"
          data-handleid={exit.name}
          data-handlepos="right"
          style={{ top: socketAt(n).y, right: 0 }}
        />
      ))}
    </>
  );
}

interface RowProps {
  exit: CardExit;
  n: number;
  applet: string;
}

function ExitRow({ exit, n, applet }: RowProps) {
  const { t } = useTranslation("canvas");
  const { openMenu, pickFor, mode } = useContext(BoardContext);
  const ends = exit.state === "ends";
  const words = exit.orphan
    ? t("exit.removed", { label: exit.short })
    : ends && exit.name === "next"
      ? t("exit.ends")
      : ends && exit.kind !== "end"
        ? t("exit.label_ends", { label: exit.short })
        : exit.short;
  const { y } = socketAt(n);
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a short cut; the form's "Goes on to" is the way by keyboard */}
      <div
        className="exit"
        data-kind={exit.kind}
        data-state={exit.state}
        data-orphan={exit.orphan || undefined}
        style={{ top: y - 12 }}
        title={exit.orphan ? t("exit.orphan") : undefined}
        onContextMenu={(event) => openMenu?.(event, { kind: "exit", key: applet, exit: exit.name })}
      >
        {words}
      </div>
      <Handle
        type="source"
        id={exit.name}
        position={Position.Right}
        className="socket"
        data-kind={exit.kind}
        data-state={exit.state}
        data-testid={`exit-${exit.name}`}
        style={{ top: y }}
        isConnectable={mode === "edit" && exit.kind !== "end"}
        onClick={(event) => mode === "edit" && exit.state === "open" && pickFor?.(event, applet, exit.name)}
      />
    </>
  );
}
