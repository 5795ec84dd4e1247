import {
  type AgentAbility,
  type Code,
  called,
  FlashlineError,
  HOLD_CODES,
  type HoldKind,
  isReadableSerial,
  type RecipeView,
  type RefusalParameters,
} from "@flashline/contract";
import { serialPattern } from "@flashline/contract/pattern";
import { STARTABLE_STATES } from "../db/exception.ts";
import type { Held } from "../db/held.ts";
import type { JobRefusal } from "./refusal.ts";
import { type UnitDataFacts, unitDataRefusal } from "./unit-data.ts";

/** What PostgreSQL knows when a unit is scanned in a nest. */
export interface OrderFacts {
  /** Null: the agent names no such nest. */
  readonly nest: { readonly id: string } | null;
  readonly order: {
    readonly id: string;
    readonly number: string;
    readonly quantity: number;
    readonly stepId: string;
    /** Places that grants keep for stations without the server. */
    readonly reserved: number;
    /** Those, and jobs of other units that use up quota: passed, open or unknown. */
    readonly used: number;
  } | null;
  readonly product: {
    readonly id: string;
    readonly name: string;
    readonly serialPattern: string | null;
    readonly registration: string;
  } | null;
  readonly release: {
    readonly id: string;
    readonly version: string;
    readonly state: string;
    readonly expired: boolean;
    /** The exception that lets the unit have a release that is refused otherwise. Null where none is needed, and where there is none. */
    readonly exceptionId: string | null;
    readonly boardRevisions: readonly string[];
    readonly fields: RecipeView["fields"];
    /** What an agent must be able to do. */
    readonly asks: readonly AgentAbility[];
  } | null;
  readonly unit: { readonly id: string; readonly boardRevision: string | null } | null;
  /** Another product that has a unit with this serial. */
  readonly otherProduct: string | null;
  /** The open order whose list the unit is in, where it is another one. */
  readonly otherOrder: string | null;
  /** Why none of the station's orders is the unit's; null where one is, and where the station has none. */
  readonly unpicked: JobRefusal | null;
  readonly passed: boolean;
  /** The first earlier process step that the unit has not passed. */
  readonly missingStep: string | null;
  /** Where the unit has an open job: "L3-02, nest A". */
  readonly unitBusyAt: string | null;
  /** Serial of the unit that has an open job in this nest. */
  readonly nestBusyWith: string | null;
  /** Holds on the place, on the host behind its nest as its latest attempt showed it, and on the unit. */
  readonly holds: readonly Held[];
  readonly scrapped: boolean;
  /** Failures of the unit at this step that count against it, and with how many a lead is asked. */
  readonly failures: number;
  readonly allowed: number;
  /** Where to take the unit, whose last try failed by the fault of the host behind this nest. */
  readonly elsewhere: readonly string[];
  readonly dirty: boolean;
  /** Null when the release takes nothing of the unit from the server. */
  readonly unitData: UnitDataFacts | null;
  /** Nobody starts a unit at this station without being logged in. */
  readonly operatorRequired: boolean;
  /** The person whom the station named may work there. */
  readonly operatorKnown: boolean;
  /** The serial is a golden unit's, which no work order flashes. */
  readonly golden: boolean;
  /** A golden check of the nest is overdue, and its plant wants it before anything else. */
  readonly goldenDue: boolean;
}

const refuse = (code: Code, message: string, parameters?: RefusalParameters): JobRefusal =>
  parameters === undefined ? { code, message } : { code, message, parameters };

/** Null: the serial matches. A pattern that an older server took and this one cannot use keeps new serials out. */
function patternRefusal(pattern: string, serial: string, product: string): JobRefusal | null {
  try {
    if (serialPattern(pattern)(serial)) return null;
  } catch (error) {
    if (!(error instanceof FlashlineError)) throw error;
    return refuse(error.code, `${product}: ${error.message} An engineer gives it another one.`, {
      product,
      ...error.parameters,
    });
  }
  return refuse(
    "preflight.serial_malformed",
    `"${serial}" does not look like a serial number of ${product}.`,
    { serial, product },
  );
}

/** Null: every character of the serial may be part of one. */
export function unreadableRefusal(serial: string): JobRefusal | null {
  if (isReadableSerial(serial)) return null;
  return refuse("preflight.serial_malformed", "The scan holds characters that no serial has.");
}

function serialRefusal(serial: string, facts: OrderFacts): JobRefusal | null {
  const { product, unit, otherProduct } = facts;
  if (unit !== null || product === null) return null;
  if (otherProduct !== null) {
    return refuse(
      "preflight.wrong_product",
      `${serial} is a ${otherProduct}; this work order is for ${product.name}.`,
      { serial, otherProduct, product: product.name },
    );
  }
  const pattern = product.serialPattern;
  const malformed = pattern === null ? null : patternRefusal(pattern, serial, product.name);
  if (malformed !== null) return malformed;
  if (product.registration === "pattern" && pattern !== null) return null;
  return refuse(
    "preflight.unknown_serial",
    `No unit of ${product.name} has the serial ${serial}.`,
    {
      serial,
      product: product.name,
    },
  );
}

