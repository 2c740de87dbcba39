/** The API has one error shape; this is it as something that can be thrown. */

export interface FieldError {
  path: string;
  code: string;
  message: string;
  /** key of the applet it is about, and the dotted path in its settings */
  applet?: string | null;
  field?: string | null;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: FieldError[] = [],
    readonly extra: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }

  /** Trying the same again may help: the network, or the server's own fault. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500 || this.status === 429;
  }
}

/** Reads `{"error": {...}}`; anything else (a proxy's page, a cut connection) becomes an error with the status alone. */
export function toApiError(status: number, body: unknown): ApiError {
  const error = isRecord(body) && isRecord(body.error) ? body.error : null;
  if (!error) return new ApiError(status, `http_${status}`, `The server answered ${status}.`);
  const { code, message, fields, ...extra } = error;
  return new ApiError(
    status,
    typeof code === "string" ? code : `http_${status}`,
    typeof message === "string" ? message : `The server answered ${status}.`,
    Array.isArray(fields) ? (fields as FieldError[]) : [],
    extra,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
