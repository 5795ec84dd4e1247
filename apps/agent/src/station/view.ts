import type { NestView, StationPageView, StationSetup } from "@flashline/contract";
import type { Nest } from "../nests/nest.ts";
import type { Notice } from "./board.ts";
import type { Counters } from "./counters.ts";

export interface ViewInput {
  /** As enrolled; shown until the server has told more. */
  readonly station: string;
  readonly setup: StationSetup | undefined;
  readonly connected: boolean;
  readonly queuedResults: number;
  readonly counters: Counters;
  readonly nests: readonly Nest[];
  readonly next: Nest | undefined;
  readonly notice: Notice;
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
  return {
    name: nest.name,
    portPath: nest.portPath,
    state: nest.state,
    next,
    serial: nest.serial ?? (nest.state === "pass" ? (nest.last?.serial ?? null) : null),
    phase: nest.progress?.phase ?? null,
    fraction: nest.progress?.fraction ?? null,
    remainingMs: nest.progress?.remainingMs ?? null,
    code: nest.refusal?.code ?? null,
    action: actionOf(nest),
    detail: nest.refusal?.detail ?? null,
    durationMs: nest.durationMs,
  };
}

/** What to do now, at most eight words. */
export function actionOf(nest: Nest): string {
  if (nest.refusal !== null) return nest.refusal.action;
  switch (nest.state) {
    case "empty":
      return nest.last === null ? "Plug in a unit." : "Take it out. Plug in the next.";
    case "present":
      if (nest.checking) return "Checking. Wait.";
      return nest.last === null ? "Scan the unit." : "Take it out, or scan it again.";
    case "ready":
      return "Press START.";
    case "starting":
      return "Starting. Wait.";
    case "busy":
      return "Leave it plugged in.";
    case "pass":
      return "Take it out.";
    case "fail":
      return "Call the lead.";
    case "refused":
    case "unknown":
      return "Scan the unit again.";
    case "off":
      return "Use another nest.";
  }
}
