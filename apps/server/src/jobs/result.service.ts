import { createHash } from "node:crypto";
import {
  type AttemptResult,
  type Contradiction,
  FlashlineError,
  JobState,
  type ResultAnswer,
} from "@flashline/contract";
import { type AttemptFacts, contradictionsOf } from "./contradictions.ts";
import { type Moves, movesOf } from "./moves.ts";
import type { JudgedResult, ResultRepository } from "./result.repository.ts";
import { fieldsOf } from "./result-fields.ts";
import type { Signals } from "./signals.ts";

export interface ResultService {
  /**
   * Stores an attempt's result: 201 the first time, 200 for the same bytes again, 202 when it is kept as evidence: the job has
   * moved on and stays as it is, or the result contradicts its job, which then is not PASSED. Rejects with `result.conflict` for other bytes, `result.attempt_unknown` when this station
   * started no such attempt, `request.invalid` when address and body name different attempts.
   */
  accept(
    stationId: string,
    attemptId: string,
    result: AttemptResult,
    bytes: Buffer,
  ): Promise<{ status: 200 | 201 | 202; body: ResultAnswer }>;
}

/** Before the first erase a failure leaves the unit as it was: the job is cancelled, not failed. */
function movesFor(result: AttemptResult): Moves {
  if (result.outcome === "PASS") return movesOf("result-pass");
  const failed = movesOf("result-fail");
  if (result.touched) return failed;
  const cancelled = movesOf("cancel")[JobState.Running];
  return cancelled === undefined ? failed : { ...failed, [JobState.Running]: cancelled };
}

/**
 * Of a result that contradicts its job. If it says PASS, the unit's content is not known, so its next job erases before it reads.
 * If it says that nothing was erased, that is not believed either.
 */
function movesWhenDoubtful(result: AttemptResult): Moves {
  return result.outcome === "PASS" ? movesOf("lease-lost") : movesOf("result-fail");
}

/** Yields leave out what an operator called off. */
const counts = (result: AttemptResult) => result.code !== "attempt.cancelled";

function judge(result: AttemptResult, facts: AttemptFacts): JudgedResult {
  const contradictions = contradictionsOf(result, facts);
  const isDoubtful = contradictions.length > 0;
  const fields = fieldsOf(result);
  return {
    contradictions,
    moves: isDoubtful ? movesWhenDoubtful(result) : movesFor(result),
    fields: isDoubtful ? { ...fields, review: true } : fields,
    counts: counts(result) && !isDoubtful,
  };
}

/** `alarm` hears of every result that contradicts its job, once it is stored. */
export function resultService(
  repository: ResultRepository,
  signals: Signals,
  alarm: (about: {
    readonly attemptId: string;
    readonly stationId: string;
    readonly serial: string;
    readonly contradictions: readonly Contradiction[];
  }) => void,
): ResultService {
  return {
    async accept(stationId, attemptId, result, bytes) {
      if (result.attemptId !== attemptId) {
        throw new FlashlineError("request.invalid", "Address and body name different attempts.");
      }
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const stored = await repository.store({
        attemptId,
        stationId,
        epoch: result.epoch,
        judge: (facts) => judge(result, facts),
        host: result.host,
        virtual: result.virtual,
        sha256,
        body: bytes,
      });
      if (stored === null) throw new FlashlineError("result.attempt_unknown");
      if (stored.before !== null && stored.before !== sha256) {
        throw new FlashlineError("result.conflict");
      }
      const body = { late: stored.late, jobState: stored.jobState };
      if (stored.before !== null) return { status: 200, body };
      const { contradictions, serial } = stored;
      if (contradictions.length > 0) alarm({ attemptId, stationId, serial, contradictions });
      signals.announcedLater();
      signals.job(stored.jobId, stored.jobState);
      signals.live({ type: "attempt", attemptId, serial: stored.serial, outcome: result.outcome });
      return { status: stored.late ? 202 : 201, body };
    },
  };
}
