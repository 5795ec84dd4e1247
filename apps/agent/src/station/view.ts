import type {
  CallView,
  NestGolden,
  NestIn,
  NestView,
  StationNotice,
  StationPageView,
  StationSetup,
} from "@flashline/contract";
import { type BusyNest, type Nest, shownRefusal } from "../nests/nest.ts";
import { AGENT_VERSION } from "../version.ts";
import type { Counters } from "./counters.ts";

export interface ViewInput {
  /** As enrolled; shown until the server has told more. */
  readonly station: string;
  readonly setup: StationSetup | undefined;
  readonly connected: boolean;
  readonly grant: StationPageView["grant"];
  readonly queuedResults: number;
  /** Results that the server refused for good. */
  readonly setAside: number;
  readonly counters: Counters;
  readonly nests: readonly Nest[];
  readonly next: Nest | undefined;
  /** What golden units have to do with a nest. */
  readonly golden?: (nest: string) => NestGolden | undefined;
  readonly notice: StationNotice;
  readonly call: CallView | null;
  /** Name of who is logged in. */
  readonly operator: string | null;
  readonly decision: StationPageView["decision"];
  readonly labelAsked: StationPageView["labelAsked"];
  /** No printer is configured. */
  readonly hasPrinter: boolean;
  readonly badgeNeeded: boolean;
  readonly elsewhere: boolean;
  readonly badgePrefix: string | null;
  readonly way: StationPageView["way"];
  readonly kept: StationPageView["kept"];
  readonly teach: StationPageView["teach"];
  readonly virtual: boolean;
  readonly update: StationPageView["update"];
}

/** All that the page shows, from all that the station knows. */
export function stationView(input: ViewInput): StationPageView {
  const { setup, counters } = input;
  const order = setup?.workOrder;
  return {
    station: setup?.station ?? input.station,
    line: setup?.line ?? "",
    workOrder: order?.number ?? null,
    product: order?.product ?? null,
    productTitle: order?.productTitle ?? null,
    version: order?.version ?? null,
    manifestSha256: order?.manifestSha256 ?? null,
    server: input.connected ? "connected" : "away",
    grant: input.grant,
    queuedResults: input.queuedResults,
    setAside: input.setAside,
    today: { ...counters.today },
    nests: input.nests.map((nest) => {
      const golden = input.golden?.(nest.name);
      const view = nestView(nest, nest === input.next, setup);
      return golden === undefined ? view : { ...view, golden };
    }),
    last: counters.last.map((unit) => ({ ...unit })),
    notice: { ...input.notice },
    call: input.call,
    operator: input.operator,
    decision: input.decision,
    labelAsked: input.labelAsked,
    labels: labelsOf(input),
    badgeNeeded: input.badgeNeeded,
    elsewhere: input.elsewhere,
    badgePrefix: input.badgePrefix,
    way: input.way,
    kept: input.kept,
    teach: input.teach,
    virtual: input.virtual,
    agentVersion: AGENT_VERSION,
    update: input.update,
  };
}

/** Whether units of one of the station's orders get a label. */
export const wantsLabels = (setup: StationSetup | undefined): boolean =>
  setup?.workOrder?.label === true || (setup?.workOrders ?? []).some(({ label }) => label === true);

function labelsOf({ setup, hasPrinter }: ViewInput): StationPageView["labels"] {
  if (!wantsLabels(setup)) return "none";
  return hasPrinter ? "printed" : "no-printer";
}

function holdOf({ name }: Nest, setup: StationSetup | undefined): NestIn<"off">["hold"] {
  const hold = setup?.nests.find((nest) => nest.name === name)?.hold;
  return hold === undefined ? null : { kind: hold.kind, reason: hold.reason };
}

/** The port shows at once that the unit is out; the engine asks it when it has something to ask. */
function troubleOf({ recoveringSince, goneSince }: BusyNest): NestIn<"busy">["trouble"] {
  if (goneSince !== null) return { kind: "gone", since: goneSince };
  return recoveringSince === null ? null : { kind: "recovering", since: recoveringSince };
}

function nestView(nest: Nest, next: boolean, setup: StationSetup | undefined): NestView {
  const core = { name: nest.name, portPath: nest.portPath, next };
  switch (nest.state) {
    case "off":
      return { ...core, state: "off", hold: holdOf(nest, setup) };
    case "empty":
      return { ...core, state: "empty", refusal: nest.refusal };
    case "present":
      return { ...core, state: "present", serial: null };
    case "checking":
      return { ...core, state: "present", serial: nest.serial };
    case "ready":
    case "starting":
      return { ...core, state: nest.state, serial: nest.serial };
    case "busy":
      return {
        ...core,
        state: "busy",
        serial: nest.serial,
        progress: nest.progress,
        trouble: troubleOf(nest),
      };
    case "pass": {
      const { last, durationMs } = nest;
      return {
        ...core,
        state: "pass",
        serial: last.serial,
        durationMs,
        refusal: shownRefusal(nest),
      };
    }
    case "label": {
      const { last, durationMs, stage, refusal } = nest;
      return { ...core, state: "label", serial: last.serial, durationMs, stage, refusal };
    }
    case "fail": {
      const { last, durationMs, refusal } = nest;
      return { ...core, state: "fail", serial: last.serial, durationMs, refusal };
    }
    case "refused":
      return { ...core, state: "refused", serial: nest.serial, refusal: nest.refusal };
  }
}
