import type { Journal } from "../journal/journal.ts";
import type { Aside } from "./aside.ts";

export interface Resent {
  /** Results that wait for the server again. */
  readonly count: number;
  /** Files that hold no result. */
  readonly unreadable: readonly string[];
}

/**
 * Puts every result that was set aside back among those that wait for the server. Each stays aside until the server has it, and
 * is set aside again when it is refused again.
 */
export async function resendAside(aside: Aside, journal: Journal): Promise<Resent> {
  const { results, unreadable } = await aside.list();
  for (const result of results) await journal.again(result);
  return { count: results.length, unreadable };
}
