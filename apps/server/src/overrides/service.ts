import {
  FlashlineError,
  mayOverride,
  type Overridable,
  type OverrideRequest,
} from "@flashline/contract";
import type { z } from "zod";
import type { badgesService } from "../badges/service.ts";
import type { StationCaller } from "../http/caller.ts";
import type { Scan } from "../jobs/order.service.ts";
import type { ScanAnswer } from "../jobs/read-scan.ts";
import { type Origin, provedAs } from "../ledger/origin.ts";
import type { NewRecord, reworkRepository } from "../rework/repository.ts";

/** What is recorded when the refusal is set aside. */
const KINDS = {
  "preflight.retest_limit": "override",
  "preflight.unit_held": "hold-override",
  "preflight.batch_held": "hold-override",
} as const satisfies Record<Overridable, NewRecord["kind"]>;

interface Parts {
  /** Why the unit may not be started at the station now. */
  refusalOf(
    stationId: string,
    scan: Scan & { readonly operator: string | null },
  ): Promise<ScanAnswer>;
  readonly badges: Pick<ReturnType<typeof badgesService>, "present">;
  readonly rework: Pick<ReturnType<typeof reworkRepository>, "add">;
}

export function overridesService({ refusalOf, badges, rework }: Parts) {
  return {
    /**
     * Lets the unit be tried once although it is refused, in the name of whose badge it is. Rejects with `badge.*`, `override.not_allowed`,
     * and `override.other_refusal` when the unit is not refused for this reason.
     */
    async allow(
      {
        serial,
        nest,
        operator = null,
        abilities,
        code,
        badge,
        reason,
      }: z.output<typeof OverrideRequest>,
      { stationId, name: station, plantId }: StationCaller,
      by: Origin,
    ): Promise<{ readonly isNew: boolean; readonly name: string }> {
      const { name, role } = await badges.present(badge, plantId);
      if (!mayOverride(role, code)) throw new FlashlineError("override.not_allowed");
      const { unitId, refusal } = await refusalOf(stationId, {
        serial,
        nest,
        operator,
        abilities,
      });
      if (unitId === null || refusal?.code !== code) {
        throw new FlashlineError("override.other_refusal", refusal?.message);
      }
      const { isNew } = await rework.add({
        unitId,
        kind: KINDS[code],
        attemptId: null,
        what: reason,
        by: provedAs(by, { kind: "person", name }, plantId),
        place: { station, nest },
      });
      return { isNew, name };
    },
  };
}
