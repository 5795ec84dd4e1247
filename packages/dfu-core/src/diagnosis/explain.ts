import { ENGINE_CODES, type EngineCode } from "../codes.ts";
import { hex32 } from "../errors.ts";

/** The parts of a report that say what happened. */
export interface Explained {
  readonly code?: EngineCode;
  readonly phase?: string;
  readonly address?: number;
  readonly detail?: string;
  readonly incidents: readonly { readonly code: EngineCode }[];
  readonly startProfile: string;
  readonly profile: string;
}

/** A failure in words, for the two people who read it. */
export interface Explanation {
  /** What to do now. */
  readonly operator: string;
  /** What happened, where, by which evidence, and what was tried against it. */
  readonly engineer: string;
}

/** A failure in words for operator and engineer; undefined for a PASS. */
export function explain(report: Explained): Explanation | undefined {
  const { code, phase, address, detail, incidents, startProfile, profile } = report;
  if (code === undefined) return undefined;
  const { action, meaning } = ENGINE_CODES[code];
  const counts = new Map<EngineCode, number>();
  for (const incident of incidents) counts.set(incident.code, (counts.get(incident.code) ?? 0) + 1);
  const seen = [...counts].map(([name, count]) => `${count} × ${name}`).join(", ");
  const where = address === undefined ? "" : ` at ${hex32(address)}`;
  return {
    operator: action,
    engineer: [
      `${meaning} [${code}${phase === undefined ? "" : `, ${phase}`}${where}]`,
      ...(detail === undefined ? [] : [`Evidence: ${detail}.`]),
      ...(seen === "" ? [] : [`Incidents: ${seen}.`]),
      ...(startProfile === profile ? [] : [`Profile ${startProfile}, at the end ${profile}.`]),
    ].join(" "),
  };
}
