import { useTranslation } from "react-i18next";
import { drawnExits } from "../exits";
import type { Change } from "../plan";
import { record, resolve } from "./actions";
import { useEditing, useEditor } from "./context";

/** Words for a change, for lists of what somebody did: "Text of Welcome changed". */
export function useSaying(): (change: Change) => string {
  const { t } = useTranslation("edit");
  const { types } = useEditor();
  const plan = useEditing((state) => state.plan);
  const name = (key: string | null) => (key ? (plan.applets[key]?.name ?? t("say.gone")) : t("say.nothing"));
  const exit = (key: string, exitName: string) => {
    const applet = plan.applets[key];
    const drawn = applet ? drawnExits(types.get(applet.type), applet.settings) : [];
    return drawn.find((one) => one.name === exitName)?.short ?? exitName;
  };
  const field = (key: string, path: string[]) => {
    const root = types.get(plan.applets[key]?.type ?? "")?.schema ?? {};
    let schema = root;
    let words = path[0] ?? "";
    for (const step of path) {
      schema = resolve(record(record(schema.properties)[step] ?? schema.items), root);
      if (typeof schema.title === "string") words = schema.title;
    }
    return words;
  };
  return (change) => {
    switch (change.op) {
      case "place":
        return t("say.place", { name: change.applet.name });
      case "remove":
        return t("say.remove", { name: name(change.key) });
      case "move":
        return t("say.move", { name: name(change.key) });
      case "rename":
        return t("say.rename", { name: change.name });
      case "set":
        return t("say.set", { name: name(change.key), field: field(change.key, change.path) });
      case "wire":
        return t(change.target ? "say.wire" : "say.end", {
          name: name(change.source),
          exit: exit(change.source, change.exit),
          target: name(change.target),
        });
      case "unwire":
        return t("say.unwire", { name: name(change.source), exit: exit(change.source, change.exit) });
      case "set_plan":
        return t(`say.plan_${change.field}`);
    }
  };
}
