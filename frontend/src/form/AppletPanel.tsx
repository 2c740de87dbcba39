import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconFlag, IconPhoneOff } from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { PlacedApplet } from "../api/types";
import { AppletTile } from "../canvas/icons";
import { duplicate } from "../edit/actions";
import { useEditing, useEditor } from "../edit/context";
import { freeName } from "../plan";
import { GoesOn } from "./GoesOn";
import { SettingsForm } from "./SettingsForm";
import { useTyped } from "./useTyped";

// Types that need more than the form their schema gives, by their `type`.
const special = { data_connector: lazy(() => import("../applets/DataConnector")) };

/** The chosen applet: its name, what it is, its settings, and where it goes on to. */
export function AppletPanel({ applet }: { applet: PlacedApplet }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const type = editor.types.get(applet.type);
  const body = useRef<HTMLDivElement | null>(null);
  useFocusField(body, applet.key);
  const Special = type && applet.type in special ? special[applet.type as keyof typeof special] : undefined;
  return (
    <>
      <Head applet={applet} />
      <div className="panel-body" ref={body}>
        {type ? (
          <>
            <Help words={type.help} />
            {Special ? (
              <Suspense fallback={null}>
                <Special key={applet.key} applet={applet} type={type} />
              </Suspense>
            ) : (
              <SettingsForm applet={applet} type={type} />
            )}
          </>
        ) : (
          <div className="gone-note" role="alert">
            <p>{t("gone", { type: applet.type })}</p>
            <pre>{JSON.stringify(applet.settings, null, 2)}</pre>
          </div>
        )}
        <GoesOn applet={applet} />
      </div>
    </>
  );
}

function Head({ applet }: { applet: PlacedApplet }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const type = editor.types.get(applet.type);
  const plan = useEditing((state) => state.plan);
  const [taken, setTaken] = useState(false);
  const [name, setName] = useTyped(applet.name, (typed) => {
    const free = typed.trim() !== "" && freeName(editor.state.plan, typed, applet.key) === typed.trim();
    setTaken(typed.trim() !== "" && !free);
    if (free) editor.run([{ op: "rename", key: applet.key, name: typed.trim() }], { joins: true });
  });
  const { key } = applet;
  return (
    <header className="panel-head">
      <AppletTile type={applet.type} family={type?.family} size={32} />
      <div className="panel-names">
        <input
          className="panel-name"
          aria-label={t("name")}
          data-plan-field
          data-field="name"
          maxLength={120}
          readOnly={!editor.mayEdit}
          value={name}
          aria-invalid={taken || undefined}
          onChange={(event) => setName(event.target.value)}
          onBlur={() => {
            if (name.trim() !== applet.name) setName(applet.name);
          }}
          onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
        />
        <div className="panel-type">
          {type?.title ?? applet.type}
          {plan.initial === key && (
            <span className="panel-mark">
              <IconFlag size={12} stroke={2} /> {t("canvas:mark.initial")}
            </span>
          )}
          {plan.hangup === key && (
            <span className="panel-mark">
              <IconPhoneOff size={12} stroke={2} /> {t("canvas:mark.hangup")}
            </span>
          )}
        </div>
        {taken && (
          <div className="field-note" data-grade="error" role="alert">
            {t("name_taken")}
          </div>
        )}
      </div>
      {editor.mayEdit && (
        <Menu position="bottom-end" width={250}>
          <Menu.Target>
            <ActionIcon aria-label={t("more", { name: applet.name })}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              disabled={plan.initial === key}
              onClick={() => editor.run([{ op: "set_plan", field: "initial", value: key }])}
            >
              {t("canvas:menu.initial")}
            </Menu.Item>
            <Menu.Item
              onClick={() => editor.run([{ op: "set_plan", field: "hangup", value: plan.hangup === key ? null : key }])}
            >
              {t(plan.hangup === key ? "canvas:menu.not_hangup" : "canvas:menu.hangup")}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item
              onClick={() => {
                const copy = duplicate(plan, editor.types, [key]);
                if (editor.run(copy.changes)) editor.select(copy.keys);
              }}
            >
              {t("canvas:menu.duplicate")}
            </Menu.Item>
            <Menu.Item color="red" onClick={() => editor.run([{ op: "remove", key }])}>
              {t("canvas:menu.remove")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </header>
  );
}

/** What the type does for the caller: its first sentence, the rest on demand. */
function Help({ words }: { words: string }) {
  const { t } = useTranslation("form");
  const [open, setOpen] = useState(false);
  const first = words.split(/(?<=\.)\s/)[0] ?? words;
  return (
    <p className="panel-help">
      {open ? words : first}{" "}
      {words.length > first.length && (
        <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? "less" : "more_help")}
        </button>
      )}
    </p>
  );
}

/** Brings a field that something points at into view, and the cursor into it. */
function useFocusField(body: React.RefObject<HTMLDivElement | null>, key: string): void {
  const focus = useEditing((state) => state.focus);
  useEffect(() => {
    if (!focus?.field || focus.applet !== key) return;
    const field = focus.field;
    // The form may only now be loading; a moment later it is there.
    const timer = setTimeout(() => {
      const root = body.current;
      if (!root) return;
      for (const entry of root.querySelectorAll<HTMLElement>("[data-entry]")) {
        const fold = entry.querySelector<HTMLElement>('.entry-title[aria-expanded="false"]');
        if (fold && `${field}.`.startsWith(`${entry.dataset.entry}.`)) fold.click();
      }
      requestAnimationFrame(() => {
        const found = nearest(root, field);
        found?.scrollIntoView({ block: "center" });
        found?.querySelector<HTMLElement>('input, textarea, [contenteditable="true"], button')?.focus();
        found?.classList.add("pointed");
        setTimeout(() => found?.classList.remove("pointed"), 1200);
      });
    }, 120);
    return () => clearTimeout(timer);
  }, [focus, key, body]);
}

function nearest(root: HTMLElement, field: string): HTMLElement | null {
  const parts = field.split(".");
  for (let n = parts.length; n > 0; n--) {
    const found = root.querySelector<HTMLElement>(`[data-field="${CSS.escape(parts.slice(0, n).join("."))}"]`);
    if (found) return found;
  }
  return null;
}
