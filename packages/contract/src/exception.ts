import { z } from "zod";
import type { Code } from "./codes.ts";
import {
  Id,
  isReadableSerial,
  Name,
  normaliseSerial,
  Serial,
  Sha256,
  Timestamp,
  text,
} from "./common.ts";
import { FlashlineError } from "./error.ts";

/** The refusals that an exception can lift. Everything else holds for an exception as for anybody. */
export const LIFTABLE = [
  "release.expired",
  "release.not_released",
  "release.counter_used",
] as const satisfies readonly Code[];
/** One of {@link LIFTABLE}. */
export type Liftable = (typeof LIFTABLE)[number];

/** An exception holds for at most so many days. */
export const LONGEST_EXCEPTION_DAYS = 30;
/** It is for at most so many units. */
export const MOST_EXCEPTED_UNITS = 500;
/** A statement that is larger is not taken, bytes. */
export const LARGEST_EXCEPTION = 60_000;

const DAY_MS = 86_400_000;

/** A serial as units have it, so that a statement can be read in one way only. */
const ExactSerial = Serial.refine(
  (serial) => isReadableSerial(serial) && normaliseSerial(serial) === serial,
  {
    error: "expected a serial in capital letters without blanks",
  },
);
const once = (values: readonly string[]): boolean => new Set(values).size === values.length;
const ONCE = { error: "names something twice" };

/**
 * What an exception says. What is signed, stored and sent on are the exact bytes; this schema only reads them. A field that it does not know
 * may be a limit, so a statement with one is refused.
 */
export const Exception = z
  .strictObject({
    /** No manifest has it: a signature of one kind never stands for the other. */
    type: z.literal("flashline-exception"),
    schema: z.literal(1),
    id: Id,
    product: Name,
    version: text(60, 1),
    /** SHA-256 of the release's manifest: this one release, whatever others are called. */
    manifestSha256: Sha256,
    lifts: z.array(z.enum(LIFTABLE)).min(1).refine(once, ONCE),
    /** These units, or so many. */
    units: z.union([
      z.strictObject({
        serials: z.array(ExactSerial).min(1).max(MOST_EXCEPTED_UNITS).refine(once, ONCE),
      }),
      z.strictObject({ count: z.int().positive().max(MOST_EXCEPTED_UNITS) }),
    ]),
    /** Only in this plant. */
    plant: Name.optional(),
    /** Only at these stations. */
    stations: z.array(Name).min(1).max(64).refine(once, ONCE).optional(),
    reason: text(500).trim().min(3),
    /** It holds from this time on, and not at or after the other one. */
    from: Timestamp,
    until: Timestamp,
  })
  .superRefine(({ lifts, from, until }, context) => {
    const days = (Date.parse(until) - Date.parse(from)) / DAY_MS;
    const issue = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (days <= 0) issue("until", "is not after from");
    if (days > LONGEST_EXCEPTION_DAYS) {
      issue("until", `is more than ${LONGEST_EXCEPTION_DAYS} days after from`);
    }
    // What has a used counter is never released.
    if (lifts.includes("release.counter_used") && !lifts.includes("release.not_released")) {
      issue("lifts", "release.counter_used needs release.not_released too");
    }
  });
export type Exception = z.infer<typeof Exception>;

/** Reads what was signed, as text. Throws `exception.invalid` with every problem in its details. */
export function readException(statement: string): Exception {
  let value: unknown;
  try {
    value = JSON.parse(statement);
  } catch (cause) {
    throw new FlashlineError("exception.invalid", "The exception is not JSON.", { cause });
  }
  const parsed = Exception.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first = "", ...more] = parsed.error.issues.map(
    (issue) => `${issue.path.join(".")}: ${issue.message}`,
  );
  throw new FlashlineError("exception.invalid", `The exception is not valid: ${first}`, {
    parameters: { first },
    details: [first, ...more],
  });
}

/** A statement and its signature, exactly as they were signed. */
export const SignedException = z.object({
  /** Base64 of the statement's exact bytes. */
  statement: z
    .string()
    .min(1)
    .max((LARGEST_EXCEPTION / 3) * 4),
  /** Text of the `.minisig` file. */
  signature: z.string().max(4000),
});
export type SignedException = z.infer<typeof SignedException>;

/** What stands in the way of an exception now: nothing ("good"), its time, its key, its units or a person. */
export const EXCEPTION_STATES = [
  "good",
  "early",
  "over",
  "used-up",
  "key-revoked",
  "withdrawn",
] as const;

/** An exception with what became of it. */
export const ExceptionView = z.object({
  id: Id,
  product: z.string(),
  version: z.string(),
  manifestSha256: Sha256,
  /** Null: no release has this manifest yet. */
  releaseId: Id.nullable(),
  lifts: z.array(z.string()),
  /** Empty: any unit of the product. */
  serials: z.array(z.string()),
  /** For so many units, and how many were flashed under it. */
  units: z.number().int(),
  used: z.number().int(),
  plant: z.string().nullable(),
  /** Empty: any station. */
  stations: z.array(z.string()),
  reason: z.string(),
  from: z.string(),
  until: z.string(),
  keyId: z.string(),
  state: z.enum(EXCEPTION_STATES),
  addedBy: z.string(),
  addedAt: z.string(),
  withdrawnBy: z.string().nullable(),
  withdrawnAt: z.string().nullable(),
  withdrawnReason: z.string().nullable(),
});
export type ExceptionView = z.infer<typeof ExceptionView>;

/** With its units and with what was signed. */
export const ExceptionDetail = ExceptionView.extend({
  /** Units that were flashed under it, by their first attempt, the earliest first. */
  usedBy: z.array(z.object({ serial: z.string(), attemptId: Id, at: z.string() })),
  statement: z.string(),
  signature: z.string(),
});
export type ExceptionDetail = z.infer<typeof ExceptionDetail>;

/** Why no more units may be flashed under it. */
export const WithdrawExceptionRequest = z.object({ reason: text(500).trim().min(3) });
