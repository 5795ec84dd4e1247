const ORDER = ["connect", "compare", "erase", "write", "verify", "seal", "leave"];

/** Phases in the order in which they run, with their share of the time; those of later versions come last. */
export function phasesOf(
  phaseMs: Readonly<Record<string, number>>,
): readonly { readonly name: string; readonly ms: number; readonly share: number }[] {
  const rank = (name: string): number =>
    ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length;
  const total = Object.values(phaseMs).reduce((sum, ms) => sum + ms, 0);
  return Object.entries(phaseMs)
    .filter(([, ms]) => ms > 0)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, ms]) => ({ name, ms, share: ms / total }));
}
