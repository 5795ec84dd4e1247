import { z } from "zod";
import { Proportion } from "./common.ts";

const units = z.number().int();

/** The figures that decided a host's verdict: what its sentence of evidence is made of. */
export const HostGrounds = z.object({
  /** What the method found; a person's quarantine stands beside it. */
  finding: z.string(),
  /** Distinct units here, and those with at least one link incident. */
  units,
  incidents: units,
  /** The same where other hosts worked on the same releases and batches, with theirs; null where no other did. */
  compared: z
    .object({ units, incidents: units, elsewhereUnits: units, elsewhereIncidents: units })
    .nullable(),
  /** Units here that no other host's units can be compared with. */
  withoutComparison: units,
  /** Units that failed here and never passed here. */
  failed: units,
  /** How many of those passed at another host. */
  passedElsewhere: units,
});
export type HostGrounds = z.infer<typeof HostGrounds>;

const measured = z.object({ with: Proportion, without: Proportion }).nullable();

/** What to do about a host: a key with its parameters. */
export const HostAdvice = z.discriminatedUnion("key", [
  z.object({ key: z.literal("another-hub") }),
  /** Shares of units with a link incident on the same controller model; null where too few are known. */
  z.object({ key: z.literal("hub"), someHaveOne: z.boolean(), measured }),
  z.object({ key: z.literal("other-controller"), controller: z.string() }),
  /** `gentle`: units with a link incident on the same controller model; null where too few are known. */
  z.object({ key: z.literal("gentle"), gentle: Proportion.nullable() }),
]);
export type HostAdvice = z.infer<typeof HostAdvice>;

/** An advice on the wire: a newer server may know more of them. */
export const HostAdviceOnWire = z.looseObject({ key: z.string() });

const figure = (n: number): string => n.toLocaleString("en-US");
const unitsIn = (n: number): string => `${figure(n)} ${n === 1 ? "unit" : "units"}`;
const percent = ({ share }: Proportion): string => `${((share ?? 0) * 100).toFixed(1)} %`;

const ENDINGS: Readonly<Record<string, string>> = {
  NOT_ENOUGH_DATA: " Too few units to judge.",
  OK: " No more than chance allows.",
};

/** Most units that lose the link pass here all the same, after recovery. This tells of those that did not. */
function failures({ failed, passedElsewhere }: HostGrounds): string {
  if (failed === 0) return "";
  const here = ` ${unitsIn(failed)} failed here`;
  if (failed === 1)
    return `${here} and has ${passedElsewhere === 1 ? "passed elsewhere" : "not passed elsewhere so far"}.`;
  if (passedElsewhere === 0) return `${here}; none of them has passed elsewhere so far.`;
  const some = figure(passedElsewhere);
  return `${here}; ${failed === passedElsewhere ? "all" : some} of them passed elsewhere.`;
}

function leftOut({ withoutComparison }: HostGrounds): string {
  if (withoutComparison === 0) return "";
  const of = withoutComparison === 1 ? "has a release or batch" : "have releases or batches";
  return ` ${unitsIn(withoutComparison)} here ${of} that no other host worked on, and cannot be compared.`;
}

/** The evidence in English: the figures that decided, in plain words. */
export function describeGrounds(grounds: HostGrounds): string {
  const { compared } = grounds;
  if (compared === null) {
    const here = `${figure(grounds.incidents)} of ${unitsIn(grounds.units)} lost the link here.`;
    return `${here} No other host worked on the same releases and batches: there is nothing to compare with.`;
  }
  const here = `${figure(compared.incidents)} of ${unitsIn(compared.units)} lost the link here`;
  const others = `${figure(compared.elsewhereIncidents)} of ${figure(compared.elsewhereUnits)} on the other hosts with the same releases and batches.`;
  return `${here}; ${others}${ENDINGS[grounds.finding] ?? ""}${failures(grounds)}${leftOut(grounds)}`;
}

/** An advice in English. */
export function describeAdvice(advice: HostAdvice): string {
  switch (advice.key) {
    case "another-hub":
      return "The hub in between did not cure it: try another hub, or another cable.";
    case "hub": {
      const where = advice.someHaveOne ? " on every port" : "";
      const why = "ST AN2606: the bootloader needs about 25 µs between transactions";
      const figures =
        advice.measured === null
          ? ""
          : ` Measured here: ${percent(advice.measured.with)} with, ${percent(advice.measured.without)} without, same controller.`;
      return `Put a USB 2.0 hub in between${where} (${why}).${figures}`;
    }
    case "other-controller":
      return `Use a port of the other controller (${advice.controller}).`;
    case "gentle":
      return advice.gentle === null
        ? "Else start it with profile gentle; whether that helps this controller is not measured yet."
        : `Else start it with profile gentle: ${percent(advice.gentle)} of ${advice.gentle.n} units with it.`;
  }
}

/** What the words of a host's verdict are made of. */
interface Told {
  readonly evidence: string;
  readonly grounds: HostGrounds | null;
  readonly advice: readonly string[];
  readonly steps: readonly z.infer<typeof HostAdviceOnWire>[];
}

/** The evidence in this version's words; in the server's where it gave no figures. */
export const evidenceText = ({ grounds, evidence }: Told): string =>
  grounds === null ? evidence : describeGrounds(grounds);

/** What to do, in this version's words; in the server's for a step that this version does not know. */
export const adviceTexts = ({ steps, advice }: Told): string[] =>
  steps.length !== advice.length
    ? [...advice]
    : steps.map((step, at) => {
        const known = HostAdvice.safeParse(step);
        return known.success ? describeAdvice(known.data) : (advice[at] ?? step.key);
      });
