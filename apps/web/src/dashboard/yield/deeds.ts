import type { LedgerEvent, YieldView } from "@flashline/contract";
import { queryOptions } from "@tanstack/react-query";
import { call } from "../api/client.ts";

/** What people and the server do that may move a yield, in words. */
const DEEDS: Readonly<Record<string, string>> = {
  "release.released": "released",
  "release.revoked": "revoked",
  "order.release-changed": "gets another release",
  "host.quarantined": "quarantined",
  "host.cleared": "takes units again",
  "host.repaired": "repaired",
};
const SUBJECTS: Readonly<Record<string, string>> = {
  release: "Release",
  order: "Order",
  host: "Host",
};
/** Of one kind; a picture with more of them would show nothing else. */
const MOST_OF_KIND = 12;

/** One deed beside a chart. */
export interface Deed {
  readonly id: string;
  readonly at: string;
  readonly what: string;
  readonly who: string;
  readonly reason: string | null;
}

const deedOf = ({ id, at, kind, subject, who, reason }: LedgerEvent): Deed => ({
  id,
  at,
  reason,
  what: `${SUBJECTS[subject.kind] ?? subject.kind} ${subject.name ?? ""} ${DEEDS[kind] ?? kind}`,
  who: who.name ?? who.kind,
});

/** Releases, orders, quarantines and repairs of a time, the first one first. */
export const deedsOf = ({ from, to }: Pick<YieldView, "from" | "to">) =>
  queryOptions({
    queryKey: ["deeds", from, to],
    queryFn: async ({ signal }): Promise<readonly Deed[]> => {
      const pages = await Promise.all(
        Object.keys(DEEDS).map((kind) =>
          call("audit", { query: { kind, from, to, limit: MOST_OF_KIND } }, signal),
        ),
      );
      return pages
        .flatMap(({ body }) => body.events.map(deedOf))
        .sort((a, b) => a.at.localeCompare(b.at));
    },
  });

interface Span {
  readonly from: string;
  readonly to: string;
}

/** Where a time lies along stretches of time: 2.5 is the middle of the third one. Null outside of all of them. */
export function placeOf(at: string, stretches: readonly Span[]): number | null {
  const time = Date.parse(at);
  for (const [index, { from, to }] of stretches.entries()) {
    const [start, end] = [Date.parse(from), Date.parse(to)];
    if (time >= start && time < end) return index + (time - start) / (end - start);
  }
  return null;
}
