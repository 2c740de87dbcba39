import createClient, { type Middleware } from "openapi-fetch";
import { ApiError, toApiError } from "./errors";

type Method = "get" | "post" | "patch" | "put" | "delete";
type Query = Record<string, string | number | boolean | null | undefined>;
type LoosePaths = Record<
  string,
  Record<Method, { parameters: { query?: Query }; requestBody?: unknown; responses: never }>
>;

let csrf = "";

/** The session tells the token once; every write carries it from then on. */
export function setCsrf(token: string): void {
  csrf = token;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && csrf) request.headers.set("X-CSRFToken", csrf);
    return request;
  },
};

const client = createClient<LoosePaths>({ baseUrl: "/api/v1", credentials: "same-origin" });
client.use(guard);

/** Sends one request; throws ApiError for everything that is not 2xx, with status 0 when the server was not reached. */
export async function request<T>(method: Method, path: string, body?: unknown, query?: Query): Promise<T> {
  const options = { ...(body === undefined ? {} : { body }), params: { query: clean(query) } };
  let answer: { data?: unknown; error?: unknown; response: Response };
  try {
    answer = (await client.request(method, path, options as never)) as typeof answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", "The server cannot be reached.");
  }
  if (!answer.response.ok) throw toApiError(answer.response.status, parse(answer.error));
  return answer.data as T;
}

export const api = {
  get: <T>(path: string, query?: Query) => request<T>("get", path, undefined, query),
  post: <T>(path: string, body: unknown = {}) => request<T>("post", path, body),
  patch: <T>(path: string, body: unknown) => request<T>("patch", path, body),
  put: <T>(path: string, body: unknown) => request<T>("put", path, body),
  remove: <T = void>(path: string) => request<T>("delete", path),
};

function clean(query: Query | undefined): Query {
  return Object.fromEntries(Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null));
}

function parse(body: unknown): unknown {
  if (typeof body !== "string") return body;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
