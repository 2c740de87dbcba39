import "./form.css";
import { Button } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { duplicate } from "../edit/actions";
import { useEditing, useEditor } from "../edit/context";
import { drawnExits } from "../exits";
import { AppletPanel } from "./AppletPanel";
import { PlanPanel } from "./PlanPanel";

/** The column at the right: the chosen applet, several of them, a wire, or the plan. */
export default function FormColumn() {
  const selected = useEditing((state) => state.selected);
  const wire = useEditing((state) => state.wire);
  const applet = useEditing((state) => state.plan.applets[state.selected.at(-1) ?? ""]);
  if (selected.length > 1) return <ManyPanel keys={selected} />;
  if (applet) return <AppletPanel key={applet.key} applet={applet} />;
  if (wire) return <WirePanel id={wire} />;
  return <PlanPanel />;
}

function ManyPanel({ keys }: { keys: string[] }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  return (
    <>
      <header className="panel-head">
        <div className="panel-names">
          <div className="panel-plan">{t("many.title", { count: keys.length })}</div>
          <div className="panel-type">{t("many.help")}</div>
        </div>
      </header>
      <div className="panel-body">
        <ul className="many">
          {keys.map((key) => (
            <li key={key}>{plan.applets[key]?.name}</li>
          ))}
        </ul>
        {editor.mayEdit && (
          <div className="many-do">
            <Button
              variant="default"
              onClick={() => {
                const copy = duplicate(plan, editor.types, keys);
                if (editor.run(copy.changes)) editor.select(copy.keys);
              }}
            >
              {t("canvas:menu.duplicate")}
            </Button>
            <Button variant="light" color="red" onClick={() => editor.removeSelected()}>
              {t("canvas:menu.remove")}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}

function WirePanel({ id }: { id: string }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  const wire = plan.wires[id];
  const source = wire && plan.applets[wire.source];
  const target = wire?.target ? plan.applets[wire.target] : undefined;
  if (!wire || !source || !target) return <PlanPanel />;
  const exit = drawnExits(editor.types.get(source.type), source.settings).find((one) => one.name === wire.exit);
  return (
    <>
      <header className="panel-head">
        <div className="panel-names">
          <div className="panel-plan">{t("wire.title")}</div>
          <div className="panel-type">{exit?.label ?? wire.exit}</div>
        </div>
      </header>
      <div className="panel-body">
        <p className="wire-ends">
          <button type="button" className="link" onClick={() => editor.select([source.key])}>
            {source.name}
          </button>
          <IconArrowRight size={15} aria-hidden />
          <button type="button" className="link" onClick={() => editor.select([target.key])}>
            {target.name}
          </button>
        </p>
        {editor.mayEdit && (
          <div className="many-do">
            <Button
              variant="default"
              onClick={() => editor.run([{ op: "wire", source: wire.source, exit: wire.exit, target: null }])}
            >
              {t("canvas:menu.end")}
            </Button>
            <Button variant="light" color="red" onClick={() => editor.removeSelected()}>
              {t("canvas:menu.unwire")}
            </Button>
          </div>
        )}
      </div>
    </>
  );
}
