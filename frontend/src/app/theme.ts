import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  type MantineThemeComponents,
} from "@mantine/core";
import i18next from "../i18n";

const blue: MantineColorsTuple = [
  "#eef3fe",
  "#dde6fc",
  "#b8cbf8",
  "#8fadf3",
  "#6d92ee",
  "#4a76e4",
  "#2f5bd8",
  "#284ebd",
  "#21419d",
  "#1a347e",
];
const green: MantineColorsTuple = [
  "#e3f5ec",
  "#c9ebd9",
  "#98dab9",
  "#63c796",
  "#37b578",
  "#1fa567",
  "#0f8552",
  "#0d7448",
  "#0b613c",
  "#084d30",
];
const dark: MantineColorsTuple = [
  "#e4eaf1",
  "#c3ccd7",
  "#8d99a8",
  "#8d99a8",
  "#2a3440",
  "#222b36",
  "#181f28",
  "#10151b",
  "#0d1116",
  "#090c10",
];

const flat = { defaultProps: { size: "sm", radius: "md" } };
// Buttons that are only a sign have a name as well.
const clearable = {
  defaultProps: { ...flat.defaultProps, clearButtonProps: { "aria-label": i18next.t("common:clear") } },
};
const components: MantineThemeComponents = {
  Button: { defaultProps: { size: "sm", fw: 550 } },
  ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: 30 } },
  TextInput: flat,
  NumberInput: flat,
  Textarea: flat,
  Select: clearable,
  Autocomplete: clearable,
  PasswordInput: {
    defaultProps: {
      ...flat.defaultProps,
      visibilityToggleButtonProps: { "aria-label": i18next.t("common:show_typed") },
    },
  },
  MultiSelect: clearable,
  TagsInput: clearable,
  Checkbox: { defaultProps: { size: "sm", radius: 5 } },
  Switch: { defaultProps: { size: "sm" } },
  SegmentedControl: { defaultProps: { size: "sm" } },
  Modal: {
    defaultProps: {
      radius: 11,
      centered: true,
      overlayProps: { backgroundOpacity: 0.35, blur: 1 },
      closeButtonProps: { "aria-label": i18next.t("common:close") },
    },
  },
  Menu: { defaultProps: { shadow: "md", radius: 8 } },
  Popover: { defaultProps: { shadow: "md", radius: 8 } },
  Tooltip: { defaultProps: { openDelay: 350, radius: 6, fz: 12 } },
  Paper: { defaultProps: { radius: 11 } },
};

export const theme = createTheme({
  primaryColor: "blue",
  primaryShade: 6,
  colors: { blue, green, dark },
  fontFamily: "'Inter Variable', Inter, system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, monospace",
  fontSizes: { xs: "12px", sm: "13px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.45", lg: "1.45", xl: "1.35" },
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "11px", xl: "16px" },
  defaultRadius: "md",
  headings: {
    fontWeight: "650",
    sizes: { h1: { fontSize: "22px" }, h2: { fontSize: "17px" }, h3: { fontSize: "15px" }, h4: { fontSize: "13px" } },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  components,
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#17202b",
    "--mantine-color-dimmed": "#5f6b78",
    "--mantine-color-placeholder": "#6b7683",
    "--mantine-color-default-border": "#d9dfe7",
    "--mantine-color-error": "#b22a23",
    "--mantine-color-anchor": "#2450c8",
  },
  dark: {
    "--mantine-color-body": "#181f28",
    "--mantine-color-text": "#e4eaf1",
    "--mantine-color-dimmed": "#8d99a8",
    "--mantine-color-placeholder": "#8d99a8",
    "--mantine-color-default": "#131920",
    "--mantine-color-default-hover": "#222b36",
    "--mantine-color-default-border": "#2f3a47",
    "--mantine-color-error": "#ff8f88",
    "--mantine-color-anchor": "#9db5ff",
  },
});
