import { Button, TextInput } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import type { PlacedApplet, ConnectorTest as Result } from "../api/types";
import { useEditor } from "../edit/context";
import { isRecord, placeholdersIn } from "../form/paths";

/** Sends the request with sample values and shows what came of it. Works on what is in the form, saved or not. */
export function ConnectorTest({ applet }: { applet: PlacedApplet }) {
  const { t } = useTranslation("form");
  const editor = useEditor();
  const { request } = applet.settings;
  const inUse = placeholdersIn(request, "$");
  const secrets = placeholdersIn(request, "#");
  const [defined, setDefined] = useState<string[] | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const [result, setResult] = useState<Result | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const ready = isRecord(request) && typeof request.url === "string" && request.url.trim() !== "";
  const fresh = defined !== null && defined.join("\n") === inUse.join("\n");

  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      const wanted = Object.fromEntries(inUse.map((name) => [name, values[name] ?? ""]));
      setResult(
        await api.post<Result>(`/plans/${editor.id}/connector-test`, { settings: applet.settings, values: wanted }),
      );
    } catch (thrown) {
      setResult(null);
      setError(thrown instanceof Error ? thrown.message : String(thrown));
    } finally {
      setBusy(false);
    }
  };

  if (!ready) return <p className="quiet">{t("connector.no_url")}</p>;
  return (
    <div className="test">
      <p className="quiet">{t("connector.run_help")}</p>
      {inUse.length === 0 && <p className="quiet">{t("connector.no_placeholders")}</p>}
      {inUse.length > 0 && !fresh && (
        <Button variant="default" onClick={() => setDefined(inUse)}>
          {t(defined === null ? "connector.define" : "connector.define_again")}
        </Button>
      )}
      {defined?.map((name) => (
        <div className="field" key={name}>
          <div className="field-head">
            <label htmlFor={`sample-${name}`}>
              <span className="token">$({name})</span>
            </label>
          </div>
          <TextInput
            id={`sample-${name}`}
            aria-label={t("connector.value_of", { name })}
            value={values[name] ?? ""}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
        </div>
      ))}
      {secrets.length > 0 && <p className="quiet">{t("connector.settings_note", { name: `#(${secrets[0]})` })}</p>}
      <Button
        leftSection={<IconPlayerPlay size={15} />}
        loading={busy}
        disabled={inUse.length > 0 && !fresh}
        onClick={() => void run()}
      >
        {t("connector.run")}
      </Button>
      {error && (
        <p className="field-note" data-grade="error" role="alert">
          {error}
        </p>
      )}
      {result && <Outcome result={result} />}
    </div>
  );
}

function Outcome({ result }: { result: Result }) {
  const { t } = useTranslation("form");
  const failed = result.error !== "" || result.status === null || result.status >= 400;
  return (
    <div className="outcome" aria-live="polite">
      <div className="outcome-line">
        <span className="pill figures" data-tone={failed ? "red" : "green"}>
          {result.status ?? "—"}
        </span>
        <span className="quiet figures">{t("connector.seconds", { seconds: result.seconds.toFixed(2) })}</span>
        {result.words && <span className="outcome-error">{result.words}</span>}
      </div>
      {result.values.length > 0 ? (
        <table className="outcome-table">
          <thead>
            <tr>
              <th>{t("connector.destination")}</th>
              <th>{t("connector.value")}</th>
              <th>{t("connector.issues")}</th>
            </tr>
          </thead>
          <tbody>
            {result.values.map((value) => (
              <tr key={value.destination}>
                <td>
                  <span className="token">{value.destination}</span>
                </td>
                <td className="figures">{value.value ?? <i className="quiet">{t("connector.null")}</i>}</td>
                <td className="outcome-error">{value.issues.join(" ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <p className="quiet">{t("connector.nothing")}</p>
      )}
      {result.issues.map((issue) => (
        <p key={issue} className="field-note" data-grade="warning">
          {issue}
        </p>
      ))}
      <h3 className="section">{t("connector.answer")}</h3>
      <pre className="outcome-body" data-failed={failed || undefined}>
        {result.body || " "}
      </pre>
      <h3 className="section">{t("connector.request")}</h3>
      <pre className="outcome-body">
        {[
          `${result.request.method} ${result.request.url}`,
          ...result.request.headers.map((header) => `${header.key}: ${header.value}`),
          ...(result.request.body ? ["", result.request.body] : []),
        ].join("\n")}
      </pre>
    </div>
  );
}
