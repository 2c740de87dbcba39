import { Autocomplete, Checkbox, SegmentedControl, Select, TextInput } from "@mantine/core";
import type { FieldProps } from "@rjsf/utils";
import { useContext, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Json, Settings } from "../api/types";
import { shows } from "../exits";
import { BareContext, useForm } from "./context";
import { FieldNote, Info } from "./FieldTemplate";
import { PlaceholderInput } from "./PlaceholderInput";
import { at, type Choice, choicesOf, faultOf, isRecord, type Path } from "./paths";
import { useTyped } from "./useTyped";

/** One value: how it is edited follows from its schema and hints. */
export function Leaf(props: FieldProps) {
  const { fieldPathId, required } = props;
  const schema = props.schema as Settings;
  const path = fieldPathId.path as Path;
  const form = useForm();
  const label = String(schema.title ?? props.name);
  const value = at(form.settings, path) ?? schema.default;
  const set = (next: Json | undefined) => form.set(path, next);
  const shared = { id: fieldPathId.$id, label, schema, value, set, path, required: required ?? false };
  if (schema.type === "boolean") return <Tick {...shared} />;
  const choices = choicesOf(schema);
  if (choices) return <OneOf {...shared} choices={choices} />;
  if (schema["x-widget"] === "key") return <Key {...shared} />;
  if (schema.type === "integer" || schema.type === "number") return <Figure {...shared} />;
  if (schema["x-source"]) return <SourceName {...shared} />;
  const widget = schema["x-widget"];
  if (schema["x-placeholders"] || widget === "multiline" || widget === "code") return <Words {...shared} />;
  return <Line {...shared} />;
}

interface LeafProps {
  id: string;
  label: string;
  schema: Settings;
  value: Json | undefined;
  set: (value: Json | undefined) => void;
  path: Path;
  required: boolean;
}

function useFault(schema: Settings): [string | null, (value: Json | undefined) => boolean] {
  const { t } = useTranslation("form");
  const [words, setWords] = useState<string | null>(null);
  return [
    words,
    (value) => {
      const fault = faultOf(schema, value);
      setWords(fault ? t(`fault.${fault.fault}`, { limit: fault.limit }) : null);
      return fault === null;
    },
  ];
}

function Line({ id, label, schema, value, set, path }: LeafProps) {
  const { readOnly } = useForm();
  const [fault, fits] = useFault(schema);
  const [text, type] = useTyped(String(value ?? ""), (typed) => fits(typed) && set(typed));
  return (
    <>
      <TextInput
        id={id}
        aria-label={label}
        data-plan-field
        readOnly={readOnly}
        value={text}
        error={fault !== null}
        onChange={(event) => type(event.target.value)}
      />
      <FieldNote path={path} fault={fault} />
    </>
  );
}

function Figure({ id, label, schema, value, set, path }: LeafProps) {
  const { readOnly } = useForm();
  const [fault, fits] = useFault(schema);
  const [text, type] = useTyped(value === undefined || value === null ? "" : String(value), (typed) => {
    const next = typed.trim() === "" ? undefined : Number(typed.replace(",", "."));
    if (fits(next)) set(next);
  });
  const unit = schema["x-unit"];
  return (
    <>
      <TextInput
        id={id}
        aria-label={label}
        data-plan-field
        className="figures"
        inputMode="decimal"
        w={unit ? 110 : 90}
        readOnly={readOnly}
        value={text}
        error={fault !== null}
        rightSection={unit ? <span className="quiet">{String(unit)}</span> : undefined}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
          const next = Number(text || 0) + step;
          if (!step || readOnly || faultOf(schema, next)) return;
          event.preventDefault();
          type(String(next));
        }}
      />
      <FieldNote path={path} fault={fault} />
    </>
  );
}