function heldText({ kind, name }: Held, nest: string): string {
  switch (kind) {
    case "host":
      return `The host behind nest ${nest} is quarantined`;
    case "nest":
      return `Nest ${nest} was taken out of use`;
    case "station":
      return "The station is paused";
    case "line":
      return `${called("Line", name)} is paused`;
    case "unit":
      return `${name} is on hold`;
    case "batch":
      return `Batch ${name} is on hold`;
  }
}

/** The refusal by a hold. */
export function holdRefusal(held: Held, nest: string): JobRefusal {
  const { kind, name, reason } = held;
  const parameters = { nest, name, reason };
  return refuse(HOLD_CODES[kind], `${heldText(held, nest)} (${reason}).`, parameters);
}

function heldRefusal(facts: OrderFacts, nest: string, ...kinds: HoldKind[]): JobRefusal | null {
  const held = facts.holds.find(({ kind }) => kinds.includes(kind));
  return held === undefined ? null : holdRefusal(held, nest);
}

/** A release about to be used, as the rules need it. */
export interface UsedRelease {
  readonly version: string;
  readonly state: string;
  readonly expired: boolean;
  /** The exception under which it is used lifts what stands in its way. */
  readonly lifted: boolean;
  /** What stands in that exception's way, one of `EXCEPTION_STATES`; null without one. */
  readonly exception: string | null;
}

/** Why the exception under which a job was made does not help any more. Null: it is not the exception that is in the way. */
function exceptionRefusal({ version, exception }: UsedRelease): JobRefusal | null {
  const refuseIt = (code: Code, why: string) =>
    refuse(code, `The exception for release ${version} ${why}.`, { version });
  switch (exception) {
    case "withdrawn":
      return refuseIt("exception.withdrawn", "was withdrawn");
    case "key-revoked":
      return refuseIt("release.key_unknown", "is signed by a key that was revoked");
    case "used-up":
      return refuseIt("exception.used_up", "was used by as many units as it is for");
    case "early":
    case "over":
      return refuseIt("exception.not_now", "does not hold now");
    default:
      return null;
  }
}

/** Refusals that hold for a release wherever it is about to be used. */
export function releaseRefusal(release: UsedRelease): JobRefusal | null {
  const { version } = release;
  const refuseIt = (code: Code, why: string) =>
    refuse(code, `Release ${version} ${why}.`, { version });
  if (release.state === "revoked") return refuseIt("release.revoked", "was revoked");
  if (release.state === "paused") return refuseIt("release.canary_paused", "is a paused canary");
  const isOut = STARTABLE_STATES.includes(release.state);
  if (release.lifted || (isOut && !release.expired)) return null;
  const ended = exceptionRefusal(release);
  if (ended !== null) return ended;
  if (!isOut) return refuseIt("release.not_released", "is a draft");
  return refuseIt("release.expired", "has expired");
}

function revisionRefusal({ release, unit }: OrderFacts): JobRefusal | null {
  if (release === null || release.boardRevisions.length === 0) return null;
  const revision = unit?.boardRevision ?? null;
  if (revision !== null && release.boardRevisions.includes(revision)) return null;
  const allowed = release.boardRevisions.join(", ");
  const has = revision === null ? "its revision is not known" : `it has revision ${revision}`;
  return refuse(
    "preflight.board_revision",
    `Release ${release.version} is for board revision ${allowed}; of this unit ${has}.`,
    { version: release.version, allowed, ...(revision === null ? {} : { revision }) },
  );
}

const ABILITY_SENTENCES = {
  "application-serial": (version) =>
    `Release ${version} wants the USB serial of the started application looked at; this station's agent is too old for that, or has its units over USB/IP.`,
  "given-profile": (version) =>
    `Release ${version} wants a profile that the server gives; this station's agent is too old for that.`,
  "golden-checks": (version) =>
    `Release ${version} wants golden checks; this station's agent is too old for that.`,
  "many-barred": (version) =>
    `Release ${version} wants grants that name many units; this station's agent is too old for that.`,
  labels: () => "Units of this product get a label; this station's agent is too old to print one.",
} as const satisfies Record<AgentAbility, (version: string) => string>;

/** An agent that cannot do what release and product ask would refuse it at the unit, or pass it by. */
function abilityRefusal({ release }: OrderFacts, abilities: readonly string[]): JobRefusal | null {
  const lacks = release?.asks.find((ability) => !abilities.includes(ability));
  if (release === null || lacks === undefined) return null;
  const { version } = release;
  return refuse("release.agent_cannot", ABILITY_SENTENCES[lacks](version), {
    version,
    ability: lacks,
  });
}

