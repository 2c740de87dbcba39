import { useTranslation } from "react-i18next";
import type { MenuTarget } from "../canvas/board";
import type { Point } from "../canvas/routing";
import type { Change } from "../plan";
import { wireId } from "../plan";
import { duplicate } from "./actions";
import { useEditing, useEditor } from "./context";
import { Floating } from "./Floating";

interface CanvasMenuProps {
  at: Point;
  target: MenuTarget;
  onClose: () => void;
  /** opens the picker: for an exit, for a wire to insert into, or for an empty place */
  onPick: (what: { from?: { source: string; exit: string }; onWire?: string }) => void;
}

interface Item {
  words: string;
  run: () => void;
  danger?: boolean;
  keys?: string;
}

/** What can be done with an applet, an exit, a wire or the empty canvas: the menu of the right mouse button. */
export function CanvasMenu({ at, target, onClose, onPick }: CanvasMenuProps) {
  const { t } = useTranslation("canvas");
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  const selected = useEditing((state) => state.selected);
  const run = (changes: Change[]) => editor.run(changes);
  const items: Item[] = [];

  if (target.kind === "applet") {
    const { key } = target;
    const keys = selected.includes(key) ? selected : [key];
    if (plan.initial !== key)
      items.push({ words: t("menu.initial"), run: () => run([{ op: "set_plan", field: "initial", value: key }]) });
    items.push({
      words: t(plan.hangup === key ? "menu.not_hangup" : "menu.hangup"),
      run: () => run([{ op: "set_plan", field: "hangup", value: plan.hangup === key ? null : key }]),
    });
    items.push({
      words: t("menu.duplicate"),
      keys: "Ctrl+D",
      run: () => {
        const copy = duplicate(plan, editor.types, keys);
        if (run(copy.changes)) editor.select(copy.keys);
      },
    });
    const count = Object.values(plan.wires).filter((wire) => wire.target && keys.includes(wire.target)).length;
    items.push({
      words: count > 0 ? t("menu.remove_wired", { count }) : t("menu.remove"),
      keys: "Del",
      danger: true,
      run: () => run(keys.map((gone) => ({ op: "remove", key: gone }))),
    });
  } else if (target.kind === "pane") {
    items.push({ words: t("menu.add"), run: () => onPick({}) });
    items.push({ words: t("menu.all"), keys: "Ctrl+A", run: () => editor.select(Object.keys(plan.applets)) });
  } else {
    const { key: source, exit } = target;
    const wire = plan.wires[wireId(source, exit)];
    if (wire?.target) items.push({ words: t("menu.insert"), run: () => onPick({ onWire: wireId(source, exit) }) });
    items.push({ words: t("menu.connect"), run: () => onPick({ from: { source, exit } }) });
    if (!wire || wire.target !== null)
      items.push({ words: t("menu.end"), run: () => run([{ op: "wire", source, exit, target: null }]) });
    if (wire)
      items.push({
        words: t("menu.unwire"),
        keys: "Del",
        danger: true,
        run: () => run([{ op: "unwire", source, exit }]),
      });
  }

  return (
    <Floating at={at} label={t("menu.add")} onClose={onClose} width={270}>
      <div role="menu" className="menu">
        {items.map((item, n) => (
          <button
            key={item.words}
            type="button"
            role="menuitem"
            className="menu-item"
            data-danger={item.danger || undefined}
            // biome-ignore lint/a11y/noAutofocus: a menu takes the focus when it opens
            autoFocus={n === 0}
            onClick={() => {
              onClose();
              item.run();
            }}
            onKeyDown={(event) => {
              const step =
                event.key === "ArrowDown"
                  ? "nextElementSibling"
                  : event.key === "ArrowUp"
                    ? "previousElementSibling"
                    : null;
              const next = step && event.currentTarget[step];
              if (next instanceof HTMLElement) next.focus();
            }}
          >
            {item.words}
            {item.keys && <span className="menu-keys">{item.keys}</span>}
          </button>
        ))}
      </div>
    </Floating>
  );
}
