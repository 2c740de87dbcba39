import { SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "./kit/Dialog";
import { plainNumber } from "./kit/numbers";
import { useChanges, useList } from "./kit/resource";
import { Seeds } from "./kit/Seeds";
import type { Connection, Destination } from "./kit/types";

const FIELDS = ["kind", "address", "name", "description", "connection", "seeds"];

export function DestinationDialog({ row, onClose }: { row?: Destination; onClose: () => void }) {
  const { t } = useTranslation("pages");
  const { make, change } = useChanges<Destination>("/destinations", ["mappings", "plans"]);
  const connections = useList<Connection>("/connections").data ?? [];
  const [kind, setKind] = useState<Destination["kind"]>(row?.kind ?? "pstn");
  const [address, setAddress] = useState(row?.address ?? "");
  const [name, setName] = useState(row?.name ?? "");
  const [description, setDescription] = useState(row?.description ?? "");
  const [connection, setConnection] = useState(row?.connection ?? null);
  const [seeds, setSeeds] = useState(row?.seeds ?? []);
  const save = () => {
    const clean = kind === "pstn" ? plainNumber(address) : address.trim();
    const body = { kind, address: clean, name, description, connection, seeds };
    return row ? change(row.id, body) : make(body);
  };
  return (
    <FormDialog
      title={t(row ? "destinations.edit_title" : "destinations.new")}
      submit={t("save")}
      fields={FIELDS}
      wide
      onClose={onClose}
      onSubmit={save}
    >
      {(errors) => (
        <>
          <SegmentedControl
            aria-label={t("destinations.kind")}
            value={kind}
            onChange={(value) => setKind(value as Destination["kind"])}
            data={[
              { value: "pstn", label: t("destinations.kind_pstn") },
              { value: "api", label: t("destinations.kind_api") },
            ]}
          />
          <TextInput
            data-autofocus
            label={t(`destinations.address_${kind}`)}
            description={t(`destinations.address_${kind}_help`)}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            error={errors("address")}
            maxLength={120}
            required
          />
          <TextInput
            label={t("destinations.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errors("name")}
            maxLength={120}
            required
          />
          <Select
            label={t("destinations.connection")}
            description={t("destinations.connection_help")}
            placeholder={t("destinations.no_connection")}
            data={connections.map((c) => ({ value: c.id, label: c.name }))}
            value={connection}
            onChange={setConnection}
            error={errors("connection")}
            clearable
            searchable
          />
          <Textarea
            label={t("destinations.description")}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            error={errors("description")}
            autosize
          />
          <Seeds seeds={seeds} onChange={setSeeds} errors={errors} help={t("destinations.seeds_help")} />
        </>
      )}
    </FormDialog>
  );
}
