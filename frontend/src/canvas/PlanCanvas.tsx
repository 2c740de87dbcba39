import "@xyflow/react/dist/base.css";
import "./canvas.css";
import { useMantineColorScheme } from "@mantine/core";
import {
  Background,
  BackgroundVariant,
  ConnectionMode,
  type FinalConnectionState,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  useReactFlow,
  useStore,
} from "@xyflow/react";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../api/types";
import type { Types } from "../exits";
import type { Plan } from "../plan";
import { AppletCard } from "./AppletCard";
import { BoardContext, type BoardShared, type EditHandlers, type MenuTarget } from "./board";
import { Controls } from "./Controls";
import { type CardNode, rectOf, type WireEdge } from "./drawn";
import type { LiveStore } from "./live";
import type { Point } from "./routing";
import { inside } from "./shapes";
import { directions, neighbour } from "./travel";
import { useDrawing } from "./useDrawing";
import { useFollow } from "./useFollow";
import { LooseWire, Wire } from "./Wire";

const nodeTypes = { applet: AppletCard };
const edgeTypes = { wire: Wire };
const fitOptions = { padding: 0.12, maxZoom: 1 };
const none: Problem[] = [];
const nobody: string[] = [];
const FAR = 0.35; // below this zoom text cannot be read
const MANY = 300; // from here on only what is in view is mounted

export interface PlanCanvasProps {
  mode: "edit" | "live";
  plan: Plan;
  types: Types;
  live?: LiveStore;
  problems?: Problem[];
  /** the chosen applet, or several */
  selected?: string | string[] | null;
  onSelect?: (key: string | null) => void;
  onSelectMany?: (keys: string[]) => void;
  selectedWire?: string | null;
  onSelectWire?: (wire: string | null) => void;
  /** keeps the applet the call is in, in view */
  follow?: boolean;
  edit?: EditHandlers;
  /** a wire to point out, e.g. the one an applet would be dropped on */
  pointedWire?: string | null;
  onReady?: (board: Board) => void;
  children?: ReactNode;
}

/** What the page around may ask of the canvas. */
export interface Board {
  /** a place of the window as a place of the plan */
  place: (at: Point) => Point;
  flow: Flow;
  routes: () => Map<string, Point[]>;
  show: (key: string) => void;
}

