import { QueryClient, queryOptions } from "@tanstack/react-query";
import { api, setCsrf } from "./client";
import { ApiError } from "./errors";
import type { AppletType, Draft, PlanRow, Session } from "./types";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (times, error) => error instanceof ApiError && error.passing && times < 2,
    },
    mutations: { retry: false },
  },
});

/** Who is signed in, on which account. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    const session = await api.get<Session>("/session");
    setCsrf(session.csrf);
    return session;
  },
  staleTime: 5 * 60_000,
});

/** The applet types; they change only when the server does. */
export const catalogueQuery = queryOptions({
  queryKey: ["applets"],
  queryFn: () => api.get<AppletType[]>("/applets"),
  staleTime: Number.POSITIVE_INFINITY,
});

export const draftQuery = (plan: string) =>
  queryOptions({
    queryKey: ["plans", plan, "draft"],
    queryFn: () => api.get<Draft>(`/plans/${plan}/draft`),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** A frozen drawing, in the shape of a draft: what a call runs on. */
export const versionQuery = (version: string) =>
  queryOptions({
    queryKey: ["versions", version],
    queryFn: () => api.get<Draft>(`/versions/${version}`),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const planQuery = (plan: string) =>
  queryOptions({ queryKey: ["plans", plan], queryFn: () => api.get<PlanRow>(`/plans/${plan}`) });
