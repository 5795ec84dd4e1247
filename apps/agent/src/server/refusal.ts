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

/**
 * What the client makes of an answer without a reason, such as a proxy's page, and what the server says of a request that came in
 * damaged, or under an address that it does not have. The agent asks for what exists, so something between them changed the request.
 */
const BETWEEN = new Set<string>(["server.unavailable", "request.garbled", "request.not_found"]);

/** Refusals for the credential or the version. Somebody puts that right, and then the same call is taken. */
const PUT_RIGHT = new Set([401, 403, 426]);

const isWithoutAnswer = (error: unknown): boolean =>
  error instanceof FlashlineError &&
  (error.code === "agent.offline" || error.code === "protocol.unsupported");

/**
 * Whether the same call may be answered otherwise when it is sent again at once. This also holds where the answer was lost, and where
 * something other than the server answered.
 */
export function mayBeRepeated(error: unknown): boolean {
  if (!(error instanceof RefusedError)) return isWithoutAnswer(error);
  return error.status >= 500 || AGAIN.has(error.status) || BETWEEN.has(error.refusal.code);
}

/** The server is away, or fails at whatever it is asked: what it would say nobody knows. */
export const isAway = (error: unknown): boolean =>
  error instanceof RefusedError
    ? error.status >= 500
    : error instanceof FlashlineError && error.code === "agent.offline";

/** Whether the server itself refuses what was sent, so that no later try can change it. */
export const isFinal = (error: unknown): error is RefusedError =>
  error instanceof RefusedError && !mayBeRepeated(error) && !PUT_RIGHT.has(error.status);

/** After how long a server that has too many requests wants to be asked again, seconds; undefined where it is not that, or it does not say. */
export const retryAfterS = (error: unknown): number | undefined =>
  error instanceof RefusedError && error.status === 429 ? error.retryAfterS : undefined;
