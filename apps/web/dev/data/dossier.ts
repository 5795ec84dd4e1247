import { UnitDossier } from "@flashline/contract";
import { units } from "./attempts.ts";
import { ago, id } from "./basics.ts";
import { releases } from "./releases.ts";

/** Everything about a unit; the one that failed first was held meanwhile. */
export function dossierOf(unitId: string): UnitDossier | undefined {
  const unit = units.find((one) => one.id === unitId);
  if (unit === undefined) return undefined;
  const { history, attempts: _attempts, cursor: _cursor, ...rest } = unit;
  return UnitDossier.parse({
    asOf: ago(0),
    server: id(10, 0),
    unit: rest,
    attempts: history,
    attemptsInAll: history.length,
    holds:
      history.length < 2
        ? []
        : [
            {
              id: id(12, 1),
              kind: "unit",
              name: `MC-2 ${unit.serial}`,
              origin: "person",
              reason: "Look at the connector first.",
              setBy: "dana",
              setAt: ago(380),
              liftedBy: "dana",
              liftedAt: ago(120),
              liftReason: "Connector was cleaned.",
            },
          ],
    releases: releases
      .filter(({ version }) => history.some((attempt) => attempt.version === version))
      .map(({ version, counter, chip, manifestSha256, keyId, images, releasedAt }) => ({
        version,
        counter,
        chip,
        manifestSha256,
        keyId,
        images,
        releasedAt,
        revokedAt: null,
        revokedReason: null,
      })),
    events: [],
  });
}
