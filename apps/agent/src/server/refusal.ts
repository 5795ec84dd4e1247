import { describeCode, FlashlineError, RefusedError } from "@flashline/contract";
import type { Refusal } from "../nests/nest.ts";

/** An error as a nest shows it. A refusal keeps the server's own words: its code may be newer than this agent. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof RefusedError) {
    const { code, action, message } = error.refusal;
    return { code, action, detail: message };
  }
  if (error instanceof FlashlineError) return refusalFrom(error.code, error.message);
  const message = error instanceof Error ? error.message : String(error);
  return refusalFrom("internal.bug", message);
}

/** A code of the table with its action; `detail` for the engineer, the code's meaning when there is none. */
export function refusalFrom(code: string, detail?: string | null): Refusal {
  const { action, meaning } = describeCode(code);
  return { code, action, detail: detail ?? meaning };
}

export const isOffline = (error: unknown): boolean =>
  error instanceof FlashlineError && error.code === "agent.offline";
