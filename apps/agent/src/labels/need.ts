import {
  type LabelValues,
  type LeasedJob,
  labelCode,
  labelZpl,
  readLabelTemplate,
  readScanBack,
} from "@flashline/contract";
import type { LabelRecord } from "./record.ts";

/** The label that a job's unit gets once it passes. */
export type LabelNeed = Pick<LabelRecord, "zpl" | "code">;

export interface LabelPlace {
  readonly station: string;
  /** IANA; undefined: the PC's own. */
  readonly timeZone: string | undefined;
}

/** "2026-11-29" by the plant's clock. */
function dayIn(timeZone: string | undefined, now: number): string {
  const zones = timeZone === undefined ? {} : { timeZone };
  return new Intl.DateTimeFormat("en-CA", zones).format(now);
}

/**
 * Undefined where the product has no label. Asked before anything is erased: a unit whose label cannot be filled in is not flashed.
 * @throws FlashlineError `label.*`
 */
export function labelNeed(
  job: LeasedJob,
  { station, timeZone }: LabelPlace,
  now: number,
): LabelNeed | undefined {
  const { label } = job;
  if (label === undefined) return undefined;
  const values: LabelValues = {
    ...job.values,
    serial: job.serial,
    product: job.product,
    release: job.version,
    order: job.workOrder,
    revision: job.boardRevision ?? "",
    station,
    date: dayIn(timeZone, now),
  };
  return {
    zpl: labelZpl(readLabelTemplate(label.template), values),
    code: label.scanBack === null ? null : labelCode(readScanBack(label.scanBack), values),
  };
}
