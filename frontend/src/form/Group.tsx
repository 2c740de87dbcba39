import { TextInput } from "@mantine/core";
import { type FieldProps, toFieldPathId } from "@rjsf/utils";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { Settings } from "../api/types";
import { record, resolve } from "../edit/actions";
import { shows } from "../exits";
import { useForm } from "./context";
import { FieldNote, Info } from "./FieldTemplate";
import { PlaceholderInput } from "./PlaceholderInput";
import { at, isRecord, type Path } from "./paths";
import { useTyped } from "./useTyped";

/** An object's fields under their sections; those that do not matter with the other values are left out. */
export function Group(props: FieldProps) {
  const { schema, registry, fieldPathId } = props;
  const form = useForm();
  const path = fieldPathId.path as Path;
  if ((schema as Settings)["x-widget"] === "prompt") return <Prompt {...props} />;
  const own = at(form.settings, path);
  const settings = isRecord(own) ? own : {};
  const { SchemaField } = registry.fields;
  if (!SchemaField) return null;
  const fields = Object.entries(record((schema as Settings).properties)).flatMap(([name, raw]) => {
    const field = resolve(record(raw), form.root);
    if (field["x-widget"] === "hidden") return [];
    const when = field["x-when"];
    // A condition on defaults must see them: settings may be written without.
    const seen = { ...defaultsOf(schema as Settings, form.root), ...settings };
    return typeof when === "string" && !shows(when, seen) ? [] : [{ name, field }];
  });
  let section: unknown;
  return (
    <>
      {fields.map(({ name, field }) => {
        const title = field["x-section"];
        const opens = typeof title === "string" && title !== section;
        if (typeof title === "string") section = title;
        return (
          <Fragment key={name}>
            {opens && <h3 className="section">{title as string}</h3>}
            <SchemaField
              {...props}
              name={name}
              schema={field as never}
              uiSchema={{}}
              errorSchema={{}}
              formData={settings[name]}
              required={Array.isArray(schema.required) && schema.required.includes(name)}
              fieldPathId={toFieldPathId(name, registry.globalFormOptions, fieldPathId)}
            />
          </Fragment>
        );
      })}
    </>
  );
}

function defaultsOf(schema: Settings, root: Settings): Settings {
  const out: Settings = {};
  for (const [name, field] of Object.entries(record(schema.properties))) {
    const value = resolve(record(field), root).default;
    if (value !== undefined) out[name] = value;
  }
  return out;
}

/** A prompt: the words to be spoken, or the recording that is played in their place. */
function Prompt({ schema, fieldPathId, name }: FieldProps) {
  const { t } = useTranslation("form");
  const form = useForm();
  const path = fieldPathId.path as Path;
  const value = at(form.settings, path);
  const prompt = isRecord(value) ? value : {};
  const label = String(schema.title ?? name);
  const [file, setFile] = useTyped(String(prompt.file ?? ""), (typed) => form.set([...path, "file"], typed));
  return (
    <div className="prompt">
      <div className="field-head">
        <label htmlFor={`${fieldPathId.$id}_text`}>{label}</label>
        <Info words={schema.description} />
      </div>
      <div data-field={[...path, "text"].join(".")}>
        <PlaceholderInput
          id={`${fieldPathId.$id}_text`}
          label={label}
          value={String(prompt.text ?? "")}
          onChange={(text) => form.set([...path, "text"], text)}
          sources={form.names.sources}
          lines="many"
          hint={t("prompt.hint")}
          readOnly={form.readOnly}
        />
        <FieldNote path={[...path, "text"]} />
        <FieldNote path={path} />
      </div>
      <div className="prompt-file" data-field={[...path, "file"].join(".")}>
        <label htmlFor={`${fieldPathId.$id}_file`}>{t("prompt.file")}</label>
        <TextInput
          id={`${fieldPathId.$id}_file`}
          data-plan-field
          size="xs"
          placeholder={t("prompt.no_file")}
          readOnly={form.readOnly}
          value={file}
          onChange={(event) => setFile(event.target.value)}
        />
        <FieldNote path={[...path, "file"]} />
      </div>
    </div>
  );
}
