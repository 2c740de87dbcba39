/** Lists of the API and what may be done with them. */
import { keepPreviousData, type QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client";
import { sessionQuery } from "../../api/queries";

interface Listing<T> {
  count: number;
  next: number | null;
  results: T[];
}

const LARGEST = 200;
const MOST_PAGES = 20;
const REFRESH = 15_000; // milliseconds; only while somebody looks at the page

/** All rows of a list that an account keeps short: its destinations, keys and the like. */
export function useList<T>(path: string) {
  return useQuery({
    queryKey: [path.slice(1), "all"],
    queryFn: async () => {
      const rows: T[] = [];
      let page: number | null = 1;
      for (let i = 0; i < MOST_PAGES && page !== null; i++) {
        const listing: Listing<T> = await api.get<Listing<T>>(path, { page, size: LARGEST });
        rows.push(...listing.results);
        page = listing.next;
      }
      return rows;
    },
  });
}

/** A long list, searched by the server, read page by page. */
export function usePaged<T>(path: string, search: Record<string, string>) {
  const query = useInfiniteQuery({
    queryKey: [path.slice(1), "paged", search],
    queryFn: ({ pageParam }) => {
      const asked = Object.fromEntries(Object.entries(search).filter(([, value]) => value));
      return api.get<Listing<T>>(path, { page: pageParam, ...asked });
    },
    initialPageParam: 1,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH,
  });
  const pages = query.data?.pages;
  return { ...query, data: pages?.flatMap((page) => page.results), count: pages?.at(-1)?.count ?? 0 };
}

/** Makes, changes and removes rows, then reads again what may have changed with them. */
export function useChanges<T extends { id: string }>(path: string, alsoChanged: string[] = []) {
  const client = useQueryClient();
  const after = async <R>(answer: R): Promise<R> => {
    await refresh(client, [path.slice(1), ...alsoChanged]);
    return answer;
  };
  return {
    make: async (body: object) => after(await api.post<T>(path, body)),
    change: async (id: string, body: object) => after(await api.patch<T>(`${path}/${id}`, body)),
    remove: async (id: string, query = "") => after(await api.remove(`${path}/${id}${query}`)),
  };
}

async function refresh(client: QueryClient, keys: string[]): Promise<void> {
  await Promise.all(keys.map((key) => client.invalidateQueries({ queryKey: [key] })));
}

/** What the role of who is signed in allows; nothing while it is not known. */
export function useMay(): { edit: boolean; call: boolean; manage: boolean } {
  const role = useQuery(sessionQuery).data?.account.role;
  const edit = role === "owner" || role === "editor";
  return { edit, call: edit, manage: role === "owner" };
}
