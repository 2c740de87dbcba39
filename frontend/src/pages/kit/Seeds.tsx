import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Errors } from "./Dialog";
import type { SeedRow } from "./types";

interface SeedsProps {
  seeds: SeedRow[];
  onChange: (seeds: SeedRow[]) => void;
  errors: Errors;
  help: string;
}

/** Data sources that are set when a call begins: names and values. */
export function Seeds({ seeds, onChange, errors, help }: SeedsProps) {
  const { t } = useTranslation("pages");
  const put = (at: number, change: Partial<SeedRow>) =>
    onChange(seeds.map((seed, i) => (i === at ? { ...seed, ...change } : seed)));
  return (
    <fieldset className="seeds">
      <legend>{t("seeds.title")}</legend>
      <p className="quiet">{help}</p>
      {seeds.map((seed, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a seed has no identity but its place
        <div className="seed" key={i}>
          <TextInput
            aria-label={t("seeds.name")}
            placeholder={t("seeds.name")}
            value={seed.name}
            onChange={(event) => put(i, { name: event.currentTarget.value })}
            error={errors(`seeds.${i}.name`)}
            maxLength={255}
          />
          <TextInput
            aria-label={t("seeds.value")}
            placeholder={t("seeds.value")}
            value={seed.value}
            onChange={(event) => put(i, { value: event.currentTarget.value })}
            error={errors(`seeds.${i}.value`)}
          />
          <ActionIcon
            aria-label={t("seeds.remove", { name: seed.name })}
            onClick={() => onChange(seeds.filter((_, j) => j !== i))}
          >
            <IconTrash size={16} stroke={1.6} />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...seeds, { name: "", value: "" }])}
      >
        {t("seeds.add")}
      </Button>
    </fieldset>
  );
}
