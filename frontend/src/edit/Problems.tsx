import { ActionIcon } from "@mantine/core";
import { IconAlertOctagon, IconAlertTriangle, IconChevronDown, IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Grade, Problem } from "../api/types";
import type { Change } from "../plan";
import { useEditing, useEditor } from "./context";

const FIRST = 60;

/** What is wrong with the plan, in words, under the canvas: each leads to its applet and field, some mend themselves. */
export function Problems({ onShow }: { onShow: (applet: string, field: string | null) => void }) {
  const { t } = useTranslation("edit");
  const editor = useEditor();
  const plan = useEditing((state) => state.plan);
  const all = useEditing((state) => state.problems);
  const [open, setOpen] = useState(true);
  const [most, setMost] = useState(FIRST);
  // The list is as old as the last save: what is gone since then has no problems.
  const problems = all.filter((problem) => !problem.applet || plan.applets[problem.applet]);
  const count = (grade: Grade) => problems.filter((problem) => problem.grade === grade).length;
  const [errors, warnings] = [count("error"), count("warning")];
  const sorted = [...problems].sort((a, b) => Number(a.grade === "warning") - Number(b.grade === "warning"));
  const empty = Object.keys(plan.applets).length === 0;
  return (
    <section className="problems" data-open={open || undefined} aria-label={t("problems.title")}>
      <header className="problems-head">
        <h2>{t("problems.title")}</h2>
        {errors > 0 && (
          <span className="pill" data-tone="red">
            <IconAlertOctagon size={14} stroke={1.8} aria-label={t("problems.errors", { count: errors })} />
            {errors}
          </span>
        )}
        {warnings > 0 && (
          <span className="pill" data-tone="amber">
            <IconAlertTriangle size={14} stroke={1.8} aria-label={t("problems.warnings", { count: warnings })} />
            {warnings}
          </span>
        )}
        {problems.length === 0 && !empty && (
          <span className="pill" data-tone="green">
            <IconCircleCheck size={14} stroke={1.8} />
            {t("problems.none")}
          </span>
        )}
        <span className="quiet problems-note">{t("problems.checked")}</span>
        <ActionIcon
          size={24}
          aria-label={t(open ? "problems.fold" : "problems.unfold")}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <IconChevronDown size={16} style={{ rotate: open ? "0deg" : "180deg" }} />
        </ActionIcon>
      </header>
      {open && problems.length > 0 && (
        <ul className="problems-list">
          {sorted.slice(0, most).map((problem) => (
            <li
              key={`${problem.code} ${problem.applet} ${problem.field} ${problem.exit} ${problem.words}`}
              className="problem"
            >
              <ProblemMark grade={problem.grade} />
              <button
                type="button"
                className="problem-words"
                disabled={!problem.applet}
                onClick={() => problem.applet && onShow(problem.applet, fieldOf(problem))}
              >
                {problem.applet && <b>{plan.applets[problem.applet]?.name}</b>}
                <span>{problem.words}</span>
              </button>
              {editor.mayEdit &&
                [problem.fix, ...problem.also].map(
                  (fix) =>
                    fix && (
                      <button
                        key={fix.label}
                        type="button"
                        className="problem-fix"
                        onClick={() => editor.run(fix.operations as unknown as Change[])}
                      >
                        {fix.label}
                      </button>
                    ),
                )}
            </li>
          ))}
          {sorted.length > most && (
            <li className="problem">
              <button type="button" className="problem-words" onClick={() => setMost(most + 200)}>
                {t("problems.more", { count: sorted.length - most })}
              </button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

const fieldOf = (problem: Problem): string | null => problem.field ?? (problem.exit ? `exit ${problem.exit}` : null);

export function ProblemMark({ grade }: { grade: Grade }) {
  const { t } = useTranslation("edit");
  const label = t(`problems.${grade}`);
  return grade === "error" ? (
    <IconAlertOctagon className="problem-mark" data-grade="error" size={16} stroke={1.8} aria-label={label} />
  ) : (
    <IconAlertTriangle className="problem-mark" data-grade="warning" size={16} stroke={1.8} aria-label={label} />
  );
}
