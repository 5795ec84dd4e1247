import {
  type AttemptSort,
  type ListedSelection,
  type OrderSort,
  RefusedError,
  type ReleaseSort,
  type UnitSort,
  type UnitState,
  type YieldQuery,
} from "@flashline/contract";
import {
  infiniteQueryOptions,
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
} from "@tanstack/react-query";
import { call, isLoggedOut } from "./client.ts";
import { KEPT } from "./kept.ts";
import { isReadOn, nextPlace, PAGE_ROWS, rowsOf } from "./pages.ts";

/** Live events renew what changed at once; this is for what no event tells, and for lost connections. */
const REFRESH_MS = 30_000;
const SESSION = ["session"] as const;

export function createQueryClient(): QueryClient {
  /** Whoever is told that the session has ended: the page asks who is logged in, and shows the log-in. */
  const hear = (error: unknown): void => {
    const wasLoggedIn = client.getQueryData(SESSION) !== undefined;
    if (wasLoggedIn && isLoggedOut(error)) void client.invalidateQueries({ queryKey: SESSION });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => queryKey[0] !== SESSION[0] && hear(error),
    }),
    mutationCache: new MutationCache({ onError: hear }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchInterval: REFRESH_MS,
        retry: (failures, error) => !(error instanceof RefusedError) && failures < 2,
      },
    },
  });
  return client;
}

/** What a page asks for: a filter that is not chosen is undefined. */
type Asked<Query> = { readonly [Key in keyof Query]?: Query[Key] | undefined };
export type AttemptFilter = Asked<ListedSelection & { sort: AttemptSort }>;
export type UnitFilter = Asked<
  ListedSelection & { search: string; state: UnitState; sort: UnitSort }
>;
export type ReleaseFilter = Asked<{ product: string; sort: ReleaseSort }>;
export type YieldFilter = Asked<YieldQuery>;

