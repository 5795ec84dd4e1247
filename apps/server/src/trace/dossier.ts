import { FlashlineError, type UnitDossier } from "@flashline/contract";
import type { Database } from "../db/database.ts";
import { holdsRepository } from "../holds/repository.ts";
import { attemptsRepository } from "../insight/attempts.repository.ts";
import { unitsRepository } from "../insight/units.repository.ts";
import { reworkRepository } from "../rework/repository.ts";
import { dossierParts, MOST_IN_DOSSIER } from "./dossier.repository.ts";

/** Reads everything about a unit. Rejects with `request.not_found`. */
export function dossiers(db: Database): (unitId: string) => Promise<UnitDossier> {
  const attemptsOf = attemptsRepository(db);
  const units = unitsRepository(db);
  const rework = reworkRepository(db);
  const holds = holdsRepository(db);
  return async (unitId) => {
    // The unit's state is read last: it is never older than what its attempts say.
    const [attempts, made, held, parts] = await Promise.all([
      attemptsOf.ofUnit(unitId, MOST_IN_DOSSIER),
      rework.of(unitId),
      holds.ofUnit(unitId),
      dossierParts(db, unitId),
    ]);
    const found = await units.detail(unitId);
    if (found === null) throw new FlashlineError("request.not_found");
    const { attempts: _, ...unit } = found;
    return {
      ...parts,
      unit: { ...unit, ...(made === undefined ? {} : { rework: made }) },
      attempts,
      holds: [...held],
    };
  };
}
