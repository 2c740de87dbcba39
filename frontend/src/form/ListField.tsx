import { ActionIcon, Menu } from "@mantine/core";
import { type FieldProps, toFieldPathId } from "@rjsf/utils";
import {
  IconArrowDown,
  IconArrowUp,
  IconChevronRight,
  IconCopy,
  IconDots,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Json, Settings } from "../api/types";
import { defaults, record, resolve } from "../edit/actions";
import { shows } from "../exits";
import { newId } from "../plan";
import { BareContext, useForm } from "./context";
import { FieldNote, Info } from "./FieldTemplate";
import { at, choicesOf, isRecord, type Path } from "./paths";
import { Tokens } from "./Tokens";

const ROW_FIELDS = 3; // up to so many short fields stand in one row, under common heads

/** A list of entries: add, copy, delete, reorder. Short entries are rows of a table, long ones fold. */
export function ListField({ schema, registry, fieldPathId, name }: FieldProps) {
  const { t } = useTranslation("form");
  const form = useForm();
  const path = fieldPathId.path as Path;
  const list = at(form.settings, path);
  const items = Array.isArray(list) ? list : [];
  const itemSchema = resolve(record((schema as Settings).items), form.root);
  const fields = visibleFields(itemSchema, form.root);
  const rows = fields.length <= ROW_FIELDS && fields.every(([, field]) => isShort(field));
  const what = String((schema as Settings)["x-item"] ?? t("list.entry"));
  const most = typeof schema.maxItems === "number" ? schema.maxItems : Number.POSITIVE_INFINITY;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());

  const change = (next: Json[]) => form.set(path, next);
  const add = () => {
    const item: Settings = { ...defaults(itemSchema, form.root), id: newId() };
    const key = record(record(itemSchema.properties).key);
    if (key["x-widget"] === "key") item.key = freeKey(items);
    change([...items, item]);
    setOpen(new Set([...open, String(item.id)]));
  };
  const move = (from: number, to: number) => {
    const next = [...items];
    const [item] = next.splice(from, 1);
    if (item !== undefined) next.splice(to, 0, item);
    change(next);
  };
  const { SchemaField } = registry.fields;
  const oneLeft = (n: number) => (
    <ItemMenu
      what={what}
      n={n}
      count={items.length}
      copy={(schema as Settings)["x-copy"] === true && items.length < most}
      onMove={(to) => move(n, to)}
      onCopy={() => {
        const item = items[n];
        if (isRecord(item))
          change([...items.slice(0, n + 1), { ...structuredClone(item), id: newId() }, ...items.slice(n + 1)]);
      }}
      onRemove={() => change(items.filter((_, at) => at !== n))}
    />
  );
  const fieldOf = (n: number, fieldName: string, field: Settings, item: Settings) =>
    SchemaField && (
      <SchemaField
        key={fieldName}
        name={fieldName}
        schema={field as never}
        uiSchema={{}}
        registry={registry}
        formData={item[fieldName]}
        fieldPathId={toFieldPathId(fieldName, registry.globalFormOptions, [...fieldPathId.path, n])}
        onChange={nothing}
        onBlur={nothing}
        onFocus={nothing}
      />
    );

  return (
    <div className="list" data-field={path.join(".")}>
      <div className="field-head">
        <span className="field-title">{String(schema.title ?? name)}</span>
        <Info words={schema.description} />
        <span className="quiet figures list-count">{items.length}</span>
      </div>
      {rows && items.length > 0 && (
        <BareContext value={true}>
          <table className="rows" data-one={fields.length === 1 || undefined}>
            <thead>
              <tr>
                {fields.map(([fieldName, field]) => (
                  <th key={fieldName} data-narrow={isNarrow(field) || undefined}>
                    {String(field.title ?? fieldName)}
                  </th>
                ))}
                <th className="rows-menu" aria-label={t("list.do")} />
              </tr>
            </thead>
            <tbody>
              {items.filter(isRecord).map((item, n) => (
                <tr key={String(item.id ?? n)}>
                  {fields.map(([fieldName, field]) => (
                    <td key={fieldName}>{fieldOf(n, fieldName, field, item)}</td>
                  ))}
                  <td className="rows-menu">{!form.readOnly && oneLeft(n)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </BareContext>
      )}
      {!rows &&
        items.filter(isRecord).map((item, n) => {
          const id = String(item.id ?? n);
          const isOpen = open.has(id);
          return (
            <section
              key={id}
              className="entry"
              data-open={isOpen || undefined}
              aria-label={`${what} ${n + 1}`}
              data-entry={[...path, n].join(".")}
            >
              <div className="entry-head">
                <button
                  type="button"
                  className="entry-title"
                  aria-expanded={isOpen}
                  onClick={() =>
                    setOpen(isOpen ? new Set([...open].filter((other) => other !== id)) : new Set([...open, id]))
                  }
                >
                  <IconChevronRight size={15} className="entry-fold" />
                  <b>{String(item.label || `${what} ${n + 1}`)}</b>
                  {!isOpen && (
                    <span className="entry-sum">
                      <Tokens text={inShort(item, itemSchema, form.root)} />
                    </span>
                  )}
                </button>
                {!form.readOnly && oneLeft(n)}
              </div>
              {isOpen ? (
                <div className="entry-body">
                  {shownFields(fields, item).map(([fieldName, field]) => fieldOf(n, fieldName, field, item))}
                </div>
              ) : (
                fields.map(([fieldName]) => <FieldNote key={fieldName} path={[...path, n, fieldName]} />)
              )}
            </section>
          );
        })}
      <FieldNote path={path} />
      {!form.readOnly && items.length < most && (
        <button type="button" className="list-add" data-plan-field onClick={add}>
          <IconPlus size={14} stroke={2} />
          {t("list.add", { what: what.toLowerCase() })}
        </button>
      )}
    </div>
  );
}

interface ItemMenuProps {
  what: string;
  n: number;
  count: number;
  copy: boolean;
  onMove: (to: number) => void;
  onCopy: () => void;
  onRemove: () => void;
}

function ItemMenu({ what, n, count, copy, onMove, onCopy, onRemove }: ItemMenuProps) {
  const { t } = useTranslation("form");
  return (
    <Menu position="bottom-end" width={170}>
      <Menu.Target>
        <ActionIcon size={24} aria-label={t("list.menu", { what, n: n + 1 })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={n === 0} leftSection={<IconArrowUp size={15} />} onClick={() => onMove(n - 1)}>
          {t("list.up")}
        </Menu.Item>
        <Menu.Item disabled={n === count - 1} leftSection={<IconArrowDown size={15} />} onClick={() => onMove(n + 1)}>
          {t("list.down")}
        </Menu.Item>
        {copy && (
          <Menu.Item leftSection={<IconCopy size={15} />} onClick={onCopy}>
            {t("list.copy")}
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={onRemove}>
          {t("list.remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const nothing = () => {};

function visibleFields(item: Settings, root: Settings): [string, Settings][] {
  return Object.entries(record(item.properties))
    .map(([name, field]): [string, Settings] => [name, resolve(record(field), root)])
    .filter(([, field]) => field["x-widget"] !== "hidden");
}

const isShort = (field: Settings): boolean =>
  field.type !== "object" && field.type !== "array" && !["multiline", "code"].includes(String(field["x-widget"]));

const isNarrow = (field: Settings): boolean =>
  field["x-widget"] === "key" || choicesOf(field) !== null || field.type === "boolean";

const freeKey = (items: Json[]): string => {
  const taken = new Set(items.filter(isRecord).map((item) => item.key));
  return ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#"].find((key) => !taken.has(key)) ?? "";
};

function shownFields(fields: [string, Settings][], item: Settings): [string, Settings][] {
  const seen: Settings = {};
  for (const [name, field] of fields) if (field.default !== undefined) seen[name] = field.default;
  return fields.filter(
    ([, field]) => typeof field["x-when"] !== "string" || shows(field["x-when"], { ...seen, ...item }),
  );
}

/** An entry in one line: its values in order, names of data sources as values. */
function inShort(item: Settings, schema: Settings, root: Settings): string {
  return shownFields(visibleFields(schema, root), item)
    .filter(
      ([name, field]) =>
        name !== "label" &&
        name !== "datatype" &&
        item[name] !== "" &&
        item[name] !== undefined &&
        field.type !== "array",
    )
    .map(([name, field]) => {
      const value = String(item[name]);
      const choice = choicesOf(field)?.find((one) => one.value === value);
      return choice ? choice.label.toLowerCase() : field["x-source"] ? `$(${value})` : value;
    })
    .join(" ");
}
