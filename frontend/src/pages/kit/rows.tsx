import { ActionIcon, CopyButton, Menu, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconDots } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** The menu at the end of a row. */
export function RowMenu({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Menu position="bottom-end" width={210}>
      <Menu.Target>
        <ActionIcon aria-label={label} onClick={(event) => event.stopPropagation()}>
          <IconDots size={18} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>{children}</Menu.Dropdown>
    </Menu>
  );
}

/** Something to be copied elsewhere, with the button that does it. */
export function Copied({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation("pages");
  return (
    <span className="copied">
      <code>{value}</code>
      <CopyButton value={value} timeout={1500}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t("copied") : t("copy", { what: label })}>
            <ActionIcon aria-label={t("copy", { what: label })} size={24} onClick={copy}>
              {copied ? <IconCheck size={15} /> : <IconCopy size={15} stroke={1.6} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </span>
  );
}

export function Pill({ tone, children, title }: { tone?: string; children: ReactNode; title?: string }) {
  return (
    <span className="pill" data-tone={tone} title={title}>
      {children}
    </span>
  );
}
