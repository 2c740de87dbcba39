import { IconBuildingBank, IconUser } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Runner } from "./runner";
import type { Doing, PaymentLeg } from "./types";

interface AgentProps {
  leg: Extract<Doing, { what: "agent" }>;
  runner: Runner;
}

/** The telephone of somebody the plan calls: the tester decides what that person does. */
export function AgentLeg({ leg, runner }: AgentProps) {
  const { t } = useTranslation("phone");
  const acts = leg.talking ? (["hangs_up"] as const) : (["answers", "busy", "no_answer"] as const);
  return (
    <section className="leg leg-agent" aria-label={t("agent.title")}>
      <h3>
        <IconUser size={15} stroke={1.8} /> {t("agent.title")}
      </h3>
      <p className="leg-number figures">
        {leg.command.to}
        {leg.command.present && <small> {t("agent.shows", { number: leg.command.present })}</small>}
      </p>
      <div className="leg-acts">
        {acts.map((does) => (
          <button key={does} type="button" onClick={() => runner.dispatch({ type: "agent", does })}>
            {t(`agent.${does}`)}
          </button>
        ))}
      </div>
    </section>
  );
}

/** The payment system's own handset: somebody else's, and the only place a card is ever keyed. */
export function PaymentLine({ leg, runner }: { leg: PaymentLeg; runner: Runner }) {
  const { t } = useTranslation("phone");
  const words = leg.says || t(leg.outcome ? "line.waits" : "line.opening");
  return (
    <section className="leg leg-line" aria-label={t("line.title")}>
      <h3>
        <IconBuildingBank size={15} stroke={1.8} /> {t("line.title")}
      </h3>
      {leg.unknown ? (
        <p>{t("line.unknown", { number: leg.command.to })}</p>
      ) : (
        <>
          {leg.amount && <p className="leg-amount figures">{t("line.amount", { amount: leg.amount })}</p>}
          <p className="leg-says" aria-live="polite">
            {leg.busy && leg.line ? t("line.waits") : words}
          </p>
          <Bullets count={leg.keyed.length} />
        </>
      )}
      <div className="leg-acts">
        {leg.unknown
          ? (["talked", "busy", "failed"] as const).map((outcome) => (
              <button key={outcome} type="button" onClick={() => runner.dispatch({ type: "line_ends", outcome })}>
                {t(`line.${{ talked: "ends", busy: "busy", failed: "fails" }[outcome]}`)}
              </button>
            ))
          : (["test_card", "declined", "give_up", "fail"] as const).map((does) => (
              <button
                key={does}
                type="button"
                disabled={!leg.line || leg.busy || leg.outcome !== null}
                onClick={() => runner.dispatch({ type: "line_do", does })}
              >
                {t(`line.${does}`)}
              </button>
            ))}
      </div>
      <p className="leg-note">{t("line.not_ours")}</p>
    </section>
  );
}

/** How many digits of a card were keyed, in groups of four; never which. */
function Bullets({ count }: { count: number }) {
  const { t } = useTranslation("phone");
  const groups = [0, 4, 8, 12, 16].map((from) => "●".repeat(Math.min(4, Math.max(0, count - from))));
  return (
    <p className="leg-card">
      <span aria-hidden>{groups.filter(Boolean).join(" ") || " "}</span>
      <span className="unseen" aria-live="polite">
        {count > 0 && t("line.card", { count })}
      </span>
    </p>
  );
}
