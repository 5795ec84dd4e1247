import {
  type AgentAbility,
  type Code,
  HOLD_CODES,
  MOST_BARRED,
  MOST_BARRED_BEFORE,
} from "@flashline/contract";
import type { GiveFacts } from "./give.repository.ts";

export interface GrantRefusal {
  readonly code: Code;
  readonly message: string;
}

/** So many grants of a station may be open: the one that it has, the one that it gets, and one whose answer was lost. */
const MOST_OPEN = 3;

/** What a grant needs to be there. */
export interface Grantable {
  readonly order: NonNullable<GiveFacts["order"]>;
  readonly product: NonNullable<GiveFacts["product"]> & { readonly serialPattern: string };
  readonly release: NonNullable<GiveFacts["release"]>;
  readonly manifest: Buffer;
  readonly manifestSha256: string;
  readonly manifestSignature: string;
}

const no = (code: Code, message: string): { readonly refusal: GrantRefusal } => ({
  refusal: { code, message },
});
const notFor = (order: string, why: string) =>
  no("grant.not_for_order", `Work order ${order} needs the server for each unit: ${why}.`);

/** How many units a grant for an agent that can do this may name as on hold or scrapped. */
export const mostBarred = (abilities: readonly string[]): number =>
  abilities.includes("many-barred" satisfies AgentAbility) ? MOST_BARRED : MOST_BARRED_BEFORE;

/** Why only the server can say of a unit of this order whether it may be flashed, or what goes into it. Undefined: a station can. */
function needsServer(
  { firstStep, barred }: GiveFacts,
  { product, release }: Pick<Grantable, "product" | "release">,
  abilities: readonly string[],
): string | undefined {
  if (product.registration !== "pattern") return `units of ${product.name} are listed`;
  if (firstStep !== true) return "its units have passed other steps before";
  if (release.boardRevisions.length > 0) return "its release is for certain board revisions";
  if (release.remainder === "preserve") return "its release preserves what a unit holds";
  if (release.fields.some(({ from }) => from === "given"))
    return "its release takes values that units were given";
  if (release.asksForSerial && !abilities.includes("application-serial"))
    return "this station's agent cannot look at the started application";
  if (product.hasLabel && !abilities.includes("labels"))
    return "this station's agent cannot print their labels";
  const most = mostBarred(abilities);
  if (barred.length > most)
    return `more than ${most} units of ${product.name} are on hold or scrapped`;
  return undefined;
}

/** What the grant is for, or why the station gets none now. */
export function grantable(
  facts: GiveFacts,
  abilities: readonly string[],
): Grantable | { readonly refusal: GrantRefusal } {
  const { hours, hold, open, order, product, release, manifest } = facts;
  if (hours === 0) return no("grant.off", "The plant gives its stations no grants.");
  if (open >= MOST_OPEN) {
    const message = `The station has ${open} grants that it has not given back. An engineer ends those that it does not have any more.`;
    return no("request.conflict", message);
  }
  if (hold !== null) {
    return no(HOLD_CODES[hold.kind], `${hold.name} is paused (${hold.reason}).`);
  }
  const { manifestSha256, manifestSignature } = facts;
  if (order === null || product === null || release === null || manifest === null)
    return no("preflight.no_work_order", "No open work order is set for this station.");
  if (manifestSha256 === null || manifestSignature === null)
    return no("preflight.no_work_order", "The work order has no release.");
  const { version } = release;
  if (release.state === "revoked") return no("release.revoked", `Release ${version} was revoked.`);
  if (release.state !== "released")
    return no("release.not_released", `Release ${version} is not released.`);
  if (release.expired) return no("release.expired", `Release ${version} has expired.`);
  const why = needsServer(
    facts,
    { product: { ...product, serialPattern: "" }, release },
    abilities,
  );
  if (why !== undefined) return notFor(order.number, why);
  const { serialPattern } = product;
  if (serialPattern === null) return notFor(order.number, `${product.name} has no serial pattern`);
  return {
    order,
    product: { ...product, serialPattern },
    release,
    manifest,
    manifestSha256,
    manifestSignature,
  };
}

/**
 * How many units a grant may be for: half of what the order still takes, shared by its stations, so that the other half is there for whoever has the
 * server. What the station has in older grants is replaced, and counts as free for this; until it is back, both fit.
 */
export function grantSize({ free, mine, stations }: Grantable["order"], mostUnits: number): number {
  const share = Math.floor((free + mine) / (2 * Math.max(1, stations)));
  return Math.max(0, Math.min(mostUnits, share, free));
}
