import { type Finding, ok, warn } from "./finding.ts";

/** `Date` has whole seconds, and the answer takes its time. Seconds. */
const EXACT_S = 2;
/** As much as the server's alarm takes for usual. Seconds. */
const WRONG_S = 60;

/** How far this PC's clock is from the server's. Undefined where the server does not say its time. */
export async function examineClock(serverUrl: string): Promise<Finding | undefined> {
  const asked = Date.now();
  const answer = await fetch(`${serverUrl}/healthz`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  const date = Date.parse(answer?.headers.get("date") ?? "");
  if (Number.isNaN(date)) return undefined;
  const seconds = Math.round((date - (asked + Date.now()) / 2) / 1_000);
  if (Math.abs(seconds) <= EXACT_S) return ok("clock", "As the server's.");
  const sentence = `This PC's clock is ${Math.abs(seconds)} s ${seconds > 0 ? "slow" : "fast"}.`;
  if (Math.abs(seconds) < WRONG_S) return ok("clock", sentence);
  return warn("clock", `${sentence} Let it follow a time server: timedatectl set-ntp true.`);
}
