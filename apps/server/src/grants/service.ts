import {
  FlashlineError,
  type Grant,
  type GrantAnswer,
  type GrantView,
  isCode,
  type SignedGrant,
} from "@flashline/contract";
import { type SecretKey, signMinisig } from "@flashline/signing";
import type { Database } from "../db/database.ts";
import { violatedConstraint } from "../db/errors.ts";
import type { Sql } from "../db/sql.ts";
import { noRowBefore } from "../http/lists.ts";
import { neededRanges } from "../jobs/unit-data.ts";
import { actorOf, type Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { lockOrders } from "../orders/change.repository.ts";
import {
  type EndedGrant,
  endGrant,
  type GrantFilter,
  type GrantRow,
  grantById,
  listGrants,
} from "./ended.repository.ts";
import { addGrant, type GiveFacts, readGiveFacts, readGiven } from "./give.repository.ts";
import { freeNumbers, keepNumbers, takeNumbers } from "./numbers.repository.ts";
import { type Grantable, type GrantRefusal, grantable, grantSize, mostBarred } from "./rules.ts";

export interface GrantsService {
  /**
   * The grant that stands under this id, or a new one for the order that the station works on now; or why there is none. What the station has in older
   * grants stays kept until it gives them back.
   */
  ask(
    stationId: string,
    id: string,
    abilities: readonly string[],
    by: Origin,
  ): Promise<GrantAnswer>;
  /**
   * The station flashes nothing more under it, and sends no more results of it by itself. Numbers of `taken` places go to nobody. Undefined where it keeps
   * nothing (any more).
   */
  giveBack(
    stationId: string,
    id: string,
    taken: readonly number[],
    by: Origin,
  ): Promise<EndedGrant | undefined>;
  /** Rejects with `request.not_found`, and with `request.conflict` where it has ended. */
  end(
    id: string,
    reason: string,
    by: Origin,
  ): Promise<{ readonly ended: EndedGrant; readonly view: GrantView }>;
  list(filter: GrantFilter): Promise<GrantView[]>;
}

const viewOf = ({ givenAt, until, endedAt, ...grant }: GrantRow): GrantView => ({
  ...grant,
  givenAt: givenAt.toISOString(),
  until: until.toISOString(),
  endedAt: endedAt?.toISOString() ?? null,
});

const refused = (refusal: GrantRefusal): GrantAnswer => ({ grant: null, refusal });

/** The order, or a range, has too few left to keep some for a station. */
const tooFew = (order: string): FlashlineError =>
  new FlashlineError(
    "preflight.quota_reached",
    `Work order ${order} has too few units or numbers left to keep some for a station.`,
    { parameters: { order } },
  );

type Numbers = ReadonlyMap<string, readonly string[]>;

interface Ids {
  readonly id: string;
  readonly stationId: string;
}

function statementOf(
  ids: Ids,
  { nests, barred, now, until }: GiveFacts,
  { order, product, release, manifestSha256 }: Grantable,
  units: number,
  numbers: Numbers,
): Grant {
  const ofPlace = (place: number) =>
    Object.fromEntries([...numbers].map(([range, values]) => [range, values[place] ?? ""]));
  return {
    type: "flashline-grant",
    schema: 1,
    ...ids,
    order: order.number,
    product: product.name,
    version: release.version,
    manifestSha256,
    imageSha256: release.images.map(({ sha256 }) => sha256),
    units,
    from: now.toISOString(),
    until: until.toISOString(),
    serialPattern: product.serialPattern,
    nests,
    barred,
    retestLimit: product.retestLimit,
    virtualAllowed: product.allowVirtual,
    numbers: numbers.size === 0 ? [] : Array.from({ length: units }, (_, place) => ofPlace(place)),
  };
}

export function grantsService(
  { sql, transaction }: Pick<Database, "sql" | "transaction">,
  key: () => SecretKey,
): GrantsService {
  async function given(id: string, stationId: string): Promise<SignedGrant | "ended" | undefined> {
    const row = await readGiven(sql, id, stationId);
    if (row === undefined) return undefined;
    const { ended, manifest, label, ...grant } = row;
    if (ended) return "ended";
    const labelled = label === null ? {} : { label };
    return { ...grant, ...labelled, manifest: manifest.toString("base64") };
  }

  /** As many numbers of each range as there are, at most `units`. */
  async function numbersFor(
    tx: Sql,
    { product, release }: Grantable,
    units: number,
  ): Promise<Numbers> {
    const numbers = new Map<string, readonly string[]>();
    for (const range of neededRanges(release.fields)) {
      numbers.set(range, await takeNumbers(tx, product.id, range, units));
    }
    return numbers;
  }

  async function give(
    tx: Sql,
    ids: Ids,
    facts: GiveFacts,
    what: Grantable,
    by: Origin,
  ): Promise<void> {
    const { order, product, release } = what;
    const wanted = grantSize(order, facts.units);
    if (wanted === 0) throw tooFew(order.number);
    const numbers = await numbersFor(tx, what, wanted);
    // A transaction that is given up uses up no number.
    if ([...numbers.values()].some(({ length }) => length < wanted)) throw tooFew(order.number);
    const statement = JSON.stringify(statementOf(ids, facts, what, wanted, numbers));
    const trustedComment = `grant ${ids.id} station ${facts.station} order ${order.number}`;
    const signature = signMinisig(Buffer.from(statement), key(), { trustedComment });
    const { now: givenAt, until } = facts;
    const orderIds = { orderId: order.id, releaseId: release.id };
    await addGrant(tx, {
      ...ids,
      ...orderIds,
      units: wanted,
      givenAt,
      until,
      statement,
      signature,
    });
    for (const [range, values] of numbers) {
      await keepNumbers(tx, ids.id, product.id, range, values);
    }
    await recordEvent(tx, {
      kind: "grant.given",
      by,
      plantId: facts.plantId,
      subject: { id: ids.id, name: `${facts.station} ${order.number}` },
      data: {
        order: order.number,
        product: product.name,
        version: release.version,
        station: facts.station,
        units: wanted,
        until: until.toISOString(),
      },
    });
  }

  async function tell(
    tx: Sql,
    kind: "grant.returned" | "grant.ended",
    id: string,
    ended: EndedGrant,
    by: Origin,
    reason?: string,
  ): Promise<void> {
    const { order, station, units, used, plantId } = ended;
    const subject = { id, name: `${station} ${order}` };
    const data = { order, station, units, used };
    await recordEvent(tx, { kind, by, plantId, subject, reason, data });
  }

  return {
    async ask(stationId, id, abilities, by) {
      const before = await given(id, stationId);
      if (before === "ended")
        return refused({ code: "grant.over", message: "The grant has ended." });
      if (before !== undefined) return { grant: before, refusal: null };
      const facts = await readGiveFacts(sql, stationId, mostBarred(abilities));
      if (facts === undefined) throw new FlashlineError("auth.revoked");
      const what = grantable(facts, abilities);
      if ("refusal" in what) return refused(what.refusal);
      try {
        await transaction(async (tx) => {
          // Nobody changes the order, or takes one of its places, until this is done. Numbers come after it, as with jobs.
          await lockOrders(tx, [what.order.id]);
          const now = await readGiveFacts(tx, stationId, mostBarred(abilities));
          const still = now === undefined ? what : grantable(now, abilities);
          const same = "order" in still && still.order.id === what.order.id;
          if (now === undefined || !same) throw tooFew(what.order.number);
          await give(tx, { id, stationId }, now, still, by);
        });
      } catch (error) {
        if (isCode(error, "preflight.quota_reached"))
          return refused({ code: error.code, message: error.message });
        // The same request came twice at once: then it stands.
        if (violatedConstraint(error) !== "offline_grant_pkey") throw error;
      }
      const grant = await given(id, stationId);
      return grant === undefined || grant === "ended"
        ? refused({ code: "grant.over", message: "The grant has ended." })
        : { grant, refusal: null };
    },

    giveBack: (stationId, id, taken, by) =>
      transaction(async (tx) => {
        const end = { id, stationId, as: "returned", by: actorOf(by), reason: null } as const;
        const ended = await endGrant(tx, end);
        if (ended === undefined) return undefined;
        await freeNumbers(tx, id, taken);
        await tell(tx, "grant.returned", id, ended, by);
        return ended;
      }),

    async end(id, reason, by) {
      const ended = await transaction(async (tx) => {
        const end = { id, stationId: null, as: "ended", by: actorOf(by), reason } as const;
        const done = await endGrant(tx, end);
        if (done !== undefined) await tell(tx, "grant.ended", id, done, by, reason);
        return done;
      });
      const row = await grantById(sql, id);
      if (row === undefined)
        throw new FlashlineError("request.not_found", "There is no such grant.");
      if (ended === undefined)
        throw new FlashlineError("request.conflict", "The grant has ended already.");
      return { ended, view: viewOf(row) };
    },

    async list(filter) {
      if (filter.after !== undefined && (await grantById(sql, filter.after)) === undefined) {
        throw noRowBefore();
      }
      return (await listGrants(sql, filter)).map(viewOf);
    },
  };
}
