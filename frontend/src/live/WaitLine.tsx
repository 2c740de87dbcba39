import { useTranslation } from "react-i18next";
import type { CallRow } from "../api/types";
import type { Names } from "./names";
import { duration, leftOf, type Story } from "./story";

interface WaitLineProps {
  story: Story;
  names: Names;
  now: number;
  call: CallRow;
}

/** What the call waits for and how long it may; or why it ended. */
export function WaitLine({ story, names, now, call }: WaitLineProps) {
  const { t } = useTranslation("live");
  if (story.ended || call.state === "ended") {
    const why = story.ended?.why || call.end_reason;
    return <span className="live-wait">{t("row.ended", { why: t(`reason.${why}`, { defaultValue: why }) })}</span>;
  }
  if (!story.wait) return null;
  const left = leftOf(story.wait, now);
  const applet = names.applet(story.wait.applet);
  return (
    <span className="live-wait figures">
      {applet && `${applet}: `}
      {t(`waits.${story.wait.what}`, { defaultValue: story.wait.what })}
      {left !== null && `, ${t("waits.left", { time: duration(Math.ceil(left / 1000) * 1000) })}`}
    </span>
  );
}
