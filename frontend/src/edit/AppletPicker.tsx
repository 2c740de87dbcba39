import { IconSquare } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { AppletTile, families } from "../canvas/icons";
import type { Point } from "../canvas/routing";
import { useEditing, useEditor } from "./context";
import { Floating } from "./Floating";

export type Picked = { kind: "applet"; key: string } | { kind: "type"; type: string } | { kind: "end" };

interface PickerProps {
  at: Point;
  title: string;
  /** offer what is on the plan already, and "meant to end here" */
  existing: boolean;
  onPick: (picked: Picked) => void;
  onClose: () => void;
}

interface Row {
  id: string;
  picked: Picked;
  name: string;
  words: string;
  type: string;
  family: string | undefined;
}

/** A searchable list of applets: those on the plan and those that could be added. Arrows and Enter, or a click. */
export function AppletPicker({ at, title, existing, onPick, onClose }: PickerProps) {
  const { t } = useTranslation("canvas");
  const { types } = useEditor();
  const plan = useEditing((state) => state.plan);
  const [text, setText] = useState("");
  const [cursor, setCursor] = useState(0);

  const { here, fresh } = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const fits = (row: Row) => !wanted || `${row.name} ${row.words}`.toLowerCase().includes(wanted);
    const here: Row[] = existing
      ? Object.values(plan.applets).map((applet) => {
          const type = types.get(applet.type);
          const words = type?.title ?? applet.type;
          return {
            id: applet.key,
            picked: { kind: "applet", key: applet.key },
            name: applet.name,
            words,
            type: applet.type,
            family: type?.family,
          };
        })
      : [];
    const fresh: Row[] = [...types.values()].map((type) => ({
      id: type.type,
      picked: { kind: "type", type: type.type },
      name: type.title,
      words: t(`family.${type.family}`),
      type: type.type,
      family: type.family,
    }));
    here.sort((a, b) => a.name.localeCompare(b.name));
    fresh.sort((a, b) => families.indexOf(a.family as never) - families.indexOf(b.family as never));
    return { here: here.filter(fits), fresh: fresh.filter(fits) };
  }, [text, plan, types, existing, t]);

  const end: Row[] =
    existing && !text
      ? [{ id: "end", picked: { kind: "end" }, name: t("picker.end"), words: "", type: "", family: "" }]
      : [];
  const rows = [...here, ...fresh, ...end];
  const chosen = rows[Math.min(cursor, rows.length - 1)];

  const section = (label: string, list: Row[]) =>
    list.length > 0 && (
      // biome-ignore lint/a11y/useSemanticElements: options of a listbox are grouped with role group, not with a fieldset
      <div role="group" aria-label={label}>
        <div className="picker-label">{label}</div>
        {list.map(option)}
      </div>
    );
  const option = (row: Row) => (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are taken by the search box, which keeps the focus
    <div
      key={row.id}
      id={`pick-${row.id}`}
      role="option"
      tabIndex={-1}
      aria-selected={row === chosen}
      className="picker-row"
      onClick={() => onPick(row.picked)}
      onPointerMove={() => setCursor(rows.indexOf(row))}
    >
      {row.family === "" ? (
        <IconSquare size={16} stroke={1.8} className="quiet" />
      ) : (
        <AppletTile type={row.type} family={row.family} size={22} />
      )}
      <span className="picker-name">{row.name}</span>
      {row.picked.kind === "applet" && <span className="quiet picker-type">{row.words}</span>}
    </div>
  );

  return (
    <Floating at={at} label={title} onClose={onClose} width={300}>
      <div className="picker-title">{title}</div>
      <input
        className="picker-find"
        // biome-ignore lint/a11y/noAutofocus: the panel opened because its user wants to choose now
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="picker-list"
        aria-activedescendant={chosen ? `pick-${chosen.id}` : undefined}
        aria-label={t("picker.find")}
        placeholder={t("picker.find")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setCursor(0);
        }}
        onKeyDown={(event) => {
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (step) {
            event.preventDefault();
            const next = (cursor + step + rows.length) % Math.max(1, rows.length);
            setCursor(next);
            document.getElementById(`pick-${rows[next]?.id}`)?.scrollIntoView({ block: "nearest" });
          } else if (event.key === "Enter" && chosen) {
            event.preventDefault();
            onPick(chosen.picked);
          }
        }}
      />
      <div id="picker-list" role="listbox" aria-label={title} className="picker-list">
        {section(t("picker.here"), here)}
        {section(t("picker.new"), fresh)}
        {end.map(option)}
        {rows.length === 0 && <div className="picker-none">{t("picker.none", { text })}</div>}
      </div>
    </Floating>
  );
}
