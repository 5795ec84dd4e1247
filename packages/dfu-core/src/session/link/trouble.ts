import type { EngineCode } from "../../codes.ts";
import { DfuError, type DfuErrorOptions } from "../../errors.ts";
import { type OperationTimes, SHORT_SILENCE_MS } from "../../pacing/budgets.ts";
import { LinkError, LinkFault } from "../../protocol/transport.ts";

/** Whether the device has started what the last DNLOAD asked for. */
export type Executed = "no" | "unknown";

interface TroubleOptions extends DfuErrorOptions {
  readonly executed?: Executed;
  /** The unit is off its port: only re-enumeration can help. */
  readonly gone?: boolean;
  /** How long the device may stay in dfuDNBUSY after this. */
  readonly patienceMs?: number;
  /** How long it may answer nothing after this before the bus is reset. */
  readonly silenceMs?: number;
  /** bStatus with which the device refused; only then is it a refusal and not a failure of the link. */
  readonly status?: number;
}

const DEFAULT_PATIENCE_MS = 10_000;

/** Something that recovery may cure. Never leaves a machine: it is cured or becomes a plain DfuError. */
export class Trouble extends DfuError {
  readonly executed: Executed;
  readonly gone: boolean;
  readonly status: number | undefined;
  readonly patienceMs: number;
  readonly silenceMs: number;

  constructor(code: EngineCode, message: string, options: TroubleOptions = {}) {
    super(code, message, options);
    this.executed = options.executed ?? "no";
    this.gone = options.gone ?? false;
    this.status = options.status;
    this.patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
    this.silenceMs = options.silenceMs ?? SHORT_SILENCE_MS;
  }
}

const CODES = {
  [LinkFault.Stall]: "link.stall",
  [LinkFault.Timeout]: "link.timeout",
  [LinkFault.Gone]: "link.lost",
  [LinkFault.Io]: "link.io",
} as const satisfies Record<LinkFault, EngineCode>;

/** The code of a fault when no more is known of it. */
export const codeOfFault = (fault: LinkFault) => CODES[fault];

/** A transport's error as trouble with `what` failed; anything else is thrown on. */
export function troubleFrom(
  error: unknown,
  what: string,
  executed: Executed,
  times?: OperationTimes,
): Trouble {
  if (error instanceof Trouble || !(error instanceof LinkError)) throw error;
  return new Trouble(codeOfFault(error.fault), `${what}: ${error.message}`, {
    cause: error,
    executed,
    gone: error.fault === LinkFault.Gone,
    ...(times === undefined ? {} : { patienceMs: times.budgetMs, silenceMs: times.silenceMs }),
  });
}

/** An operation with its address and memory, for messages and probes. */
export interface OperationPlace {
  readonly what: string;
  readonly address: number;
  readonly alternate: number;
}
