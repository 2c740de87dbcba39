import { ActionIcon, Tooltip } from "@mantine/core";
import { IconFocusCentered, IconMap2, IconMinus, IconPlus } from "@tabler/icons-react";
import { MiniMap, Panel, useReactFlow, useStore } from "@xyflow/react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CardNode } from "./drawn";

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const soon = () => ({ duration: calm() ? 0 : 160 });

/** Zoom, the whole plan, and an overview that is mounted only when asked for. */
export function Controls() {
  const { t } = useTranslation("canvas");
  const flow = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  const [map, setMap] = useState(false);
  return (
    <>
      <Panel position="bottom-left" className="controls" aria-label={t("controls.label")}>
        <ActionIcon size={26} aria-label={t("controls.out")} onClick={() => flow.zoomOut(soon())}>
          <IconMinus size={15} />
        </ActionIcon>
        <Tooltip label={t("controls.actual")}>
          <button type="button" className="controls-zoom figures" onClick={() => flow.zoomTo(1, soon())}>
            {zoom} %
          </button>
        </Tooltip>
        <ActionIcon size={26} aria-label={t("controls.in")} onClick={() => flow.zoomIn(soon())}>
          <IconPlus size={15} />
        </ActionIcon>
        <span className="controls-rule" />
        <Tooltip label={t("controls.fit")}>
          <ActionIcon
            size={26}
            aria-label={t("controls.fit")}
            onClick={() => flow.fitView({ padding: 0.12, maxZoom: 1, ...soon() })}
          >
            <IconFocusCentered size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t("controls.map")}>
          <ActionIcon
            size={26}
            aria-label={t("controls.map")}
            aria-pressed={map}
            variant={map ? "light" : "subtle"}
            color={map ? "blue" : "gray"}
            onClick={() => setMap(!map)}
          >
            <IconMap2 size={16} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Panel>
      {map && (
        <MiniMap<CardNode>
          pannable
          zoomable
          position="bottom-right"
          ariaLabel={t("controls.map")}
          bgColor="var(--surface)"
          maskColor="color-mix(in srgb, var(--ground) 70%, transparent)"
          nodeColor={(node) => `var(--${node.data.family ?? "gone"})`}
          nodeBorderRadius={20}
        />
      )}
    </>
  );
}