/** A list whose further pages are asked for one after the other. */
function listOptions<Row extends { readonly id: string }>(
  key: readonly unknown[],
  read: (page: { limit: number; after: string | undefined }, signal: AbortSignal) => Promise<Row[]>,
  placeOf: (row: Row) => string | undefined,
) {
  return infiniteQueryOptions({
    ...KEPT,
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read({ limit: PAGE_ROWS, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Row[]) => nextPlace(last, placeOf),
    select: rowsOf<Row>,
    // Who reads on in a long list has it stand still; each renewal would ask for all of its pages anew.
    refetchInterval: (query) => (isReadOn(query) ? false : REFRESH_MS),
  });
}
const idOf = ({ id }: { readonly id: string }): string => id;

export const queries = {
  session: () =>
    queryOptions({
      queryKey: SESSION,
      queryFn: async ({ signal }) => (await call("session", {}, signal)).body,
      retry: false,
    }),
  loginWays: () =>
    queryOptions({
      queryKey: ["loginWays"],
      queryFn: async ({ signal }) => (await call("loginWays", {}, signal)).body,
    }),
  yield: (query: YieldFilter) =>
    queryOptions({
      ...KEPT,
      queryKey: ["yield", query],
      queryFn: async ({ signal }) => (await call("yield", { query }, signal)).body,
    }),
  /** The same by its parts or phases. Of a long time these cost the server more, and are not renewed with each attempt. */
  yieldParts: (query: YieldFilter) =>
    queryOptions({
      ...KEPT,
      queryKey: ["yield parts", query],
      queryFn: async ({ signal }) => (await call("yield", { query }, signal)).body,
    }),
  /** A line in the shift that is on. */
  pace: (query: { readonly plant: string; readonly line: string }) =>
    queryOptions({
      queryKey: ["pace", query],
      queryFn: async ({ signal }) => (await call("pace", { query }, signal)).body,
    }),
  stationDoctor: (station: string) =>
    queryOptions({
      queryKey: ["stationDoctor", station],
      queryFn: async ({ signal }) =>
        (await call("stationDoctor", { params: { id: station } }, signal)).body,
    }),
  stations: () =>
    queryOptions({
      queryKey: ["stations"],
      queryFn: async ({ signal }) => (await call("stations", {}, signal)).body,
    }),
  products: () =>
    queryOptions({
      queryKey: ["products"],
      queryFn: async ({ signal }) => (await call("products", {}, signal)).body,
    }),
  plants: () =>
    queryOptions({
      queryKey: ["plants"],
      queryFn: async ({ signal }) => (await call("plants", {}, signal)).body,
    }),
  /** Those that were disabled too: what they did is still asked for. */
  people: () =>
    queryOptions({
      queryKey: ["people"],
      queryFn: async ({ signal }) =>
        (await call("people", { query: { state: "all", limit: 500 } }, signal)).body,
    }),
  openAlarms: (plant: string | undefined) =>
    queryOptions({
      queryKey: ["alarms", "open", plant ?? null],
      queryFn: async ({ signal }) =>
        (await call("alarms", { query: { plant, limit: 50 } }, signal)).body,
    }),
  leadCalls: () =>
    queryOptions({
      queryKey: ["alarms", "calls"],
      queryFn: async ({ signal }) =>
        (await call("alarms", { query: { rule: "lead.called", limit: 20 } }, signal)).body,
    }),
  units: (filter: UnitFilter) =>
    listOptions(
      ["units", filter],
      async (page, signal) => (await call("units", { query: { ...filter, ...page } }, signal)).body,
      ({ cursor }) => cursor,
    ),
  unit: (id: string) =>
    queryOptions({
      queryKey: ["unit", id],
      queryFn: async ({ signal }) => (await call("unit", { params: { id } }, signal)).body,
    }),
  /** With its holds and the releases that were flashed onto it. */
  dossier: (id: string) =>
    queryOptions({
      queryKey: ["unit", id, "dossier"],
      queryFn: async ({ signal }) => (await call("dossier", { params: { id } }, signal)).body,
    }),
  attempts: (filter: AttemptFilter) =>
    listOptions(
      ["attempts", "all", filter],
      async (page, signal) =>
        (await call("attempts", { query: { ...filter, ...page } }, signal)).body,
      idOf,
    ),
  /** Only the first ones, for a page that is about something else. */
  latestAttempts: (limit: number) =>
    queryOptions({
      queryKey: ["attempts", "latest", limit],
      queryFn: async ({ signal }) => (await call("attempts", { query: { limit } }, signal)).body,
    }),
  attempt: (id: string) =>
    queryOptions({
      queryKey: ["attempt", id],
      queryFn: async ({ signal }) => (await call("attempt", { params: { id } }, signal)).body,
    }),
  releases: (filter: ReleaseFilter) =>
    listOptions(
      ["releases", filter],
      async (page, signal) =>
        (await call("releases", { query: { ...filter, ...page } }, signal)).body,
      idOf,
    ),
  release: (id: string) =>
    queryOptions({
      queryKey: ["release", id],
      queryFn: async ({ signal }) => (await call("release", { params: { id } }, signal)).body,
    }),
  /** Versions of the latest releases, for choosing. */
  releaseNames: (product?: string) =>
    queryOptions({
      queryKey: ["releases", "names", product ?? null],
      queryFn: async ({ signal }) => {
        const { body } = await call("releases", { query: { product, limit: PAGE_ROWS } }, signal);
        return body.map(({ version }) => version);
      },
    }),
  /** Numbers of the latest work orders, for choosing. */
  orderNames: () =>
    queryOptions({
      queryKey: ["work-orders", "names"],
      queryFn: async ({ signal }) => {
        const { body } = await call("workOrders", { query: { limit: PAGE_ROWS } }, signal);
        return body.map(({ number }) => number);
      },
    }),
  workOrders: (sort?: OrderSort) =>
    listOptions(
      ["work-orders", sort ?? null],
      async (page, signal) => (await call("workOrders", { query: { sort, ...page } }, signal)).body,
      idOf,
    ),
  hostVerdicts: (id: string) =>
    queryOptions({
      queryKey: ["hosts", id, "verdicts"],
      queryFn: async ({ signal }) => (await call("hostVerdicts", { params: { id } }, signal)).body,
    }),
  hostPacing: (id: string) =>
    queryOptions({
      queryKey: ["hosts", id, "pacing"],
      queryFn: async ({ signal }) => (await call("hostPacing", { params: { id } }, signal)).body,
    }),
  profilePreview: (id: string, profile: "standard" | "gentle" | "none") =>
    queryOptions({
      queryKey: ["hosts", id, "profile", profile],
      queryFn: async ({ signal }) =>
        (await call("previewHostProfile", { params: { id }, query: { profile } }, signal)).body,
    }),
  plantGuard: (id: string) =>
    queryOptions({
      queryKey: ["plants", id, "guard"],
      queryFn: async ({ signal }) => (await call("plantGuard", { params: { id } }, signal)).body,
    }),
  repairPreview: (id: string) =>
    queryOptions({
      queryKey: ["hosts", id, "repair"],
      queryFn: async ({ signal }) =>
        (await call("previewHostRepair", { params: { id } }, signal)).body,
    }),
  hosts: () =>
    queryOptions({
      queryKey: ["hosts"],
      queryFn: async ({ signal }) => (await call("hosts", {}, signal)).body,
    }),
};
