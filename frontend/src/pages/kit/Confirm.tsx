import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "./Dialog";

interface ConfirmProps {
  title: string;
  children: ReactNode;
  onClose: () => void;
  onConfirm: () => Promise<unknown>;
}

/** Asks once before something is gone. */
export function ConfirmRemoval({ title, children, onClose, onConfirm }: ConfirmProps) {
  const { t } = useTranslation("pages");
  return (
    <FormDialog title={title} submit={t("delete")} fields={[]} danger onClose={onClose} onSubmit={onConfirm}>
      {() => <p className="quiet">{children}</p>}
    </FormDialog>
  );
}
