import { type Tracing, traced } from "../tracing/tracing.ts";
import { gathered } from "./gathered.ts";
import type { Announced, Offered, OfferFacts, OfferRepository } from "./offer.repository.ts";
import type { JobRefusal } from "./refusal.ts";
import { holdRefusal, quotaRefusal, releaseRefusal } from "./rules.ts";
import type { Signals } from "./signals.ts";
import { UNSTARTED_MS } from "./timing.ts";

export interface OfferService {
  /**
   * Checks QUEUED jobs once more and offers them, or cancels them. Does nothing to any other. The `flash` queue's work.
   */
  offer(jobs: readonly Announced[]): Promise<void>;
  /**
   * The same for a job right after its order was committed: a station waits for it, and the way through the queue takes several
   * commits. Returns at once. What fails stands in the outbox still, and the queue does it.
   */
  atOnce(job: Announced): void;
}

/** What may have changed between the order and its offer. */
function offerRefusal(facts: OfferFacts): JobRefusal | null {
  if (facts.ageMs > UNSTARTED_MS) {
    return { code: "agent.offline", message: "The station did not fetch the job." };
  }
  if (!facts.enrolled) {
    return { code: "agent.not_enrolled", message: "The station's credential was revoked." };
  }
  if (!facts.order.open) {
    return { code: "preflight.no_work_order", message: "The work order was closed." };
  }
  if (facts.hold !== null) return holdRefusal(facts.hold, facts.nest);
  if (facts.scrapped) return { code: "preflight.scrapped", message: "The unit was scrapped." };
  return releaseRefusal(facts.release) ?? quotaRefusal(facts.order);
}

export function offerService(
  repository: OfferRepository,
  signals: Signals,
  onFailed: (error: unknown) => void,
  tracing?: Tracing,
): OfferService {
  function offered(jobs: readonly Offered[]): void {
    for (const { jobId, stationId } of jobs) {
      signals.job(jobId, "OFFERED");
      signals.wake(stationId);
    }
  }

  async function offerOrRefuse(jobId: string): Promise<void> {
    const facts = await repository.facts(jobId);
    if (facts?.state !== "QUEUED") return;
    const refusal = offerRefusal(facts);
    if (refusal === null) return offered(await repository.offer([{ jobId }]));
    if (await repository.refuse(jobId, refusal.code)) signals.calledOff(jobId, facts.stationId);
  }

  async function offer(jobs: readonly Announced[]): Promise<void> {
    const ready = await repository.offer(jobs);
    offered(ready);
    const left = jobs.filter((job) => !ready.some(({ jobId }) => jobId === job.jobId));
    for (const { jobId } of left) await offerOrRefuse(jobId);
  }

  /** Orders of one moment share a statement. */
  const together = gathered(async (jobs: readonly (Announced & { wantedBy?: string })[]) => {
    const [parent, ...links] = jobs.flatMap(({ wantedBy }) => wantedBy ?? []);
    await traced(tracing, "offer", "internal", () => offer(jobs), { parent, links }).catch(
      onFailed,
    );
    return jobs;
  });

  return {
    offer,
    atOnce(job) {
      const wantedBy = tracing?.current();
      void together(wantedBy === undefined ? job : { ...job, wantedBy });
    },
  };
}
