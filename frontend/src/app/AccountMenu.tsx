import { ActionIcon, Menu, useMantineColorScheme } from "@mantine/core";
import {
  IconCheck,
  IconDeviceDesktop,
  IconLogout,
  IconMoon,
  IconSettings2,
  IconSun,
  IconUserCircle,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "../api/queries";

const schemes = [
  ["light", IconSun],
  ["dark", IconMoon],
  ["auto", IconDeviceDesktop],
] as const;

/** Who is signed in, light or dark, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const { data: session } = useQuery(sessionQuery);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon aria-label={t("account.menu")}>
          <IconUserCircle size={19} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {session && (
          <Menu.Label>
            {session.user.name || session.user.email} · {session.account.name}
          </Menu.Label>
        )}
        <Menu.Divider />
        <Menu.Label>{t("account.appearance")}</Menu.Label>
        {schemes.map(([scheme, Icon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<Icon size={16} stroke={1.6} />}
            rightSection={colorScheme === scheme && <IconCheck size={14} />}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`account.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component="a" href="/admin/" leftSection={<IconSettings2 size={16} stroke={1.6} />}>
          {t("account.admin")}
        </Menu.Item>
        <form action="/signout/" method="post">
          <input type="hidden" name="csrfmiddlewaretoken" value={session?.csrf ?? ""} />
          <Menu.Item component="button" type="submit" leftSection={<IconLogout size={16} stroke={1.6} />}>
            {t("account.sign_out")}
          </Menu.Item>
        </form>
      </Menu.Dropdown>
    </Menu>
  );
}
