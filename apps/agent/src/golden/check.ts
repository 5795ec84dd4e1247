import { FlashlineError, type GoldenOrder, type NestRefusal } from "@flashline/contract";
import { type EngineEvent, type FlashReport, flashUnit, gentlerOf } from "@flashline/dfu-core";
import type { AttachedUnit } from "@flashline/usb-host";
import { type GuardedTransport, guardTransport } from "../jobs/guard.ts";
import { type CheckedRelease, checkRelease } from "../jobs/release-check.ts";
import { loadImages } from "../jobs/release-images.ts";
import { brokenReport, durationOf, resultOf } from "../jobs/result.ts";
import type { JobTools } from "../jobs/run-job.ts";
import { untilAnswered } from "../jobs/start.ts";
import { untouchedRefusal } from "../jobs/untouched.ts";
import { writeResult } from "../jobs/unwritten.ts";
import type { AttemptIntent } from "../journal/entry.ts";
import { namedOperator, type Worker } from "../people/worker.ts";
import { recordAttempt } from "../transcripts/record.ts";
import { areaOf } from "./area.ts";

export type CheckTools = Pick<
  JobTools,
  | "link"
  | "journal"
  | "unwritten"
  | "cache"
  | "transcripts"
  | "source"
  | "clock"
  | "pinnedKeys"
  | "place"
  | "log"
>;

export interface CheckOrder {
  readonly order: GoldenOrder;
  readonly unit: AttachedUnit;
  readonly operator: Worker | null | undefined;
  /** Aborted by whoever wants it to end; counts only before the first erase. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: EngineEvent) => void;
}

/** How a check ended here. */
export type CheckEnd =
  /** Nothing was erased, and there is no result. */
  | { readonly kind: "untouched"; readonly refusal: NestRefusal; readonly isJournaled: boolean }
  /** A result stands in the journal. */
  | { readonly kind: "reported"; readonly report: FlashReport; readonly durationMs: number };

/** How long the server's word before the first erase is waited for, milliseconds. */
const START_MS = 60_000;

/**
 * One check: release and images as of any job, the area whose turn it is, intent, acknowledged start, flash. The unit stays in its bootloader. Never
 * rejects for what a unit, a server or a release can do.
 * @throws FlashlineError `agent.journal` when a result cannot be written down.
 */
export async function runCheck(of: CheckOrder, tools: CheckTools): Promise<CheckEnd> {
  const { order, unit, signal } = of;
  let transport: GuardedTransport | undefined;
  let isJournaled = false;
  try {
    const release = checkRelease(
      { ...order, boardRevision: null },
      {
        keys: await tools.pinnedKeys(),
        now: Date.now(),
        virtual: unit.virtual,
        place: tools.place(),
        isForAnyRevision: true,
      },
    );
    const image = await loadImages(release.manifest, { ...tools, unit }, signal);
    signal.throwIfAborted();
    const opened = await tools.source.open(unit.portPath, signal);
    const record = recordAttempt(opened, unit.portPath, tools.clock);
    transport = guardTransport(record.transport, () => tools.journal.touched(order.checkId));
    const { recipe, chip } = release.manifest;
    const profile = gentlerOf(recipe.profile, order.profile);
    const { areas, turn, checkId } = order;
    const area = areaOf(image, {
      descriptors: transport.descriptors,
      chip,
      profile,
      areas,
      turn,
      bankMode: recipe.bankMode,
    });
    const intent = intentOf(of, release);
    await tools.journal.intent(intent);
    isJournaled = true;
    await untilAnswered(
      () =>
        tools.link.call(
          "startGoldenCheck",
          {
            params: { id: checkId },
            body: { host: unit.host, virtual: unit.virtual, sectors: [...area.sectors] },
          },
          { signal },
        ),
      START_MS,
      signal,
    );
    await tools.journal.started(checkId, profile === recipe.profile ? undefined : profile);
    const startedAt = new Date().toISOString();
    const report = await flashUnit({
      transport,
      clock: tools.clock,
      signal,
      image: area.image,
      chip,
      profile,
      // A check erases whatever is there: an unchanged sector would be skipped.
      knownDirty: true,
      ...(recipe.bankMode === undefined ? {} : { bankMode: recipe.bankMode }),
      ...(recipe.expectOptions === undefined ? {} : { expectOptions: recipe.expectOptions }),
      onEvent: of.onEvent,
    }).catch((error: unknown) => brokenReport(error, profile, chip));
    if (!transport.touched && transport.refusal !== undefined) throw transport.refusal;
    if (!transport.touched && report.code === "attempt.cancelled") {
      throw new FlashlineError("attempt.cancelled");
    }
    const result = resultOf(intent, report, transport.touched, startedAt, new Date().toISOString());
    const durationMs = durationOf(report);
    await writeResult(tools, result, {
      serial: intent.serial,
      nest: intent.nest,
      golden: true,
      durationMs,
      outcome: report.outcome,
      code: report.code,
    });
    if (report.outcome !== "PASS") tools.transcripts.keep(checkId, () => record.file());
    return { kind: "reported", report, durationMs };
  } catch (error) {
    if (transport?.touched === true) throw error;
    return { kind: "untouched", refusal: untouchedRefusal(error, signal), isJournaled };
  } finally {
    await transport?.close();
  }
}

function intentOf({ order, unit, operator }: CheckOrder, release: CheckedRelease): AttemptIntent {
  const { manifest, manifestSha256, keyId } = release;
  return {
    attemptId: order.checkId,
    jobId: order.checkId,
    epoch: 0,
    golden: true,
    serial: order.serial,
    nest: order.nest,
    host: unit.host,
    virtual: unit.virtual,
    usbSerial: unit.serial,
    ...(unit.bootId === undefined ? {} : { bootId: unit.bootId }),
    deviceNumber: unit.deviceNumber,
    profile: manifest.recipe.profile,
    chip: manifest.chip,
    imageSha256: manifest.images.map(({ sha256 }) => sha256),
    manifestSha256,
    keyId,
    ...namedIntent(operator),
  };
}

const namedIntent = (operator: Worker | null | undefined) =>
  namedOperator(operator).operator === undefined ? {} : { operator };
