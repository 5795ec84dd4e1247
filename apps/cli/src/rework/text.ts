import type { UnitRework } from "@flashline/contract";

const WORDS: Readonly<Record<string, string>> = {
  repair: "repaired",
  override: "one more try allowed",
  scrap: "scrapped",
  unscrap: "not scrapped after all",
};

/** What people did about a unit's failures, the latest first, below how many it has. */
export function reworkText({ scrapped, failures, allowed, records }: UnitRework): string {
  const lines = records.map(
    ({ kind, at, by, what }) => `  ${at}  ${WORDS[kind] ?? kind} by ${by}: ${what}\n`,
  );
  const count = `  ${failures} of ${allowed} failures${scrapped ? ", scrapped" : ""}\n`;
  return `${count}${lines.join("")}`;
}