export function quotaRefusal(order: {
  readonly number: string;
  readonly quantity: number;
  readonly used: number;
}): JobRefusal | null {
  if (order.used < order.quantity) return null;
  return refuse(
    "preflight.quota_reached",
    `Work order ${order.number} is for ${order.quantity} units; ${order.used} have passed, are in work, are unknown or are kept for stations without the server.`,
    { order: order.number, quantity: order.quantity, used: order.used },
  );
}

function scrapRefusal(serial: string, { scrapped }: OrderFacts): JobRefusal | null {
  if (!scrapped) return null;
  return refuse("preflight.scrapped", `${serial} was scrapped.`, { serial });
}

function goldenRefusal(nest: string, { goldenDue }: OrderFacts): JobRefusal | null {
  if (!goldenDue) return null;
  return refuse("golden.due", `Nest ${nest} is to be checked with a golden unit first.`, { nest });
}

function retestRefusal(serial: string, facts: OrderFacts): JobRefusal | null {
  const { failures, allowed, elsewhere, unit } = facts;
  if (unit !== null && failures >= allowed) {
    return refuse(
      "preflight.retest_limit",
      `${serial} has failed ${failures} times; a lead may allow one more try.`,
      { serial, failures },
    );
  }
  if (elsewhere.length === 0) return null;
  const stations = elsewhere.join(", ");
  return refuse(
    "preflight.other_host",
    `${serial} failed here by the fault of the host. Take it to ${stations}.`,
    { serial, stations },
  );
}

/**
 * Why nobody starts a unit at a station that lets nobody start without being logged in. `told` is whom the station named: null is nobody,
 * undefined that its agent knows of no badges. Null: somebody is there, or nobody has to be.
 */
export function operatorRefusal(
  told: string | null | undefined,
  facts: Pick<OrderFacts, "operatorRequired" | "operatorKnown">,
): JobRefusal | null {
  if (!facts.operatorRequired || facts.operatorKnown) return null;
  if (told === undefined) {
    return refuse(
      "operator.missing",
      "Nobody starts here without a badge, and the station's agent is too old to read one: upgrade it.",
    );
  }
  if (told === null) return refuse("operator.missing", "Nobody is logged in at the station.");
  return refuse("operator.unknown", "Who is logged in at the station may not work there now.");
}

/** What a station tells of itself with a scan. */
export interface Telling {
  /** Who is logged in; null is nobody, undefined that the agent does not tell. */
  readonly operator?: string | null | undefined;
  /** What its agent can do; an older one does not tell. */
  readonly abilities?: readonly string[] | undefined;
}

/** May this serial be flashed in this nest now? Null: yes. The reason that an operator can act on soonest comes first. */
export function refusalOf(
  serial: string,
  nest: string,
  facts: OrderFacts,
  { operator, abilities = [] }: Telling,
): JobRefusal | null {
  const { order, product, release } = facts;
  if (facts.golden) {
    return refuse("golden.no_job", `${serial} is a golden unit: no work order flashes it.`, {
      serial,
    });
  }
  if (facts.nest === null) {
    return refuse("preflight.nest_unknown", `This station has no nest ${nest}.`, { nest });
  }
  const closed =
    heldRefusal(facts, nest, "line", "station", "nest") ?? operatorRefusal(operator, facts);
  if (closed !== null) return closed;
  if (order === null || product === null || release === null) {
    return refuse("preflight.no_work_order", "No open work order is set for this station.");
  }
  if (facts.unpicked !== null) return facts.unpicked;
  const early =
    serialRefusal(serial, facts) ??
    scrapRefusal(serial, facts) ??
    heldRefusal(facts, nest, "unit", "batch") ??
    releaseRefusal({ ...release, lifted: release.exceptionId !== null, exception: null }) ??
    abilityRefusal(facts, abilities) ??
    revisionRefusal(facts);
  if (early !== null) return early;
  if (facts.otherOrder !== null) {
    return refuse(
      "preflight.other_order",
      `${serial} is in the list of work order ${facts.otherOrder}, which this station does not have.`,
      { serial, order: facts.otherOrder },
    );
  }
  if (facts.passed) {
    return refuse("preflight.already_passed", `${serial} has already passed this step.`, {
      serial,
    });
  }
  if (facts.missingStep !== null) {
    return refuse(
      "preflight.previous_step",
      `${serial} has not passed the earlier step "${facts.missingStep}".`,
      { serial, step: facts.missingStep },
    );
  }
  if (facts.unitBusyAt !== null) {
    return refuse("preflight.busy", `${serial} is in work at ${facts.unitBusyAt}.`, {
      serial,
      at: facts.unitBusyAt,
    });
  }
  if (facts.nestBusyWith !== null) {
    return refuse("preflight.nest_busy", `Nest ${nest} is in work with ${facts.nestBusyWith}.`, {
      nest,
      serial: facts.nestBusyWith,
    });
  }
  return (
    heldRefusal(facts, nest, "host") ??
    goldenRefusal(nest, facts) ??
    retestRefusal(serial, facts) ??
    quotaRefusal(order) ??
    unitDataRefusal(serial, facts.unitData)
  );
}