export function PlanCanvas(props: PlanCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas(props: PlanCanvasProps) {
  const { mode, plan, types, live, edit, selectedWire = null, pointedWire = null } = props;
  const { t } = useTranslation("canvas");
  const { colorScheme } = useMantineColorScheme();
  const flow = useReactFlow<CardNode, WireEdge>();
  const selected = useMemo(
    () => (Array.isArray(props.selected) ? props.selected : props.selected ? [props.selected] : nobody),
    [props.selected],
  );
  const onSelectMany = useSelectMany(props);
  const drawing = useDrawing({
    plan,
    types,
    problems: props.problems ?? none,
    selected,
    onSelect: onSelectMany,
    selectedWire,
    onSelectWire: props.onSelectWire,
    pointedWire,
    onMove: edit?.move,
  });
  const { loose } = drawing;
  const far = useStore((state) => state.transform[2] < FAR);
  useFollow(flow, drawing.drawn, live, props.follow ?? false);

  const routes = useRef(drawing.routes);
  routes.current = drawing.routes;
  const shown = useRef(drawing.drawn);
  shown.current = drawing.drawn;
  const { onReady } = props;
  const onInit = useCallback(() => {
    onReady?.({
      place: (at) => flow.screenToFlowPosition(at),
      flow,
      routes: () => routes.current,
      show: (key) => showNode(flow, shown.current.byKey.get(key)),
    });
  }, [flow, onReady]);

  const openMenu = useCallback(
    (event: MouseEvent | globalThis.MouseEvent, target: MenuTarget) => {
      if (!edit) return;
      event.preventDefault();
      event.stopPropagation();
      const at = { x: event.clientX, y: event.clientY };
      edit.menu(at, target, flow.screenToFlowPosition(at));
    },
    [edit, flow],
  );
  const shared = useMemo<BoardShared>(
    () => ({
      mode,
      live,
      loose,
      far,
      openMenu: edit && openMenu,
      pickFor: edit && ((event, source, exit) => edit.pick({ x: event.clientX, y: event.clientY }, { source, exit })),
    }),
    [mode, live, loose, far, edit, openMenu],
  );

  /** Alt and an arrow: to the next card. Arrows alone move the chosen card, as everywhere in React Flow. */
  const onTravel = useCallback(
    (event: KeyboardEvent<HTMLElement>) => {
      const direction = directions[event.key];
      const card = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>(".react-flow__node") : null;
      const from = card?.dataset.id;
      if (!direction || !event.altKey || !from) return;
      event.preventDefault();
      event.stopPropagation();
      const to = neighbour(drawing.drawn, from, direction);
      if (!to) return;
      onSelectMany([to]);
      showNode(flow, drawing.drawn.byKey.get(to));
      const next = event.currentTarget.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(to)}"]`);
      next?.focus({ preventScroll: true });
    },
    [drawing.drawn, onSelectMany, flow],
  );

  const onConnectEnd = useCallback(
    (event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
      const from = state.fromHandle;
      if (!edit || state.isValid || from?.type !== "source" || !from.id) return;
      const pointer = "changedTouches" in event ? event.changedTouches[0] : event;
      if (!pointer) return;
      const at = { x: pointer.clientX, y: pointer.clientY };
      const place = flow.screenToFlowPosition(at);
      const started = state.from;
      if (started && Math.hypot(started.x - place.x, started.y - place.y) < 12) return; // a click, not a drag
      // A card is a target as a whole, not only its small inlet.
      const card = drawing.drawn.nodes.find((node) => inside(rectOf(node), place, 6));
      if (card) edit.wire(from.nodeId, from.id, card.id);
      else edit.pick(at, { source: from.nodeId, exit: from.id }, { x: place.x, y: place.y - 25 });
    },
    [edit, flow, drawing.drawn],
  );

  const editing = mode === "edit" && edit !== undefined;
  // Only what was there from the start is fitted: an empty plan must not jump under the first applet dropped on it.
  const [fits] = useState(drawing.nodes.length > 0);
  return (
    <BoardContext.Provider value={shared}>
      <div className="board" data-mode={mode} onKeyDownCapture={onTravel}>
        <ReactFlow<CardNode, WireEdge>
          nodes={drawing.nodes}
          edges={drawing.edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={drawing.onNodesChange}
          onEdgesChange={drawing.onEdgesChange}
          onInit={onInit}
          onConnect={(c) => edit && c.sourceHandle && edit.wire(c.source, c.sourceHandle, c.target)}
          onConnectEnd={onConnectEnd}
          onReconnect={(old, c) =>
            edit &&
            c.sourceHandle &&
            old.sourceHandle &&
            edit.rewire(
              { source: old.source, exit: old.sourceHandle },
              { source: c.source, exit: c.sourceHandle, target: c.target },
            )
          }
          onPaneContextMenu={(event) => openMenu(event as MouseEvent, { kind: "pane" })}
          onEdgeContextMenu={(event, edge) =>
            openMenu(event, { kind: "wire", key: edge.source, exit: edge.sourceHandle ?? "" })
          }
          connectionLineComponent={LooseWire}
          connectionMode={ConnectionMode.Strict}
          connectOnClick={false}
          connectionRadius={28}
          nodesDraggable={editing}
          nodesConnectable={editing}
          edgesReconnectable={editing}
          edgesFocusable={false}
          nodesFocusable
          elementsSelectable
          selectNodesOnDrag={false}
          selectionOnDrag={false}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={["Shift", "Meta", "Control"]}
          deleteKeyCode={null}
          panOnScroll
          zoomOnDoubleClick={false}
          snapToGrid
          snapGrid={grid}
          minZoom={0.08}
          maxZoom={2}
          fitView={fits}
          fitViewOptions={fitOptions}
          onlyRenderVisibleElements={drawing.nodes.length > MANY}
          colorMode={colorScheme === "auto" ? "system" : colorScheme}
          aria-label={t("board", { count: drawing.nodes.length })}
        >
          <Dots />
          <Controls />
        </ReactFlow>
        {props.children}
      </div>
    </BoardContext.Provider>
  );
}

/** The dot grid, as fine to the eye from far as from near. */
function Dots() {
  const zoom = useStore((state) => Math.round(state.transform[2] * 20) / 20) || 0.05;
  const gap = zoom < 0.3 ? 80 : zoom < 0.7 ? 40 : 20;
  return <Background variant={BackgroundVariant.Dots} gap={gap} size={2.2 / zoom} color="var(--dots)" />;
}

const grid: [number, number] = [10, 10];

type Flow = ReactFlowInstance<CardNode, WireEdge>;

function showNode(flow: Flow, node: CardNode | undefined): void {
  if (!node) return;
  const rect = rectOf(node);
  const zoom = Math.max(flow.getZoom(), 0.8);
  void flow.setCenter(rect.x + rect.w / 2, rect.y + rect.h / 2, { zoom, duration: calm() ? 0 : 200 });
}

const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

function useSelectMany({ onSelectMany, onSelect }: PlanCanvasProps): (keys: string[]) => void {
  return useCallback(
    (keys: string[]) => {
      onSelectMany?.(keys);
      onSelect?.(keys.at(-1) ?? null);
    },
    [onSelectMany, onSelect],
  );
}