function Words({ id, label, schema, value, set, path }: LeafProps) {
  const { readOnly, names } = useForm();
  const { t } = useTranslation("form");
  const [fault, fits] = useFault(schema);
  const placeholders = schema["x-placeholders"];
  return (
    <>
      <PlaceholderInput
        id={id}
        label={label}
        value={String(value ?? "")}
        onChange={(text) => fits(text) && set(text)}
        sources={placeholders ? names.sources : []}
        secrets={placeholders === "all" ? names.secrets : undefined}
        lines={schema["x-widget"] ? "many" : "one"}
        code={schema["x-widget"] === "code"}
        hint={placeholders && schema["x-widget"] ? t(placeholders === "all" ? "hint_all" : "hint") : undefined}
        readOnly={readOnly}
        invalid={fault !== null}
      />
      <FieldNote path={path} fault={fault} />
    </>
  );
}

function SourceName({ id, label, schema, value, set, path }: LeafProps) {
  const { t } = useTranslation("form");
  const { readOnly, names } = useForm();
  const [fault, fits] = useFault(schema);
  const [text, type] = useTyped(String(value ?? ""), (typed) => fits(typed) && set(typed));
  const kind = String(schema["x-source"]);
  const data = kind === "slot" ? names.slots : names.sources;
  return (
    <>
      <Autocomplete
        id={id}
        aria-label={label}
        data-plan-field
        classNames={{ input: text && kind !== "slot" ? "source-input" : undefined }}
        placeholder={t(`source.${kind}`)}
        data={data}
        readOnly={readOnly}
        value={text}
        error={fault !== null}
        maxDropdownHeight={220}
        limit={100}
        comboboxProps={{ withinPortal: true, shadow: "md" }}
        onChange={type}
      />
      <FieldNote path={path} fault={fault} />
    </>
  );
}

function Tick({ id, label, schema, value, set, path }: LeafProps) {
  const { readOnly } = useForm();
  const bare = useContext(BareContext);
  return (
    <div className="tick">
      <Checkbox
        id={id}
        data-plan-field
        label={bare ? undefined : label}
        aria-label={bare ? label : undefined}
        checked={value === true}
        disabled={readOnly}
        onChange={(event) => set(event.target.checked)}
      />
      {!bare && <Info words={schema.description} />}
      <FieldNote path={path} />
    </div>
  );
}

function OneOf({ id, label, value, set, path, choices }: LeafProps & { choices: Choice[] }) {
  const { readOnly, settings } = useForm();
  const bare = useContext(BareContext);
  const around = at(settings, path.slice(0, -1));
  const offered = choices.filter((choice) => shows(choice.when, isRecord(around) ? around : {}));
  const known = offered.some((choice) => choice.value === value);
  const few = !bare && offered.length <= 3 && offered.every((choice) => choice.label.length <= 14) && known;
  return (
    <>
      {few ? (
        <SegmentedControl
          fullWidth
          aria-label={label}
          data-plan-field
          readOnly={readOnly}
          data={offered.map(({ value, label }) => ({ value, label }))}
          value={String(value)}
          onChange={set}
        />
      ) : (
        <Select
          id={id}
          aria-label={label}
          data-plan-field
          readOnly={readOnly}
          allowDeselect={false}
          searchable={offered.length > 10}
          data={(known || !value ? offered : [...offered, { value: String(value), label: String(value) }]).map(
            ({ value, label }) => ({ value, label }),
          )}
          value={value === undefined ? null : String(value)}
          comboboxProps={{ shadow: "md" }}
          onChange={(next) => next !== null && set(next)}
        />
      )}
      <FieldNote path={path} />
    </>
  );
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#"];

/** A key of the telephone; in a list, one that no other entry has. */
function Key({ id, label, value, set, path }: LeafProps) {
  const { readOnly, settings } = useForm();
  const list = at(settings, path.slice(0, -2));
  const mine = path.at(-2);
  const taken = new Set(
    Array.isArray(list)
      ? list.filter((item, n) => isRecord(item) && n !== mine).map((item) => (item as Settings).key)
      : [],
  );
  return (
    <>
      <Select
        id={id}
        aria-label={label}
        data-plan-field
        readOnly={readOnly}
        allowDeselect={false}
        data={KEYS.filter((key) => !taken.has(key))}
        value={value === undefined || value === "" ? null : String(value)}
        comboboxProps={{ shadow: "md" }}
        onChange={(next) => next !== null && set(next)}
      />
      <FieldNote path={path} />
    </>
  );
}
