import { createHash } from "node:crypto";
import {
  type AttemptResult,
  type Contradiction,
  FlashlineError,
  JobState,
  type ResultAnswer,
} from "@flashline/contract";
import { type AttemptFacts, contradictionsOf } from "./contradictions.ts";
import { unitInNest } from "./mixed-up.ts";
import { type Moves, movesOf } from "./moves.ts";
import type { JudgedResult, ReportedAttempt, ResultRepository } from "./result.repository.ts";
import { fieldsOf } from "./result-fields.ts";
import type { Signals } from "./signals.ts";
import { readUnreadable } from "./unreadable.ts";

export interface ResultService {
  /**
   * Stores an attempt's result, and what it tells of when it was made under a grant: 201 the first time, 200 for the same bytes again, 202 when it is kept as evidence: the job has
   * moved on and stays as it is, or the result contradicts its job, which then is not PASSED. Rejects with `result.conflict` for other bytes, `result.attempt_unknown` when this station
   * started no such attempt, `request.invalid` when address and body name different attempts.
   */
  accept(
    of: ReportedAttempt,
    result: AttemptResult,
    bytes: Buffer,
  ): Promise<{ status: 200 | 201 | 202; body: ResultAnswer }>;
  /**
   * Stores a result that breaks the contract's form as evidence: its bytes, and what can be read of `told` (its JSON; undefined
   * where it is none). Its unit is not PASSED. Answers and rejects as `accept` does; `request.invalid` also for no bytes at all.
   */
  keepUnreadable(
    of: ReportedAttempt,
    told: unknown,
    bytes: Buffer,
  ): Promise<{ status: 200 | 201 | 202; body: ResultAnswer }>;
}

/** Rejects a result that was sent to another attempt's address. */
function mustBeOf(attemptId: string, told: string): void {
  if (told === attemptId) return;
  throw new FlashlineError("request.invalid", "Address and body name different attempts.");
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
 * Of a result that contradicts its job or breaks the contract's form. If it says PASS or breaks the form, the unit's content is not
 * known, so its next job erases before it reads. If it says that nothing was erased, that is not believed either.
 */
function movesWhenDoubtful(result: AttemptResult, isReadable: boolean): Moves {
  const isKnown = isReadable && result.outcome === "FAIL";
  return isKnown ? movesOf("result-fail") : movesOf("lease-lost");
}

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Yields leave out what an operator called off. */
const counts = (result: AttemptResult) => result.code !== "attempt.cancelled";

function judge(result: AttemptResult, facts: AttemptFacts, isReadable: boolean): JudgedResult {
  const contradictions = contradictionsOf(result, facts, isReadable);
  const isDoubtful = contradictions.length > 0;
  const fields = fieldsOf(result);
  const isReviewed = isDoubtful || facts.underGrant?.isReviewed === true;
  return {
    contradictions,
    moves: isDoubtful ? movesWhenDoubtful(result, isReadable) : movesFor(result),
    fields: isReviewed ? { ...fields, review: true } : fields,
    counts: counts(result) && !isDoubtful,
    mixedUp: isDoubtful ? null : unitInNest(result, facts.shownSerial),
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
  async function refused(
    of: ReportedAttempt,
    code: "result.attempt_unknown" | "result.conflict",
    sha256: string,
  ): Promise<FlashlineError> {
    await repository.refused(of, code, sha256);
    return new FlashlineError(code);
  }

  async function store(
    of: ReportedAttempt,
    result: AttemptResult,
    bytes: Buffer,
    isReadable: boolean,
  ): ReturnType<ResultService["accept"]> {
    const { stationId, by } = of;
    const { attemptId, epoch, host, virtual, outcome } = result;
    const sha256 = digestOf(bytes);
    const stored = await repository.store({
      attemptId,
      stationId,
      epoch,
      granted: result.grant === undefined ? null : { use: result.grant, jobId: result.jobId },
      judge: (facts) => judge(result, facts, isReadable),
      host,
      virtual,
      sha256,
      body: bytes,
      by,
    });
    if (stored === null) throw await refused(of, "result.attempt_unknown", sha256);
    if (stored.before !== null && stored.before !== sha256) {
      throw await refused(of, "result.conflict", sha256);
    }
    const body = { late: stored.late, jobState: stored.jobState };
    if (stored.before !== null) return { status: 200, body };
    const { contradictions, serial } = stored;
    if (contradictions.length > 0) alarm({ attemptId, stationId, serial, contradictions });
    signals.announcedLater();
    signals.job(stored.jobId, stored.jobState);
    signals.live({ type: "attempt", attemptId, serial, outcome });
    return { status: stored.late ? 202 : 201, body };
  }

  return {
    async accept(of, result, bytes) {
      mustBeOf(of.attemptId, result.attemptId);
      return await store(of, result, bytes, true);
    },
    async keepUnreadable(of, told, bytes) {
      const { attemptId, stationId } = of;
      if (bytes.length === 0) throw new FlashlineError("request.invalid", "The body is empty.");
      const started = await repository.started(attemptId, stationId);
      if (started === null) throw await refused(of, "result.attempt_unknown", digestOf(bytes));
      const result = readUnreadable(told, { attemptId, ...started });
      mustBeOf(attemptId, result.attemptId);
      return await store(of, result, bytes, false);
    },
  };
}
