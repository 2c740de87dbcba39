import { MultiSelect, NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlanRow } from "../api/types";
import { FormDialog } from "./kit/Dialog";
import { NumbersField } from "./kit/NumbersField";
import { fromLines, toLines } from "./kit/numbers";
import { useChanges, useList } from "./kit/resource";
import { Seeds } from "./kit/Seeds";
import type { Destination, Mapping } from "./kit/types";

const FIELDS = ["destinations", "live_plan", "test_plan", "sources", "priority", "seeds"];

interface MappingDialogProps {
  row?: Mapping;
  /** the destination a new mapping begins with */
  destination?: string;
  onClose: () => void;
}

/** Which plan calls to these destinations reach; listed callers may reach another one, to try it. */
export function MappingDialog({ row, destination, onClose }: MappingDialogProps) {
  const { t } = useTranslation("pages");
  const { make, change } = useChanges<Mapping>("/mappings", ["destinations", "plans"]);
  const all = useList<Destination>("/destinations").data ?? [];
  const plans = useList<PlanRow>("/plans").data ?? [];
  const [destinations, setDestinations] = useState(row?.destinations ?? (destination ? [destination] : []));
  const [live, setLive] = useState(row?.live_plan ?? null);
  const [test, setTest] = useState(row?.test_plan ?? null);
  const [sources, setSources] = useState(toLines(row?.sources ?? []).join("\n"));
  const [priority, setPriority] = useState<number | string>(row?.priority ?? 1);
  const [seeds, setSeeds] = useState(row?.seeds ?? []);
  const choices = plans.map((plan) => ({ value: plan.id, label: plan.name }));
  const chosen = plans.find((plan) => plan.id === live);
  const save = () => {
    const body = {
      destinations,
      live_plan: live,
      test_plan: test,
      sources: fromLines(sources),
      priority,
      seeds,
    };
    return row ? change(row.id, body) : make(body);
  };
  return (
    <FormDialog
      title={t(row ? "mappings.edit" : "mappings.new")}
      submit={t("save")}
      fields={FIELDS}
      wide
      onClose={onClose}
      onSubmit={save}
    >
      {(errors) => (
        <>
          <MultiSelect
            label={t("mappings.destinations")}
            data={all.map((d) => ({ value: d.id, label: `${d.address}  ${d.name}` }))}
            value={destinations}
            onChange={setDestinations}
            error={errors("destinations")}
            searchable
            required
          />
          <Select
            data-autofocus
            openOnFocus={false}
            label={t("mappings.live_plan")}
            description={
              chosen && chosen.live_version === null ? t("mappings.unpublished") : t("mappings.live_plan_help")
            }
            data={choices}
            value={live}
            onChange={setLive}
            error={errors("live_plan")}
            searchable
            required
          />
          <Select
            label={t("mappings.test_plan")}
            description={t("mappings.test_plan_help")}
            data={choices}
            value={test}
            onChange={setTest}
            error={errors("test_plan")}
            searchable
            clearable
          />
          {test !== null && (
            <NumbersField
              label={t("mappings.sources")}
              description={t("mappings.sources_help")}
              placeholder="+447700900123"
              value={sources}
              onChange={setSources}
              error={errors("sources")}
            />
          )}
          <NumberInput
            label={t("mappings.priority")}
            description={t("mappings.priority_help")}
            value={priority}
            onChange={setPriority}
            error={errors("priority")}
            min={1}
            max={10000}
            allowDecimal={false}
            clampBehavior="none"
          />
          <Seeds seeds={seeds} onChange={setSeeds} errors={errors} help={t("mappings.seeds_help")} />
        </>
      )}
    </FormDialog>
  );
}
