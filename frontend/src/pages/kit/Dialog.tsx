import { Button, Modal } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, type FieldError } from "../../api/errors";
import i18next from "../../i18n";

/** What the server said about a field of this form, by the field's path or anything inside it. */
export type Errors = (path: string) => string | undefined;

export function errorsOf(error: unknown): Errors {
  const fields = error instanceof ApiError ? error.fields : [];
  return (path) => {
    const own = fields.filter((f) => f.path === path || f.path.startsWith(`${path}.`));
    return own.length ? [...new Set(own.map(worded))].join(" ") : undefined;
  };
}

/** Plain words for the codes that have any here; else the server's own. */
function worded(field: FieldError): string {
  return i18next.t(`pages:field.${field.code}`, { defaultValue: field.message });
}

interface FormDialogProps {
  title: string;
  submit: string;
  onClose: () => void;
  /** Saves; what it throws is shown: on the fields it names, else above them. */
  onSubmit: () => Promise<unknown>;
  /** paths of the fields this form shows; errors elsewhere are listed above */
  fields: string[];
  danger?: boolean;
  disabled?: boolean;
  wide?: boolean;
  children: (errors: Errors) => ReactNode;
}

/** A form in a dialog: Enter saves, Escape closes, the first field has the focus, errors stand on their fields. */
export function FormDialog(props: FormDialogProps) {
  const { t } = useTranslation(["pages", "common"]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // In a long form the field that is wrong may be out of sight.
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    if (busy) return;
    setBusy(true);
    setError(null);
    try {
      await props.onSubmit();
      props.onClose();
    } catch (failed) {
      setError(failed);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={props.onClose} title={props.title} size={props.wide ? 640 : 460}>
      <form ref={form} onSubmit={submit} noValidate className="form">
        <FormTrouble error={error} fields={props.fields} />
        {props.children(errorsOf(error))}
        <div className="form-end">
          <Button variant="default" onClick={props.onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" color={props.danger ? "red" : undefined} loading={busy} disabled={props.disabled}>
            {props.submit}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** The part of an error that no field of the form shows. */
export function FormTrouble({ error, fields }: { error: unknown; fields: string[] }) {
  const { t } = useTranslation();
  if (error === null) return null;
  const words: string[] = [];
  if (error instanceof ApiError && error.status !== 0) {
    const shown = (path: string) => fields.some((field) => path === field || path.startsWith(`${field}.`));
    words.push(...error.fields.filter((f) => !shown(f.path)).map(worded));
    if (words.length === 0 && error.fields.length === 0) words.push(error.message);
  } else if (error instanceof ApiError) words.push(t("error.unreachable"));
  else words.push(String(error));
  if (words.length === 0) return null;
  return (
    <div className="form-trouble" role="alert">
      <IconAlertTriangle size={17} stroke={1.8} />
      <span>{words.join(" ")}</span>
    </div>
  );
}
