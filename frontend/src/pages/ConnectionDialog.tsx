import { ActionIcon, Select, Switch, Textarea, TextInput, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "./kit/Dialog";
import { NumbersField } from "./kit/NumbersField";
import { fromLines, toLines } from "./kit/numbers";
import { useChanges } from "./kit/resource";
import type { Connection } from "./kit/types";
import { keysOf, providers } from "./providers";

/** A provider's keys go in and never come out: an empty field leaves what is set. */
export function ConnectionDialog({ row, onClose }: { row?: Connection; onClose: () => void }) {
  const { t } = useTranslation("pages");
  const { make, change } = useChanges<Connection>("/connections", ["destinations"]);
  const [provider, setProvider] = useState(row?.provider ?? (providers[0] as string));
  const [name, setName] = useState(row?.name ?? "");
  const [active, setActive] = useState(row?.active ?? true);
  const [keys, setKeys] = useState<Record<string, string | null>>({});
  const [own, setOwn] = useState(toLines(row?.settings.own_numbers ?? []).join("\n"));
  const [language, setLanguage] = useState(row?.settings.language ?? "");
  const [unsigned, setUnsigned] = useState(row?.settings.unsigned ?? "refuse");
  const [fallback, setFallback] = useState(row?.fallback ?? "");
  const asked = keysOf(provider);
  const save = () => {
    const secrets = Object.fromEntries(
      Object.entries(keys).filter(([, value]) => value === null || value.trim() !== ""),
    );
    const settings = { ...row?.settings, own_numbers: fromLines(own), unsigned, language: language.trim() };
    const body = { name, active, secrets, settings, fallback };
    return row ? change(row.id, body) : make({ ...body, provider });
  };
  return (
    <FormDialog
      title={row ? t("connections.edit_title") : t("connections.new")}
      submit={t("save")}
      fields={["provider", "name", "active", "secrets", "settings", "fallback"]}
      wide
      onClose={onClose}
      onSubmit={save}
    >
      {(errors) => (
        <>
          {!row && (
            <Select
              label={t("connections.provider")}
              data={providers.map((p) => ({ value: p, label: t(`connections.provider_${p}`) }))}
              value={provider}
              onChange={(value) => value && setProvider(value)}
              error={errors("provider")}
              allowDeselect={false}
            />
          )}
          <TextInput
            data-autofocus
            label={t("connections.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errors("name")}
            maxLength={120}
            required
          />
          {asked.map((key) => {
            const set = row?.secrets_set.includes(key.name) ?? false;
            const removed = keys[key.name] === null;
            const put = (value: string | null) => setKeys({ ...keys, [key.name]: value });
            const field = {
              label: t(`connections.key_${key.name}`),
              description: t(`connections.key_${key.name}_help`),
              placeholder: set ? t(removed ? "connections.removed" : "connections.kept") : "",
              value: keys[key.name] ?? "",
              error: errors(`secrets.${key.name}`),
              required: key.needed && !set,
              autoComplete: "off",
              spellCheck: false,
              rightSection: set && !key.needed && (
                <Tooltip label={t(removed ? "connections.keep_key" : "connections.remove_key")}>
                  <ActionIcon
                    aria-label={t(removed ? "connections.keep_key" : "connections.remove_key")}
                    onClick={() => put(removed ? "" : null)}
                  >
                    {removed ? <IconArrowBackUp size={16} stroke={1.6} /> : <IconTrash size={16} stroke={1.6} />}
                  </ActionIcon>
                </Tooltip>
              ),
            };
            return key.long ? (
              <Textarea
                key={key.name}
                {...field}
                onChange={(event) => put(event.currentTarget.value)}
                minRows={3}
                maxRows={6}
                autosize
              />
            ) : (
              <TextInput key={key.name} {...field} onChange={(event) => put(event.currentTarget.value)} />
            );
          })}
          <NumbersField
            label={t("connections.own_numbers")}
            description={t("connections.own_numbers_help")}
            value={own}
            onChange={setOwn}
            error={errors("settings.own_numbers")}
          />
          <TextInput
            label={t("connections.language")}
            description={t("connections.language_help")}
            value={language}
            onChange={(event) => setLanguage(event.currentTarget.value)}
            error={errors("settings.language")}
            maxLength={16}
          />
          <Select
            label={t("connections.unsigned")}
            description={t("connections.unsigned_help")}
            data={["refuse", "retry"].map((value) => ({ value, label: t(`connections.unsigned_${value}`) }))}
            value={unsigned}
            onChange={(value) => value && setUnsigned(value as "refuse" | "retry")}
            error={errors("settings.unsigned")}
            allowDeselect={false}
          />
          <Textarea
            label={t("connections.fallback")}
            description={t("connections.fallback_help")}
            value={fallback}
            onChange={(event) => setFallback(event.currentTarget.value)}
            error={errors("fallback")}
            minRows={2}
            maxRows={8}
            autosize
            spellCheck={false}
          />
          <Switch
            label={t("connections.is_active")}
            description={t("connections.is_active_help")}
            checked={active}
            onChange={(event) => setActive(event.currentTarget.checked)}
          />
        </>
      )}
    </FormDialog>
  );
}
