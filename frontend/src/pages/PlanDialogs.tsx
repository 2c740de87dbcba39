import { Checkbox, Loader, Textarea, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { api } from "../api/client";
import type { PlanRow } from "../api/types";
import { FormDialog } from "./kit/Dialog";
import { useChanges } from "./kit/resource";
import type { Impact } from "./kit/types";

/** A new plan, or another name for one there is. */
export function PlanDialog({ plan, onClose }: { plan?: PlanRow; onClose: () => void }) {
  const { t } = useTranslation("pages");
  const navigate = useNavigate();
  const plans = useChanges<PlanRow>("/plans");
  const [name, setName] = useState(plan?.name ?? "");
  const [description, setDescription] = useState(plan?.description ?? "");
  const save = async () => {
    if (plan) await plans.change(plan.id, { name, description });
    else {
      const made = await plans.make({ name, description });
      void navigate(`/plans/${made.id}`);
    }
  };
  return (
    <FormDialog
      title={t(plan ? "plans.rename_title" : "plans.new")}
      submit={t(plan ? "save" : "plans.make")}
      fields={["name", "description"]}
      onClose={onClose}
      onSubmit={save}
    >
      {(errors) => (
        <>
          <TextInput
            data-autofocus
            label={t("plans.name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errors("name")}
            maxLength={120}
            required
          />
          <Textarea
            label={t("plans.description")}
            description={t("plans.description_help")}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            error={errors("description")}
            autosize
            minRows={2}
          />
        </>
      )}
    </FormDialog>
  );
}

export function DuplicatePlan({ plan, onClose }: { plan: PlanRow; onClose: () => void }) {
  const { t } = useTranslation("pages");
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState(t("plans.copy_of", { name: plan.name }));
  const save = async () => {
    const made = await api.post<PlanRow>(`/plans/${plan.id}/duplicate`, { name });
    void client.invalidateQueries({ queryKey: ["plans"] });
    void navigate(`/plans/${made.id}`);
  };
  return (
    <FormDialog
      title={t("plans.duplicate_title", { name: plan.name })}
      submit={t("plans.duplicate")}
      fields={["name"]}
      onClose={onClose}
      onSubmit={save}
    >
      {(errors) => (
        <TextInput
          data-autofocus
          label={t("plans.copy_name")}
          description={t("plans.copy_help")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errors("name")}
          maxLength={120}
          required
        />
      )}
    </FormDialog>
  );
}

/** Deleting says first what would break, and asks for a tick where something would. */
export function DeletePlan({ plan, onClose }: { plan: PlanRow; onClose: () => void }) {
  const { t } = useTranslation("pages");
  const plans = useChanges<PlanRow>("/plans", ["destinations", "mappings", "calls"]);
  const impact = useQuery({
    queryKey: ["plans", plan.id, "impact"],
    queryFn: () => api.get<Impact>(`/plans/${plan.id}/impact`),
    staleTime: 0,
    gcTime: 0,
  });
  const [sure, setSure] = useState(false);
  const broken = impact.data;
  const breaks = broken !== undefined && (broken.destinations.length > 0 || broken.mappings.length > 0);
  const live = broken !== undefined && broken.calls_live > 0;
  return (
    <FormDialog
      title={t("plans.delete_title", { name: plan.name })}
      submit={t("plans.delete")}
      fields={[]}
      danger
      disabled={broken === undefined || live || (breaks && !sure)}
      onClose={onClose}
      onSubmit={() => plans.remove(plan.id, breaks ? "?confirm=true" : "")}
    >
      {() => (
        <>
          {broken === undefined && (impact.isError ? <p>{impact.error.message}</p> : <Loader size="sm" />)}
          {live && (
            <p className="form-trouble" role="alert">
              <IconAlertTriangle size={17} stroke={1.8} />
              <span>
                {t("plans.delete_live", { count: broken.calls_live })}{" "}
                <Link to={`/calls?plan=${plan.id}&state=live`}>{t("plans.show_calls")}</Link>
              </span>
            </p>
          )}
          {breaks && (
            <div className="breaks">
              <p>{t("plans.delete_breaks", { count: broken.destinations.length })}</p>
              <ul>
                {broken.destinations.map((d) => (
                  <li key={d.id}>
                    <strong className="figures">{d.address}</strong> {d.name}
                  </li>
                ))}
              </ul>
              <Checkbox
                label={t("plans.delete_sure")}
                checked={sure}
                onChange={(event) => setSure(event.currentTarget.checked)}
                disabled={live}
              />
            </div>
          )}
          {broken !== undefined && !breaks && !live && (
            <p className="fine">
              <IconCircleCheck size={17} stroke={1.8} /> {t("plans.delete_fine")}
            </p>
          )}
          {broken !== undefined && (
            <p className="quiet">
              {t("plans.delete_with")} {broken.calls_past > 0 && t("plans.delete_calls", { count: broken.calls_past })}
            </p>
          )}
        </>
      )}
    </FormDialog>
  );
}
