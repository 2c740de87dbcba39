import { notifications } from "@mantine/notifications";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useEditing } from "./context";

/** The server would not take a change: it is taken back on the canvas, and said. The field itself shows why. */
export function RefusedNote() {
  const { t } = useTranslation("edit");
  const refused = useEditing((state) => state.refused);
  const name = useEditing((state) => state.plan.applets[refused?.fields[0]?.applet ?? ""]?.name);
  useEffect(() => {
    if (!refused) return;
    const why = refused.fields.map((field) => field.message).join(" ") || refused.words;
    notifications.show({
      id: `refused-${refused.n}`,
      color: "red",
      autoClose: 12_000,
      title: name ? t("refused.title_of", { name }) : t("refused.title"),
      message: why,
    });
  }, [refused, name, t]);
  return null;
}
