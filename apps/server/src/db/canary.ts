/** SQL names of rows of a statement: a work order, a station, a unit (null where it is new). */
export interface CanaryPlace {
  readonly order: string;
  readonly station: string;
  readonly unit: string;
}

/**
 * SQL of at most one row with the `release_id` that the unit gets instead of the one that its order names: a canary whose predecessor the
 * order names, at one of its stations, that has a place left or gave this unit one before. A unit that the canary is not made for gets what
 * its order names, and so does every unit where that release may not be started any more: then nothing stands in for it.
 */
export const canarySql = ({ order, station, unit }: CanaryPlace): string => `(
    SELECT c.release_id FROM canary c JOIN release cr ON cr.id = c.release_id JOIN release own ON own.id = c.predecessor_id
     WHERE c.predecessor_id = ${order}.release_id AND cr.state = 'canary' AND ${station}.id = ANY(c.station_ids)
       AND (cr.expires_at IS NULL OR cr.expires_at > now())
       AND own.state = 'released' AND (own.expires_at IS NULL OR own.expires_at > now())
       AND (cardinality(cr.board_revisions) = 0 OR ${unit}.board_revision = ANY(cr.board_revisions))
       AND (c.used < c.units OR EXISTS (SELECT FROM canary_unit place WHERE place.release_id = c.release_id AND place.unit_id = ${unit}.id))
     LIMIT 1)`;
