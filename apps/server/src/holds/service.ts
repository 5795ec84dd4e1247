import type { HoldEffect, HoldKind, HoldSet, HoldTarget, HoldView } from "@flashline/contract";
import type { Sql } from "../db/sql.ts";
import { noRowBefore } from "../http/lists.ts";
import type { Origin } from "../ledger/origin.ts";
import type { HoldsRepository } from "./repository.ts";
import { type FoundTarget, findTarget } from "./targets.ts";

/** What happens once a hold was set or lifted and that is committed. */
export interface HoldAftermath {
  /** Calls off what was not started where a hold is on now. */
  callOff(): Promise<unknown>;
  /** Tells these stations, and who looks at them. */
  tell(target: FoundTarget, stationIds: readonly string[]): void;
}

export interface HoldList {
  readonly state: "on" | "lifted" | "all";
  readonly kind: HoldKind | undefined;
  readonly target: HoldTarget | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Stops what is bad, and lets it go on. */
export function holdsService(repository: HoldsRepository, sql: Sql, aftermath: HoldAftermath) {
  const changed = async (target: FoundTarget): Promise<void> =>
    aftermath.tell(target, await repository.stations(target));

  return {
    /**
     * The deciding statements of jobs look at holds themselves, so that nothing starts from the commit on. What was ordered and
     * not started is called off after it; should that be cut off, the leases' task does it within seconds.
     */
    async set(
      asked: HoldTarget,
      reason: string,
      by: Origin,
    ): Promise<{ isNew: boolean; body: HoldSet }> {
      const target = await findTarget(sql, asked);
      const { hold, effect, isNew } = await repository.set(target, reason, by);
      await changed(target);
      await aftermath.callOff();
      const { kind, name } = target;
      return { isNew, body: { hold, effect: { kind, name, hold, ...effect } } };
    },
    async lift(
      asked: HoldTarget,
      reason: string,
      expected: string | null,
      by: Origin,
    ): Promise<HoldView> {
      const target = await findTarget(sql, asked);
      const lifted = await repository.lift(target, reason, expected, by);
      await changed(target);
      return lifted;
    },
    async preview(asked: HoldTarget): Promise<HoldEffect> {
      const target = await findTarget(sql, asked);
      const { hold, effect } = await repository.preview(target);
      return { kind: target.kind, name: target.name, hold, ...effect };
    },
    async list({ target, ...filter }: HoldList): Promise<HoldView[]> {
      const found = target === undefined ? undefined : await findTarget(sql, target);
      const rows = await repository.list({ ...filter, target: found });
      const { after } = filter;
      if (rows.length === 0 && after !== undefined && !(await repository.exists(after))) {
        throw noRowBefore();
      }
      return [...rows];
    },
  };
}
