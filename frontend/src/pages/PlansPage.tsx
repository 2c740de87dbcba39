import { Button, Menu } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  IconCopyPlus,
  IconExternalLink,
  IconForms,
  IconPhone,
  IconPhoneIncoming,
  IconPlus,
  IconSitemap,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import type { PlanRow } from "../api/types";
import { Empty, Listed, NothingFound, Page, Search } from "./kit/Page";
import { useMay, usePaged } from "./kit/resource";
import { Pill, RowMenu } from "./kit/rows";
import { exactly, when } from "./kit/times";
import { DeletePlan, DuplicatePlan, PlanDialog } from "./PlanDialogs";

type Open = { what: "new" } | { what: "rename" | "duplicate" | "delete"; plan: PlanRow };

/** All call plans of the account. */
export default function PlansPage() {
  const { t } = useTranslation(["pages", "common"]);
  const may = useMay();
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text.trim(), 200);
  const plans = usePaged<PlanRow>("/plans", { search });
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const fresh = may.edit && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: "new" })}>
      {t("plans.new")}
    </Button>
  );
  return (
    <Page
      title={t("common:nav.plans")}
      help={t("plans.help")}
      action={fresh}
      tools={<Search value={text} onChange={setText} label={t("plans.search")} />}
    >
      <Listed
        query={plans}
        empty={
          search ? (
            <NothingFound what={search} />
          ) : (
            <Empty icon={<IconSitemap size={26} stroke={1.5} />} title={t("plans.empty")} action={fresh}>
              {t(may.edit ? "plans.empty_help" : "plans.empty_viewer")}
            </Empty>
          )
        }
      >
        {(rows) => (
          <div className="card table-card">
            <table className="table">
              <thead>
                <tr>
                  <th>{t("plans.name")}</th>
                  <th>{t("plans.version")}</th>
                  <th>{t("plans.numbers")}</th>
                  <th>{t("plans.problems")}</th>
                  <th>{t("plans.calls")}</th>
                  <th>{t("plans.changed")}</th>
                  <th aria-label={t("actions")} />
                </tr>
              </thead>
              <tbody>
                {rows.map((plan) => (
                  <PlanLine key={plan.id} plan={plan} onOpen={setOpen} />
                ))}
              </tbody>
            </table>
            {plans.hasNextPage && (
              <button type="button" className="more" onClick={() => void plans.fetchNextPage()}>
                {t("more")}
              </button>
            )}
          </div>
        )}
      </Listed>
      {open?.what === "new" && <PlanDialog onClose={close} />}
      {open?.what === "rename" && <PlanDialog plan={open.plan} onClose={close} />}
      {open?.what === "duplicate" && <DuplicatePlan plan={open.plan} onClose={close} />}
      {open?.what === "delete" && <DeletePlan plan={open.plan} onClose={close} />}
    </Page>
  );
}

function PlanLine({ plan, onOpen }: { plan: PlanRow; onOpen: (open: Open) => void }) {
  const { t } = useTranslation("pages");
  const may = useMay();
  const navigate = useNavigate();
  return (
    <tr>
      <td className="grow">
        <Link className="row-link" to={`/plans/${plan.id}`}>
          {plan.name}
        </Link>
        {plan.description && <div className="quiet clip">{plan.description}</div>}
      </td>
      <td>
        {plan.live_version === null ? (
          <span className="quiet">{t("plans.never_published")}</span>
        ) : (
          t("plans.live", { version: plan.live_version })
        )}
        {plan.live_version !== null && plan.changes_since_live > 0 && (
          <div className="quiet small">{t("plans.changes", { count: plan.changes_since_live })}</div>
        )}
      </td>
      <td>
        {plan.status === "Mapped" ? (
          <Pill tone="green">{t("plans.mapped")}</Pill>
        ) : (
          <Link to="/destinations" className="pill-link" title={t("plans.unmapped_help")}>
            <Pill>{t("plans.unmapped")}</Pill>
          </Link>
        )}
      </td>
      <td>
        <Problems plan={plan} />
      </td>
      <td>
        {plan.calls_live > 0 ? (
          <Link className="pill-link" to={`/calls?plan=${plan.id}&state=live`}>
            <Pill tone="green">
              <span className="dot" /> {t("plans.calls_live", { count: plan.calls_live })}
            </Pill>
          </Link>
        ) : (
          <Link className="quiet-link" to={`/calls?plan=${plan.id}`}>
            {t("plans.no_calls")}
          </Link>
        )}
      </td>
      <td className="nowrap" title={exactly(plan.modified)}>
        {when(plan.modified)}
        {plan.modified_by && <div className="quiet small">{plan.modified_by}</div>}
      </td>
      <td className="end">
        <RowMenu label={t("plans.menu", { name: plan.name })}>
          <Menu.Item leftSection={<IconExternalLink size={16} />} onClick={() => void navigate(`/plans/${plan.id}`)}>
            {t("plans.open")}
          </Menu.Item>
          <Menu.Item leftSection={<IconPhone size={16} />} onClick={() => void navigate(`/calls?plan=${plan.id}`)}>
            {t("plans.show_calls")}
          </Menu.Item>
          {may.manage && plan.status !== "Mapped" && (
            <Menu.Item leftSection={<IconPhoneIncoming size={16} />} onClick={() => void navigate("/destinations")}>
              {t("plans.map")}
            </Menu.Item>
          )}
          {may.edit && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconForms size={16} />} onClick={() => onOpen({ what: "rename", plan })}>
                {t("plans.rename")}
              </Menu.Item>
              <Menu.Item leftSection={<IconCopyPlus size={16} />} onClick={() => onOpen({ what: "duplicate", plan })}>
                {t("plans.duplicate")}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} />}
                onClick={() => onOpen({ what: "delete", plan })}
              >
                {t("delete")}
              </Menu.Item>
            </>
          )}
        </RowMenu>
      </td>
    </tr>
  );
}

function Problems({ plan }: { plan: PlanRow }) {
  const { t } = useTranslation("pages");
  if (plan.problems === null) return <span className="quiet">{t("plans.unchecked")}</span>;
  const { errors, warnings } = plan.problems;
  if (errors + warnings === 0) return <span className="quiet">{t("plans.no_problems")}</span>;
  return (
    <span className="pills">
      {errors > 0 && <Pill tone="red">{t("plans.errors", { count: errors })}</Pill>}
      {warnings > 0 && <Pill tone="amber">{t("plans.warnings", { count: warnings })}</Pill>}
    </span>
  );
}
