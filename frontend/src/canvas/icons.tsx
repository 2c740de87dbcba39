import {
  IconAlarm,
  IconArrowsSplit2,
  IconBell,
  IconCreditCard,
  IconDatabase,
  IconDialpad,
  IconFlag,
  IconLetterT,
  IconListNumbers,
  IconMessageChatbot,
  IconMicrophone,
  IconNumber123,
  IconPhoneOutgoing,
  IconPlugConnected,
  type IconProps,
  IconQuestionMark,
  IconSettings,
  IconSpeakerphone,
  IconSquareNumber1,
  IconUsersGroup,
  IconVariable,
  IconVolume,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

const byType: Record<string, ComponentType<IconProps>> = {
  announcement: IconSpeakerphone,
  announcer: IconVolume,
  menu: IconListNumbers,
  collect_input: IconDialpad,
  collect_digit: IconSquareNumber1,
  set_menu_digit: IconNumber123,
  set_menu_string: IconLetterT,
  set_data_source: IconVariable,
  data_connector: IconPlugConnected,
  data_router: IconArrowsSplit2,
  schedule_router: IconAlarm,
  time_router: IconAlarm,
  ccr: IconPhoneOutgoing,
  pci_transfer: IconCreditCard,
};

const byFamily: Record<string, ComponentType<IconProps>> = {
  speak: IconSpeakerphone,
  ask: IconDialpad,
  data: IconDatabase,
  route: IconArrowsSplit2,
  connect: IconPhoneOutgoing,
  pay: IconCreditCard,
  queue: IconUsersGroup,
  record: IconMicrophone,
  notify: IconBell,
  bot: IconMessageChatbot,
  control: IconSettings,
};

export const families = [
  "speak",
  "ask",
  "data",
  "route",
  "connect",
  "pay",
  "queue",
  "record",
  "notify",
  "bot",
  "control",
] as const;

export const InitialIcon = IconFlag;

interface TileProps {
  type: string;
  /** none: the type is gone */
  family: string | undefined;
  size?: number;
}

/** The coloured tile that stands for an applet type. */
export function AppletTile({ type, family, size = 28 }: TileProps) {
  const Icon = family ? (byType[type] ?? byFamily[family] ?? IconSettings) : IconQuestionMark;
  return (
    <span
      aria-hidden
      className="tile"
      style={{ width: size, height: size, background: `var(--${family ?? "gone"})`, borderRadius: size / 4 }}
    >
      <Icon size={Math.round(size * 0.6)} stroke={1.8} color="#fff" />
    </span>
  );
}
