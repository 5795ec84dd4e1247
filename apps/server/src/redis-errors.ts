const CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
/** What ioredis says of commands that no connection took, and Redis while it reads its file. */
const LOST =
  /^(Connection is closed|Stream isn't writeable|Reached the max retries per request|Command timed out|Socket timeout|connect ETIMEDOUT|LOADING )/;

/** True when the error came from a Redis that does not answer; false for what a Redis that answers refuses. */
export function redisIsAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && CODES.has(error.code)) return true;
  return LOST.test(error.message) || (error.cause !== undefined && redisIsAway(error.cause));
}
