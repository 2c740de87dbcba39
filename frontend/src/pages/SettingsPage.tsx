import { Button, Checkbox, Menu, PasswordInput, TextInput } from "@mantine/core";
import { IconKey, IconPlus, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConfirmRemoval } from "./kit/Confirm";
import { FormDialog } from "./kit/Dialog";
import { Empty, Listed, NothingFound, Page, Search } from "./kit/Page";
import { useChanges, useList, useMay } from "./kit/resource";
import { Pill, RowMenu } from "./kit/rows";
import { exactly, when } from "./kit/times";
import type { Secret } from "./kit/types";

type Open = { what: "new" } | { what: "replace" | "remove"; row: Secret };

/** Custom configuration settings: what web services must be told and nobody may read. Values go in and never out. */
export default function SettingsPage() {
  const { t } = useTranslation(["pages", "common"]);
  const may = useMay();
  const secrets = useList<Secret>("/secrets");
  const changes = useChanges<Secret>("/secrets", ["plans"]);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const fresh = may.manage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: "new" })}>
      {t("secrets.new")}
    </Button>
  );
  return (
    <Page
      title={t("common:nav.settings")}
      help={t("secrets.help")}
      action={fresh}
      tools={<Search value={search} onChange={setSearch} label={t("secrets.search")} />}
    >
      <Listed
        query={secrets}
        empty={
          <Empty icon={<IconKey size={26} stroke={1.5} />} title={t("secrets.empty")} action={fresh}>
            {t(may.manage ? "secrets.empty_help" : "owners_only")}
          </Empty>
        }
      >
        {(rows) => {
          const found = rows.filter((row) => row.key.toLowerCase().includes(search.trim().toLowerCase()));
          if (found.length === 0) return <NothingFound what={search} />;
          return (
            <div className="card table-card">
              <table className="table">
                <thead>
                  <tr>
                    <th>{t("secrets.key")}</th>
                    <th>{t("secrets.value")}</th>
                    <th>{t("secrets.updated")}</th>
                    <th aria-label={t("actions")} />
                  </tr>
                </thead>
                <tbody>
                  {found.map((row) => (
                    <tr key={row.id}>
                      <td className="grow">
                        <span className="token-secret">{`#(${row.key})`}</span>
                      </td>
                      <td>
                        {row.has_value && <span title={t("secrets.hidden")}>••••••••</span>}
                        {row.is_null && <Pill title={t("secrets.null_help")}>{t("secrets.null")}</Pill>}
                        {!row.has_value && !row.is_null && (
                          <Pill tone="amber" title={t("secrets.none_help")}>
                            {t("secrets.none")}
                          </Pill>
                        )}
                      </td>
                      <td title={exactly(row.updated)}>{when(row.updated)}</td>
                      <td className="end">
                        {may.manage && (
                          <RowMenu label={t("secrets.menu", { name: row.key })}>
                            <Menu.Item
                              leftSection={<IconRefresh size={16} />}
                              onClick={() => setOpen({ what: "replace", row })}
                            >
                              {t(row.has_value ? "secrets.replace" : "secrets.set")}
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
          );
        }}
      </Listed>
      {open?.what === "new" && <SecretDialog onClose={close} />}
      {open?.what === "replace" && <SecretDialog row={open.row} onClose={close} />}
      {open?.what === "remove" && (
        <ConfirmRemoval
          title={t("secrets.remove_title", { name: open.row.key })}
          onClose={close}
          onConfirm={() => changes.remove(open.row.id)}
        >
          {t("secrets.remove_help", { name: open.row.key })}
        </ConfirmRemoval>
      )}
    </Page>
  );
}

function SecretDialog({ row, onClose }: { row?: Secret; onClose: () => void }) {
  const { t } = useTranslation("pages");
  const { make, change } = useChanges<Secret>("/secrets", ["plans"]);
  const [key, setKey] = useState(row?.key ?? "");
  const [value, setValue] = useState("");
  const [none, setNone] = useState(row?.is_null ?? false);
  const save = () => {
    const kept = none ? null : value;
    return row ? change(row.id, { value: kept }) : make({ key, value: kept });
  };
  return (
    <FormDialog
      title={row ? t("secrets.replace_title", { name: row.key }) : t("secrets.new")}
      submit={t("save")}
      fields={["key", "value"]}
      onClose={onClose}
      onSubmit={save}
    >
      {(errors) => (
        <>
          {!row && (
            <TextInput
              data-autofocus
              label={t("secrets.key")}
              description={t("secrets.key_help", { name: key.trim() || "PayKey" })}
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              error={errors("key")}
              maxLength={255}
              required
            />
          )}
          <PasswordInput
            data-autofocus={row ? true : undefined}
            label={t("secrets.value")}
            description={t("secrets.value_help")}
            value={none ? "" : value}
            onChange={(event) => setValue(event.currentTarget.value)}
            error={errors("value")}
            disabled={none}
            autoComplete="off"
            required={!none}
          />
          <Checkbox
            label={t("secrets.is_null")}
            description={t("secrets.null_help")}
            checked={none}
            onChange={(event) => setNone(event.currentTarget.checked)}
          />
        </>
      )}
    </FormDialog>
  );
}
