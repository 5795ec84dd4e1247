/** Bytes in arrays that one input may take: a multiple of its length, and something for constant tables. */
const MEMORY_FACTOR = 64;
const MEMORY_FREE = 64 * 1024;

/** Undefined when the input was read or cleanly refused in little memory; else what a reader must not do. */
export function tryBounded(
  tryTarget: (name: string, bytes: Uint8Array) => string | undefined,
  name: string,
  input: Uint8Array,
): string | undefined {
  const before = process.memoryUsage().arrayBuffers;
  const crash = tryTarget(name, input);
  if (crash !== undefined) return crash;
  const taken = process.memoryUsage().arrayBuffers - before;
  const most = MEMORY_FACTOR * input.length + MEMORY_FREE;
  return taken > most ? `took ${taken} bytes for an input of ${input.length}` : undefined;
}
