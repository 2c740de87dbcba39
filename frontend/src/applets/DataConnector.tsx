import { SegmentedControl } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AppletType, PlacedApplet } from "../api/types";
import { useEditing } from "../edit/context";
import { SettingsForm } from "../form/SettingsForm";
import { ConnectorTest } from "./ConnectorTest";

const ConnectorXml = lazy(() => import("./ConnectorXml"));

type Tab = "form" | "xml" | "test";

/** The Data Connector can be edited as a form and as its XML definition, and tried out. */
export default function DataConnector({ applet, type }: { applet: PlacedApplet; type: AppletType }) {
  const { t } = useTranslation("form");
  const [tab, setTab] = useState<Tab>("form");
  const focus = useEditing((state) => state.focus);
  useEffect(() => {
    if (focus?.field) setTab("form");
  }, [focus]);
  return (
    <>
      <SegmentedControl
        className="tabs"
        fullWidth
        aria-label={t("connector.tabs")}
        value={tab}
        onChange={(value) => setTab(value as Tab)}
        data={(["form", "xml", "test"] as const).map((value) => ({ value, label: t(`connector.${value}`) }))}
      />
      {tab === "form" && <SettingsForm applet={applet} type={type} />}
      <Suspense fallback={null}>{tab === "xml" && <ConnectorXml applet={applet} />}</Suspense>
      {/* Kept while another tab is open: typed sample values and the last result survive. */}
      <div hidden={tab !== "test"}>
        <ConnectorTest applet={applet} />
      </div>
    </>
  );
}
