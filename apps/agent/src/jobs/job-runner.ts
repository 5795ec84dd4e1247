import { FlashlineError, type LeasedJob, type NestRefusal } from "@flashline/contract";
import type { AttachedUnit } from "@flashline/usb-host";
import type { Logger } from "pino";
import type { Delivery } from "../deliver/rounds.ts";
import type { Fixture, FixtureOutcome } from "../hooks/fixture.ts";
import type { Labels } from "../labels/labels.ts";
import type { StartingNest } from "../nests/nest.ts";
import { refusalFrom, refusalOf } from "../server/refusal.ts";
import type { Board } from "../station/board.ts";
import type { TakenPlace } from "../station/granted.ts";
import { type GiveBackOptions, giveBack, settleCancelled } from "./give-back.ts";
import { holdLease, type Lease, ownLease } from "./lease.ts";
import { type JobEnd, type JobTools, runJob } from "./run-job.ts";

/** A link that is back sooner was no trouble to anybody, milliseconds. */
const TROUBLE_AFTER_MS = 700;

/** Runs leased jobs. The nests are independent: a slow one does not delay the others. */
export interface JobRunner {
  /** Takes a job from the server, or under a place of a grant; returns at once. */
  take(job: LeasedJob, granted?: TakenPlace): void;
  /** Ends the nest's job if nothing was erased yet. */
  cancel(nest: string): void;
  /** Jobs that run now. */
  readonly running: number;
  /** Resolves when no job runs. */
  idle(): Promise<void>;
}

export interface JobRunnerOptions {
  readonly board: Board;
  readonly tools: JobTools & { readonly fixture: Fixture };
  readonly delivery: Pick<Delivery, "wake">;
  readonly labels: Pick<Labels, "passed">;
  readonly giveBackOptions: GiveBackOptions;
}

/** A job that a person at its nest waits for, with the unit that is there. */
interface WantedJob {
  readonly job: LeasedJob;
  readonly unit: AttachedUnit;
  readonly operator: StartingNest["operator"];
  readonly granted?: TakenPlace | undefined;
}
type Wanted =
  | { readonly kind: "wanted"; readonly order: WantedJob }
  | { readonly kind: "unwanted"; readonly reason: string };

const unwanted = (reason: string): Wanted => ({ kind: "unwanted", reason });

