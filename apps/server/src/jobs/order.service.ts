import {
  CODES,
  FlashlineError,
  type JobState,
  normaliseSerial,
  type PreflightAnswer,
} from "@flashline/contract";
import { plainText } from "../db/json-text.ts";
import type { Origin } from "../ledger/origin.ts";
import type { GoldenScanned } from "./golden-scan.ts";
import type { OfferService } from "./offer.service.ts";
import {
  type Added,
  ForestalledError,
  type NewJob,
  type OrderRepository,
} from "./order.repository.ts";
import { type JobRefusal, refusalError } from "./refusal.ts";
import { type OrderFacts, refusalOf, type Telling, unreadableRefusal } from "./rules.ts";
import type { Signals } from "./signals.ts";

/** A unit that was scanned for a nest, and what the station tells with it. */
export interface Scan extends Telling {
  readonly serial: string;
  readonly nest: string;
}

export interface OrderService {
  preflight(stationId: string, scan: Scan): Promise<PreflightAnswer>;
  /**
   * Orders the flashing of a unit; with a known jobId it answers with that job. Rejects with a `preflight.*` or `release.*`
   * code when the unit may not be flashed, and with `request.conflict` when the jobId stands for something else.
   */
  create(
    stationId: string,
    request: Scan & { readonly jobId: string },
    by: Origin,
  ): Promise<{ created: boolean; jobId: string; state: JobState }>;
}

/** The job that `facts` allow, or why they do not. */
function decide(
  stationId: string,
  { jobId, serial, nest, ...told }: Scan & { readonly jobId: string },
  facts: OrderFacts,
  by: Origin,
): { readonly job: NewJob } | { readonly refusal: JobRefusal } {
  const refusal = refusalOf(serial, nest, facts, told);
  if (refusal !== null) return { refusal };
  const { order, product, release, unit } = facts;
  if (facts.nest === null || order === null || product === null || release === null) {
    return { refusal: { code: "preflight.no_work_order", message: "There is no work order." } };
  }
  return {
    job: {
      jobId,
      stationId,
      serial,
      nestId: facts.nest.id,
      orderId: order.id,
      productId: product.id,
      releaseId: release.id,
      exceptionId: release.exceptionId,
      stepId: order.stepId,
      unitId: unit?.id ?? null,
      dirty: facts.dirty,
      fields: release.fields,
      by,
    },
  };
}

function noGo(serial: string, refusal: JobRefusal): PreflightAnswer {
  const { blame, action } = CODES[refusal.code];
  return { go: false, serial, ...refusal, blame, action };
}

type Done =
  | { readonly created: false; readonly state: JobState }
  | ({ readonly created: true; readonly state: JobState } & Added);

/** What the scan of a golden unit may do; null: there is no such golden unit. */
export type ScanGolden = (stationId: string, scan: Scan) => Promise<GoldenScanned | null>;

function goldenAnswer(serial: string, scanned: GoldenScanned): PreflightAnswer {
  if (scanned.kind === "refused") return noGo(serial, scanned.refusal);
  const { product, version, golden } = scanned;
  return { go: true, serial, workOrder: "", product, version, dirty: true, golden };
}

/** `short` hears of an order that has no place for a unit while stations without the server keep some of it. */
export function orderService(
  repository: OrderRepository,
  offers: OfferService,
  signals: Signals,
  short: (orderId: string) => void,
  scanGolden: ScanGolden,
): OrderService {
  function said(refusal: JobRefusal, { order }: OrderFacts): JobRefusal {
    const isShort = refusal.code === "preflight.quota_reached";
    if (isShort && order !== null && order.reserved > 0) short(order.id);
    return refusal;
  }

  async function make(
    stationId: string,
    order: Scan & { readonly jobId: string },
    by: Origin,
  ): Promise<Done> {
    const { serial, nest } = order;
    const { facts, known } = await repository.facts(stationId, order);
    if (known !== null) {
      const same = known.stationId === stationId && known.serial === serial && known.nest === nest;
      if (same) return { created: false, state: known.state };
      throw new FlashlineError("request.conflict", "This job id stands for another order.");
    }
    const decision = decide(stationId, order, facts, by);
    if ("refusal" in decision) throw refusalError(said(decision.refusal, facts));
    return { created: true, state: "QUEUED", ...(await repository.add(decision.job)) };
  }

  return {
    async preflight(stationId, scan) {
      const serial = normaliseSerial(scan.serial);
      const nest = plainText(scan.nest);
      const unreadable = unreadableRefusal(serial);
      if (unreadable !== null) return noGo(serial, unreadable);
      const { operator } = scan;
      const { facts } = await repository.facts(stationId, { serial, nest, operator });
      if (facts.golden) {
        const golden = await scanGolden(stationId, { ...scan, serial, nest });
        if (golden !== null) return goldenAnswer(serial, golden);
      }
      const refusal = refusalOf(serial, nest, facts, scan);
      if (refusal !== null) return noGo(serial, said(refusal, facts));
      return {
        go: true,
        serial,
        workOrder: facts.order?.number ?? "",
        product: facts.product?.name ?? "",
        version: facts.release?.version ?? "",
        dirty: facts.dirty,
      };
    },

    async create(stationId, { jobId, ...scan }, by) {
      const serial = normaliseSerial(scan.serial);
      const nest = plainText(scan.nest);
      const unreadable = unreadableRefusal(serial);
      if (unreadable !== null) throw refusalError(unreadable);
      const { operator, abilities } = scan;
      const order = { serial, nest, jobId, operator, abilities };
      const done = await make(stationId, order, by).catch((error: unknown) => {
        // The facts tell by now what stands in the way.
        if (error instanceof ForestalledError) return make(stationId, order, by);
        throw error;
      });
      if (done.created) {
        signals.job(jobId, done.state);
        offers.atOnce({ jobId, entryId: done.entryId });
        for (const id of done.superseded) signals.job(id, "SUPERSEDED");
      }
      return { created: done.created, jobId, state: done.state };
    },
  };
}
