import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconForms,
  IconMapPin,
  IconPencil,
  IconPlus,
  IconRoute,
  IconTrash,
  IconUnlink,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { DestinationDialog } from "./DestinationDialog";
import { ConfirmRemoval } from "./kit/Confirm";
import { Empty, Listed, NothingFound, Page, Search } from "./kit/Page";
import { useChanges, useList, useMay } from "./kit/resource";
import { Pill, RowMenu } from "./kit/rows";
import type { Destination, Mapping } from "./kit/types";
import { MappingDialog } from "./MappingDialog";
import { ranked } from "./mappings";

type Open =
  | { what: "destination"; row?: Destination }
  | { what: "mapping"; row?: Mapping; destination?: string }
  | { what: "remove"; row: Destination }
  | { what: "unmap"; row: Mapping };

/** Numbers and named routes, and which plan a call to each of them reaches. */
export default function DestinationsPage() {
  const { t } = useTranslation(["pages", "common"]);
  const may = useMay();
  const destinations = useList<Destination>("/destinations");
  const mappings = useList<Mapping>("/mappings");
  const forDestinations = useChanges<Destination>("/destinations", ["mappings", "plans"]);
  const forMappings = useChanges<Mapping>("/mappings", ["destinations", "plans"]);
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const has = (row: Destination) =>
    `${row.address} ${row.name} ${row.description}`.toLowerCase().includes(search.trim().toLowerCase());
  const fresh = may.manage && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ what: "destination" })}>
      {t("destinations.new")}
    </Button>
  );
  return (
    <Page
      title={t("common:nav.destinations")}
      help={t("destinations.help")}
      action={fresh}
      tools={<Search value={search} onChange={setSearch} label={t("destinations.search")} />}
    >
      <Listed
        query={destinations}
        empty={
          <Empty icon={<IconMapPin size={26} stroke={1.5} />} title={t("destinations.empty")} action={fresh}>
            {t(may.manage ? "destinations.empty_help" : "owners_only")}
          </Empty>
        }
      >
        {(rows) => {
          const found = rows.filter(has);
          if (found.length === 0) return <NothingFound what={search} />;
          return (
            <div className="card table-card">
              <table className="table">
                <thead>
                  <tr>
                    <th>{t("destinations.address")}</th>
                    <th>{t("destinations.name")}</th>
                    <th>{t("destinations.connection")}</th>
                    <th>{t("destinations.reaches")}</th>
                    <th aria-label={t("actions")} />
                  </tr>
                </thead>
                <tbody>
                  {found.map((row) => (
                    <Line key={row.id} row={row} mappings={ranked(mappings.data ?? [], row.id)} onOpen={setOpen} />
                  ))}
                </tbody>
              </table>
            </div>
          );
        }}
      </Listed>
      {open?.what === "destination" && <DestinationDialog row={open.row} onClose={close} />}
      {open?.what === "mapping" && <MappingDialog row={open.row} destination={open.destination} onClose={close} />}
      {open?.what === "remove" && (
        <ConfirmRemoval
          title={t("destinations.remove_title", { name: open.row.address })}
          onClose={close}
          onConfirm={() => forDestinations.remove(open.row.id)}
        >
          {t("destinations.remove_help")}
        </ConfirmRemoval>
      )}
      {open?.what === "unmap" && (
        <ConfirmRemoval
          title={t("mappings.remove_title", { name: open.row.live_plan_name })}
          onClose={close}
          onConfirm={() => forMappings.remove(open.row.id)}
        >
          {t("mappings.remove_help", { count: open.row.destinations.length })}
        </ConfirmRemoval>
      )}
    </Page>
  );
}

interface LineProps {
  row: Destination;
  mappings: Mapping[];
  onOpen: (open: Open) => void;
}

function Line({ row, mappings, onOpen }: LineProps) {
  const { t } = useTranslation("pages");
  const may = useMay();
  return (
    <tr>
      <td className="nowrap figures">
        <strong>{row.address}</strong>
        <div className="quiet small">{t(`destinations.kind_${row.kind}`)}</div>
      </td>
      <td className="grow">
        {row.name}
        {row.description && <div className="quiet clip">{row.description}</div>}
        {row.seeds.length > 0 && <SeedTokens names={row.seeds.map((seed) => seed.name)} />}
      </td>
      <td>{row.connection_name ?? <span className="quiet">{t("destinations.no_connection")}</span>}</td>
      <td>
        {mappings.length === 0 && may.manage && (
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => onOpen({ what: "mapping", destination: row.id })}
            leftSection={<IconRoute size={14} />}
          >
            {t("destinations.map")}
          </Button>
        )}
        {mappings.length === 0 && !may.manage && <span className="quiet">{t("destinations.nothing")}</span>}
        {mappings.map((mapping, i) => (
          <Reach key={mapping.id} mapping={mapping} second={i > 0} onOpen={onOpen} />
        ))}
      </td>
      <td className="end">
        {may.manage && (
          <RowMenu label={t("destinations.menu", { name: row.address })}>
            <Menu.Item leftSection={<IconForms size={16} />} onClick={() => onOpen({ what: "destination", row })}>
              {t("edit")}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconRoute size={16} />}
              onClick={() => onOpen({ what: "mapping", destination: row.id })}
            >
              {t(mappings.length ? "destinations.map_again" : "destinations.map")}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} />}
              onClick={() => onOpen({ what: "remove", row })}
            >
              {t("delete")}
            </Menu.Item>
          </RowMenu>
        )}
      </td>
    </tr>
  );
}

/** One mapping of a destination: the first one counts, the rest stand behind it. */
function Reach({ mapping, second, onOpen }: { mapping: Mapping; second: boolean; onOpen: (open: Open) => void }) {
  const { t } = useTranslation("pages");
  const may = useMay();
  return (
    <div className="reach" data-second={second || undefined}>
      <div className="reach-words">
        <Link className="row-link" to={`/plans/${mapping.live_plan}`}>
          {mapping.live_plan_name}
        </Link>{" "}
        <Pill title={t("mappings.priority_help")}>{t("mappings.at", { priority: mapping.priority })}</Pill>
        {second && <span className="quiet small"> {t("mappings.behind")}</span>}
        {!mapping.live_published && (
          <div className="warning small">
            <IconAlertTriangle size={15} stroke={1.8} /> {t("mappings.not_published")}
          </div>
        )}
        {mapping.test_plan && (
          <div className="quiet small">
            {t("mappings.test_of", { count: mapping.sources.length })}{" "}
            <Link to={`/plans/${mapping.test_plan}`}>{mapping.test_plan_name}</Link>
          </div>
        )}
        {mapping.seeds.length > 0 && <SeedTokens names={mapping.seeds.map((seed) => seed.name)} />}
      </div>
      {may.manage && (
        <span className="reach-acts">
          <Tooltip label={t("mappings.edit")}>
            <ActionIcon
              aria-label={`${t("mappings.edit")}: ${mapping.live_plan_name}`}
              onClick={() => onOpen({ what: "mapping", row: mapping })}
            >
              <IconPencil size={16} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("mappings.remove")}>
            <ActionIcon
              aria-label={`${t("mappings.remove")}: ${mapping.live_plan_name}`}
              onClick={() => onOpen({ what: "unmap", row: mapping })}
            >
              <IconUnlink size={16} stroke={1.6} />
            </ActionIcon>
          </Tooltip>
        </span>
      )}
    </div>
  );
}

function SeedTokens({ names }: { names: string[] }) {
  return (
    <div className="tokens small">
      {names.map((name) => (
        <span className="token" key={name}>{`$(${name})`}</span>
      ))}
    </div>
  );
}
