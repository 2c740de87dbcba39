import { Loader, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Trouble } from "../../app/Trouble";
import "../pages.css";

interface PageProps {
  title: string;
  /** One sentence: what these things are for. */
  help: ReactNode;
  action?: ReactNode;
  tools?: ReactNode;
  children: ReactNode;
}

/** A list page: what it is, the one thing to do here, and the list. */
export function Page({ title, help, action, tools, children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("product")}`;
  }, [title, t]);
  return (
    <>
      <div className="page-head">
        <div>
          <h1>{title}</h1>
          <p className="quiet">{help}</p>
        </div>
        {action}
      </div>
      {tools && <div className="page-tools">{tools}</div>}
      {children}
    </>
  );
}

interface ListedProps<T> {
  query: { data: T[] | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  /** What to show when there is nothing at all, and when the search found nothing. */
  empty: ReactNode;
  children: (rows: T[]) => ReactNode;
}

/** A list that is loading, broken, empty or there. */
export function Listed<T>({ query, empty, children }: ListedProps<T>) {
  const { t } = useTranslation();
  if (query.data === undefined) {
    if (query.isPending) {
      return (
        <div className="card list-wait">
          <Loader size="sm" aria-label={t("loading")} />
        </div>
      );
    }
    return (
      <div className="card">
        <Trouble error={query.error} again={() => void query.refetch()} />
      </div>
    );
  }
  return <>{query.data.length === 0 ? empty : children(query.data)}</>;
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

/** An empty list says what would be here and what to do first. */
export function Empty({ icon, title, children, action }: EmptyProps) {
  return (
    <div className="card empty">
      <div className="empty-icon">{icon}</div>
      <h2>{title}</h2>
      <p className="quiet">{children}</p>
      {action}
    </div>
  );
}

interface SearchProps {
  value: string;
  onChange: (text: string) => void;
  label: string;
}

export function Search({ value, onChange, label }: SearchProps) {
  return (
    <TextInput
      className="search"
      type="search"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      placeholder={label}
      aria-label={label}
      leftSection={<IconSearch size={16} stroke={1.6} />}
    />
  );
}

/** Nothing matches what was searched for. */
export function NothingFound({ what }: { what: string }) {
  const { t } = useTranslation("pages");
  return <div className="card list-wait quiet">{t("nothing_found", { what })}</div>;
}
