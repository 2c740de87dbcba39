import { type ConnectionLineComponentProps, type EdgeProps, Position } from "@xyflow/react";
import { memo, useContext } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { BoardContext, type Routes } from "./board";
import type { CardNode, WireEdge } from "./drawn";
import { useLiveOn, useLiveWire } from "./live";
import { Cards, route } from "./routing";
import { roundedPath } from "./shapes";

export const Wire = memo(function Wire({ id, data, selected }: EdgeProps<WireEdge>) {
  const { live, mode, loose, far } = useContext(BoardContext);
  const dragged = useStore(loose ?? still, (routes) => routes.get(id));
  const taken = useLiveWire(live, id);
  const on = useLiveOn(live);
  const path = roundedPath(dragged ?? data?.corners ?? []);
  return (
    <g
      className="wire"
      data-taken={taken || undefined}
      data-dimmed={(on && mode === "live" && !taken) || undefined}
      data-failure={data?.failure || undefined}
      data-selected={selected || undefined}
    >
      <path className="wire-line" d={path} fill="none" />
      {!far && (
        <path className="react-flow__edge-interaction" d={path} fill="none" strokeWidth={16} strokeOpacity={0} />
      )}
    </g>
  );
});

const nothing = new Cards([]);
const still = createStore<Routes>(() => new Map());

/** The wire that follows the pointer while an exit is being connected. */
export function LooseWire(props: ConnectionLineComponentProps<CardNode>) {
  const { fromX, fromY, toX, toY, fromPosition } = props;
  const [from, to] =
    fromPosition === Position.Left
      ? [
          { x: toX, y: toY },
          { x: fromX, y: fromY },
        ]
      : [
          { x: fromX, y: fromY },
          { x: toX, y: toY },
        ];
  const path = roundedPath(route(nothing, { id: "", from, to, target: "" }, true));
  return <path className="wire-loose" d={path} fill="none" />;
}
