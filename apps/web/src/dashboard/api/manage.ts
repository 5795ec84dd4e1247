import type { AlarmRule } from "@flashline/contract";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "./client.ts";
import { KEPT } from "./kept.ts";
import { nextPlace, PAGE_ROWS, rowsOf } from "./pages.ts";

/** What a dry run or a preview answers is asked anew each time it is looked at. */
const FRESH = { staleTime: 0, refetchInterval: false } as const;

export interface AlarmFilter {
  readonly state: "open" | "over" | "all";
  readonly rule?: AlarmRule | undefined;
  readonly plant?: string | undefined;
}
export interface AuditFilter {
  readonly kind?: string | undefined;
  readonly whoKind?: "person" | "token" | "station" | "system" | "nobody" | undefined;
  readonly who?: string | undefined;
  readonly subject?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}
export interface LabelIdea {
  readonly serial: string;
  readonly template: string;
  readonly scanBack: string | null;
}
export interface PushIdea {
  readonly version: string;
  readonly plant?: string;
  readonly lines?: string;
  readonly stations?: string;
  readonly downgrade?: string;
}
export interface CanaryIdea {
  readonly stations?: string;
  readonly units?: number;
  readonly predecessor?: string;
  readonly channels?: string;
}

/** What the pages ask by which a plant is run. */
export const manage = {
  parts: () =>
    queryOptions({
      queryKey: ["parts"],
      queryFn: async ({ signal }) => (await call("parts", {}, signal)).body,
      staleTime: Number.POSITIVE_INFINITY,
      refetchInterval: false,
    }),
  ranges: (product?: string) =>
    queryOptions({
      queryKey: ["ranges", product ?? null],
      queryFn: async ({ signal }) => (await call("ranges", { query: { product } }, signal)).body,
    }),
  label: (id: string) =>
    queryOptions({
      queryKey: ["label", id],
      queryFn: async ({ signal }) => (await call("label", { params: { id } }, signal)).body,
    }),
  labelPreview: (id: string, body: LabelIdea) =>
    queryOptions({
      ...FRESH,
      queryKey: ["label-preview", id, body],
      queryFn: async ({ signal }) =>
        (await call("previewLabel", { params: { id }, body }, signal)).body,
      // What is wrong with a template stays wrong.
      retry: false,
      placeholderData: (before) => before,
    }),
  /** Of the unit that was worked on last; null: no unit was worked on. */
  latestSerial: (product: string) =>
    queryOptions({
      queryKey: ["units", "latest", product],
      queryFn: async ({ signal }) =>
        (await call("units", { query: { product, limit: 1 } }, signal)).body[0]?.serial ?? null,
    }),
  lines: () =>
    queryOptions({
      queryKey: ["lines"],
      queryFn: async ({ signal }) => (await call("lines", {}, signal)).body,
    }),
  /** The first 500 of these days; a plant of ten lines with three shifts has as many in two weeks. */
  plans: (query: {
    plant?: string | undefined;
    line?: string | undefined;
    from: string;
    to: string;
  }) =>
    queryOptions({
      ...KEPT,
      queryKey: ["plans", query],
      queryFn: async ({ signal }) => (await call("plans", { query }, signal)).body,
    }),
  /** Those that are retired too. */
  allLines: () =>
    queryOptions({
      queryKey: ["lines", "all"],
      queryFn: async ({ signal }) =>
        (await call("lines", { query: { state: "all" } }, signal)).body,
    }),
  allPlants: () =>
    queryOptions({
      queryKey: ["plants", "all"],
      queryFn: async ({ signal }) =>
        (await call("plants", { query: { state: "all" } }, signal)).body,
    }),
  retirement: (what: "plant" | "line", id: string) =>
    queryOptions({
      queryKey: ["retirement", what, id],
      queryFn: async ({ signal }) =>
        what === "plant"
          ? (await call("plantRetirement", { params: { id } }, signal)).body
          : (await call("lineRetirement", { params: { id } }, signal)).body,
      ...FRESH,
    }),
  move: (station: string, query: { readonly plant: string; readonly line: string }) =>
    queryOptions({
      queryKey: ["move", station, query],
      queryFn: async ({ signal }) =>
        (await call("previewMove", { params: { id: station }, query }, signal)).body,
      ...FRESH,
    }),
  stationOperators: (id: string) =>
    queryOptions({
      queryKey: ["operators", id],
      queryFn: async ({ signal }) =>
        (await call("stationOperators", { params: { id } }, signal)).body,
    }),
  workOrder: (id: string) =>
    queryOptions({
      queryKey: ["work-orders", "one", id],
      queryFn: async ({ signal }) => (await call("workOrder", { params: { id } }, signal)).body,
    }),
  /** Released releases of a product that an order may name. */
  releasesOf: (product: string) =>
    queryOptions({
      queryKey: ["releases", "of", product],
      queryFn: async ({ signal }) =>
        (await call("releases", { query: { product, limit: 200 } }, signal)).body,
      enabled: product !== "",
    }),
  channels: (product?: string) =>
    queryOptions({
      queryKey: ["channels", product ?? null],
      queryFn: async ({ signal }) => (await call("channels", { query: { product } }, signal)).body,
    }),
  holds: () =>
    queryOptions({
      queryKey: ["holds"],
      queryFn: async ({ signal }) => (await call("holds", { query: { limit: 200 } }, signal)).body,
    }),
  holdEffect: (target: Readonly<Record<string, string>> & { readonly kind: string }) =>
    queryOptions({
      queryKey: ["hold-effect", target],
      queryFn: async ({ signal }) =>
        (await call("previewHold", { query: target as never }, signal)).body,
      ...FRESH,
    }),
  dryRun: (id: string, query: CanaryIdea) =>
    queryOptions({
      queryKey: ["dry-run", id, query],
      queryFn: async ({ signal }) =>
        (await call("releaseDryRun", { params: { id }, query }, signal)).body,
      ...FRESH,
    }),
  radius: (id: string) =>
    queryOptions({
      queryKey: ["radius", id],
      queryFn: async ({ signal }) => (await call("releaseRadius", { params: { id } }, signal)).body,
      ...FRESH,
    }),
  /** The latest units that got a release. */
  attemptsOf: (product: string, release: string) =>
    queryOptions({
      queryKey: ["attempts", "of", product, release],
      queryFn: async ({ signal }) =>
        (await call("attempts", { query: { product, release, limit: 10 } }, signal)).body,
    }),
  /** A release's yield of the last 30 days, beside that of the release before it. */
  releaseYield: (product: string, release: string) =>
    queryOptions({
      queryKey: ["yield", "release", product, release],
      queryFn: async ({ signal }) => {
        const query = {
          product,
          release,
          window: "last-30-days",
          against: "release-before",
        } as const;
        return (await call("yield", { query }, signal)).body;
      },
    }),
  exceptions: (product?: string) =>
    queryOptions({
      queryKey: ["exceptions", product ?? null],
      queryFn: async ({ signal }) =>
        (await call("exceptions", { query: { product } }, signal)).body,
    }),
  people: (state: "active" | "disabled" | "all", search: string) =>
    infiniteQueryOptions({
      ...KEPT,
      queryKey: ["people", "list", state, search],
      queryFn: async ({ pageParam, signal }) => {
        const query = { state, limit: PAGE_ROWS, after: pageParam, search: search || undefined };
        return (await call("people", { query }, signal)).body;
      },
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => nextPlace(last, ({ name }) => name),
      select: rowsOf,
    }),
  ownSessions: () =>
    queryOptions({
      queryKey: ["own-sessions"],
      queryFn: async ({ signal }) => (await call("ownSessions", {}, signal)).body,
    }),
  person: (id: string) =>
    queryOptions({
      queryKey: ["people", "one", id],
      queryFn: async ({ signal }) => (await call("person", { params: { id } }, signal)).body,
    }),
  tokens: (state: "valid" | "all") =>
    queryOptions({
      ...KEPT,
      queryKey: ["tokens", state],
      queryFn: async ({ signal }) => (await call("tokens", { query: { state } }, signal)).body,
    }),
  stationVersions: () =>
    queryOptions({
      queryKey: ["agent-updates", "stations"],
      queryFn: async ({ signal }) => (await call("stationVersions", {}, signal)).body,
    }),
  agentUpdates: () =>
    queryOptions({
      queryKey: ["agent-updates", "list"],
      queryFn: async ({ signal }) => (await call("updates", {}, signal)).body,
    }),
  pushes: () =>
    queryOptions({
      queryKey: ["agent-updates", "pushes"],
      queryFn: async ({ signal }) => (await call("pushes", { query: { limit: 5 } }, signal)).body,
    }),
  pushPlan: (query: PushIdea) =>
    queryOptions({
      queryKey: ["agent-updates", "plan", query],
      queryFn: async ({ signal }) => (await call("previewPush", { query }, signal)).body,
      ...FRESH,
    }),
  keys: () =>
    queryOptions({
      queryKey: ["keys"],
      queryFn: async ({ signal }) => (await call("keys", {}, signal)).body,
    }),
  keyRadius: (keyId: string) =>
    queryOptions({
      queryKey: ["keys", keyId, "radius"],
      queryFn: async ({ signal }) => (await call("keyRadius", { params: { keyId } }, signal)).body,
      ...FRESH,
    }),
  badges: (state: "on" | "all") =>
    queryOptions({
      ...KEPT,
      queryKey: ["badges", state],
      queryFn: async ({ signal }) => (await call("badges", { query: { state } }, signal)).body,
    }),
  badgeKeys: () =>
    queryOptions({
      queryKey: ["badges", "keys"],
      queryFn: async ({ signal }) => (await call("badgeKeys", {}, signal)).body,
    }),
  alarms: (filter: AlarmFilter) =>
    infiniteQueryOptions({
      ...KEPT,
      queryKey: ["alarms", "list", filter],
      queryFn: async ({ pageParam, signal }) =>
        (await call("alarms", { query: { ...filter, limit: PAGE_ROWS, after: pageParam } }, signal))
          .body,
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => nextPlace(last, ({ id }) => id),
      select: rowsOf,
    }),
  alarmRules: () =>
    queryOptions({
      queryKey: ["alarm-rules"],
      queryFn: async ({ signal }) => (await call("alarmRules", {}, signal)).body,
    }),
  recipients: () =>
    queryOptions({
      queryKey: ["recipients"],
      queryFn: async ({ signal }) => (await call("recipients", {}, signal)).body,
    }),
  webhooks: () =>
    queryOptions({
      queryKey: ["webhooks"],
      queryFn: async ({ signal }) => (await call("webhooks", {}, signal)).body,
    }),
  deadLetters: (id: string) =>
    queryOptions({
      queryKey: ["webhooks", id, "letters"],
      queryFn: async ({ signal }) => (await call("deadLetters", { params: { id } }, signal)).body,
    }),
  auditChain: () =>
    queryOptions({
      queryKey: ["audit-chain"],
      queryFn: async ({ signal }) => (await call("auditChain", {}, signal)).body,
    }),
  audit: (filter: AuditFilter) =>
    infiniteQueryOptions({
      ...KEPT,
      queryKey: ["audit", filter],
      queryFn: async ({ pageParam, signal }) =>
        (await call("audit", { query: { ...filter, limit: PAGE_ROWS, after: pageParam } }, signal))
          .body,
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => last.next ?? undefined,
    }),
};
