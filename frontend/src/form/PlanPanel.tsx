import { Select, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { queryClient } from "../api/queries";
import type { Seed } from "../api/types";
import { useEditing, useEditor } from "../edit/context";
import { newId, type PlanField } from "../plan";
import { Info } from "./FieldTemplate";
import { useTyped } from "./useTyped";

/** What belongs to the plan as a whole, shown while no applet is chosen. */
export function PlanPanel() {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  const planName = useEditing((state) => state.name);
  const [name, setName] = useTyped(planName, () => {});
  const [apology, setApology] = useTyped(plan.apology, (text) =>
    editor.run([{ op: "set_plan", field: "apology", value: text }], { joins: true }),
  );
  const applets = Object.values(plan.applets)
    .map((applet) => ({ value: applet.key, label: applet.name }))
    .sort((a, b) => a.label.localeCompare(b.label));

  const rename = async () => {
    const wanted = name.trim();
    if (!wanted || wanted === planName) return setName(planName);
    try {
      await api.patch(`/plans/${editor.id}`, { name: wanted });
      editor.store.setState({ name: wanted });
      void queryClient.invalidateQueries({ queryKey: ["plans"] });
    } catch {
      setName(planName);
    }
  };
  const choose = (field: PlanField, label: string, help: string, empty: string) => (
    <div className="field" data-field={field}>
      <div className="field-head">
        <label htmlFor={`plan-${field}`}>{label}</label>
        <Info words={help} />
      </div>
      <Select
        id={`plan-${field}`}
        data-plan-field
        data={applets}
        value={plan[field] as string | null}
        clearable
        searchable
        readOnly={!editor.mayEdit}
        placeholder={empty}
        nothingFoundMessage={t("plan.no_applet")}
        onChange={(key) => editor.run([{ op: "set_plan", field, value: key }])}
      />
    </div>
  );

  return (
    <>
      <header className="panel-head">
        <div className="panel-names">
          <div className="panel-plan">{t("plan.title")}</div>
          <div className="panel-type">{t("plan.help")}</div>
        </div>
      </header>
      <div className="panel-body">
        <div className="field">
          <div className="field-head">
            <label htmlFor="plan-name">{t("plan.name")}</label>
          </div>
          <TextInput
            id="plan-name"
            maxLength={120}
            readOnly={!editor.mayEdit}
            value={name}
            onChange={(event) => setName(event.target.value)}
            onBlur={() => void rename()}
            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
          />
        </div>
        {choose("initial", t("plan.initial"), t("plan.initial_help"), t("plan.initial_none"))}
        {choose("hangup", t("plan.hangup"), t("plan.hangup_help"), t("plan.hangup_none"))}
        <Seeds seeds={plan.seeds} />
        <div className="field" data-field="apology">
          <div className="field-head">
            <label htmlFor="plan-apology">{t("plan.apology")}</label>
            <Info words={t("plan.apology_help")} />
          </div>
          <Textarea
            id="plan-apology"
            data-plan-field
            autosize
            minRows={2}
            maxLength={1500}
            readOnly={!editor.mayEdit}
            value={apology}
            onChange={(event) => setApology(event.target.value)}
          />
        </div>
      </div>
    </>
  );
}

function Seeds({ seeds }: { seeds: Seed[] }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const set = (next: Seed[], joins = false) =>
    editor.run([{ op: "set_plan", field: "seeds", value: next.map((seed) => ({ ...seed })) }], { joins });
  const edit = (id: string, part: Partial<Seed>) =>
    set(
      seeds.map((seed) => (seed.id === id ? { ...seed, ...part } : seed)),
      true,
    );
  return (
    <div className="list" data-field="seeds">
      <div className="field-head">
        <span className="field-title">{t("plan.seeds")}</span>
        <Info words={t("plan.seeds_help")} />
        <span className="quiet figures list-count">{seeds.length}</span>
      </div>
      {seeds.map((seed) => (
        <div key={seed.id} className="seed">
          <SeedInput
            label={t("plan.seed_name")}
            value={seed.name}
            className="source-input"
            onChange={(name) => edit(seed.id, { name })}
          />
          <SeedInput label={t("plan.seed_value")} value={seed.value} onChange={(value) => edit(seed.id, { value })} />
          {editor.mayEdit && (
            <button
              type="button"
              className="seed-drop"
              aria-label={t("plan.seed_remove", { name: seed.name })}
              onClick={() => set(seeds.filter((other) => other.id !== seed.id))}
            >
              <IconX size={14} />
            </button>
          )}
        </div>
      ))}
      {editor.mayEdit && (
        <button
          type="button"
          className="list-add"
          onClick={() => set([...seeds, { id: newId(), name: "", value: "" }])}
        >
          <IconPlus size={14} stroke={2} />
          {t("plan.seed_add")}
        </button>
      )}
    </div>
  );
}

interface SeedInputProps {
  label: string;
  value: string;
  className?: string;
  onChange: (text: string) => void;
}

function SeedInput({ label, value, className, onChange }: SeedInputProps) {
  const editor = useEditor();
  const [text, type] = useTyped(value, onChange);
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      data-plan-field
      maxLength={255}
      readOnly={!editor.mayEdit}
      classNames={{ input: text ? className : undefined }}
      value={text}
      onChange={(event) => type(event.target.value)}
    />
  );
}
