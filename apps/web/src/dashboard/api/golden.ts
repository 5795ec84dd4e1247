import { queryOptions } from "@tanstack/react-query";
import { call } from "./client.ts";
import { PAGE_ROWS } from "./pages.ts";

export interface RunIdea {
  readonly serial: string;
  readonly station: string;
  readonly nest: string;
  readonly times: number;
}

/** What the pages ask of golden units. */
export const golden = {
  units: () =>
    queryOptions({
      queryKey: ["golden", "units"],
      queryFn: async ({ signal }) =>
        (await call("goldenUnits", { query: { limit: PAGE_ROWS } }, signal)).body,
    }),
  nests: () =>
    queryOptions({
      queryKey: ["golden", "nests"],
      queryFn: async ({ signal }) => (await call("goldenNests", { query: {} }, signal)).body,
    }),
  checks: () =>
    queryOptions({
      queryKey: ["golden", "checks"],
      queryFn: async ({ signal }) =>
        (await call("goldenChecks", { query: { limit: 20 } }, signal)).body,
    }),
  rule: (plant: string) =>
    queryOptions({
      queryKey: ["golden", "rule", plant],
      queryFn: async ({ signal }) =>
        (await call("goldenRule", { params: { id: plant } }, signal)).body,
    }),
  ofHost: (id: string) =>
    queryOptions({
      queryKey: ["hosts", id, "golden"],
      queryFn: async ({ signal }) => (await call("hostGolden", { params: { id } }, signal)).body,
    }),
  runPreview: (query: RunIdea) =>
    queryOptions({
      queryKey: ["golden", "preview", query],
      queryFn: async ({ signal }) => (await call("previewGoldenRun", { query }, signal)).body,
      enabled: query.serial !== "" && query.nest !== "",
      staleTime: 0,
      refetchInterval: false,
    }),
};
