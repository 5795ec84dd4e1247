import type { LedgerEvent } from "@flashline/contract";
import { ago, id } from "./basics.ts";

const HASH = "0".repeat(64);

function event(
  number: number,
  at: string,
  kind: string,
  subject: LedgerEvent["subject"],
  reason: string | null,
): LedgerEvent {
  return {
    server: id(10, 0),
    position: number,
    previous: HASH,
    hash: HASH,
    sealedAt: at,
    at,
    kind,
    id: id(10, number),
    version: 1,
    plantId: null,
    before: null,
    after: null,
    data: {},
    who: { kind: "person", id: id(11, 1), name: "dana", commitment: null },
    from: { address: null, door: "pages", operation: null },
    subject,
    reason,
  };
}
const named = (kind: LedgerEvent["subject"]["kind"], name: string) => ({
  kind,
  name,
  id: null,
  commitment: null,
});

const DEEDS: readonly LedgerEvent[] = [
  event(1, ago(34_000), "release.released", named("release", "2.8.1"), null),
  event(2, ago(27_500), "host.repaired", named("host", "L3-07"), "cable was worn"),
];

/** What was done today, of one kind. */
export const deeds = (kind: string | null): readonly LedgerEvent[] =>
  DEEDS.filter((deed) => kind === null || deed.kind === kind);
