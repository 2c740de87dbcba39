import { TextInput, Tooltip } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AppletType } from "../api/types";
import { AppletTile, families } from "../canvas/icons";
import type { Point } from "../canvas/routing";
import { useEditor } from "./context";

interface PaletteProps {
  /** a type is being dragged, at this place of the window */
  onDrag: (type: AppletType, at: Point) => void;
  onDrop: (type: AppletType, at: Point) => void;
  onCancel: () => void;
  /** clicked, or Enter */
  onAdd: (type: AppletType) => void;
}

const FAR_ENOUGH = 5;

/** All applet types by family. Pointer events, not the browser's drag and drop: a finger can drag too. */
export function Palette({ onDrag, onDrop, onCancel, onAdd }: PaletteProps) {
  const { t } = useTranslation("canvas");
  const { types } = useEditor();
  const [text, setText] = useState("");
  const found = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return [...types.values()].filter((type) =>
      `${type.title} ${type.help} ${type.type}`.toLowerCase().includes(wanted),
    );
  }, [types, text]);

  const grab = (type: AppletType, down: React.PointerEvent<HTMLElement>) => {
    if (down.button !== 0) return;
    const element = down.currentTarget;
    const from = { x: down.clientX, y: down.clientY };
    let dragging = false;
    const move = (event: PointerEvent) => {
      const at = { x: event.clientX, y: event.clientY };
      dragging ||= Math.hypot(at.x - from.x, at.y - from.y) > FAR_ENOUGH;
      if (dragging) onDrag(type, at);
    };
    const stop = (event: PointerEvent | KeyboardEvent) => {
      if (event instanceof KeyboardEvent && event.key !== "Escape") return;
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", stop);
      removeEventListener("pointercancel", stop);
      removeEventListener("keydown", stop);
      if (!dragging) return;
      // The click that follows a drag is not a click.
      element.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
      if (event instanceof PointerEvent && event.type === "pointerup")
        onDrop(type, { x: event.clientX, y: event.clientY });
      else onCancel();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", stop);
    addEventListener("pointercancel", stop);
    addEventListener("keydown", stop);
  };

  return (
    <aside className="palette" aria-label={t("palette.label")}>
      <div className="palette-find">
        <TextInput
          aria-label={t("palette.find")}
          placeholder={t("palette.find")}
          leftSection={<IconSearch size={15} stroke={1.8} />}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            const first = found[0];
            if (event.key === "Enter" && text && first) onAdd(first);
            if (event.key === "Escape") setText("");
          }}
        />
      </div>
      <div className="palette-list">
        {families.map((family) => {
          const list = found.filter((type) => type.family === family);
          if (list.length === 0) return null;
          return (
            <section key={family} aria-label={t(`family.${family}`)}>
              <h2 className="palette-family">{t(`family.${family}`)}</h2>
              {list.map((type) => (
                <Tooltip key={type.type} label={type.help} position="right" multiline maw={300} openDelay={600}>
                  <button
                    type="button"
                    className="palette-item"
                    data-testid={`palette-${type.type}`}
                    aria-label={t("palette.add", { title: type.title, help: firstSentence(type.help) })}
                    onPointerDown={(event) => grab(type, event)}
                    onClick={() => onAdd(type)}
                  >
                    <AppletTile type={type.type} family={type.family} size={24} />
                    <span className="palette-words">
                      <span className="palette-title">{type.title}</span>
                      <span className="palette-help">{firstSentence(type.help)}</span>
                    </span>
                  </button>
                </Tooltip>
              ))}
            </section>
          );
        })}
        {found.length === 0 && <p className="picker-none">{t("palette.none", { text })}</p>}
      </div>
    </aside>
  );
}

const firstSentence = (help: string): string => help.split(/(?<=\.)\s/)[0] ?? help;
