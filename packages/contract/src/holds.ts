import { z } from "zod";
import type { Code } from "./codes.ts";
import { Id, Name, Serial, text } from "./common.ts";
import type { Role, TokenScope } from "./states.ts";

/** What a hold can be on. */
export const HOLD_KINDS = ["host", "nest", "station", "line", "unit", "batch"] as const;
/** One of {@link HOLD_KINDS}. */
export type HoldKind = (typeof HOLD_KINDS)[number];

/** With which code a unit is refused because of a hold of this kind. */
export const HOLD_CODES = {
  host: "preflight.host_quarantined",
  nest: "preflight.nest_off",
  station: "preflight.station_paused",
  line: "preflight.line_paused",
  unit: "preflight.unit_held",
  batch: "preflight.batch_held",
} as const satisfies Record<HoldKind, Code>;

const LEADS = ["operator-lead", "engineer", "admin"] as const;
const ENGINEERS = ["engineer", "admin"] as const;
/** Who sets and lifts a hold of this kind. A lead stops a line at once; a host and a batch are an engineer's. */
export const HOLD_ACCESS = {
  host: { kind: "people", roles: ENGINEERS, scopes: ["stations:write"] },
  nest: { kind: "people", roles: LEADS, scopes: ["stations:write"] },
  station: { kind: "people", roles: LEADS, scopes: ["stations:write"] },
  line: { kind: "people", roles: LEADS, scopes: ["stations:write"] },
  unit: { kind: "people", roles: LEADS, scopes: ["orders:write"] },
  batch: { kind: "people", roles: ENGINEERS, scopes: ["orders:write"] },
} as const satisfies Record<
  HoldKind,
  { kind: "people"; roles: readonly Role[]; scopes: readonly TokenScope[] }
>;

/** What a hold is on, by the names that people use. */
export const HoldTarget = z.discriminatedUnion("kind", [
  /** Id or name of a host, or the name of its station or machine where it is the only one there. */
  z.object({ kind: z.literal("host"), host: text(200, 1) }),
  z.object({ kind: z.literal("nest"), station: Name, nest: Name }),
  z.object({ kind: z.literal("station"), station: Name }),
  /** `plant` where several have a line of this name. */
  z.object({ kind: z.literal("line"), line: Name, plant: Name.optional() }),
  /** `product` where several have a unit with this serial. */
  z.object({ kind: z.literal("unit"), serial: Serial, product: Name.optional() }),
  z.object({ kind: z.literal("batch"), product: Name, batch: text(60, 1) }),
]);
export type HoldTarget = z.infer<typeof HoldTarget>;

/** The same in a query: the fields that its kind has. */
export const HoldTargetQuery = z.object({
  kind: z.enum(HOLD_KINDS),
  host: text(200, 1).optional(),
  station: Name.optional(),
  nest: Name.optional(),
  line: Name.optional(),
  plant: Name.optional(),
  serial: Serial.optional(),
  product: Name.optional(),
  batch: text(60, 1).optional(),
});

/** Why, in a person's own words. */
export const Reason = text(500).trim().min(3);

/** What is to stand still, and why. */
export const HoldRequest = z.object({ target: HoldTarget, reason: Reason });
/** Lifts the hold that is on the target. With `hold`: only if it is still that one. */
export const LiftRequest = z.object({
  target: HoldTarget,
  reason: Reason,
  hold: Id.optional(),
});

/** A hold, with its end once it was lifted. */
export const HoldView = z.object({
  id: Id,
  kind: z.enum(HOLD_KINDS),
  /** The target's name: "L3-07", "L3-07/2", "Graz/L3", "PSU-40 SN1001", "PSU-40 LOT-9". */
  name: z.string(),
  reason: z.string(),
  /** A guard is the server itself, by a rule. */
  origin: z.enum(["person", "guard"]),
  setBy: z.string(),
  setAt: z.string(),
  liftedBy: z.string().nullable(),
  liftedAt: z.string().nullable(),
  liftReason: z.string().nullable(),
});
export type HoldView = z.infer<typeof HoldView>;

/** What a hold tells where its target is shown: of which kind it is, and why. */
export const HoldNote = z.object({
  /** One of {@link HOLD_KINDS}. */
  kind: z.string(),
  code: z.string(),
  reason: z.string(),
});
export type HoldNote = z.infer<typeof HoldNote>;

const Job = z.object({ station: z.string(), nest: z.string(), serial: z.string() });

/** What a hold does at once, or would do. */
export const HoldEffect = z.object({
  kind: z.enum(HOLD_KINDS),
  name: z.string(),
  /** The hold that is on the target now. */
  hold: HoldView.nullable(),
  /** Nests that take no more units because of this hold alone. */
  nests: z.array(z.object({ station: z.string(), nest: z.string() })),
  /** Stations of which no nest is left. */
  stations: z.array(z.string()),
  /** Stations that go on, on the same orders. */
  remaining: z.array(z.string()),
  /** Open orders that no station works on any more, with the units that they lack. */
  orders: z.array(z.object({ number: z.string(), left: z.number().int() })),
  /** Units in work: they come to their end, and their results count. */
  finishing: z.array(Job),
  /** Jobs that were not started: they are called off. */
  calledOff: z.array(Job),
  /** Of a unit or a batch: units that have not passed. */
  units: z.number().int(),
});
export type HoldEffect = z.infer<typeof HoldEffect>;

/** A hold that is on, and what it did at once. */
export const HoldSet = z.object({ hold: HoldView, effect: HoldEffect });
export type HoldSet = z.infer<typeof HoldSet>;
