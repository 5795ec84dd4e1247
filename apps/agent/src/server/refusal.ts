import {
  describeCode,
  FlashlineError,
  isKnownCode,
  type NestRefusal,
  RefusedError,
} from "@flashline/contract";

/** An error as a nest shows it. Of a code that this version does not know it keeps what the server says to do. */
export function refusalOf(error: unknown): NestRefusal {
  if (error instanceof RefusedError) return refusalFromServer(error.refusal);
  if (error instanceof FlashlineError) return refusalFrom(error.code, error.message);
  const message = error instanceof Error ? error.message : String(error);
  return refusalFrom("internal.bug", message);
}

/** What the server answered with: its code may be newer than this agent. */
export function refusalFromServer(answer: {
  readonly code: string;
  readonly message: string;
  readonly action: string;
}): NestRefusal {
  const { code, message, action } = answer;
  return { code, detail: message, action: isKnownCode(code) ? null : action };
}

/** A code of the table; `detail` for the engineer, the code's meaning when there is none. */
export function refusalFrom(code: string, detail?: string | null): NestRefusal {
  return { code, detail: detail ?? describeCode(code).meaning, action: null };
}

/** Answers of a server, or of something before it, that say nothing about the request itself: too slow, too many, its own failure. */
const AGAIN = new Set([408, 425, 429]);

const isOffline = (error: unknown): boolean =>
  error instanceof FlashlineError && error.code === "agent.offline";

/** Whether the same call may be answered otherwise when it is sent again. A call whose answer was lost may be, too. */
export function mayBeRepeated(error: unknown): boolean {
  if (error instanceof RefusedError) return error.status >= 500 || AGAIN.has(error.status);
  return isOffline(error);
}
