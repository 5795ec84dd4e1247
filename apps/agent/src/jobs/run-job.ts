import {
  FlashlineError,
  type LeasedJob,
  type NestProgress,
  type NestRefusal,
} from "@flashline/contract";
import {
  type EngineEvent,
  type FlashReport,
  flashUnit,
  gentlerOf,
  type ProfileName,
} from "@flashline/dfu-core";
import type { Clock } from "@flashline/dfu-core/protocol";
import type { PublicKey } from "@flashline/signing";
import type { AttachedUnit, UnitSource } from "@flashline/usb-host";
import type { Logger } from "pino";
import { v7 as uuid7 } from "uuid";
import type { Fixture } from "../hooks/fixture.ts";
import type { AttemptIntent } from "../journal/entry.ts";
import type { Journal } from "../journal/journal.ts";
import type { Labels } from "../labels/labels.ts";
import type { LabelNeed } from "../labels/need.ts";
import type { NestVerdict } from "../nests/reduce.ts";
import { namedOperator, type Worker } from "../people/worker.ts";
import type { ServerLink } from "../server/link.ts";
import { refusalFrom } from "../server/refusal.ts";
import type { TakenPlace } from "../station/granted.ts";
import { type AttemptRecord, recordAttempt } from "../transcripts/record.ts";
import type { TranscriptStore } from "../transcripts/store.ts";
import { abilitiesOf } from "./abilities.ts";
import { type AfterLeave, expectedAfterLeave, seenAfterLeave } from "./after-leave.ts";
import type { Place } from "./exception-check.ts";
import { type GuardedTransport, guardTransport } from "./guard.ts";
import type { ImageCache } from "./image-cache.ts";
import type { Lease } from "./lease.ts";
import { type CheckedRelease, checkRelease } from "./release-check.ts";
import { loadImages } from "./release-images.ts";
import { brokenReport, durationOf, resultOf } from "./result.ts";
import { type Snapshots, snapshotName } from "./snapshots.ts";
import { acknowledgedStart } from "./start.ts";
import { imageForUnit, type UnitImage } from "./unit-data.ts";
import { untouchedRefusal } from "./untouched.ts";
import { type UnwrittenResults, writeResult } from "./unwritten.ts";

export interface JobTools {
  readonly link: ServerLink;
  readonly journal: Journal;
  readonly unwritten: UnwrittenResults;
  readonly cache: ImageCache;
  /** For releases that preserve what their image does not cover. */
  readonly snapshots: Snapshots;
  /** Of failed attempts and golden checks. */
  readonly transcripts: Pick<TranscriptStore, "keep">;
  readonly labels: Pick<Labels, "need" | "due">;
  readonly source: UnitSource;
  readonly clock: Clock;
  readonly pinnedKeys: () => Promise<readonly PublicKey[]>;
  readonly place: () => Place;
  readonly fixture: Pick<Fixture, "prepare">;
  readonly log: Logger;
}

export interface JobOrder {
  readonly job: LeasedJob;
  readonly unit: AttachedUnit;
  /** Who pressed START; null: nobody was logged in. Undefined: the server takes no operator. */
  readonly operator: Worker | null | undefined;
  readonly lease: Lease;
  /** From now on the fixture may hold the unit: it has to be released, however the job ends. */
  readonly onPreparing: () => void;
  /** The server is away: it has neither leased the job, nor is it asked before the start. */
  readonly granted?: TakenPlace | undefined;
  readonly onProgress: (progress: NestProgress) => void;
  /** True when the engine begins to bring the link back, false when it is back. */
  readonly onRecovering: (recovering: boolean) => void;
}

/** How a job ended here. */
export type JobEnd =
  /** Nothing was erased and there is no result: the job must be given back. */
  | { readonly kind: "untouched"; readonly refusal: NestRefusal; readonly attemptId?: string }
  /** A result stands in the journal. */
  | {
      readonly kind: "reported";
      readonly attemptId: string;
      readonly verdict: NestVerdict;
      /** The unit left its port by itself: its application was started, or the link was lost. */
      readonly vanished: boolean;
      readonly durationMs: number;
      readonly linkIncident: boolean;
    };

