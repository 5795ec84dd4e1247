import {
  type AgentAbility,
  FlashlineError,
  type HostFingerprint,
  hostKey,
  type TrialProfile,
} from "@flashline/contract";
import type { Origin } from "../ledger/origin.ts";
import type { Pacer } from "../pacing/pacer.ts";
import type { HotRepository } from "./hot.repository.ts";
import type { LeaseFacts, LeaseRepository } from "./lease.repository.ts";
import { type JobRefusal, refusalError } from "./refusal.ts";
import { holdRefusal, operatorRefusal, quotaRefusal, releaseRefusal } from "./rules.ts";
import type { Signals } from "./signals.ts";
import { RUN_MS } from "./timing.ts";

export interface StartRequest {
  readonly epoch: number;
  readonly attemptId: string;
  readonly host: HostFingerprint;
  readonly virtual: boolean;
  /** Id of who is logged in at the station; null: nobody is. Undefined: its agent does not tell. */
  readonly operator?: string | null | undefined;
  /** What its agent is able to do. Undefined: it does not tell. */
  readonly abilities?: readonly string[] | undefined;
  readonly by: Origin;
}

/** What the agent is told of an attempt that was started. */
export interface Started {
  readonly leaseMs: number;
  /** Where it is not the release's. */
  readonly profile?: TrialProfile;
}

export interface RunService {
  /** Rejects with `job.*`, `release.*` or `preflight.*`: then nothing may be erased. The same attempt may ask again. */
  start(stationId: string, jobId: string, request: StartRequest): Promise<Started>;
  /** Rejects with `job.*` when the lease is lost. */
  renew(
    stationId: string,
    jobId: string,
    epoch: number,
  ): Promise<{ leaseMs: number; cancel: boolean }>;
  /** The agent gives an unfinished job up; nothing was erased. Answers a repeat the same way. */
  cancel(
    stationId: string,
    jobId: string,
    reason: { epoch: number; code: string; message: string },
    by: Origin,
  ): Promise<void>;
  /** Ends leases and offers that ran out. */
  sweep(): Promise<void>;
}

/** Null: nothing is in the way any more. */
function startRefusal(facts: LeaseFacts, request: StartRequest): JobRefusal | null {
  const early = releaseRefusal(facts.release);
  if (early !== null) return early;
  if (!facts.orderOpen) {
    return { code: "preflight.no_work_order", message: "The work order was closed." };
  }
  if (request.virtual && !facts.allowVirtual) {
    const message = `${facts.product} does not accept virtual units.`;
    return { code: "preflight.virtual_unit", message, parameters: { product: facts.product } };
  }
  if (facts.hold !== null) return holdRefusal(facts.hold, facts.nest);
  return operatorRefusal(request.operator, facts) ?? quotaRefusal(facts.order);
}

const startedWith = (leaseMs: number, profile: TrialProfile | null): Started => ({
  leaseMs,
  ...(profile === null ? {} : { profile }),
});

/** What is in the way of a start may go while it is looked for: so often it is tried. */
const START_TRIES = 3;

/** Why a job is not held under this epoch. Null: it is. */
function leaseRefusal(facts: LeaseFacts | null, epoch: number): JobRefusal | null {
  if (facts === null) return { code: "job.not_found", message: "This station has no such job." };
  if (facts.epoch === epoch) return null;
  const message = `The job has epoch ${facts.epoch}, not ${epoch}.`;
  return { code: "job.epoch", message, parameters: { epoch, current: facts.epoch } };
}

export function runService(
  hot: HotRepository,
  leases: LeaseRepository,
  signals: Signals,
  pacer: Pacer,
): RunService {
  async function startOrSay(
    stationId: string,
    jobId: string,
    request: StartRequest,
    tries: number,
  ): Promise<Started> {
    const { attemptId, abilities = [] } = request;
    const isPaced = abilities.includes("given-profile" satisfies AgentAbility);
    const host = await hot.start({ stationId, jobId, ...request });
    if (host !== undefined) {
      signals.job(jobId, "RUNNING");
      return startedWith(RUN_MS, isPaced ? await pacer.profileAt(attemptId, host) : null);
    }
    const { operator = null } = request;
    const facts = await leases.facts(stationId, jobId, hostKey(request.host), operator);
    const lost = leaseRefusal(facts, request.epoch);
    if (lost !== null || facts === null) {
      throw refusalError(
        lost ?? { code: "job.not_found", message: "This station has no such job." },
      );
    }
    if (facts.attemptId === request.attemptId && facts.state === "RUNNING") {
      const renewed = await leases.renew(stationId, jobId, request.epoch);
      if (renewed !== null)
        return startedWith(renewed.leaseMs, isPaced ? await pacer.again(attemptId) : null);
    }
    if (facts.state === "LEASED") {
      const refusal = startRefusal(facts, request);
      if (refusal !== null) throw refusalError(refusal);
      if (tries > 1) return await startOrSay(stationId, jobId, request, tries - 1);
    }
    if (facts.attemptId !== null && facts.attemptId !== request.attemptId) {
      throw new FlashlineError(
        "job.attempt_other",
        `Attempt ${facts.attemptId} was started with this job.`,
        { parameters: { attempt: facts.attemptId } },
      );
    }
    throw new FlashlineError("job.state", `The job is ${facts.state}; nothing may be started.`, {
      parameters: { state: facts.state },
    });
  }

  return {
    async start(stationId, jobId, request) {
      return await startOrSay(stationId, jobId, request, START_TRIES);
    },
    async renew(stationId, jobId, epoch) {
      const renewed = await leases.renew(stationId, jobId, epoch);
      if (renewed !== null) return renewed;
      const facts = await leases.facts(stationId, jobId);
      const state = facts?.state ?? "unknown";
      const message = `The job is ${state}; it has no lease.`;
      const ended: JobRefusal = { code: "job.state", message, parameters: { state } };
      throw refusalError(leaseRefusal(facts, epoch) ?? ended);
    },

    async cancel(stationId, jobId, reason, by) {
      if (await leases.cancel(stationId, jobId, reason, by)) {
        signals.job(jobId, "CANCELLED");
        return;
      }
      const facts = await leases.facts(stationId, jobId);
      const lost = leaseRefusal(facts, reason.epoch);
      if (lost !== null) throw refusalError(lost);
      if (facts?.state === "CANCELLED") return;
      const state = facts?.state ?? "unknown";
      throw new FlashlineError("job.state", `The job is ${state}.`, { parameters: { state } });
    },

    async sweep() {
      const swept = await leases.sweep();
      for (const { jobId, state } of swept) signals.job(jobId, state);
      for (const stationId of await leases.unheard()) signals.wake(stationId);
      signals.announced();
    },
  };
}
