import { Button, Menu } from "@mantine/core";
import { IconAlertTriangle, IconForms, IconPlugConnected, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ConnectionDialog } from "./ConnectionDialog";
import { ConfirmRemoval } from "./kit/Confirm";
import { Numbers } from "./kit/NumbersField";
import { Empty, Listed, Page } from "./kit/Page";
import { useChanges, useList, useMay } from "./kit/resource";
import { Copied, Pill, RowMenu } from "./kit/rows";
import type { Connection } from "./kit/types";
import { keysOf } from "./providers";

type Open = { what: "edit"; row?: Connection } | { what: "remove"; row: Connection };

/** Access to telephone providers: their keys, and the addresses to give them. */
export default function ConnectionsPage() {
  const { t } = useTranslation(["pages", "common"]);
  const may = useMay();
  const connections = useList<Connection>("/connections");
  const changes = useChanges<Connection>("/connections", ["destinations"]);
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const fresh = may.manage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: "edit" })}>
      {t("connections.new")}
    </Button>
  );
  return (
    <Page title={t("common:nav.connections")} help={t("connections.help")} action={fresh}>
      <Listed
        query={connections}
        empty={
          <Empty icon={<IconPlugConnected size={26} stroke={1.5} />} title={t("connections.empty")} action={fresh}>
            {t(may.manage ? "connections.empty_help" : "owners_only")}
          </Empty>
        }
      >
        {(rows) => rows.map((row) => <Card key={row.id} row={row} onOpen={setOpen} />)}
      </Listed>
      {open?.what === "edit" && <ConnectionDialog row={open.row} onClose={close} />}
      {open?.what === "remove" && (
        <ConfirmRemoval
          title={t("connections.remove_title", { name: open.row.name })}
          onClose={close}
          onConfirm={() => changes.remove(open.row.id)}
        >
          {t("connections.remove_help", { count: open.row.destinations })}
        </ConfirmRemoval>
      )}
    </Page>
  );
}

function Card({ row, onOpen }: { row: Connection; onOpen: (open: Open) => void }) {
  const { t } = useTranslation("pages");
  const may = useMay();
  const keys = keysOf(row.provider);
  const missing = keys.filter((key) => key.needed && !row.secrets_set.includes(key.name));
  const own = row.settings.own_numbers ?? [];
  return (
    <section className="card connection" aria-label={row.name}>
      <header>
        <h2>{row.name}</h2>
        <Pill>{t(`connections.provider_${row.provider}`, { defaultValue: row.provider })}</Pill>
        {row.active ? (
          <Pill tone="green">{t("connections.active")}</Pill>
        ) : (
          <Pill tone="amber">{t("connections.inactive")}</Pill>
        )}
        <span className="quiet">{t("connections.destinations", { count: row.destinations })}</span>
        {may.manage && (
          <RowMenu label={t("connections.menu", { name: row.name })}>
            <Menu.Item leftSection={<IconForms size={16} />} onClick={() => onOpen({ what: "edit", row })}>
              {t("edit")}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => onOpen({ what: "remove", row })}
            >
              {t("delete")}
            </Menu.Item>
          </RowMenu>
        )}
      </header>
      {missing.length > 0 && (
        <p className="warning">
          <IconAlertTriangle size={16} stroke={1.8} />
          {t("connections.missing", {
            keys: missing.map((key) => t(`connections.key_${key.name}`)).join(", "),
          })}
        </p>
      )}
      <div className="connection-body">
        <div>
          <h3>{t("connections.addresses")}</h3>
          <p className="quiet small">{t("connections.addresses_help")}</p>
          <dl className="pairs">
            {Object.entries(row.addresses).map(([name, address]) => (
              <div key={name}>
                <dt>{t(`connections.address_${name}`, { defaultValue: name })}</dt>
                <dd>
                  <Copied value={address} label={t(`connections.address_${name}`, { defaultValue: name })} />
                </dd>
              </div>
            ))}
          </dl>
        </div>
        <div>
          <h3>{t("connections.keys")}</h3>
          <p className="quiet small">{t("connections.keys_help")}</p>
          <dl className="pairs pairs-two">
            {keys.map((key) => (
              <div key={key.name}>
                <dt>{t(`connections.key_${key.name}`)}</dt>
                <dd>
                  {row.secrets_set.includes(key.name) ? (
                    "••••••••"
                  ) : (
                    <span className="quiet">{t("connections.unset")}</span>
                  )}
                </dd>
              </div>
            ))}
            <div>
              <dt>{t("connections.own_numbers")}</dt>
              <dd>
                <Numbers
                  numbers={own}
                  none={t("connections.no_numbers")}
                  more={(count) => t("lines.and_more", { count })}
                />
              </dd>
            </div>
          </dl>
        </div>
      </div>
    </section>
  );
}