/**
 * One job from the lease to the journaled result: checks, images, intent, acknowledged start, flash. Never rejects for what a
 * unit, a server or a release can do.
 * @throws FlashlineError `agent.journal` when a result cannot be written down.
 */
export async function runJob(order: JobOrder, tools: JobTools): Promise<JobEnd> {
  const { job, unit, lease, granted, onPreparing } = order;
  let attemptId: string | undefined;
  let transport: GuardedTransport | undefined;
  try {
    const keys = await tools.pinnedKeys();
    const release = checkRelease(job, {
      keys,
      now: granted?.now() ?? Date.now(),
      virtual: unit.virtual,
      place: tools.place(),
    });
    const { recipe } = release.manifest;
    const after = expectedAfterLeave(recipe, job.serial, tools.source);
    const label = tools.labels.need(job);
    const image = await loadImages(release.manifest, { ...tools, unit }, lease.signal);
    const unitImage = imageForUnit(recipe, job, image);
    lease.signal.throwIfAborted();
    onPreparing();
    await tools.fixture.prepare(
      { nest: job.nest, serial: job.serial, portPath: unit.portPath },
      lease.signal,
    );
    const opened = await tools.source.open(unit.portPath, lease.signal);
    const id = uuid7();
    const intent = intentOf(id, order, release, unitImage);
    const record = recordAttempt(opened, unit.portPath, tools.clock);
    transport = guardTransport(record.transport, () => tools.journal.touched(id));
    await tools.journal.intent(intent);
    attemptId = id;
    const { leaseMs, profile: given } = await started(order, tools, intent);
    lease.granted(leaseMs);
    const profile = gentlerOf(recipe.profile, given);
    await tools.journal.started(id, profile === recipe.profile ? undefined : profile);
    return await flash({
      order,
      tools,
      intent,
      release,
      unitImage,
      profile,
      transport,
      record,
      after,
      label,
    });
  } catch (error) {
    if (transport?.touched === true) throw error;
    return {
      kind: "untouched",
      refusal: untouchedRefusal(error, lease.signal),
      ...(attemptId === undefined ? {} : { attemptId }),
    };
  } finally {
    await transport?.close();
  }
}

function intentOf(
  attemptId: string,
  { job, unit, operator, granted }: JobOrder,
  release: CheckedRelease,
  { patch }: UnitImage,
): AttemptIntent {
  const { recipe, product } = release.manifest;
  return {
    attemptId,
    jobId: job.jobId,
    epoch: job.epoch,
    serial: job.serial,
    nest: job.nest,
    host: unit.host,
    virtual: unit.virtual,
    usbSerial: unit.serial,
    ...(unit.bootId === undefined ? {} : { bootId: unit.bootId }),
    deviceNumber: unit.deviceNumber,
    profile: recipe.profile,
    chip: release.manifest.chip,
    imageSha256: release.manifest.images.map(({ sha256 }) => sha256),
    manifestSha256: release.manifestSha256,
    keyId: release.keyId,
    ...(operator === undefined ? {} : { operator }),
    ...(granted === undefined ? {} : { grant: granted.use() }),
    ...(patch === undefined ? {} : { patch }),
    ...(recipe.remainder === "preserve" ? { snapshot: snapshotName(product, job.serial) } : {}),
  };
}

/** The server's word before the first erase, or the grant's, which gives no gentler profile. */
async function started(
  { job, lease, granted }: JobOrder,
  { link, source }: JobTools,
  intent: AttemptIntent,
): ReturnType<typeof acknowledgedStart> {
  if (granted !== undefined) {
    granted.mustHold();
    return { leaseMs: job.leaseMs };
  }
  const { attemptId, epoch, host, virtual, operator } = intent;
  const abilities = abilitiesOf(source);
  const body = { attemptId, epoch, host, virtual, abilities, ...namedOperator(operator) };
  return await acknowledgedStart(link, job.jobId, body, job.leaseMs, lease.signal);
}

