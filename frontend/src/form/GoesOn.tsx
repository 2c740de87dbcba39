import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowRight, IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlacedApplet } from "../api/types";
import { AppletTile } from "../canvas/icons";
import type { Point } from "../canvas/routing";
import { freePlace } from "../canvas/shapes";
import { AppletPicker } from "../edit/AppletPicker";
import { place, sizeOf } from "../edit/actions";
import { useEditing, useEditor } from "../edit/context";
import { CARD, type CardExit, cardExits, cardHeight, drawnExits } from "../exits";
import { wireId } from "../plan";

/** Each exit of an applet and where it leads, to be changed without the canvas. */
export function GoesOn({ applet }: { applet: PlacedApplet }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  const [asking, setAsking] = useState<{ at: Point; exit: CardExit } | null>(null);
  const type = editor.types.get(applet.type);
  const own = Object.values(plan.wires).filter((wire) => wire.source === applet.key);
  const exits = cardExits(plan, applet, type, own);
  if (exits.length === 0) return null;
  const source = applet.key;

  const ask = (element: HTMLElement, exit: CardExit) => {
    const box = element.getBoundingClientRect();
    setAsking({ at: { x: box.left, y: box.bottom + 4 }, exit });
  };

  return (
    <section className="goes-on" aria-label={t("goes_on.title")}>
      <h3 className="section">{t("goes_on.title")}</h3>
      {exits.map((exit) => {
        const target = plan.wires[wireId(source, exit.name)]?.target;
        const next = target ? plan.applets[target] : undefined;
        const fixed = exit.kind === "end" || !editor.mayEdit;
        return (
          <div key={exit.name} className="goes-row" data-kind={exit.kind} data-field={`exit ${exit.name}`}>
            <span className="goes-exit" data-orphan={exit.orphan || undefined} title={exit.label}>
              {exit.short}
            </span>
            <IconArrowRight size={14} stroke={1.8} className="goes-arrow" aria-hidden />
            <button
              type="button"
              className="goes-target"
              data-state={next ? "wired" : exit.state}
              disabled={fixed}
              data-plan-field
              onClick={(event) => ask(event.currentTarget, exit)}
              aria-label={t("goes_on.change", { exit: exit.label, target: next?.name ?? t(`goes_on.${exit.state}`) })}
            >
              {next ? (
                <>
                  <AppletTile type={next.type} family={editor.types.get(next.type)?.family} size={18} />
                  <span>{next.name}</span>
                </>
              ) : (
                <span>{t(exit.kind === "end" ? "goes_on.leaves" : `goes_on.${exit.state}`)}</span>
              )}
            </button>
            {!fixed && exit.state !== "open" ? (
              <Menu position="bottom-end" width={230}>
                <Menu.Target>
                  <ActionIcon size={22} aria-label={t("goes_on.menu", { exit: exit.label })}>
                    <IconDots size={15} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  {next && (
                    <Menu.Item onClick={() => editor.select([next.key])}>
                      {t("goes_on.go", { name: next.name })}
                    </Menu.Item>
                  )}
                  {next && (
                    <Menu.Item onClick={() => editor.run([{ op: "wire", source, exit: exit.name, target: null }])}>
                      {t("goes_on.end_here")}
                    </Menu.Item>
                  )}
                  <Menu.Item color="red" onClick={() => editor.run([{ op: "unwire", source, exit: exit.name }])}>
                    {t("goes_on.unwire")}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            ) : (
              <span className="goes-gap" />
            )}
          </div>
        );
      })}
      {asking && (
        <AppletPicker
          at={asking.at}
          title={t("canvas:picker.where", { exit: asking.exit.short })}
          existing
          onClose={() => setAsking(null)}
          onPick={(picked) => {
            const exit = asking.exit.name;
            setAsking(null);
            if (picked.kind === "applet") editor.run([{ op: "wire", source, exit, target: picked.key }]);
            else if (picked.kind === "end") editor.run([{ op: "wire", source, exit, target: null }]);
            else {
              const fresh = editor.types.get(picked.type);
              if (!fresh) return;
              const cards = Object.values(plan.applets).map((one) => ({
                x: one.x,
                y: one.y,
                w: CARD.width,
                h: cardHeight(drawnExits(editor.types.get(one.type), one.settings).length),
              }));
              const { w, h } = sizeOf(fresh);
              const spot = freePlace(cards, { x: applet.x + 300, y: applet.y }, w, h);
              const made = place(plan, fresh, spot, { from: { source, exit } });
              if (editor.run(made.changes)) editor.goTo(made.key, null);
            }
          }}
        />
      )}
    </section>
  );
}
