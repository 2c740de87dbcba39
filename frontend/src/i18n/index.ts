import i18next from "i18next";
import { initReactI18next } from "react-i18next";

// Every file in en/ is a namespace of its name: t("canvas:empty.title").
const files = import.meta.glob<Record<string, unknown>>("./en/*.json", { eager: true, import: "default" });
const en = Object.fromEntries(
  Object.entries(files).map(([path, words]) => [path.slice(path.lastIndexOf("/") + 1, -5), words]),
);

void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en },
  ns: Object.keys(en),
  defaultNS: "common",
  interpolation: { escapeValue: false },
});

export default i18next;
