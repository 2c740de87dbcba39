import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { FormDialog } from "../pages/kit/Dialog";

/** Asks once, then ends the call. */
export function EndCall({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("live");
  return (
    <FormDialog
      title={t("end_title")}
      submit={t("end_call")}
      fields={[]}
      danger
      onClose={onClose}
      onSubmit={() => api.post(`/calls/${id}/end`)}
    >
      {() => <p className="quiet">{t("end_help")}</p>}
    </FormDialog>
  );
}
