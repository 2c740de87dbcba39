import Form from "@rjsf/core";
import type { RJSFSchema } from "@rjsf/utils";
import { useMemo } from "react";
import type { AppletType, Json, PlacedApplet } from "../api/types";
import { settle } from "../edit/actions";
import { useEditing, useEditor } from "../edit/context";
import type { Change } from "../plan";
import { FormContext, type FormShared, type Trouble } from "./context";
import { FieldTemplate } from "./FieldTemplate";
import { Group } from "./Group";
import { Leaf } from "./Leaf";
import { ListField } from "./ListField";
import { namesOf } from "./names";
import { at, byId, type Path } from "./paths";
import { validator } from "./validator";

const fields = { ObjectField: Group, ArrayField: ListField, StringField: Leaf, NumberField: Leaf, BooleanField: Leaf };
const templates = { FieldTemplate };
const noDefaults = { arrayMinItems: { populate: "never" as const }, emptyObjectFields: "skipDefaults" as const };
const nothing = () => {};

/** The form of one applet, made from its type's schema. Every change is an operation at once. */
export function SettingsForm({ applet, type }: { applet: PlacedApplet; type: AppletType }) {
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  const known = useEditing((state) => state.names);
  const problems = useEditing((state) => state.problems);
  const refused = useEditing((state) => state.refused);

  const troubles = useMemo(() => {
    const out = new Map<string, Trouble[]>();
    const add = (path: string, trouble: Trouble) => out.set(path, [...(out.get(path) ?? []), trouble]);
    for (const problem of problems)
      if (problem.applet === applet.key && problem.field)
        add(problem.field, { grade: problem.grade, words: problem.words });
    for (const field of refused?.fields ?? [])
      if (field.applet === applet.key) add(field.path, { grade: "error", words: field.message });
    return out;
  }, [problems, refused, applet.key]);
  const names = useMemo(() => namesOf(plan, editor.types, known), [plan, editor, known]);

  const shared = useMemo<FormShared>(
    () => ({
      applet: applet.key,
      settings: applet.settings,
      root: type.schema,
      readOnly: !editor.mayEdit,
      names,
      troubles,
      set: (path, value) => {
        const change = changeAt(applet, path, value);
        editor.run(settle(editor.state.plan, editor.types, applet.key, [change]), { joins: true });
      },
    }),
    [applet, type, editor, names, troubles],
  );

  return (
    <FormContext value={shared}>
      <Form
        key={applet.key}
        tagName="div"
        className="settings"
        schema={type.schema as RJSFSchema}
        formData={applet.settings}
        validator={validator as never}
        fields={fields}
        templates={templates}
        experimental_defaultFormStateBehavior={noDefaults}
        idPrefix="settings"
        noValidate
        noHtml5Validate
        showErrorList={false}
        onChange={nothing}
      >
        {/* A child in place of the library's submit button: nothing is submitted here. */}
        <span hidden />
      </Form>
    </FormContext>
  );
}

/** One field's change; in a list whose entries have no ids, the whole list's. */
function changeAt(applet: PlacedApplet, path: Path, value: Json | undefined): Change {
  const named = byId(applet.settings, path);
  if (named) return { op: "set", key: applet.key, path: named, ...(value === undefined ? {} : { value }) };
  const list = path.findIndex((step) => typeof step === "number");
  const whole = structuredClone(at(applet.settings, path.slice(0, list))) as Json[];
  let here: Json = whole;
  for (const step of path.slice(list, -1)) here = (here as Record<string | number, Json>)[step] as Json;
  (here as Record<string | number, Json | undefined>)[path.at(-1) as string] = value;
  return { op: "set", key: applet.key, path: path.slice(0, list).map(String), value: whole };
}
