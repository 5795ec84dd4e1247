import { createHash } from "node:crypto";

/** More texts than the server has constant ones; what comes after them was composed, and is planned each time. */
const MOST = 400;

/**
 * How a text begins that is planned for its values each time: of which there are many, so that it takes no name from those that run for each unit,
 * or whose tables grow from nothing while it is asked.
 */
export const NOT_PREPARED = "/* not prepared */";

const names = new Map<string, string>();
let generation = 0;

/** The name under which every connection prepares a statement; undefined where there are too many, or it is not to be prepared. */
export function statementName(text: string): string | undefined {
  if (text.startsWith(NOT_PREPARED)) return undefined;
  const known = names.get(text);
  if (known !== undefined) return known;
  if (names.size >= MOST) return undefined;
  const hash = createHash("sha1").update(text).digest("base64url").slice(0, 16);
  const name = `f${generation}_${hash}`;
  names.set(text, name);
  return name;
}

const STALE = /cached plan must not change result type/;

/** True when a migration changed what a prepared statement answers with. It must be prepared anew, on every connection. */
export const isStalePlan = (error: unknown): boolean =>
  error instanceof Error && STALE.test(error.message);

/** Gives every statement another name, so that every connection prepares it anew. */
export function forgetPlans(): void {
  generation += 1;
  names.clear();
}

/** Does `work` once more where a migration made its statements' plans stale. */
export async function againWhenStale<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isStalePlan(error)) throw error;
    forgetPlans();
    return await work();
  }
}
