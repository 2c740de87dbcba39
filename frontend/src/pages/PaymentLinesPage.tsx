import { Button, Menu, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCreditCard, IconForms, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmRemoval } from "./kit/Confirm";
import { FormDialog } from "./kit/Dialog";
import { Numbers, NumbersField } from "./kit/NumbersField";
import { fromLines, plainNumber, toLines } from "./kit/numbers";
import { Empty, Listed, Page } from "./kit/Page";
import { useChanges, useList, useMay } from "./kit/resource";
import { RowMenu } from "./kit/rows";
import type { PaymentLine } from "./kit/types";

type Open = { what: "edit"; row?: PaymentLine } | { what: "remove"; row: PaymentLine };

/** The payment systems' numbers: the only ones a transfer to payment may dial, and what it may show them. */
export default function PaymentLinesPage() {
  const { t } = useTranslation(["pages", "common"]);
  const may = useMay();
  const lines = useList<PaymentLine>("/payment-lines");
  const changes = useChanges<PaymentLine>("/payment-lines", ["plans"]);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const fresh = may.manage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: "edit" })}>
      {t("lines.new")}
    </Button>
  );
  return (
    <Page title={t("common:nav.payment_lines")} help={t("lines.help")} action={fresh}>
      <Listed
        query={lines}
        empty={
          <Empty icon={<IconCreditCard size={26} stroke={1.5} />} title={t("lines.empty")} action={fresh}>
            {t(may.manage ? "lines.empty_help" : "owners_only")}
          </Empty>
        }
      >
        {(rows) => (
          <div className="card table-card">
            <table className="table">
              <thead>
                <tr>
                  <th>{t("lines.number")}</th>
                  <th>{t("lines.name")}</th>
                  <th>{t("lines.caller_ids")}</th>
                  <th aria-label={t("actions")} />
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={row.id}>
                    <td className="nowrap figures">
                      <strong>{row.number}</strong>
                    </td>
                    <td>{row.name}</td>
                    <td className="grow figures">
                      <Numbers
                        numbers={row.caller_ids}
                        none={t("lines.no_caller_ids")}
                        more={(count) => t("lines.and_more", { count })}
                      />
                      {row.warnings.map((words) => (
                        <div className="warning small" key={words}>
                          <IconAlertTriangle size={15} stroke={1.8} /> {words}
                        </div>
                      ))}
                    </td>
                    <td className="end">
                      {may.manage && (
                        <RowMenu label={t("lines.menu", { name: row.number })}>
                          <Menu.Item
                            leftSection={<IconForms size={16} />}
                            onClick={() => setOpen({ what: "edit", row })}
                          >
                            {t("edit")}
                          </Menu.Item>
                          <Menu.Item
                            color="red"
                            leftSection={<IconTrash size={16} />}
                            onClick={() => setOpen({ what: "remove", row })}
                          >
                            {t("delete")}
                          </Menu.Item>
                        </RowMenu>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Listed>
      {open?.what === "edit" && <LineDialog row={open.row} onClose={close} />}
      {open?.what === "remove" && (
        <ConfirmRemoval
          title={t("lines.remove_title", { name: open.row.number })}
          onClose={close}
          onConfirm={() => changes.remove(open.row.id)}
        >
          {t("lines.remove_help")}
        </ConfirmRemoval>
      )}
    </Page>
  );
}

function LineDialog({ row, onClose }: { row?: PaymentLine; onClose: () => void }) {
  const { t } = useTranslation("pages");
  const { make, change } = useChanges<PaymentLine>("/payment-lines", ["plans"]);
  const [number, setNumber] = useState(row?.number ?? "");
  const [name, setName] = useState(row?.name ?? "");
  const [callerIds, setCallerIds] = useState(toLines(row?.caller_ids ?? []).join("\n"));
  const save = () => {
    const body = { number: plainNumber(number), name, caller_ids: fromLines(callerIds) };
    return row ? change(row.id, body) : make(body);
  };
  return (
    <FormDialog
      title={t(row ? "lines.edit_title" : "lines.new")}
      submit={t("save")}
      fields={["number", "name", "caller_ids"]}
      wide
      onClose={onClose}
      onSubmit={save}
    >
      {(errors) => (
        <>
          <TextInput
            data-autofocus
            label={t("lines.number")}
            description={t("lines.number_help")}
            placeholder="+441632960900"
            value={number}
            onChange={(event) => setNumber(event.currentTarget.value)}
            error={errors("number")}
            required
          />
          <TextInput
            label={t("lines.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errors("name")}
            maxLength={120}
            required
          />
          <NumbersField
            label={t("lines.caller_ids")}
            description={t("lines.caller_ids_help")}
            placeholder="+441632960700 - +441632960799"
            value={callerIds}
            onChange={setCallerIds}
            error={errors("caller_ids")}
          />
        </>
      )}
    </FormDialog>
  );
}
