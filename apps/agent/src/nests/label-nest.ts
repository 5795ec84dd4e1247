import type { LabelStage, NestRefusal } from "@flashline/contract";
import { atRest, coreOf } from "./at-rest.ts";
import type { LabelNest, Nest } from "./nest.ts";

/** The unit that passed gets its label; also of an earlier life of the agent. */
export interface LabelEvent {
  readonly event: "label";
  readonly attemptId: string;
  readonly serial: string;
  readonly durationMs: number;
  readonly stage: LabelStage;
  readonly refusal: NestRefusal | null;
}

/** The nest whose unit gets its label, or whose label is at another stage. */
export function withLabel(
  nest: Nest,
  { attemptId, serial, durationMs, stage, refusal }: LabelEvent,
  now: number,
): LabelNest {
  if (nest.state === "label" && nest.attemptId === attemptId) return { ...nest, stage, refusal };
  const known = nest.last?.serial === serial ? nest.last : undefined;
  return {
    ...coreOf(nest),
    last: known ?? { serial, usbSerial: "", vanished: true, endedAt: now },
    state: "label",
    attemptId,
    stage,
    refusal,
    durationMs: nest.state === "pass" ? durationMs : null,
    cameBack: nest.state === "pass" && nest.cameBack,
    another: false,
    isOff: nest.state === "off",
  };
}

/** The PASS is shown as one without a label is, from now on. */
export function labelDone(nest: LabelNest, now: number): Nest {
  const core = { ...coreOf(nest), last: { ...nest.last, endedAt: now } };
  if (nest.isOff) return { ...core, state: "off" };
  if (nest.another) return atRest({ ...core, last: null });
  const { durationMs, cameBack } = nest;
  return durationMs === null ? atRest(core) : { ...core, state: "pass", durationMs, cameBack };
}
