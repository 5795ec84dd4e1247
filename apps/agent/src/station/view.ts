import type { NestView, StationNotice, StationPageView, StationSetup } from "@flashline/contract";
import { type Nest, serialOf, shownRefusal } from "../nests/nest.ts";
import type { Counters } from "./counters.ts";
import { nestStateOf } from "./nest-state.ts";

export interface ViewInput {
  /** As enrolled; shown until the server has told more. */
  readonly station: string;
  readonly setup: StationSetup | undefined;
  readonly connected: boolean;
  readonly queuedResults: number;
  readonly counters: Counters;
  readonly nests: readonly Nest[];
  readonly next: Nest | undefined;
  readonly notice: StationNotice;
  readonly virtual: boolean;
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
    queuedResults: input.queuedResults,
    today: { ...counters.today },
    nests: input.nests.map((nest) => nestView(nest, nest === input.next)),
    last: counters.last.map((unit) => ({ ...unit })),
    notice: { ...input.notice },
    virtual: input.virtual,
  };
}

function nestView(nest: Nest, next: boolean): NestView {
  const progress = nest.state === "busy" ? nest.progress : null;
  const refusal = shownRefusal(nest);
  return {
    name: nest.name,
    portPath: nest.portPath,
    state: nestStateOf(nest),
    next,
    serial: serialOf(nest),
    phase: progress?.phase ?? null,
    fraction: progress?.fraction ?? null,
    remainingMs: progress?.remainingMs ?? null,
    code: refusal?.code ?? null,
    action: refusal?.action ?? null,
    detail: refusal?.detail ?? null,
    durationMs: nest.state === "pass" || nest.state === "fail" ? nest.durationMs : null,
  };
}
