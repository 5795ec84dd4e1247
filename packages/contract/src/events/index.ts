import type { z } from "zod";
import { ALARM_EVENTS } from "./alarms.ts";
import { BADGE_EVENTS } from "./badges.ts";
import { CHANNEL_EVENTS } from "./channels.ts";
import type { EventKind } from "./event.ts";
import { EXCEPTION_EVENTS } from "./exceptions.ts";
import { GOLDEN_EVENTS } from "./golden.ts";
import { GRANT_EVENTS } from "./grants.ts";
import { HOLD_EVENTS } from "./holds.ts";
import { LABEL_EVENTS } from "./labels.ts";
import { ORDER_EVENTS } from "./orders.ts";
import { PACING_EVENTS } from "./pacing.ts";
import { PEOPLE_EVENTS } from "./people.ts";
import { PLAN_EVENTS } from "./plan.ts";
import { PLANT_EVENTS } from "./plant.ts";
import { RELEASE_EVENTS } from "./release.ts";
import { REWORK_EVENTS } from "./rework.ts";
import { WEBHOOK_EVENTS } from "./webhooks.ts";
import { SERVER_EVENTS, WORK_EVENTS } from "./work.ts";

/** Every kind of event that the ledger holds. A deed that is not in it cannot be recorded. */
export const EVENTS = {
  ...PEOPLE_EVENTS,
  ...BADGE_EVENTS,
  ...PLANT_EVENTS,
  ...PLAN_EVENTS,
  ...RELEASE_EVENTS,
  ...CHANNEL_EVENTS,
  ...EXCEPTION_EVENTS,
  ...ORDER_EVENTS,
  ...GRANT_EVENTS,
  ...GOLDEN_EVENTS,
  ...WORK_EVENTS,
  ...PACING_EVENTS,
  ...HOLD_EVENTS,
  ...REWORK_EVENTS,
  ...LABEL_EVENTS,
  ...ALARM_EVENTS,
  ...WEBHOOK_EVENTS,
  ...SERVER_EVENTS,
} as const satisfies Record<string, EventKind>;

/** A key of {@link EVENTS}: "release.revoked". */
export type EventName = keyof typeof EVENTS;

type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;

/** `data` of an event of this kind, by the newest version of its schema. */
export type EventData<K extends EventName> =
  Last<(typeof EVENTS)[K]["versions"]> extends infer S extends z.ZodType ? z.output<S> : never;

/** The newest version of a kind: what is recorded now. */
export const eventVersion = (kind: EventName): number => EVENTS[kind].versions.length;
