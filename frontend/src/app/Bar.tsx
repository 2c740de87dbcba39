import { ActionIcon, Menu } from "@mantine/core";
import {
  IconCreditCard,
  IconKey,
  IconMapPin,
  IconPhone,
  IconPlugConnected,
  type IconProps,
  IconSitemap,
} from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "react-router";
import { AccountMenu } from "./AccountMenu";

export const places: { to: string; key: string; Icon: ComponentType<IconProps> }[] = [
  { to: "/plans", key: "plans", Icon: IconSitemap },
  { to: "/calls", key: "calls", Icon: IconPhone },
  { to: "/destinations", key: "destinations", Icon: IconMapPin },
  { to: "/connections", key: "connections", Icon: IconPlugConnected },
  { to: "/settings", key: "settings", Icon: IconKey },
  { to: "/payment-lines", key: "payment_lines", Icon: IconCreditCard },
];

interface BarProps {
  /** What stands before the title, as links: [["Call plans", "/plans"]] */
  crumbs?: [string, string][];
  title?: ReactNode;
  /** Pills behind the title */
  state?: ReactNode;
  /** Buttons at the right */
  children?: ReactNode;
}

/** The bar at the top of every page; pages that fill the window (canvas, live call) put their own title and buttons in it. */
export function Bar({ crumbs = [], title, state, children }: BarProps) {
  return (
    <header className="bar">
      <HomeMenu />
      {title !== undefined && (
        <div className="bar-title">
          {crumbs.map(([words, to]) => (
            <span key={to}>
              <Link className="bar-crumb" to={to}>
                {words}
              </Link>
              <span className="quiet"> /</span>
            </span>
          ))}
          <h1>{title}</h1>
        </div>
      )}
      {state}
      {title === undefined && <PlaceLinks />}
      <div className="bar-end">
        {children}
        <AccountMenu />
      </div>
    </header>
  );
}

function HomeMenu() {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <ActionIcon aria-label={t("nav.menu")} c="var(--blue)" size={34}>
          <IconSitemap size={21} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {places.map(({ to, key, Icon }) => (
          <Menu.Item key={to} component={Link} to={to} leftSection={<Icon size={16} stroke={1.6} />}>
            {t(`nav.${key}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function PlaceLinks() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  return (
    <nav className="page-nav" aria-label={t("nav.label")}>
      {places.map(({ to, key }) => {
        const here = pathname.startsWith(to) || (to === "/plans" && pathname === "/");
        return (
          <Link key={to} to={to} aria-current={here ? "page" : undefined}>
            {t(`nav.${key}`)}
          </Link>
        );
      })}
    </nav>
  );
}
