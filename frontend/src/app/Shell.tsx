import { Loader } from "@mantine/core";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Outlet } from "react-router";
import { Bar } from "./Bar";

/** The frame of the list pages: the bar with the places, and one column below. */
export function Shell() {
  return (
    <div className="page">
      <Bar />
      <main className="page-main">
        <Suspense fallback={<Waiting />}>
          <div className="page-inner">
            <Outlet />
          </div>
        </Suspense>
      </main>
    </div>
  );
}

export function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="centre">
      <Loader size="sm" aria-label={t("loading")} />
    </div>
  );
}
