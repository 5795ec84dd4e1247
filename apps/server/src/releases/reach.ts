import { FlashlineError, type ReleaseDryRun, type ReleaseRadius } from "@flashline/contract";
import { candidateRefusal, otherCanary } from "../canary/rules.ts";
import { stationIdsOf } from "../canary/service.ts";
import { mustBeChannels } from "../channels/move.ts";
import type { Sql } from "../db/sql.ts";
import { type DryRunFacts, dryRunFacts, radiusOf } from "./reach.repository.ts";

/** A canary that is only thought of. */
export interface ThoughtOfCanary {
  readonly stations: readonly string[] | null;
  readonly units: number | null;
  readonly predecessor: string | null;
}

const noSuchRelease = (): FlashlineError =>
  new FlashlineError("request.not_found", "There is no such release.");

const distinct = (names: readonly string[]): string[] => [...new Set(names)].toSorted();

function canaryOf(
  orders: ReleaseDryRun["orders"],
  { stations, units }: ThoughtOfCanary,
): ReleaseDryRun["canary"] {
  if (stations === null) return null;
  const reached = orders.filter(({ canaryAt }) => canaryAt.length > 0);
  const at = distinct(reached.flatMap(({ canaryAt }) => canaryAt));
  const left = reached.reduce((sum, order) => sum + order.left, 0);
  return {
    orders: reached.length,
    stations: at,
    units: Math.min(left, units ?? left),
    idle: distinct(stations).filter((name) => !at.includes(name)),
  };
}

/** Why it could not become the canary that is thought of. */
function canaryRefusal(
  facts: DryRunFacts,
  { stations, predecessor }: ThoughtOfCanary,
): FlashlineError | null {
  if (stations === null) return null;
  return (
    candidateRefusal(facts, predecessor) ?? (facts.otherCanary ? otherCanary(facts.product) : null)
  );
}

/** Looks at what a release would reach, and at what a revocation would hit. Changes nothing. */
export function releaseReach(sql: Sql, mustBeReady: (id: string) => Promise<void>) {
  return {
    /** `channels`: those that are to be moved to it. */
    async dryRun(
      id: string,
      canary: ThoughtOfCanary,
      channels: readonly string[],
    ): Promise<ReleaseDryRun> {
      const { stations, predecessor } = canary;
      const facts = await dryRunFacts(sql, id, stations, predecessor, channels);
      if (facts === undefined) throw noSuchRelease();
      mustBeChannels(facts.product, channels, facts.channels);
      if (canary.stations !== null) await stationIdsOf(sql, canary.stations);
      const inTheWay = await mustBeReady(id).then(
        () => canaryRefusal(facts, canary),
        (error: unknown) => {
          if (!(error instanceof FlashlineError)) throw error;
          return error;
        },
      );
      const refusal = inTheWay === null ? null : { code: inTheWay.code, message: inTheWay.message };
      const reached = facts.orders.filter((order) => order.reached !== "no");
      const { otherCanary: _, ...shown } = facts;
      return {
        ...shown,
        refusal,
        promotion: {
          orders: reached.length,
          stations: distinct(reached.flatMap(({ stations }) => stations)),
          units: reached.reduce((sum, { left }) => sum + left, 0),
          inWork: reached.reduce((sum, { inWork }) => sum + inWork, 0),
        },
        canary: canaryOf(facts.orders, canary),
      };
    },
    async radius(id: string): Promise<ReleaseRadius> {
      const radius = await radiusOf(sql, id);
      if (radius === undefined) throw noSuchRelease();
      return radius;
    },
  };
}
