import { ENGINE_CODES, type EngineCode } from "../codes.ts";
import { DfuError } from "../errors.ts";

/**
 * The failure of a row that names the cause: the most frequent one, and the earliest among equals. The attempts to cure a wedge
 * time out after it, so the later failures are its effects.
 */
export function rootOf(row: readonly EngineCode[]): EngineCode {
  const counts = new Map<EngineCode, number>();
  for (const code of row) counts.set(code, (counts.get(code) ?? 0) + 1);
  let root: EngineCode = "link.desync";
  let most = 0;
  for (const [code, count] of counts) {
    if (count > most) {
      root = code;
      most = count;
    }
  }
  return root;
}

/** Incidents that follow from others. */
const CONSEQUENCES: ReadonlySet<EngineCode> = new Set<EngineCode>([
  "link.resync",
  "link.bus_reset",
  "link.escalated",
  "link.reenumerated",
  "link.power_cycled",
]);
/** After so many departures and arrivals the unit's coming and going is the diagnosis. */
const COMINGS = 4;

/**
 * The one code of a failed attempt. A run that ends because its budget is used up, or because the unit stayed away, after
 * it left the bus again and again without a fault at one address, has trouble with its cable, power or clock (F405 ROMs that
 * guess the crystal wrong enumerate like that), and not with the request that happened to be last. A budget that was used
 * up by failures of a single kind ends with that kind.
 */
export function diagnose(
  failure: DfuError,
  incidents: readonly { readonly code: EngineCode }[],
): DfuError {
  if (failure.code !== "link.budget" && failure.code !== "link.lost") return failure;
  const comings = incidents.filter(({ code }) => code === "link.reenumerated").length;
  const others = incidents
    .map(({ code }) => code)
    .filter((code) => code !== "link.lost" && code !== "link.budget" && !CONSEQUENCES.has(code));
  const { address } = failure;
  if (comings < COMINGS || others.length >= comings) {
    const [only] = others;
    if (failure.code !== "link.budget" || only === undefined) return failure;
    if (others.some((code) => code !== only) || !ENGINE_CODES[only].link) return failure;
    return new DfuError(only, `${failure.message}; every failure was of this kind`, {
      cause: failure,
      ...(address === undefined ? {} : { address }),
    });
  }
  return new DfuError(
    "link.enumeration",
    `the unit left its port and came back ${comings} times; in the end ${failure.message}`,
    { cause: failure, ...(address === undefined ? {} : { address }) },
  );
}
