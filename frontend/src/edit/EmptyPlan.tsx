import { useTranslation } from "react-i18next";
import type { AppletType } from "../api/types";
import { AppletTile } from "../canvas/icons";
import { useEditor } from "./context";

const GOOD_STARTS = ["announcement", "menu", "collect_input"];

/** What an empty plan says: what to do, and a first step to press. */
export function EmptyPlan({ onAdd }: { onAdd: (type: AppletType) => void }) {
  const { t } = useTranslation("canvas");
  const { types, mayEdit } = useEditor();
  const starts = GOOD_STARTS.map((name) => types.get(name)).filter((type) => type !== undefined);
  return (
    <div className="empty">
      <div className="empty-box">
        <h2>{t("empty.title")}</h2>
        <p className="quiet">{t("empty.words")}</p>
        {mayEdit ? (
          <>
            <ol>
              <li>{t("empty.one")}</li>
              <li>{t("empty.two")}</li>
              <li>{t("empty.three")}</li>
            </ol>
            <div className="empty-starts">
              <span className="quiet">{t("empty.begin")}</span>
              {starts.map((type) => (
                <button key={type.type} type="button" className="empty-start" onClick={() => onAdd(type)}>
                  <AppletTile type={type.type} family={type.family} size={22} />
                  {type.title}
                </button>
              ))}
            </div>
          </>
        ) : (
          <p>{t("empty.viewer")}</p>
        )}
      </div>
    </div>
  );
}
