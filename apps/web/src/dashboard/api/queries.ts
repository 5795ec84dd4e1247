import { RefusedError } from "@flashline/contract";
import { keepPreviousData, QueryClient, queryOptions } from "@tanstack/react-query";
import { call } from "./client.ts";

/** Live events renew what changed at once; this is for what no event tells, and for lost connections. */
const REFRESH_MS = 30_000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchInterval: REFRESH_MS,
        placeholderData: keepPreviousData,
        retry: (failures, error) => !(error instanceof RefusedError) && failures < 2,
      },
    },
  });
}

export interface AttemptFilter {
  readonly outcome?: "PASS" | "FAIL" | undefined;
  readonly station?: string | undefined;
  readonly host?: string | undefined;
  readonly limit?: number | undefined;
}
export interface UnitFilter {
  readonly search?: string | undefined;
  readonly state?: string | undefined;
}

export const queries = {
  session: () =>
    queryOptions({
      queryKey: ["session"],
      queryFn: async ({ signal }) => (await call("session", {}, signal)).body,
      retry: false,
    }),
  yield: (product?: string) =>
    queryOptions({
      queryKey: ["yield", product ?? null],
      queryFn: async ({ signal }) => (await call("yield", { query: { product } }, signal)).body,
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
  units: (filter: UnitFilter) =>
    queryOptions({
      queryKey: ["units", filter],
      queryFn: async ({ signal }) =>
        (await call("units", { query: { ...filter, limit: 100 } }, signal)).body,
    }),
  unit: (id: string) =>
    queryOptions({
      queryKey: ["unit", id],
      queryFn: async ({ signal }) => (await call("unit", { params: { id } }, signal)).body,
    }),
  attempts: (filter: AttemptFilter) =>
    queryOptions({
      queryKey: ["attempts", filter],
      queryFn: async ({ signal }) => (await call("attempts", { query: filter }, signal)).body,
    }),
  attempt: (id: string) =>
    queryOptions({
      queryKey: ["attempt", id],
      queryFn: async ({ signal }) => (await call("attempt", { params: { id } }, signal)).body,
    }),
  releases: (product?: string) =>
    queryOptions({
      queryKey: ["releases", product ?? null],
      queryFn: async ({ signal }) => (await call("releases", { query: { product } }, signal)).body,
    }),
  release: (id: string) =>
    queryOptions({
      queryKey: ["release", id],
      queryFn: async ({ signal }) => (await call("release", { params: { id } }, signal)).body,
    }),
  workOrders: () =>
    queryOptions({
      queryKey: ["work-orders"],
      queryFn: async ({ signal }) => (await call("workOrders", {}, signal)).body,
    }),
  hosts: () =>
    queryOptions({
      queryKey: ["hosts"],
      queryFn: async ({ signal }) => (await call("hosts", {}, signal)).body,
    }),
};