interface Flash {
  readonly order: JobOrder;
  readonly tools: JobTools;
  readonly intent: AttemptIntent;
  readonly release: CheckedRelease;
  readonly unitImage: UnitImage;
  /** The release's, or a gentler one that the server gave. */
  readonly profile: ProfileName;
  readonly transport: GuardedTransport;
  readonly record: AttemptRecord;
  readonly after: AfterLeave | undefined;
  readonly label: LabelNeed | undefined;
}

async function flash(work: Flash): Promise<JobEnd> {
  const { order, tools, intent, release, unitImage, profile, transport, record, after, label } =
    work;
  const { manifest } = release;
  const { recipe } = manifest;
  const startedAt = new Date().toISOString();
  const flashed: FlashReport = await flashUnit({
    transport,
    clock: tools.clock,
    signal: order.lease.signal,
    image: unitImage.image,
    chip: manifest.chip,
    profile,
    remainder: recipe.remainder,
    snapshots: tools.snapshots,
    snapshotName: snapshotName(manifest.product, order.job.serial),
    leave: recipe.leave,
    ...(typeof recipe.vectorTable === "number" ? { leaveAddress: recipe.vectorTable } : {}),
    ...(recipe.bankMode === undefined ? {} : { bankMode: recipe.bankMode }),
    ...(recipe.expectOptions === undefined ? {} : { expectOptions: recipe.expectOptions }),
    knownDirty: order.job.dirty,
    onEvent: (event) => onEngineEvent(event, order, tools.log),
  }).catch((error: unknown) => brokenReport(error, profile, manifest.chip));
  const { report: engine, application } = await seenAfterLeave(
    flashed,
    after,
    { portPath: order.unit.portPath, scanned: order.job.serial },
    tools.source,
    tools.clock,
  );
  if (!transport.touched && transport.refusal !== undefined) throw transport.refusal;
  // A PASS that wrote nothing has a result. A job that was cancelled in time has none.
  if (!transport.touched && engine.code === "attempt.cancelled") {
    throw new FlashlineError("attempt.cancelled");
  }
  const finishedAt = new Date().toISOString();
  const result = {
    ...resultOf(intent, engine, transport.touched, startedAt, finishedAt),
    ...(application === undefined ? {} : { application }),
  };
  const passed = engine.outcome === "PASS";
  const { attemptId, serial, nest } = intent;
  const durationMs = durationOf(engine);
  const summary = { serial, nest, outcome: engine.outcome, durationMs, code: engine.code };
  await writeResult(tools, result, summary, async () => {
    if (passed && label !== undefined) {
      await tools.labels.due({ attemptId, serial, nest, durationMs }, label);
    }
  });
  if (passed) await tools.snapshots.passed(snapshotName(manifest.product, intent.serial));
  if (!passed) tools.transcripts.keep(intent.attemptId, () => record.file());
  return {
    kind: "reported",
    attemptId,
    verdict: passed
      ? { kind: "pass" }
      : { kind: "fail", refusal: refusalFrom(engine.code ?? "internal.bug", engine.detail) },
    vanished: flashed.outcome === "PASS" ? recipe.leave : engine.code === "link.lost",
    durationMs,
    linkIncident: engine.linkIncident,
  };
}

function onEngineEvent(
  event: EngineEvent,
  { onProgress, onRecovering }: JobOrder,
  log: Logger,
): void {
  switch (event.event) {
    case "progress": {
      const { phase, fraction, remainingMs = null } = event;
      onProgress({ phase, fraction, remainingMs });
      return;
    }
    case "incident":
      log.warn({ step: event.phase, code: event.code, detail: event.detail }, "incident");
      return;
    case "recovering":
    case "recovered":
      onRecovering(event.event === "recovering");
      return;
    case "profile":
    case "blocks": {
      const { event: step, from, to, cause: code } = event;
      if (code === undefined) log.info({ step, from, to }, "faster again");
      else log.warn({ step, from, to, code }, "slower");
      return;
    }
    case "planned":
    case "started":
    case "finished":
      return;
  }
}
