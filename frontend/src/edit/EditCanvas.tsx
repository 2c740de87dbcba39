import { Portal } from "@mantine/core";
import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AppletType } from "../api/types";
import type { EditHandlers, MenuTarget } from "../canvas/board";
import { AppletTile } from "../canvas/icons";
import type { LiveStore } from "../canvas/live";
import { type Board, PlanCanvas } from "../canvas/PlanCanvas";
import type { Point } from "../canvas/routing";
import { freePlace, snap, wireUnder } from "../canvas/shapes";
import { CARD, cardHeight, drawnExits } from "../exits";
import { wireId } from "../plan";
import { AppletPicker, type Picked } from "./AppletPicker";
import { makeRoom, place, sizeOf } from "./actions";
import { CanvasMenu } from "./CanvasMenu";
import { useEditing, useEditor } from "./context";
import { EmptyPlan } from "./EmptyPlan";
import { Palette } from "./Palette";

interface Asking {
  at: Point;
  from?: { source: string; exit: string };
  onWire?: string;
  place?: Point;
}

/** The canvas with what changes it: palette, applet picker, menus, dropping and inserting. */
export function EditCanvas({ live, onBoard }: { live: LiveStore; onBoard: (board: Board) => void }) {
  const { t } = useTranslation("canvas");
  const editor = useEditor();
  const { types, mayEdit } = editor;
  const plan = useEditing((state) => state.plan);
  const problems = useEditing((state) => state.problems);
  const selected = useEditing((state) => state.selected);
  const wire = useEditing((state) => state.wire);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [menu, setMenu] = useState<{ at: Point; target: MenuTarget; place: Point } | null>(null);
  const [drag, setDrag] = useState<{ type: AppletType; at: Point; wire: string | null } | null>(null);
  const board = useRef<Board | null>(null);
  const frame = useRef<HTMLDivElement | null>(null);

  const ready = useCallback(
    (it: Board) => {
      board.current = it;
      onBoard(it);
    },
    [onBoard],
  );

  const edit = useMemo<EditHandlers>(
    () => ({
      move: (moves) =>
        editor.run(
          moves.map((move) => ({ op: "move", ...move })),
          { joins: true },
        ),
      wire: (source, exit, target) => editor.run([{ op: "wire", source, exit, target }]),
      rewire: (from, to) => {
        const same = from.source === to.source && from.exit === to.exit;
        editor.run([...(same ? [] : [{ op: "unwire" as const, ...from }]), { op: "wire", ...to }]);
      },
      pick: (at, from, spot) => setAsking({ at, from, place: spot }),
      menu: (at, target, spot) => {
        if (target.kind === "wire") editor.selectWire(wireId(target.key, target.exit));
        setMenu({ at, target, place: spot });
      },
    }),
    [editor],
  );

  const cards = () =>
    Object.values(editor.state.plan.applets).map((applet) => ({
      x: applet.x,
      y: applet.y,
      w: CARD.width,
      h: cardHeight(drawnExits(types.get(applet.type), applet.settings).length),
    }));

  const add = (type: AppletType, at: Point, options: Parameters<typeof place>[3] = {}) => {
    const room = options.onWire ? makeRoom(editor.state.plan, types, options.onWire) : null;
    const made = place(editor.state.plan, type, room?.at ?? at, options);
    if (editor.run([...(room?.changes ?? []), ...made.changes])) editor.goTo(made.key, null);
  };

  /** Where a new applet stands when nobody said where: beside what it follows, else in the middle of the view. */
  const freeSpot = (type: AppletType, after?: string): Point => {
    const { w, h } = sizeOf(type);
    const before = after ? editor.state.plan.applets[after] : undefined;
    if (before) return freePlace(cards(), { x: before.x + 300, y: before.y }, w, h);
    const box = frame.current?.getBoundingClientRect();
    const middle = board.current?.place({
      x: (box?.left ?? 0) + (box?.width ?? 0) / 2,
      y: (box?.top ?? 0) + (box?.height ?? 0) / 2,
    });
    return freePlace(cards(), { x: (middle?.x ?? 0) - w / 2, y: (middle?.y ?? 0) - h / 2 }, w, h);
  };

  const onPicked = (picked: Picked) => {
    const asked = asking;
    setAsking(null);
    if (!asked) return;
    if (picked.kind === "applet" && asked.from) edit.wire(asked.from.source, asked.from.exit, picked.key);
    else if (picked.kind === "end" && asked.from) edit.wire(asked.from.source, asked.from.exit, null);
    else if (picked.kind === "type") {
      const type = types.get(picked.type);
      if (!type) return;
      const { w, h } = sizeOf(type);
      const spot = asked.place
        ? freePlace(cards(), { x: asked.place.x, y: asked.place.y }, w, h, 10)
        : freeSpot(type, asked.from?.source);
      add(type, spot, { from: asked.from, onWire: asked.onWire });
    }
  };

  const over = (at: Point): boolean => {
    const box = frame.current?.getBoundingClientRect();
    return !!box && at.x > box.left && at.x < box.right && at.y > box.top && at.y < box.bottom;
  };
  const wireAt = (at: Point): string | null =>
    board.current && over(at) ? wireUnder(board.current.routes(), board.current.place(at)) : null;

  const title = asking?.from
    ? t("picker.where", { exit: exitLabel(editor, asking.from) })
    : t(asking?.onWire ? "picker.insert" : "picker.add");

  return (
    <>
      {mayEdit && (
        <Palette
          onDrag={(type, at) => setDrag({ type, at, wire: wireAt(at) })}
          onCancel={() => setDrag(null)}
          onDrop={(type, at) => {
            setDrag(null);
            if (!board.current || !over(at)) return;
            const spot = board.current.place(at);
            const { w, h } = sizeOf(type);
            const wanted = { x: snap(spot.x - CARD.width / 2, 10), y: snap(spot.y - 25, 10) };
            add(type, freePlace(cards(), wanted, w, h, 10), { onWire: wireAt(at) ?? undefined });
          }}
          onAdd={(type) => add(type, freeSpot(type, editor.state.selected.at(-1)))}
        />
      )}
      <div className="edit-board" ref={frame}>
        <PlanCanvas
          mode="edit"
          plan={plan}
          types={types}
          live={live}
          problems={problems}
          selected={selected}
          onSelectMany={(keys) => editor.select(keys)}
          selectedWire={wire}
          onSelectWire={(id) => editor.selectWire(id)}
          pointedWire={drag?.wire}
          edit={mayEdit ? edit : undefined}
          onReady={ready}
        >
          {Object.keys(plan.applets).length === 0 && <EmptyPlan onAdd={(type) => add(type, freeSpot(type))} />}
        </PlanCanvas>
      </div>
      {drag && (
        <Portal>
          <div className="drag-ghost" style={{ left: drag.at.x, top: drag.at.y }}>
            <AppletTile type={drag.type.type} family={drag.type.family} />
            <div>
              <div className="card-name">{drag.type.title}</div>
              {drag.wire && <div className="drag-hint">{t("drop.insert")}</div>}
            </div>
          </div>
        </Portal>
      )}
      {asking && (
        <AppletPicker
          at={asking.at}
          title={title}
          existing={asking.from !== undefined}
          onPick={onPicked}
          onClose={() => setAsking(null)}
        />
      )}
      {menu && (
        <CanvasMenu
          at={menu.at}
          target={menu.target}
          onClose={() => setMenu(null)}
          onPick={(what) => setAsking({ at: menu.at, ...what, place: what.from ? undefined : menu.place })}
        />
      )}
    </>
  );
}

function exitLabel(editor: ReturnType<typeof useEditor>, from: { source: string; exit: string }): string {
  const applet = editor.state.plan.applets[from.source];
  const exits = applet ? drawnExits(editor.types.get(applet.type), applet.settings) : [];
  return exits.find((exit) => exit.name === from.exit)?.short ?? from.exit;
}
