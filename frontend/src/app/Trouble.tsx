import { Button, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isRouteErrorResponse, Link, useRouteError } from "react-router";
import { ApiError } from "../api/errors";

interface TroubleProps {
  error: unknown;
  again?: () => void;
}

/** What a page shows when it has nothing to show: plain words and a way on. */
export function Trouble({ error, again }: TroubleProps) {
  const { t } = useTranslation();
  const status = error instanceof ApiError ? error.status : isRouteErrorResponse(error) ? error.status : -1;
  const [title, words] =
    status === 404
      ? [t("error.not_found"), t("error.not_found_help")]
      : status === 401 || status === 403
        ? [t("error.signed_out"), t("error.signed_out_help")]
        : [t("error.title"), status === 0 ? t("error.unreachable") : error instanceof Error ? error.message : ""];
  return (
    <div className="centre" role="alert">
      <Stack gap="xs" align="center" maw={440}>
        <Title order={2}>{title}</Title>
        <Text c="dimmed">{words}</Text>
        <div>
          {again && (
            <Button onClick={again} mr="xs">
              {t("retry")}
            </Button>
          )}
          <Button component={Link} to="/plans" variant="default">
            {t("error.home")}
          </Button>
        </div>
      </Stack>
    </div>
  );
}

export function RouteTrouble() {
  return <Trouble error={useRouteError()} again={() => location.reload()} />;
}
