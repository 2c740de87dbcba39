import { Tooltip } from "@mantine/core";
import type { FieldTemplateProps } from "@rjsf/utils";
import { IconInfoCircle } from "@tabler/icons-react";
import { useContext } from "react";
import type { Json } from "../api/types";
import { BareContext, type Trouble, useForm } from "./context";
import { byId, type Path } from "./paths";

/** Label and help around one value. Objects, lists and ticks bring their own. */
export function FieldTemplate(props: FieldTemplateProps) {
  const { children, schema, label, fieldPathId, id, hidden } = props;
  const bare = useContext(BareContext);
  const path = fieldPathId.path as Path;
  if (hidden) return null;
  const plain = schema.type === "object" || schema.type === "array" || schema.type === "boolean";
  if (path.length === 0) return children;
  return (
    <div className="field" data-field={path.join(".")}>
      {!plain && !bare && (
        <div className="field-head">
          <label htmlFor={id}>{label}</label>
          <Info words={schema.description} />
        </div>
      )}
      {children}
    </div>
  );
}

/** Help on a field, out of the way until it is wanted. */
export function Info({ words }: { words: Json | undefined }) {
  if (typeof words !== "string" || !words) return null;
  return (
    <Tooltip label={words} multiline maw={300} events={{ hover: true, focus: true, touch: true }}>
      <span className="info" role="img" aria-label={words}>
        <IconInfoCircle size={14} stroke={1.7} />
      </span>
    </Tooltip>
  );
}

/** What is wrong with a field: said by the browser while typing, or by the server's checks. */
export function FieldNote({ path, fault }: { path: Path; fault?: string | null }) {
  const form = useForm();
  const ids = byId(form.settings, path)?.join(".");
  const troubles: Trouble[] = [
    ...(fault ? [{ grade: "error" as const, words: fault }] : []),
    ...(form.troubles.get(path.join(".")) ?? (ids ? form.troubles.get(ids) : undefined) ?? []),
  ];
  return (
    <>
      {troubles.map((trouble) => (
        <div key={trouble.words} className="field-note" data-grade={trouble.grade} role={fault ? "alert" : undefined}>
          {trouble.words}
        </div>
      ))}
    </>
  );
}