export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { board, tools, giveBackOptions } = options;
  const leases = new Map<string, Lease>();
  const running = new Map<string, Promise<void>>();

  function checkWanted(job: LeasedJob): Wanted {
    const nest = board.nest(job.nest);
    if (nest === undefined) return unwanted("This station has no such nest.");
    if (nest.state !== "starting" || nest.jobId !== job.jobId) {
      return unwanted("Nobody at the nest has scanned this unit and pressed start.");
    }
    // The serial goes into the unit. It is the one that was scanned from the label, and not the server's.
    if (nest.serial !== job.serial) return unwanted("Another serial was scanned at the nest.");
    const unit = board.unitAt(job.nest);
    return unit === undefined
      ? unwanted("The unit has left its nest.")
      : { kind: "wanted", order: { job, unit, operator: nest.operator } };
  }

  /** Nothing was erased: whoever keeps a place for the job has it again. */
  async function untouched(
    { jobId, epoch }: LeasedJob,
    refusal: NestRefusal,
    attemptId: string | undefined,
    granted: TakenPlace | undefined,
  ): Promise<void> {
    const of = attemptId === undefined ? {} : { attemptId };
    if (granted === undefined)
      return await giveBack({ jobId, epoch, ...of }, refusal, giveBackOptions);
    if (attemptId !== undefined) await settleCancelled(attemptId, refusal.code, giveBackOptions);
    try {
      await granted.free();
    } catch (error) {
      // Its place stays taken, which loses no unit and lets none through.
      tools.log.error({ err: error, step: "grant", jobId }, "the place could not be freed");
    }
  }

  async function run({ job, unit, operator, granted }: WantedJob): Promise<void> {
    const { nest, jobId, epoch, serial, leaseMs } = job;
    const log = tools.log.child({ nest, jobId });
    const lease =
      granted === undefined
        ? holdLease({ link: tools.link, jobId, epoch, leaseMs, log })
        : ownLease();
    leases.set(nest, lease);
    board.dispatch(nest, { event: "leased", jobId });
    const onProgress: Parameters<typeof runJob>[0]["onProgress"] = (progress) =>
      board.dispatch(nest, { event: "progress", jobId, progress });
    const fixed = { nest, serial, portPath: unit.portPath };
    let isHeld = false;
    const onPreparing = (): void => {
      isHeld = true;
    };
    const release = (outcome: FixtureOutcome, code: string | null): void => {
      if (isHeld) tools.fixture.release(fixed, outcome, code);
    };
    let trouble: NodeJS.Timeout | undefined;
    const onRecovering = (recovering: boolean): void => {
      clearTimeout(trouble);
      if (!recovering) {
        board.dispatch(nest, { event: "recovering", jobId, since: null });
        return;
      }
      const since = new Date().toISOString();
      trouble = setTimeout(
        () => board.dispatch(nest, { event: "recovering", jobId, since }),
        TROUBLE_AFTER_MS,
      );
    };
    try {
      const held = { job, unit, operator, lease, granted, onPreparing };
      const order = { ...held, onProgress, onRecovering };
      const end = await runJob(order, { ...tools, log });
      show(end, job, unit.serial);
      if (end.kind === "reported" && end.verdict.kind === "pass") {
        options.labels.passed(end.attemptId);
      }
      logEnd(log, end, serial);
      releaseAfter(end, release);
      if (end.kind === "untouched") {
        void untouched(job, end.refusal, end.attemptId, granted);
      } else granted?.ended();
    } catch (error) {
      log.error({ err: error, step: "job" }, "the job's result could not be kept");
      const verdict = { kind: "fail", refusal: refusalOf(error) } as const;
      const end = { verdict, vanished: true, usbSerial: unit.serial, durationMs: 0 };
      board.dispatch(nest, { event: "finished", jobId, ...end });
      release("FAIL", refusalOf(error).code);
      // Its result waits for the disk, and the journal has its intent.
      granted?.ended();
    } finally {
      clearTimeout(trouble);
      // The journal may hold a result even if the job failed. It must not wait for the next job's.
      options.delivery.wake();
      leases.delete(nest);
      await lease.release();
    }
  }

  function show(end: JobEnd, { nest, jobId }: LeasedJob, usbSerial: string): void {
    if (end.kind === "untouched") {
      board.dispatch(nest, { event: "stopped", jobId, refusal: end.refusal });
      return;
    }
    const { verdict, vanished, durationMs } = end;
    board.dispatch(nest, { event: "finished", jobId, verdict, vanished, usbSerial, durationMs });
  }

  return {
    get running() {
      return running.size;
    },
    take(job, granted) {
      const nest = board.nest(job.nest);
      if (leases.has(job.nest) && nest?.state === "busy" && nest.jobId === job.jobId) return;
      const wanted = checkWanted(job);
      if (wanted.kind === "unwanted") {
        const { jobId } = job;
        const refusal = refusalFrom("attempt.cancelled", wanted.reason);
        board.dispatch(job.nest, { event: "stopped", jobId, refusal });
        void untouched(job, refusal, undefined, granted);
        return;
      }
      const done = run({ ...wanted.order, granted }).finally(() => running.delete(job.jobId));
      running.set(job.jobId, done);
    },
    cancel: (nest) => leases.get(nest)?.cancel(new FlashlineError("attempt.cancelled")),
    async idle() {
      await Promise.all(running.values());
    },
  };
}

function releaseAfter(
  end: JobEnd,
  release: (outcome: FixtureOutcome, code: string | null) => void,
): void {
  if (end.kind === "untouched") release("STOPPED", end.refusal.code);
  else if (end.verdict.kind === "pass") release("PASS", null);
  else release("FAIL", end.verdict.refusal.code);
}

function logEnd(log: Logger, end: JobEnd, serial: string): void {
  if (end.kind === "untouched") {
    const { attemptId, refusal } = end;
    log.info({ attemptId, serial, step: "job", code: refusal.code }, "job stopped, nothing erased");
    return;
  }
  const { attemptId, verdict, durationMs, linkIncident } = end;
  const code = verdict.kind === "fail" ? verdict.refusal.code : undefined;
  log.info(
    { attemptId, serial, step: "job", code, ms: durationMs, linkIncident },
    verdict.kind === "pass" ? "PASS" : "FAIL",
  );
}
